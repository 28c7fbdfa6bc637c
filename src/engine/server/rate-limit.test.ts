import { expect, it } from 'vitest';
import { createRateLimiter } from './rate-limit.ts';

it('lets a burst through, then refuses until a token is back', () => {
  let now = 0;
  const limiter = createRateLimiter(() => now);
  const waits = Array.from({ length: 101 }, () => limiter.take('addOrUpdateNode'));
  expect(waits.slice(0, 100).every((wait) => wait === 0)).toBe(true);
  expect(waits[100]).toBe(1);
  now += 20;
  expect(limiter.take('addOrUpdateNode')).toBe(0);
  expect(limiter.take('addOrUpdateNode')).toBe(1);
});

it('limits no other route', () => {
  const limiter = createRateLimiter(() => 0);
  expect(Array.from({ length: 20_000 }, () => limiter.take('getVolume')).every((wait) => wait === 0)).toBe(true);
});
