import { expect, test } from 'vitest';
import { SplitTimers } from '../containers/split-timers.ts';
import { findRefusal, parseJson, refusalOfJob } from './answers.ts';
import { originOf } from './connection.ts';
import { redactText, redactValue } from './redaction.ts';
import { Limiter, growingDelays, pause } from './waiting.ts';

const never = new AbortController().signal;

test('a limiter lets in as many as it may, in order, and the next when one leaves', async () => {
  const limiter = new Limiter(2);
  const gates = [0, 1, 2, 3].map(() => Promise.withResolvers<void>());
  const started: number[] = [];
  const runs = gates.map((gate, index) =>
    limiter.run(async () => {
      started.push(index);
      await gate.promise;
      if (index === 1) throw new Error('one fails');
    }, never),
  );
  const ends = Promise.allSettled(runs);
  await Promise.resolve();
  expect(started).toEqual([0, 1]);
  gates[1]?.resolve();
  await expect.poll(() => started).toEqual([0, 1, 2]);
  gates[0]?.resolve();
  await expect.poll(() => started).toEqual([0, 1, 2, 3]);
  for (const gate of gates) gate.resolve();
  expect((await ends).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
});

test('who waits for a place can give up, and takes none', async () => {
  const limiter = new Limiter(1);
  const gate = Promise.withResolvers<void>();
  const first = limiter.run(() => gate.promise, never);
  const impatient = new AbortController();
  const second = limiter.run(async () => 'second', impatient.signal);
  const third = limiter.run(async () => 'third', never);
  impatient.abort(new Error('enough'));
  await expect(second).rejects.toThrow('enough');
  gate.resolve();
  await first;
  expect(await third).toBe('third');
});

test('a pause ends with the signal', async () => {
  await expect(pause(60_000, AbortSignal.timeout(5))).rejects.toThrow('timeout');
  await expect(pause(0, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
});

test('delays grow to their limit', () => {
  const delay = growingDelays(100, 300, () => 0.5);
  expect([delay(), delay(), delay(), delay()]).toEqual([100, 160, 256, 300]);
});

test.each([
  ['array', 'https://array'],
  ['array:8443', 'https://array:8443'],
  ['10.0.0.1', 'https://10.0.0.1'],
  ['fd00::1', 'https://[fd00::1]'],
  ['[fd00::1]:8443', 'https://[fd00::1]:8443'],
])('%s is reached at %s', (address, origin) => {
  expect(originOf(address)).toBe(origin);
});

test.each(['', 'a b', 'https://array', 'array/api', 'user@array', 'array?x'])('%j is no address', (address) => {
  expect(() => originOf(address)).toThrow('is not an address');
});

test('secrets are taken out by key and by value', () => {
  const body = {
    username: 'u',
    password: 'p',
    chap: { inbound: { user: 'x', password: 'q' } },
    list: [{ private_key: 'k' }],
    api_key: 'z',
    key_id: 1,
  };
  expect(redactValue(body)).toEqual({
    username: 'u',
    password: '<REDACTED>',
    chap: { inbound: { user: 'x', password: '<REDACTED>' } },
    list: [{ private_key: '<REDACTED>' }],
    api_key: '<REDACTED>',
    key_id: 1,
  });
  expect(redactText('a secret123 b secret123', ['secret123', ''])).toBe('a <REDACTED> b <REDACTED>');
});

test('refusals are found in bodies and jobs', () => {
  expect(findRefusal(409, { error: { code: 917526, message: 'm', target: 'name' } })).toEqual({
    status: 409,
    code: '917526',
    message: 'm',
    target: 'name',
  });
  expect(findRefusal(200, { records: [] })).toBeUndefined();
  const job = { uuid: 'u', state: 'failure' as const, description: '', start_time: '' };
  expect(
    refusalOfJob({ ...job, code: 460770, message: 'outer', error: { code: '917534', message: 'inner' } }),
  ).toMatchObject({ code: '917534', message: 'inner' });
  expect(refusalOfJob({ ...job, code: 460770, message: '' })).toMatchObject({
    code: '460770',
    message: 'the job failed without saying why',
  });
  expect(parseJson('')).toEqual({ body: {} });
  expect(parseJson('<html>')).toBeUndefined();
});

test('a clone is split when the delay is over, and the next an hour and the delay later', async () => {
  let now = 0;
  const timers = new SplitTimers({ cloneSplitDelaySeconds: 60 }, { now: () => new Date(now) });
  const split = async () => true;
  expect(await timers.busy('s', split)).toBe(false);
  now = 59_000;
  expect(await timers.busy('s', split)).toBe(false);
  now = 61_000;
  expect(await timers.busy('s', async () => false)).toBe(false);
  now = 122_000;
  expect(await timers.busy('s', split)).toBe(true);
  now += 3_600_000;
  expect(await timers.busy('s', split)).toBe(false);
  now += 60_000;
  expect(await timers.busy('s', split)).toBe(true);
  await timers.forget('s');
  expect(await timers.busy('s', split)).toBe(false);
});
