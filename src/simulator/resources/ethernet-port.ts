import type { Resource, Values } from '../core/declaration.ts';
import { integer, text, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { BROADCAST_DOMAIN, mtuOf } from './broadcast-domain.ts';
import { existsAlready, readOnly, unmeasured, unmodelled, uuidField } from './common.ts';
import { isMeant } from './lookups.ts';
import { BASE, baseOf, isUp, LAG, PORT } from './ports.ts';
import {
  checkRemoval,
  freeMembers,
  newVirtualPort,
  settleMembers,
  virtualPortFields,
  withMembers,
} from './virtual-port.ts';

/** The ports of each node, and the broadcast domains that they are in. */
const PORTS = {
  e0a: 'Cluster',
  e0b: 'Cluster',
  e0c: 'Default',
  e0d: 'Default',
  e0e: 'Default',
  e0f: 'Default',
  e0M: 'Default',
} as const;

const domainOf = (port: Entry, world: World): Entry | undefined =>
  world.store.find(BROADCAST_DOMAIN, text(port, BROADCAST_DOMAIN));

const domain = (member: 'name' | 'uuid') => ({
  kind: 'string' as const,
  compute: (port: Entry, world: World) => domainOf(port, world)?.[member],
});

const ipspaceName = (found: Entry, world: World): string =>
  text(world.store.find('ipspace', text(found, 'ipspace')) ?? {}, 'name');

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

/** A unicast address that nobody was given: the second lowest bit of its first byte is set. A VLAN has its port's. */
const macOf = (port: Entry, world: World): string => {
  const { $id } = baseOf(port, world) ?? port;
  return ['02', ...($id.replaceAll('-', '').slice(0, 10).match(/../g) ?? [])].join(':');
};

/** In Mb/s; VLANs and groups have none of their own. */
const speedOf = (port: Entry, world: World): number | undefined => {
  if (text(port, 'type') === 'physical') return integer(port, 'speed');
  return isUp(port, world) ? 0 : undefined;
};

/** `/network/ethernet/ports`: the ports that nodes come with, VLANs on them and groups of them. */
export const ethernetPort: Resource = {
  kind: PORT,
  path: '/network/ethernet/ports',
  keys: ['uuid'],
  order: ['node', 'name'],
  clusterOnly: true,
  fields: {
    uuid: uuidField,
    name: readOnly('string', { key: true }),
    node: { kind: 'ref', to: 'node', key: true, write: 'create', required: true },
    type: { kind: 'enum', values: ['physical', 'vlan', 'lag'], write: 'create' },
    enabled: { kind: 'boolean', default: true },
    state: readOnly('enum', {
      values: ['up', 'down', 'degraded'],
      compute: (port, world) => (isUp(port, world) ? 'up' : 'down'),
    }),
    mac_address: readOnly('string', { compute: macOf }),
    mtu: readOnly('integer', { compute: (port, world) => mtuOf(text(port, BROADCAST_DOMAIN), world) }),
    speed: readOnly('integer', { compute: speedOf }),
    flowcontrol_admin: {
      kind: 'enum',
      values: ['none', 'receive', 'send', 'full', 'pfc'],
      write: 'modify',
      since: '9.16.1',
    },
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
    ...virtualPortFields,
    ...unmodelled('discovered_devices', 'pfc_queues_admin', 'rdma_protocols', 'reachable_broadcast_domains'),
    ...unmeasured,
  },
  indexes: [BROADCAST_DOMAIN, 'node', BASE, LAG],
  unique: [{ fields: ['node', 'name'], refusal: existsAlready('A port', 1) }],
  create: {
    asynchronous: false,
    prepare: (draft, { world }) => newVirtualPort({ ...withDomain(draft, world), $id: draft.$id }, world),
    effects: settleMembers,
  },
  modify: {
    asynchronous: false,
    prepare: (given, before, { world }) => {
      const changes = withMembers(withDomain(given, world), before, world);
      if (changes[BROADCAST_DOMAIN] !== undefined && before[LAG] !== undefined)
        throw new Refusal(409, 8, `The port "${text(before, 'name')}" is in a group.`, 'broadcast_domain');
      return changes;
    },
    effects: (after, _before, context) => settleMembers(after, context),
  },
  remove: { asynchronous: false, check: checkRemoval, effects: freeMembers },
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
