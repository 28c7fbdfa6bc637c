import type { Field, Fields, Resource } from '../core/declaration.ts';
import { text, texts, type Entry } from '../core/entry.ts';
import { missingValue, Refusal } from '../core/refusal.ts';
import { passing, readOnly, requiredSvm, unmodelled } from './common.ts';
import { onePerSvm } from './each-svm.ts';

const flagged = (value: boolean, more: Partial<Field> = {}): Field => ({ kind: 'boolean', default: value, ...more });

/** Where in the directory something is looked for. */
const place = (what: string): Fields => ({
  [`${what}_dn`]: { kind: 'string', since: '9.9.1' },
  [`${what}_scope`]: {
    kind: 'enum',
    values: ['base', 'onelevel', 'subtree'],
    default: 'subtree',
    since: what === 'base' ? '9.6' : '9.9.1',
  },
});

const checkTarget = (entry: Entry) => {
  const domain = text(entry, 'ad_domain');
  const servers = texts(entry, 'servers');
  if (domain === '' && servers.length === 0) throw missingValue('servers');
  if (domain !== '' && servers.length > 0)
    throw new Refusal(400, 4915229, 'Either "servers" or "ad_domain" can be given, not both.', 'servers');
};

/** `/name-services/ldap`: where an SVM looks users up. Nobody is asked. */
export const ldap: Resource = {
  kind: 'ldap',
  path: '/name-services/ldap',
  keys: ['svm.uuid'],
  order: ['svm'],
  fields: {
    svm: requiredSvm,
    servers: { kind: 'strings' },
    ad_domain: { kind: 'string' },
    preferred_ad_servers: { kind: 'strings' },
    schema: { kind: 'string', default: 'RFC-2307' },
    port: { kind: 'integer', minimum: 1, maximum: 65_535, default: 389 },
    ...place('base'),
    ...place('user'),
    ...place('group'),
    ...place('netgroup'),
    ...place('netgroup_byhost'),
    group_membership_filter: { kind: 'string', since: '9.9.1' },
    bind_dn: { kind: 'string' },
    // Nobody logs in with it.
    bind_password: passing('string'),
    min_bind_level: { kind: 'enum', values: ['anonymous', 'simple', 'sasl'], default: 'anonymous' },
    session_security: { kind: 'enum', values: ['none', 'sign', 'seal'], default: 'none' },
    use_start_tls: flagged(false),
    ldaps_enabled: flagged(false, { since: '9.9.1' }),
    try_channel_binding: flagged(true, { since: '9.10.1' }),
    referral_enabled: flagged(false, { since: '9.9.1' }),
    bind_as_cifs_server: flagged(false, { since: '9.9.1' }),
    is_netgroup_byhost_enabled: flagged(false, { since: '9.9.1' }),
    restrict_discovery_to_site: flagged(false, { since: '9.13.1' }),
    query_timeout: { kind: 'integer', minimum: 1, maximum: 10, default: 3, since: '9.9.1' },
    is_owner: readOnly('boolean', { since: '9.9.1', compute: () => true }),
    skip_config_validation: passing('boolean', { since: '9.9.1' }),
    ...unmodelled('status'),
  },
  ...onePerSvm(() => new Refusal(409, 1, 'The SVM has an LDAP configuration already.', 'svm')),
  create: {
    asynchronous: false,
    prepare: (draft) => {
      checkTarget(draft);
      return draft;
    },
  },
  modify: {
    asynchronous: false,
    prepare: (changes, before) => {
      // One of the two takes the place of the other.
      const other = changes['ad_domain'] === undefined ? 'ad_domain' : 'servers';
      const replaces = changes['ad_domain'] !== undefined || changes['servers'] !== undefined;
      const wanted = { ...(replaces ? { [other]: undefined } : {}), ...changes };
      checkTarget({ ...before, ...wanted, $id: before.$id });
      return wanted;
    },
  },
  remove: { asynchronous: false },
};
