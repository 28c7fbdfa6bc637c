import { Problem } from '../problem.ts';
import type { Write } from './record-codec.ts';
import type { Opened } from './sqlite-file.ts';
import { applyWrites } from './sqlite-records.ts';
import type { Statements } from './sqlite-records.ts';
import type { Transactions } from './sqlite-transactions.ts';
import type { Kind } from './store.ts';

interface Pending {
  readonly writes: readonly Write[];
  readonly settle: (error: unknown) => void;
}

/** Applies each commit on its own; what one of them refuses is taken back without harm to the others. */
const applyEach = (sql: Statements, batch: readonly Pending[]): unknown[] =>
  batch.map(({ writes }) => {
    sql('SAVEPOINT one').run();
    try {
      applyWrites(sql, writes);
      sql('RELEASE one').run();
      return undefined;
    } catch (error) {
      // Anything but a refusal of ours is about the database, hence about all of them.
      if (!Problem.is(error)) throw error;
      sql('ROLLBACK TO one').run();
      sql('RELEASE one').run();
      return error;
    }
  });

export interface Commits {
  /** All writes or none; resolves when they are on disk. */
  add(writes: readonly Write[]): Promise<void>;
  /** A number that grows with each commit of this process that may have changed a record of the kind. */
  versionOf(kind: Kind): number;
  /** Why nothing can be relied on any more: what was written could not be brought to disk. */
  readonly failure: Problem | undefined;
  /** Resolves when nothing is being written any more. */
  idle(): Promise<void>;
}

/**
 * Commits that are asked for at the same time, or while the disk is waited for, share one transaction, so that waiting
 * is paid for once by all of them and not once by each.
 */
export const newCommits = ({ flush }: Opened, sql: Statements, transactions: Transactions): Commits => {
  let waiting: Pending[] = [];
  let running: Promise<void> | undefined;
  let failure: Problem | undefined;
  const versions = new Map<Kind, number>();
  const versionOf = (kind: Kind): number => versions.get(kind) ?? 0;

  const bringToDisk = async (): Promise<void> => {
    try {
      await flush();
    } catch (error) {
      // What was written can be read, and may yet be lost: nobody must build on it.
      if (Problem.is(error)) failure = error;
      throw error;
    }
  };

  const take = (): readonly Pending[] => {
    const taken = waiting;
    waiting = [];
    return taken;
  };

  const run = async (): Promise<void> => {
    while (waiting.length > 0) {
      let batch: readonly Pending[] = [];
      try {
        if (failure !== undefined) throw failure;
        const outcomes = await transactions.run(() => {
          // At the last moment, so that many join in.
          batch = [...batch, ...take()];
          return applyEach(sql, batch);
        });
        for (const { writes } of batch) for (const { kind } of writes) versions.set(kind, versionOf(kind) + 1);
        await bringToDisk();
        for (const [index, pending] of batch.entries()) pending.settle(outcomes[index]);
      } catch (error) {
        for (const pending of batch.length > 0 ? batch : take()) pending.settle(error);
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
    versionOf,
    idle: async () => running,
    get failure() {
      return failure;
    },
  };
};
