import type { JsonObject } from '../json.ts';
import { messageOf, Problem } from '../problem.ts';
import type { Change, Store } from '../store/store.ts';
import type { Journal, OpenEntry } from './journal.ts';
import { toJsonObject } from './json-state.ts';
import type { OperationRecord } from './model.ts';
import type { FollowUp, Saga, Step } from './saga.ts';

/** How often changes are made anew when somebody else changed one of the records in between. */
const commitAttempts = 10;

/**
 * The store took a write and then could not say whether it is kept. Nothing may be taken back on the array then, since
 * the records may already count on it; the entry stays open for recovery.
 */
export class JournalLost extends Error {}

/** One run of one saga: where it stands. */
export interface Flight<State extends object> {
  readonly saga: Saga<State>;
  state: State;
  entry: OpenEntry;
}

/** A state as it is journalled. */
export const journalled = <State extends object>(saga: Saga<State>, state: State): JsonObject =>
  toJsonObject(saga.encode?.(state) ?? state);

export interface LogOptions {
  readonly store: Store;
  readonly journal: Journal;
  readonly now: () => Date;
  /** Called before and after whatever a crash could separate; tests end the process there. */
  readonly crashPoint: (name: string) => void | Promise<void>;
}

/** Keeps the journal of runs: each write makes the record changes of its step too, both or neither. */
export interface FlightLog {
  /** Enters a run; leading steps that only write records are written with the entry itself. */
  begin<State extends object>(saga: Saga<State>, state: State, entered: (id: string) => void): Promise<Flight<State>>;
  /**
   * Writes the entry and record changes in one commit. When a record was changed by someone else in between, the changes
   * are asked for again; a change of the entry itself means that another process took over.
   * @throws Problem `store.changed`, `store.exists`; JournalLost
   */
  write<State extends object>(flight: Flight<State>, point: string, make: () => Promise<Entry>): Promise<void>;
  /** Commits the end of a step; with the last one, the end of the operation and what it leaves to be done. */
  advance<State extends object>(flight: Flight<State>, step: number): Promise<readonly OperationRecord[]>;
  /** Leaves the entry for recovery, with the reason; failing to leaves it open, which comes to the same. */
  markStuck<State extends object>(flight: Flight<State>, reason: string): Promise<void>;
}

interface Entry {
  readonly patch: Partial<OperationRecord>;
  readonly changes: readonly Change[];
}

export const createFlightLog = ({ store, journal, now, crashPoint }: LogOptions): FlightLog => {
  const write = async <State extends object>(
    flight: Flight<State>,
    point: string,
    make: () => Promise<Entry>,
  ): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      const { patch: fields, changes } = await make();
      await crashPoint(`${point}:before-commit`);
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
    await crashPoint(`${point}:after-commit`);
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

  const advance = async <State extends object>(
    flight: Flight<State>,
    step: number,
  ): Promise<readonly OperationRecord[]> => {
    const { saga } = flight;
    const current = saga.steps[step];
    const last = step === saga.steps.length - 1;
    let followUps: readonly OperationRecord[] = [];
    await write(flight, `${saga.kind}:${step + 1}`, async () => {
      const changes = await changesOf(current === undefined ? [] : [current], flight.state);
      if (!last) return { patch: { step: step + 1, state: journalled(saga, flight.state) }, changes };
      followUps = await draftFollowUps(saga, flight.state);
      return {
        patch: { step: step + 1, state: {}, outcome: 'done', ended: now().toISOString(), reason: '' },
        changes: [...changes, ...followUps.map((put) => ({ kind: 'operation', put, revision: 'new' }) as const)],
      };
    });
    return followUps;
  };

  const markStuck = async <State extends object>(flight: Flight<State>, reason: string): Promise<void> => {
    try {
      await write(flight, `${flight.saga.kind}:stuck`, async () => ({
        patch: { outcome: 'stuck', reason },
        changes: [],
      }));
    } catch {
      // The store is gone or the entry is another's: it stays open, and whoever recovers next finds it.
    }
  };

  const begin = async <State extends object>(
    saga: Saga<State>,
    state: State,
    entered: (id: string) => void,
  ): Promise<Flight<State>> => {
    const merged = saga.steps.findIndex((step) => step.run !== undefined);
    const leading = saga.steps.slice(0, Math.max(merged, 0));
    const record = {
      ...journal.draft(saga.kind, saga.subject(state), journalled(saga, state)),
      step: leading.length,
    };
    entered(record.id);
    for (let attempt = 1; ; attempt++) {
      const changes = await changesOf(leading, state);
      await crashPoint(`${saga.kind}:0:before-commit`);
      try {
        const entry = await journal.begin(record, changes);
        await crashPoint(`${saga.kind}:0:after-commit`);
        return { saga, state, entry };
      } catch (error) {
        const retry = Problem.is(error) && error.code === 'store.changed' && attempt < commitAttempts;
        if (!retry) throw error;
      }
    }
  };

  return { begin, write, advance, markStuck };
};
