import type { Resource } from '../core/declaration.ts';
import { text, texts, type StoredObject } from '../core/entry.ts';
import { checkAddress } from '../core/ip-bits.ts';
import { Refusal } from '../core/refusal.ts';
import { passing, readOnly, requiredSvm, unmodelled } from './common.ts';
import { onePerSvm } from './each-svm.ts';

const DNS = 'dns';

const checkServers = (values: StoredObject) => {
  for (const server of texts(values, 'servers')) {
    checkAddress(server, 'servers');
    if (/^127\.|^::1$/.test(server))
      throw new Refusal(400, 9240609, `The loopback address "${server}" cannot be a name server.`, 'servers');
  }
};

/** `/name-services/dns`: where an SVM looks names up. That of the cluster is in `/cluster`, and is shown here too. */
export const dns: Resource = {
  kind: DNS,
  path: '/name-services/dns',
  keys: ['uuid'],
  order: ['uuid'],
  fields: {
    uuid: readOnly('string', { key: true }),
    svm: requiredSvm,
    scope: readOnly('enum', { values: ['svm', 'cluster'], since: '9.9.1', compute: () => 'svm' }),
    domains: { kind: 'strings', required: true },
    servers: { kind: 'strings', required: true },
    timeout: { kind: 'integer', minimum: 1, maximum: 5, default: 2 },
    attempts: { kind: 'integer', minimum: 1, maximum: 4, default: 1 },
    'dynamic_dns.enabled': { kind: 'boolean', default: false, since: '9.9.1' },
    'dynamic_dns.use_secure': { kind: 'boolean', default: false, since: '9.9.1' },
    tld_query_enabled: { kind: 'boolean', default: true, since: '9.9.1' },
    source_address_match: { kind: 'boolean', default: true, since: '9.9.1' },
    packet_query_match: { kind: 'boolean', default: true, since: '9.9.1' },
    // Nobody is asked whether the servers are there.
    skip_config_validation: passing('boolean', { since: '9.9.1' }),
    ...unmodelled(
      'dynamic_dns.fqdn',
      'dynamic_dns.time_to_live',
      'dynamic_dns.skip_fqdn_validation',
      'status',
      'service_ips',
    ),
  },
  ...onePerSvm(() => new Refusal(409, 1, 'The SVM has a DNS configuration already.', 'svm')),
  create: {
    asynchronous: false,
    prepare: (draft) => {
      checkServers(draft);
      return { ...draft, uuid: text(draft, 'svm') };
    },
  },
  modify: {
    asynchronous: false,
    prepare: (changes) => {
      checkServers(changes);
      return changes;
    },
  },
  remove: { asynchronous: false },
};
