import { randomUUID } from 'node:crypto';
import { acquireAll, newLockTable, wantedLocks } from './lock-table.ts';
import type { LockTable } from './lock-table.ts';
import { getIndex, recordChanged, recordExists, storeClosed, valueTaken } from './problems.ts';
import { kinds } from './store.ts';
import type { Change, Kind, Records, Store, Stored } from './store.ts';

type Rows = { readonly [K in Kind]: Map<string, Stored<Records[K]>> };

/** Records and locks that several stores of one process may share, as processes share a state directory. */
export interface MemoryState {
  readonly installationUuid: string;
  readonly rows: Rows;
  /** Which record has which unique index value: `kind/index/value` to id. */
  readonly claims: Map<string, string>;
  readonly locks: LockTable;
  readonly owners: Set<string>;
}

export const newMemoryState = (): MemoryState => ({
  installationUuid: randomUUID(),
  rows: {
    backend: new Map(),
    volume: new Map(),
    snapshot: new Map(),
    groupSnapshot: new Map(),
    storageClass: new Map(),
    node: new Map(),
    publication: new Map(),
    operation: new Map(),
    driverNote: new Map(),
  },
  claims: new Map(),
  locks: newLockTable(),
  owners: new Set(),
});

const deepFreeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) deepFreeze(inner);
    Object.freeze(value);
  }
  return value;
};

const rowsOf = <K extends Kind>(rows: Rows, kind: K): Map<string, Stored<Records[K]>> => rows[kind];

const matches = <K extends Kind>(
  kind: K,
  where: { readonly index: string; readonly value: string } | undefined,
): ((row: Stored<Records[K]>) => boolean) => {
  if (where === undefined) return () => true;
  const index = getIndex(kind, where.index);
  // An empty value is not indexed.
  return (row) => where.value !== '' && index.value(row.value) === where.value;
};

/** A commit in the making: what it writes to, and how to take back, in reverse order, what it has written. */
interface Work {
  readonly state: MemoryState;
  readonly undo: (() => void)[];
}

/** Keys of the unique index values of a record. */
const claimsOf = <K extends Kind>(kind: K, record: Records[K]): { key: string; index: string; value: string }[] =>
  Object.entries(kinds[kind].indexes)
    .filter(([, index]) => index.unique === true)
    .map(([name, index]) => ({
      key: `${kind}/${name}/${index.value(record)}`,
      index: name,
      value: index.value(record),
    }))
    .filter(({ value }) => value !== '');

const set = <T>({ undo }: Work, map: Map<string, T>, key: string, value: T | undefined): void => {
  const old = map.get(key);
  undo.push(() => (old === undefined ? map.delete(key) : map.set(key, old)));
  if (value === undefined) map.delete(key);
  else map.set(key, value);
};

type PutOf<K extends Kind> = {
  readonly [P in K]: { readonly kind: P; readonly put: Records[P]; readonly revision: number | 'new' | 'any' };
}[K];

/** Writes one record and gives up the unique values it had. */
const put = <K extends Kind>(work: Work, change: PutOf<K>): void => {
  const { kind, revision } = change;
  const id = kinds[kind].id(change.put);
  const table = rowsOf(work.state.rows, kind);
  const old = table.get(id);
  if (revision === 'new' && old !== undefined) throw recordExists(kind, id);
  if (typeof revision === 'number' && old?.revision !== revision) throw recordChanged(kind, id);
  if (old !== undefined) for (const { key } of claimsOf(kind, old.value)) set(work, work.state.claims, key, undefined);
  // A copy: what the caller does to its object later must not change the record.
  const value = deepFreeze(structuredClone(change.put));
  set(work, table, id, { value, revision: (old?.revision ?? 0) + 1 });
};

const remove = <K extends Kind>(work: Work, kind: K, id: string, revision: number | undefined): void => {
  const table = rowsOf(work.state.rows, kind);
  const old = table.get(id);
  if (old === undefined) return;
  if (revision !== undefined && old.revision !== revision) throw recordChanged(kind, id);
  for (const { key } of claimsOf(kind, old.value)) set(work, work.state.claims, key, undefined);
  set(work, table, id, undefined);
};

/** Claims the unique values of a written record. Comes last, so that records may swap values in one commit. */
const claim = <K extends Kind>(work: Work, change: PutOf<K>): void => {
  const id = kinds[change.kind].id(change.put);
  const written = rowsOf(work.state.rows, change.kind).get(id);
  if (written === undefined) return;
  for (const { key, index, value } of claimsOf(change.kind, written.value)) {
    const holder = work.state.claims.get(key);
    if (holder !== undefined && holder !== id) throw valueTaken(change.kind, index, value);
    set(work, work.state.claims, key, id);
  }
};

/**
 * A store that is gone with the process: for tests, and for engines whose records live elsewhere. Stores opened over
 * one `state` see each other's records and locks.
 */
export const openMemoryStore = (options: { readonly state?: MemoryState } = {}): Store => {
  const state = options.state ?? newMemoryState();
  const owner = `memory/${randomUUID()}`;
  const leases = new Set<() => void>();
  let open = true;
  state.owners.add(owner);

  const usable = (): Rows => {
    if (!open) throw storeClosed();
    return state.rows;
  };

  const select = <K extends Kind>(
    kind: K,
    where: { readonly index: string; readonly value: string } | undefined,
  ): Stored<Records[K]>[] => [...rowsOf(usable(), kind).values()].filter(matches(kind, where));

  return {
    installationUuid: state.installationUuid,
    owner,
    async get(kind, id) {
      return rowsOf(usable(), kind).get(id);
    },
    async find(kind, index, value) {
      const rows = rowsOf(usable(), kind);
      getIndex(kind, index);
      const id = state.claims.get(`${kind}/${index}/${value}`);
      return id === undefined ? undefined : rows.get(id);
    },
    async list<K extends Kind>(kind: K, where?: { readonly index: string; readonly value: string }) {
      const { id } = kinds[kind];
      return select(kind, where).sort((a, b) => (id(a.value) < id(b.value) ? -1 : 1));
    },
    async ids<K extends Kind>(kind: K, where?: { readonly index: string; readonly value: string }) {
      const { id } = kinds[kind];
      return select(kind, where)
        .map(({ value }) => id(value))
        .sort();
    },
    async count(kind, where) {
      return select(kind, where).length;
    },
    async commit(changes: readonly Change[]) {
      usable();
      const work: Work = { state, undo: [] };
      try {
        for (const change of changes)
          if ('put' in change) put(work, change);
          else remove(work, change.kind, change.remove, change.revision);
        for (const change of changes) if ('put' in change) claim(work, change);
      } catch (cause) {
        for (const step of work.undo.toReversed()) step();
        throw cause;
      }
    },
    async lease(request, signal) {
      usable();
      const patience = { deadline: performance.now() + request.waitMs, signal };
      const wanted = wantedLocks(request);
      const release = await acquireAll(state.locks, wanted, patience, () => 'this process');
      leases.add(release);
      return {
        lost: new AbortController().signal,
        isWanted: async () => wanted.some(({ name }) => state.locks.isWanted(name)),
        async [Symbol.asyncDispose]() {
          leases.delete(release);
          release();
        },
      };
    },
    async isAlive(other) {
      return state.owners.has(other);
    },
    async [Symbol.asyncDispose]() {
      open = false;
      state.owners.delete(owner);
      for (const release of leases) release();
      leases.clear();
    },
  };
};
