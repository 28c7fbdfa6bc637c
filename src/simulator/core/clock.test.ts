import { expect, it } from 'vitest';
import { Clock } from './clock.ts';

it('stops a running clock at whatever moment it is asked to', () => {
  // So often that the machine's clock steps on between two looks of some of them.
  for (let time = 0; time < 20_000; time++) {
    const clock = new Clock({});
    const before = clock.now();
    clock.freeze();
    expect(clock.frozen).toBe(true);
    expect(clock.now()).toBeGreaterThanOrEqual(before);
  }
});

it('runs faster than the machine’s, stops, is moved and runs on', async () => {
  const HOUR = 3_600_000;
  const from = Date.parse('2026-01-01T00:00:00Z');
  const clock = new Clock({ running: { now: from, speed: 360_000 } });
  const reached = Promise.withResolvers<number>();
  clock.at(from + HOUR, () => reached.resolve(clock.now()));
  expect(await reached.promise).toBeGreaterThanOrEqual(from + HOUR);
  clock.freeze();
  const stopped = clock.now();
  expect([clock.frozen, clock.state()]).toEqual([true, { frozenAt: stopped }]);
  clock.advance(HOUR);
  const later = Promise.withResolvers<void>();
  clock.at(stopped + 2 * HOUR, later.resolve);
  clock.run(360_000);
  await later.promise;
  expect(clock.now()).toBeGreaterThanOrEqual(stopped + 2 * HOUR);
  const { running } = clock.state();
  expect(running).toMatchObject({ speed: 360_000 });
  clock.stop();
  expect(Math.abs(new Clock({}).now() - Date.now())).toBeLessThan(1000);
});

it('runs no timer before its instant, however fast it goes', async () => {
  const clock = new Clock({ running: { now: 0, speed: 360_000 } });
  const early: number[] = [];
  // So many that the machine's timers are ahead of its clock for some of them.
  const all = Array.from({ length: 300 }, (_, index) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const instant = (index + 1) * 120_001;
    clock.at(instant, () => {
      if (clock.now() < instant) early.push(instant);
      resolve();
    });
    return promise;
  });
  await Promise.all(all);
  expect(early).toEqual([]);
});

it('does what is due when it is stopped, and keeps the rest for when it is moved', () => {
  const clock = new Clock({});
  const done: string[] = [];
  clock.at(clock.now() - 1, () => done.push('due'));
  clock.at(clock.now() + 3_600_000, () => done.push('later'));
  clock.freeze();
  expect(done).toEqual(['due']);
  clock.advance(3_600_001);
  expect(done).toEqual(['due', 'later']);
});
