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
 * So many share a transaction at most. All that wait could; but then operations that came together go on together, ask
 * the array together, and wait for it together with nothing else to do: with 32 at once all 32 were waiting for a
 * quarter of the time. In smaller groups some work while others wait.
 */
const largestGroup = 12;

/** Commits that are asked for at the same time share one transaction: to end one costs more than the work in it. */
export const newCommits = ({ flush }: Opened, sql: Statements, transactions: Transactions): Commits => {
  const waiting: Pending[] = [];
  /** Tell groups whose transaction has ended that they are on disk, or why they are not. */
  const written: ((error: unknown) => void)[] = [];
  let writing: Promise<void> | undefined;
  let flushing: Promise<void> | undefined;
  let failure: Problem | undefined;
  const versions = new Map<Kind, number>();
  const versionOf = (kind: Kind): number => versions.get(kind) ?? 0;

  /** Does the work unless it is too late; takes a moment in any case, so that a loop is known of before it has ended. */
  const unlessFailed = async <T>(work: () => Promise<T>): Promise<T> => {
    if (failure !== undefined) throw failure;
    return work();
  };

  /** Only one flush at a time: of several, only one would be told that what another waits for is lost. */
  const flushAll = async (): Promise<void> => {
    while (written.length > 0) {
      const groups = written.splice(0);
      try {
        await unlessFailed(flush);
        for (const settle of groups) settle(undefined);
      } catch (error) {
        // What was written can be read, and may yet be lost: nobody must build on it.
        if (Problem.is(error)) failure = error;
        for (const settle of groups) settle(error);
      }
    }
    flushing = undefined;
  };

  /** Writes group after group, while those before are brought to disk. */
  const writeAll = async (): Promise<void> => {
    while (waiting.length > 0) {
      let group: readonly Pending[] = [];
      // At the last moment, so that many join in; the work may be done several times.
      const take = () => (group.length > 0 ? group : (group = waiting.splice(0, largestGroup)));
      try {
        const outcomes = await unlessFailed(() => transactions.run(() => applyEach(sql, take())));
        for (const { writes } of group) for (const { kind } of writes) versions.set(kind, versionOf(kind) + 1);
        written.push((error) => {
          for (const [index, pending] of group.entries()) pending.settle(error ?? outcomes[index]);
        });
        flushing ??= flushAll();
      } catch (error) {
        // Where none could begin, all have waited for it: another 30 seconds for each further group would be too long.
        for (const pending of group.length > 0 ? group : waiting.splice(0)) pending.settle(error);
      }
    }
    writing = undefined;
  };

  return {
    add: (writes) =>
      new Promise((resolve, reject) => {
        waiting.push({ writes, settle: (error) => (error === undefined ? resolve() : reject(error)) });
        writing ??= writeAll();
      }),
    versionOf,
    async idle() {
      await writing;
      await flushing;
    },
    get failure() {
      return failure;
    },
  };
};
