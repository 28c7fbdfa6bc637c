import { expect, test } from 'vitest';
import type { ProblemDetails, ProblemKind } from '../../../problem.ts';
import { Problem } from '../../../problem.ts';
import { unlessRefused } from './volume-growth.ts';

const grow = (kind: ProblemKind, details: ProblemDetails) =>
  unlessRefused(() => Promise.reject(new Problem('test', kind, 'no', details)));

test('a refusal leaves what was to grow as it is', async () => {
  const array = { status: 500, code: '917927', message: 'no room' };
  expect(await grow('limit', { nothingDone: true })).toBeUndefined();
  expect(await grow('unavailable', { array })).toBeUndefined();
  expect(await unlessRefused(() => Promise.resolve(7))).toBe(7);
});

test('an array that is not reached has refused nothing', async () => {
  await expect(grow('unavailable', { nothingDone: true })).rejects.toThrow('no');
  await expect(grow('unavailable', {})).rejects.toThrow('no');
});
