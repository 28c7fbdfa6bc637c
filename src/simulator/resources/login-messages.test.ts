import { afterAll, beforeAll, expect, test } from 'vitest';
import { openOntapSession, textAt, type OntapSession } from '../../../test/support/ontap-session.ts';

/** Banners and messages of the day. */

const MESSAGES = '/security/login/messages';
let array: OntapSession;

beforeAll(async () => {
  array = await openOntapSession({
    topology: {
      users: [
        { name: 'admin', role: 'admin' },
        { name: 'operator', role: 'vsadmin', svm: 'svm0' },
      ],
    },
  });
});
afterAll(async () => {
  array.simulator.world.verify();
  await array.close();
});

const pathOf = async (query: string) => `${MESSAGES}/${textAt((await array.list(`${MESSAGES}?${query}`))[0], 'uuid')}`;

test('there are those of the cluster and of each SVM, without a text at first', async () => {
  const cluster = textAt(await array.expect(200, 'GET', '/cluster?fields=uuid'), 'uuid');
  const [own] = await array.list(`${MESSAGES}?scope=cluster&fields=*`);
  expect(own).toEqual({ uuid: cluster, scope: 'cluster', _links: expect.anything() });
  expect(await array.list(`${MESSAGES}?svm.name=svm0&fields=*`)).toMatchObject([
    { scope: 'svm', svm: { name: 'svm0' }, uuid: expect.any(String) },
  ]);
  await array.expect(201, 'POST', '/svm/svms?return_timeout=10', { name: 'late' });
  expect(await array.list(`${MESSAGES}?svm.name=late`)).toHaveLength(1);
  await array.expect(200, 'DELETE', '/svm/svms?name=late&return_timeout=10');
  expect(await array.list(`${MESSAGES}?svm.name=late`)).toEqual([]);
});

test('texts end with a line, and an empty one takes them away', async () => {
  const path = await pathOf('svm.name=svm0');
  await array.expect(200, 'PATCH', path, { banner: 'Keep\r\nout', message: 'Hello\n' });
  expect(await array.expect(200, 'GET', path)).toMatchObject({
    banner: 'Keep\nout\n',
    message: 'Hello\n',
    show_cluster_message: true,
  });
  await array.expect(200, 'PATCH', path, { banner: '', show_cluster_message: false });
  const left = await array.expect(200, 'GET', path);
  expect(left).toMatchObject({ message: 'Hello\n', show_cluster_message: false });
  expect(left).not.toHaveProperty('banner');
  await array.expect(200, 'PATCH', `${MESSAGES}?scope=cluster`, { message: 'Welcome' });
  expect(await array.expect(200, 'GET', await pathOf('scope=cluster'))).toMatchObject({ message: 'Welcome\n' });
  expect(await array.refusal('PATCH', path, { banner: 'x'.repeat(2049) })).toBe('400 262197');
  expect(await array.refusal('POST', MESSAGES, { banner: 'x' })).toBe('405 3');
});

test('an SVM reads its own, and changes none', async () => {
  const path = await pathOf('svm.name=svm0');
  expect((await array.sendAs('operator', 'GET', path)).status).toBe(200);
  expect((await array.sendAs('operator', 'PATCH', path, { banner: 'x' })).status).toBe(403);
});
