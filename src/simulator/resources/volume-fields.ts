import type { Field, Fields, Unique } from '../core/declaration.ts';
import { flag, integer, text, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import { uniqueKey, type World } from '../core/world.ts';
import { ownerSvm, qosLimits, readOnly, unmeasured, unmodelled, uuidField } from './common.ts';
import { groupOf } from './consistency-group-members.ts';
import { quotaFields } from './quota-state.ts';
import { constituentFields } from './volume-constituents.ts';
import { efficiencyFields } from './volume-efficiency.ts';
import { movementFields } from './volume-movement.ts';
import { isMirrorSource } from './snapmirror-source.ts';
import { splitPercent } from './volume-clone.ts';
import { spaceFields } from './volume-space.ts';

const VOLUME = 'volume';

const duplicateName = (entry: Entry) =>
  new Refusal(409, 917526, `A volume with the name "${text(entry, 'name')}" already exists in the SVM.`, 'name');

const nameRule: Unique = {
  fields: ['svm', 'name'],
  refusal: duplicateName,
  pending: (entry) =>
    new Refusal(409, 13107405, `A volume with the name "${text(entry, 'name')}" is being created.`, 'name'),
};

const junctionRule: Unique = {
  fields: ['svm', 'nas.path'],
  ignoreCase: true,
  refusal: (entry) =>
    new Refusal(409, 918252, `The junction path "${text(entry, 'nas.path')}" is in use by another volume.`, 'nas.path'),
};

export const volumeRules: readonly Unique[] = [nameRule, junctionRule];

/** The volume that is mounted where this one's junction lies. */
export const junctionParent = (volume: Entry, world: World): Entry | undefined => {
  const path = text(volume, 'nas.path');
  if (path === '' || path === '/') return undefined;
  const parent = path.slice(0, path.lastIndexOf('/')) || '/';
  const key = uniqueKey(junctionRule, { $id: '', svm: text(volume, 'svm'), 'nas.path': parent });
  const id = key === undefined ? undefined : world.store.findUnique(VOLUME, volumeRules.indexOf(junctionRule), key);
  return world.store.find(VOLUME, id);
};

/** Clones that still share blocks with the volume. */
export const clonesOf = (volume: string, world: World): readonly Entry[] =>
  world.store.by(VOLUME, 'clone.parent_volume', volume);

const constant = (kind: Field['kind'], value: string | number | boolean, more: Partial<Field> = {}): Field =>
  readOnly(kind, { compute: () => value, ...more });

const expensive: Partial<Field> = { expensive: true };

const BLOCK = 4096;
const inWholeBlocks = (bytes: number): number => Math.floor(bytes / BLOCK) * BLOCK;

const cloneFields: Fields = {
  'clone.is_flexclone': { kind: 'boolean', write: 'create' },
  'clone.has_flexclone': readOnly('boolean', {
    expensive: true,
    since: '9.12.1',
    compute: (entry, world) => clonesOf(entry.$id, world).length > 0,
  }),
  'clone.parent_svm': { kind: 'ref', to: 'svm', write: 'create', expensive: true },
  'clone.parent_volume': {
    kind: 'ref',
    to: VOLUME,
    write: 'create',
    expensive: true,
    unknown: (given) => new Refusal(404, 524601, `The parent volume "${given}" does not exist.`, 'clone.parent_volume'),
  },
  'clone.parent_snapshot': {
    kind: 'ref',
    to: 'snapshot',
    write: 'create',
    expensive: true,
    unknown: (given) =>
      new Refusal(404, 524511, `The parent snapshot "${given}" does not exist.`, 'clone.parent_snapshot'),
  },
  'clone.inherited_physical_used': readOnly('size', expensive),
  'clone.inherited_savings': readOnly('size', {
    expensive: true,
    compute: (entry) => (flag(entry, 'clone.is_flexclone') ? 0 : undefined),
  }),
  'clone.split_initiated': { kind: 'boolean', write: 'modify', expensive: true },
  'clone.split_complete_percent': readOnly('integer', {
    expensive: true,
    compute: (entry, world) => (flag(entry, 'clone.is_flexclone') ? splitPercent(entry, world) : undefined),
  }),
  'clone.split_estimate': readOnly('size', {
    expensive: true,
    compute: (entry) =>
      flag(entry, 'clone.is_flexclone') ? integer(entry, 'clone.inherited_physical_used') : undefined,
  }),
};

const nasFields: Fields = {
  'nas.export_policy': {
    kind: 'ref',
    to: 'export_policy',
    children: ['name', 'id'],
    expensiveChildren: ['id'],
    scoped: true,
    unknown: (given) =>
      new Refusal(400, 918271, `The export policy "${given}" is not valid in this SVM.`, 'nas.export_policy'),
  },
  'nas.path': { kind: 'string', expensive: true, clearable: true },
  'nas.security_style': { kind: 'enum', values: ['mixed', 'ntfs', 'unified', 'unix'], expensive: true },
  // A decimal number whose digits are the octal mode.
  'nas.unix_permissions': { kind: 'integer', expensive: true, minimum: 0, maximum: 7777 },
  'nas.uid': { kind: 'integer', expensive: true, minimum: 0 },
  'nas.gid': { kind: 'integer', expensive: true, minimum: 0 },
  'nas.junction_parent': {
    kind: 'ref',
    to: VOLUME,
    write: 'never',
    expensive: true,
    compute: (entry, world) => junctionParent(entry, world)?.$id,
  },
};

const policyFields: Fields = {
  snapshot_policy: {
    kind: 'ref',
    to: 'snapshot_policy',
    scoped: true,
    unknown: (given) => new Refusal(400, 917551, `The snapshot policy "${given}" does not exist.`, 'snapshot_policy'),
  },
  'qos.policy': {
    kind: 'ref',
    to: 'qos_policy',
    scoped: true,
    expensive: true,
    clearable: true,
    absentName: 'none',
    unknown: (given) => new Refusal(400, 8454147, `The QoS policy "${given}" does not exist.`, 'qos.policy'),
  },
  ...qosLimits('qos.policy'),
  'tiering.policy': { kind: 'enum', values: ['all', 'auto', 'none', 'snapshot_only'] },
  'tiering.min_cooling_days': { kind: 'integer', minimum: 2, maximum: 183 },
  'tiering.supported': constant('boolean', false, { expensive: true }),
};

export const volumeFields: Fields = {
  uuid: uuidField,
  comment: { kind: 'string', maxLength: 1023 },
  create_time: readOnly('time'),
  language: { kind: 'string', write: 'create' },
  name: { kind: 'string', key: true, required: true },
  size: { kind: 'size', minimum: 0 },
  state: {
    kind: 'enum',
    values: ['error', 'mixed', 'offline', 'online', 'restricted'],
  },
  style: { kind: 'enum', write: 'create', values: ['flexvol', 'flexgroup', 'flexgroup_constituent'] },
  is_svm_root: readOnly('boolean', { expensive: true, compute: (entry) => flag(entry, 'is_svm_root') }),
  ...policyFields,
  cloud_retrieval_policy: { kind: 'enum', values: ['default', 'on_read', 'never', 'promote'], default: 'default' },
  type: { kind: 'enum', write: 'create', values: ['rw', 'dp', 'ls'], default: 'rw' },
  aggregates: { kind: 'refs', to: 'aggregate', children: ['name', 'uuid'], write: 'create' },
  snapshot_count: readOnly('integer', {
    compute: (entry, world) => world.store.by('snapshot', 'volume', entry.$id).length,
  }),
  msid: readOnly('integer'),
  'encryption.enabled': { kind: 'boolean', expensive: true },
  'encryption.state': readOnly('enum', {
    expensive: true,
    values: ['encrypted', 'encrypting', 'partial', 'rekeying', 'unencrypted'],
    compute: (entry) => (flag(entry, 'encryption.enabled') ? 'encrypted' : 'unencrypted'),
  }),
  'encryption.type': readOnly('enum', {
    expensive: true,
    values: ['none', 'volume', 'aggregate'],
    compute: (entry) => (flag(entry, 'encryption.enabled') ? 'volume' : 'none'),
  }),
  scheduled_snapshot_naming_scheme: { kind: 'enum', values: ['create_time', 'ordinal'], default: 'create_time' },
  ...efficiencyFields,
  ...cloneFields,
  ...nasFields,
  snapshot_locking_enabled: { kind: 'boolean', default: false, since: '9.12.1' },
  snapshot_directory_access_enabled: { kind: 'boolean' },
  'snaplock.type': {
    kind: 'enum',
    write: 'create',
    expensive: true,
    values: ['compliance', 'enterprise', 'non_snaplock'],
    compute: () => 'non_snaplock',
  },
  svm: ownerSvm,
  ...spaceFields,
  'guarantee.type': { kind: 'enum', values: ['volume', 'none'], expensive: true },
  'guarantee.honored': readOnly('boolean', { expensive: true, compute: (entry) => text(entry, 'state') === 'online' }),
  'autosize.mode': { kind: 'enum', values: ['grow', 'grow_shrink', 'off'], expensive: true },
  'autosize.maximum': {
    kind: 'size',
    expensive: true,
    compute: (entry) => entry['$autosize_maximum'] ?? inWholeBlocks(integer(entry, 'size') * 1.2),
  },
  'autosize.minimum': {
    kind: 'size',
    expensive: true,
    compute: (entry) => entry['$autosize_minimum'] ?? entry['size'],
  },
  'autosize.grow_threshold': { kind: 'integer', expensive: true, default: 85 },
  'autosize.shrink_threshold': { kind: 'integer', expensive: true, default: 50 },
  'files.maximum': {
    kind: 'integer',
    expensive: true,
    compute: (entry) => entry['$files_maximum'] ?? Math.floor(integer(entry, 'size') / 33_617),
  },
  'files.used': constant('integer', 96, expensive),
  ...quotaFields,
  'snapmirror.is_protected': readOnly('boolean', { compute: isMirrorSource }),
  'snapmirror.destinations.is_ontap': readOnly('boolean', { compute: isMirrorSource }),
  'snapmirror.destinations.is_cloud': constant('boolean', false),
  'activity_tracking.supported': constant('boolean', true),
  'activity_tracking.state': constant('enum', 'off', { values: ['off', 'on'] }),
  granular_data: constant('boolean', false, { since: '9.12.1' }),
  'anti_ransomware.state': constant('enum', 'disabled', {
    expensive: true,
    values: ['disabled', 'enabled', 'dry_run', 'paused'],
  }),
  access_time_enabled: { kind: 'boolean', default: true },
  flexcache_endpoint_type: constant('enum', 'none', { expensive: true, values: ['none', 'cache', 'origin'] }),
  is_object_store: constant('boolean', false),
  ...constituentFields,
  constituents_per_aggregate: { kind: 'integer', write: 'create', expensive: true, minimum: 1 },
  ...movementFields,
  consistency_group: {
    kind: 'ref',
    to: 'consistency_group',
    write: 'never',
    since: '9.10.1',
    compute: (entry, world) => groupOf(entry.$id, world)?.$id,
  },
  ...unmodelled(
    '_tags',
    'aggressive_readahead_mode',
    'application',
    'asynchronous_directory_delete',
    'clone.lun_name',
    'clone.qtree_name',
    'cloud_write_enabled',
    'convert_unicode',
    'encryption.action',
    'encryption.key_create_time',
    'encryption.key_id',
    'encryption.key_manager_attribute',
    'encryption.rekey',
    'encryption.status',
    'error_state',
    'flash_pool',
    'granular_data_mode',
    'has_dir_index_public',
    'has_large_dir',
    'is_dir_index_transfer_enabled',
    'is_large_dir_enabled',
    'is_s3_arbitrary_part_size_enabled',
    'max_dir_size',
    'movement.capacity_tier_optimized',
    'nodes',
    'optimize_aggregates',
    'queue_for_encryption',
    'rebalancing',
    'smas_protection',
    'space.auto_adaptive_compression_footprint_data_reduction',
    'space.capacity_tier_footprint_data_reduction',
    'space.compaction_footprint_data_reduction',
    'space.effective_total_footprint',
    'status',
    'svm_dr_protection',
    'use_mirrored_aggregates',
  ),
  'files.inodefile_capacity': readOnly('integer', {
    expensive: true,
    compute: (entry) => entry['$files_maximum'] ?? Math.floor(integer(entry, 'size') / 33_617),
  }),
  ...unmeasured,
};
