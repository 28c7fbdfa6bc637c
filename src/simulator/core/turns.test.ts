import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { newTurns } from './turns.ts';

test('each who asks gets a turn of the event loop, in order, and others get theirs in between', async () => {
  const turn = newTurns();
  const told: string[] = [];
  const work = async (name: string) => {
    await turn();
    told.push(name);
  };
  const all = Promise.all([work('a'), work('b'), work('c')]);
  for (const round of [1, 2, 3]) {
    await nextTurn();
    told.push(`other ${round}`);
  }
  await all;
  expect(told).toEqual(['a', 'other 1', 'b', 'other 2', 'c', 'other 3']);
  await work('d');
  expect(told.at(-1)).toBe('d');
});
