import type { Field, Fields, Resource } from '../core/declaration.ts';
import { readOnly, unmodelled } from './common.ts';

/** What hosts are doing: connections, sessions, locks and logins. Nothing can be mounted, so there are none. */

interface Sketch {
  readonly path: string;
  readonly keys: readonly string[];
  readonly since?: string;
  /** Names of fields, by what they hold. */
  readonly texts: string;
  readonly numbers?: string;
  readonly flags?: string;
  /** Kinds of records that are named, by the fields' own names. */
  readonly refs?: string;
  /** Interfaces of this kind are named. */
  readonly interface?: 'ip_interface' | 'fc_interface';
  /** Lists of objects. */
  readonly lists?: string;
}

const fieldsOf = (names: string | undefined, make: (name: string) => Field): Fields =>
  Object.fromEntries((names?.split(' ') ?? []).map((name) => [name, make(name)]));

const none = (kind: string, sketch: Sketch): Resource => ({
  kind,
  path: sketch.path,
  keys: sketch.keys,
  ...(sketch.since === undefined ? {} : { since: sketch.since }),
  fields: {
    ...fieldsOf(sketch.texts, () => readOnly('string')),
    ...fieldsOf(sketch.numbers, () => readOnly('integer')),
    ...fieldsOf(sketch.flags, () => readOnly('boolean')),
    ...fieldsOf(sketch.refs, (to) => readOnly('ref', { to })),
    ...(sketch.interface === undefined ? {} : { interface: readOnly('ref', { to: sketch.interface }) }),
    ...unmodelled(...(sketch.lists?.split(' ') ?? [])),
  },
  notSimulated: ['remove'],
});

export const clientSessions: readonly Resource[] = [
  none('nfs_client', {
    path: '/protocols/nfs/connected-clients',
    keys: [],
    texts: 'client_ip server_ip protocol idle_duration',
    numbers: 'local_request_count remote_request_count',
    flags: 'trunking_enabled',
    refs: 'svm node volume export_policy',
  }),
  none('client_lock', {
    path: '/protocols/locks',
    keys: ['uuid'],
    since: '9.10.1',
    texts:
      'uuid client_address delegation oplock_level owner_id path protocol share_lock.mode smb.connect_state ' +
      'smb.open_group_id smb.open_type state type',
    numbers: 'byte_lock.length byte_lock.offset',
    flags: 'byte_lock.exclusive byte_lock.mandatory byte_lock.soft byte_lock.super constituent share_lock.soft',
    refs: 'svm node volume',
    interface: 'ip_interface',
  }),
  none('cifs_session', {
    path: '/protocols/cifs/sessions',
    keys: ['node.uuid', 'svm.uuid', 'identifier', 'connection_id'],
    since: '9.8',
    texts:
      'authentication client_ip connected_duration continuous_availability idle_duration mapped_unix_user protocol ' +
      'server_ip smb_encryption user',
    numbers: 'connection_count connection_id identifier open_files open_other open_shares',
    flags: 'large_mtu smb_signing',
    refs: 'svm node',
    lists: 'volumes',
  }),
  none('cifs_open_file', {
    path: '/protocols/cifs/session/files',
    keys: ['node.uuid', 'svm.uuid', 'identifier', 'connection.identifier', 'session.identifier'],
    since: '9.11.1',
    texts: 'continuously_available open_mode path share.mode share.name type',
    numbers: 'connection.count connection.identifier identifier range_locks_count session.identifier',
    refs: 'svm node volume',
  }),
  none('cifs_connection', {
    path: '/protocols/cifs/connections',
    keys: [],
    since: '9.11.1',
    texts: 'client_ip server_ip',
    numbers: 'client_port identifier network_context_id',
    refs: 'svm node',
    lists: 'sessions',
  }),
  none('iscsi_session', {
    path: '/protocols/san/iscsi/sessions',
    keys: ['svm.uuid', 'target_portal_group', 'tsih'],
    texts: 'initiator.alias initiator.comment initiator.name isid target_portal_group',
    numbers: 'target_portal_group_tag tsih',
    refs: 'svm',
    lists: 'connections igroups',
  }),
  none('fc_login', {
    path: '/network/fc/logins',
    keys: ['interface.uuid', 'initiator.wwpn'],
    texts: 'initiator.comment initiator.port_address initiator.wwnn initiator.wwpn protocol',
    refs: 'svm',
    interface: 'fc_interface',
    lists: 'igroups initiator.aliases',
  }),
];
