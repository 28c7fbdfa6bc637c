import type { Field, Fields } from '../core/declaration.ts';
import { integer, text, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { readOnly, ownerSvm, unmeasured, uuidField } from './common.ts';
import { groupOf } from './consistency-group-members.ts';
import { containerState, owningNode, qtreeField } from './lun-fields.ts';
import { UNSIMULATED } from './namespace-create.ts';
import { hostFields } from './nvme-host.ts';
import { hostsShown } from './nvme-subsystem.ts';
import { CONVERT } from './unit-convert.ts';
import { encryptionFields, unitFields } from './unit-fields.ts';

export const mapOf = (namespace: string, world: World): Entry | undefined =>
  world.store.by('nvme_map', 'namespace', namespace)[0];

const none = (kind: Field['kind'], more: Partial<Field> = {}): Field =>
  readOnly(kind, { expensive: true, compute: () => 0, ...more });

const spaceFields: Fields = {
  'space.size': { kind: 'size' },
  'space.block_size': { kind: 'integer', write: 'create' },
  // Namespaces do not reserve their space.
  'space.used': readOnly('size', { compute: (entry) => integer(entry, '$written') }),
  'space.guarantee.requested': readOnly('boolean', { compute: () => false }),
  'space.guarantee.reserved': readOnly('boolean', { compute: () => false }),
  'space.physical_used': none('size', { since: '9.16.1', compute: (entry) => integer(entry, '$written') }),
  'space.physical_used_by_snapshots': none('size', { since: '9.16.1' }),
  'space.efficiency_ratio': none('number', { since: '9.16.1', compute: () => 1 }),
};

const statusFields: Fields = {
  'status.container_state': readOnly('enum', {
    values: ['online', 'aggregate_offline', 'volume_offline'],
    compute: containerState,
  }),
  'status.mapped': readOnly('boolean', {
    expensive: true,
    compute: (entry, world) => mapOf(entry.$id, world) !== undefined,
  }),
  'status.read_only': readOnly('boolean', {
    compute: (entry, world) => text(world.store.find('volume', text(entry, 'location.volume')) ?? {}, 'type') === 'dp',
  }),
  'status.state': readOnly('enum', {
    values: ['nvfail', 'offline', 'online', 'space_error'],
    compute: (entry, world) => (containerState(entry, world) === 'online' ? 'online' : 'offline'),
  }),
};

const ofMap =
  (member: string): NonNullable<Field['compute']> =>
  (entry, world) =>
    mapOf(entry.$id, world)?.[member];

const mapFields: Fields = {
  'subsystem_map.nsid': readOnly('string', { expensive: true, compute: ofMap('nsid') }),
  'subsystem_map.anagrpid': readOnly('string', { expensive: true, compute: ofMap('anagrpid') }),
  'subsystem_map.subsystem': {
    kind: 'ref',
    to: 'nvme_subsystem',
    children: ['uuid', 'name', 'comment', 'os_type'],
    write: 'never',
    expensive: true,
    compute: ofMap('subsystem'),
  },
  'subsystem_map.subsystem.hosts': {
    kind: 'objects',
    to: 'nvme_host',
    write: 'never',
    expensive: true,
    of: { nqn: { kind: 'string' }, ...hostFields },
    compute: (entry, world) => {
      const map = mapOf(entry.$id, world);
      return map && hostsShown(text(map, 'subsystem'), world);
    },
  },
};

const locationFields: Fields = {
  'location.namespace': { kind: 'string', write: 'create' },
  'location.volume': {
    kind: 'ref',
    to: 'volume',
    write: 'create',
    scoped: true,
    unknown: (given) => new Refusal(400, 917927, `The specified volume "${given}" was not found.`, 'location.volume'),
  },
  'location.qtree': qtreeField,
  'location.node': { kind: 'ref', to: 'node', write: 'never', compute: owningNode },
};

export const namespaceFields: Fields = {
  uuid: uuidField,
  svm: ownerSvm,
  name: { kind: 'string', key: true },
  comment: { kind: 'string', maxLength: 254 },
  create_time: readOnly('time'),
  os_type: { kind: 'enum', write: 'create', values: ['aix', 'linux', 'vmware', 'windows'] },
  enabled: readOnly('boolean', { compute: (entry, world) => containerState(entry, world) === 'online' }),
  auto_delete: { kind: 'boolean', default: false, expensive: true },
  'clone.created_as_clone': readOnly('boolean', { since: '9.15.1' }),
  // Taken to find the source; a namespace does not remember it.
  'clone.source.name': { kind: 'string', write: 'create' },
  'clone.source.uuid': { kind: 'string', write: 'create' },
  [CONVERT.namespace]: {
    kind: 'ref',
    to: 'lun',
    children: ['uuid', 'name'],
    scoped: true,
    write: 'create',
    secret: true,
    unknown: (given) => new Refusal(400, 5374875, `The LUN "${given}" does not exist.`, CONVERT.namespace),
  },
  consistency_group: {
    kind: 'ref',
    to: 'consistency_group',
    write: 'never',
    compute: (entry, world) => groupOf(text(entry, 'location.volume'), world)?.$id,
  },
  ...locationFields,
  qos_policy: {
    kind: 'ref',
    to: 'qos_policy',
    scoped: true,
    clearable: true,
    absentName: 'none',
    since: '9.13.1',
    unknown: (given) => new Refusal(400, 8454243, `The QoS policy "${given}" does not exist.`, 'qos_policy'),
  },
  ...spaceFields,
  ...statusFields,
  ...mapFields,
  ...unitFields,
  ...encryptionFields,
  ...Object.fromEntries(UNSIMULATED.map((name): [string, Field] => [name, { kind: 'opaque', expensive: true }])),
  ...unmeasured,
};
