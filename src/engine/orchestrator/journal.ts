import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../json.ts';
import { Problem } from '../problem.ts';
import type { Change, Store } from '../store/store.ts';
import type { OperationRecord } from './model.ts';

/** Ended entries that are kept for `get operation`. */
const keptEntries = 500;
/** How many more than that may gather before the oldest are removed, so that removal costs little per operation. */
const pruneAbove = keptEntries + 50;
/** How many entries this process writes between two looks; a process of one operation looks once. */
const pruneEvery = 50;

/** An entry being worked on by this process, with the revision its record has now. */
export interface OpenEntry {
  readonly record: OperationRecord;
  readonly revision: number;
}

export interface Journal {
  /** An entry that is not written yet; `kind` names a saga. */
  draft(kind: string, subject: string, state: JsonObject): OperationRecord;
  /** Writes a new entry and the changes in one commit; durable when it resolves. */
  begin(record: OperationRecord, changes: readonly Change[]): Promise<OpenEntry>;
  /** Rewrites an entry and makes the changes in one commit. @throws Problem `store.changed` when another process took it over */
  write(entry: OpenEntry, patch: Partial<OperationRecord>, changes: readonly Change[]): Promise<OpenEntry>;
  /** Makes the changes and enters them as an operation that is done: one commit, nothing to recover. */
  note(kind: string, subject: string, changes: readonly Change[]): Promise<void>;
  /**
   * To be called when an operation has ended: removes now and then the oldest ended entries beyond those that are kept.
   * Failing to is no one's problem.
   */
  prune(): Promise<void>;
}

/** Sorts by time: milliseconds in base 36, a number that grows within this process, then something random. */
const newOperationId = (now: Date, sequence: number): string => {
  const time = now.getTime().toString(36).padStart(9, '0');
  const order = (sequence % 36 ** 4).toString(36).padStart(4, '0');
  return `${time}-${order}${randomUUID().slice(0, 8)}`;
};

export const openJournal = (store: Store, now: () => Date): Journal => {
  let sequence = 0;
  let newEntries = pruneEvery;
  let isPruning = false;
  const draft = (kind: string, subject: string, state: JsonObject): OperationRecord => {
    const begun = now();
    return {
      id: newOperationId(begun, sequence++),
      kind,
      subject,
      step: 0,
      state,
      outcome: 'open',
      begun: begun.toISOString(),
      ended: '',
      owner: store.owner,
      reason: '',
    };
  };
  const begin = async (record: OperationRecord, changes: readonly Change[]): Promise<OpenEntry> => {
    await store.commit([{ kind: 'operation', put: record, revision: 'new' }, ...changes]);
    newEntries++;
    return { record, revision: 1 };
  };
  const removeOldest = async (ended: readonly string[]): Promise<void> => {
    if (ended.length <= pruneAbove) return;
    // Ids sort by time.
    await store.commit(ended.slice(0, -keptEntries).map((id) => ({ kind: 'operation', remove: id })));
  };
  const removeEnded = async (): Promise<void> => {
    const all = await store.ids('operation');
    // In this order: what is undone in between is among those that are not done all the same.
    const unsettled = await store.ids('operation', { index: 'outcome', value: 'unsettled' });
    const undone = await store.ids('operation', { index: 'outcome', value: 'undone' });
    const others = new Set([...unsettled, ...undone]);
    await removeOldest(all.filter((id) => !others.has(id)));
    await removeOldest(undone);
  };
  return {
    draft,
    begin,
    async write(entry, patch, changes) {
      const record = { ...entry.record, ...patch };
      await store.commit([{ kind: 'operation', put: record, revision: entry.revision }, ...changes]);
      return { record, revision: entry.revision + 1 };
    },
    async note(kind, subject, changes) {
      const record = draft(kind, subject, {});
      await begin({ ...record, step: 1, outcome: 'done', ended: record.begun }, changes);
    },
    async prune() {
      if (newEntries < pruneEvery || isPruning) return;
      newEntries = 0;
      isPruning = true;
      try {
        await removeEnded();
      } catch (error) {
        if (!Problem.is(error)) throw error;
      } finally {
        isPruning = false;
      }
    },
  };
};
