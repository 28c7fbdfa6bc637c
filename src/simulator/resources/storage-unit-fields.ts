import type { Field, Fields } from '../core/declaration.ts';
import { flag, text, type Entry, type Stored, type StoredObject } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { nameField, ownerSvm, readOnly, unmeasured, unmodelled, uuidField } from './common.ts';
import { groupOf } from './consistency-group-members.ts';
import { containerState, mapsOf, owningNode } from './lun-fields.ts';
import { encryptionFields, unitFields, volumeBehind } from './unit-fields.ts';

export const STORAGE_UNIT = 'storage_unit';

/** The kinds of records that are units. */
export const UNIT_KINDS = ['lun', 'namespace'] as const;

/** The LUN or namespace that a unit is; they have one UUID. */
const self = (unit: Entry, world: World): Entry | undefined => world.store.find(text(unit, 'type'), unit.$id);

/** A field of the LUN or namespace itself, as stored or as computed there. */
const own = (kind: Field['kind'], path: string, more: Partial<Field> = {}): Field =>
  readOnly(kind, {
    ...more,
    compute: (unit, world): Stored | undefined => {
      const entry = self(unit, world);
      return entry && world.schema(text(unit, 'type')).find(path)?.get(entry, world);
    },
  });

const ofVolume =
  (read: (volume: Entry, world: World) => Stored | undefined) =>
  (unit: Entry, world: World): Stored | undefined => {
    const volume = volumeBehind(unit, world);
    return volume && read(volume, world);
  };

const isClone = (volume: Entry): boolean => flag(volume, 'clone.is_flexclone');

/** The unit whose volume the volume of this one was cloned from. */
const parentUnit = ofVolume((volume, world) => {
  const parent = text(volume, 'clone.parent_volume');
  return parent === '' ? undefined : world.store.by(STORAGE_UNIT, 'location.volume', parent)[0]?.$id;
});

const cloneFields: Fields = {
  'clone.is_flexclone': { kind: 'boolean', write: 'create', compute: ofVolume(isClone) },
  'clone.source.storage_unit': { kind: 'ref', to: STORAGE_UNIT, write: 'create', compute: parentUnit },
  'clone.source.snapshot': {
    kind: 'ref',
    to: 'storage_unit_snapshot',
    write: 'create',
    expensive: true,
    unknown: (given) => new Refusal(404, 1638600, `The snapshot "${given}" does not exist.`, 'clone.source.snapshot'),
    compute: ofVolume((volume) => volume['clone.parent_snapshot']),
  },
  'clone.source.svm': {
    kind: 'ref',
    to: 'svm',
    write: 'create',
    compute: ofVolume((volume) => volume['clone.parent_svm']),
  },
  'clone.inherited_physical_used': readOnly('size', {
    expensive: true,
    compute: ofVolume((volume) => volume['clone.inherited_physical_used']),
  }),
  'clone.inherited_savings': readOnly('size', {
    expensive: true,
    compute: ofVolume((volume) => (isClone(volume) ? 0 : undefined)),
  }),
  'clone.split_initiated': { kind: 'boolean', write: 'modify', expensive: true },
  'clone.split_complete_percent': readOnly('integer', {
    expensive: true,
    compute: ofVolume((volume) => (isClone(volume) ? 0 : undefined)),
  }),
  'clone.split_estimate': readOnly('size', {
    expensive: true,
    compute: ofVolume((volume) => volume['clone.inherited_physical_used']),
  }),
};

const hostGroup = (kind: string, id: string, world: World): StoredObject => ({
  'host_group.name': world.store.find(kind, id)?.['name'],
  'host_group.uuid': id,
});

/** Maps of the LUN to igroups, or of the namespace to its subsystem. */
const mapElements = (unit: Entry, world: World): readonly StoredObject[] => [
  ...mapsOf(unit.$id, world).map((map) => ({
    ...hostGroup('igroup', text(map, 'igroup'), world),
    'lun_map.igroup': map['igroup'],
    'lun_map.logical_unit_number': map['logical_unit_number'],
  })),
  ...world.store.by('nvme_map', 'namespace', unit.$id).map((map) => ({
    ...hostGroup('nvme_subsystem', text(map, 'subsystem'), world),
    'subsystem_map.subsystem': map['subsystem'],
    'subsystem_map.nsid': map['nsid'],
  })),
];

const mapFields: Fields = {
  maps: {
    kind: 'objects',
    write: 'never',
    expensive: true,
    of: {
      'host_group.name': { kind: 'string' },
      'host_group.uuid': { kind: 'string' },
      'lun_map.igroup': { kind: 'ref', to: 'igroup' },
      'lun_map.logical_unit_number': { kind: 'integer' },
      'subsystem_map.subsystem': { kind: 'ref', to: 'nvme_subsystem' },
      'subsystem_map.nsid': { kind: 'string' },
    },
    compute: (unit, world) => {
      const maps = mapElements(unit, world);
      return maps.length === 0 ? undefined : maps;
    },
  },
};

/** Units stay where they are: there is one zone, and nothing under way. */
const movementFields: Fields = {
  'movement.state': readOnly('enum', {
    expensive: true,
    values: ['aborted', 'cutover', 'cutover_wait', 'cutover_pending', 'failed', 'paused', 'replicating', 'success'],
  }),
  'movement.percent_complete': readOnly('integer', { expensive: true }),
  'movement.start_time': readOnly('time', { expensive: true }),
  'movement.destination.storage_availability_zone': {
    kind: 'ref',
    to: 'availability_zone',
    write: 'never',
    expensive: true,
  },
  'movement.source.storage_availability_zone': {
    kind: 'ref',
    to: 'availability_zone',
    write: 'never',
    expensive: true,
  },
};

const isMapped = (unit: Entry, world: World): boolean =>
  mapsOf(unit.$id, world).length > 0 || world.store.by('nvme_map', 'namespace', unit.$id).length > 0;

export const storageUnitFields: Fields = {
  uuid: uuidField,
  name: nameField,
  svm: ownerSvm,
  type: readOnly('enum', { values: UNIT_KINDS }),
  access_mode: readOnly('enum', { values: ['global', 'local'], since: '9.17.1', compute: () => 'global' }),
  class: readOnly('enum', { values: ['regular', 'vvol'], compute: () => 'regular' }),
  comment: own('string', 'comment'),
  create_time: own('time', 'create_time'),
  enabled: own('boolean', 'enabled'),
  os_type: own('enum', 'os_type'),
  serial_number: own('string', 'serial_number'),
  serial_number_hex: own('string', 'serial_number_hex'),
  qos_policy: {
    kind: 'ref',
    to: 'qos_policy',
    write: 'never',
    compute: (unit, world) => self(unit, world)?.['qos_policy'],
  },
  consistency_group: {
    kind: 'ref',
    to: 'consistency_group',
    write: 'never',
    compute: (unit, world) => groupOf(text(unit, 'location.volume'), world)?.$id,
  },
  ...unmodelled('anti_ransomware'),
  ...encryptionFields,
  ...mapFields,
  ...movementFields,
  'location.volume': { kind: 'ref', to: 'volume', write: 'never' },
  'location.node': { kind: 'ref', to: 'node', write: 'never', compute: owningNode },
  ...cloneFields,
  'space.size': own('size', 'space.size'),
  'space.used': own('size', 'space.used'),
  'space.physical_used': own('size', 'space.physical_used', { expensive: true }),
  'space.physical_used_by_snapshots': readOnly('size', { expensive: true, compute: () => 0 }),
  'space.efficiency_ratio': readOnly('number', { compute: () => 1 }),
  ...unitFields,
  'status.container_state': readOnly('enum', {
    values: ['online', 'aggregate_offline', 'volume_offline'],
    compute: containerState,
  }),
  'status.mapped': readOnly('boolean', { compute: isMapped }),
  'status.read_only': readOnly('boolean', { compute: () => false }),
  'status.state': own('enum', 'status.state', {
    values: ['foreign_lun_error', 'nvfail', 'offline', 'online', 'space_error'],
  }),
  ...unmeasured,
};
