import type { Field, Fields, Resource } from '../core/declaration.ts';
import { flag, text, type Entry } from '../core/entry.ts';
import { Refusal } from '../core/refusal.ts';
import { existsAlready, readOnly, unmodelled } from './common.ts';

const DESTINATION = 'ems_destination';

const syslog = (values: readonly string[]): Field => ({ kind: 'enum', values, since: '9.12.1' });

const SYSLOG_FIELDS: Fields = {
  'syslog.port': { kind: 'integer', minimum: 1, maximum: 65_535, since: '9.12.1' },
  'syslog.transport': syslog(['udp_unencrypted', 'tcp_unencrypted', 'tcp_encrypted']),
  'syslog.format.message': syslog(['legacy_netapp', 'rfc_5424']),
  'syslog.format.hostname_override': syslog(['no_override', 'fqdn', 'hostname_only']),
  'syslog.format.timestamp_override': syslog(['no_override', 'rfc_3164', 'iso_8601_local_time', 'iso_8601_utc']),
};

const SYSLOG_DEFAULTS = {
  'syslog.port': 514,
  'syslog.transport': 'udp_unencrypted',
  'syslog.format.message': 'legacy_netapp',
  'syslog.format.hostname_override': 'no_override',
  'syslog.format.timestamp_override': 'no_override',
};

const checkSyslog = (values: object, type: string) => {
  const given = Object.keys(values).find((path) => path in SYSLOG_FIELDS);
  if (given !== undefined && type !== 'syslog')
    throw new Refusal(400, 983129, `A destination of type "${type}" has no "${given}".`, given);
};

const checkOwn = (entry: Entry) => {
  if (flag(entry, 'system_defined'))
    throw new Refusal(409, 983152, 'Default destinations cannot be modified or removed.', 'name');
};

/** `/support/ems/destinations`: who is told of events. Nothing is sent. */
export const emsDestination: Resource = {
  kind: DESTINATION,
  path: '/support/ems/destinations',
  keys: ['name'],
  clusterOnly: true,
  fields: {
    name: { kind: 'string', write: 'create', key: true, required: true, maxLength: 64 },
    type: { kind: 'enum', write: 'create', values: ['snmp', 'email', 'syslog', 'rest_api'], required: true },
    destination: { kind: 'string', required: true, maxLength: 255 },
    filters: { kind: 'refs', to: 'ems_filter', children: ['name'] },
    ...SYSLOG_FIELDS,
    system_defined: readOnly('boolean', { since: '9.10.1', compute: (entry) => flag(entry, 'system_defined') }),
    ...unmodelled('access_control_role', 'certificate', 'connectivity'),
  },
  unique: [{ fields: ['name'], refusal: existsAlready('A destination', 1) }],
  identify: (draft) => text(draft, 'name'),
  create: {
    asynchronous: false,
    prepare: (draft) => {
      const type = text(draft, 'type');
      checkSyslog(draft, type);
      return type === 'syslog' ? { ...SYSLOG_DEFAULTS, ...draft } : draft;
    },
  },
  modify: {
    asynchronous: false,
    prepare: (changes, before) => {
      checkOwn(before);
      checkSyslog(changes, text(before, 'type'));
      return changes;
    },
  },
  remove: { asynchronous: false, check: checkOwn },
  seed: () => [
    {
      $id: 'snmp-traphost',
      name: 'snmp-traphost',
      type: 'snmp',
      destination: '',
      filters: ['default-trap-events'],
      system_defined: true,
    },
  ],
};
