import { afterAll, beforeAll, expect, test } from 'vitest';
import { at, openOntapSession, textAt, type OntapSession } from '../../../test/support/ontap-session.ts';

/** What an SVM knows of users, groups and hosts, and where it would look. */

const SVM = { svm: { name: 'svm0' } };
let array: OntapSession;
let svm = '';

beforeAll(async () => {
  array = await openOntapSession({});
  svm = textAt((await array.list('/svm/svms?name=svm0'))[0], 'uuid');
});
afterAll(async () => {
  array.simulator.world.verify();
  await array.close();
});

const names = async (path: string) => (await array.list(path)).map((each) => at(each, 'name'));

test('UNIX users are those of the SVM, and are made, changed and removed', async () => {
  const users = '/name-services/unix-users';
  expect(await names(`${users}?svm.name=svm0`)).toEqual(['nobody', 'pcuser', 'root']);
  await array.expect(201, 'POST', users, { ...SVM, name: 'alice', id: 1001, primary_gid: 100, full_name: 'Alice' });
  await array.expect(200, 'PATCH', `${users}/${svm}/alice`, { id: 1002 });
  expect(await array.expect(200, 'GET', `${users}/${svm}/alice`)).toMatchObject({ id: 1002, primary_gid: 100 });
  expect(await array.refusal('POST', users, { ...SVM, name: 'alice', id: 1, primary_gid: 1 })).toBe('409 1');
  expect(await array.refusal('POST', users, { ...SVM, name: 'bob' })).toBe('400 262212');
  expect(await array.refusal('POST', users, { ...SVM, name: 'bob', id: 1, primary_gid: 1, shell: '/' })).toBe(
    '400 262179',
  );
  await array.expect(200, 'DELETE', `${users}/${svm}/alice`);
});

test('UNIX groups have users', async () => {
  const groups = '/name-services/unix-groups';
  expect(await names(`${groups}?svm.name=svm0`)).toEqual(['daemon', 'nobody', 'pcuser', 'root']);
  await array.expect(201, 'POST', groups, { ...SVM, name: 'staff', id: 100 });
  const members = `${groups}/${svm}/staff/users`;
  await array.expect(201, 'POST', members, { records: [{ name: 'bob' }, { name: 'alice' }] });
  expect(await array.expect(200, 'GET', `${groups}/${svm}/staff`)).toMatchObject({
    id: 100,
    users: [{ name: 'alice' }, { name: 'bob' }],
  });
  expect(await array.refusal('POST', members, { name: 'bob' })).toBe('409 1');
  await array.expect(200, 'DELETE', `${members}/bob`);
  expect(await names(members)).toEqual(['alice']);
  await array.expect(200, 'DELETE', `${groups}/${svm}/staff`);
  expect(await array.refusal('GET', members)).toBe('404 4');
});

test('hosts are known by an SVM or by the cluster', async () => {
  const hosts = '/name-services/local-hosts';
  const body = { address: '10.1.2.3', hostname: 'filer', aliases: ['f1'] };
  await array.expect(201, 'POST', hosts, { ...body, owner: { name: 'svm0' } });
  await array.expect(201, 'POST', hosts, body);
  expect(await array.list(`${hosts}?owner.name=svm0&fields=*`)).toMatchObject([{ ...body, scope: 'svm' }]);
  expect(await array.list(`${hosts}?scope=cluster`)).toHaveLength(1);
  await array.expect(200, 'PATCH', `${hosts}/${svm}/10.1.2.3`, { aliases: [] });
  expect(await array.refusal('POST', hosts, { ...body, owner: { name: 'svm0' } })).toBe('409 1');
  expect(await array.refusal('POST', hosts, { ...body, address: 'x' })).toBe('400 262197');
  await array.expect(200, 'DELETE', `${hosts}/${svm}/10.1.2.3`);
});

test('name mappings have an order, and are moved in it', async () => {
  const mappings = '/name-services/name-mappings';
  const add = (index: number, pattern: string) =>
    array.expect(201, 'POST', mappings, { ...SVM, direction: 'win_unix', index, pattern, replacement: 'root' });
  await add(1, 'a');
  await add(2, 'b');
  await add(4, 'd');
  await array.expect(200, 'PATCH', `${mappings}/${svm}/win_unix/4?new_index=1`, {});
  expect(
    (await array.list(`${mappings}?fields=pattern`)).map((each) => `${at(each, 'index')} ${at(each, 'pattern')}`),
  ).toEqual(['1 d', '2 a', '3 b']);
  const again = { ...SVM, direction: 'win_unix', index: 1, pattern: 'x', replacement: 'y' };
  expect(await array.refusal('POST', mappings, again)).toBe('409 1');
  expect(await array.refusal('POST', mappings, { ...again, direction: 'up' })).toBe('400 262197');
  await array.expect(200, 'DELETE', `${mappings}/${svm}/win_unix/2`);
});

test('LDAP has servers or a domain, and keeps no password', async () => {
  const ldap = '/name-services/ldap';
  const body = { ...SVM, servers: ['10.0.0.9'], base_dn: 'dc=example', bind_password: 'very secret' };
  expect(await array.refusal('POST', ldap, { ...SVM, base_dn: 'dc=example' })).toBe('400 262212');
  expect(await array.refusal('POST', ldap, { ...body, ad_domain: 'example.test' })).toBe('400 4915229');
  await array.expect(201, 'POST', ldap, body);
  expect(await array.expect(200, 'GET', `${ldap}/${svm}`)).toMatchObject({
    port: 389,
    schema: 'RFC-2307',
    base_scope: 'subtree',
  });
  await array.expect(200, 'PATCH', `${ldap}/${svm}`, { ad_domain: 'example.test' });
  expect(await array.expect(200, 'GET', `${ldap}/${svm}`)).not.toHaveProperty('servers');
  expect(array.simulator.dump()).not.toContain('very secret');
  expect(await array.refusal('POST', ldap, body)).toBe('409 1');
  await array.expect(200, 'DELETE', `${ldap}/${svm}`);
});

test('NIS and NDMP are kept', async () => {
  await array.expect(201, 'POST', '/name-services/nis', { ...SVM, domain: 'd', servers: ['10.0.0.8'] });
  expect(await array.list('/name-services/nis?fields=*')).toMatchObject([{ domain: 'd', bound_servers: ['10.0.0.8'] }]);
  expect(await array.list('/protocols/ndmp/svms?svm.name=svm0&fields=*')).toMatchObject([
    { enabled: false, authentication_types: ['plaintext_sso', 'challenge'] },
  ]);
  // Ansible's module asks so.
  await array.expect(200, 'PATCH', `//protocols/ndmp/svms/${svm}`, { enabled: true });
  expect(await array.expect(200, 'GET', `/protocols/ndmp/svms/${svm}`)).toMatchObject({ enabled: true });
});

test('all of it is made and goes with the SVM', async () => {
  await array.expect(201, 'POST', '/svm/svms?return_timeout=10', { name: 'brief', aggregates: [{ name: 'aggr1_n1' }] });
  const uuid = textAt((await array.list('/svm/svms?name=brief'))[0], 'uuid');
  expect(await names('/name-services/unix-users?svm.name=brief')).toHaveLength(3);
  const group = `/name-services/unix-groups/${uuid}/root/users`;
  await array.expect(201, 'POST', group, { name: 'root' });
  await array.expect(200, 'DELETE', `/svm/svms/${uuid}?return_timeout=10`);
  expect(await array.list(`/name-services/unix-users?svm.uuid=${uuid}`)).toEqual([]);
  expect(await array.refusal('GET', group)).toBe('404 4');
});
