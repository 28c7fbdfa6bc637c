import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openOntapSession, uuidOfNew, type OntapSession } from '../../../test/support/ontap-session.ts';

/** What interfaces let clients reach, by policies that clients make. */

const POLICIES = '/network/ip/service-policies';
const INTERFACES = '/network/ip/interfaces';
const SVM = { svm: { name: 'svm0' } };
const DEFAULT = { ipspace: { name: 'Default' } };
let array: OntapSession;

beforeAll(async () => {
  array = await openOntapSession({});
});
afterEach(() => array.simulator.world.verify());
afterAll(() => array.close());

const lif = (name: string, address: string, policy: object) => ({
  name,
  ...SVM,
  ip: { address, netmask: '24' },
  location: { home_node: { name: 'sim-cluster-01' } },
  service_policy: policy,
});
const show = async (name: string) => (await array.list(`${INTERFACES}?name=${name}&fields=services,service_policy`))[0];

test('a policy is of an SVM or of an IPspace', async () => {
  const files = await uuidOfNew(array, POLICIES, { name: 'files', ...SVM, services: ['data-core', 'data_nfs'] });
  expect(await array.expect(200, 'GET', `${POLICIES}/${files}`)).toMatchObject({
    name: 'files',
    ...SVM,
    scope: 'svm',
    services: ['data_core', 'data_nfs'],
    ipspace: { name: 'Default' },
    is_built_in: false,
  });
  await array.expect(201, 'POST', '/network/ipspaces', { name: 'apart' });
  const apart = { name: 'files', ipspace: { name: 'apart' }, services: ['intercluster_core'], scope: 'cluster' };
  const own = await uuidOfNew(array, POLICIES, apart);
  expect(await array.expect(200, 'GET', `${POLICIES}/${own}`)).toMatchObject(apart);
  expect(await array.refusal('DELETE', '/network/ipspaces?name=apart')).toMatch(/^409 /);
  await array.expect(200, 'DELETE', `${POLICIES}/${own}`);
  await array.expect(200, 'DELETE', '/network/ipspaces?name=apart');
  expect(await array.list(`${POLICIES}?name=files&scope=svm`)).toHaveLength(1);
});

test('an interface has the services of its policy, whatever becomes of it', async () => {
  const uuid = await uuidOfNew(array, POLICIES, { name: 'mixed', ...SVM, services: ['data_core', 'data_nfs'] });
  await array.expect(201, 'POST', INTERFACES, lif('one', '10.7.0.1', { name: 'mixed' }));
  await array.expect(201, 'POST', INTERFACES, lif('two', '10.7.0.2', { uuid }));
  for (const name of ['one', 'two'])
    expect(await show(name)).toMatchObject({
      services: ['data_core', 'data_nfs'],
      service_policy: { name: 'mixed', uuid },
    });
  expect(await array.refusal('DELETE', `${POLICIES}/${uuid}`)).toBe('409 53281928');
  await array.expect(200, 'PATCH', `${POLICIES}/${uuid}`, { name: 'smb', services: ['data_core', 'data_cifs'] });
  expect(await show('one')).toMatchObject({
    services: ['data_core', 'data_cifs'],
    service_policy: { name: 'smb', uuid },
  });
  await array.expect(200, 'PATCH', `${INTERFACES}?name=one|two`, { service_policy: { name: 'default-data-blocks' } });
  expect(await show('one')).toMatchObject({ services: ['data_core', 'data_iscsi'] });
  expect(await array.refusal('PATCH', `${INTERFACES}?name=one`, { service_policy: { name: 'none' } })).toMatch(
    /53281065$/,
  );
  await array.expect(200, 'DELETE', `${POLICIES}/${uuid}`);
});

test('policies of one name in two IPspaces are two', async () => {
  const space = { ipspace: { name: 'other' } };
  await array.expect(201, 'POST', '/network/ipspaces', { name: 'other' });
  const here = await uuidOfNew(array, POLICIES, { name: 'twin', ...DEFAULT, services: ['management_core'] });
  const there = await uuidOfNew(array, POLICIES, { name: 'twin', ...space, services: ['intercluster_core'] });
  const ofCluster = (name: string, address: string, policy: object, more: object) => {
    const { svm: _, ...body } = lif(name, address, policy);
    return { ...body, ...more };
  };
  await array.expect(201, 'POST', INTERFACES, ofCluster('near', '10.7.1.1', { name: 'twin' }, {}));
  await array.expect(201, 'POST', INTERFACES, ofCluster('far', '10.7.1.2', { name: 'twin' }, space));
  expect(await show('near')).toMatchObject({ services: ['management_core'], service_policy: { uuid: here } });
  expect(await show('far')).toMatchObject({ services: ['intercluster_core'], service_policy: { uuid: there } });
  expect(await array.refusal('PATCH', `${INTERFACES}?name=near`, { service_policy: { uuid: there } })).toBe(
    '400 53281065',
  );
  await array.expect(200, 'PATCH', `${POLICIES}/${there}`, { name: 'gone', services: ['management_ssh'] });
  expect(await show('near')).toMatchObject({ services: ['management_core'], service_policy: { name: 'twin' } });
  expect(await show('far')).toMatchObject({ services: ['management_ssh'], service_policy: { name: 'gone' } });
  await array.expect(200, 'PATCH', `${INTERFACES}?name=far`, { service_policy: { name: 'default-intercluster' } });
  await array.expect(200, 'DELETE', `${POLICIES}/${there}`);
  expect(await array.refusal('DELETE', '/network/ipspaces?name=other')).toMatch(/^409 /);
  await array.expect(200, 'DELETE', `${INTERFACES}?name=far`);
  expect(await array.refusal('DELETE', `${POLICIES}/${here}`)).toBe('409 53281928');
  for (const path of [`${INTERFACES}?name=near`, `${POLICIES}/${here}`, '/network/ipspaces?name=other'])
    await array.expect(200, 'DELETE', path);
});

test('policies go with their SVM, and are of no other', async () => {
  await array.expect(201, 'POST', '/svm/svms?return_timeout=10', { name: 'late' });
  await array.expect(201, 'POST', POLICIES, { name: 'lates', svm: { name: 'late' }, services: ['data_nfs'] });
  expect(await array.refusal('POST', INTERFACES, lif('x', '10.7.0.9', { name: 'lates' }))).toBe('400 53281065');
  const own = { ...lif('y', '10.7.0.10', { name: 'lates' }), svm: { name: 'late' } };
  await array.expect(201, 'POST', INTERFACES, own);
  await array.expect(200, 'DELETE', '/svm/svms?name=late&return_timeout=10');
  expect(await array.list(`${POLICIES}?name=lates`)).toEqual([]);
});

test('no name but those of the system makes a policy one of the system', async () => {
  const uuid = await uuidOfNew(array, POLICIES, { name: 'constructor', ...SVM, services: ['data_nfs'] });
  expect(await array.expect(200, 'GET', `${POLICIES}/${uuid}`)).toMatchObject({ is_built_in: false });
  await array.expect(200, 'DELETE', `${POLICIES}/${uuid}`);
});

test.each([
  [{ name: 'files', ...SVM }, '409 1'],
  [{ name: 'default-mine', ...SVM }, '400 53281931'],
  [{ name: 'odd', ...SVM, services: ['data_tea'] }, '400 53281932'],
  [{ name: 'both', ...SVM, services: ['data_nfs', 'data_iscsi'] }, '400 53281929'],
  [{ name: 'far', ...SVM, scope: 'cluster' }, '400 262197'],
  [SVM, '400 262212'],
])('%j is refused', async (body, refusal) => {
  expect(await array.refusal('POST', POLICIES, body)).toBe(refusal);
});

test('those of the system stay as they are', async () => {
  const path = `${POLICIES}?name=default-data-files`;
  expect(await array.list(`${path}&fields=is_built_in`)).toMatchObject([{ is_built_in: true }]);
  expect(await array.refusal('DELETE', path)).toMatch(/53281927$/);
  expect(await array.refusal('PATCH', path, { name: 'mine' })).toMatch(/53281930$/);
  expect(await array.refusal('PATCH', path, { services: [] })).toMatch(/^501/);
});
