import type { Charge, Field, Fields } from '../core/declaration.ts';
import { flag, integer, text, texts, type Entry } from '../core/entry.ts';
import { readOnly } from './common.ts';

export interface VolumeSpace {
  readonly size: number;
  readonly reserve: number;
  /** What the active file system may hold. */
  readonly afs: number;
  readonly used: number;
  readonly available: number;
  /** Blocks that only snapshots hold. */
  readonly snapshots: number;
  /** Snapshot blocks beyond the reserve. */
  readonly spill: number;
  /** Blocks shared with the parent of a clone. */
  readonly inherited: number;
  /** Blocks of this volume's own. */
  readonly footprint: number;
}

/** Records never change in place, so what was measured once holds; `fields=**` asks for it some forty times. */
const measured = new WeakMap<Entry, VolumeSpace>();

/** Space of a volume from its size, reserve and data. */
export const volumeSpace = (volume: Entry): VolumeSpace => {
  const known = measured.get(volume);
  if (known) return known;
  const space = computeSpace(volume);
  measured.set(volume, space);
  return space;
};

/** Whether data fill it, so that there is not even a block for a snapshot. What is only reserved does not. */
export const isFilledUp = (volume: Entry): boolean => {
  const { used, afs, reserve, snapshots } = volumeSpace(volume);
  return used - integer(volume, '$held') >= afs && snapshots >= reserve;
};

const computeSpace = (volume: Entry): VolumeSpace => {
  const size = integer(volume, 'size');
  const reserve = Math.floor((size * integer(volume, 'space.snapshot.reserve_percent')) / 100);
  const afs = size - reserve;
  const active = integer(volume, '$used');
  const snapshots = integer(volume, '$snapshots_used');
  const spill = Math.max(0, snapshots - reserve);
  // What LUNs and namespaces have reserved and not written yet.
  const held = integer(volume, '$held');
  const used = active + held + spill;
  const inherited = integer(volume, 'clone.inherited_physical_used');
  return {
    size,
    reserve,
    afs,
    used,
    snapshots,
    spill,
    inherited,
    available: flag(volume, '$offline') ? 0 : Math.max(0, afs - used),
    footprint: Math.max(0, active + snapshots - inherited),
  };
};

/** Splits bytes evenly over the constituents; the first takes the rest. */
export const split = (bytes: number, parts: number, index: number): number =>
  Math.floor(bytes / parts) + (index === 0 ? bytes % parts : 0);

/** Thick volumes are charged their size (a clone without what it shares), thin ones what they hold. */
export const volumeCharges = (volume: Entry): readonly Charge[] => {
  const layout = texts(volume, '$layout');
  const { size, inherited, footprint } = volumeSpace(volume);
  const bytes = text(volume, 'guarantee.type') === 'volume' ? Math.max(size - inherited, footprint) : footprint;
  return layout.map((aggregate, index) => ({
    aggregate,
    bytes: split(bytes, layout.length, index),
    footprint: split(footprint, layout.length, index),
  }));
};

const size = (measure: (space: VolumeSpace) => number, more: Partial<Field> = {}): Field =>
  readOnly('size', { compute: (entry) => measure(volumeSpace(entry)), ...more });

const hidden: Partial<Field> = { expensive: true };
const percent = (part: number, whole: number): number => (whole <= 0 ? 0 : Math.floor((part / whole) * 100));

const percentField = (measure: (space: VolumeSpace) => number): Field =>
  readOnly('integer', { expensive: true, compute: (entry) => measure(volumeSpace(entry)) });

const zero = (kind: Field['kind'] = 'size'): Field => readOnly(kind, { expensive: true, compute: () => 0 });

export const spaceFields: Fields = {
  'space.size': { kind: 'size', compute: (entry) => entry['size'] },
  'space.available': size(({ available }) => available),
  'space.used': size(({ used }) => used),
  'space.snapshot.used': size(({ snapshots }) => snapshots),
  'space.snapshot.reserve_percent': { kind: 'integer' },
  'space.snapshot.reserve_size': size(({ reserve }) => reserve),
  'space.snapshot.reserve_available': size(({ reserve, snapshots }) => Math.max(0, reserve - snapshots)),
  'space.snapshot.space_used_percent': percentField(({ snapshots, reserve }) => percent(snapshots, reserve)),
  'space.snapshot.autodelete_enabled': { kind: 'boolean', expensive: true, default: false },
  'space.snapshot.autodelete_trigger': {
    kind: 'enum',
    values: ['volume', 'snap_reserve'],
    expensive: true,
    default: 'volume',
  },
  // Nothing is deleted by itself: settings that tools make and read back.
  'space.snapshot.autodelete.enabled': { kind: 'boolean', expensive: true, default: false },
  'space.snapshot.autodelete.commitment': {
    kind: 'enum',
    values: ['try', 'disrupt', 'destroy'],
    expensive: true,
    default: 'try',
  },
  'space.snapshot.autodelete.defer_delete': {
    kind: 'enum',
    values: ['scheduled', 'user_created', 'prefix', 'none'],
    expensive: true,
    default: 'user_created',
  },
  'space.snapshot.autodelete.delete_order': {
    kind: 'enum',
    values: ['newest_first', 'oldest_first'],
    expensive: true,
    default: 'oldest_first',
  },
  'space.snapshot.autodelete.prefix': { kind: 'string', expensive: true, default: '(not specified)' },
  'space.snapshot.autodelete.target_free_space': {
    kind: 'integer',
    expensive: true,
    minimum: 0,
    maximum: 100,
    default: 20,
  },
  'space.snapshot.autodelete.trigger': {
    kind: 'enum',
    values: ['volume', 'snap_reserve'],
    expensive: true,
    default: 'volume',
  },
  'space.logical_space.used': size(({ used, snapshots, spill }) => used - spill + snapshots, hidden),
  'space.logical_space.used_by_afs': size(({ used, spill }) => used - spill, hidden),
  'space.logical_space.used_by_snapshots': size(({ snapshots }) => snapshots, hidden),
  'space.logical_space.used_percent': percentField(({ used, afs }) => percent(used, afs)),
  'space.logical_space.available': size(({ available }) => available, hidden),
  'space.logical_space.enforcement': { kind: 'boolean', expensive: true },
  'space.logical_space.reporting': { kind: 'boolean', expensive: true },
  'space.footprint': size(({ footprint }) => footprint, hidden),
  'space.total_footprint': size(({ footprint }) => footprint, hidden),
  'space.local_tier_footprint': size(({ footprint }) => footprint, hidden),
  'space.performance_tier_footprint': size(({ footprint }) => footprint, hidden),
  'space.capacity_tier_footprint': zero(),
  'space.snapmirror_destination_footprint': zero(),
  'space.volume_guarantee_footprint': readOnly('size', {
    expensive: true,
    compute: (entry) => {
      const { size: whole, footprint } = volumeSpace(entry);
      return text(entry, 'guarantee.type') === 'volume' ? Math.max(0, whole - footprint) : 0;
    },
  }),
  'space.metadata': zero(),
  'space.total_metadata': zero(),
  'space.total_metadata_footprint': zero(),
  'space.dedupe_metafiles_footprint': zero(),
  'space.dedupe_metafiles_temporary_footprint': zero(),
  'space.cross_volume_dedupe_metafiles_footprint': zero(),
  'space.cross_volume_dedupe_metafiles_temporary_footprint': zero(),
  'space.delayed_free_footprint': zero(),
  'space.file_operation_metadata': zero(),
  'space.block_storage_inactive_user_data': zero(),
  'space.block_storage_inactive_user_data_percent': zero('integer'),
  'space.user_data': size(({ used, spill }) => used - spill, hidden),
  'space.afs_total': size(({ afs }) => afs, hidden),
  'space.used_by_afs': size(({ used }) => used, hidden),
  'space.available_percent': percentField(({ available, afs }) => percent(available, afs)),
  'space.percent_used': percentField(({ used, afs }) => percent(used, afs)),
  'space.physical_used': size(({ footprint }) => footprint, hidden),
  'space.physical_used_percent': percentField(({ footprint, size: whole }) => percent(footprint, whole)),
  'space.filesystem_size': size(({ size: whole }) => whole, hidden),
  'space.filesystem_size_fixed': { kind: 'boolean', expensive: true, default: false },
  'space.over_provisioned': zero(),
  'space.fractional_reserve': { kind: 'integer', expensive: true, minimum: 0, maximum: 100 },
  'space.overwrite_reserve': zero(),
  'space.overwrite_reserve_used': zero(),
  'space.expected_available': size(({ available }) => available, hidden),
  'space.size_available_for_snapshots': size(
    ({ available, reserve, snapshots }) => available + Math.max(0, reserve - snapshots),
    hidden,
  ),
  'space.snapshot_reserve_unusable': zero(),
  'space.snapshot_spill': size(({ spill }) => spill, hidden),
  'space.full_threshold_percent': { kind: 'integer', expensive: true, default: 98 },
  'space.nearly_full_threshold_percent': { kind: 'integer', expensive: true, default: 95 },
  'space.large_size_enabled': { kind: 'boolean', expensive: true },
  'space.is_used_stale': readOnly('boolean', { expensive: true, compute: () => false }),
  'space.max_size': readOnly('string', {
    expensive: true,
    since: '9.15.1',
    compute: (entry) => (flag(entry, 'space.large_size_enabled') ? '300T' : '100T'),
  }),
};
