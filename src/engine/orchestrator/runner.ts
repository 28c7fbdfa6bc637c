import { eitherSignal } from '../either-signal.ts';
import { messageOf, Problem } from '../problem.ts';
import { createBackOut, isFinal } from './back-out.ts';
import type { Limits } from './back-out.ts';
import { DryRun } from './dry-run.ts';
import { createFlightLog, journalled } from './flight.ts';
import type { Flight, LogOptions } from './flight.ts';
import type { OperationRecord } from './model.ts';
import type { CallOptions } from './orchestrator.ts';
import type { Locks, Saga } from './saga.ts';

/** How long a use case waits for others that hold its locks, and after which time it says that it waits. */
const lockWaitMs = 60_000;
const silentWaitMs = 500;

/** Says what a wait is for when it takes long enough that somebody may wonder. */
const tellingOfWait = async <T>(wait: Promise<T>, { progress }: CallOptions): Promise<T> => {
  if (progress === undefined) return wait;
  const timer = setTimeout(
    () => progress('wait for another operation on the same objects to come to its end'),
    silentWaitMs,
  );
  try {
    return await wait;
  } finally {
    clearTimeout(timer);
  }
};

export interface RunnerOptions extends LogOptions {
  /** Called before the locks are taken: settles what gone processes left on the same objects. */
  readonly beforeRun: (locks: Locks, options: CallOptions) => Promise<void>;
  /** Called after an operation has ended and its locks are free. */
  readonly afterRun: (followUps: readonly OperationRecord[], options: CallOptions) => Promise<void>;
}

export interface Runner {
  /** Entries that this process is working on. */
  readonly running: ReadonlySet<string>;
  /**
   * Takes the locks, lets `check` look at the records under them and refuse or return the state to begin with, then
   * runs the saga to its end. Rejects with the cause when it was undone. With `dryRun` it rejects with `DryRun`.
   */
  run<State extends object>(
    saga: Saga<State>,
    locks: Locks,
    check: (signal: AbortSignal) => Promise<State>,
    options: CallOptions,
  ): Promise<State>;
  /** Takes the locks, and calls `action` under them: for use cases that one commit completes. */
  locked<T>(locks: Locks, action: (signal: AbortSignal) => Promise<T>, options: CallOptions): Promise<T>;
  /**
   * Finishes or undoes an entry that nobody works on, under its locks. Answers the entry as it is then; undefined when
   * somebody else has taken care of it.
   */
  settle<State extends object>(
    saga: Saga<State>,
    id: string,
    options: CallOptions,
  ): Promise<OperationRecord | undefined>;
}

export const createRunner = (deps: RunnerOptions): Runner => {
  const { store, journal } = deps;
  const log = createFlightLog(deps);
  const { undoFrom, backOut } = createBackOut(log, deps);
  const running = new Set<string>();

  const runStep = async <State extends object>(
    flight: Flight<State>,
    index: number,
    signal: AbortSignal,
    progress: (text: string) => void,
  ): Promise<readonly OperationRecord[]> => {
    const { saga } = flight;
    const step = saga.steps[index];
    if (step === undefined) return [];
    signal.throwIfAborted();
    progress(step.describe(flight.state));
    const point = `${saga.kind}:${index + 1}`;
    if (step.run !== undefined) {
      await deps.crashPoint(`${point}:before-run`);
      const patch = await step.run(flight.state, {
        signal,
        note: progress,
        async checkpoint(part) {
          flight.state = { ...flight.state, ...part };
          await log.write(flight, `${point}:checkpoint`, async () => ({
            patch: { state: journalled(saga, flight.state) },
            changes: [],
          }));
        },
      });
      await deps.crashPoint(`${point}:after-run`);
      flight.state = { ...flight.state, ...patch };
    }
    return log.advance(flight, index);
  };

  const runFrom = async <State extends object>(
    flight: Flight<State>,
    from: number,
    limits: Limits,
    progress: (text: string) => void,
  ): Promise<readonly OperationRecord[]> => {
    using either = eitherSignal(limits.signal, limits.lost);
    let followUps: readonly OperationRecord[] = [];
    for (let index = from; index < flight.saga.steps.length; index++) {
      try {
        followUps = await runStep(flight, index, either.signal, progress);
      } catch (error) {
        await backOut(flight, index, error, limits);
        throw error;
      }
    }
    return followUps;
  };

  const withLocks = async <T>(
    locks: Locks,
    options: CallOptions,
    action: (limits: Limits) => Promise<T>,
  ): Promise<T> => {
    await using lease = await tellingOfWait(store.lease({ ...locks, waitMs: lockWaitMs }, options.signal), options);
    return await action({ signal: options.signal, lost: lease.lost });
  };

  const finish = async (followUps: readonly OperationRecord[], options: CallOptions): Promise<void> => {
    await journal.prune();
    if (followUps.length > 0) await deps.afterRun(followUps, options);
  };

  return {
    running,

    async run(saga, locks, check, options) {
      const progress = options.progress ?? (() => undefined);
      if (options.dryRun === true) {
        const state = await check(options.signal);
        throw new DryRun(saga.steps.map((step) => step.describe(state)));
      }
      options.signal.throwIfAborted();
      await deps.beforeRun(locks, options);
      const ended = await withLocks(locks, options, async (limits) => {
        let id = '';
        try {
          const flight = await log.begin(saga, await check(limits.signal), (entry) => {
            id = entry;
            running.add(id);
          });
          const followUps = await runFrom(flight, flight.entry.record.step, limits, progress);
          return { state: flight.state, followUps };
        } finally {
          running.delete(id);
        }
      });
      await finish(ended.followUps, options);
      return ended.state;
    },

    async locked(locks, action, options) {
      options.signal.throwIfAborted();
      if (options.dryRun === true) return action(options.signal);
      await deps.beforeRun(locks, options);
      const result = await withLocks(locks, options, async ({ signal, lost }) => {
        using either = eitherSignal(signal, lost);
        return await action(either.signal);
      });
      await journal.prune();
      return result;
    },

    async settle(saga, id, options) {
      const found = await store.get('operation', id);
      if (found === undefined || running.has(id)) return undefined;
      running.add(id);
      try {
        const state = saga.decode(found.value.state);
        const { record, followUps } = await withLocks(saga.locks(state), options, (limits) =>
          settleLocked(saga, id, limits, options.progress ?? (() => undefined)),
        );
        if (record !== undefined) await finish(followUps, options);
        return record;
      } finally {
        running.delete(id);
      }
    },
  };

  async function settleLocked<State extends object>(
    saga: Saga<State>,
    id: string,
    limits: Limits,
    progress: (text: string) => void,
  ): Promise<{ readonly record: OperationRecord | undefined; readonly followUps: readonly OperationRecord[] }> {
    const found = await store.get('operation', id);
    if (found === undefined || found.value.outcome === 'done' || found.value.outcome === 'undone')
      return { record: undefined, followUps: [] };
    if (found.value.owner !== store.owner && found.value.outcome === 'open' && (await store.isAlive(found.value.owner)))
      return { record: undefined, followUps: [] };
    const flight: Flight<State> = {
      saga,
      state: saga.decode(found.value.state),
      entry: { record: found.value, revision: found.revision },
    };
    try {
      await log.write(flight, `${saga.kind}:claim`, async () => ({
        patch: { owner: store.owner, outcome: 'open' },
        changes: [],
      }));
    } catch (error) {
      if (Problem.is(error) && error.code === 'store.changed') return { record: undefined, followUps: [] };
      throw error;
    }
    const { step } = flight.entry.record;
    const forward = saga.steps.slice(0, step + 1).some(isFinal);
    const verb = forward ? 'finish' : 'take back';
    progress(`${verb} what was begun ${flight.entry.record.begun}: ${flight.entry.record.subject}`);
    try {
      if (forward) {
        const followUps = await runFrom(flight, step, limits, progress);
        return { record: flight.entry.record, followUps };
      }
      await undoFrom(flight, step, flight.entry.record.reason || 'interrupted');
    } catch (error) {
      if (!forward) await log.markStuck(flight, messageOf(error));
      // A refused final step ends as undone; anything else stays for the next recovery. Neither stops other entries.
      const after = (await store.get('operation', id))?.value ?? flight.entry.record;
      return { record: after, followUps: [] };
    }
    return { record: flight.entry.record, followUps: [] };
  }
};
