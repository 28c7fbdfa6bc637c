import type { Resource } from '../core/declaration.ts';
import { integer, text, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { nameField, readOnly, svmField, uuidField } from './common.ts';

const SCHEDULE = 'schedule';

interface Cron {
  readonly name: string;
  readonly minutes?: readonly number[];
  readonly hours?: readonly number[];
  readonly days?: readonly number[];
  readonly weekdays?: readonly number[];
}

const every = (step: number, end: number): readonly number[] =>
  Array.from({ length: end / step }, (_, index) => index * step);

const BUILT_IN: readonly Cron[] = [
  { name: '5min', minutes: every(5, 60) },
  { name: '10min', minutes: every(10, 60) },
  { name: '8hour', hours: [2, 10, 18], minutes: [15] },
  { name: 'hourly', minutes: [5] },
  { name: 'daily', hours: [0], minutes: [10] },
  { name: 'weekly', weekdays: [0], hours: [0], minutes: [15] },
  { name: 'monthly', days: [1], hours: [0], minutes: [20] },
  { name: 'pg-hourly', minutes: [7] },
  { name: 'pg-daily', hours: [0], minutes: [12] },
  { name: 'pg-weekly', weekdays: [0], hours: [0], minutes: [17] },
];

/** Other records that run by the schedule. */
const isUsed = (entry: Entry, world: World): boolean =>
  world.store.all('snapshot_policy').some((policy) => JSON.stringify(policy['copies'] ?? []).includes(entry.$id));

export const schedule: Resource = {
  kind: SCHEDULE,
  path: '/cluster/schedules',
  keys: ['uuid'],
  order: ['name'],
  fields: {
    uuid: uuidField,
    name: { ...nameField, maxLength: 256 },
    type: readOnly('enum', { values: ['cron', 'interval'] }),
    scope: readOnly('enum', { values: ['cluster', 'svm'] }),
    'cron.minutes': { kind: 'integers', minimum: 0, maximum: 59 },
    'cron.hours': { kind: 'integers', minimum: 0, maximum: 23 },
    'cron.days': { kind: 'integers', minimum: 1, maximum: 31 },
    'cron.months': { kind: 'integers', minimum: 1, maximum: 12 },
    'cron.weekdays': { kind: 'integers', minimum: 0, maximum: 6 },
    interval: { kind: 'string' },
    cluster: { kind: 'ref', to: 'cluster', write: 'never', compute: (_, world) => world.store.all('cluster')[0]?.$id },
    svm: svmField,
  },
  unique: [
    {
      fields: ['name'],
      refusal: (entry) => new Refusal(409, 1, `A schedule with the name "${text(entry, 'name')}" already exists.`),
    },
  ],
  create: {
    asynchronous: false,
    prepare: (draft) => {
      const cron = draft['cron.minutes'] !== undefined;
      if (cron === (draft['interval'] !== undefined)) {
        throw new Refusal(400, cron ? 459760 : 458788, 'A schedule needs either "cron.minutes" or "interval".');
      }
      return { ...draft, type: cron ? 'cron' : 'interval', scope: draft['svm'] === undefined ? 'cluster' : 'svm' };
    },
  },
  modify: { asynchronous: false },
  remove: {
    asynchronous: false,
    check: (entry, { world }) => {
      if (integer(entry, '$system') === 1) throw new Refusal(409, 459762, 'A system schedule cannot be deleted.');
      if (isUsed(entry, world)) throw new Refusal(409, 459758, `The schedule "${text(entry, 'name')}" is in use.`);
    },
  },
  seed: (_, world) =>
    BUILT_IN.map(({ name, minutes, hours, days, weekdays }) => {
      const id = world.random.uuid(SCHEDULE);
      return {
        $id: id,
        uuid: id,
        name,
        type: 'cron',
        scope: 'cluster',
        $system: 1,
        'cron.minutes': minutes,
        'cron.hours': hours,
        'cron.days': days,
        'cron.weekdays': weekdays,
      };
    }),
};
