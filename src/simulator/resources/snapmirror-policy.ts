import type { Resource } from '../core/declaration.ts';
import { flag, integer, objects, text, type Entry, type StoredObject } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { nameField, readOnly, scopeOf, svmField, uuidField } from './common.ts';

export const POLICY = 'snapmirror_policy';
export const DEFAULT_POLICY = 'Asynchronous';
const GREATEST_COUNT = 1023;

interface BuiltIn {
  readonly name: string;
  readonly comment: string;
  readonly type: 'async' | 'sync' | 'continuous';
  readonly syncType?: string;
  readonly all?: true;
  readonly latest?: true;
  readonly makesSnapshot?: false;
  readonly schedule?: string;
  readonly keeps?: readonly (readonly [label: string, count: number])[];
}

const DAILY_AND_WEEKLY = [
  ['daily', 7],
  ['weekly', 52],
] as const;

const BUILT_IN: readonly BuiltIn[] = [
  {
    name: DEFAULT_POLICY,
    comment: 'The latest active file system, and daily and weekly snapshots, every hour.',
    type: 'async',
    schedule: 'hourly',
    keeps: DAILY_AND_WEEKLY,
  },
  { name: 'AutomatedFailOver', comment: 'Zero recovery time for SAN.', type: 'sync', syncType: 'automated_failover' },
  {
    name: 'AutomatedFailOverDuplex',
    comment: 'Zero recovery time, both copies written.',
    type: 'sync',
    syncType: 'automated_failover_duplex',
  },
  {
    name: 'CloudBackupDefault',
    comment: 'Daily snapshots for the cloud.',
    type: 'async',
    makesSnapshot: false,
    keeps: [['daily', 7]],
  },
  { name: 'Continuous', comment: 'Objects as they change.', type: 'continuous' },
  { name: 'DPDefault', comment: 'All snapshots and the latest active file system.', type: 'async', all: true },
  { name: 'MirrorAllSnapshots', comment: 'All snapshots and the latest active file system.', type: 'async', all: true },
  {
    name: 'MirrorAndVault',
    comment: 'The latest active file system, and daily and weekly snapshots.',
    type: 'async',
    keeps: DAILY_AND_WEEKLY,
  },
  { name: 'MirrorLatest', comment: 'The latest active file system.', type: 'async', latest: true },
  { name: 'StrictSync', comment: 'Writes fail when they cannot be mirrored.', type: 'sync', syncType: 'strict_sync' },
  { name: 'Sync', comment: 'Writes are mirrored as they come.', type: 'sync', syncType: 'sync' },
  {
    name: 'XDPDefault',
    comment: 'Daily and weekly snapshots.',
    type: 'async',
    makesSnapshot: false,
    keeps: DAILY_AND_WEEKLY,
  },
];

export const isSynchronous = (policy: Entry): boolean => text(policy, 'type') === 'sync';

const checkPolicy = (policy: StoredObject) => {
  const retention = objects(policy, 'retention');
  const all = flag(policy, 'copy_all_source_snapshots');
  const latest = flag(policy, 'copy_latest_source_snapshot');
  if (all && latest)
    throw new Refusal(
      400,
      13304084,
      'Only one of "copy_all_source_snapshots" and "copy_latest_source_snapshot" can be true.',
      'copy_all_source_snapshots',
    );
  if ((all || latest) && retention.length > 0)
    throw new Refusal(400, 13304084, 'A policy that copies all or the latest has no retention.', 'retention');
  const total = retention.reduce((sum, rule) => sum + Number(text(rule, 'count')), 0);
  if (!Number.isInteger(total) || total > GREATEST_COUNT)
    throw new Refusal(400, 13304130, `The counts add up to more than ${GREATEST_COUNT}.`, 'retention.count');
  if (policy['sync_type'] !== undefined && text(policy, 'type') !== 'sync')
    throw new Refusal(400, 13304084, 'Only a synchronous policy has a "sync_type".', 'sync_type');
};

const isUsed = (policy: Entry, world: World) =>
  world.store.all('snapmirror_relationship').some((each) => each['policy'] === policy.$id);

const refuseBuiltIn = (policy: Entry, what: string) => {
  if (flag(policy, '$system'))
    throw new Refusal(400, 13303865, `The built-in policy "${text(policy, 'name')}" cannot be ${what}.`);
};

/** `/snapmirror/policies`. */
export const snapmirrorPolicy: Resource = {
  kind: POLICY,
  path: '/snapmirror/policies',
  keys: ['uuid'],
  order: ['name'],
  fields: {
    uuid: uuidField,
    name: nameField,
    comment: { kind: 'string', maxLength: 255 },
    type: { kind: 'enum', write: 'create', values: ['async', 'sync', 'continuous'], default: 'async' },
    sync_type: {
      kind: 'enum',
      write: 'create',
      values: ['sync', 'strict_sync', 'automated_failover', 'automated_failover_duplex'],
    },
    scope: readOnly('enum', { values: ['svm', 'cluster'] }),
    svm: svmField,
    copy_all_source_snapshots: { kind: 'boolean', write: 'create' },
    copy_latest_source_snapshot: { kind: 'boolean', write: 'create' },
    create_snapshot_on_source: { kind: 'boolean', write: 'create' },
    identity_preservation: {
      kind: 'enum',
      values: ['full', 'exclude_network_config', 'exclude_network_and_protocol_config'],
    },
    network_compression_enabled: { kind: 'boolean', default: false },
    rpo: { kind: 'integer', minimum: 0 },
    throttle: { kind: 'integer', minimum: 0, default: 0 },
    transfer_schedule: { kind: 'ref', to: 'schedule', clearable: true },
    sync_common_snapshot_schedule: { kind: 'ref', to: 'schedule', clearable: true },
    retention: {
      kind: 'objects',
      of: {
        label: { kind: 'string', required: true, maxLength: 31 },
        // A text, as on real systems.
        count: { kind: 'string', required: true },
        prefix: { kind: 'string' },
        period: { kind: 'string' },
        preserve: { kind: 'boolean', default: false },
        warn: { kind: 'integer', default: 0 },
        creation_schedule: { kind: 'ref', to: 'schedule' },
      },
    },
  },
  unique: [
    {
      fields: ['$scope', 'name'],
      refusal: (entry) =>
        new Refusal(409, 6621060, `A SnapMirror policy with the name "${text(entry, 'name')}" already exists.`, 'name'),
    },
  ],
  unknown: (given, field) => new Refusal(400, 13303821, `The SnapMirror policy "${given}" does not exist.`, field),
  create: {
    asynchronous: true,
    prepare: (draft) => {
      const sync = text(draft, 'type') === 'sync';
      const policy: Entry = {
        ...(sync && draft['sync_type'] === undefined ? { sync_type: 'sync' } : {}),
        ...(text(draft, 'type') === 'async' && draft['create_snapshot_on_source'] === undefined
          ? { create_snapshot_on_source: true }
          : {}),
        ...draft,
        scope: scopeOf(draft),
        $scope: text(draft, 'svm') || 'cluster',
        $id: draft.$id,
      };
      checkPolicy(policy);
      return policy;
    },
  },
  modify: {
    asynchronous: true,
    prepare: (changes, before) => {
      refuseBuiltIn(before, 'changed');
      checkPolicy({ ...before, ...changes });
      return changes;
    },
  },
  remove: {
    asynchronous: true,
    check: (entry, { world }) => {
      refuseBuiltIn(entry, 'deleted');
      if (isUsed(entry, world))
        throw new Refusal(409, 8, `The SnapMirror policy "${text(entry, 'name')}" is used by a relationship.`);
    },
  },
  seed: (_, world) =>
    BUILT_IN.map(({ name, comment, type, syncType, all, latest, makesSnapshot, schedule, keeps }) => {
      const id = world.random.uuid(POLICY);
      return {
        $id: id,
        $system: true,
        $scope: 'cluster',
        uuid: id,
        name,
        comment,
        type,
        scope: 'cluster',
        throttle: 0,
        network_compression_enabled: false,
        ...(syncType === undefined ? {} : { sync_type: syncType }),
        ...(type === 'async'
          ? {
              copy_all_source_snapshots: all ?? false,
              copy_latest_source_snapshot: latest ?? false,
              create_snapshot_on_source: makesSnapshot ?? true,
            }
          : {}),
        ...(schedule === undefined ? {} : { transfer_schedule: world.store.by('schedule', 'name', schedule)[0]?.$id }),
        ...(keeps === undefined
          ? {}
          : {
              retention: keeps.map(([label, count]) => ({ label, count: String(count), preserve: false, warn: 0 })),
            }),
      };
    }),
};

/** How many snapshots of each label a policy keeps at the destination. */
export const retainedLabels = (policy: Entry): ReadonlyMap<string, number> =>
  new Map(
    objects(policy, 'retention').map((rule) => [
      text(rule, 'label'),
      Number(text(rule, 'count')) || integer(rule, 'count'),
    ]),
  );
