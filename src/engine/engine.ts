import type { DriverContext, DriverKind, Trace } from './drivers/driver.ts';
import { createOrchestrator } from './orchestrator/create-orchestrator.ts';
import { driverNotes } from './orchestrator/driver-notes.ts';
import { volumesPublishedTo } from './orchestrator/nodes-of.ts';
import { openDrivers } from './orchestrator/drivers.ts';
import type { Orchestrator } from './orchestrator/orchestrator.ts';
import type { Store } from './store/store.ts';

export interface EngineOptions {
  readonly store: Store;
  /** The kind of driver a configuration asks for; throws `driver.unknown` when there is none of that name. */
  readonly driverKind: (name: string) => Promise<DriverKind>;
  readonly context: DriverContext;
  readonly version: string;
  readonly hostName: string;
  readonly trace?: Trace;
  readonly now?: () => Date;
  /** In [0, 1); orders equal pools. */
  readonly random?: () => number;
  /**
   * Called before and after each write of the journal and each call to an array, with names such as
   * `volume.create:1:after-run`. Tests end the process there.
   */
  readonly crashPoint?: (name: string) => void | Promise<void>;
}

/** The engine over a store: what the embedded client and the server run. */
export interface Engine extends AsyncDisposable {
  readonly orchestrator: Orchestrator;
}

/** How long a driver waits for another process that is making what both need. */
const longestExclusiveWaitMs = 180_000;

/**
 * Opens the engine. Nothing is read and no array is called until a use case asks; what gone processes left is recovered
 * before the first one that changes something. Disposing closes the drivers and leaves the store to whoever opened it.
 */
export const openEngine = async (options: EngineOptions): Promise<Engine> => {
  const now = options.now ?? (() => new Date());
  const drivers = openDrivers({
    driverKind: options.driverKind,
    environment: (backendUUID) => ({
      context: options.context,
      backendUUID,
      installationUUID: options.store.installationUuid,
      version: options.version,
      hostName: options.hostName,
      now,
      async exclusively(name, action, signal) {
        await using lease = await options.store.lease(
          { exclusive: [`array/${name}`], waitMs: longestExclusiveWaitMs },
          signal,
        );
        return await action(() => lease.isWanted());
      },
      publishedTo: (node) => volumesPublishedTo(options.store, node),
      notes: driverNotes(options.store, backendUUID),
      ...(options.trace === undefined ? {} : { trace: options.trace }),
    }),
  });
  const orchestrator = createOrchestrator({
    store: options.store,
    drivers,
    now,
    random: options.random ?? Math.random,
    crashPoint: options.crashPoint ?? (() => undefined),
  });
  return {
    orchestrator,
    async [Symbol.asyncDispose]() {
      await drivers[Symbol.asyncDispose]();
    },
  };
};
