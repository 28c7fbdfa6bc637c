import type { Resource } from '../core/declaration.ts';
import { readOnly, unmodelled } from './common.ts';

/** `/cluster/software`: the release that the cluster runs. There is no other to go to. */
export const software: Resource = {
  kind: 'software',
  path: '/cluster/software',
  keys: ['$id'],
  singleton: true,
  clusterOnly: true,
  fields: {
    version: readOnly('string', { compute: (_, world) => world.version }),
    nodes: readOnly('objects', {
      of: { name: readOnly('string'), model: readOnly('string'), version: readOnly('string') },
      compute: (_, world) =>
        world.store.all('node').map(({ name, model }) => ({ name, model, version: world.version })),
    }),
    ...unmodelled(
      'action',
      'elapsed_duration',
      'estimated_duration',
      'metrocluster',
      'pending_version',
      'post_update_checks',
      'state',
      'status_details',
      'update_details',
      'validation_results',
    ),
  },
  notSimulated: ['modify'],
  seed: () => [{ $id: 'software' }],
};
