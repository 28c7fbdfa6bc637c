import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { durationText, nextRun, parseDuration, type Cron } from './cron.ts';

const every: Cron = { minutes: [], hours: [], days: [], months: [], weekdays: [] };
const after = (text: string, cron: Partial<Cron>): string | undefined => {
  const next = nextRun({ ...every, ...cron }, Date.parse(text));
  return next === undefined ? undefined : new Date(next).toISOString().slice(0, 16);
};

describe('nextRun', () => {
  test.each<[string, string, Partial<Cron>, string | undefined]>([
    ['every hour', '2026-01-01T00:04:59Z', { minutes: [5] }, '2026-01-01T00:05'],
    ['strictly later', '2026-01-01T00:05:00Z', { minutes: [5] }, '2026-01-01T01:05'],
    ['unsorted minutes', '2026-01-01T00:06:00Z', { minutes: [50, 10] }, '2026-01-01T00:10'],
    ['the next day', '2026-01-01T18:15:00Z', { hours: [2, 10, 18], minutes: [15] }, '2026-01-02T02:15'],
    ['Sunday', '2026-01-01T00:00:00Z', { weekdays: [0], hours: [0], minutes: [15] }, '2026-01-04T00:15'],
    ['the first of a month', '2026-01-01T00:20:00Z', { days: [1], hours: [0], minutes: [20] }, '2026-02-01T00:20'],
    ['a month', '2026-03-01T00:00:00Z', { months: [2], days: [1], hours: [0], minutes: [0] }, '2027-02-01T00:00'],
    ['a leap day', '2026-01-01T00:00:00Z', { months: [2], days: [29], hours: [0], minutes: [0] }, '2028-02-29T00:00'],
    [
      'day or weekday',
      '2026-01-01T00:00:00Z',
      { days: [3], weekdays: [5], hours: [0], minutes: [0] },
      '2026-01-02T00:00',
    ],
    ['never', '2026-01-01T00:00:00Z', { months: [2], days: [30], minutes: [0] }, undefined],
  ])('finds %s', (_what, from, cron, next) => {
    expect(after(from, cron)).toBe(next);
  });

  test('is later than the instant, on a full minute, and one that the schedule names', () => {
    const some = (minimum: number, maximum: number) =>
      fc.uniqueArray(fc.integer({ min: minimum, max: maximum }), { maxLength: 4 });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4e12 }),
        some(0, 59),
        some(0, 23),
        some(0, 6),
        (from, minutes, hours, weekdays) => {
          const next = nextRun({ ...every, minutes, hours, weekdays }, from);
          const date = new Date(next ?? Number.NaN);
          return (
            date.getTime() > from &&
            date.getTime() % 60_000 === 0 &&
            (minutes.length === 0 || minutes.includes(date.getUTCMinutes())) &&
            (hours.length === 0 || hours.includes(date.getUTCHours())) &&
            (weekdays.length === 0 || weekdays.includes(date.getUTCDay()))
          );
        },
      ),
    );
  });
});

test.each([
  ['P1DT2H3M4S', 93_784_000],
  ['PT10M', 600_000],
  ['P2W', 1_209_600_000],
  ['PT0S', undefined],
  ['P', undefined],
  ['10m', undefined],
])('parseDuration(%s)', (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});

test.each([
  [0, 'PT0S'],
  [787_000, 'PT13M7S'],
  [90_000_000, 'PT25H'],
  [-5, 'PT0S'],
])('durationText(%d)', (milliseconds, text) => {
  expect(durationText(milliseconds)).toBe(text);
});
