import type { Resource } from '../core/declaration.ts';
import { findText, text, type Entry, type StoredObject } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';

export const REPORTING_NODE = 'reporting_node';

const reportingNodesOf = (map: string, world: World): readonly Entry[] => world.store.by(REPORTING_NODE, 'map', map);

/** Nodes that are down, or taken over, lead to no LUN. */
const isDown = (entry: Entry, world: World): boolean =>
  text(world.store.find('node', text(entry, 'uuid')) ?? {}, 'state') !== 'up';

/** Reporting nodes as clients see them. */
export const reachableNodesOf = (map: string, world: World): readonly Entry[] =>
  reportingNodesOf(map, world).filter((entry) => !isDown(entry, world));

const mapKey = (entry: StoredObject) => `${text(entry, 'lun')}/${text(entry, 'igroup')}`;
const keyOf = (map: string, node: string) => `${map}/${node}`;

/** A node and its partner: paths to a LUN always lead through both. */
export const pairOf = (node: string, world: World): readonly Entry[] => {
  const pair = world.store.find('node', node)?.['$pair'];
  return world.store.all('node').filter((each) => each.$id === node || (pair !== undefined && each['$pair'] === pair));
};

/** The LUN of the map is reported through the node and its partner. */
export const addReportingPair = (map: Entry, node: string, world: World): void => {
  for (const each of pairOf(node, world)) {
    world.store.put(REPORTING_NODE, {
      $id: keyOf(map.$id, each.$id),
      map: map.$id,
      lun: text(map, 'lun'),
      igroup: text(map, 'igroup'),
      svm: text(map, 'svm'),
      uuid: each.$id,
      name: text(each, 'name'),
    });
  }
};

const findNode = (draft: StoredObject, world: World): Entry | undefined => {
  const name = findText(draft, 'name');
  const uuid = findText(draft, 'uuid');
  return world.store.all('node').find((node) => (uuid === undefined ? node['name'] === name : node.$id === uuid));
};

const nodeWanted = (draft: Entry, world: World): Entry => {
  const name = findText(draft, 'name');
  if (name === undefined && draft['uuid'] === undefined) {
    throw new Refusal(400, 5374923, 'A node is needed: specify "uuid" or "name".', 'uuid');
  }
  const node = findNode(draft, world);
  if (!node)
    throw new Refusal(
      400,
      5374920,
      `The node "${name ?? text(draft, 'uuid')}" does not exist.`,
      name === undefined ? 'uuid' : 'name',
    );
  if (name !== undefined && node['name'] !== name) {
    throw new Refusal(400, 5374921, 'The name and the UUID do not refer to the same node.', 'name');
  }
  return node;
};

/** `/protocols/san/lun-maps/{lun.uuid}/{igroup.uuid}/reporting-nodes`: nodes whose interfaces lead to the LUN. */
export const reportingNode: Resource = {
  kind: REPORTING_NODE,
  path: '/protocols/san/lun-maps/{lun.uuid}/{igroup.uuid}/reporting-nodes',
  keys: ['uuid'],
  order: ['map', 'name'],
  fields: {
    uuid: { kind: 'string', key: true, write: 'create' },
    name: { kind: 'string', key: true, write: 'create' },
    lun: { kind: 'ref', to: 'lun', children: ['uuid', 'name'], write: 'never', expensive: true },
    igroup: { kind: 'ref', to: 'igroup', children: ['uuid', 'name'], write: 'never', expensive: true },
  },
  indexes: ['map', 'lun', 'igroup'],
  hides: isDown,
  noParent: (given) => new Refusal(404, 5374922, `The LUN map of "${given}" does not exist.`),
  checkParents: ({ lun, igroup }, world) => {
    if (lun === undefined || igroup === undefined || world.store.find('lun_map', `${lun}/${igroup}`)) return;
    throw new Refusal(404, 5374922, 'The LUN map does not exist.');
  },
  links: (entry, world) => {
    const node = world.store.find('node', text(entry, 'uuid'));
    return node ? { node: world.href('node', node) } : {};
  },
  inside: [{ kind: 'lun_map', field: 'map' }],
  identify: (draft, world) => keyOf(mapKey(draft), findNode(draft, world)?.$id ?? ''),
  create: {
    asynchronous: false,
    prepare: (draft, { world }) => {
      const node = nodeWanted(draft, world);
      const map = world.store.get('lun_map', mapKey(draft));
      return { ...draft, uuid: node.$id, name: text(node, 'name'), map: map.$id, svm: text(map, 'svm') };
    },
    effects: (entry, { world }) =>
      addReportingPair(world.store.get('lun_map', text(entry, 'map')), text(entry, 'uuid'), world),
  },
  remove: {
    asynchronous: false,
    check: (entry, { world }) => {
      const leaving = new Set(pairOf(text(entry, 'uuid'), world).map((node) => node.$id));
      if (reportingNodesOf(text(entry, 'map'), world).every((each) => leaving.has(text(each, 'uuid')))) {
        throw new Refusal(409, 5374608, 'The last reporting nodes of a LUN map cannot be removed.');
      }
    },
    effects: (entry, { world }) => {
      const leaving = new Set(pairOf(text(entry, 'uuid'), world).map((node) => node.$id));
      for (const partner of reportingNodesOf(text(entry, 'map'), world)) {
        if (partner.$id !== entry.$id && leaving.has(text(partner, 'uuid')))
          world.store.remove(REPORTING_NODE, partner.$id);
      }
    },
  },
};
