import { describe, expect, test } from 'vitest';
import type { FaultAction } from '../../src/simulator/core/fault-rules.ts';
import { Bench, type DriverUnderTest, problemOf, signal } from './driver-bench.ts';
import { operations } from './driver-operations.ts';

const changing = ['POST', 'PATCH', 'DELETE'] as const;

const losses: readonly (readonly [string, FaultAction])[] = [
  [
    'a proxy says 502 in HTML',
    { type: 'refuse', status: 502, text: '<html>Bad Gateway</html>', contentType: 'text/html' },
  ],
  ['a reply is lost', { type: 'drop-reply' }],
  ['a request is lost', { type: 'drop-request' }],
  ['the array is busy', { type: 'refuse', status: 503, code: '7', message: 'busy', retryAfterSeconds: 0 }],
];

/** Every operation while the way to the array, its jobs or the user's rights are not as they should be. */
export const disturbanceConformance = (under: DriverUnderTest): void => {
  /** What asks nothing of the array cannot be disturbed. */
  const disturbed = operations.filter(({ name }) => (under.calls[name] ?? 0) !== 0);
  const table = disturbed.map((operation) => [operation.name, operation] as const);
  const withJobs = table.filter(([name]) => !under.withoutJobs.includes(name));

  describe(`${under.name}: every operation when`, () => {
    for (const operation of disturbed)
      test.each(losses)(`${operation.name}: %s, at each call`, async (_, action) => {
        await using bench = await Bench.open(under);
        const calls = await bench.count(await operation.prepare(bench));
        expect(calls).toBeGreaterThan(0);
        for (let nth = 1; nth <= calls; nth++) {
          const run = await operation.prepare(bench);
          bench.strike({ path: '/api/**', nth }, action);
          const expectDone = await run();
          bench.array.faults.clear();
          await expectDone();
        }
      });

    test.each(table)('%s: jobs take a while', async (_, operation) => {
      await using bench = await Bench.open(under, { array: { jobs: { runningPolls: 2 } } });
      const run = await operation.prepare(bench);
      const expectDone = await run();
      await expectDone();
    });

    test.each(withJobs)('%s: a job vanishes', async (_, operation) => {
      await using bench = await Bench.open(under);
      const run = await operation.prepare(bench);
      bench.strike({ path: '/api/**', method: changing, count: 1 }, { type: 'job-vanish' });
      const expectDone = await run();
      expect(bench.array.faults.list()).toMatchObject([{ hits: 1 }]);
      bench.array.faults.clear();
      await expectDone();
    });

    test.each(table)('%s: what is made is not seen for a while', async (_, operation) => {
      await using bench = await Bench.open(under);
      const run = await operation.prepare(bench);
      bench.strike({ path: '/api/**', method: 'POST' }, { type: 'hide', milliseconds: 100 });
      const before = bench.array.requests.count({ method: 'POST' });
      const expectDone = await run();
      const made = bench.array.requests.count({ method: 'POST' }) - before;
      expect(bench.array.faults.list()).toMatchObject([{ hits: made }]);
      bench.array.faults.clear();
      await expectDone();
    });

    test.each(withJobs)('%s: a job fails, and it is repeated', async (_, operation) => {
      await using bench = await Bench.open(under);
      await bench.driver.deleteVolume(await bench.create(), signal());
      const run = await operation.prepare(bench);
      const message = 'The job failed, for a reason with commas: none';
      bench.strike(
        { path: '/api/storage/**', method: changing, count: 1 },
        { type: 'job-fail', code: 524849, message },
      );
      const problem = await problemOf(run());
      expect(problem).toMatchObject({ array: { code: '524849', message } });
      expect(problem.message).toContain(message);
      bench.array.faults.clear();
      const expectDone = await run();
      await expectDone();
    });

    test.each(withJobs)('%s: a job stalls', async (_, operation) => {
      await using bench = await Bench.open(under, { settings: { jobTimeoutMs: 40 } });
      await bench.driver.deleteVolume(await bench.create(), signal());
      const run = await operation.prepare(bench);
      bench.strike({ path: '/api/storage/**', method: changing, count: 1 }, { type: 'job-stall' });
      expect(await problemOf(run())).toMatchObject({ code: 'array.job-unfinished', kind: 'unavailable' });
    });

    test.each(table)('%s: a right is missing', async (_, operation) => {
      await using bench = await Bench.open(under);
      const run = await operation.prepare(bench);
      bench.strike(
        { path: '/api/**' },
        { type: 'refuse', status: 403, code: '6', message: 'not authorized for that command' },
      );
      const problem = await problemOf(run());
      expect(problem).toMatchObject({ kind: 'denied', code: 'array.denied' });
      expect(problem.message).toMatch(/user admin on SVM svm0 has no right to (GET|POST|PATCH|DELETE) \/api\//);
    });
  });
};
