import { messageOf, Problem } from '../problem.ts';
import type { Store } from '../store/store.ts';
import { isSurrounding } from './core.ts';
import type { OperationRecord } from './model.ts';
import type { CallOptions } from './orchestrator.ts';
import type { Runner } from './runner.ts';
import type { Locks, Saga } from './saga.ts';

/** How long recovery before a command may take for all entries together; what is left waits for the next time. */
const recoveryDeadlineMs = 300_000;

/** Finds the saga of a journal entry and settles the entry with the right type; undefined when no saga has the kind. */
export type SagaTable = ReadonlyMap<
  string,
  {
    readonly settle: (runner: Runner, id: string, options: CallOptions) => Promise<OperationRecord | undefined>;
    readonly locks: (record: OperationRecord) => Locks;
  }
>;

/** A row of the table. */
export const sagaEntry = <State extends object>(saga: Saga<State>) =>
  [
    saga.kind,
    {
      settle: (runner: Runner, id: string, options: CallOptions) => runner.settle(saga, id, options),
      locks: (record: OperationRecord) => saga.locks(saga.decode(record.state)),
    },
  ] as const;

export interface Recovery {
  /** Settles everything that gone processes left, each entry on its own; never fails for one of them. */
  recoverAll(runner: Runner, options: CallOptions): Promise<readonly OperationRecord[]>;
  /**
   * Before a mutating use case: once per process what is open, and each time what is unsettled on the same objects.
   * Backends and nodes may be changed all the same: new credentials may be just what an unsettled operation needs.
   * @throws Problem `operation.preexisting` when something on these objects cannot be settled
   */
  beforeRun(runner: Runner, locks: Locks, options: CallOptions): Promise<void>;
  /** Runs the entries that an operation left to be done; their failures stay in the journal. */
  runFollowUps(runner: Runner, entries: readonly OperationRecord[], options: CallOptions): Promise<void>;
}

/** True when two operations could not run at the same time. */
const collide = (a: Locks, b: Locks): boolean => {
  const all = new Set([...b.exclusive, ...b.shared]);
  return a.exclusive.some((name) => all.has(name)) || a.shared.some((name) => b.exclusive.includes(name));
};

const noLocks: Locks = { exclusive: [], shared: [] };

const withoutSurroundings = ({ exclusive, shared }: Locks): Locks => ({
  exclusive,
  shared: shared.filter((name) => !isSurrounding(name)),
});

const isEnded = (record: OperationRecord | undefined): boolean =>
  record === undefined || record.outcome === 'done' || record.outcome === 'undone';

export const createRecovery = (store: Store, sagas: SagaTable): Recovery => {
  let firstPass: Promise<void> | undefined;

  /** Entries that are stuck, or open and no living process works on them; those of gone processes come first. */
  const unsettled = async (runner: Runner): Promise<readonly OperationRecord[]> => {
    const where = { index: 'outcome', value: 'unsettled' };
    const isOurs = (id: string) => runner.running.has(id);
    // Mostly there are no others; then none is read.
    if ((await store.ids('operation', where)).every(isOurs)) return [];
    const orphaned: OperationRecord[] = [];
    const stuck: OperationRecord[] = [];
    const alive = new Map<string, boolean>();
    for (const { value } of await store.list('operation', where)) {
      if (isOurs(value.id)) continue;
      if (value.outcome === 'stuck') stuck.push(value);
      if (value.outcome !== 'open') continue;
      const lives = value.owner !== store.owner && (alive.get(value.owner) ?? (await store.isAlive(value.owner)));
      alive.set(value.owner, lives);
      if (!lives) orphaned.push(value);
    }
    return [...orphaned, ...stuck];
  };

  /** Settles one entry; whatever goes wrong is written to the entry and not thrown. */
  const settle = async (
    runner: Runner,
    record: OperationRecord,
    options: CallOptions,
  ): Promise<OperationRecord | undefined> => {
    const saga = sagas.get(record.kind);
    try {
      if (saga === undefined)
        throw new Problem('operation.unknown', 'unsupported', `this version knows no operation ${record.kind}`);
      return await saga.settle(runner, record.id, options);
    } catch (error) {
      const current = await store.get('operation', record.id);
      if (current === undefined) return undefined;
      if (options.signal.aborted || isEnded(current.value)) return current.value;
      const put: OperationRecord = { ...current.value, outcome: 'stuck', reason: messageOf(error) };
      try {
        await store.commit([{ kind: 'operation', put, revision: current.revision }]);
      } catch {
        return current.value; // somebody else has it now
      }
      return put;
    }
  };

  const settleAll = async (
    runner: Runner,
    records: readonly OperationRecord[],
    options: CallOptions,
  ): Promise<readonly OperationRecord[]> => {
    const settled: OperationRecord[] = [];
    for (const record of records) {
      if (options.signal.aborted) break;
      const after = await settle(runner, record, options);
      if (after !== undefined) settled.push(after);
    }
    return settled;
  };

  const plain = (options: CallOptions, signal: AbortSignal): CallOptions => ({
    signal,
    ...(options.progress === undefined ? {} : { progress: options.progress }),
  });

  const recoverFirst = async (runner: Runner, options: CallOptions): Promise<void> => {
    const left = (await unsettled(runner)).filter(({ outcome }) => outcome === 'open');
    if (left.length === 0) return;
    const signal = AbortSignal.any([options.signal, AbortSignal.timeout(recoveryDeadlineMs)]);
    await settleAll(runner, left, plain(options, signal));
  };

  /** None of an entry that cannot be read: it does not keep everything else from working. */
  const locksOf = (record: OperationRecord): Locks => {
    try {
      return sagas.get(record.kind)?.locks(record) ?? noLocks;
    } catch {
      return noLocks;
    }
  };

  return {
    async recoverAll(runner, options) {
      return settleAll(runner, await unsettled(runner), plain(options, options.signal));
    },

    async beforeRun(runner, locks, options) {
      firstPass ??= recoverFirst(runner, options).catch((error: unknown) => {
        firstPass = undefined;
        throw error;
      });
      await firstPass;
      for (const record of await unsettled(runner)) {
        const own = locksOf(record);
        if (!collide(own, locks)) continue;
        const after = await settle(runner, record, plain(options, options.signal));
        options.signal.throwIfAborted();
        if (isEnded(after) || !collide(withoutSurroundings(own), locks)) continue;
        throw new Problem(
          'operation.preexisting',
          'conflict',
          `unable to process the preexisting transaction for ${record.subject}:  ${after?.reason ?? ''}`,
          {
            hint: `operation ${record.id} (${record.kind}) was interrupted and can be neither finished nor taken back yet`,
            nothingDone: true,
          },
        );
      }
    },

    async runFollowUps(runner, entries, options) {
      await settleAll(runner, entries, plain(options, options.signal));
    },
  };
};
