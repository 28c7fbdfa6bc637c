import type { Field, Resource } from '../core/declaration.ts';
import { integer, text, texts, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { nameField, readOnly, unmeasured, unmodelled, uuidField } from './common.ts';

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

export const aggregate: Resource = {
  kind: AGGREGATE,
  path: '/storage/aggregates',
  keys: ['uuid'],
  order: ['name'],
  clusterOnly: true,
  fields: {
    uuid: uuidField,
    name: nameField,
    node: { kind: 'ref', to: 'node', write: 'never' },
    home_node: { kind: 'ref', to: 'node', write: 'never' },
    state: readOnly('enum', {
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
    }),
    create_time: readOnly('time'),
    snaplock_type: readOnly('enum', { values: ['non_snaplock', 'compliance', 'enterprise'] }),
    'data_encryption.software_encryption_enabled': readOnly('boolean'),
    'data_encryption.drive_protection_enabled': readOnly('boolean'),
    'block_storage.storage_type': readOnly('enum', { values: ['hdd', 'hybrid', 'lun', 'ssd', 'vmdisk'] }),
    'block_storage.primary.disk_count': readOnly('integer'),
    'block_storage.primary.disk_class': readOnly('string'),
    'block_storage.primary.disk_type': readOnly('string'),
    'block_storage.primary.raid_type': readOnly('string'),
    'block_storage.primary.raid_size': readOnly('integer'),
    'block_storage.mirror.enabled': readOnly('boolean'),
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
  notSimulated: ['create', 'modify', 'remove'],
  unknown: (given, field) => new Refusal(400, 917508, `Aggregate "${given}" does not exist.`, field),
  seed: ({ aggregates, nodes }, world) =>
    aggregates.map(({ name, node, sizeBytes, storageType }) => {
      const id = world.random.uuid(AGGREGATE);
      const home = world.store.all('node').find((entry) => entry['name'] === node)?.$id;
      const solid = storageType === 'ssd';
      return {
        $id: id,
        uuid: id,
        name,
        node: home,
        home_node: home,
        state: 'online',
        create_time: world.clock.text(),
        snaplock_type: 'non_snaplock',
        'data_encryption.software_encryption_enabled': false,
        'data_encryption.drive_protection_enabled': false,
        'block_storage.storage_type': storageType,
        'block_storage.primary.disk_count': 12 * nodes.length,
        'block_storage.primary.disk_class': solid ? 'solid_state' : 'capacity',
        'block_storage.primary.disk_type': solid ? 'ssd' : storageType === 'vmdisk' ? 'vm_disk' : 'sas',
        'block_storage.primary.raid_type': 'raid_dp',
        'block_storage.primary.raid_size': 24,
        'block_storage.mirror.enabled': false,
        'space.block_storage.size': sizeBytes,
        'space.block_storage.full_threshold_percent': 98,
        'space.block_storage.inactive_user_data': 0,
        'space.block_storage.inactive_user_data_percent': 0,
        'space.snapshot.total': 0,
        'space.snapshot.used': 0,
        'space.snapshot.available': 0,
        $foreign: 0,
      };
    }),
};
