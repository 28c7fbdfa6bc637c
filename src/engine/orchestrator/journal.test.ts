import { expect, it } from 'vitest';
import { operationRecord } from '../../../test/support/records.ts';
import { storeWith } from '../../../test/support/store-with.ts';
import { openMemoryStore } from '../store/memory.ts';
import type { Store } from '../store/store.ts';
import { openJournal } from './journal.ts';
import type { OperationRecord } from './model.ts';

const idOf = (index: number): string => `o${String(index).padStart(4, '0')}`;
const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from }, (_, index) => from + index);

const enter = (store: Store, indexes: readonly number[], outcome: OperationRecord['outcome']): Promise<void> =>
  store.commit(
    indexes.map((index) => ({ kind: 'operation', put: operationRecord(idOf(index), { outcome }), revision: 'any' })),
  );

it('removes the oldest of what is done and of what was undone, and nothing that is not settled', async () => {
  await using store = openMemoryStore();
  await enter(store, range(0, 5), 'open');
  await enter(store, range(5, 10), 'stuck');
  await enter(store, range(10, 610), 'done');
  await enter(store, range(610, 1210), 'undone');
  await openJournal(store, () => new Date()).prune();
  const left = [...range(0, 10), ...range(110, 610), ...range(710, 1210)];
  expect(await store.ids('operation')).toEqual(left.map(idOf));
});

it('does not take for done what is undone while it looks', async () => {
  await using store = openMemoryStore();
  await enter(store, [0], 'open');
  await enter(store, range(1, 600), 'done');
  const others = storeWith(store, {
    async ids(kind, where) {
      const found = await store.ids(kind, where);
      // By another process, after the first of the looks by outcome.
      if (where !== undefined) await enter(store, [0], 'undone');
      return found;
    },
  });
  await openJournal(others, () => new Date()).prune();
  expect(await store.ids('operation')).toEqual([0, ...range(100, 600)].map(idOf));
});
