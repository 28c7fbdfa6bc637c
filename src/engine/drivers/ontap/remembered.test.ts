import { expect, test } from 'vitest';
import { Remembered } from './remembered.ts';

const { signal } = new AbortController();

test('many who need a thing share one look, and a failed look counts for nothing', async () => {
  let time = 0;
  let looks = 0;
  const thing = new Remembered<number>(() => new Date(time));
  const get = () => thing.get(async () => ++looks, signal);
  await expect(thing.get(() => Promise.reject(new Error('away')), signal)).rejects.toThrow('away');
  expect(await Promise.all([get(), get(), get()])).toEqual([1, 1, 1]);
  time = 599_999;
  expect(await get()).toBe(1);
  time = 600_000;
  expect([thing.last, await get()]).toEqual([1, 2]);
  thing.learn(7, time);
  expect(await get()).toBe(7);
  thing.forget();
  expect(await get()).toBe(3);
  // The clock is set back.
  time = -3_600_000;
  expect(await get()).toBe(4);
});
