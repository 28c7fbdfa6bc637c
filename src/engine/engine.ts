import type { DriverContext, DriverKind, Trace } from './drivers/driver.ts';
import type { Orchestrator } from './orchestrator/orchestrator.ts';
import type { Store } from './store/store.ts';

export interface EngineOptions {
  readonly store: Store;
  /** Finds the kind of driver a configuration asks for; undefined when there is none of that name. */
  readonly driverKind: (name: string) => Promise<DriverKind | undefined>;
  readonly context: DriverContext;
  readonly version: string;
  readonly hostName: string;
  readonly trace?: Trace;
  readonly now?: () => Date;
}

/** The engine over a store: what the embedded client and the server run. */
export interface Engine extends AsyncDisposable {
  readonly orchestrator: Orchestrator;
}
