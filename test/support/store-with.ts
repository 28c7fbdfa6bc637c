import type { Store } from '../../src/engine/store/store.ts';

/** A store with some of its methods replaced. */
export const storeWith = (store: Store, over: Partial<Store>): Store => ({
  installationUuid: store.installationUuid,
  owner: store.owner,
  get: (kind, id) => store.get(kind, id),
  find: (kind, index, value) => store.find(kind, index, value),
  list: (kind, where) => store.list(kind, where),
  ids: (kind, where) => store.ids(kind, where),
  count: (kind, where) => store.count(kind, where),
  commit: (changes) => store.commit(changes),
  lease: (request, signal) => store.lease(request, signal),
  isAlive: (owner) => store.isAlive(owner),
  [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  ...over,
});
