import { isIP } from 'node:net';
import type { Resource } from '../core/declaration.ts';
import { text } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import { existsAlready, passing, readOnly } from './common.ts';
import { ownerFields, ownerOf, withOwner } from './owner.ts';

/** SNMP: settings, users and hosts are kept. Nobody is answered, and nothing is sent. */

const USER = 'snmp_user';
const HOST = 'snmp_traphost';
/** The start of all engine IDs that follow NetApp's enterprise number. */
const ENGINE = '8000031504';

/** `/support/snmp`. */
export const snmp: Resource = {
  kind: 'snmp',
  path: '/support/snmp',
  keys: ['$id'],
  singleton: true,
  clusterOnly: true,
  fields: {
    enabled: { kind: 'boolean' },
    auth_traps_enabled: { kind: 'boolean' },
    traps_enabled: { kind: 'boolean', since: '9.10.1' },
    contact: { kind: 'string', maxLength: 255 },
    location: { kind: 'string', maxLength: 255 },
    trigger_test_trap: passing('boolean', { since: '9.10.1' }),
  },
  modify: { asynchronous: false },
  seed: () => [
    { $id: 'snmp', enabled: true, auth_traps_enabled: false, traps_enabled: true, contact: '', location: '' },
  ],
};

/** `/support/snmp/users`: communities, and users of SNMPv3. */
export const snmpUser: Resource = {
  kind: USER,
  path: '/support/snmp/users',
  keys: ['engine_id', 'name'],
  order: ['svm', 'name'],
  fields: {
    ...ownerFields,
    name: { kind: 'string', key: true, required: true, write: 'create', maxLength: 32 },
    engine_id: { kind: 'string', key: true, write: 'create' },
    authentication_method: {
      kind: 'enum',
      write: 'create',
      required: true,
      values: ['community', 'usm', 'both'],
    },
    comment: { kind: 'string', maxLength: 128 },
    switch_address: { kind: 'string', write: 'create', since: '9.10.1' },
    'snmpv3.authentication_protocol': { kind: 'enum', write: 'create', values: ['none', 'md5', 'sha', 'sha2_256'] },
    'snmpv3.authentication_password': passing('string', { write: 'create' }),
    'snmpv3.privacy_protocol': { kind: 'enum', write: 'create', values: ['none', 'des', 'aes128'] },
    'snmpv3.privacy_password': passing('string', { write: 'create' }),
  },
  indexes: ['svm'],
  unique: [{ fields: ['engine_id', 'name'], refusal: existsAlready('An SNMP user', 1) }],
  create: {
    asynchronous: false,
    prepare: (draft, { world }) => {
      const owned = withOwner(draft, world);
      const owner = ownerOf(owned, world);
      return { engine_id: ENGINE + owner.$id.replaceAll('-', '').slice(0, 20), ...owned };
    },
  },
  modify: { asynchronous: false },
  remove: {
    asynchronous: false,
    check: (entry, { world }) => {
      const host = world.store.all(HOST).find((each) => each['user'] === entry.$id);
      if (host) throw new Refusal(409, 8, `The user is used by the trap host "${text(host, 'host')}".`, 'name');
    },
  },
  inside: [{ kind: 'svm', field: 'svm' }],
};

/** `/support/snmp/traphosts`. */
export const snmpTraphost: Resource = {
  kind: HOST,
  path: '/support/snmp/traphosts',
  keys: ['host'],
  clusterOnly: true,
  fields: {
    host: { kind: 'string', key: true, required: true, write: 'create' },
    ip_address: readOnly('string', {
      compute: (entry) => (isIP(text(entry, 'host')) === 0 ? undefined : entry['host']),
    }),
    user: { kind: 'ref', to: USER, children: ['name'], write: 'create' },
  },
  unique: [
    {
      fields: ['host'],
      refusal: (entry) => new Refusal(409, 1, `The trap host "${text(entry, 'host')}" is there already.`, 'host'),
    },
  ],
  identify: (draft) => text(draft, 'host'),
  create: { asynchronous: false },
  remove: { asynchronous: false },
};
