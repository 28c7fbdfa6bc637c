import { durationText } from './cron.ts';
import type { Resource } from '../core/declaration.ts';
import { integer, text, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { nameField, readOnly, unmodelled, uuidField } from './common.ts';
import { refreshData } from './volume-data.ts';
import { checkSnapshotName, checkSnapshotRoom, snapshotValues } from './snapshot-make.ts';
import { isFilledUp } from './volume-space.ts';

const SNAPSHOT = 'snapshot';

/** Clones that stand on a snapshot: while there are any, it cannot go. */
export const clonesOn = (snapshot: string, world: World): readonly Entry[] =>
  world.store.by('volume', 'clone.parent_snapshot', snapshot);

const ownersOf = (snapshot: Entry, world: World): readonly string[] | undefined => {
  const owners = [
    ...(clonesOn(snapshot.$id, world).length > 0 ? ['volume_clone'] : []),
    ...(isMirrorBase(snapshot) ? ['snapmirror'] : []),
  ];
  return owners.length > 0 ? owners : undefined;
};

/** Whether a mirror of the volume starts its next transfer from the snapshot. */
export const isMirrorBase = (snapshot: Entry): boolean => snapshot['$mirrors'] !== undefined;

export const snapshot: Resource = {
  kind: SNAPSHOT,
  path: '/storage/volumes/{volume.uuid}/snapshots',
  keys: ['uuid'],
  order: ['volume', '$order'],
  fields: {
    uuid: uuidField,
    svm: { kind: 'ref', to: 'svm', write: 'create' },
    name: nameField,
    volume: { kind: 'ref', to: 'volume', write: 'create' },
    comment: { kind: 'string' },
    create_time: readOnly('time'),
    expiry_time: { kind: 'time', clearable: true },
    snapmirror_label: { kind: 'string', maxLength: 31, clearable: true },
    state: readOnly('enum', { values: ['valid', 'invalid', 'partial', 'unknown', 'pre_conversion'] }),
    size: readOnly('size'),
    logical_size: readOnly('size', { since: '9.12.1' }),
    owners: readOnly('strings', { compute: ownersOf }),
    'provenance_volume.uuid': readOnly('string', { compute: (entry) => entry['$origin'] ?? entry['volume'] }),
    version_uuid: readOnly('string'),
    compress_savings: readOnly('size', { compute: () => 0 }),
    dedup_savings: readOnly('size', { compute: () => 0 }),
    vbn0_savings: readOnly('size', { compute: () => 0 }),
    'delta.size_consumed': readOnly('size', {
      expensive: true,
      compute: (entry, world) =>
        Math.abs(
          integer(world.store.find('volume', text(entry, 'volume')) ?? {}, '$used') - integer(entry, '$volume_used'),
        ),
    }),
    'delta.time_elapsed': readOnly('string', {
      expensive: true,
      compute: (entry, world) => durationText(world.clock.now() - Date.parse(text(entry, 'create_time'))),
    }),
    ...unmodelled('snaplock', 'snaplock_expiry_time'),
    reclaimable_space: readOnly('size', { expensive: true, compute: (entry) => entry['size'] }),
  },
  indexes: ['volume', 'svm'],
  unique: [
    {
      fields: ['volume', 'name'],
      refusal: (entry) =>
        new Refusal(
          409,
          525059,
          `A snapshot with the name "${text(entry, 'name')}" already exists in the volume.`,
          'name',
        ),
    },
  ],
  noParent: (given) => new Refusal(404, 918235, `A volume with UUID "${given}" was not found.`, 'volume.uuid'),
  create: {
    asynchronous: true,
    location: 'query',
    prepare: (draft, { world }) => {
      checkSnapshotName(text(draft, 'name'));
      const volume = world.store.find('volume', text(draft, 'volume'));
      if (!volume) throw new Refusal(400, 917927, 'A snapshot needs a volume.', 'volume');
      if (draft['svm'] !== undefined && draft['svm'] !== volume['svm']) {
        throw new Refusal(400, 2621706, 'The specified SVM is not the one of the volume.', 'svm');
      }
      if (text(volume, 'type') !== 'rw')
        throw new Refusal(400, 1638461, 'Snapshots can only be created in read-write volumes.');
      if (text(volume, 'state') !== 'online')
        throw new Refusal(400, 524479, `The volume "${text(volume, 'name')}" is not online.`);
      checkSnapshotRoom(volume, world);
      return {
        ...draft,
        svm: text(volume, 'svm'),
        state: 'valid',
        version_uuid: world.random.uuid('snapshot-version'),
      };
    },
    effects: (entry, { world, fullAggregate }) => {
      const volume = world.store.find('volume', text(entry, 'volume'));
      if (!volume) throw new Refusal(404, 918235, 'The volume does not exist any more.');
      if (fullAggregate !== undefined || isFilledUp(volume))
        throw new Refusal(500, 524479, `There is no space for a snapshot in volume "${text(volume, 'name')}".`);
      const others = world.store.by(SNAPSHOT, 'volume', volume.$id).length;
      if (others > 1023) checkSnapshotRoom(volume, world);
      world.store.change(SNAPSHOT, entry.$id, snapshotValues(volume, world));
    },
  },
  modify: {
    asynchronous: true,
    prepare: (changes) => {
      if (typeof changes['name'] === 'string') checkSnapshotName(changes['name']);
      return changes;
    },
  },
  remove: {
    asynchronous: true,
    check: (entry, { world }) => {
      const volume = world.store.find('volume', text(entry, 'volume'));
      if (volume && text(volume, 'type') !== 'rw')
        throw new Refusal(400, 1638521, 'Snapshots can only be deleted in read-write volumes.');
    },
    effects: (entry, { world }) => {
      if (isMirrorBase(entry))
        throw new Refusal(409, 1638555, `The snapshot "${text(entry, 'name')}" is busy because of SnapMirror.`);
      const [clone] = clonesOn(entry.$id, world);
      if (clone)
        throw new Refusal(
          409,
          1638555,
          `The snapshot "${text(entry, 'name')}" is busy because of the volume clone "${text(clone, 'name')}".`,
        );
      refreshData(text(entry, 'volume'), world, entry.$id);
    },
  },
};
