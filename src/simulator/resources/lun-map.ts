import type { Fields, Resource } from '../core/declaration.ts';
import { findText, integer, text, texts, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { readOnly, requiredSvm } from './common.ts';
import { IGROUP_OS_TYPES, IGROUP_PROTOCOLS, removeIgroupWithLastMap } from './igroup.ts';
import { allInitiatorsOf, igroupsReaching } from './igroup-members.ts';
import { containerState, owningNode } from './lun-fields.ts';
import { addReportingPair, pairOf, reachableNodesOf, REPORTING_NODE } from './reporting-node.ts';

const MAP = 'lun_map';
const GREATEST_NUMBER = 4095;

const mapsIn = (igroup: string, world: World): readonly Entry[] => world.store.by(MAP, 'igroup', igroup);

/** Maps through other igroups that share an initiator with this one. */
const mapsBeside = (igroup: Entry, world: World): readonly Entry[] => {
  const others = new Set(
    allInitiatorsOf(igroup.$id, world).flatMap((each) =>
      igroupsReaching(text(each, 'name'), text(igroup, 'svm'), world),
    ),
  );
  others.delete(igroup.$id);
  return [...others].flatMap((id) => mapsIn(id, world));
};

const lowestFree = (maps: readonly Entry[]): number => {
  const taken = new Uint8Array(GREATEST_NUMBER + 1);
  for (const map of maps) taken[integer(map, 'logical_unit_number')] = 1;
  const free = taken.indexOf(0);
  if (free < 0) throw new Refusal(400, 1254324, 'The igroup has no free LUN number.');
  return free;
};

/** Whether the SVM has an interface on the node for hosts of the igroup. */
const isServed = (node: string, igroup: Entry, world: World): boolean => {
  const protocol = text(igroup, 'protocol');
  const serves = (kind: string, fits: (lif: Entry) => boolean) =>
    world.store.all(kind).some((lif) => lif['svm'] === igroup['svm'] && lif['location.node'] === node && fits(lif));
  const iscsi = () => serves('ip_interface', (lif) => texts(lif, 'services').includes('data_iscsi'));
  const fcp = () => serves('fc_interface', (lif) => text(lif, 'data_protocol') === 'fcp');
  return (protocol !== 'fcp' && iscsi()) || (protocol !== 'iscsi' && fcp());
};

/** Nodes that report a LUN lead to it only through interfaces; an array may insist on them. */
const checkPaths = (draft: Entry, lun: Entry, igroup: Entry, world: World) => {
  if (!world.strict) return;
  const nodes = [owningNode(lun, world), findText(draft, 'additional_reporting_node')];
  const bare = nodes
    .flatMap((node) => (node === undefined ? [] : pairOf(node, world)))
    .find((node) => !isServed(node.$id, igroup, world));
  if (bare)
    throw new Refusal(
      400,
      5374573,
      `Node "${text(bare, 'name')}" has no interface for the protocol of igroup "${text(igroup, 'name')}".`,
    );
};

const prepare = (draft: Entry, world: World): Entry => {
  const lun = world.store.get('lun', text(draft, 'lun'));
  const igroup = world.store.get('igroup', text(draft, 'igroup'));
  if (containerState(lun, world) !== 'online') throw new Refusal(409, 5374866, "The LUN's volume is offline.", 'lun');
  if (world.store.find(MAP, draft.$id)) throw alreadyMapped(draft, world);
  checkPaths(draft, lun, igroup, world);
  const own = mapsIn(igroup.$id, world);
  const beside = mapsBeside(igroup, world);
  if (beside.some((map) => map['lun'] === lun.$id)) {
    throw new Refusal(
      409,
      1254193,
      `An initiator of igroup "${text(igroup, 'name')}" sees the LUN through another igroup already.`,
    );
  }
  const wanted = draft['logical_unit_number'];
  if (wanted !== undefined && [...own, ...beside].some((map) => map['logical_unit_number'] === wanted))
    throw numberTaken(draft);
  return { ...draft, logical_unit_number: wanted ?? lowestFree([...own, ...beside]) };
};

const alreadyMapped = (map: Entry, world: World) => {
  const igroup = text(world.store.find('igroup', text(map, 'igroup')) ?? {}, 'name');
  return new Refusal(409, 1254207, `The LUN is already mapped to the igroup "${igroup}".`);
};

const numberTaken = (map: Entry) =>
  new Refusal(
    409,
    1254324,
    `The LUN number ${integer(map, 'logical_unit_number')} is in use for an initiator of the igroup.`,
    'logical_unit_number',
  );

const ofIgroup = (member: string) => (map: Entry, world: World) =>
  world.store.find('igroup', text(map, 'igroup'))?.[member];

const fields: Fields = {
  svm: requiredSvm,
  lun: {
    kind: 'ref',
    to: 'lun',
    children: ['uuid', 'name'],
    write: 'create',
    key: true,
    required: true,
    scoped: true,
    missing: () => new Refusal(400, 5374901, 'No LUN was specified. Specify "lun.uuid" or "lun.name".', 'lun'),
    unknown: (given) =>
      given.includes('/.snapshot/')
        ? new Refusal(400, 5374238, 'A LUN in a snapshot cannot be mapped.', 'lun')
        : new Refusal(400, 5374875, `The LUN "${given}" does not exist.`, 'lun'),
  },
  'lun.node': {
    kind: 'ref',
    to: 'node',
    write: 'never',
    compute: (map, world) => owningNode(world.store.find('lun', text(map, 'lun')) ?? map, world),
  },
  'lun.smbc.replicated': readOnly('boolean', { since: '9.11.1', compute: () => false }),
  igroup: {
    kind: 'ref',
    to: 'igroup',
    children: ['uuid', 'name'],
    write: 'create',
    key: true,
    required: true,
    scoped: true,
    missing: () =>
      new Refusal(400, 5374902, 'No igroup was specified. Specify "igroup.uuid" or "igroup.name".', 'igroup'),
    unknown: (given) =>
      new Refusal(400, 5374878, `The igroup "${given}" does not exist, or is in another SVM.`, 'igroup'),
  },
  'igroup.os_type': readOnly('enum', { values: IGROUP_OS_TYPES, compute: ofIgroup('os_type') }),
  'igroup.protocol': readOnly('enum', { values: IGROUP_PROTOCOLS, compute: ofIgroup('protocol') }),
  'igroup.initiators': readOnly('strings', {
    compute: (map, world) => allInitiatorsOf(text(map, 'igroup'), world).map((each) => text(each, 'name')),
  }),
  'igroup.replicated': readOnly('boolean', { since: '9.15.1', compute: () => false }),
  logical_unit_number: { kind: 'integer', write: 'create', minimum: 0, maximum: GREATEST_NUMBER },
  reporting_nodes: {
    kind: 'objects',
    to: REPORTING_NODE,
    write: 'never',
    of: { uuid: { kind: 'string' }, name: { kind: 'string' } },
    compute: (map, world) =>
      reachableNodesOf(map.$id, world).map((each) => ({ $ref: each.$id, uuid: each['uuid'], name: each['name'] })),
  },
  replicated: readOnly('boolean', { since: '9.15.1', expensive: true, compute: () => false }),
  additional_reporting_node: {
    kind: 'ref',
    to: 'node',
    write: 'create',
    secret: true,
    unknown: (given) => new Refusal(400, 5374920, `The node "${given}" does not exist.`, 'additional_reporting_node'),
  },
};

/** `/protocols/san/lun-maps`: a LUN as the initiators of an igroup see it. */
export const lunMap: Resource = {
  kind: MAP,
  path: '/protocols/san/lun-maps',
  keys: ['lun.uuid', 'igroup.uuid'],
  order: ['svm', 'lun', 'igroup'],
  fields,
  indexes: ['svm', 'lun', 'igroup'],
  unique: [
    { fields: ['lun', 'igroup'], refusal: alreadyMapped },
    { fields: ['igroup', 'logical_unit_number'], refusal: numberTaken },
  ],
  absent: () => new Refusal(404, 5374922, 'The LUN map does not exist.'),
  inside: [
    { kind: 'lun', field: 'lun' },
    { kind: 'igroup', field: 'igroup' },
  ],
  identify: (draft) => `${text(draft, 'lun')}/${text(draft, 'igroup')}`,
  create: {
    asynchronous: false,
    prepare: (draft, { world }) => prepare(draft, world),
    effects: (map, { world }) => {
      const additional = findText(map, 'additional_reporting_node');
      for (const node of [owningNode(world.store.get('lun', text(map, 'lun')), world), additional])
        if (node !== undefined) addReportingPair(map, node, world);
      world.store.change(MAP, map.$id, { additional_reporting_node: undefined });
    },
  },
  remove: {
    asynchronous: false,
    effects: (map, { world }) => removeIgroupWithLastMap(map, world),
  },
};
