import type { Stored } from '../store/store.ts';
import type { Core } from './core.ts';
import type { OperationRecord, PublicationRecord, SnapshotRecord, VolumeRecord } from './model.ts';
import { notFound } from './problems.ts';
import { getVolume } from './records.ts';

/** Reads take no lock and open no driver. Lists are sorted by id, as the store gives them. */

const valuesOf = <T>(stored: readonly Stored<T>[]): readonly T[] => stored.map(({ value }) => value);

/** What a volume is when its backend is not on record any more (BOOT-22). */
const withoutBackend = (volume: VolumeRecord): VolumeRecord => ({ ...volume, state: 'missing_backend' });

export const readVolume = async (core: Core, name: string): Promise<VolumeRecord> => {
  const { value } = await getVolume(core.store, name, (volume) => `volume ${volume} was not found`);
  return (await core.store.get('backend', value.backendUUID)) === undefined ? withoutBackend(value) : value;
};

export const listVolumes = async ({ store }: Core): Promise<readonly VolumeRecord[]> => {
  // Their ids are their UUIDs; what they hold sealed is not opened for this.
  const backends = new Set(await store.ids('backend'));
  return valuesOf(await store.list('volume')).map((volume) =>
    backends.has(volume.backendUUID) ? volume : withoutBackend(volume),
  );
};

/** A volume's id is its name. */
export const volumeNames = ({ store }: Core): Promise<readonly string[]> => store.ids('volume');

/** SNAP-10: of a volume that must exist, or of a group that must have members. */
export const listSnapshots = async (
  { store }: Core,
  { volume, group }: { readonly volume?: string; readonly group?: string },
): Promise<readonly SnapshotRecord[]> => {
  if (volume !== undefined) {
    await getVolume(store, volume, (name) => `volume ${name} not found`);
    return valuesOf(await store.list('snapshot', { index: 'volume', value: volume }));
  }
  if (group === undefined) return valuesOf(await store.list('snapshot'));
  // The empty name is in the index of all that belong to no group.
  const members = group === '' ? [] : valuesOf(await store.list('snapshot', { index: 'group', value: group }));
  if (members.length === 0) throw notFound('snapshot.no-group', `no snapshots found for group snapshot '${group}'`);
  return members;
};

export const listPublications = async (
  { store }: Core,
  { volume, node }: { readonly volume?: string; readonly node?: string },
): Promise<readonly PublicationRecord[]> => {
  if (volume === undefined)
    return valuesOf(await store.list('publication', node === undefined ? undefined : { index: 'node', value: node }));
  const ofVolume = valuesOf(await store.list('publication', { index: 'volume', value: volume }));
  return node === undefined ? ofVolume : ofVolume.filter((publication) => publication.node === node);
};

/** The journal, newest first. */
export const listOperations = async ({ store }: Core): Promise<readonly OperationRecord[]> =>
  valuesOf(await store.list('operation')).toReversed();

/** @throws Problem `operation.not-found` */
export const readOperation = async ({ store }: Core, id: string): Promise<OperationRecord> => {
  const found = await store.get('operation', id);
  if (found === undefined) throw notFound('operation.not-found', `operation ${id} was not found`);
  return found.value;
};
