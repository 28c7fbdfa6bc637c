import { once } from 'node:events';
import { expect, it } from 'vitest';
import { sleep } from './sleep.ts';

const never = new AbortController().signal;

it('is never too short', async () => {
  for (const milliseconds of [0, 0.5, 1, 3.7]) {
    const begun = performance.now();
    await sleep(milliseconds, never);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(milliseconds);
  }
});

it('ends when the signal aborts, at once when it has', async () => {
  const begun = performance.now();
  const gone = new AbortController();
  const asleep = sleep(60_000, gone.signal);
  gone.abort();
  await asleep;
  await sleep(60_000, gone.signal);
  expect(performance.now() - begun).toBeLessThan(30_000);
});

it('waits longer than a timer of the machine reaches', async () => {
  const warned = once(process, 'warning', { signal: AbortSignal.timeout(50) });
  const gone = new AbortController();
  const asleep = sleep(2 ** 40, gone.signal);
  await expect(warned).rejects.toMatchObject({ name: 'AbortError' });
  gone.abort();
  await asleep;
});
