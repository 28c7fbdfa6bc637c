import { hostname } from 'node:os';
import { isRunning } from '../../src/cli/processes.ts';
import type { Problem } from '../../src/engine/problem.ts';
import { openSqliteStore } from '../../src/engine/store/sqlite.ts';
import type { ProcessFacts, SqliteStoreOptions } from '../../src/engine/store/sqlite.ts';
import type { Store } from '../../src/engine/store/store.ts';

export const thisProcess: ProcessFacts = {
  hostName: hostname(),
  pid: process.pid,
  isRunning,
};

/** A store over a state directory as the command opens it; a record that cannot be read fails the test. */
export const openTestStore = (directory: string, over: Partial<SqliteStoreOptions> = {}): Promise<Store> =>
  openSqliteStore({
    directory,
    key: undefined,
    process: thisProcess,
    now: () => new Date(),
    warn: (problem: Problem) => {
      throw problem;
    },
    ...over,
  });
