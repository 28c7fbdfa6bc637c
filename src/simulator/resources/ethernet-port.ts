import type { Resource, Values } from '../core/declaration.ts';
import { flag, text, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { BROADCAST_DOMAIN, mtuOf } from './broadcast-domain.ts';
import { readOnly, unmeasured, unmodelled, uuidField } from './common.ts';
import { isMeant } from './lookups.ts';

const PORT = 'ethernet_port';

/** The ports of each node, and the broadcast domains that they are in. */
const PORTS = { e0a: 'Cluster', e0b: 'Cluster', e0c: 'Default', e0d: 'Default', e0M: 'Default' } as const;

const domainOf = (port: Entry, world: World): Entry | undefined =>
  world.store.find(BROADCAST_DOMAIN, text(port, BROADCAST_DOMAIN));

const domain = (member: 'name' | 'uuid') => ({
  kind: 'string' as const,
  compute: (port: Entry, world: World) => domainOf(port, world)?.[member],
});

const ipspaceName = (found: Entry, world: World): string =>
  text(world.store.find('ipspace', text(found, 'ipspace')) ?? {}, 'name');

/** The port of a node, by its name. */
export const portAt = (node: string, name: string, world: World): Entry | undefined =>
  world.store.by(PORT, 'node', node).find((port) => port['name'] === name);

/** The broadcast domain that a request puts a port into, by its name, its UUID or its IPspace. */
const withDomain = (changes: Values, world: World): Values => {
  const { 'broadcast_domain.name': name, 'broadcast_domain.uuid': uuid, ...rest } = changes;
  const { 'broadcast_domain.ipspace.name': space, ...others } = rest;
  if (name === undefined && uuid === undefined && space === undefined) return others;
  const found = world.store
    .all(BROADCAST_DOMAIN)
    .find((each) => isMeant(each, uuid, name) && (space ?? ipspaceName(each, world)) === ipspaceName(each, world));
  if (!found)
    throw new Refusal(400, 1967153, `Broadcast domain "${String(name ?? uuid)}" does not exist.`, 'broadcast_domain');
  return { ...others, [BROADCAST_DOMAIN]: found.$id };
};

/** A unicast address that nobody was given: the second lowest bit of its first byte is set. */
const macOf = (port: Entry): string =>
  ['02', ...(port.$id.replaceAll('-', '').slice(0, 10).match(/../g) ?? [])].join(':');

/** `/network/ethernet/ports`: the ports that nodes come with. */
export const ethernetPort: Resource = {
  kind: PORT,
  path: '/network/ethernet/ports',
  keys: ['uuid'],
  order: ['node', 'name'],
  clusterOnly: true,
  fields: {
    uuid: uuidField,
    name: readOnly('string', { key: true }),
    node: readOnly('ref', { to: 'node', key: true }),
    type: readOnly('enum', { values: ['physical', 'vlan', 'lag'] }),
    enabled: { kind: 'boolean' },
    state: readOnly('enum', {
      values: ['up', 'down', 'degraded'],
      compute: (port) => (flag(port, 'enabled') ? 'up' : 'down'),
    }),
    mac_address: readOnly('string', { compute: macOf }),
    mtu: readOnly('integer', { compute: (port, world) => mtuOf(text(port, BROADCAST_DOMAIN), world) }),
    speed: readOnly('integer'),
    flowcontrol_admin: { kind: 'enum', values: ['none', 'receive', 'send', 'full', 'pfc'], since: '9.16.1' },
    'broadcast_domain.name': domain('name'),
    'broadcast_domain.uuid': domain('uuid'),
    'broadcast_domain.ipspace.name': {
      kind: 'string',
      compute: (port, world) => {
        const found = domainOf(port, world);
        return found && ipspaceName(found, world);
      },
    },
    interface_count: readOnly('integer', {
      since: '9.11.1',
      expensive: true,
      compute: (port, world) =>
        world.store
          .all('ip_interface')
          .filter((lif) => lif['location.node'] === port['node'] && lif['location.port.name'] === port['name']).length,
    }),
    reachability: readOnly('enum', {
      values: ['ok', 'repairable', 'not_repairable'],
      since: '9.8',
      expensive: true,
      compute: () => 'ok',
    }),
    ...unmodelled(
      'discovered_devices',
      'lag',
      'pfc_queues_admin',
      'rdma_protocols',
      'reachable_broadcast_domains',
      'vlan',
    ),
    ...unmeasured,
  },
  indexes: [BROADCAST_DOMAIN, 'node'],
  // VLANs and groups of ports.
  notSimulated: ['create', 'remove'],
  modify: { asynchronous: false, prepare: (changes, _before, { world }) => withDomain(changes, world) },
  seed: (_, world) =>
    world.store.all('node').flatMap((node) =>
      Object.entries(PORTS).map(([name, into]) => {
        const id = world.random.uuid(PORT);
        return {
          $id: id,
          uuid: id,
          name,
          node: node.$id,
          type: 'physical',
          enabled: true,
          speed: name === 'e0M' ? 1000 : 10_000,
          flowcontrol_admin: 'none',
          [BROADCAST_DOMAIN]: world.store.by(BROADCAST_DOMAIN, 'name', into)[0]?.$id,
        };
      }),
    ),
};
