import type { JsonObject } from '../json.ts';

/**
 * A mutating operation is a list of steps. Rollback, recovery after a crash, dry run and progress all read that list.
 * How one runs: `runner.ts`; what happened: the journal (operation records).
 */
export interface Step<State extends JsonObject> {
  readonly name: string;
  /** For dry run and progress: what it will do, in words an operator knows. */
  describe(state: State): string;
  /** May run again after a crash, so it asks first what is already done. Returns what later steps need. */
  run(state: State, signal: AbortSignal): Promise<Partial<State>>;
  /** Takes the step back. A step without one is a point of no return: after it, recovery goes forward. */
  undo?(state: State, signal: AbortSignal): Promise<void>;
}

export interface Saga<State extends JsonObject> {
  /** `volume.create`; names the journal entry, so that recovery finds the steps again. */
  readonly kind: string;
  /** What it is about, for people and the journal: `volume v1`. */
  subject(state: State): string;
  readonly steps: readonly Step<State>[];
  /** Locks held for the whole saga; taken in a fixed order. */
  locks(state: State): { readonly exclusive: readonly string[]; readonly shared: readonly string[] };
}
