import type { Resource } from '../core/declaration.ts';
import { readOnly, unmodelled, uuidField } from './common.ts';

const POLICY = 'service_policy';

/** What the fixed policies let interfaces of the cluster, or of an SVM, serve. */
export const SERVICE_POLICIES: Readonly<
  Record<string, { readonly scope: string; readonly services: readonly string[] }>
> = {
  'default-data-files': {
    scope: 'svm',
    services: ['data_core', 'data_nfs', 'data_cifs', 'data_flexcache', 'data_fpolicy_client'],
  },
  'default-data-blocks': { scope: 'svm', services: ['data_core', 'data_iscsi'] },
  'default-data-iscsi': { scope: 'svm', services: ['data_core', 'data_iscsi'] },
  'default-data-nvme-tcp': { scope: 'svm', services: ['data_core', 'data_nvme_tcp'] },
  'default-management': {
    scope: 'cluster',
    services: [
      'management_core',
      'management_autosupport',
      'management_ems',
      'management_https',
      'management_http',
      'management_ssh',
    ],
  },
  'default-intercluster': { scope: 'cluster', services: ['intercluster_core', 'management_https'] },
  'default-cluster': { scope: 'cluster', services: ['cluster_core'] },
  'default-route-announce': { scope: 'cluster', services: ['management_bgp'] },
};

/** `/network/ip/service-policies`: the fixed ones. Others are not simulated. */
export const servicePolicy: Resource = {
  kind: POLICY,
  path: '/network/ip/service-policies',
  keys: ['uuid'],
  order: ['name'],
  fields: {
    uuid: uuidField,
    name: readOnly('string', { key: true }),
    scope: readOnly('enum', { values: ['svm', 'cluster'] }),
    services: readOnly('strings'),
    is_built_in: readOnly('boolean', { since: '9.11.1', compute: () => true }),
    'ipspace.name': readOnly('string', { compute: () => 'Default' }),
    ...unmodelled('ipspace.uuid', 'svm'),
  },
  notSimulated: ['create', 'modify', 'remove'],
  seed: (_, world) =>
    Object.entries(SERVICE_POLICIES).map(([name, { scope, services }]) => {
      const id = world.random.uuid(POLICY);
      return { $id: id, uuid: id, name, scope, services };
    }),
};
