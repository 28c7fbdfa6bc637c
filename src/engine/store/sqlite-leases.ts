import { setTimeout as delay } from 'node:timers/promises';
import { Problem } from '../problem.ts';
import { acquireAll, lockBusy, newLockTable, wantedLocks } from './lock-table.ts';
import type { Patience, WantedLock } from './lock-table.ts';
import { storeClosed } from './problems.ts';
import { describeOwner } from './process-owner.ts';
import type { ProcessOwner } from './process-owner.ts';
import { withRetry } from './sqlite-errors.ts';
import { ahead, clearTickets, draw, exists, isBehind, tearUp, tearUpOther } from './sqlite-lease-rows.ts';
import type { Ahead } from './sqlite-lease-rows.ts';
import type { Statements } from './sqlite-records.ts';
import type { Transactions } from './sqlite-transactions.ts';
import type { Lease, LeaseRequest } from './store.ts';

/** A lease whose holder cannot be looked at (another host, another container) lasts so long without renewal. */
const lifetime = 15_000;
const renewal = 5_000;
/** Milliseconds at most between two looks of the one whose turn is next, and of those who come later. */
const nextLooksAfter = 15;
const othersLookAfter = 100;

interface Held {
  /** Set once the locks are ours; before that the ticket waits its turn. */
  granted: boolean;
  renewedAt: number;
  readonly lost: AbortController;
}

export interface Leases {
  take(request: LeaseRequest, signal: AbortSignal): Promise<Lease>;
  /** True while a process that cannot be looked at has a lease that has not run out. */
  hasCurrent(owner: string): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * Locks between processes: each request draws a numbered ticket for all its locks at once and is served when nobody
 * with a lower number wants one of them, so the order is fair and nobody waits in a circle. Within the process requests
 * queue in memory first, which costs no polling.
 */
export const newLeases = (options: {
  /** Of the connection of the records: with one of its own, each write of either would empty the other's cache. */
  readonly sql: Statements;
  readonly transactions: Transactions;
  readonly file: string;
  readonly owner: ProcessOwner;
  readonly now: () => Date;
  readonly warn: (problem: Problem) => void;
}): Leases => {
  const { sql, transactions, file, owner } = options;
  const table = newLockTable();
  const held = new Map<number, Held>();
  const now = (): number => options.now().getTime();
  let readied: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const isGone = (ticket: { readonly owner: string; readonly expires: number }): boolean => {
    const liveness = owner.livenessOf(ticket.owner);
    return liveness === 'gone' || (liveness === 'unknown' && ticket.expires < now());
  };

  /** Not waited for until it is on disk: a lease need not outlive a power failure. */
  const transaction = async <T>(work: () => T): Promise<T> => {
    await ready();
    return transactions.run(work);
  };

  /** Tears up what processes that are gone have left. */
  const clearGone = async (): Promise<void> => {
    const owners = await withRetry(file, () => sql('SELECT DISTINCT owner FROM ticket').all());
    const gone = owners.map((row) => String(row['owner'])).filter((name) => owner.livenessOf(name) === 'gone');
    if (gone.length > 0) await transactions.run(() => gone.forEach((name) => clearTickets(sql, name)));
  };

  const ready = (): Promise<void> => {
    if (closed) return Promise.reject(storeClosed());
    readied ??= clearGone().catch((error: unknown) => {
      readied = undefined;
      throw error;
    });
    return readied;
  };

  const renew = async (): Promise<void> => {
    const expires = now() + lifetime;
    const kept = await transaction(() => {
      sql('UPDATE ticket SET expires = ? WHERE owner = ?').run(expires, owner.name);
      return new Set(
        sql('SELECT number FROM ticket WHERE owner = ?')
          .all(owner.name)
          .map((row) => row['number']),
      );
    });
    for (const [ticket, entry] of held)
      if (kept.has(ticket)) entry.renewedAt = performance.now();
      else if (entry.granted) entry.lost.abort(leaseLost());
  };

  const tick = (): void => {
    renew().catch(() => {
      // Not fatal yet: the next tick tries again, until the leases have run out.
      for (const entry of held.values())
        if (entry.granted && performance.now() - entry.renewedAt > lifetime) entry.lost.abort(leaseLost());
    });
  };

  const keep = (ticket: number): Held => {
    const entry: Held = { granted: false, renewedAt: performance.now(), lost: new AbortController() };
    held.set(ticket, entry);
    timer ??= setInterval(tick, renewal).unref();
    return entry;
  };

  const forget = (ticket: number): void => {
    held.delete(ticket);
    if (held.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };

  const giveBack = async (ticket: number, wanted: readonly WantedLock[]): Promise<void> => {
    // Given back already, or all at once when the store was closed.
    if (!held.has(ticket)) return;
    forget(ticket);
    try {
      await transaction(() => tearUp(sql, ticket, wanted));
    } catch (error) {
      // What was done under the lease is done; the row goes away with this process.
      if (Problem.is(error)) options.warn(error);
    }
  };

  /** Drops tickets whose holder is gone, and answers who is left ahead. */
  const lookAhead = async (ticket: number, wanted: readonly WantedLock[]): Promise<readonly Ahead[]> => {
    await ready();
    const blocking = await withRetry(file, () => ahead(sql, ticket, wanted));
    const gone = blocking.filter(isGone);
    if (gone.length > 0)
      await transaction(() => {
        for (const { ticket: number, expires } of gone)
          // Not when it was renewed since it was looked at.
          if (sql('SELECT 1 FROM ticket WHERE number = ? AND expires = ?').get(number, expires))
            tearUpOther(sql, number);
      });
    return blocking.filter((other) => !gone.includes(other));
  };

  const waitTurn = async (
    ticket: number,
    wanted: readonly WantedLock[],
    { deadline, signal }: Patience,
  ): Promise<void> => {
    for (let pause = 4; ; pause *= 1.5) {
      const others = await lookAhead(ticket, wanted);
      const [blocking] = others;
      if (blocking === undefined) return;
      pause = Math.min(pause, others.length === 1 ? nextLooksAfter : othersLookAfter);
      signal.throwIfAborted();
      const left = deadline - performance.now();
      if (left <= 0) throw lockBusy(blocking.lock, describeOwner(blocking.owner));
      await delay(Math.min(left, pause * (0.5 + Math.random())), undefined, { signal }).catch(() => {
        throw signal.reason;
      });
    }
  };

  const takeRows = async (wanted: readonly WantedLock[], patience: Patience): Promise<Lease> => {
    const { ticket, isNext } = await transaction(() => {
      const number = draw(sql, owner.name, now() + lifetime, wanted);
      return { ticket: number, isNext: ahead(sql, number, wanted).length === 0 };
    });
    const entry = keep(ticket);
    try {
      if (!isNext) {
        await waitTurn(ticket, wanted, patience);
        await ready();
        if (!exists(sql, ticket)) throw leaseLost();
      }
      entry.granted = true;
    } catch (error) {
      await giveBack(ticket, wanted);
      throw error;
    }
    return {
      lost: entry.lost.signal,
      async isWanted() {
        await ready();
        return withRetry(file, () => isBehind(sql, ticket, wanted));
      },
      [Symbol.asyncDispose]: () => giveBack(ticket, wanted),
    };
  };

  return {
    async take(request, signal) {
      const wanted = wantedLocks(request);
      const patience = { deadline: performance.now() + request.waitMs, signal };
      const release = await acquireAll(table, wanted, patience, () => describeOwner(owner.name));
      try {
        const lease = await takeRows(wanted, patience);
        return {
          lost: lease.lost,
          isWanted: async () => wanted.some(({ name }) => table.isWanted(name)) || (await lease.isWanted()),
          async [Symbol.asyncDispose]() {
            await lease[Symbol.asyncDispose]();
            release();
          },
        };
      } catch (error) {
        release();
        throw error;
      }
    },
    async hasCurrent(other) {
      await ready();
      return withRetry(
        file,
        () => sql('SELECT 1 FROM ticket WHERE owner = ? AND expires >= ? LIMIT 1').get(other, now()) !== undefined,
      );
    },
    async close() {
      clearInterval(timer);
      if (held.size > 0) await transaction(() => clearTickets(sql, owner.name));
      held.clear();
      closed = true;
    },
  };
};

const leaseLost = (): Problem =>
  new Problem(
    'lock.lost',
    'unavailable',
    'a lock could not be renewed in time and may have passed to another process',
    {
      hint: 'look at the object and repeat the command',
    },
  );
