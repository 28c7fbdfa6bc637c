import { afterAll, beforeAll, expect, test } from 'vitest';
import { at, openOntapSession, textAt, type OntapSession } from '../../../test/support/ontap-session.ts';

/** NTP, SNMP, software and cloud stores of a cluster. */

let array: OntapSession;
beforeAll(async () => {
  array = await openOntapSession({});
});
afterAll(async () => {
  array.simulator.world.verify();
  await array.close();
});

test('time servers are those that the cluster shows', async () => {
  const servers = '/cluster/ntp/servers';
  const shown = async () => at(await array.expect(200, 'GET', '/cluster?fields=ntp_servers'), 'ntp_servers');
  await array.expect(201, 'POST', '/cluster/ntp/keys', { id: 7, digest_type: 'sha1', value: 'a'.repeat(40) });
  await array.expect(201, 'POST', servers, { server: 'time.example.test', version: '4', key: { id: 7 } });
  expect(await array.expect(200, 'GET', `${servers}/time.example.test`)).toMatchObject({
    version: '4',
    authentication_enabled: true,
    key: { id: 7 },
  });
  expect(await shown()).toEqual(['192.0.2.251', 'time.example.test']);
  await array.expect(200, 'PATCH', '/cluster?return_timeout=10', { ntp_servers: ['time.example.test', '192.0.2.9'] });
  expect((await array.list(`${servers}?fields=version`)).map((each) => at(each, 'version'))).toEqual(['auto', '4']);
  expect(await array.refusal('DELETE', '/cluster/ntp/keys/7')).toBe('409 8');
  expect(await array.refusal('POST', servers, { server: 'time.example.test' })).toBe('409 1');
  await array.expect(200, 'DELETE', `${servers}/time.example.test`);
  await array.expect(200, 'DELETE', '/cluster/ntp/keys/7');
  expect(await shown()).toEqual(['192.0.2.9']);
});

test('SNMP has settings, users and hosts', async () => {
  await array.expect(200, 'PATCH', '/support/snmp', { contact: 'x@example.test', trigger_test_trap: true });
  expect(await array.expect(200, 'GET', '/support/snmp')).toMatchObject({ enabled: true, contact: 'x@example.test' });
  const snmpv3 = { authentication_protocol: 'sha', authentication_password: 'unheard of' };
  await array.expect(201, 'POST', '/support/snmp/users', { name: 'u', authentication_method: 'usm', snmpv3 });
  const [user] = await array.list('/support/snmp/users?name=u&fields=*');
  expect(user).toMatchObject({ scope: 'cluster', snmpv3: { authentication_protocol: 'sha' } });
  expect(array.simulator.dump()).not.toContain('unheard of');
  await array.expect(201, 'POST', '/support/snmp/traphosts', { host: '10.0.0.7', user: { name: 'u' } });
  expect(await array.list('/support/snmp/traphosts?fields=*')).toMatchObject([
    { host: '10.0.0.7', ip_address: '10.0.0.7', user: { name: 'u' } },
  ]);
  const path = `/support/snmp/users/${textAt(user, 'engine_id')}/u`;
  expect(await array.refusal('DELETE', path)).toBe('409 8');
  await array.expect(200, 'DELETE', '/support/snmp/traphosts/10.0.0.7');
  await array.expect(200, 'DELETE', path);
});

test('the software is what the cluster runs', async () => {
  expect(await array.expect(200, 'GET', '/cluster/software?fields=version,nodes.version')).toMatchObject({
    version: array.simulator.topology.cluster.version,
    nodes: [{ version: array.simulator.topology.cluster.version }, {}],
  });
  expect(await array.refusal('PATCH', '/cluster/software', { version: '9.99.1' })).toBe('501 3');
  expect(await array.refusal('GET', '/cluster/software/history')).toBe('501 3');
});

test('aggregates have no cloud stores', async () => {
  const [aggregate] = await array.list('/storage/aggregates');
  const path = `/storage/aggregates/${textAt(aggregate, 'uuid')}/cloud-stores`;
  expect(await array.list(`${path}?primary=true`)).toEqual([]);
  expect(await array.refusal('POST', path, { target: { name: 'x' } })).toBe('501 3');
  expect(await array.refusal('GET', '/storage/aggregates/none/cloud-stores')).toBe('404 4');
});

test('a privilege for a path of the API has no query', async () => {
  const privileges = [{ path: '/api/storage/volumes', access: 'all', query: '-vserver svm0' }];
  expect(await array.refusal('POST', '/security/roles', { name: 'r', privileges })).toBe('400 5636192');
});
