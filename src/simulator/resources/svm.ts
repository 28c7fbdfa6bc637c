import type { Context, Field, Fields, Resource } from '../core/declaration.ts';
import { integer, list, text, texts, type Entry } from '../core/entry.ts';
import { dropContents } from '../core/contents.ts';
import { JOB } from '../core/jobs.ts';
import { Refusal } from '../core/refusal.ts';
import type { SvmTopology } from '../core/topology.ts';
import type { World } from '../core/world.ts';
import { nameField, readOnly, unmodelled, uuidField } from './common.ts';
import { aggregateSpace } from './aggregate.ts';
import { addDefaultExportPolicy } from './export-policy.ts';
import { DEFAULT_IPSPACE, ipspaceField, ipspaceNamed } from './ipspace.ts';
import { addRootVolume, hasRoomForRoot } from './root-volume.ts';

const SVM = 'svm';
const PROTOCOLS = ['nfs', 'cifs', 'iscsi', 'fcp', 'nvme'] as const;

/** Numbers start at 2: the first export policy of the first SVM is (2 << 32) + 1. */
const nextNumber = (world: World): number =>
  Math.max(1, ...world.store.all(SVM).map((svm) => integer(svm, '$number'))) + 1;

const protocolFields: Fields = Object.fromEntries(
  PROTOCOLS.flatMap((protocol): [string, Field][] => [
    [`${protocol}.allowed`, { kind: 'boolean' }],
    [`${protocol}.enabled`, { kind: 'boolean' }],
  ]),
);

/** What management tools read of every SVM and the simulator has nothing behind: S3, analytics, a limit on storage. */
const unservedFields: Fields = {
  's3.enabled': readOnly('boolean', { expensive: true, compute: () => false }),
  auto_enable_analytics: readOnly('boolean', { expensive: true, since: '9.12.1', compute: () => false }),
  auto_enable_activity_tracking: readOnly('boolean', { expensive: true, since: '9.12.1', compute: () => false }),
  'storage.limit': readOnly('size', { expensive: true, since: '9.13.1', compute: () => 0 }),
  'storage.limit_threshold_alert': readOnly('integer', { expensive: true, since: '9.13.1', compute: () => 90 }),
};

/** The CIFS server, as its SVM shows it. */
const cifsFields: Fields = Object.fromEntries(
  [
    ['cifs.name', 'name'],
    ['cifs.workgroup', 'workgroup'],
    ['cifs.ad_domain.fqdn', 'ad_domain.fqdn'],
    ['cifs.ad_domain.organizational_unit', 'ad_domain.organizational_unit'],
  ].map(([path = '', member = '']): [string, Field] => [
    path,
    readOnly('string', {
      expensive: true,
      compute: (svm, world) => world.store.by('cifs_service', 'svm', svm.$id)[0]?.[member],
    }),
  ]),
);

const protocolValues = (enabled: readonly string[]) =>
  Object.fromEntries(
    PROTOCOLS.flatMap((protocol) => [
      [`${protocol}.allowed`, true],
      [`${protocol}.enabled`, enabled.includes(protocol)],
    ]),
  );

const standing = (world: World) => ({
  subtype: 'default',
  language: 'c.utf_8',
  comment: '',
  max_volumes: 'unlimited',
  'ndmp.allowed': false,
  ipspace: ipspaceNamed(DEFAULT_IPSPACE, world),
  snapshot_policy: world.store.by('snapshot_policy', 'name', 'default')[0]?.$id,
});

/** What every SVM has from its first moment. */
const furnish = (svm: Entry, world: World, defaultClients: readonly string[]) => {
  addDefaultExportPolicy(svm, world, defaultClients);
  addRootVolume(svm, world);
};

const MOST_JOBS = 5;

const checkJobs = (world: World) => {
  if (world.jobs.countUnderWay(SVM) >= MOST_JOBS)
    throw new Refusal(409, 13434894, `At most ${MOST_JOBS} SVMs can be created or deleted at once.`);
};

const checkName = (name: string) => {
  if (name.length > 47)
    throw new Refusal(400, 13434911, `The SVM name "${name}" is longer than 47 characters.`, 'name');
  if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name))
    throw new Refusal(400, 13434908, `The SVM name "${name}" is not valid.`, 'name');
};

const seedSvm =
  (world: World) =>
  ({ name, aggregates, protocols, state, defaultExportClients }: SvmTopology): Entry => {
    const id = world.random.uuid(SVM);
    const svm: Entry = {
      $id: id,
      uuid: id,
      name,
      ...standing(world),
      ...protocolValues(protocols),
      state,
      $number: nextNumber(world),
      $policies: 0,
      aggregates: aggregates.flatMap((each) => world.store.by('aggregate', 'name', each)[0]?.$id ?? []),
    };
    world.store.put(SVM, svm);
    furnish(svm, world, defaultExportClients);
    return world.store.get(SVM, id);
  };

/** All that is the SVM's goes with it, the last rows of the table first; jobs are the cluster's and only forget it. */
const removeOwned = (svm: Entry, { world }: Context) => {
  for (const { kind } of world.resources().toReversed()) {
    for (const entry of world.store.all(kind).filter((each) => each['svm'] === svm.$id)) {
      if (kind === JOB) world.store.change(kind, entry.$id, { svm: undefined });
      else if (world.store.find(kind, entry.$id)) {
        dropContents(kind, entry.$id, world);
        world.store.remove(kind, entry.$id);
      }
    }
  }
};

export const svm: Resource = {
  kind: SVM,
  path: '/svm/svms',
  keys: ['uuid'],
  order: ['name'],
  fields: {
    uuid: uuidField,
    name: nameField,
    subtype: {
      kind: 'enum',
      write: 'create',
      values: ['default', 'dp_destination', 'sync_source', 'sync_destination', 'data_engine'],
    },
    language: { kind: 'string' },
    state: {
      kind: 'enum',
      write: 'modify',
      values: ['starting', 'running', 'stopping', 'stopped', 'deleting', 'initializing'],
    },
    comment: { kind: 'string', maxLength: 255 },
    aggregates: {
      kind: 'refs',
      to: 'aggregate',
      children: ['name', 'uuid', 'state', 'snaplock_type'],
      expensiveChildren: ['state', 'snaplock_type'],
      unknown: (given) => new Refusal(400, 13434909, `Aggregate "${given}" does not exist.`, 'aggregates'),
    },
    'aggregates.available_size': readOnly('size', {
      expensive: true,
      compute: (aggregate, world) => aggregateSpace(aggregate, world).available,
    }),
    'aggregates.type': readOnly('enum', {
      values: ['hdd', 'hybrid', 'lun', 'ssd', 'vmdisk'],
      expensive: true,
      compute: (aggregate) => aggregate['block_storage.storage_type'],
    }),
    aggregates_delegated: readOnly('boolean', {
      since: '9.16.1',
      compute: (entry) => list(entry, 'aggregates').length > 0,
    }),
    ipspace: {
      ...ipspaceField,
      // The states of older simulators do not say.
      compute: (entry, world) => entry['ipspace'] ?? ipspaceNamed(DEFAULT_IPSPACE, world),
      unknown: (name) => new Refusal(400, 13434912, `IPspace "${name}" does not exist.`, 'ipspace.name'),
    },
    routes: readOnly('objects', {
      expensive: true,
      of: { gateway: readOnly('string') },
      compute: (entry, world) => world.store.by('ip_route', SVM, entry.$id),
    }),
    snapshot_policy: {
      kind: 'ref',
      to: 'snapshot_policy',
      unknown: (given) => new Refusal(400, 13434886, `Snapshot policy "${given}" does not exist.`, 'snapshot_policy'),
    },
    ...protocolFields,
    'ndmp.allowed': { kind: 'boolean' },
    max_volumes: { kind: 'string' },
    ...unservedFields,
    ...unmodelled(
      'anti_ransomware',
      'anti_ransomware_auto_switch_duration_without_new_file_extension',
      'anti_ransomware_auto_switch_from_learning_to_enabled',
      'anti_ransomware_auto_switch_minimum_file_count',
      'anti_ransomware_auto_switch_minimum_file_extension',
      'anti_ransomware_auto_switch_minimum_incoming_data',
      'anti_ransomware_auto_switch_minimum_learning_period',
      'anti_ransomware_default_volume_state',
      'anti_ransomware_incoming_write_threshold',
      'anti_ransomware_incoming_write_threshold_percent',
      'certificate',
      'cifs.ad_domain.default_site',
      'cifs.ad_domain.password',
      'cifs.ad_domain.user',
      'cifs.auth-style',
      'cifs.domain_workgroup',
      'dns',
      'fc_interfaces',
      'is_space_enforcement_logical',
      'is_space_reporting_logical',
      'ldap',
      'nis',
      'nsswitch',
      'qos_adaptive_policy_group_template',
      'qos_policy',
      'qos_policy_group_template',
      'san_multipathing',
      'snapmirror',
      'snapshot_autodelete_enabled',
      'snapshot_reserve_percent',
      'storage.allocated',
      'storage.available',
      'storage.limit_threshold_exceeded',
      'storage.used_percentage',
    ),
    ...cifsFields,
    ip_interfaces: {
      kind: 'refs',
      to: 'ip_interface',
      children: ['uuid', 'name', 'ip.address', 'services'],
      write: 'never',
      expensive: true,
      compute: (entry, world) => world.store.by('ip_interface', 'svm', entry.$id).map((lif) => lif.$id),
    },
    number_of_volumes_in_recovery_queue: readOnly('integer', {
      expensive: true,
      compute: (entry, world) => world.store.by('recovery_queue', 'svm', entry.$id).length,
    }),
    total_volume_size_in_recovery_queue: readOnly('size', {
      expensive: true,
      compute: (entry, world) =>
        world.store.by('recovery_queue', 'svm', entry.$id).reduce((sum, volume) => sum + integer(volume, 'size'), 0),
    }),
  },
  unique: [
    {
      fields: ['name'],
      refusal: (entry) =>
        new Refusal(409, 13434908, `An SVM with the name "${text(entry, 'name')}" already exists.`, 'name'),
    },
  ],
  unknown: (given, field) => new Refusal(400, 2621462, `SVM "${given}" does not exist.`, field),
  create: {
    asynchronous: true,
    prepare: (draft, { world }) => {
      checkName(text(draft, 'name'));
      checkJobs(world);
      const aggregates = texts(draft, 'aggregates');
      const [first] = world.store.all('aggregate');
      if (aggregates.length === 0 && !first)
        throw new Refusal(400, 13434909, 'There is no aggregate for the root volume.');
      return {
        ...standing(world),
        ...protocolValues([]),
        state: 'running',
        aggregates: [],
        ...draft,
        $policies: 0,
      };
    },
    effects: (entry, { world, fullAggregate }) => {
      if (fullAggregate !== undefined || !hasRoomForRoot(entry, world))
        throw new Refusal(500, 13434914, 'There is not enough space in the aggregate for the root volume of the SVM.');
      // Others may have been made since the request.
      furnish(world.store.change(SVM, entry.$id, { $number: nextNumber(world) }), world, []);
    },
  },
  modify: {
    asynchronous: true,
    prepare: (changes) => {
      if (typeof changes['name'] === 'string') checkName(changes['name']);
      const { state } = changes;
      if (state !== undefined && state !== 'running' && state !== 'stopped') {
        throw new Refusal(
          400,
          262197,
          `The value "${String(state)}" is invalid for field "state" (<running|stopped>)`,
          'state',
        );
      }
      return changes;
    },
  },
  remove: {
    asynchronous: true,
    check: (entry, { world }) => {
      checkJobs(world);
      const others = world.store.by('volume', 'svm', entry.$id).filter((volume) => volume['is_svm_root'] !== true);
      if (others.length > 0)
        throw new Refusal(409, 9895956, `The SVM "${text(entry, 'name')}" still has ${others.length} data volumes.`);
      const peers = world.store
        .all('svm_peer')
        .filter((peer) => peer['svm'] === entry.$id || peer['peer.svm'] === entry.$id);
      if (peers.length > 0) throw new Refusal(409, 9895956, `The SVM "${text(entry, 'name')}" has peers.`);
    },
    effects: removeOwned,
  },
  // The records are in the store already: root volume and default policy refer to them.
  seed: ({ svms }, world) => svms.map(seedSvm(world)),
};
