import type { Store } from '../store/store.ts';
import type { OpenDrivers } from './drivers.ts';
import type { Journal } from './journal.ts';
import type { Runner } from './runner.ts';

/** What the use cases stand on. */
export interface Core {
  readonly store: Store;
  readonly journal: Journal;
  readonly runner: Runner;
  readonly drivers: OpenDrivers;
  readonly now: () => Date;
  /** In [0, 1). */
  readonly random: () => number;
}

/** Lock names; every operation that changes an object holds the object's own. */
export const locks = {
  backend: (uuid: string): string => `backend/${uuid}`,
  backendName: (name: string): string => `backend-name/${name}`,
  volume: (name: string): string => `volume/${name}`,
  snapshot: (volume: string, name: string): string => `snapshot/${volume}/${name}`,
  group: (name: string): string => `group-snapshot/${name}`,
  node: (name: string): string => `node/${name}`,
  storageClass: (name: string): string => `storage-class/${name}`,
  /** An object on an array that an import is about to take over. */
  arrayObject: (backendUUID: string, name: string): string => `array-object/${backendUUID}/${name}`,
} as const;

/** Where an operation works, as opposed to what it works on or from: it needs a backend or a node only while it runs. */
export const isSurrounding = (lock: string): boolean => lock.startsWith('backend/') || lock.startsWith('node/');
