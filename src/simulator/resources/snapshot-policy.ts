import type { Resource } from '../core/declaration.ts';
import { integer, objects, text, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { nameField, readOnly, svmField, uuidField } from './common.ts';

const POLICY = 'snapshot_policy';
const GREATEST_COUNT = 1023;

const BUILT_IN: readonly {
  readonly name: string;
  readonly comment: string;
  readonly copies: readonly (readonly [string, number])[];
}[] = [
  {
    name: 'default',
    comment: 'Default policy with hourly, daily & weekly schedules.',
    copies: [
      ['hourly', 6],
      ['daily', 2],
      ['weekly', 2],
    ],
  },
  {
    name: 'default-1weekly',
    comment: 'Default policy with 6 hourly, 2 daily & 1 weekly schedule.',
    copies: [
      ['hourly', 6],
      ['daily', 2],
      ['weekly', 1],
    ],
  },
  { name: 'none', comment: 'Policy for no automatic snapshots.', copies: [] },
];

const checkCopies = (policy: Entry) => {
  const copies = objects(policy, 'copies');
  const total = copies.reduce((sum, copy) => sum + integer(copy, 'count'), 0);
  if (total > GREATEST_COUNT)
    throw new Refusal(
      400,
      1638451,
      `The policy keeps ${total} snapshots; at most ${GREATEST_COUNT} are possible.`,
      'copies.count',
    );
  if (copies.some((copy) => copy['schedule'] === undefined))
    throw new Refusal(400, 1638407, 'Each of the copies needs a schedule.', 'copies.schedule');
};

const usersOf = (policy: Entry, world: World) => ({
  volumes: world.store.by('volume', 'snapshot_policy', policy.$id).length,
  svms: world.store.all('svm').filter((svm) => svm['snapshot_policy'] === policy.$id).length,
});

export const snapshotPolicy: Resource = {
  kind: POLICY,
  path: '/storage/snapshot-policies',
  keys: ['uuid'],
  order: ['name'],
  fields: {
    uuid: uuidField,
    name: nameField,
    comment: { kind: 'string' },
    enabled: { kind: 'boolean', default: true },
    scope: readOnly('enum', { values: ['svm', 'cluster'] }),
    copies: {
      kind: 'objects',
      of: {
        count: {
          kind: 'integer',
          required: true,
          minimum: 1,
          missing: () => new Refusal(400, 1638408, 'Each of the copies needs a count.', 'copies.count'),
        },
        prefix: { kind: 'string' },
        retention_period: { kind: 'string' },
        snapmirror_label: { kind: 'string', maxLength: 31 },
        schedule: {
          kind: 'ref',
          to: 'schedule',
          unknown: (given) => new Refusal(400, 1638413, `Schedule "${given}" does not exist.`, 'copies.schedule'),
        },
      },
    },
    svm: svmField,
  },
  unique: [
    {
      fields: ['$scope', 'name'],
      refusal: (entry) =>
        new Refusal(409, 1638527, `A snapshot policy with the name "${text(entry, 'name')}" already exists.`, 'name'),
    },
  ],
  create: {
    asynchronous: false,
    prepare: (draft) => {
      checkCopies(draft);
      return {
        ...draft,
        scope: draft['svm'] === undefined ? 'cluster' : 'svm',
        $scope: text(draft, 'svm') || 'cluster',
      };
    },
  },
  modify: {
    asynchronous: false,
    prepare: (changes, before) => {
      checkCopies({ ...before, ...changes, $id: before.$id });
      return changes;
    },
  },
  remove: {
    asynchronous: false,
    check: (entry, { world }) => {
      if (entry['$system'] === true) throw new Refusal(409, 1638431, 'A built-in snapshot policy cannot be deleted.');
      const { volumes, svms } = usersOf(entry, world);
      if (volumes > 0)
        throw new Refusal(409, 1638415, `The snapshot policy "${text(entry, 'name')}" is used by ${volumes} volumes.`);
      if (svms > 0)
        throw new Refusal(409, 1638430, `The snapshot policy "${text(entry, 'name')}" is used by ${svms} SVMs.`);
    },
  },
  seed: (_, world) =>
    BUILT_IN.map(({ name, comment, copies }) => {
      const id = world.random.uuid(POLICY);
      return {
        $id: id,
        uuid: id,
        name,
        comment,
        enabled: true,
        scope: 'cluster',
        $scope: 'cluster',
        $system: true,
        copies: copies.map(([schedule, count]) => ({
          count,
          schedule: world.store.by('schedule', 'name', schedule)[0]?.$id,
          prefix: schedule,
          snapmirror_label: schedule,
        })),
      };
    }),
};
