import type { Field, Resource, Values } from '../core/declaration.ts';
import { flag, text, type Entry, type Stored, type StoredObject } from '../core/entry.ts';
import { familyOf, prefixLength } from '../core/ip-bits.ts';
import { Refusal } from '../core/refusal.ts';
import { INTERFACE_SERVICES } from '../core/topology.ts';
import type { World } from '../core/world.ts';
import { nameField, readOnly, scopeOf, svmField, unmeasured, unmodelled, uuidField } from './common.ts';
import { BROADCAST_DOMAIN } from './broadcast-domain.ts';
import { LAG, portAt } from './ports.ts';
import { DEFAULT_IPSPACE, ipspaceField, ipspaceNamed } from './ipspace.ts';
import { findServicePolicy, SERVICE_POLICIES, withServicePolicy } from './service-policy.ts';

const INTERFACE = 'ip_interface';

const policyFor = (services: readonly string[]): string =>
  services.includes('data_nvme_tcp')
    ? 'default-data-nvme-tcp'
    : services.includes('data_iscsi')
      ? 'default-data-iscsi'
      : 'default-data-files';

/** What follows from the address and the netmask of an interface; one that does not fit the other is refused. */
const addressing = (lif: StoredObject) => {
  const netmask = text(lif, 'ip.netmask');
  const family = familyOf(text(lif, 'ip.address'));
  const length = prefixLength(netmask, family);
  if (length === undefined) throw new Refusal(400, 1966269, `"${netmask}" is not a netmask.`, 'ip.netmask');
  return { 'ip.family': family, 'ip.netmask': String(length) };
};

interface Wanted {
  readonly name: string;
  readonly address: string;
  readonly node: string;
  readonly enabled: boolean;
  readonly services: readonly string[];
  readonly policy: string;
  readonly role: string;
}

const build = (wanted: Wanted, svm: string | undefined, world: World): Entry => {
  const id = world.random.uuid(INTERFACE);
  const node = world.store.by('node', 'name', wanted.node)[0]?.$id;
  return {
    $id: id,
    uuid: id,
    name: wanted.name,
    enabled: wanted.enabled,
    'ip.address': wanted.address,
    'ip.family': wanted.address.includes(':') ? 'ipv6' : 'ipv4',
    'ip.netmask': '24',
    services: wanted.services,
    'service_policy.name': wanted.policy,
    scope: svm === undefined ? 'cluster' : 'svm',
    ipspace: ipspaceNamed(DEFAULT_IPSPACE, world),
    'location.auto_revert': true,
    'location.home_node': node,
    'location.node': node,
    'location.home_port.name': 'e0c',
    'location.port.name': 'e0c',
    'location.failover': 'default',
    vip: false,
    $role: wanted.role,
    ...(svm === undefined ? {} : { svm }),
  };
};

const services: (entry: Entry) => Stored | undefined = (entry) => entry['services'];

/** The port that an interface is at, or at home. */
const portOf = (lif: StoredObject, home: '' | 'home_', world: World): Entry | undefined =>
  portAt(text(lif, `location.${home}node`), text(lif, `location.${home}port.name`), world);

/** Members of an interface's record that say where it is. */
const PLACE = ['location.home_node', 'location.home_port.name', 'location.node', 'location.port.name'];

/** Refuses a place where no interface can be: a port that the node does not have, or one that is in a group. */
const checkPlace = (lif: StoredObject, world: World) => {
  for (const home of ['home_', ''] as const) {
    const port = portOf(lif, home, world);
    if (port && port[LAG] === undefined) continue;
    const name = text(lif, `location.${home}port.name`);
    const why = port ? 'is in a group of ports' : 'is not there';
    throw new Refusal(400, 1967153, `The port "${name}" ${why}, and can have no interface.`, `location.${home}port`);
  }
};

/** A member of the broadcast domain that the port of an interface is in. */
const ofDomain = (member: 'name' | 'uuid'): Field => ({
  kind: 'string',
  compute: (entry, world) =>
    world.store.find(BROADCAST_DOMAIN, text(portOf(entry, '', world) ?? {}, BROADCAST_DOMAIN))?.[member],
});

/** The port of a new interface that is wanted in a broadcast domain: its own where it is there, or the first that is. */
const portIn = (domain: string, lif: Entry, world: World): Values => {
  const ports = world.store.by('ethernet_port', 'node', text(lif, 'location.home_node'));
  const fits = ports.filter(
    (port) => text(world.store.find(BROADCAST_DOMAIN, text(port, BROADCAST_DOMAIN)) ?? {}, 'name') === domain,
  );
  const found = fits.find((port) => port['name'] === lif['location.home_port.name']) ?? fits[0];
  if (!found)
    throw new Refusal(
      400,
      1967153,
      `Broadcast domain "${domain}" does not exist, or the node has no port in it.`,
      'location.broadcast_domain',
    );
  const name = text(found, 'name');
  return { 'location.home_port.name': name, 'location.port.name': name };
};

/** The node of a port is the node of the interface there. */
const portNode = (member: 'home_node' | 'node'): Field => ({
  kind: 'string',
  compute: (entry, world) => world.store.find('node', text(entry, `location.${member}`))?.['name'],
});

/** Node and port that a request names, in one of the ways in which it can: by the node, or by the port's node. */
const placed = (values: Values, world: World): Values => {
  const { 'location.home_port.node.name': homeName, 'location.port.node.name': name, ...rest } = values;
  const find = (given: unknown, path: string) => {
    const node = world.store.all('node').find((each) => each['name'] === given);
    if (!node) throw new Refusal(400, 1967153, `Node "${String(given)}" does not exist.`, path);
    return node.$id;
  };
  return {
    ...(homeName === undefined ? {} : { 'location.home_node': find(homeName, 'location.home_port.node') }),
    ...(name === undefined ? {} : { 'location.node': find(name, 'location.port.node') }),
    ...rest,
  };
};

/** Changes of an interface with where they take it: one that is at home moves with its home. */
const moved = (changes: Values, before: Entry, world: World): Values => {
  const home = changes['location.home_node'];
  const port = changes['location.home_port.name'];
  const isHome = before['location.node'] === before['location.home_node'];
  const all = {
    ...changes,
    ...(home !== undefined && isHome ? { 'location.node': home } : {}),
    ...(port !== undefined && isHome ? { 'location.port.name': port } : {}),
  };
  if (PLACE.some((path) => path in all)) checkPlace({ ...before, ...all }, world);
  return all;
};

export const ipInterface: Resource = {
  kind: INTERFACE,
  path: '/network/ip/interfaces',
  keys: ['uuid'],
  order: ['name'],
  fields: {
    uuid: uuidField,
    name: nameField,
    enabled: { kind: 'boolean', default: true },
    state: readOnly('enum', {
      values: ['up', 'down'],
      compute: (entry) => (flag(entry, 'enabled') && !flag(entry, '$down') ? 'up' : 'down'),
    }),
    'ip.address': { kind: 'string', required: true },
    'ip.family': readOnly('enum', { values: ['ipv4', 'ipv6'] }),
    'ip.netmask': { kind: 'string', default: '24' },
    services: { kind: 'strings', write: 'never', values: INTERFACE_SERVICES, compute: services },
    scope: { kind: 'enum', values: ['svm', 'cluster'], write: 'create' },
    svm: svmField,
    ipspace: {
      ...ipspaceField,
      compute: (entry, world) =>
        world.store.find('svm', text(entry, 'svm'))?.['ipspace'] ??
        entry['ipspace'] ??
        ipspaceNamed(DEFAULT_IPSPACE, world),
    },
    'service_policy.name': { kind: 'string' },
    'service_policy.uuid': {
      kind: 'string',
      compute: (entry, world) => findServicePolicy({ name: entry['service_policy.name'] }, entry, world)?.$id,
    },
    'location.auto_revert': { kind: 'boolean', default: true },
    'location.failover': {
      kind: 'enum',
      values: ['home_port_only', 'default', 'home_node_only', 'sfo_partners_only', 'broadcast_domain_only'],
      default: 'default',
    },
    'location.is_home': readOnly('boolean', {
      compute: (entry) => entry['location.node'] === entry['location.home_node'],
    }),
    'location.home_node': {
      kind: 'ref',
      to: 'node',
      unknown: (given) => new Refusal(400, 1967153, `Node "${given}" does not exist.`, 'location.home_node'),
    },
    'location.node': { kind: 'ref', to: 'node', write: 'modify' },
    'location.home_port.name': { kind: 'string', default: 'e0c' },
    'location.home_port.node.name': portNode('home_node'),
    'location.port.name': { kind: 'string' },
    'location.port.node.name': { ...portNode('node'), write: 'modify' },
    'location.broadcast_domain.name': { ...ofDomain('name'), write: 'create' },
    'location.broadcast_domain.uuid': readOnly('string', ofDomain('uuid')),
    'location.home_port.uuid': readOnly('string', {
      compute: (entry, world) => portOf(entry, 'home_', world)?.$id,
    }),
    'location.port.uuid': readOnly('string', { compute: (entry, world) => portOf(entry, '', world)?.$id }),
    ...unmodelled('ddns_enabled', 'dns_zone', 'fail_if_subnet_conflicts', 'probe_port', 'rdma_protocols', 'subnet'),
    ...unmeasured,
    vip: { kind: 'boolean', default: false },
  },
  indexes: ['svm'],
  unique: [
    {
      fields: ['svm', 'name'],
      refusal: (entry) =>
        new Refusal(409, 1966140, `An interface named "${text(entry, 'name')}" already exists.`, 'name'),
    },
    {
      fields: ['ip.address'],
      refusal: (entry) =>
        new Refusal(409, 1376963, `The address ${text(entry, 'ip.address')} is in use.`, 'ip.address'),
    },
  ],
  create: {
    asynchronous: false,
    prepare: (given, { world }) => {
      const { 'location.broadcast_domain.name': domain, ...wanted } = placed(given, world);
      const draft: Entry = { ...wanted, $id: given.$id };
      if (draft['location.home_node'] === undefined)
        throw new Refusal(400, 1967111, 'A home node is needed.', 'location.home_node');
      const lif = {
        ...withServicePolicy(draft, draft, 'default-data-files', world),
        'location.port.name': draft['location.port.name'] ?? draft['location.home_port.name'],
        ...(typeof domain === 'string' ? portIn(domain, draft, world) : {}),
        $id: draft.$id,
        scope: scopeOf(draft),
        ipspace: draft['ipspace'] ?? ipspaceNamed(DEFAULT_IPSPACE, world),
        ...addressing(draft),
        'location.node': draft['location.home_node'],
      };
      checkPlace(lif, world);
      return lif;
    },
  },
  modify: {
    asynchronous: false,
    prepare: (given, before, { world }) => {
      const changes = moved(placed(given, world), before, world);
      const readdressed = changes['ip.address'] !== undefined || changes['ip.netmask'] !== undefined;
      return {
        ...withServicePolicy(changes, before, undefined, world),
        ...(readdressed ? addressing({ ...before, ...changes }) : {}),
      };
    },
  },
  remove: { asynchronous: false },
  seed: ({ cluster, nodes, svms }, world) => [
    build(
      {
        name: 'cluster_mgmt',
        address: cluster.managementAddress,
        node: nodes[0]?.name ?? '',
        enabled: true,
        policy: 'default-management',
        services: SERVICE_POLICIES['default-management']?.services ?? [],
        role: 'cluster-management',
      },
      undefined,
      world,
    ),
    ...nodes.map((node, index) =>
      build(
        {
          name: `${node.name}_mgmt${index + 1}`,
          address: node.managementAddress,
          node: node.name,
          enabled: true,
          policy: 'default-management',
          services: SERVICE_POLICIES['default-management']?.services ?? [],
          role: 'node-management',
        },
        undefined,
        world,
      ),
    ),
    ...svms.flatMap((svm) =>
      svm.interfaces.map((lif) =>
        build(
          { ...lif, policy: policyFor(lif.services), role: 'data' },
          world.store.by('svm', 'name', svm.name)[0]?.$id,
          world,
        ),
      ),
    ),
  ],
};
