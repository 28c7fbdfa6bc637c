import type { Problem } from '../problem.ts';
import { newProcessOwner } from './process-owner.ts';
import type { ProcessFacts } from './process-owner.ts';
import { getIndex, storeClosed } from './problems.ts';
import { encodeChange } from './record-codec.ts';
import { newCommits } from './sqlite-commits.ts';
import { withRetry } from './sqlite-errors.ts';
import { openDatabase } from './sqlite-file.ts';
import { newKeyring } from './sqlite-key.ts';
import { newLeases } from './sqlite-leases.ts';
import { newReaders } from './sqlite-reader.ts';
import { newTransactions } from './sqlite-transactions.ts';
import { countRows, listIds, newStatements, readForeignVersion, readMeta } from './sqlite-records.ts';
import type { Change, Store } from './store.ts';

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
  const opened = await openDatabase(directory);
  const { database, file } = opened;
  const sql = newStatements(database);
  const owner = newProcessOwner(options.process);
  const transactions = newTransactions(opened, sql);
  const commits = newCommits(opened, sql, transactions);
  const leases = newLeases({ sql, transactions, file, owner, now, warn });
  let open = true;

  const access = <T>(work: () => T): Promise<T> => {
    if (!open) return Promise.reject(storeClosed());
    if (commits.failure !== undefined) return Promise.reject(commits.failure);
    return withRetry(file, work);
  };

  const keyring = newKeyring({ database, access, directory, given: options.key });
  const readers = newReaders({
    sql,
    keyring,
    read: access,
    warn,
    version: (kind) => `${readForeignVersion(sql)}/${commits.versionOf(kind)}`,
  });

  return {
    installationUuid: await access(() => readMeta(sql, 'installation')),
    owner: owner.name,
    get: (kind, id) => readers[kind].get(id),
    async find(kind, index, value) {
      getIndex(kind, index);
      return readers[kind].find({ index, value });
    },
    async list(kind, where) {
      if (where !== undefined) getIndex(kind, where.index);
      return readers[kind].list(where);
    },
    async ids(kind, where) {
      if (where !== undefined) getIndex(kind, where.index);
      return access(() => listIds(sql, kind, where));
    },
    async count(kind, where) {
      if (where !== undefined) getIndex(kind, where.index);
      return access(() => countRows(sql, kind, where));
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
      await opened.close();
    },
  };
};
