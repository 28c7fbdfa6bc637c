import type { Core } from './core.ts';
import type { BackendRecord, StorageClassRecord } from './model.ts';
import type { BackendView } from './orchestrator.ts';
import { poolSatisfies } from './classes.ts';
import { getBackend, getBackendByName } from './records.ts';

/** The spellings of a UUID that Go's parser takes; only the plain lower-case one then finds anything. */
const uuidPattern = /^(?:urn:uuid:)?(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32})$/i;

const isUuid = (text: string): boolean => uuidPattern.test(text.replace(/^\{(.*)\}$/, '$1'));

const viewOf = (
  backend: BackendRecord,
  volumes: readonly string[],
  classes: readonly StorageClassRecord[],
): BackendView => ({
  backend,
  volumes,
  poolClasses: Object.fromEntries(
    backend.pools.map((pool) => [
      pool.name,
      backend.state === 'online'
        ? classes
            .filter((storageClass) => poolSatisfies(storageClass, backend.name, pool))
            .map(({ name }) => name)
            .sort()
        : [],
    ]),
  ),
});

const readClasses = async ({ store }: Core): Promise<readonly StorageClassRecord[]> =>
  (await store.list('storageClass')).map(({ value }) => value);

/** By UUID when the text is one, else by name. @throws Problem `backend.not-found` */
export const getBackendView = async (core: Core, nameOrUuid: string): Promise<BackendView> => {
  const { value } = await (isUuid(nameOrUuid)
    ? getBackend(core.store, nameOrUuid)
    : getBackendByName(core.store, nameOrUuid));
  const volumes = await core.store.list('volume', { index: 'backend', value: value.uuid });
  return viewOf(
    value,
    volumes.filter((volume) => volume.value.state !== 'subordinate').map((volume) => volume.value.config.name),
    await readClasses(core),
  );
};

export const listBackendViews = async (core: Core): Promise<readonly BackendView[]> => {
  const classes = await readClasses(core);
  const volumes = new Map<string, string[]>();
  for (const { value } of await core.store.list('volume')) {
    if (value.state === 'subordinate') continue;
    const names = volumes.get(value.backendUUID);
    if (names === undefined) volumes.set(value.backendUUID, [value.config.name]);
    else names.push(value.config.name);
  }
  const backends = (await core.store.list('backend')).map(({ value }) => value);
  return backends
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((backend) => viewOf(backend, volumes.get(backend.uuid) ?? [], classes));
};
