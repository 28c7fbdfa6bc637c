import { Problem } from '../problem.ts';
import { newProcessOwner } from './process-owner.ts';
import type { ProcessFacts } from './process-owner.ts';
import { getIndex, storeClosed } from './problems.ts';
import { decodeRow, encodeChange, sealerFor } from './record-codec.ts';
import type { Row } from './record-codec.ts';
import type { Sealer } from './sealing.ts';
import { newCommits } from './sqlite-commits.ts';
import { withRetry } from './sqlite-errors.ts';
import { openDatabase, openVolatile } from './sqlite-file.ts';
import { newKeyring } from './sqlite-key.ts';
import { newLeases } from './sqlite-leases.ts';
import { countRows, eachRow, findRow, newStatements, readMeta, readRow } from './sqlite-records.ts';
import type { Where } from './sqlite-records.ts';
import { kinds } from './store.ts';
import type { Change, Kind, Records, Store, Stored } from './store.ts';

export type { ProcessFacts } from './process-owner.ts';

export interface SqliteStoreOptions {
  /** Holds `state.db` and, unless `key` is given, `state.key`. Made (0700) when it is not there. */
  readonly directory: string;
  /** Seals secrets: 32 bytes in hex or base64, or a passphrase. Undefined: a key file in the directory. */
  readonly key: string | undefined;
  readonly process: ProcessFacts;
  readonly now: () => Date;
  /** Told of single records that cannot be read and are left out of lists, so that they do not block the others. */
  readonly warn: (problem: Problem) => void;
}

/**
 * Opens the state directory, which other processes may have open too; creates or migrates the database when needed.
 * @throws Problem `store.newer` (kind `unsupported`), `store.foreign`, `store.corrupt`, `store.denied`,
 *   `store.directory`; a wrong or missing key (`store.wrong-key`, `store.key-missing`, kind `denied`) shows when the
 *   first secret is read or written
 */
export const openSqliteStore = async (options: SqliteStoreOptions): Promise<Store> => {
  const { directory, now, warn } = options;
  const { database, file } = await openDatabase(directory);
  const sql = newStatements(database);
  const owner = newProcessOwner(options.process);
  const keyring = newKeyring({ database, file, directory, given: options.key });
  const commits = newCommits(database, sql, file);
  const leases = newLeases({ open: () => openVolatile(file), file, owner, now, warn });
  let open = true;

  const read = <T>(work: () => T): Promise<T> => {
    if (!open) return Promise.reject(storeClosed());
    return withRetry(file, work);
  };

  const decode = async <K extends Kind>(kind: K, row: Row | undefined): Promise<Stored<Records[K]> | undefined> =>
    row === undefined ? undefined : decodeRow(kind, row, await sealerFor(kind, keyring));

  /** Decodes rows into a list; one that cannot be read is told of and left out. */
  const collector = <K extends Kind>(kind: K, sealer: Sealer | undefined) => {
    const records: Stored<Records[K]>[] = [];
    const add = (row: Row): void => {
      try {
        records.push(decodeRow(kind, row, sealer));
      } catch (error) {
        if (!Problem.is(error)) throw error;
        warn(error);
      }
    };
    return { records, add };
  };

  const list = async <K extends Kind>(kind: K, where?: Where): Promise<readonly Stored<Records[K]>[]> => {
    if (where !== undefined) getIndex(kind, where.index);
    if (kinds[kind].sealed.length === 0)
      // Decoded as they are read: the texts of thousands of rows are never held at once.
      return read(() => {
        const { records, add } = collector(kind, undefined);
        eachRow(sql, kind, where, add);
        return records;
      });
    const rows = await read(() => {
      const found: Row[] = [];
      eachRow(sql, kind, where, (row) => found.push(row));
      return found;
    });
    if (rows.length === 0) return [];
    const { records, add } = collector(kind, await keyring());
    for (const row of rows) add(row);
    return records;
  };

  return {
    installationUuid: await read(() => readMeta(sql, 'installation')),
    owner: owner.name,
    get: async (kind, id) => decode(kind, await read(() => readRow(sql, kind, id))),
    find: async (kind, index, value) => {
      getIndex(kind, index);
      return decode(kind, await read(() => findRow(sql, kind, { index, value })));
    },
    list,
    async count(kind, where) {
      if (where !== undefined) getIndex(kind, where.index);
      return read(() => countRows(sql, kind, where));
    },
    async commit(changes: readonly Change[]) {
      if (!open) throw storeClosed();
      const writes = await Promise.all(changes.map((change) => encodeChange(change, keyring)));
      if (!open) throw storeClosed();
      await commits.add(writes);
    },
    async lease(request, signal) {
      if (!open) throw storeClosed();
      return leases.take(request, signal);
    },
    async isAlive(other) {
      if (!open) throw storeClosed();
      const liveness = owner.livenessOf(other);
      return liveness === 'unknown' ? leases.hasCurrent(other) : liveness === 'running';
    },
    async [Symbol.asyncDispose]() {
      if (!open) return;
      open = false;
      await commits.idle();
      await leases.close();
      owner.retire();
      database.close();
    },
  };
};
