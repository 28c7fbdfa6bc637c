import type { Field, Fields } from '../core/declaration.ts';
import { text, type Entry, type Stored } from '../core/entry.ts';
import type { World } from '../core/world.ts';
import { asIn, readOnly, unmodelled, unmodelledLimits } from './common.ts';
import { membersOf } from './consistency-group-members.ts';
import { allInitiatorsOf } from './igroup-members.ts';
import { hostsShown } from './nvme-subsystem.ts';

/** The LUNs and namespaces of a consistency group, as they are shown and as a body names them. */

export type UnitKind = 'lun' | 'namespace';

const taken = (kind: Field['kind'], more: Partial<Field> = {}): Field => ({ kind, secret: true, ...more });

const own = (kind: UnitKind, fields: Fields): Fields =>
  Object.fromEntries(
    Object.entries(fields).map(([path, field]): [string, Field] => [path, { ...field, compute: asIn(kind, path) }]),
  );

/** What both are given, and show as they do under their own paths. */
const shared: Fields = {
  name: { kind: 'string' },
  os_type: { kind: 'string' },
  comment: { kind: 'string' },
  create_time: readOnly('time'),
  enabled: readOnly('boolean'),
  'space.size': { kind: 'size' },
  'space.used': readOnly('size'),
  'space.guarantee.reserved': readOnly('boolean'),
};

const options: Fields = {
  'provisioning_options.action': taken('enum', { values: ['create'] }),
  'provisioning_options.count': taken('integer', { minimum: 1 }),
};

const lunMaps = (lun: Entry, world: World): Stored =>
  world.store.by('lun_map', 'lun', lun.$id).map((map) => {
    const igroup = world.store.get('igroup', text(map, 'igroup'));
    return {
      $ref: map.$id,
      logical_unit_number: map['logical_unit_number'],
      ...Object.fromEntries(
        ['uuid', 'name', 'comment', 'os_type', 'protocol'].map((member) => [`igroup.${member}`, igroup[member]]),
      ),
      'igroup.initiators': allInitiatorsOf(igroup.$id, world).map(({ name, comment }) => ({ name, comment })),
    };
  });

const lunFields: Fields = {
  uuid: readOnly('string', { compute: ({ $id }) => $id }),
  ...own('lun', {
    ...shared,
    serial_number: readOnly('string'),
    'space.guarantee.requested': { kind: 'boolean' },
  }),
  'qos.policy.name': { kind: 'string', compute: asIn('lun', 'qos_policy.name') },
  'qos.policy.uuid': { kind: 'string', compute: asIn('lun', 'qos_policy.uuid') },
  'clone.source.name': taken('string'),
  'clone.source.uuid': taken('string'),
  lun_maps: {
    kind: 'objects',
    to: 'lun_map',
    compute: lunMaps,
    of: {
      logical_unit_number: { kind: 'integer' },
      'igroup.uuid': { kind: 'string' },
      'igroup.name': { kind: 'string' },
      'igroup.comment': { kind: 'string' },
      'igroup.os_type': { kind: 'string' },
      'igroup.protocol': { kind: 'string' },
      'igroup.initiators': { kind: 'objects', of: { name: { kind: 'string' }, comment: { kind: 'string' } } },
      'igroup.igroups': { kind: 'objects', of: { name: { kind: 'string' }, uuid: { kind: 'string' } } },
    },
  },
  ...options,
  ...unmodelled('access_mode'),
  ...unmodelledLimits('qos.policy'),
};

const subsystemHosts = (namespace: Entry, world: World): Stored | undefined => {
  const [map] = world.store.by('nvme_map', 'namespace', namespace.$id);
  return map && hostsShown(text(map, 'subsystem'), world);
};

const subsystemFields = (...members: readonly string[]): Fields =>
  Object.fromEntries(
    members
      .map((member) => `subsystem_map.subsystem.${member}`)
      .map((path): [string, Field] => [path, { kind: 'string', compute: asIn('namespace', path) }]),
  );

const namespaceFields: Fields = {
  uuid: readOnly('string', { compute: ({ $id }) => $id }),
  ...own('namespace', {
    ...shared,
    'space.block_size': { kind: 'integer' },
    'space.guarantee.requested': readOnly('boolean'),
    'status.container_state': readOnly('string'),
    'status.mapped': readOnly('boolean'),
    'status.read_only': readOnly('boolean'),
    'status.state': readOnly('string'),
    'subsystem_map.nsid': readOnly('string'),
    'subsystem_map.anagrpid': readOnly('string'),
  }),
  ...subsystemFields('uuid', 'name', 'comment', 'os_type'),
  'subsystem_map.subsystem.hosts': {
    kind: 'objects',
    to: 'nvme_host',
    compute: subsystemHosts,
    of: { nqn: { kind: 'string' }, ...unmodelled('dh_hmac_chap', 'priority', 'proximity', 'tls') },
  },
  ...options,
  ...unmodelled('auto_delete', 'clone'),
};

/** The records of a kind that lie in volumes. */
export const inVolumes = (kind: UnitKind, volumes: readonly Entry[], world: World): readonly Entry[] =>
  volumes.flatMap((volume) => world.store.by(kind, 'location.volume', volume.$id));

const unitsField = (kind: UnitKind, of: Fields): Field => ({
  kind: 'objects',
  to: kind,
  expensive: true,
  of,
  compute: (group, world) => inVolumes(kind, membersOf(group, world), world).map(({ $id }) => ({ $id, $ref: $id })),
});

export const groupUnits: Fields = {
  luns: unitsField('lun', lunFields),
  namespaces: unitsField('namespace', namespaceFields),
};
