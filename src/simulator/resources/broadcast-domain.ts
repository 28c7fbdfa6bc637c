import type { Resource } from '../core/declaration.ts';
import { integer, text, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { nameField, readOnly, uuidField } from './common.ts';
import { CLUSTER_IPSPACE, DEFAULT_IPSPACE, ipspaceField, ipspaceNamed } from './ipspace.ts';

export const BROADCAST_DOMAIN = 'broadcast_domain';

export const portsOf = (domain: string, world: World): readonly Entry[] =>
  world.store.by('ethernet_port', BROADCAST_DOMAIN, domain);

/** `/network/ethernet/broadcast-domains`: ports that reach each other. */
export const broadcastDomain: Resource = {
  kind: BROADCAST_DOMAIN,
  path: '/network/ethernet/broadcast-domains',
  keys: ['uuid'],
  order: ['ipspace', 'name'],
  clusterOnly: true,
  fields: {
    uuid: uuidField,
    name: nameField,
    ipspace: { ...ipspaceField, key: true },
    mtu: { kind: 'integer', required: true, minimum: 68, maximum: 9000 },
    ports: readOnly('objects', {
      to: 'ethernet_port',
      of: { name: readOnly('string'), uuid: readOnly('string'), 'node.name': readOnly('string') },
      compute: (entry, world) =>
        portsOf(entry.$id, world).map((port) => ({
          $ref: port.$id,
          name: port['name'],
          uuid: port.$id,
          'node.name': world.store.find('node', text(port, 'node'))?.['name'],
        })),
    }),
  },
  unique: [
    {
      fields: ['ipspace', 'name'],
      refusal: (entry) => new Refusal(409, 1, `A broadcast domain "${text(entry, 'name')}" exists already.`, 'name'),
    },
  ],
  create: {
    asynchronous: false,
    prepare: (draft, { world }) => ({ ipspace: ipspaceNamed(DEFAULT_IPSPACE, world), ...draft }),
  },
  modify: { asynchronous: false },
  remove: {
    asynchronous: false,
    check: (entry, { world }) => {
      const held = portsOf(entry.$id, world).length;
      if (held > 0)
        throw new Refusal(409, 8, `The broadcast domain "${text(entry, 'name')}" has ${held} ports.`, 'uuid');
      if (world.store.all('ip_subnet').some((subnet) => subnet[BROADCAST_DOMAIN] === entry.$id))
        throw new Refusal(409, 8, `The broadcast domain "${text(entry, 'name')}" has subnets.`, 'uuid');
    },
  },
  seed: (_, world) =>
    [
      { name: 'Cluster', mtu: 9000, ipspace: ipspaceNamed(CLUSTER_IPSPACE, world) },
      { name: 'Default', mtu: 1500, ipspace: ipspaceNamed(DEFAULT_IPSPACE, world) },
    ].map((domain) => {
      const id = world.random.uuid(BROADCAST_DOMAIN);
      return { $id: id, uuid: id, ...domain };
    }),
};

/** Bytes that ports of a domain send at once. */
export const mtuOf = (domain: string, world: World): number | undefined => {
  const found = world.store.find(BROADCAST_DOMAIN, domain);
  return found && integer(found, 'mtu');
};
