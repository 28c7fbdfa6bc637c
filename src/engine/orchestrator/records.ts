import type { VolumeHandle } from '../drivers/objects.ts';
import { Problem } from '../problem.ts';
import type { Change, Kind, Records, Store, Stored } from '../store/store.ts';
import type { BackendRecord, NodeRecord, PoolRecord, VolumeConfig, VolumeRecord } from './model.ts';
import { notFound } from './problems.ts';

/** Look-ups that refuse with stock's words when there is nothing. */

/** @throws Problem `volume.not-found`; stock words it differently per call */
export const getVolume = async (
  store: Store,
  name: string,
  text: (name: string) => string,
): Promise<Stored<VolumeRecord>> => {
  const found = await store.get('volume', name);
  if (found === undefined) throw notFound('volume.not-found', text(name));
  return found;
};

/** @throws Problem `backend.not-found` */
export const getBackendByName = async (store: Store, name: string): Promise<Stored<BackendRecord>> => {
  const found = name === '' ? undefined : await store.find('backend', 'name', name);
  if (found === undefined) throw notFound('backend.not-found', `backend ${name} was not found`);
  return found;
};

/** @throws Problem `backend.not-found` */
export const getBackend = async (store: Store, uuid: string): Promise<Stored<BackendRecord>> => {
  const found = await store.get('backend', uuid);
  if (found === undefined) throw notFound('backend.not-found', `backend uuid ${uuid} was not found`);
  return found;
};

/** @throws Problem `node.not-found` */
export const getNode = async (store: Store, name: string): Promise<Stored<NodeRecord>> => {
  const found = await store.get('node', name);
  if (found === undefined) throw notFound('node.not-found', `node ${name} was not found`);
  return found;
};

export const handleOf = ({ config, ref, orphaned }: VolumeRecord): VolumeHandle =>
  orphaned ? { config, ref, orphaned } : { config, ref };

/** @throws Problem `volume.deleting` (kind `conflict`) */
export const refuseDeleting = (volume: VolumeRecord, text: (name: string) => string): void => {
  if (volume.state !== 'deleting') return;
  throw new Problem('volume.deleting', 'conflict', text(volume.config.name), { nothingDone: true });
};

/** @throws Problem `volume.not-managed` (kind `unsupported`) for volumes that were imported to be left as they are */
export const requireManaged = ({ name, importNotManaged }: VolumeConfig, what: string): void => {
  if (!importNotManaged) return;
  throw new Problem('volume.not-managed', 'unsupported', `volume ${name} is not managed by Trident`, {
    hint: `it was imported without management, so it cannot be ${what}`,
    nothingDone: true,
  });
};

/**
 * The change that turns a record into what `edit` makes of it, at its present revision; none when the record is gone
 * or stays as it is.
 */
const editRecord = async <K extends Kind>(
  store: Store,
  kind: K,
  id: string,
  edit: (record: Records[K]) => Records[K] | undefined,
  change: (put: Records[K], revision: number) => Change,
): Promise<readonly Change[]> => {
  const found = await store.get(kind, id);
  if (found === undefined) return [];
  const put = edit(found.value);
  return put === undefined || put === found.value ? [] : [change(put, found.revision)];
};

export const editVolume = (
  store: Store,
  name: string,
  edit: (record: VolumeRecord) => VolumeRecord | undefined,
): Promise<readonly Change[]> =>
  editRecord(store, 'volume', name, edit, (put, revision) => ({ kind: 'volume', put, revision }));

/** The changes that put a volume into another pool, on record: its publications tell the pool too. */
export const inPool = async (
  store: Store,
  { value, revision }: Stored<VolumeRecord>,
  { name, key }: Pick<PoolRecord, 'name' | 'key'>,
): Promise<readonly Change[]> => {
  if (value.pool === name && value.poolKey === key) return [];
  const publications = await store.list('publication', { index: 'volume', value: value.config.name });
  return [
    { kind: 'volume', put: { ...value, pool: name, poolKey: key }, revision },
    ...publications.map((publication): Change => ({
      kind: 'publication',
      put: { ...publication.value, pool: name },
      revision: publication.revision,
    })),
  ];
};

export const editBackend = (
  store: Store,
  uuid: string,
  edit: (record: BackendRecord) => BackendRecord | undefined,
): Promise<readonly Change[]> =>
  editRecord(store, 'backend', uuid, edit, (put, revision) => ({ kind: 'backend', put, revision }));

/**
 * Makes changes and enters them in the journal as done; made anew when a record was changed in between. Without
 * changes nothing is written.
 */
export const commitFresh = async (
  commit: (changes: readonly Change[]) => Promise<void>,
  make: () => Promise<readonly Change[]>,
): Promise<void> => {
  for (let attempt = 1; ; attempt++) {
    const changes = await make();
    if (changes.length === 0) return;
    try {
      return await commit(changes);
    } catch (error) {
      if (!Problem.is(error) || error.code !== 'store.changed' || attempt >= 10) throw error;
    }
  }
};
