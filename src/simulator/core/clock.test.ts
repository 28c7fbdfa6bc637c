import { expect, it } from 'vitest';
import { Clock } from './clock.ts';

it('stops a running clock at whatever moment it is asked to', () => {
  // So often that the machine's clock steps on between two looks of some of them.
  for (let time = 0; time < 20_000; time++) {
    const clock = new Clock(undefined);
    const before = clock.now();
    clock.freeze();
    expect(clock.frozen).toBe(true);
    expect(clock.now()).toBeGreaterThanOrEqual(before);
  }
});

it('does what is due when it is stopped, and keeps the rest for when it is moved', () => {
  const clock = new Clock(undefined);
  const done: string[] = [];
  clock.at(clock.now() - 1, () => done.push('due'));
  clock.at(clock.now() + 3_600_000, () => done.push('later'));
  clock.freeze();
  expect(done).toEqual(['due']);
  clock.advance(3_600_001);
  expect(done).toEqual(['due', 'later']);
});
