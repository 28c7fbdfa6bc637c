import { Agent, request } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { at, openOntapSession, textAt, type OntapSession } from '../support/ontap-session.ts';

/** Accounts, roles and name servers, as tools that furnish an array make them. */

let array: OntapSession;
beforeEach(async () => {
  array = await openOntapSession({ clock: { frozenAt: new Date('2025-05-01T00:00:00Z') } });
});
afterEach(async () => {
  array.simulator.world.verify();
  await array.close();
});

const ACCOUNTS = '/security/accounts';
const ROLES = '/security/roles';

/** Status of a request by somebody. */
const statusFor = async (name: string, password: string, path: string, method: 'GET' | 'POST' = 'GET') => {
  const dispatcher = new Agent({ connect: { ca: array.simulator.certificate } });
  const authorization = `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
  const answer = await request(`${array.simulator.url}/api${path}`, { dispatcher, method, headers: { authorization } });
  await answer.body.dump();
  await dispatcher.close();
  return answer.statusCode;
};
const cluster = async () => textAt(await array.expect(200, 'GET', '/cluster'), 'uuid');

describe('an account', () => {
  it('logs in, is changed, locked and gone', async () => {
    await array.expect(201, 'POST', ACCOUNTS, {
      name: 'keeper',
      password: 'first-1234',
      role: { name: 'readonly' },
      applications: [{ application: 'http', authentication_methods: ['password'] }],
    });
    const path = `${ACCOUNTS}/${await cluster()}/keeper`;
    expect(await array.expect(200, 'GET', path)).toMatchObject({
      name: 'keeper',
      scope: 'cluster',
      owner: { uuid: await cluster(), name: 'sim-cluster' },
      role: { name: 'readonly' },
      locked: false,
      applications: [
        { application: 'http', authentication_methods: ['password'], second_authentication_method: 'none' },
      ],
    });
    expect(at(await array.expect(200, 'GET', `${path}?fields=**`), 'password')).toBeUndefined();
    expect(await statusFor('keeper', 'first-1234', '/storage/aggregates')).toBe(200);
    await array.expect(200, 'PATCH', path, { password: 'second-1234', role: { name: 'admin' } });
    expect(await statusFor('keeper', 'first-1234', '/storage/aggregates')).toBe(401);
    expect(await statusFor('keeper', 'second-1234', '/storage/aggregates')).toBe(200);
    array.simulator.restore(array.simulator.dump());
    expect(await statusFor('keeper', 'second-1234', '/storage/aggregates')).toBe(200);
    await array.expect(200, 'PATCH', path, { locked: true });
    expect(await statusFor('keeper', 'second-1234', '/storage/aggregates')).toBe(401);
    await array.expect(200, 'DELETE', path);
    expect(await array.refusal('GET', path)).toBe('404 4');
    await array.expect(201, 'POST', ACCOUNTS, { name: 'keeper', password: 'third-1234', role: { name: 'admin' } });
    expect(await statusFor('keeper', 'second-1234', '/storage/aggregates')).toBe(401);
    expect(await statusFor('keeper', 'third-1234', '/storage/aggregates')).toBe(200);
  });

  it('of an SVM sees that SVM, and goes with it', async () => {
    await array.expect(202, 'POST', '/svm/svms', { name: 'more' });
    const body = { name: 'tenant', owner: { name: 'more' }, password: 'tenant-of-more1' };
    await array.expect(201, 'POST', ACCOUNTS, { ...body, password: 'of-more-12' });
    const [found] = await array.list(`${ACCOUNTS}?owner.name=more&fields=role,scope`);
    expect(found).toMatchObject({ name: 'tenant', scope: 'svm', role: { name: 'vsadmin' } });
    expect(await statusFor('tenant', 'of-more-12', '/storage/volumes')).toBe(200);
    expect(await statusFor('tenant', 'of-more-12', '/storage/aggregates')).toBe(403);
    const svm = textAt((await array.list('/svm/svms?name=more'))[0], 'uuid');
    await array.expect(202, 'DELETE', `/svm/svms/${svm}`);
    expect(await array.list(`${ACCOUNTS}?name=tenant`)).toEqual([]);
    expect(await statusFor('tenant', 'of-more-12', '/storage/volumes')).toBe(401);
  });

  it('of an SVM may have the name of one of the cluster, or of another SVM', async () => {
    for (const owner of [{ name: 'sim-cluster' }, { name: 'svm0' }, { name: 'svm_dr' }])
      await array.expect(201, 'POST', ACCOUNTS, { name: 'same', owner, password: 'abcdefg1' });
    const owners = (await array.list(`${ACCOUNTS}?name=same&fields=owner`)).map((each) => at(each, 'owner', 'name'));
    expect(owners.toSorted()).toEqual(['sim-cluster', 'svm0', 'svm_dr']);
    const privileges = [{ path: '/api/cluster', access: 'readonly' }];
    for (const owner of [{ name: 'sim-cluster' }, { name: 'svm0' }])
      await array.expect(201, 'POST', ROLES, { name: 'same', owner, privileges });
    const svm = textAt((await array.list('/svm/svms?name=svm0'))[0], 'uuid');
    await array.expect(201, 'POST', `${ROLES}/${svm}/same/privileges`, { path: '/api/svm', access: 'all' });
    expect(await array.list(`${ROLES}/${svm}/same/privileges`)).toHaveLength(2);
    expect(await array.list(`${ROLES}/${await cluster()}/same/privileges`)).toHaveLength(1);
  });

  it('of the topology can be changed too, and is let in again from outside', async () => {
    const vsadmin = textAt((await array.list(`${ACCOUNTS}?name=vsadmin&fields=owner`))[0], 'owner', 'uuid');
    const path = `${ACCOUNTS}/${vsadmin}/vsadmin`;
    const { password } = array.simulator.user('vsadmin');
    await array.expect(200, 'PATCH', path, { locked: true });
    expect(await statusFor('vsadmin', password, '/storage/volumes')).toBe(401);
    array.simulator.accounts.setLocked('vsadmin', false);
    expect(await statusFor('vsadmin', password, '/storage/volumes')).toBe(200);
    await array.expect(200, 'PATCH', path, { password: 'changed-1234' });
    expect(await statusFor('vsadmin', password, '/storage/volumes')).toBe(401);
    array.simulator.accounts.setPassword('vsadmin', 'outside');
    expect(await statusFor('vsadmin', 'outside', '/storage/volumes')).toBe(200);
  });

  it.each([
    [{ name: 'admin', password: 'abcdefg1' }, '409 1'],
    [{ name: 'x', password: 'short1' }, '400 7077899'],
    [{ name: 'x', password: 'onlyletters' }, '400 7077898'],
    [{ name: 'somebody', password: 'somebody1' }, '400 7077918'],
    [{ name: 'a b', password: 'abcdefg1' }, '400 7077897'],
    [{ name: 'y', password: 'abcdefg1', role: { name: 'nobody' } }, '400 5636129'],
    [{ name: 'y', password: 'abcdefg1', role: { name: 'vsadmin' } }, '400 5636129'],
    [{ name: 'y', password: 'abcdefg1', owner: { name: 'nowhere' } }, '400 2621462'],
  ])('%j is refused', async (body, refusal) => {
    expect(await array.refusal('POST', ACCOUNTS, body)).toBe(refusal);
  });

  it('is left: the last administrator', async () => {
    const path = `${ACCOUNTS}/${await cluster()}/admin`;
    expect(await array.refusal('PATCH', path, { locked: true })).toBe('409 7077896');
    expect(await array.refusal('DELETE', path)).toBe('409 5636098');
    expect((await array.sendAs('vsadmin', 'GET', ACCOUNTS)).status).toBe(403);
  });
});

describe('a role', () => {
  it('allows what it says, by path and verb', async () => {
    await array.expect(201, 'POST', ROLES, {
      name: 'volumes_only',
      privileges: [
        { path: '/api/storage/volumes', access: 'all' },
        { path: '/api/storage/volumes/*/snapshots', access: 'readonly' },
        { path: '/api/cluster', access: 'readonly' },
      ],
    });
    await array.expect(201, 'POST', ACCOUNTS, { name: 'narrow', password: 'abcdefg1', role: { name: 'volumes_only' } });
    const may = (path: string, method: 'GET' | 'POST' = 'GET') => statusFor('narrow', 'abcdefg1', path, method);
    expect([await may('/storage/volumes'), await may('/cluster?fields=version')]).toEqual([200, 200]);
    expect([await may('/storage/aggregates'), await may('/cluster', 'POST')]).toEqual([403, 403]);
    const uuid = textAt((await array.list('/storage/volumes?is_svm_root=true&fields=is_svm_root'))[0], 'uuid');
    expect(await may(`/storage/volumes/${uuid}/snapshots`)).toBe(200);
    expect(await may(`/storage/volumes/${uuid}/snapshots`, 'POST')).toBe(403);
    const path = `${ROLES}/${await cluster()}/volumes_only`;
    await array.expect(201, 'POST', `${path}/privileges`, { path: '/api/storage/aggregates', access: 'readonly' });
    expect(await may('/storage/aggregates')).toBe(200);
    const own = `${path}/privileges/%2Fapi%2Fstorage%2Faggregates`;
    await array.expect(200, 'PATCH', own, { access: 'none' });
    expect(await may('/storage/aggregates')).toBe(403);
    await array.expect(200, 'DELETE', own);
    expect((await array.list(`${path}/privileges?fields=access`)).map((each) => at(each, 'path'))).toEqual([
      '/api/cluster',
      '/api/storage/volumes',
      '/api/storage/volumes/*/snapshots',
    ]);
    expect(await array.refusal('DELETE', path)).toBe('409 5636172');
    await array.expect(200, 'DELETE', `${ACCOUNTS}/${await cluster()}/narrow`);
    await array.expect(200, 'DELETE', path);
    expect(await array.refusal('GET', path)).toBe('404 4');
  });

  it('allows what it says whatever it is called', async () => {
    const role = { name: 'constructor' };
    await array.expect(201, 'POST', ROLES, { ...role, privileges: [{ path: '/api/cluster', access: 'readonly' }] });
    await array.expect(201, 'POST', ACCOUNTS, { name: 'builder', password: 'abcdefg1', role });
    expect(await statusFor('builder', 'abcdefg1', '/cluster')).toBe(200);
    expect(await statusFor('builder', 'abcdefg1', '/storage/volumes', 'POST')).toBe(403);
    await array.expect(200, 'DELETE', `${ACCOUNTS}/${await cluster()}/builder`);
    await array.expect(200, 'DELETE', `${ROLES}/${await cluster()}/constructor`);
  });

  it('is there from the beginning for each of the fixed ones', async () => {
    const roles = await array.list(`${ROLES}?fields=builtin,scope,privileges`);
    const of = (scope: string) => roles.filter((each) => at(each, 'scope') === scope).map((each) => at(each, 'name'));
    expect(of('cluster')).toEqual(['admin', 'readonly']);
    expect(of('svm')).toHaveLength(6);
    expect(roles.every((each) => at(each, 'builtin') === true)).toBe(true);
    expect(
      await array.refusal('POST', `${ROLES}/${await cluster()}/admin/privileges`, { path: '/api', access: 'all' }),
    ).toBe('409 1263347');
    expect(await array.refusal('DELETE', `${ROLES}/${await cluster()}/readonly`)).toBe('409 1263347');
  });

  it.each([
    [{ name: 'admin', privileges: [{ path: '/api', access: 'all' }] }, '409 5636171'],
    [{ name: 'x', privileges: [{ path: 'volume', access: 'all' }] }, '400 5636170'],
    [{ name: 'x', privileges: [{ path: '/api', access: 'some' }] }, '400 5636144'],
    [{ name: 'x' }, '400 262212'],
  ])('%j is refused', async (body, refusal) => {
    expect(await array.refusal('POST', ROLES, body)).toBe(refusal);
  });
});

describe('DNS of an SVM', () => {
  it('is made, changed and taken away', async () => {
    const svm = { name: 'svm0' };
    await array.expect(201, 'POST', '/name-services/dns', { svm, domains: ['example.com'], servers: ['192.0.2.53'] });
    const [found] = await array.list('/name-services/dns?svm.name=svm0&fields=domains,servers,svm');
    expect(found).toMatchObject({ svm, domains: ['example.com'], servers: ['192.0.2.53'] });
    const path = `/name-services/dns/${textAt(found, 'uuid')}`;
    await array.expect(200, 'PATCH', path, { servers: ['192.0.2.53', '192.0.2.54'], skip_config_validation: true });
    expect(at(await array.expect(200, 'GET', path), 'servers')).toEqual(['192.0.2.53', '192.0.2.54']);
    expect(await array.refusal('PATCH', path, { servers: ['127.0.0.1'] })).toBe('400 9240609');
    expect(await array.refusal('POST', '/name-services/dns', { svm, domains: ['a'], servers: ['192.0.2.1'] })).toBe(
      '409 1',
    );
    expect(await array.refusal('POST', '/name-services/dns', { domains: ['a'], servers: ['192.0.2.1'] })).toBe(
      '400 2621707',
    );
    await array.expect(200, 'DELETE', path);
    expect(await array.list('/name-services/dns')).toEqual([]);
  });
});
