import { expect } from 'vitest';
import type { DriverContext } from '../../src/engine/drivers/driver.ts';
import { driverKind } from '../../src/engine/drivers/registry.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { openEngine } from '../../src/engine/engine.ts';
import type { Orchestrator } from '../../src/engine/orchestrator/orchestrator.ts';
import { newMemoryState, openMemoryStore } from '../../src/engine/store/memory.ts';
import type { Store } from '../../src/engine/store/store.ts';

/** Processes that work on one state, one after the other, and may die in between. */
export const mortalEngines = (context: DriverContext) => {
  const state = newMemoryState();
  const openStore = (): Store => openMemoryStore({ state });
  const open = (store: Store, crashPoint?: (name: string) => void | Promise<void>): Promise<Engine> =>
    openEngine({
      store,
      driverKind,
      context,
      version: '26.06.0',
      hostName: 'host',
      ...(crashPoint === undefined ? {} : { crashPoint }),
    });
  return {
    openStore,
    open,

    /** A process that lives as long as `action`. */
    async withEngine(action: (orchestrator: Orchestrator) => Promise<void>): Promise<void> {
      await using store = openStore();
      await using engine = await open(store);
      await action(engine.orchestrator);
    },

    /** Acts in a process that dies at its n-th chance; answers where, or undefined when it came through. */
    async runUntil(n: number, act: (orchestrator: Orchestrator) => Promise<unknown>): Promise<string | undefined> {
      const store = openStore();
      let count = 0;
      let die: (where: string) => void = () => undefined;
      const died = new Promise<string>((resolve) => (die = resolve));
      const engine = await open(store, (name) => {
        if (++count !== n) return undefined;
        die(name);
        return new Promise<never>(() => undefined);
      });
      const where = await Promise.race([died, act(engine.orchestrator).then(() => undefined)]);
      await store[Symbol.asyncDispose]();
      if (where === undefined) await engine[Symbol.asyncDispose]();
      return where;
    },
  };
};

/** No operation is left that somebody would have to finish or take back. */
export const expectAllEnded = async (orchestrator: Orchestrator): Promise<void> => {
  const operations = await orchestrator.operations.list();
  const left = operations.filter(({ outcome }) => outcome === 'open' || outcome === 'stuck');
  expect(left.map(({ kind, subject, reason }) => ({ kind, subject, reason }))).toEqual([]);
};
