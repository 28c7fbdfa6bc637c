import { messageOf, Problem } from '../problem.ts';
import type { Flight, FlightLog, LogOptions } from './flight.ts';
import { JournalLost } from './flight.ts';
import type { OperationRecord } from './model.ts';
import { isRefusal } from './problems.ts';
import type { Step } from './saga.ts';

/** How long taking back may last; it has a signal of its own, since the caller's may be why it is needed. */
const undoDeadlineMs = 120_000;

/** A step that does something outside the store and cannot be taken back. */
export const isFinal = <State extends object>(step: Step<State>): boolean =>
  step.run !== undefined && step.undo === undefined;

/** What ends a run: the caller's wish, or locks that could not be kept. */
export interface Limits {
  readonly signal: AbortSignal;
  readonly lost: AbortSignal;
}

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

export interface BackOut {
  /** Undoes the steps up to `last`, that one included: it may have worked before its answer was lost. */
  undoFrom<State extends object>(flight: Flight<State>, last: number, why: string): Promise<void>;
  /**
   * After a failure at step `index`: takes back what can be taken back. Past a point of no return, or when it is not
   * known whether the final step worked, the entry stays for recovery to finish.
   * @throws Problem that says so; when everything was taken back it returns, unless the run was interrupted
   */
  backOut<State extends object>(flight: Flight<State>, index: number, error: unknown, limits: Limits): Promise<void>;
}

export const createBackOut = (log: FlightLog, { now, crashPoint }: LogOptions): BackOut => {
  const undoFrom = async <State extends object>(flight: Flight<State>, last: number, why: string): Promise<void> => {
    const signal = AbortSignal.timeout(undoDeadlineMs);
    const remarks: string[] = [];
    for (let index = Math.min(last, flight.saga.steps.length - 1); index >= 0; index--) {
      const step = flight.saga.steps[index];
      if (step?.undo === undefined) continue;
      const point = `${flight.saga.kind}:${index + 1}`;
      await crashPoint(`${point}:before-undo`);
      const remark = await step.undo(flight.state, signal);
      await crashPoint(`${point}:after-undo`);
      if (remark !== undefined) remarks.push(remark);
    }
    await log.write(flight, `${flight.saga.kind}:undone`, async () => ({
      patch: { outcome: 'undone', ended: now().toISOString(), state: {}, reason: [why, ...remarks].join('; ') },
      changes: [],
    }));
  };

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
      if (!signal.aborted) await log.markStuck(flight, reason);
      throw unfinished(flight.entry.record, error, signal);
    }
    const nothingDone = Problem.is(error) && error.nothingDone;
    try {
      await undoFrom(flight, nothingDone ? index - 1 : index, signal.aborted ? 'interrupted' : reason);
    } catch (undoError) {
      await log.markStuck(flight, `${reason}; taking it back failed: ${messageOf(undoError)}`);
      throw unfinished(flight.entry.record, error, signal, undoError);
    }
    if (signal.aborted)
      throw new Problem('operation.interrupted', 'interrupted', `${flight.entry.record.subject}: interrupted`, {
        cause: error,
        hint: 'what had been begun was taken back; nothing is left of it',
      });
  };

  return { undoFrom, backOut };
};
