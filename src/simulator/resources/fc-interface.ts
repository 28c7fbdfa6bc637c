import type { Resource } from '../core/declaration.ts';
import { flag, text, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import type { World } from '../core/world.ts';
import { nameField, ownerSvm, readOnly, unmeasured, unmodelled, uuidField } from './common.ts';
import { newWwn } from './wwn.ts';

const INTERFACE = 'fc_interface';

/** Port addresses count up from the first fabric address of a switch. */
const portAddress = (world: World): string => (0x5_0100 + world.store.all(INTERFACE).length).toString(16);

const nodeOf = (draft: Entry): string | undefined =>
  text(draft, 'location.home_node') || text(draft, 'location.home_port.node') || undefined;

const build = (draft: Entry, svm: string, node: string, world: World): Entry => {
  const port = text(draft, 'location.home_port.name') || '1a';
  const service = world.store.find('fcp_service', svm);
  return {
    ...draft,
    svm,
    'location.home_node': node,
    'location.node': node,
    'location.home_port.node': node,
    'location.home_port.name': port,
    wwpn: newWwn(world),
    wwnn: service && text(draft, 'data_protocol') === 'fcp' ? text(service, 'target.name') : newWwn(world),
    port_address: portAddress(world),
  };
};

const checkService = (draft: Entry, world: World) => {
  const svm = text(draft, 'svm');
  if (text(draft, 'data_protocol') === 'fc_nvme') {
    const known = world.store.kinds().includes('nvme_service') && world.store.find('nvme_service', svm);
    if (!known)
      throw new Refusal(
        400,
        72089652,
        'An NVMe service must be created before an interface for NVMe over FC.',
        'data_protocol',
      );
  }
};

/** `/network/fc/interfaces`: the ports of an SVM on the fabric; each has a WWPN, and the SVM's WWNN. */
export const fcInterface: Resource = {
  kind: INTERFACE,
  path: '/network/fc/interfaces',
  keys: ['uuid'],
  fields: {
    uuid: uuidField,
    ...unmodelled('location.home_port.uuid', 'location.port.uuid'),
    name: {
      ...nameField,
      maxLength: 254,
      refusal: () => new Refusal(400, 1966300, 'The name of a SAN interface has at most 254 characters.', 'name'),
    },
    svm: ownerSvm,
    comment: { kind: 'string' },
    data_protocol: { kind: 'enum', write: 'create', values: ['fcp', 'fc_nvme'], required: true },
    enabled: { kind: 'boolean', default: true },
    state: readOnly('enum', {
      values: ['up', 'down'],
      compute: (entry) => (flag(entry, 'enabled') && !flag(entry, '$down') ? 'up' : 'down'),
    }),
    'location.home_node': {
      kind: 'ref',
      to: 'node',
      unknown: (given) => new Refusal(400, 1966217, `The node "${given}" does not exist.`, 'location.home_node'),
    },
    'location.home_port.name': { kind: 'string' },
    'location.home_port.node': {
      kind: 'ref',
      to: 'node',
      children: ['name'],
      unknown: (given) => new Refusal(400, 1966217, `The node "${given}" does not exist.`, 'location.home_port.node'),
    },
    'location.is_home': readOnly('boolean', { compute: () => true }),
    'location.node': { kind: 'ref', to: 'node', write: 'never' },
    'location.port.name': readOnly('string', { compute: (entry) => entry['location.home_port.name'] }),
    'location.port.node': {
      kind: 'ref',
      to: 'node',
      children: ['name'],
      write: 'never',
      compute: (entry) => entry['location.node'],
    },
    port_address: readOnly('string'),
    wwnn: readOnly('string'),
    wwpn: readOnly('string'),
    ...unmeasured,
  },
  indexes: ['svm'],
  unique: [
    {
      fields: ['svm', 'name'],
      refusal: (entry) =>
        new Refusal(409, 1966140, `An interface named "${text(entry, 'name')}" already exists.`, 'name'),
    },
  ],
  inside: [{ kind: 'svm', field: 'svm' }],
  create: {
    asynchronous: false,
    prepare: (draft, { world }) => {
      const node = nodeOf(draft);
      if (node === undefined)
        throw new Refusal(400, 5374873, 'The port of the interface was not specified.', 'location.home_port');
      checkService(draft, world);
      return build(draft, text(draft, 'svm'), node, world);
    },
  },
  modify: {
    asynchronous: false,
    prepare: (changes, before) => {
      const node = changes['location.home_node'] ?? changes['location.home_port.node'];
      if (node === undefined || node === before['location.home_node']) return changes;
      if (flag(before, 'enabled') && changes['enabled'] !== false) {
        throw new Refusal(
          409,
          1966238,
          'The node or port of an active SAN data interface cannot be changed.',
          'location.home_node',
        );
      }
      return { ...changes, 'location.home_node': node, 'location.home_port.node': node, 'location.node': node };
    },
  },
  remove: { asynchronous: false },
  // An SVM that starts with FC has an interface on each node.
  seed: ({ nodes, svms }, world) =>
    svms
      .filter(({ protocols }) => protocols.includes('fcp'))
      .flatMap(({ name }) => world.store.by('svm', 'name', name).slice(0, 1))
      .flatMap((svm) =>
        nodes.flatMap((each, index) => {
          const node = world.store.by('node', 'name', each.name)[0];
          if (!node) return [];
          const id = world.random.uuid(INTERFACE);
          const draft: Entry = { $id: id, uuid: id, name: `fc_n${index + 1}`, data_protocol: 'fcp', enabled: true };
          return [build(draft, svm.$id, node.$id, world)];
        }),
      ),
};
