import { messageOf, Problem } from '../problem.ts';
import type { Change, Store } from '../store/store.ts';
import { DryRun } from './dry-run.ts';
import type { Journal, OpenEntry } from './journal.ts';
import { toJsonObject } from './json-state.ts';
import type { OperationRecord } from './model.ts';
import type { CallOptions } from './orchestrator.ts';
import { isRefusal } from './problems.ts';
import type { FollowUp, Locks, Saga, Step } from './saga.ts';

/** How long a use case waits for others that hold its locks. */
const lockWaitMs = 60_000;
/** How long taking back may last; it has a signal of its own, since the caller's may be why it is needed. */
const undoDeadlineMs = 120_000;
/** How often changes are made anew when somebody else changed one of the records in between. */
const commitAttempts = 10;

export interface RunnerOptions {
  readonly store: Store;
  readonly journal: Journal;
  readonly now: () => Date;
  /** Called before and after whatever a crash could separate; tests end the process there. */
  readonly crashPoint: (name: string) => void | Promise<void>;
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

/** A step that does something outside the store and cannot be taken back. */
const isFinal = <State extends object>(step: Step<State>): boolean => step.run !== undefined && step.undo === undefined;

/**
 * The store took a write and then could not say whether it is kept. Nothing may be taken back on the array then, since
 * the records may already count on it; the entry stays open for recovery.
 */
class JournalLost extends Error {}

/** What ends a run: the caller's wish, or locks that could not be kept. */
interface Limits {
  readonly signal: AbortSignal;
  readonly lost: AbortSignal;
}

/** One run of one saga: where it stands. */
interface Flight<State extends object> {
  readonly saga: Saga<State>;
  state: State;
  entry: OpenEntry;
}

export const createRunner = (deps: RunnerOptions): Runner => {
  const { store, journal } = deps;
  const running = new Set<string>();

  const endStamp = (): string => deps.now().toISOString();

  /**
   * Writes the entry and the records of steps in one commit. When a record was changed by someone else in between, the
   * records are asked for again; a change of the entry itself means that another process took over.
   */
  const commit = async <State extends object>(
    flight: Flight<State>,
    point: string,
    patch: () => Promise<{ patch: Partial<OperationRecord>; changes: readonly Change[] }>,
  ): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      const { patch: fields, changes } = await patch();
      await deps.crashPoint(`${point}:before-commit`);
      try {
        flight.entry = await journal.write(flight.entry, fields, changes);
        break;
      } catch (error) {
        const known = Problem.is(error) && (error.code === 'store.changed' || error.code === 'store.exists');
        if (known && error.code === 'store.changed' && attempt < commitAttempts && (await isStillOurs(flight.entry)))
          continue;
        // The answer of the store may have been lost after the commit: the entry tells.
        if (!known && (await wasWritten(flight.entry, fields, error))) {
          flight.entry = { record: { ...flight.entry.record, ...fields }, revision: flight.entry.revision + 1 };
          break;
        }
        throw error;
      }
    }
    await deps.crashPoint(`${point}:after-commit`);
  };

  const isStillOurs = async (entry: OpenEntry): Promise<boolean> =>
    (await store.get('operation', entry.record.id))?.revision === entry.revision;

  const wasWritten = async (entry: OpenEntry, patch: Partial<OperationRecord>, cause: unknown): Promise<boolean> => {
    const found = await store.get('operation', entry.record.id).catch(() => {
      throw new JournalLost(messageOf(cause), { cause });
    });
    return (
      found?.revision === entry.revision + 1 &&
      found.value.owner === store.owner &&
      found.value.step === (patch.step ?? entry.record.step)
    );
  };

  const changesOf = async <State extends object>(
    steps: readonly Step<State>[],
    state: State,
  ): Promise<readonly Change[]> => (await Promise.all(steps.map((step) => step.records?.(state) ?? []))).flat();

  /** Journal entries for what is left to be done, to be written with the last commit. */
  const draftFollowUps = async <State extends object>(
    saga: Saga<State>,
    state: State,
  ): Promise<readonly OperationRecord[]> =>
    ((await saga.followUps?.(state)) ?? []).map(({ kind, state: next }: FollowUp) => {
      const subject = typeof next['subject'] === 'string' ? next['subject'] : kind;
      return journal.draft(kind, subject, next);
    });

  /** Commits the end of a step; with the last one, the end of the operation. */
  const advance = async <State extends object>(
    flight: Flight<State>,
    step: number,
  ): Promise<readonly OperationRecord[]> => {
    const { saga } = flight;
    const current = saga.steps[step];
    const last = step === saga.steps.length - 1;
    let followUps: readonly OperationRecord[] = [];
    await commit(flight, `${saga.kind}:${step + 1}`, async () => {
      const changes = await changesOf(current === undefined ? [] : [current], flight.state);
      if (!last) return { patch: { step: step + 1, state: toJsonObject(flight.state) }, changes };
      followUps = await draftFollowUps(saga, flight.state);
      return {
        patch: { step: step + 1, state: {}, outcome: 'done', ended: endStamp() },
        changes: [...changes, ...followUps.map((put) => ({ kind: 'operation', put, revision: 'new' }) as const)],
      };
    });
    return followUps;
  };

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
          await commit(flight, `${point}:checkpoint`, async () => ({
            patch: { state: toJsonObject(flight.state) },
            changes: [],
          }));
        },
      });
      await deps.crashPoint(`${point}:after-run`);
      flight.state = { ...flight.state, ...patch };
    }
    return advance(flight, index);
  };

  const runFrom = async <State extends object>(
    flight: Flight<State>,
    from: number,
    limits: Limits,
    progress: (text: string) => void,
  ): Promise<readonly OperationRecord[]> => {
    const signal = AbortSignal.any([limits.signal, limits.lost]);
    let followUps: readonly OperationRecord[] = [];
    for (let index = from; index < flight.saga.steps.length; index++) {
      try {
        followUps = await runStep(flight, index, signal, progress);
      } catch (error) {
        await backOut(flight, index, error, limits);
        throw error;
      }
    }
    return followUps;
  };

  /** Undoes the steps up to `last`, that one included: it may have worked before its answer was lost. */
  const undoFrom = async <State extends object>(flight: Flight<State>, last: number, why: string): Promise<void> => {
    const signal = AbortSignal.timeout(undoDeadlineMs);
    const remarks: string[] = [];
    for (let index = Math.min(last, flight.saga.steps.length - 1); index >= 0; index--) {
      const step = flight.saga.steps[index];
      if (step?.undo === undefined) continue;
      const point = `${flight.saga.kind}:${index + 1}`;
      await deps.crashPoint(`${point}:before-undo`);
      const remark = await step.undo(flight.state, signal);
      await deps.crashPoint(`${point}:after-undo`);
      if (remark !== undefined) remarks.push(remark);
    }
    await commit(flight, `${flight.saga.kind}:undone`, async () => ({
      patch: { outcome: 'undone', ended: endStamp(), state: {}, reason: [why, ...remarks].join('; ') },
      changes: [],
    }));
  };

  const markStuck = async <State extends object>(flight: Flight<State>, reason: string): Promise<void> => {
    try {
      await commit(flight, `${flight.saga.kind}:stuck`, async () => ({
        patch: { outcome: 'stuck', reason },
        changes: [],
      }));
    } catch {
      // The store is gone or the entry is another's: it stays open, and whoever recovers next finds it.
    }
  };

  /**
   * After a failure at step `index`: takes back what can be taken back. Past a point of no return, or when it is not
   * known whether the final step worked, the entry stays for recovery to finish.
   */
  const backOut = async <State extends object>(
    flight: Flight<State>,
    index: number,
    error: unknown,
    { signal, lost }: Limits,
  ): Promise<void> => {
    const { saga } = flight;
    if (error instanceof JournalLost || lost.aborted) throw abandoned(flight.entry.record, error);
    const failed = saga.steps[index];
    const reason = messageOf(error);
    const isRefused = isRefusal(error);
    const pastReturn = saga.steps.slice(0, index).some(isFinal);
    const unknownEnd = failed !== undefined && isFinal(failed) && !isRefused;
    if (pastReturn || unknownEnd) {
      // An interruption is nobody's fault: the entry stays open, and the next process finishes it.
      if (!signal.aborted) await markStuck(flight, reason);
      throw unfinished(flight.entry.record, error, signal);
    }
    const nothingDone = Problem.is(error) && error.nothingDone;
    try {
      await undoFrom(flight, nothingDone ? index - 1 : index, signal.aborted ? 'interrupted' : reason);
    } catch (undoError) {
      await markStuck(flight, `${reason}; taking it back failed: ${messageOf(undoError)}`);
      throw unfinished(flight.entry.record, error, signal, undoError);
    }
    if (signal.aborted)
      throw new Problem('operation.interrupted', 'interrupted', `${flight.entry.record.subject}: interrupted`, {
        cause: error,
        hint: 'what had been begun was taken back; nothing is left of it',
      });
  };

  /** Neither finished nor undone by us: the entry stays open, and whoever recovers it asks the array first. */
  const abandoned = (record: OperationRecord, error: unknown): Problem =>
    new Problem('operation.abandoned', 'unavailable', `${record.subject}: ${messageOf(error)}`, {
      cause: error,
      hint: `the state store did not answer in time; operation ${record.id} will be finished or taken back when it is used again`,
    });

  const unfinished = (record: OperationRecord, error: unknown, signal: AbortSignal, undoError?: unknown): Problem => {
    const state =
      undoError === undefined
        ? 'it cannot be taken back any more and will be finished'
        : `taking it back failed (${messageOf(undoError)}) and will be tried again`;
    const hint = `${state} by the next command on the same object, or by recovery; the journal has it as operation ${record.id}`;
    if (signal.aborted)
      return new Problem('operation.interrupted', 'interrupted', `${record.subject}: interrupted`, {
        cause: error,
        hint,
      });
    const kind = Problem.is(error) ? error.kind : 'bug';
    return new Problem('operation.unfinished', kind, messageOf(error), {
      cause: error,
      hint: Problem.is(error) && error.hint !== undefined ? `${error.hint}; ${hint}` : hint,
      ...(Problem.is(error) && error.array !== undefined ? { array: error.array } : {}),
    });
  };

  /** Leading steps that only write records are written with the entry itself. */
  const begin = async <State extends object>(saga: Saga<State>, state: State): Promise<Flight<State>> => {
    const merged = saga.steps.findIndex((step) => step.run !== undefined);
    const leading = saga.steps.slice(0, Math.max(merged, 0));
    const record = {
      ...journal.draft(saga.kind, saga.subject(state), toJsonObject(state)),
      step: leading.length,
    };
    running.add(record.id);
    try {
      for (let attempt = 1; ; attempt++) {
        const changes = await changesOf(leading, state);
        await deps.crashPoint(`${saga.kind}:0:before-commit`);
        try {
          const entry = await journal.begin(record, changes);
          await deps.crashPoint(`${saga.kind}:0:after-commit`);
          return { saga, state, entry };
        } catch (error) {
          const retry = Problem.is(error) && error.code === 'store.changed' && attempt < commitAttempts;
          if (!retry) throw error;
        }
      }
    } catch (error) {
      running.delete(record.id);
      throw error;
    }
  };

  const withLocks = async <T>(
    locks: Locks,
    options: CallOptions,
    action: (limits: Limits) => Promise<T>,
  ): Promise<T> => {
    await using lease = await store.lease({ ...locks, waitMs: lockWaitMs }, options.signal);
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
        const flight = await begin(saga, await check(limits.signal));
        try {
          const followUps = await runFrom(flight, flight.entry.record.step, limits, progress);
          return { state: flight.state, followUps };
        } finally {
          running.delete(flight.entry.record.id);
        }
      });
      await finish(ended.followUps, options);
      return ended.state;
    },

    async locked(locks, action, options) {
      options.signal.throwIfAborted();
      if (options.dryRun === true) return action(options.signal);
      await deps.beforeRun(locks, options);
      const result = await withLocks(locks, options, ({ signal, lost }) => action(AbortSignal.any([signal, lost])));
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
      await commit(flight, `${saga.kind}:claim`, async () => ({
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
      if (!forward) await markStuck(flight, messageOf(error));
      // A refused final step ends as undone; anything else stays for the next recovery. Neither stops other entries.
      const after = (await store.get('operation', id))?.value ?? flight.entry.record;
      return { record: after, followUps: [] };
    }
    return { record: flight.entry.record, followUps: [] };
  }
};
