import type { Field, Fields } from '../core/declaration.ts';
import { flag, integer, text, type Entry } from '../core/entry.ts';
import type { World } from '../core/world.ts';
import { readOnly } from './common.ts';
import { volumeSpace, type VolumeSpace } from './volume-space.ts';

const onUnits: Partial<Field> = { since: '9.16.1', personalities: ['asa-r2'] };

/** A number of the volume behind a unit. */
const measured = (kind: 'size' | 'integer', measure: (space: VolumeSpace) => number): Field =>
  readOnly(kind, {
    ...onUnits,
    expensive: true,
    compute: (entry, world) => {
      const volume = volumeBehind(entry, world);
      return volume && measure(volumeSpace(volume));
    },
  });

/** The volume that a LUN or namespace lies in. */
export const volumeBehind = (entry: Entry, world: World): Entry | undefined =>
  world.store.find('volume', text(entry, 'location.volume'));

/** Encryption is a matter of the volume. */
export const encryptionFields: Fields = {
  'encryption.state': readOnly('enum', {
    since: '9.16.1',
    expensive: true,
    values: [
      'unencrypted',
      'software_encrypted',
      'software_conversion_queued',
      'software_encrypting',
      'software_rekeying',
      'software_conversion_paused',
      'software_rekey_paused',
      'software_rekey_queued',
    ],
    compute: (entry, world) =>
      flag(volumeBehind(entry, world) ?? {}, 'encryption.enabled') ? 'software_encrypted' : 'unencrypted',
  }),
};

/** Fields that LUNs, namespaces and storage units have on ASA r2 only. */
export const unitFields: Fields = {
  'location.storage_availability_zone': {
    kind: 'ref',
    to: 'availability_zone',
    write: 'never',
    ...onUnits,
    compute: (_, world) => world.store.all('availability_zone')[0]?.$id,
  },
  'space.snapshot.used': measured('size', ({ snapshots }) => snapshots),
  'space.snapshot.reserve_percent': readOnly('integer', {
    ...onUnits,
    expensive: true,
    compute: (entry, world) => integer(volumeBehind(entry, world) ?? {}, 'space.snapshot.reserve_percent'),
  }),
  'space.snapshot.reserve_size': measured('size', ({ reserve }) => reserve),
  'space.snapshot.reserve_available': measured('size', ({ reserve, snapshots }) => Math.max(0, reserve - snapshots)),
  'space.snapshot.space_used_percent': measured('integer', ({ reserve, snapshots }) =>
    reserve === 0 ? 0 : Math.floor((snapshots / reserve) * 100),
  ),
  'space.snapshot.autodelete.enabled': readOnly('boolean', { ...onUnits, expensive: true, compute: () => false }),
};
