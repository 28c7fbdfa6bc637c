import type { Resource } from '../core/declaration.ts';
import { readOnly, uuidField } from './common.ts';

const STATES = [
  'broken_off',
  'paused',
  'snapmirrored',
  'uninitialized',
  'in_sync',
  'out_of_sync',
  'synchronizing',
  'expanding',
  'shrinking',
];

/** `/snapmirror/relationships`: can be listed, and there are none; making one is not simulated. */
export const snapmirrorRelationship: Resource = {
  kind: 'snapmirror_relationship',
  path: '/snapmirror/relationships',
  keys: ['uuid'],
  fields: {
    uuid: uuidField,
    'source.path': readOnly('string'),
    'source.svm': { kind: 'ref', to: 'svm', write: 'never' },
    'source.cluster': { kind: 'ref', to: 'cluster', write: 'never' },
    'destination.path': readOnly('string'),
    'destination.svm': { kind: 'ref', to: 'svm', write: 'never' },
    'destination.cluster': { kind: 'ref', to: 'cluster', write: 'never' },
    'policy.name': readOnly('string'),
    'policy.type': readOnly('string'),
    'policy.uuid': readOnly('string'),
    state: readOnly('enum', { values: STATES }),
    healthy: readOnly('boolean'),
    unhealthy_reason: {
      kind: 'objects',
      write: 'never',
      of: { code: { kind: 'string' }, message: { kind: 'string' } },
    },
    lag_time: readOnly('string'),
    last_transfer_type: readOnly('string'),
    'transfer.uuid': readOnly('string'),
    'transfer.state': readOnly('string'),
    'transfer.type': readOnly('string'),
    'transfer.bytes_transferred': readOnly('size'),
    'transfer.end_time': readOnly('time'),
    'transfer.total_duration': readOnly('string'),
    transfer_schedule: { kind: 'ref', to: 'schedule', write: 'never' },
    group_type: readOnly('string'),
    exported_snapshot: readOnly('string'),
  },
  parameters: { get: ['list_destinations_only'] },
  notSimulated: ['create', 'modify', 'remove'],
};
