import { Problem } from '../problem.ts';
import type { LeaseRequest } from './store.ts';

type LockMode = 'exclusive' | 'shared';

/** One lock of a request, in the order in which all requests take them. */
export interface WantedLock {
  readonly name: string;
  readonly mode: LockMode;
}

/** The locks of a request, each once, sorted by name so that no two requests can wait for each other. */
export const wantedLocks = (request: LeaseRequest): readonly WantedLock[] => {
  const modes = new Map<string, LockMode>();
  for (const name of request.shared ?? []) modes.set(name, 'shared');
  for (const name of request.exclusive ?? []) modes.set(name, 'exclusive');
  return [...modes]
    .map(([name, mode]) => ({ name, mode }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
};

/** @param holder for people: `process 4711 on host-a` */
export const lockBusy = (name: string, holder: string): Problem =>
  new Problem('lock.busy', 'conflict', `${name.replace('/', ' ')} is in use by another operation (${holder})`, {
    hint: 'wait for that operation to end, then try again; `get operation` lists what is running',
    nothingDone: true,
  });

/** How long a wait may last: until a time of `performance.now()`, or until the signal aborts. */
export interface Patience {
  readonly deadline: number;
  readonly signal: AbortSignal;
}

interface Waiter {
  readonly mode: LockMode;
  readonly grant: () => void;
}
interface Lock {
  exclusive: boolean;
  holders: number;
  readonly queue: Waiter[];
}

/**
 * Shared and exclusive locks by name within one process, granted in the order asked for: a shared request that comes
 * after a waiting exclusive one waits behind it, so that nobody starves.
 */
export interface LockTable {
  /**
   * Takes one lock and resolves to its release.
   * @throws Problem `lock.busy` at the deadline, or the signal's reason
   */
  acquire(wanted: WantedLock, patience: Patience, holder: () => string): Promise<() => void>;
  /** True when somebody waits for the lock. */
  isWanted(name: string): boolean;
  /** Number of names that are held or waited for. */
  readonly size: number;
}

const admits = (lock: Lock, mode: LockMode): boolean => lock.holders === 0 || (mode === 'shared' && !lock.exclusive);

export const newLockTable = (): LockTable => {
  const locks = new Map<string, Lock>();

  const hold = (lock: Lock, mode: LockMode): void => {
    lock.holders += 1;
    lock.exclusive = mode === 'exclusive';
  };

  const grantNext = (name: string, lock: Lock): void => {
    for (let next = lock.queue[0]; next !== undefined && admits(lock, next.mode); next = lock.queue[0]) {
      lock.queue.shift();
      hold(lock, next.mode);
      next.grant();
    }
    if (lock.holders === 0 && lock.queue.length === 0) locks.delete(name);
  };

  const releaseOf = (name: string, lock: Lock): (() => void) => {
    let released = false;
    return () => {
      if (released) return;
      released = true;
      lock.holders -= 1;
      grantNext(name, lock);
    };
  };

  return {
    get size() {
      return locks.size;
    },
    isWanted: (name) => (locks.get(name)?.queue.length ?? 0) > 0,
    acquire({ name, mode }, { deadline, signal }, holder) {
      if (signal.aborted) return Promise.reject<() => void>(signal.reason);
      const lock = locks.get(name) ?? { exclusive: false, holders: 0, queue: [] };
      locks.set(name, lock);
      if (lock.queue.length === 0 && admits(lock, mode)) {
        hold(lock, mode);
        return Promise.resolve(releaseOf(name, lock));
      }
      return new Promise((resolve, reject) => {
        const stopWaiting = (): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', onAbort);
        };
        const waiter: Waiter = {
          mode,
          grant: () => {
            stopWaiting();
            resolve(releaseOf(name, lock));
          },
        };
        const giveUp = (reason: unknown): void => {
          stopWaiting();
          lock.queue.splice(lock.queue.indexOf(waiter), 1);
          // A waiter that leaves may have been all that kept the ones behind it waiting.
          grantNext(name, lock);
          reject(reason);
        };
        const onAbort = (): void => giveUp(signal.reason);
        const timer = setTimeout(() => giveUp(lockBusy(name, holder())), Math.max(0, deadline - performance.now()));
        signal.addEventListener('abort', onAbort);
        lock.queue.push(waiter);
      });
    },
  };
};

/** Takes several locks in order, or none. Resolves to the release of all. */
export const acquireAll = async (
  table: LockTable,
  wanted: readonly WantedLock[],
  patience: Patience,
  holder: () => string,
): Promise<() => void> => {
  const releases: (() => void)[] = [];
  const releaseAll = (): void => {
    for (const release of releases.splice(0).toReversed()) release();
  };
  try {
    for (const lock of wanted) releases.push(await table.acquire(lock, patience, holder));
  } catch (cause) {
    releaseAll();
    throw cause;
  }
  return releaseAll;
};
