import type { Resource } from '../core/declaration.ts';
import { readOnly } from './common.ts';

/** `/storage/aggregates/{aggregate.uuid}/cloud-stores`: there are none, and none is attached. */
export const cloudStore: Resource = {
  kind: 'cloud_store',
  path: '/storage/aggregates/{aggregate.uuid}/cloud-stores',
  keys: ['target.uuid'],
  clusterOnly: true,
  fields: {
    aggregate: readOnly('ref', { to: 'aggregate', key: true }),
    'target.uuid': readOnly('string', { key: true }),
    'target.name': readOnly('string', { key: true }),
    primary: readOnly('boolean'),
    availability: readOnly('enum', { values: ['available', 'unavailable', 'available_failure'] }),
    mirror_degraded: readOnly('boolean'),
    unreclaimed_space_threshold: readOnly('integer'),
    used: readOnly('size'),
  },
  notSimulated: ['create', 'modify', 'remove'],
};
