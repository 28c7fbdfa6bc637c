import type { Resource, Values } from '../core/declaration.ts';
import { integer, list, text, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { nameField, readOnly, scopeOf, svmField, uuidField } from './common.ts';
import { GROUP } from './consistency-group-members.ts';
import { nextRun, parseDuration, type Cron } from './cron.ts';
import { clusterOf } from './lookups.ts';
import { runScheduledTransfers, scheduledRelationships } from './snapmirror-schedule.ts';
import { hasScheduledSnapshots, takeScheduledSnapshots } from './snapshot-schedule.ts';

const SCHEDULE = 'schedule';

type BuiltIn = { readonly name: string } & Partial<Omit<Cron, 'months'>>;

const every = (step: number, end: number): readonly number[] =>
  Array.from({ length: end / step }, (_, index) => index * step);

const BUILT_IN: readonly BuiltIn[] = [
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
  world.store.all('efficiency_policy').some((policy) => policy['schedule'] === entry.$id) ||
  world.store.by('snapshot_copy', 'schedule', entry.$id).length > 0 ||
  ['snapmirror_relationship', 'snapmirror_policy'].some((kind) =>
    world.store
      .all(kind)
      .some((each) => [each['transfer_schedule'], each['sync_common_snapshot_schedule']].includes(entry.$id)),
  );

const numbers = (entry: Entry, path: string): readonly number[] =>
  list(entry, path).filter((value) => typeof value === 'number');

const cronOf = (entry: Entry): Cron => ({
  minutes: numbers(entry, 'cron.minutes'),
  hours: numbers(entry, 'cron.hours'),
  days: numbers(entry, 'cron.days'),
  months: numbers(entry, 'cron.months'),
  weekdays: numbers(entry, 'cron.weekdays'),
});

/** The next run; intervals count from the moment at which the schedule was made or changed. */
const nextRunOf = (entry: Entry, world: World): number | undefined => {
  const now = world.clock.now();
  if (text(entry, 'type') === 'cron') return nextRun(cronOf(entry), now);
  const interval = parseDuration(text(entry, 'interval'));
  if (interval === undefined) return undefined;
  const from = integer(entry, '$from');
  return from + (Math.floor((now - from) / interval) + 1) * interval;
};

/** Schedules that nothing goes by do not run: a jump over years costs nothing then. */
const hasWork = (entry: Entry, world: World): boolean =>
  hasScheduledSnapshots(entry, world) || scheduledRelationships(entry, world).length > 0;

const checkTimes = (values: Values) => {
  const interval = values['interval'];
  if (typeof interval === 'string' && parseDuration(interval) === undefined)
    throw new Refusal(400, 458788, `"${interval}" is not a duration such as P1DT2H3M4S.`, 'interval');
};

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
    cluster: { kind: 'ref', to: 'cluster', write: 'never', compute: (_, world) => clusterOf(world).$id },
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
    prepare: (draft, { world }) => {
      const cron = draft['cron.minutes'] !== undefined;
      if (cron === (draft['interval'] !== undefined)) {
        throw new Refusal(400, cron ? 459760 : 458788, 'A schedule needs either "cron.minutes" or "interval".');
      }
      checkTimes(draft);
      return {
        ...draft,
        $from: world.clock.now(),
        type: cron ? 'cron' : 'interval',
        scope: scopeOf(draft),
      };
    },
  },
  modify: {
    asynchronous: false,
    prepare: (changes, before, { world }) => {
      checkTimes(changes);
      const type = text(before, 'type');
      const stranger = Object.keys(changes).find((path) =>
        type === 'cron' ? path === 'interval' : path.startsWith('cron.'),
      );
      if (stranger !== undefined)
        throw new Refusal(400, 459761, `"${stranger}" does not go with a schedule of type "${type}".`, stranger);
      return { ...changes, $from: world.clock.now() };
    },
  },
  alarm: {
    due: (entry, world) => (hasWork(entry, world) ? nextRunOf(entry, world) : undefined),
    watches: [
      { kind: 'volume', member: 'snapshot_policy' },
      { kind: GROUP, member: 'snapshot_policy' },
      { kind: 'snapshot_copy' },
      { kind: 'snapmirror_relationship' },
      { kind: 'snapmirror_policy' },
    ],
    ring: (entry, world) => {
      takeScheduledSnapshots(entry, world);
      runScheduledTransfers(entry, world);
    },
    recurring: true,
  },
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
