import { afterAll, beforeAll, expect, test } from 'vitest';
import { at, openOntapSession, textAt, type OntapSession } from '../../../test/support/ontap-session.ts';

/** Certificates, and with which of them an SVM shows itself. */

const CERTIFICATES = '/security/certificates';
let array: OntapSession;
let svm = '';

beforeAll(async () => {
  array = await openOntapSession({ clock: { frozenAt: new Date('2026-01-01T00:00:00Z') } });
  svm = textAt((await array.list('/svm/svms?name=svm0'))[0], 'uuid');
});
afterAll(async () => {
  array.simulator.world.verify();
  await array.close();
});

const generate = async (more: Record<string, unknown> = {}): Promise<unknown> => {
  const body = { name: 'own', common_name: 'own.example.test', type: 'server', svm: { name: 'svm0' }, ...more };
  return at(await array.expect(201, 'POST', `${CERTIFICATES}?return_records=true`, body), 'records', 0);
};

test('the cluster and each SVM have one from the beginning', async () => {
  expect(await array.list(`${CERTIFICATES}?scope=cluster&type=server`)).toHaveLength(1);
  const [own] = await array.list(`${CERTIFICATES}?svm.name=svm0&fields=*`);
  expect(own).toMatchObject({
    type: 'server',
    scope: 'svm',
    common_name: 'svm0',
    ca: 'svm0',
    expiry_time: '2027-01-01T00:00:00+00:00',
    hash_function: 'sha256',
    key_size: 2048,
  });
});

test('one is generated, renamed and deleted', async () => {
  const made = await generate({ expiry_time: 'P10DT', key_size: 3072 });
  expect(made).toMatchObject({ name: 'own', expiry_time: '2026-01-11T00:00:00+00:00', key_size: 3072 });
  expect(
    await array.refusal('POST', CERTIFICATES, { name: 'own', common_name: 'x', type: 'client', svm: { name: 'svm0' } }),
  ).toBe('409 1');
  const path = `${CERTIFICATES}/${textAt(made, 'uuid')}`;
  await array.expect(200, 'PATCH', path, { name: 'other' });
  await array.expect(200, 'DELETE', path);
  expect(await array.refusal('POST', CERTIFICATES, { name: 'x', type: 'server' })).toBe('400 262212');
  expect(await array.refusal('POST', CERTIFICATES, { common_name: 'x', type: 'server', expiry_time: 'soon' })).toBe(
    '400 262197',
  );
  expect(await array.refusal('POST', CERTIFICATES, { common_name: 'x', type: 'server', colour: 'red' })).toBe(
    '400 262179',
  );
});

test('one is installed, and says itself whose it is', async () => {
  const body = { name: 'brought', type: 'server_ca', public_certificate: array.simulator.certificate };
  const made = at(await array.expect(201, 'POST', `${CERTIFICATES}?return_records=true`, body), 'records', 0);
  expect(made).toMatchObject({ common_name: 'ONTAP simulator', ca: 'ONTAP simulator', scope: 'cluster' });
  expect(await array.refusal('POST', CERTIFICATES, { ...body, public_certificate: 'nothing' })).toBe('400 262197');
});

test('an SVM shows itself with one of its own', async () => {
  const web = `/svm/svms/${svm}/web`;
  expect(await array.expect(200, 'GET', web)).toMatchObject({
    svm: { name: 'svm0' },
    client_enabled: false,
    certificate: { name: expect.stringMatching(/^svm0_/) },
    _links: { self: { href: `/api${web}` } },
  });
  const wanted = textAt(await generate({ name: 'new' }), 'uuid');
  await array.expect(200, 'PATCH', `${web}?return_timeout=10`, { certificate: { uuid: wanted }, client_enabled: true });
  expect(await array.expect(200, 'GET', web)).toMatchObject({ client_enabled: true, certificate: { name: 'new' } });
  expect(await array.refusal('DELETE', `${CERTIFICATES}/${wanted}`)).toBe('409 8');
  const [foreign] = await array.list(`${CERTIFICATES}?svm.name=svm_dr`);
  const certificate = { uuid: textAt(foreign, 'uuid') };
  expect(await array.refusal('PATCH', web, { certificate })).toBe('400 262197');
  expect(await array.refusal('GET', '/svm/svms/none/web')).toBe('404 4');
});
