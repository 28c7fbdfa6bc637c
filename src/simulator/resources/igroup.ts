import type { Field, Fields, Resource } from '../core/declaration.ts';
import { findText, flag, objects, text, texts, type Entry, type StoredObject } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { readOnly, requiredSvm, unmodelled, uuidField } from './common.ts';
import { addChildren, checkPair, otherSystem, refuseMixed } from './igroup-child.ts';
import { addInitiator, checkInitiator } from './igroup-initiator.ts';
import {
  allInitiatorsOf,
  checkUnmapped,
  CHILD,
  childrenOf,
  INITIATOR,
  initiatorsOf,
  parentsOf,
} from './igroup-members.ts';
import { canonicalInitiator } from './initiator-name.ts';
import { owningNode } from './lun-fields.ts';

const IGROUP = 'igroup';

export const IGROUP_OS_TYPES = [
  'aix',
  'hpux',
  'hyper_v',
  'linux',
  'netware',
  'openvms',
  'solaris',
  'vmware',
  'windows',
  'xen',
];
export const IGROUP_PROTOCOLS = ['fcp', 'iscsi', 'mixed'];

const mapsOf = (igroup: string, world: World): readonly Entry[] => world.store.by('lun_map', 'igroup', igroup);

const mapElements = (igroup: Entry, world: World): readonly StoredObject[] =>
  mapsOf(igroup.$id, world).map((map) => ({
    $ref: map.$id,
    lun: map['lun'],
    'lun.node': owningNode(world.store.find('lun', text(map, 'lun')) ?? map, world),
    logical_unit_number: map['logical_unit_number'],
  }));

const checkName = (name: string, svm: string, world: World) => {
  if (!/^[A-Za-z0-9_.:-]{1,96}$/.test(name)) {
    throw new Refusal(
      400,
      5373958,
      `The igroup name "${name}" is not valid: it has 1 to 96 letters, digits, "_", ".", ":" and "-".`,
      'name',
    );
  }
  const subsystems = world.store.kinds().includes('nvme_subsystem')
    ? world.store.by('nvme_subsystem', 'name', name)
    : [];
  if (subsystems.some((subsystem) => subsystem['svm'] === svm)) {
    throw new Refusal(409, 5376488, `An NVMe subsystem with the name "${name}" exists in the SVM.`, 'name');
  }
};

/** The initiators in the body of a new igroup, each checked. */
const checkInitiators = (igroup: Entry, world: World) => {
  const names = objects(igroup, 'initiators').map((each) => canonicalInitiator(text(each, 'name')));
  for (const name of names) checkInitiator(name, igroup, 5374732, world);
  if (new Set(names).size < names.length)
    throw new Refusal(409, 5374035, 'An initiator was given twice.', 'initiators.name');
};

/** The igroups in the body of a new igroup, each checked. */
const checkChildren = (igroup: Entry, world: World) => {
  const children = texts(igroup, 'igroups');
  if (children.length > 0 && objects(igroup, 'initiators').length > 0) refuseMixed();
  for (const child of children) checkPair(igroup, world.store.get(IGROUP, child), world);
};

/** The initiators of an igroup; of those that it has through another one it is told which that is. */
const initiatorElements = (igroup: Entry, world: World): readonly StoredObject[] =>
  allInitiatorsOf(igroup.$id, world).map((each) => ({
    $ref: each.$id,
    name: each['name'],
    comment: each['comment'],
    ...(each['igroup'] === igroup.$id ? {} : { igroup: each['igroup'] }),
  }));

/** An empty list is not shown. */
const unlessEmpty = <T>(list: readonly T[]): readonly T[] | undefined => (list.length === 0 ? undefined : list);

const relatives = (of: (igroup: string, world: World) => readonly string[]): Field => ({
  kind: 'refs',
  to: IGROUP,
  children: ['uuid', 'name', 'comment'],
  scoped: true,
  expensive: true,
  since: '9.9.1',
  compute: (entry, world) => unlessEmpty(of(entry.$id, world)),
});

const fields: Fields = {
  uuid: uuidField,
  svm: requiredSvm,
  name: { kind: 'string', key: true, required: true },
  comment: { kind: 'string', maxLength: 254 },
  os_type: { kind: 'enum', values: IGROUP_OS_TYPES, required: true },
  protocol: { kind: 'enum', values: IGROUP_PROTOCOLS, write: 'create', default: 'mixed' },
  delete_on_unmap: { kind: 'boolean', default: false },
  supports_igroups: readOnly('boolean', { compute: (entry, world) => initiatorsOf(entry.$id, world).length === 0 }),
  initiators: {
    kind: 'objects',
    to: INITIATOR,
    write: 'create',
    of: {
      name: { kind: 'string', required: true },
      comment: { kind: 'string', maxLength: 254 },
      igroup: { kind: 'ref', to: IGROUP, write: 'never' },
      ...unmodelled('connectivity_tracking', 'proximity'),
    },
    compute: (entry, world) => unlessEmpty(initiatorElements(entry, world)),
  },
  lun_maps: {
    kind: 'objects',
    to: 'lun_map',
    write: 'never',
    expensive: true,
    of: {
      lun: { kind: 'ref', to: 'lun', children: ['uuid', 'name'] },
      'lun.node': { kind: 'ref', to: 'node' },
      logical_unit_number: { kind: 'integer' },
    },
    compute: (entry, world) => unlessEmpty(mapElements(entry, world)),
  },
  connectivity_tracking: { kind: 'opaque', write: 'never', expensive: true },
  igroups: { ...relatives(childrenOf), write: 'create' },
  parent_igroups: { ...relatives(parentsOf), write: 'never' },
  portset: { kind: 'ref', to: 'portset', children: ['name', 'uuid'], clearable: true, scoped: true },
  ...unmodelled('igroups.igroups', 'parent_igroups.parent_igroups', 'replication', 'target'),
};

/** `/protocols/san/igroups`: who may see the LUNs that are mapped to it, or to an igroup that it is nested in. */
export const igroup: Resource = {
  kind: IGROUP,
  path: '/protocols/san/igroups',
  keys: ['uuid'],
  fields,
  indexes: ['svm'],
  unique: [
    {
      fields: ['svm', 'name'],
      refusal: (entry) =>
        new Refusal(409, 5374023, `An igroup with the name "${text(entry, 'name')}" already exists.`, 'name'),
    },
  ],
  parameters: { remove: ['allow_delete_while_mapped'] },
  unknown: (given, field) =>
    new Refusal(404, 5374878, `The igroup "${given}" does not exist, or is in another SVM.`, field),
  inside: [{ kind: 'svm', field: 'svm' }],
  create: {
    asynchronous: false,
    prepare: (draft, { world }) => {
      checkName(text(draft, 'name'), text(draft, 'svm'), world);
      checkInitiators(draft, world);
      checkChildren(draft, world);
      const { initiators, igroups, ...values } = draft;
      return { ...values, $id: draft.$id, $initiators: initiators, $igroups: igroups };
    },
    effects: (entry, { world }) => {
      for (const each of objects(entry, '$initiators'))
        addInitiator(entry, text(each, 'name'), findText(each, 'comment'), world);
      const children = texts(entry, '$igroups').map((child) => world.store.get(IGROUP, child));
      addChildren(entry, children, world);
      world.store.change(IGROUP, entry.$id, { $initiators: undefined, $igroups: undefined });
    },
  },
  modify: {
    asynchronous: false,
    prepare: (changes, before, { world }) => {
      if (typeof changes['name'] === 'string') checkName(changes['name'], text(before, 'svm'), world);
      const after: Entry = { ...before, ...changes, $id: before.$id };
      if (changes['os_type'] !== undefined) {
        const relative = [...childrenOf(before.$id, world), ...parentsOf(before.$id, world)][0];
        if (relative !== undefined && after['os_type'] !== before['os_type'])
          throw otherSystem(text(after, 'name'), text(world.store.get(IGROUP, relative), 'name'));
        for (const each of initiatorsOf(before.$id, world)) checkInitiator(text(each, 'name'), after, 5374733, world);
      }
      return changes;
    },
  },
  remove: {
    asynchronous: false,
    check: (entry, context) => checkUnmapped(entry.$id, 'delete it', context),
  },
};

/** An igroup that wants it goes with its last map. */
export const removeIgroupWithLastMap = (map: Entry, world: World): void => {
  const entry = world.store.find(IGROUP, text(map, 'igroup'));
  if (!entry || !flag(entry, 'delete_on_unmap') || mapsOf(entry.$id, world).some((other) => other.$id !== map.$id))
    return;
  for (const initiator of initiatorsOf(entry.$id, world)) world.store.remove(INITIATOR, initiator.$id);
  for (const link of [...world.store.by(CHILD, 'igroup', entry.$id), ...world.store.by(CHILD, 'uuid', entry.$id)])
    world.store.remove(CHILD, link.$id);
  world.store.remove(IGROUP, entry.$id);
};
