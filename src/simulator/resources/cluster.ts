import type { Resource } from '../core/declaration.ts';
import { text, texts } from '../core/entry.ts';
import { invalidValue, Refusal } from '../core/refusal.ts';
import { isTimeZone } from '../core/zone.ts';
import { changeAccount } from './account.ts';
import { ntpServersOf, replaceNtpServers } from './ntp.ts';
import { readOnly, unmeasured, unmodelled, versionFields } from './common.ts';

const CLUSTER = 'cluster';

/** `/cluster`: one record. */
export const cluster: Resource = {
  kind: CLUSTER,
  path: '/cluster',
  keys: ['uuid'],
  singleton: true,
  clusterOnly: 'writes',
  svmFields: ['name', 'uuid', 'version', 'san_optimized', 'disaggregated'],
  fields: {
    name: { kind: 'string' },
    uuid: readOnly('string'),
    location: { kind: 'string' },
    contact: { kind: 'string' },
    ...versionFields,
    dns_domains: { kind: 'strings' },
    name_servers: { kind: 'strings' },
    ntp_servers: { kind: 'strings', compute: (_, world) => ntpServersOf(world) },
    management_interfaces: {
      kind: 'refs',
      to: 'ip_interface',
      children: ['uuid', 'name', 'ip.address'],
      write: 'never',
      compute: (_, world) =>
        world.store
          .all('ip_interface')
          .filter((lif) => text(lif, '$role') === 'cluster-management')
          .map((lif) => lif.$id),
    },
    nodes: {
      kind: 'refs',
      to: 'node',
      write: 'never',
      expensive: true,
      compute: (_, world) => world.store.all('node').map((each) => each.$id),
    },
    'management_interface.ip.address': readOnly('string', {
      expensive: true,
      compute: (_, world) =>
        world.store.all('ip_interface').find((lif) => text(lif, '$role') === 'cluster-management')?.['ip.address'],
    }),
    ...unmodelled(
      '_tags',
      'active_directory',
      'certificate',
      'cluster_network_overlay_enabled',
      'configuration_backup',
      'ha',
      'license',
      'management_interface.ip.gateway',
      'management_interface.ip.netmask',
    ),
    'timezone.name': { kind: 'string' },
    password: { kind: 'string', secret: true },
    san_optimized: readOnly('boolean', {
      since: '9.10.1',
      compute: (_, { personality }) => personality === 'asa' || personality === 'asa-r2',
    }),
    disaggregated: readOnly('boolean', {
      since: '9.16.1',
      compute: (_, { personality }) => personality === 'asa-r2' || personality === 'afx',
    }),
    health: readOnly('string'),
    'peering_policy.minimum_passphrase_length': { kind: 'integer' },
    'peering_policy.authentication_required': { kind: 'boolean' },
    'peering_policy.encryption_required': { kind: 'boolean' },
    auto_enable_analytics: { kind: 'boolean', since: '9.12.1' },
    auto_enable_activity_tracking: { kind: 'boolean', since: '9.12.1' },
    ...unmeasured,
  },
  modify: {
    asynchronous: true,
    prepare: (changes, before) => {
      if (before['$precluster'] === true && changes['name'] === undefined)
        throw new Refusal(400, 262212, 'A value for "name" is needed.', 'name');
      const zone = changes['timezone.name'];
      if (typeof zone === 'string' && !isTimeZone(zone)) throw invalidValue(zone, 'timezone.name', 'time zone');
      const { password, ntp_servers, ...kept } = changes;
      return { ...kept, $ntp: ntp_servers, ...(password === undefined ? {} : { $password: password }) };
    },
    effects: (after, _before, { world }) => {
      const password = after['$password'];
      if (password !== undefined) changeAccount('admin', { $password: password }, world);
      if (after['$ntp'] !== undefined) replaceNtpServers(texts(after, '$ntp'), world);
      world.store.change(CLUSTER, after.$id, { $precluster: undefined, $password: undefined, $ntp: undefined });
    },
  },
  seed: ({ cluster: { name, location, contact, timeZone, precluster } }, world) => {
    const id = world.random.uuid(CLUSTER);
    return [
      {
        $id: id,
        uuid: id,
        name,
        ...(precluster === true ? { $precluster: true } : {}),
        location,
        contact,
        dns_domains: ['example.test'],
        name_servers: ['192.0.2.250'],
        'timezone.name': timeZone,
        health: 'ok',
        auto_enable_analytics: false,
        auto_enable_activity_tracking: false,
        'peering_policy.minimum_passphrase_length': 8,
        'peering_policy.authentication_required': true,
        'peering_policy.encryption_required': false,
      },
    ];
  },
};
