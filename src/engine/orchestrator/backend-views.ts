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

/** Their ids are their names, so that no volume has to be read. */
const volumesOn = ({ store }: Core, uuid: string): Promise<readonly string[]> =>
  store.ids('volume', { index: 'backend', value: uuid });

const readClasses = async ({ store }: Core): Promise<readonly StorageClassRecord[]> =>
  (await store.list('storageClass')).map(({ value }) => value);

/** By UUID when the text is one, else by name. @throws Problem `backend.not-found` */
export const getBackendView = async (core: Core, nameOrUuid: string): Promise<BackendView> => {
  const { value } = await (isUuid(nameOrUuid)
    ? getBackend(core.store, nameOrUuid)
    : getBackendByName(core.store, nameOrUuid));
  return viewOf(value, await volumesOn(core, value.uuid), await readClasses(core));
};

export const listBackendViews = async (core: Core): Promise<readonly BackendView[]> => {
  const classes = await readClasses(core);
  const backends = (await core.store.list('backend')).map(({ value }) => value);
  return Promise.all(
    backends
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(async (backend) => viewOf(backend, await volumesOn(core, backend.uuid), classes)),
  );
};
