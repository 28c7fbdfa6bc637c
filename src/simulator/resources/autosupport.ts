import type { Resource } from '../core/declaration.ts';
import { integer, text, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import { readOnly } from './common.ts';

const AUTOSUPPORT = 'autosupport';
const MESSAGE = 'autosupport_message';

/** `/support/autosupport`: how the cluster reports to its maker. */
export const autosupport: Resource = {
  kind: AUTOSUPPORT,
  path: '/support/autosupport',
  keys: ['$id'],
  singleton: true,
  clusterOnly: 'writes',
  fields: {
    enabled: { kind: 'boolean' },
    contact_support: { kind: 'boolean' },
    is_minimal: { kind: 'boolean' },
    from: { kind: 'string' },
    to: { kind: 'strings' },
    partner_addresses: { kind: 'strings' },
    mail_hosts: { kind: 'strings' },
    proxy_url: { kind: 'string' },
    transport: { kind: 'enum', values: ['smtp', 'http', 'https'] },
    smtp_encryption: { kind: 'enum', values: ['none', 'start_tls'] },
    ondemand_enabled: { kind: 'boolean' },
  },
  modify: {
    asynchronous: false,
    prepare: (changes, before) => {
      const after: Entry = { ...before, ...changes, $id: before.$id };
      if (after['ondemand_enabled'] === true && text(after, 'transport') !== 'https')
        throw new Refusal(400, 262186, 'AutoSupport on demand needs the transport "https".', 'ondemand_enabled');
      return changes;
    },
  },
  seed: () => [
    {
      $id: AUTOSUPPORT,
      enabled: true,
      contact_support: true,
      is_minimal: false,
      from: 'postmaster',
      to: [],
      partner_addresses: [],
      mail_hosts: ['mailhost'],
      proxy_url: '',
      transport: 'https',
      smtp_encryption: 'start_tls',
      ondemand_enabled: true,
    },
  ],
};

/** `/support/autosupport/messages`: taken and kept; nothing leaves the simulator. */
export const autosupportMessage: Resource = {
  kind: MESSAGE,
  path: '/support/autosupport/messages',
  keys: ['node.uuid', 'index', 'destination'],
  order: ['index', '$number', 'destination'],
  clusterOnly: true,
  fields: {
    node: { kind: 'ref', to: 'node', write: 'never', key: true },
    index: readOnly('integer', { key: true }),
    destination: readOnly('enum', { values: ['smtp', 'http', 'noteto', 'retransmit'], key: true }),
    subject: readOnly('string'),
    state: readOnly('enum', {
      values: [
        'initializing',
        'collection_failed',
        'collecting',
        'queued',
        'transmitting',
        'sent_successful',
        'ignore',
      ],
    }),
    generated_on: readOnly('time'),
    uri: { kind: 'string', write: 'create' },
    message: { kind: 'string', write: 'create', secret: true },
    type: { kind: 'enum', write: 'create', secret: true, values: ['test', 'performance', 'all'], default: 'all' },
  },
  indexes: ['node'],
  create: {
    asynchronous: false,
    effects: (entry, { world }) => {
      const index = world.store.all(MESSAGE).reduce((last, each) => Math.max(last, integer(each, 'index')), 0) + 1;
      const enabled = world.store.all(AUTOSUPPORT)[0]?.['enabled'] === true;
      const destination = text(entry, 'uri') === '' ? 'http' : 'retransmit';
      for (const [number, node] of world.store.all('node').entries()) {
        const record = {
          node: node.$id,
          index,
          $number: number,
          destination,
          subject: `${text(entry, 'type') === 'test' ? 'USER_TRIGGERED (TEST' : 'USER_TRIGGERED (COMPLETE'}:${text(entry, 'message')})`,
          // Cannot be sent while reporting is switched off.
          state: enabled ? 'sent_successful' : 'ignore',
          generated_on: world.clock.text(),
          ...(text(entry, 'uri') === '' ? {} : { uri: text(entry, 'uri') }),
        };
        if (number === 0) world.store.change(MESSAGE, entry.$id, { ...record, message: undefined, type: undefined });
        else world.store.put(MESSAGE, { ...record, $id: `${entry.$id}/${number}` });
      }
    },
  },
};
