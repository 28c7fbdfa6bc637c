import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { driverKind } from '../src/engine/drivers/registry.ts';
import { openEngine } from '../src/engine/engine.ts';
import type { CallOptions, Orchestrator } from '../src/engine/orchestrator/orchestrator.ts';
import { openSqliteStore } from '../src/engine/store/sqlite.ts';
import type { Store } from '../src/engine/store/store.ts';

/** An engine over a state database on disk, as one process of ours runs it. */
export interface Lab extends AsyncDisposable {
  readonly directory: string;
  readonly store: Store;
  readonly orchestrator: Orchestrator;
}

/** Patience of a benchmark: five minutes. */
export const patient = (): CallOptions => ({ signal: AbortSignal.timeout(300_000) });

export const openLab = async (): Promise<Lab> => {
  const directory = mkdtempSync(join(tmpdir(), 'tridentctl-bench-'));
  const store = await openSqliteStore({
    directory,
    key: undefined,
    process: { hostName: hostname(), pid: process.pid, isRunning: (pid) => pid === process.pid },
    now: () => new Date(),
    warn: (problem) => process.stderr.write(`${problem.message}\n`),
  });
  const engine = await openEngine({ store, driverKind, context: 'direct', version: '26.06.0', hostName: hostname() });
  return {
    directory,
    store,
    orchestrator: engine.orchestrator,
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
      rmSync(directory, { recursive: true, force: true });
    },
  };
};

export const anyClass = {
  name: 'any',
  version: '1',
  attributes: {},
  storagePools: {},
  additionalStoragePools: {},
  excludeStoragePools: {},
  autogrowPolicy: '',
  attributesGiven: false,
} as const;
