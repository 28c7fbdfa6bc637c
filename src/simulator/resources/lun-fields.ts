import type { Field, Fields } from '../core/declaration.ts';
import { flag, integer, text, texts, type Entry, type StoredObject } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { ownerSvm, readOnly, unmeasured, uuidField } from './common.ts';
import { groupOf } from './consistency-group-members.ts';
import { allInitiatorsOf } from './igroup-members.ts';
import { attributesOf, LUN_ATTRIBUTE } from './lun-attribute.ts';
import { copyFields } from './lun-copy.ts';
import { lunMovementFields } from './lun-movement.ts';
import { GREATEST_LUN, refuseSize, SMALLEST_LUN } from './lun-space.ts';
import { CONVERT } from './unit-convert.ts';
import { encryptionFields, unitFields } from './unit-fields.ts';
import { nodeOf } from './volume-node.ts';

const LUN_OS_TYPES = [
  'aix',
  'hpux',
  'hyper_v',
  'linux',
  'netware',
  'openvms',
  'solaris',
  'solaris_efi',
  'vmware',
  'windows',
  'windows_2008',
  'windows_gpt',
  'xen',
];

const volumeOf = (unit: Entry, world: World): Entry | undefined =>
  world.store.find('volume', text(unit, 'location.volume'));

/** The node of the aggregate that a LUN or namespace lies on. */
export const owningNode = (unit: Entry, world: World): string | undefined => nodeOf(volumeOf(unit, world), world)?.$id;

/** Whether the container of a LUN or namespace can be reached. */
export const containerState = (unit: Entry, world: World): 'online' | 'aggregate_offline' | 'volume_offline' => {
  const volume = volumeOf(unit, world);
  const aggregate = volume && world.store.find('aggregate', texts(volume, 'aggregates')[0]);
  if (aggregate && text(aggregate, 'state') !== 'online') return 'aggregate_offline';
  return volume === undefined || text(volume, 'state') === 'online' ? 'online' : 'volume_offline';
};

export const mapsOf = (lun: string, world: World): readonly Entry[] => world.store.by('lun_map', 'lun', lun);

const mapElements = (lun: Entry, world: World): readonly StoredObject[] =>
  mapsOf(lun.$id, world).map((map) => ({
    $ref: map.$id,
    igroup: map['igroup'],
    'igroup.initiators': allInitiatorsOf(text(map, 'igroup'), world).map((each) => text(each, 'name')),
    logical_unit_number: map['logical_unit_number'],
  }));

const hexOf = (serial: string): string => Buffer.from(serial, 'latin1').toString('hex');

const unsimulated: Field = { kind: 'opaque', expensive: true };

/** Properties that ONTAP takes and the simulator does not: giving one is answered with 501. */
export const UNSIMULATED = ['provisioning_options', 'vvol'] as const;

const spaceFields: Fields = {
  'space.guarantee.requested': { kind: 'boolean' },
  'space.guarantee.reserved': readOnly('boolean', { compute: (entry) => flag(entry, 'space.guarantee.requested') }),
  'space.scsi_thin_provisioning_support_enabled': { kind: 'boolean' },
  'space.size': { kind: 'size', minimum: SMALLEST_LUN, maximum: GREATEST_LUN, refusal: refuseSize },
  'space.used': readOnly('size', { compute: (entry) => integer(entry, '$held') + integer(entry, '$written') }),
  'space.physical_used': readOnly('size', { expensive: true, compute: (entry) => integer(entry, '$written') }),
  'space.physical_used_by_snapshots': readOnly('size', { expensive: true, compute: () => 0 }),
  'space.efficiency_ratio': readOnly('number', { expensive: true, compute: () => 1 }),
};

const statusFields: Fields = {
  'status.container_state': readOnly('enum', {
    values: ['online', 'aggregate_offline', 'volume_offline'],
    compute: containerState,
  }),
  'status.mapped': readOnly('boolean', { compute: (entry, world) => mapsOf(entry.$id, world).length > 0 }),
  'status.read_only': readOnly('boolean', {
    compute: (entry, world) => text(volumeOf(entry, world) ?? {}, 'type') === 'dp',
  }),
  'status.state': readOnly('enum', {
    values: ['foreign_lun_error', 'nvfail', 'offline', 'online', 'space_error'],
    compute: (entry, world) =>
      flag(entry, 'enabled') && containerState(entry, world) === 'online' ? 'online' : 'offline',
  }),
};

const locationFields: Fields = {
  'location.logical_unit': { kind: 'string' },
  'location.node': { kind: 'ref', to: 'node', write: 'never', compute: owningNode },
  'location.volume': {
    kind: 'ref',
    to: 'volume',
    scoped: true,
    unknown: (given) => new Refusal(400, 917927, `The volume "${given}" does not exist.`, 'location.volume'),
  },
};

/** The qtree of a LUN, where qtrees are simulated. */
export const qtreeField: Field = {
  kind: 'ref',
  to: 'qtree',
  children: ['id', 'name'],
  write: 'create',
  unknown: (given) => new Refusal(400, 5242927, `The qtree "${given}" does not exist.`, 'location.qtree'),
};

export const lunFields: Fields = {
  uuid: uuidField,
  svm: ownerSvm,
  name: { kind: 'string', key: true },
  ...locationFields,
  'location.qtree': qtreeField,
  auto_delete: { kind: 'boolean', expensive: true, default: false },
  class: {
    kind: 'enum',
    write: 'create',
    values: ['regular', 'protocol_endpoint', 'vvol'],
    refusal: () => new Refusal(400, 262197, 'Only regular LUNs can be created.', 'class'),
  },
  comment: { kind: 'string', maxLength: 254 },
  create_time: readOnly('time'),
  enabled: { kind: 'boolean', default: true },
  os_type: { kind: 'enum', write: 'create', values: LUN_OS_TYPES },
  serial_number: readOnly('string'),
  serial_number_hex: readOnly('string', { compute: (entry) => hexOf(text(entry, 'serial_number')) }),
  qos_policy: {
    kind: 'ref',
    to: 'qos_policy',
    scoped: true,
    clearable: true,
    absentName: 'none',
    unknown: (given) => new Refusal(400, 8454243, `The QoS policy "${given}" does not exist.`, 'qos_policy'),
  },
  ...spaceFields,
  ...unitFields,
  ...statusFields,
  'clone.created_as_clone': readOnly('boolean', { since: '9.15.1', compute: (entry) => flag(entry, '$cloned') }),
  // Taken to find the source; a LUN does not remember it.
  'clone.source.name': { kind: 'string' },
  'clone.source.uuid': { kind: 'string' },
  [CONVERT.lun]: {
    kind: 'ref',
    to: 'namespace',
    children: ['uuid', 'name'],
    scoped: true,
    write: 'create',
    secret: true,
    unknown: (given) =>
      given.includes('/.snapshot/')
        ? new Refusal(400, 72089757, 'An NVMe namespace in a snapshot cannot become a LUN.', CONVERT.lun)
        : new Refusal(400, 72090007, `The NVMe namespace "${given}" does not exist.`, CONVERT.lun),
  },
  ...copyFields,
  ...lunMovementFields,
  attributes: {
    kind: 'objects',
    to: LUN_ATTRIBUTE,
    write: 'create',
    expensive: true,
    of: { name: { kind: 'string', required: true }, value: { kind: 'string', required: true } },
    compute: (entry, world) =>
      attributesOf(entry.$id, world).map((each) => ({ $ref: each.$id, name: each['name'], value: each['value'] })),
  },
  lun_maps: {
    kind: 'objects',
    to: 'lun_map',
    write: 'never',
    expensive: true,
    of: {
      igroup: { kind: 'ref', to: 'igroup', children: ['uuid', 'name', 'os_type', 'protocol'] },
      'igroup.initiators': { kind: 'strings' },
      logical_unit_number: { kind: 'integer' },
    },
    compute: mapElements,
  },
  consistency_group: {
    kind: 'ref',
    to: 'consistency_group',
    write: 'never',
    since: '9.10.1',
    compute: (entry, world) => groupOf(text(entry, 'location.volume'), world)?.$id,
  },
  access_mode: readOnly('enum', {
    values: ['global', 'local'],
    since: '9.17.1',
    personalities: ['asa-r2'],
    compute: () => 'global',
  }),
  ...encryptionFields,
  ...Object.fromEntries(UNSIMULATED.map((name) => [name, unsimulated])),
  ...unmeasured,
};
