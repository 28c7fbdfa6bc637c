import type { JsonObject } from '../json.ts';
import type { Change } from '../store/store.ts';

/**
 * A mutating operation is a list of steps. Rollback, recovery after a crash, dry run and progress all read that list.
 * How one runs: `runner.ts`; what happened: the journal (operation records).
 *
 * A state is plain JSON and holds everything that another process needs to finish or to undo the operation: names,
 * plans, the driver's handles. It never holds a backend's secrets.
 */
export interface Step<State extends object> {
  readonly name: string;
  /** For dry run and progress: what it will do, in words an operator knows. */
  describe(state: State): string;
  /**
   * Does the work outside the store. May run again after a crash, so it asks first what is already done. Returns what
   * later steps need. Absent: the step only writes records.
   */
  run?(state: State, context: StepContext<State>): Promise<Partial<State>>;
  /**
   * The record changes of this step, committed together with the journal's advance: both or neither. Asked again with
   * fresh revisions when another process changed a record in between, so it reads what it changes.
   */
  records?(state: State): Promise<readonly Change[]>;
  /**
   * Takes the step back; may run again, and also when the step never ran. Returns a remark for the journal when
   * something was left as it was. A step with `run` and without `undo` is a point of no return: once it may have
   * begun, recovery goes forward.
   */
  undo?(state: State, signal: AbortSignal): Promise<string | undefined>;
}

export interface StepContext<State extends object> {
  readonly signal: AbortSignal;
  /** Makes a part of the state durable in the middle of a step, before the next thing outside is touched. */
  checkpoint(patch: Partial<State>): Promise<void>;
  /** Tells the user something worth knowing. */
  readonly note: (text: string) => void;
}

export interface Locks {
  readonly exclusive: readonly string[];
  readonly shared: readonly string[];
}

/** An operation that another one leaves to be done: journalled in the same commit as its end, run after it. */
export interface FollowUp {
  readonly kind: string;
  readonly state: JsonObject;
}

export interface Saga<State extends object> {
  /** `volume.create`; names the journal entry, so that recovery finds the steps again. */
  readonly kind: string;
  /** What it is about, for people and the journal: `volume v1`. */
  subject(state: State): string;
  readonly steps: readonly Step<State>[];
  /** Locks held for the whole saga; all are taken at once, in one order. */
  locks(state: State): Locks;
  /** What of a state is journalled, where that is less than all of it: `decode` fills the rest in. */
  encode?(state: State): object;
  /** Reads a journalled state. @throws Problem `journal.unreadable` */
  decode(state: JsonObject): State;
  /** What has to be done next, decided when the last step is committed. */
  followUps?(state: State): Promise<readonly FollowUp[]>;
}
