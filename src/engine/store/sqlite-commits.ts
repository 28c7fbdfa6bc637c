import type { DatabaseSync } from 'node:sqlite';
import { Problem } from '../problem.ts';
import type { Write } from './record-codec.ts';
import { withRetry } from './sqlite-errors.ts';
import { applyWrites } from './sqlite-records.ts';
import type { Statements } from './sqlite-records.ts';
import { schemaVersion } from './sqlite-schema.ts';

interface Pending {
  readonly writes: readonly Write[];
  readonly settle: (error: unknown) => void;
}

const begin = (database: DatabaseSync, version: number): void => {
  database.exec('BEGIN IMMEDIATE');
  if (schemaVersion(database) !== version)
    throw new Problem('store.newer', 'unsupported', 'the state was migrated by a newer version of this program', {
      hint: 'start this command again with that version',
      nothingDone: true,
    });
};

/** Applies each commit on its own; what one of them refuses is taken back without harm to the others. */
const applyEach = (database: DatabaseSync, sql: Statements, batch: readonly Pending[]): unknown[] =>
  batch.map(({ writes }) => {
    database.exec('SAVEPOINT one');
    try {
      applyWrites(sql, writes);
      database.exec('RELEASE one');
      return undefined;
    } catch (error) {
      // Anything but a refusal of ours is about the database, hence about all of them.
      if (!Problem.is(error)) throw error;
      database.exec('ROLLBACK TO one; RELEASE one');
      return error;
    }
  });

export interface Commits {
  /** All writes or none; resolves when they are on disk. */
  add(writes: readonly Write[]): Promise<void>;
  /** Resolves when nothing is being written any more. */
  idle(): Promise<void>;
}

/**
 * Commits that are asked for at the same time share one transaction, so that waiting for the disk is paid for once by
 * all of them and not once by each.
 */
export const newCommits = (database: DatabaseSync, sql: Statements, file: string): Commits => {
  const version = schemaVersion(database);
  let waiting: Pending[] = [];
  let running: Promise<void> | undefined;

  const write = (batch: readonly Pending[]): unknown[] => {
    begin(database, version);
    const outcomes = applyEach(database, sql, batch);
    database.exec('COMMIT');
    return outcomes;
  };

  const attempt = (batch: readonly Pending[]): unknown[] => {
    try {
      return write(batch);
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  };

  const run = async (): Promise<void> => {
    // Lets everything that is ready now join in.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        const outcomes = await withRetry(file, () => attempt(batch));
        for (const [index, pending] of batch.entries()) pending.settle(outcomes[index]);
      } catch (error) {
        for (const pending of batch) pending.settle(error);
      }
    }
    running = undefined;
  };

  return {
    add: (writes) =>
      new Promise((resolve, reject) => {
        waiting.push({ writes, settle: (error) => (error === undefined ? resolve() : reject(error)) });
        running ??= run();
      }),
    idle: async () => running,
  };
};
