import type { Resource } from '../core/declaration.ts';
import { passing } from './common.ts';

/** `/support/ems`: how mail and requests to destinations are sent. Nothing is. */
export const emsSettings: Resource = {
  kind: 'ems_settings',
  path: '/support/ems',
  keys: ['$id'],
  singleton: true,
  clusterOnly: true,
  fields: {
    mail_from: { kind: 'string' },
    mail_server: { kind: 'string' },
    mail_server_user: { kind: 'string', since: '9.15.1' },
    // Nobody logs in with them.
    mail_server_password: passing('string', { since: '9.15.1' }),
    proxy_url: { kind: 'string' },
    proxy_user: { kind: 'string' },
    proxy_password: passing('string'),
    pubsub_enabled: { kind: 'boolean', since: '9.10.1' },
  },
  modify: { asynchronous: false },
  seed: () => [{ $id: 'ems_settings', mail_from: 'admin@localhost', mail_server: 'localhost', pubsub_enabled: true }],
};
