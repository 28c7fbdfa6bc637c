import { hostname } from 'node:os';
import type { EngineOptions } from '../engine/engine.ts';
import { driverKind } from '../engine/drivers/registry.ts';
import type { ProcessStats } from '../engine/server/metrics.ts';
import type { ProcessFacts } from '../engine/store/process-owner.ts';
import type { Store } from '../engine/store/store.ts';
import { compatibleVersion } from '../version.ts';
import type { GlobalOptions } from './command.ts';
import { variableOf } from './environment.ts';
import { isRunning } from './processes.ts';
import type { Terminal } from './terminal.ts';

const processFacts = (): ProcessFacts => ({ hostName: hostname(), pid: process.pid, isRunning });

/** Opens the state database of a directory; its key is beside it unless the environment has one. */
export const openStore = async (directory: string, options: GlobalOptions, terminal: Terminal): Promise<Store> => {
  const { openSqliteStore } = await import('../engine/store/sqlite.ts');
  return openSqliteStore({
    directory,
    key: variableOf(options, 'TRIDENT_STATE_KEY'),
    process: processFacts(),
    now: () => terminal.now(),
    warn: (problem) => terminal.err(`warning: ${problem.message}\n`),
  });
};

/** Whether a directory holds a state database. */
export const hasState = async (directory: string): Promise<boolean> =>
  (await import('../engine/store/sqlite-file.ts')).hasDatabase(directory);

/** What the engine in this program needs to know of its host, but the store. */
export const engineOptions = (options: GlobalOptions, terminal: Terminal): Omit<EngineOptions, 'store'> => ({
  driverKind,
  context: 'direct',
  version: compatibleVersion,
  hostName: hostname(),
  now: () => terminal.now(),
  ...(options.debug ? { trace: (line: string) => terminal.err(`${line}\n`) } : {}),
});

/** What the metrics tell of this process. */
export const processStats = (): ProcessStats => {
  const { user, system } = process.cpuUsage();
  return {
    cpuSeconds: (user + system) / 1e6,
    residentBytes: process.memoryUsage.rss(),
    startTime: Date.now() / 1000 - process.uptime(),
  };
};
