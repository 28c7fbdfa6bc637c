import { Problem } from '../problem.ts';
import { withRetry } from './sqlite-errors.ts';
import type { Opened } from './sqlite-file.ts';
import type { Statements } from './sqlite-records.ts';
import { schemaVersion } from './sqlite-schema.ts';

export interface Transactions {
  /**
   * Does the work inside a transaction and resolves when that has ended; it need not be on disk then. The work may be
   * done several times, each time from where it was. When it throws, nobody's work of that transaction is done.
   */
  run<T>(work: () => T): Promise<T>;
}

interface Waiting {
  readonly work: () => () => void;
  readonly fail: (error: unknown) => void;
}

const begin = (sql: Statements, version: number): void => {
  sql('BEGIN IMMEDIATE').run();
  if (sql('PRAGMA user_version').get()?.['user_version'] !== version)
    throw new Problem('store.newer', 'unsupported', 'the state was migrated by a newer version of this program', {
      hint: 'start this command again with that version',
      nothingDone: true,
    });
};

/** One transaction for all that is asked for at the same time, by records and leases: to end one costs more than the work in it. */
export const newTransactions = ({ database, file }: Opened, sql: Statements): Transactions => {
  const version = schemaVersion(database);
  let waiting: Waiting[] = [];

  const attempt = (batch: readonly Waiting[]): readonly (() => void)[] => {
    try {
      begin(sql, version);
      const settle = batch.map(({ work }) => work());
      sql('COMMIT').run();
      return settle;
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  };

  const flush = async (): Promise<void> => {
    const batch = waiting;
    waiting = [];
    try {
      for (const settle of await withRetry(file, () => attempt(batch))) settle();
    } catch (error) {
      for (const { fail } of batch) fail(error);
    }
  };

  return {
    run: <T>(work: () => T) =>
      new Promise<T>((resolve, reject) => {
        const done = () => {
          const result = work();
          return () => resolve(result);
        };
        // Lets everything that is ready now join in.
        if (waiting.push({ work: done, fail: reject }) === 1) setImmediate(() => void flush());
      }),
  };
};
