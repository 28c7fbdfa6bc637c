import { driverKind } from '../../src/engine/drivers/registry.ts';
import { openEngine, type Engine, type EngineOptions } from '../../src/engine/engine.ts';
import { openMemoryStore } from '../../src/engine/store/memory.ts';

/** An engine with the drivers of the program, whose records go with it. */
export const openMemoryEngine = (more: Partial<EngineOptions> = {}): Promise<Engine> =>
  openEngine({
    store: openMemoryStore(),
    driverKind,
    context: 'direct',
    version: '26.06.0',
    hostName: 'test',
    ...more,
  });
