import { Problem } from '../problem.ts';
import { decodeRow, sealerFor } from './record-codec.ts';
import type { Keyring, Row } from './record-codec.ts';
import { deepFreeze } from './record-form.ts';
import type { Sealer } from './sealing.ts';
import { eachRow, findRow, readRow } from './sqlite-records.ts';
import type { Statements, Where } from './sqlite-records.ts';
import { kinds } from './store.ts';
import type { Kind, Records, Stored } from './store.ts';

/** Reads the records of one kind. */
export interface Reader<K extends Kind> {
  get(id: string): Promise<Stored<Records[K]> | undefined>;
  find(where: Where): Promise<Stored<Records[K]> | undefined>;
  list(where: Where | undefined): Promise<readonly Stored<Records[K]>[]>;
}

interface ReaderOptions {
  readonly sql: Statements;
  readonly keyring: Keyring;
  /** Does database work, again while other processes are in the way. */
  readonly read: <T>(work: () => T) => Promise<T>;
  /** Told of single records that cannot be read and are left out of lists. */
  readonly warn: (problem: Problem) => void;
  /** Another text whenever a record of the kind may have changed. Database work. */
  readonly version: (kind: Kind) => string;
}

type Decode<K extends Kind> = (row: Row, sealer: Sealer | undefined) => Stored<Records[K]>;

/**
 * Keeps what it has decoded for as long as the row has the same text: to open the sealed fields takes longer than all
 * the rest of reading a record. All who read it get the same object, so it is frozen.
 */
const decodingOnce = <K extends Kind>(kind: K): Decode<K> => {
  const kept = new Map<string, { readonly text: string; readonly stored: Stored<Records[K]> }>();
  return (row, sealer) => {
    const known = kept.get(row.id);
    if (known?.text === row.value && known.stored.revision === row.revision) return known.stored;
    const stored = deepFreeze(decodeRow(kind, row, sealer));
    kept.set(row.id, { text: row.value, stored });
    return stored;
  };
};

/** What was read since nobody has written. */
interface Kept<T> {
  readonly version: string;
  readonly single: Map<string, T | undefined>;
  all?: readonly T[];
}

/** Reads again only when a record of the kind may have changed: for kinds of which there are few and which every operation reads. */
const readingOnce = <K extends Kind>(kind: K, reader: Reader<K>, { read, version }: ReaderOptions): Reader<K> => {
  let kept: Kept<Stored<Records[K]>> = { version: '', single: new Map() };
  const current = async () => {
    const now = await read(() => version(kind));
    if (kept.version !== now) kept = { version: now, single: new Map() };
    return kept;
  };
  return {
    async get(id) {
      // What is read now belongs to this version or a later one, and is put where only this version looks.
      const { single } = await current();
      if (single.has(id)) return single.get(id);
      const found = await reader.get(id);
      single.set(id, found);
      return found;
    },
    find: reader.find,
    async list(where) {
      if (where !== undefined) return reader.list(where);
      const now = await current();
      return (now.all ??= Object.freeze(await reader.list(undefined)));
    },
  };
};

const newReader = <K extends Kind>(kind: K, options: ReaderOptions): Reader<K> => {
  if (kinds[kind].kept !== true) return plainReader(kind, (row, sealer) => decodeRow(kind, row, sealer), options);
  return readingOnce(kind, plainReader(kind, decodingOnce(kind), options), options);
};

const plainReader = <K extends Kind>(
  kind: K,
  decode: Decode<K>,
  { sql, keyring, read, warn }: ReaderOptions,
): Reader<K> => {
  const one = async (row: Row | undefined): Promise<Stored<Records[K]> | undefined> =>
    row === undefined ? undefined : decode(row, await sealerFor(kind, keyring));

  /** Decodes rows into a list; one that cannot be read is told of and left out. */
  const collector = (sealer: Sealer | undefined) => {
    const records: Stored<Records[K]>[] = [];
    const add = (row: Row): void => {
      try {
        records.push(decode(row, sealer));
      } catch (error) {
        if (!Problem.is(error)) throw error;
        warn(error);
      }
    };
    return { records, add };
  };

  return {
    get: async (id) => one(await read(() => readRow(sql, kind, id))),
    find: async (where) => one(await read(() => findRow(sql, kind, where))),
    async list(where) {
      if (kinds[kind].sealed.length === 0)
        // Decoded as they are read: the texts of thousands of rows are never held at once.
        return read(() => {
          const { records, add } = collector(undefined);
          eachRow(sql, kind, where, add);
          return records;
        });
      const rows = await read(() => {
        const found: Row[] = [];
        eachRow(sql, kind, where, (row) => found.push(row));
        return found;
      });
      if (rows.length === 0) return [];
      const { records, add } = collector(await keyring());
      for (const row of rows) add(row);
      return records;
    },
  };
};

export const newReaders = (options: ReaderOptions): { readonly [K in Kind]: Reader<K> } => ({
  backend: newReader('backend', options),
  volume: newReader('volume', options),
  snapshot: newReader('snapshot', options),
  groupSnapshot: newReader('groupSnapshot', options),
  storageClass: newReader('storageClass', options),
  node: newReader('node', options),
  publication: newReader('publication', options),
  operation: newReader('operation', options),
  driverNote: newReader('driverNote', options),
});
