import type { Context, Field, Resource, Values } from '../core/declaration.ts';
import { findText, integer, text, texts, type Entry, type StoredObject } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { followAggregates } from './aggregate-state.ts';
import { GIB, existsAlready, nameField, readOnly, unmeasured, unmodelled, uuidField } from './common.ts';
import { RECOVERY_QUEUE } from './recovery-queue.ts';

const AGGREGATE = 'aggregate';

export interface AggregateSpace {
  readonly size: number;
  readonly used: number;
  readonly available: number;
  readonly footprint: number;
}

/**
 * Space of an aggregate: what volumes are charged (thick ones by their size, thin ones by what they hold), and data
 * that belongs to nobody, which tests place there.
 */
export const aggregateSpace = (entry: Entry, world: World): AggregateSpace => {
  const size = integer(entry, 'space.block_storage.size');
  const { charged, footprint } = world.usage(entry.$id);
  const used = Math.min(size, charged + integer(entry, '$foreign'));
  return { size, used, available: Math.max(0, size - charged - integer(entry, '$foreign')), footprint };
};

/** Aggregates that are online among those delegated to an SVM (none: all), the emptiest first. */
export const byFreeSpace = (delegated: readonly string[], world: World): readonly string[] => {
  const free = (entry: Entry) => aggregateSpace(entry, world).available;
  const candidates =
    delegated.length === 0 ? world.store.all(AGGREGATE) : delegated.map((id) => world.store.get(AGGREGATE, id));
  return candidates
    .filter((entry) => text(entry, 'state') === 'online')
    .toSorted((a, b) => free(b) - free(a))
    .map((entry) => entry.$id);
};

const measured = (measure: (space: AggregateSpace) => number, more: Partial<Field> = {}): Field =>
  readOnly('size', { compute: (entry, world) => measure(aggregateSpace(entry, world)), ...more });

const percent = (part: number, whole: number): number => (whole === 0 ? 0 : Math.floor((part / whole) * 100));

const percentOf = (measure: (space: AggregateSpace) => number): Field =>
  readOnly('integer', {
    compute: (entry, world) => {
      const space = aggregateSpace(entry, world);
      return percent(measure(space), space.size);
    },
  });

const PARITY_DISKS: Readonly<Record<string, number>> = { raid0: 0, raid4: 1, raid_dp: 2, raid_tec: 3 };

/** What a data disk gives when the request does not say. */
const DISK_BYTES = 960 * GIB;

const sizeOf = (values: StoredObject, { parameters }: Context): number => {
  const disks = integer(values, 'block_storage.primary.disk_count');
  const parity = PARITY_DISKS[text(values, 'block_storage.primary.raid_type')] ?? 0;
  if (disks <= parity)
    throw new Refusal(400, 786973, `${disks} disks are too few.`, 'block_storage.primary.disk_count');
  return (disks - parity) * Number(parameters['disk_size'] ?? DISK_BYTES);
};

const newAggregate = (draft: Entry, context: Context): StoredObject => {
  for (const field of ['node', 'block_storage.primary.disk_count'])
    if (draft[field] === undefined) throw new Refusal(400, 262212, `A value for "${field}" is needed.`, field);
  const raid = findText(draft, 'block_storage.primary.raid_type') ?? 'raid_dp';
  const values = { ...draft, 'block_storage.primary.raid_type': raid };
  return {
    ...plain('ssd', context.world),
    ...values,
    home_node: draft['node'],
    'space.block_storage.size': sizeOf(values, context),
  };
};

/** More disks, more space. */
const grown = (changes: Values, before: Entry, context: Context): Values => {
  const count = changes['block_storage.primary.disk_count'];
  if (count === undefined || count === before['block_storage.primary.disk_count']) return changes;
  const more = Number(count) - integer(before, 'block_storage.primary.disk_count');
  if (more < 0) throw new Refusal(400, 787267, 'Disks cannot be taken away.', 'block_storage.primary.disk_count');
  const size =
    integer(before, 'space.block_storage.size') + more * Number(context.parameters['disk_size'] ?? DISK_BYTES);
  return { ...changes, 'space.block_storage.size': size };
};

/** What all aggregates of a kind of disks have. */
const plain = (storageType: string, world: World): StoredObject => {
  const solid = storageType === 'ssd';
  return {
    state: 'online',
    create_time: world.clock.text(),
    snaplock_type: 'non_snaplock',
    'data_encryption.software_encryption_enabled': false,
    'data_encryption.drive_protection_enabled': false,
    'block_storage.storage_type': storageType,
    'block_storage.primary.disk_class': solid ? 'solid_state' : 'capacity',
    'block_storage.primary.disk_type': solid ? 'ssd' : storageType === 'vmdisk' ? 'vm_disk' : 'sas',
    'block_storage.primary.raid_type': 'raid_dp',
    'block_storage.primary.raid_size': 24,
    'block_storage.mirror.enabled': false,
    'space.block_storage.full_threshold_percent': 98,
    'space.block_storage.inactive_user_data': 0,
    'space.block_storage.inactive_user_data_percent': 0,
    'space.snapshot.total': 0,
    'space.snapshot.used': 0,
    'space.snapshot.available': 0,
    $foreign: 0,
  };
};

export const aggregate: Resource = {
  kind: AGGREGATE,
  path: '/storage/aggregates',
  keys: ['uuid'],
  order: ['name'],
  clusterOnly: true,
  fields: {
    uuid: uuidField,
    name: nameField,
    node: { kind: 'ref', to: 'node', write: 'create' },
    home_node: { kind: 'ref', to: 'node', write: 'never' },
    state: {
      kind: 'enum',
      write: 'modify',
      values: [
        'online',
        'onlining',
        'offline',
        'offlining',
        'relocating',
        'unmounted',
        'restricted',
        'inconsistent',
        'failed',
        'unknown',
      ],
    },
    create_time: readOnly('time'),
    snaplock_type: { kind: 'enum', write: 'create', values: ['non_snaplock', 'compliance', 'enterprise'] },
    'data_encryption.software_encryption_enabled': { kind: 'boolean' },
    'data_encryption.drive_protection_enabled': readOnly('boolean'),
    'block_storage.storage_type': readOnly('enum', { values: ['hdd', 'hybrid', 'lun', 'ssd', 'vmdisk'] }),
    'block_storage.primary.disk_count': { kind: 'integer', minimum: 1 },
    'block_storage.primary.disk_class': { kind: 'string', write: 'create' },
    'block_storage.primary.disk_type': readOnly('string'),
    'block_storage.primary.raid_type': { kind: 'enum', values: Object.keys(PARITY_DISKS) },
    'block_storage.primary.raid_size': { kind: 'integer' },
    'block_storage.mirror.enabled': { kind: 'boolean' },
    'space.block_storage.size': readOnly('size'),
    'space.block_storage.available': measured(({ available }) => available),
    'space.block_storage.used': measured(({ used }) => used),
    'space.block_storage.used_percent': readOnly('integer', {
      compute: (entry, world) => {
        const { used, size } = aggregateSpace(entry, world);
        return percent(used, size);
      },
    }),
    'space.block_storage.full_threshold_percent': readOnly('integer'),
    'space.block_storage.physical_used': measured(({ footprint }) => footprint),
    'space.block_storage.inactive_user_data': readOnly('size', { expensive: true }),
    'space.block_storage.inactive_user_data_percent': readOnly('integer', { expensive: true }),
    ...Object.fromEntries(
      [
        'aggregate_metadata',
        'aggregate_metadata_percent',
        'data_compacted_count',
        'data_compaction_space_saved',
        'data_compaction_space_saved_percent',
        'volume_deduplication_shared_count',
        'volume_deduplication_space_saved',
        'volume_deduplication_space_saved_percent',
      ].map((name) => [`space.block_storage.${name}`, readOnly('integer', { compute: () => 0 })]),
    ),
    'space.block_storage.physical_used_percent': percentOf(({ footprint }) => footprint),
    'space.block_storage.volume_footprints_percent': percentOf(({ footprint }) => footprint),
    'space.block_storage.used_including_snapshot_reserve': measured(({ used }) => used),
    'space.block_storage.used_including_snapshot_reserve_percent': percentOf(({ used }) => used),
    'space.snapshot.reserve_percent': readOnly('integer', { compute: () => 0 }),
    'space.snapshot.used_percent': readOnly('integer', { compute: () => 0 }),
    'block_storage.primary.checksum_style': readOnly('enum', {
      values: ['block', 'advanced_zoned', 'mixed'],
      compute: () => 'block',
    }),
    ...unmodelled(
      '_tags',
      'block_storage.hybrid_cache',
      'block_storage.plexes',
      'block_storage.primary.simulated_raid_groups',
      'block_storage.uses_partitions',
      'cloud_storage',
      'dr_home_node',
      'inactive_data_reporting',
      'inode_attributes',
      'is_spare_low',
      'sidl_enabled',
      'snapshot',
      'space.cloud_storage',
      'space.efficiency',
      'space.efficiency_without_snapshots',
      'space.efficiency_without_snapshots_flexclones',
      'space.total_provisioned_space',
    ),
    'space.footprint': measured(({ footprint }) => footprint, { expensive: true }),
    'space.snapshot.total': readOnly('size'),
    'space.snapshot.used': readOnly('size'),
    'space.snapshot.available': readOnly('size'),
    'volume-count': readOnly('integer', {
      expensive: true,
      compute: (entry, world) =>
        world.store.all('volume').filter((volume) => texts(volume, 'aggregates').includes(entry.$id)).length,
    }),
    ...unmeasured,
  },
  parameters: { create: ['disk_size'], modify: ['disk_size'] },
  unique: [{ fields: ['name'], refusal: existsAlready('An aggregate', 786439) }],
  create: {
    asynchronous: true,
    prepare: (draft, context) => ({ ...newAggregate(draft, context), $id: draft.$id }),
  },
  modify: { asynchronous: true, prepare: grown, effects: (_after, _before, { world }) => followAggregates(world) },
  remove: {
    asynchronous: true,
    check: (entry, { world }) => {
      const held = ['volume', RECOVERY_QUEUE]
        .flatMap((kind) => world.store.all(kind))
        .filter((volume) => texts(volume, '$layout').includes(entry.$id));
      if (held.length > 0)
        throw new Refusal(409, 786497, `The aggregate "${text(entry, 'name')}" has ${held.length} volumes.`);
    },
    effects: (entry, { world }) => {
      for (const svm of world.store.all('svm')) {
        const aggregates = texts(svm, 'aggregates').filter((id) => id !== entry.$id);
        if (aggregates.length < texts(svm, 'aggregates').length) world.store.change('svm', svm.$id, { aggregates });
      }
    },
  },
  unknown: (given, field) => new Refusal(400, 917508, `Aggregate "${given}" does not exist.`, field),
  seed: ({ aggregates, nodes }, world) =>
    aggregates.map(({ name, node, sizeBytes, storageType }) => {
      const id = world.random.uuid(AGGREGATE);
      const home = world.store.all('node').find((entry) => entry['name'] === node)?.$id;
      return {
        ...plain(storageType, world),
        $id: id,
        uuid: id,
        name,
        node: home,
        home_node: home,
        'block_storage.primary.disk_count': 12 * nodes.length,
        'space.block_storage.size': sizeBytes,
      };
    }),
};
