import type { Field, Fields } from '../core/declaration.ts';
import { findText, text, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { asIn, ownerSvm, readOnly, unmeasured, unmodelled, unmodelledLimits, uuidField } from './common.ts';
import { cloneFields } from './consistency-group-clone.ts';
import { childrenOf, GROUP, membersOf, PARENT } from './consistency-group-members.ts';
import { mappingFields } from './consistency-group-own-units.ts';
import { restoreFields } from './consistency-group-restore.ts';
import { groupUnits } from './consistency-group-unit-fields.ts';
import { groupVolumes } from './consistency-group-volumes.ts';

const APPLICATIONS =
  'oracle other exchange sql_server sap_hana vmware mongodb db2 mysql sap_maxdb postgresql sap_ase_sybase'.split(' ');
const COMPONENTS = ['data', 'logs', 'other'];

const sum = (path: string): Field => {
  const read = asIn('volume', path);
  return readOnly('size', {
    compute: (group, world) =>
      membersOf(group, world).reduce((total, volume) => total + Number(read(volume, world) ?? 0), 0),
  });
};

/** A tag: one kind is for groups at the top, the other for those in them, and `other` unless another was given. */
const tag = (path: string, values: readonly string[], isFor: (group: Entry) => boolean): Field => ({
  kind: 'enum',
  values,
  since: '9.12.1',
  compute: (group) => findText(group, path) ?? (isFor(group) ? 'other' : undefined),
});

const isTop = (group: Entry): boolean => text(group, PARENT) === '';

/** What a group has, and a group in a group. */
const shared: Fields = {
  volumes: groupVolumes,
  ...groupUnits,
  'space.size': sum('space.size'),
  'space.used': sum('space.used'),
  'space.available': sum('space.available'),
  [PARENT]: { kind: 'ref', to: GROUP, write: 'never' },
  snapshot_policy: {
    kind: 'ref',
    to: 'snapshot_policy',
    scoped: true,
    clearable: true,
    unknown: (given) => new Refusal(400, 917551, `The snapshot policy "${given}" does not exist.`, 'snapshot_policy'),
  },
  'qos.policy': {
    kind: 'ref',
    to: 'qos_policy',
    scoped: true,
    unknown: (given) => new Refusal(400, 8454243, `The QoS policy "${given}" does not exist.`, 'qos.policy'),
  },
  ...unmodelledLimits('qos.policy'),
  'tiering.policy': { kind: 'enum', write: 'create', values: ['all', 'auto', 'none', 'snapshot_only'] },
  'application.type': tag('application.type', APPLICATIONS, isTop),
  'application.component_type': tag('application.component_type', COMPONENTS, (group) => !isTop(group)),
  'provisioning_options.action': {
    kind: 'enum',
    values: ['create', 'add', 'remove', 'promote', 'demote'],
    secret: true,
    since: '9.13.1',
  },
  'provisioning_options.name': { kind: 'string', secret: true, since: '9.13.1' },
  ...restoreFields,
  ...unmodelled(
    '_tags',
    'provisioning_options.snapshot_autodelete_enabled',
    'provisioning_options.snapshot_reserve_percent',
    'provisioning_options.storage_service',
    'provisioning_options.verify_tags',
    'tiering.control',
    'tiering.object_stores',
  ),
};

const children = (group: Entry, world: World) => {
  const found = childrenOf(group, world);
  return found.length === 0 ? undefined : found.map((child) => ({ ...child, $ref: child.$id }));
};

export const groupFields: Fields = {
  uuid: uuidField,
  name: { kind: 'string', key: true, write: 'create' },
  svm: ownerSvm,
  ...shared,
  consistency_groups: {
    kind: 'objects',
    to: GROUP,
    compute: children,
    of: {
      uuid: { kind: 'string' },
      name: { kind: 'string' },
      svm: { kind: 'ref', to: 'svm' },
      ...shared,
    },
  },
  ...cloneFields,
  replicated: readOnly('boolean', { compute: (group) => (isTop(group) ? false : undefined) }),
  ...mappingFields,
  ...unmodelled('replication_relationships', 'replication_source', 'snaplock', 'vdisk_type'),
  ...Object.fromEntries(Object.entries(unmeasured).map(([path, field]) => [path, { ...field, since: '9.13.1' }])),
};
