import type { Resource } from '../core/declaration.ts';
import { text, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { groupsWith } from './consistency-group-schedule.ts';
import { nameField, readOnly, scopeOf, svmField, uuidField } from './common.ts';
import {
  checkCopies,
  completeCopy,
  COPY,
  copiesOf,
  copyFields,
  copyKey,
  lastOrder,
  replaceCopies,
  scheduleField,
  $copies,
} from './snapshot-copies.ts';

const POLICY = 'snapshot_policy';

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

const usersOf = (policy: Entry, world: World) => ({
  volumes: world.store.by('volume', 'snapshot_policy', policy.$id).length,
  groups: groupsWith(policy.$id, world).length,
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
    copies: { kind: 'objects', of: copyFields('copies.'), compute: (entry, world) => copiesOf(entry.$id, world) },
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
    prepare: ({ copies, ...draft }, { world }) => ({
      ...draft,
      ...$copies(copies, world),
      $id: draft.$id,
      scope: scopeOf(draft),
      $scope: text(draft, 'svm') || 'cluster',
    }),
    effects: (entry, { world }) => replaceCopies(entry, world),
  },
  modify: {
    asynchronous: false,
    prepare: ({ copies, ...changes }, _before, { world }) => ({ ...changes, ...$copies(copies, world) }),
    effects: (entry, _before, { world }) => replaceCopies(entry, world),
  },
  remove: {
    asynchronous: false,
    check: (entry, { world }) => {
      if (entry['$system'] === true) throw new Refusal(409, 1638431, 'A built-in snapshot policy cannot be deleted.');
      const { volumes, groups, svms } = usersOf(entry, world);
      if (volumes > 0)
        throw new Refusal(409, 1638415, `The snapshot policy "${text(entry, 'name')}" is used by ${volumes} volumes.`);
      if (groups > 0)
        throw new Refusal(
          409,
          1638415,
          `The snapshot policy "${text(entry, 'name')}" is used by ${groups} consistency groups.`,
        );
      if (svms > 0)
        throw new Refusal(409, 1638430, `The snapshot policy "${text(entry, 'name')}" is used by ${svms} SVMs.`);
    },
  },
  seed: (_, world) =>
    BUILT_IN.map(({ name, comment }) => {
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
      };
    }),
};

/** `/storage/snapshot-policies/{uuid}/schedules`: the copies of a policy one by one. */
export const snapshotPolicySchedule: Resource = {
  kind: COPY,
  path: '/storage/snapshot-policies/{snapshot_policy.uuid}/schedules',
  keys: ['schedule.uuid'],
  order: ['snapshot_policy', '$order'],
  fields: {
    ...copyFields(''),
    snapshot_policy: { kind: 'ref', to: POLICY, write: 'never', key: true },
    schedule: { ...scheduleField, key: true, write: 'create', required: true },
  },
  indexes: ['snapshot_policy', 'schedule'],
  unique: [
    {
      fields: ['snapshot_policy', 'schedule'],
      refusal: () => new Refusal(409, 1, 'The policy has copies with this schedule already.', 'schedule'),
    },
  ],
  inside: [{ kind: POLICY, field: 'snapshot_policy' }],
  identify: (draft) => copyKey(text(draft, 'snapshot_policy'), text(draft, 'schedule')),
  create: {
    asynchronous: false,
    prepare: (draft, { world }) => {
      const policy = text(draft, 'snapshot_policy');
      const others = copiesOf(policy, world);
      const copy = { ...completeCopy(draft, world), $id: draft.$id, $order: lastOrder(others) + 1 };
      checkCopies([...others, copy]);
      return copy;
    },
  },
  modify: {
    asynchronous: false,
    prepare: (changes, before, { world }) => {
      const others = copiesOf(text(before, 'snapshot_policy'), world).filter((copy) => copy.$id !== before.$id);
      checkCopies([...others, { ...before, ...changes }]);
      return changes;
    },
  },
  remove: { asynchronous: false },
  seed: (_, world) =>
    BUILT_IN.flatMap(({ name, copies }) => {
      const policy = world.store.by(POLICY, 'name', name)[0];
      return copies.flatMap(([prefix, count], index): Entry[] => {
        const schedule = world.store.by('schedule', 'name', prefix)[0];
        if (!policy || !schedule) return [];
        return [
          {
            $id: copyKey(policy.$id, schedule.$id),
            $order: index + 1,
            snapshot_policy: policy.$id,
            schedule: schedule.$id,
            count,
            prefix,
            snapmirror_label: prefix,
          },
        ];
      });
    }),
};
