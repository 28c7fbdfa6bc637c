import type { Reaction, Resource } from '../core/declaration.ts';
import { integer, text, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import { nameField, readOnly, scopeOf, svmField, unmodelled, uuidField } from './common.ts';

const POLICY = 'qos_policy';

const PRESETS: readonly (readonly [string, number, number, number])[] = [
  ['extreme', 6144, 12_288, 1000],
  ['performance', 2048, 4096, 500],
  ['value', 128, 512, 75],
];

const has = (policy: Entry, group: string) =>
  Object.keys(policy).some((path) => path.startsWith(`${group}.`) && policy[path] !== undefined);

const check = (policy: Entry): Entry => {
  const fixed = has(policy, 'fixed');
  if (fixed && has(policy, 'adaptive')) throw new Refusal(400, 8454389, 'A policy is either fixed or adaptive.');
  const greatest = integer(policy, 'fixed.max_throughput_iops');
  if (greatest > 0 && integer(policy, 'fixed.min_throughput_iops') > greatest) {
    throw new Refusal(400, 8454194, 'The least throughput is greater than the greatest.', 'fixed.min_throughput_iops');
  }
  if (!fixed && integer(policy, 'adaptive.expected_iops') > integer(policy, 'adaptive.peak_iops')) {
    throw new Refusal(400, 8454274, 'The expected IOPS are more than the peak IOPS.', 'adaptive.expected_iops');
  }
  return policy;
};

const notPreset = (policy: Entry) => {
  if (policy['policy_class'] === 'preset')
    throw new Refusal(409, 8454286, `The preset policy "${text(policy, 'name')}" cannot be changed.`);
};

const ADAPTIVE_DEFAULTS = {
  'adaptive.expected_iops_allocation': 'allocated_space',
  'adaptive.peak_iops_allocation': 'used_space',
  'adaptive.block_size': 'any',
};

export const qosPolicy: Resource = {
  kind: POLICY,
  path: '/storage/qos/policies',
  keys: ['uuid'],
  order: ['name'],
  fields: {
    uuid: uuidField,
    name: nameField,
    'fixed.max_throughput_iops': { kind: 'integer', minimum: 0 },
    'fixed.max_throughput_mbps': { kind: 'integer', minimum: 0 },
    'fixed.min_throughput_iops': { kind: 'integer', minimum: 0 },
    'fixed.min_throughput_mbps': { kind: 'integer', minimum: 0 },
    'fixed.capacity_shared': { kind: 'boolean' },
    'adaptive.expected_iops': { kind: 'integer', minimum: 0 },
    'adaptive.peak_iops': { kind: 'integer', minimum: 0 },
    'adaptive.absolute_min_iops': { kind: 'integer', minimum: 0 },
    'adaptive.expected_iops_allocation': { kind: 'enum', values: ['used_space', 'allocated_space'] },
    'adaptive.peak_iops_allocation': { kind: 'enum', values: ['used_space', 'allocated_space'] },
    'adaptive.block_size': { kind: 'enum', values: ['any', '4k', '8k', '16k', '32k', '64k', '128k'] },
    object_count: readOnly('integer', {
      compute: (entry, world) =>
        world.store.by('volume', 'qos.policy', entry.$id).length +
        world.store.by('lun', 'qos_policy', entry.$id).length +
        world.store.by('namespace', 'qos_policy', entry.$id).length,
    }),
    pgid: readOnly('integer'),
    policy_class: readOnly('enum', {
      values: ['undefined', 'preset', 'user_defined', 'system_defined', 'autovolume', 'load_control'],
    }),
    scope: readOnly('enum', { values: ['cluster', 'svm'] }),
    svm: svmField,
    ...unmodelled('burst', 'fixed.max_throughput', 'fixed.min_throughput'),
  },
  unique: [
    {
      fields: ['$scope', 'name'],
      refusal: (entry) =>
        new Refusal(409, 8454154, `A QoS policy with the name "${text(entry, 'name')}" already exists.`, 'name'),
    },
  ],
  create: {
    asynchronous: true,
    prepare: (draft) =>
      check({
        ...(has(draft, 'adaptive') ? ADAPTIVE_DEFAULTS : { 'fixed.capacity_shared': false }),
        ...draft,
        scope: scopeOf(draft),
        $scope: text(draft, 'svm') || 'cluster',
        policy_class: 'user_defined',
        ...(has(draft, 'fixed') || has(draft, 'adaptive') ? {} : { 'fixed.max_throughput_iops': 0 }),
      }),
    effects: (entry, { world }) => {
      const used = world.store.all(POLICY).map((policy) => integer(policy, 'pgid'));
      world.store.change(POLICY, entry.$id, { pgid: Math.max(...used) + 1 });
    },
  },
  modify: {
    asynchronous: true,
    prepare: (changes, before) => {
      notPreset(before);
      check({ ...before, ...changes, $id: before.$id });
      return changes;
    },
  },
  remove: { asynchronous: false, check: notPreset },
  seed: (_, world) =>
    PRESETS.map(([name, expected, peak, least], index) => {
      const id = world.random.uuid(POLICY);
      return {
        $id: id,
        uuid: id,
        name,
        scope: 'cluster',
        $scope: 'cluster',
        policy_class: 'preset',
        pgid: 15_000 + index,
        'adaptive.expected_iops': expected,
        'adaptive.peak_iops': peak,
        'adaptive.absolute_min_iops': least,
        'adaptive.expected_iops_allocation': 'allocated_space',
        'adaptive.peak_iops_allocation': 'used_space',
        'adaptive.block_size': 'any',
      };
    }),
};

/** Records of a kind that had a QoS policy, in the member that says which, have none when it is gone. */
export const forgetQosPolicy = (kind: string, member: 'qos_policy' | 'qos.policy'): Reaction => ({
  to: POLICY,
  removed: (policy, { world }) => {
    for (const { $id } of world.store.by(kind, member, policy.$id))
      world.store.change(kind, $id, { [member]: undefined });
  },
});
