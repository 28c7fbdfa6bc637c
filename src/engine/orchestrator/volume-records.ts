import type { VolumeOnArray } from '../drivers/driver.ts';
import type { JsonObject } from '../json.ts';
import { Problem } from '../problem.ts';
import type { Core } from './core.ts';
import { readState } from './json-state.ts';
import type { StorageClassRecord, VolumeConfig, VolumeRecord } from './model.ts';
import { notFound } from './problems.ts';

/** What creating, cloning and importing a volume have in common. */

/** What the driver said it made, from a journal. */
export const decodeMade = (json: JsonObject): VolumeOnArray => {
  const made = readState(json);
  return {
    ref: made.object('ref'),
    size: made.integer('size'),
    accessInformation: made.object('accessInformation'),
    config: made.object('config'),
  };
};

/** A record of a volume that the driver has just made or taken over. */
export const recordOf = (
  config: VolumeConfig,
  made: VolumeOnArray,
  place: { readonly backendUUID: string; readonly pool: string; readonly poolKey: string },
): VolumeRecord => ({
  config: { ...config, ...made.config, size: made.size, accessInformation: made.accessInformation },
  ...place,
  orphaned: false,
  state: 'online',
  ref: made.ref,
});

/** Refuses a name that a volume has already (VOL-2). @throws Problem `volume.exists` */
export const requireNewName = async ({ store }: Core, name: string): Promise<void> => {
  const existing = await store.get('volume', name);
  if (existing === undefined) return;
  const text =
    existing.value.state === 'subordinate'
      ? `volume ${name} exists but is a subordinate volume`
      : `volume ${name} already exists`;
  throw new Problem('volume.exists', 'exists', text, { nothingDone: true });
};

/** @throws Problem `storageclass.not-found` (kind `notFound`) with the text of VOL-4 */
export const getClassFor = async ({ store }: Core, name: string): Promise<StorageClassRecord> => {
  const found = await store.get('storageClass', name);
  if (found === undefined) throw notFound('storageclass.not-found', `unknown storage class: ${name}`);
  return found.value;
};
