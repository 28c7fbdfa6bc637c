import type { Resource } from '../core/declaration.ts';
import { readOnly, unmodelled } from './common.ts';

const STATES = ['compliant', 'noncompliant', 'unlicensed', 'unknown'];

/** `/cluster/licensing/licenses`: the packages the topology names, on every node. */
export const licence: Resource = {
  kind: 'licence',
  path: '/cluster/licensing/licenses',
  keys: ['name'],
  clusterOnly: true,
  fields: {
    name: readOnly('string', { key: true }),
    scope: readOnly('enum', { key: true, values: ['not_available', 'site', 'cluster', 'node'] }),
    state: readOnly('enum', { key: true, values: STATES }),
    description: readOnly('string'),
    ...unmodelled('keys'),
    'entitlement.action': readOnly('string'),
    'entitlement.risk': readOnly('string'),
    licenses: {
      kind: 'objects',
      write: 'never',
      of: {
        owner: { kind: 'string' },
        serial_number: { kind: 'string' },
        active: { kind: 'boolean' },
        evaluation: { kind: 'boolean' },
        installed_license: { kind: 'string' },
        'compliance.state': { kind: 'enum', values: STATES },
        ...unmodelled('capacity', 'expiry_time', 'host_id', 'shutdown_imminent', 'start_time'),
      },
    },
  },
  notSimulated: ['create', 'remove'],
  seed: ({ licences, nodes }) =>
    licences.map((name) => ({
      $id: name,
      name,
      scope: 'node',
      state: 'compliant',
      description: `${name} licence`,
      'entitlement.action': 'none',
      'entitlement.risk': 'low',
      licenses: nodes.map((node, index) => ({
        owner: node.name,
        serial_number: `1-81-0000000000000${index + 1}`,
        active: true,
        evaluation: false,
        installed_license: 'ONTAP One',
        'compliance.state': 'compliant',
      })),
    })),
};
