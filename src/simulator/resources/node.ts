import type { Resource } from '../core/declaration.ts';
import { integer, text, type Entry } from '../core/entry.ts';
import type { World } from '../core/world.ts';
import { nameField, readOnly, unmeasured, unmodelled, uuidField, versionFields } from './common.ts';

const NODE = 'node';

/** Seconds since a node was booted; those of the states of older simulators do not run. */
export const uptimeOf = (node: Entry, world: World): number =>
  node['$booted'] === undefined
    ? integer(node, 'uptime')
    : Math.floor((world.clock.now() - integer(node, '$booted')) / 1000);

export const node: Resource = {
  kind: NODE,
  path: '/cluster/nodes',
  keys: ['uuid'],
  order: ['name'],
  clusterOnly: true,
  fields: {
    uuid: uuidField,
    name: nameField,
    serial_number: readOnly('string'),
    model: readOnly('string'),
    location: { kind: 'string' },
    owner: { kind: 'string' },
    state: readOnly('enum', {
      values: ['up', 'booting', 'down', 'taken_over', 'waiting_for_giveback', 'degraded', 'unknown'],
    }),
    membership: readOnly('enum', { values: ['available', 'joining', 'member'] }),
    ...versionFields,
    date: readOnly('time', { compute: (_, world) => world.clock.text() }),
    system_id: readOnly('string'),
    uptime: readOnly('integer', { compute: uptimeOf }),
    vendor_serial_number: readOnly('string'),
    'ha.enabled': readOnly('boolean'),
    'ha.partners': {
      kind: 'refs',
      to: NODE,
      write: 'never',
      // Nodes form pairs in their order: first with second, third with fourth.
      compute: (entry, world) =>
        world.store
          .all(NODE)
          .filter((other) => other.$id !== entry.$id && other['$pair'] === entry['$pair'])
          .map((other) => other.$id),
    },
    management_interfaces: {
      kind: 'refs',
      to: 'ip_interface',
      children: ['uuid', 'name', 'ip.address'],
      write: 'never',
      compute: (entry, world) =>
        world.store
          .all('ip_interface')
          .filter((lif) => text(lif, '$role') === 'node-management' && text(lif, 'location.home_node') === entry.$id)
          .map((lif) => lif.$id),
    },
    ...unmodelled(
      'anti_ransomware_version',
      'cluster_interface',
      'cluster_interfaces',
      'controller',
      'external_cache',
      'external_cache_bypass',
      'hw_assist',
      'is_spares_low',
      'management_interface',
      'metrocluster',
      'nvlog',
      'nvram',
      'service_processor',
      'snaplock',
      'storage_availability_zones',
      'storage_configuration',
      'system_aggregate',
      'system_machine_type',
      'vm',
    ),
    ...unmeasured,
  },
  notSimulated: ['create', 'remove'],
  modify: { asynchronous: true },
  seed: ({ nodes }, world) =>
    nodes.map(({ name, model, serialNumber }, index) => {
      const id = world.random.uuid(NODE);
      return {
        $id: id,
        uuid: id,
        name,
        model,
        serial_number: serialNumber,
        vendor_serial_number: serialNumber,
        location: '',
        owner: '',
        state: 'up',
        membership: 'member',
        $booted: world.clock.now() - (4_000_000 + index) * 1000,
        system_id: String(536_880_000 + index),
        'ha.enabled': nodes.length > 1,
        $pair: Math.floor(index / 2),
      };
    }),
};
