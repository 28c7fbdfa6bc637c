import type { Field, Resource } from '../core/declaration.ts';
import type { World } from '../core/world.ts';
import { aggregateSpace, type AggregateSpace } from './aggregate.ts';
import { readOnly, uuidField } from './common.ts';

const ZONE = 'availability_zone';

const sum =
  (measure: (space: AggregateSpace) => number) =>
  (world: World): number =>
    world.store.all('aggregate').reduce((total, aggregate) => total + measure(aggregateSpace(aggregate, world)), 0);

const total = (measure: (space: AggregateSpace) => number): Field =>
  readOnly('size', { compute: (_, world) => sum(measure)(world) });

/** `/storage/availability-zones`: a disaggregated system has one pool of storage for all its nodes. */
export const availabilityZone: Resource = {
  kind: ZONE,
  path: '/storage/availability-zones',
  keys: ['uuid'],
  clusterOnly: 'writes',
  since: '9.16.1',
  personalities: ['asa-r2', 'afx'],
  fields: {
    uuid: uuidField,
    name: readOnly('string'),
    nodes: {
      kind: 'refs',
      to: 'node',
      write: 'never',
      compute: (_, world) => world.store.all('node').map((node) => node.$id),
    },
    'space.size': total(({ size }) => size),
    'space.available': total(({ available }) => available),
    'space.physical_used': total(({ footprint }) => footprint),
    'space.physical_used_percent': readOnly('integer', {
      compute: (_, world) =>
        Math.floor((sum(({ footprint }) => footprint)(world) / Math.max(1, sum(({ size }) => size)(world))) * 100),
    }),
    'space.physical_user_data_without_snapshots': total(({ footprint }) => footprint),
    'space.logical_user_data_without_snapshots': total(({ footprint }) => footprint),
    'space.efficiency_without_snapshots.savings': readOnly('size', { compute: () => 0 }),
    'space.efficiency_without_snapshots.ratio': readOnly('number', { compute: () => 1 }),
    'space.delayed_frees': readOnly('size', { compute: () => 0 }),
    'space.inactive_data': readOnly('size', { compute: () => 0 }),
    'space.log_and_recovery_metadata': readOnly('size', { compute: () => 0 }),
    'space.total_metadata_used': readOnly('size', { compute: () => 0 }),
    'space.unusable': readOnly('size', { compute: () => 0 }),
    'space.full_threshold_percent': readOnly('integer', { compute: () => 98 }),
    'space.nearly_full_threshold_percent': readOnly('integer', { compute: () => 95 }),
  },
  notSimulated: ['modify'],
  seed: ({ cluster }, world) => {
    if (cluster.personality !== 'asa-r2' && cluster.personality !== 'afx') return [];
    const id = world.random.uuid(ZONE);
    return [{ $id: id, uuid: id, name: 'storage_availability_zone_0' }];
  },
};
