import type { Context, Resource } from '../core/declaration.ts';
import { text, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { readOnly, requiredSvm } from './common.ts';
import { owningNode } from './lun-fields.ts';
import { nvmeInterfaces } from './nvme-service.ts';
import { removeSubsystemWithLastMap } from './nvme-subsystem.ts';

const MAP = 'nvme_map';

/** Numbers of namespaces and of access groups are shown as eight hexadecimal digits and an `h`. */
const numbered = (value: number): string => `${value.toString(16).padStart(8, '0')}h`;

const lowestFree = (subsystem: string, world: World): string => {
  const taken = new Set(world.store.by(MAP, 'subsystem', subsystem).map((map) => text(map, 'nsid')));
  for (let number = 1; ; number++) if (!taken.has(numbered(number))) return numbered(number);
};

/** A namespace is reached through the node that owns its volume and that node's partner. */
const checkReachable = (namespace: Entry, world: World) => {
  const owner = world.store.find('node', owningNode(namespace, world));
  const pair = world.store.all('node').filter((node) => node['$pair'] === owner?.['$pair']);
  const served = new Set(nvmeInterfaces(text(namespace, 'svm'), world).map((lif) => text(lif, 'location.home_node')));
  const bare = pair.filter((node) => !served.has(node.$id)).map((node) => `"${text(node, 'name')}"`);
  if (bare.length === 1)
    throw new Refusal(400, 72089902, `Node ${bare[0]} does not have an NVMe interface configured.`);
  if (bare.length > 1)
    throw new Refusal(400, 72089903, `Nodes ${bare.join(' and ')} do not have an NVMe interface configured.`);
};

const prepare = (draft: Entry, { world }: Context): Entry => {
  const namespace = world.store.get('namespace', text(draft, 'namespace'));
  checkReachable(namespace, world);
  const node = world.store.all('node').findIndex(({ $id }) => $id === owningNode(namespace, world));
  return { ...draft, anagrpid: numbered(1 + node) };
};

const mapped = (map: Entry, world: World) => {
  const [other] = world.store.by(MAP, 'namespace', text(map, 'namespace'));
  const holder = text(world.store.find('nvme_subsystem', text(other ?? map, 'subsystem')) ?? {}, 'name');
  return new Refusal(
    409,
    72089790,
    `The NVMe namespace is already mapped to the NVMe subsystem "${holder}".`,
    'namespace',
  );
};

/** `/protocols/nvme/subsystem-maps`: a namespace is mapped to one subsystem at most. */
export const nvmeMap: Resource = {
  kind: MAP,
  path: '/protocols/nvme/subsystem-maps',
  keys: ['subsystem.uuid', 'namespace.uuid'],
  order: ['svm', 'subsystem', 'nsid'],
  fields: {
    svm: requiredSvm,
    subsystem: {
      kind: 'ref',
      to: 'nvme_subsystem',
      write: 'create',
      key: true,
      required: true,
      scoped: true,
      missing: () => new Refusal(400, 72090001, 'No NVMe subsystem was specified.', 'subsystem'),
    },
    namespace: {
      kind: 'ref',
      to: 'namespace',
      write: 'create',
      key: true,
      required: true,
      scoped: true,
      missing: () => new Refusal(400, 72090006, 'No NVMe namespace was specified.', 'namespace'),
    },
    'namespace.node': {
      kind: 'ref',
      to: 'node',
      write: 'never',
      compute: (entry, world) => owningNode(world.store.find('namespace', text(entry, 'namespace')) ?? entry, world),
    },
    nsid: readOnly('string'),
    anagrpid: readOnly('string', { expensive: true }),
  },
  indexes: ['subsystem', 'namespace', 'svm'],
  // Stock Trident asks for `subsystem.uuid=` when it imports, and expects all maps.
  ignoresEmptyFilters: true,
  unique: [{ fields: ['namespace'], refusal: mapped }],
  absent: () =>
    new Refusal(404, 72090019, 'The specified NVMe namespace is not mapped to the specified NVMe subsystem.'),
  inside: [
    { kind: 'namespace', field: 'namespace' },
    { kind: 'nvme_subsystem', field: 'subsystem' },
  ],
  identify: (draft) => `${text(draft, 'subsystem')}/${text(draft, 'namespace')}`,
  create: {
    asynchronous: false,
    prepare,
    // Not earlier: two maps in one body must not get the same number.
    effects: (entry, { world }) => {
      world.store.change(MAP, entry.$id, { nsid: lowestFree(text(entry, 'subsystem'), world) });
    },
  },
  remove: { asynchronous: false, effects: (entry, { world }) => removeSubsystemWithLastMap(entry, world) },
};
