import type { Action, Resource } from '../core/declaration.ts';
import { integer, text, texts, type Entry } from '../core/entry.ts';
import { noEntry, Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { existsAlready, nameField, readOnly, uuidField } from './common.ts';
import { CLUSTER_IPSPACE, DEFAULT_IPSPACE, ipspaceField, ipspaceNamed } from './ipspace.ts';

export const BROADCAST_DOMAIN = 'broadcast_domain';

const PORT = 'ethernet_port';
/** Ports that a request takes away, until it is done. */
const LEAVING = '$leaving';

const portsOf = (domain: string, world: World): readonly Entry[] => world.store.by(PORT, BROADCAST_DOMAIN, domain);

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
      to: PORT,
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
  unique: [{ fields: ['ipspace', 'name'], refusal: existsAlready('A broadcast domain', 1) }],
  create: {
    asynchronous: false,
    prepare: (draft, { world }) => ({ ipspace: ipspaceNamed(DEFAULT_IPSPACE, world), ...draft }),
  },
  modify: {
    asynchronous: false,
    effects: (after, _before, { world }) => {
      if (after[LEAVING] === undefined) return;
      for (const port of texts(after, LEAVING)) world.store.change(PORT, port, { [BROADCAST_DOMAIN]: undefined });
      world.store.change(BROADCAST_DOMAIN, after.$id, { [LEAVING]: undefined });
    },
  },
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

const nodeName = (port: Entry, world: World): string =>
  text(world.store.find('node', text(port, 'node')) ?? {}, 'name');

/** `network port broadcast-domain remove-ports`, with ports as `node:port`. */
export const removeDomainPorts: Action = {
  method: 'PATCH',
  path: '/private/cli/network/port/broadcast-domain/remove-ports',
  clusterOnly: true,
  fields: {
    broadcast_domain: { kind: 'string', required: true },
    ipspace: { kind: 'string' },
    ports: { kind: 'strings' },
  },
  plan: (values, { world }) => {
    const space = ipspaceNamed(String(values['ipspace'] ?? DEFAULT_IPSPACE), world);
    const domain = world.store
      .by(BROADCAST_DOMAIN, 'name', String(values['broadcast_domain'] ?? ''))
      .find((each) => each['ipspace'] === space);
    if (!domain) throw noEntry();
    const held = portsOf(domain.$id, world);
    const leaving = texts({ ...values }, 'ports').map((given) => {
      const port = held.find((each) => `${nodeName(each, world)}:${text(each, 'name')}` === given);
      if (!port) throw new Refusal(400, 262197, `The port "${given}" is not in the broadcast domain.`, 'ports');
      return port.$id;
    });
    const operation = { verb: 'modify', kind: BROADCAST_DOMAIN, id: domain.$id, unset: [], parameters: {} } as const;
    return { operation: { ...operation, values: { [LEAVING]: leaving } }, svm: undefined };
  },
};
