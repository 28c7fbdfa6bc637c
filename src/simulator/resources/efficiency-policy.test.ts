import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { at, openOntapSession, textAt, uuidOfNew, type OntapSession } from '../../../test/support/ontap-session.ts';

/** When volumes look for blocks that are the same. */

const POLICIES = '/storage/volume-efficiency-policies';
const SVM = { svm: { name: 'svm0' } };
let array: OntapSession;

beforeAll(async () => {
  array = await openOntapSession({});
});
afterEach(() => array.simulator.world.verify());
afterAll(() => array.close());

test('each SVM has those of the system, which stay', async () => {
  expect((await array.list(`${POLICIES}?svm.name=svm0`)).map((each) => at(each, 'name'))).toEqual([
    'auto',
    'default',
    'inline-only',
  ]);
  const [found] = await array.list(`${POLICIES}?svm.name=svm0&name=default&fields=*`);
  expect(found).toMatchObject({ type: 'scheduled', schedule: { name: 'daily' }, qos_policy: 'best_effort' });
  expect(await array.refusal('DELETE', `${POLICIES}/${textAt(found, 'uuid')}`)).toBe('409 6881431');
  await array.expect(200, 'PATCH', `${POLICIES}?svm.name=svm0&name=auto`, { comment: 'by itself' });
  const [auto] = await array.list(`${POLICIES}?svm.name=svm0&name=auto&fields=*`);
  expect(auto).toMatchObject({ comment: 'by itself' });
  expect(auto).not.toHaveProperty('schedule');
});

test('a policy has what its type has', async () => {
  const path = `${POLICIES}/${await uuidOfNew(array, POLICIES, { name: 'own', ...SVM, duration: '2' })}`;
  expect(await array.expect(200, 'GET', path)).toMatchObject({
    name: 'own',
    ...SVM,
    type: 'scheduled',
    schedule: { name: 'daily' },
    duration: 2,
    enabled: true,
    comment: '',
  });
  expect(await array.refusal('PATCH', path, { start_threshold_percent: 30 })).toBe('400 262197');
  await array.expect(200, 'PATCH', path, { type: 'threshold' });
  const turned = await array.expect(200, 'GET', path);
  expect(turned).toMatchObject({ type: 'threshold', start_threshold_percent: 20 });
  for (const gone of ['schedule', 'duration']) expect(turned).not.toHaveProperty(gone);
  expect(await array.refusal('PATCH', path, { schedule: { name: 'daily' } })).toBe('400 262197');
  await array.expect(200, 'PATCH', path, { type: 'scheduled', schedule: { name: 'weekly' } });
  expect(await array.expect(200, 'GET', path)).not.toHaveProperty('start_threshold_percent');
  expect(await array.refusal('POST', POLICIES, { name: 'own', ...SVM })).toBe('409 1');
  expect(await array.refusal('POST', POLICIES, { name: 'x', ...SVM, schedule: { name: 'never' } })).toBe('400 4');
  await array.expect(200, 'DELETE', path);
});

test('volumes go by a policy of their SVM, and keep it', async () => {
  await array.expect(201, 'POST', '/cluster/schedules', { name: 'often', interval: 'PT1H' });
  const body = { name: 'mine', ...SVM, schedule: { name: 'often' } };
  const path = `${POLICIES}/${await uuidOfNew(array, POLICIES, body)}`;
  expect(await array.refusal('DELETE', '/cluster/schedules?name=often')).toMatch(/459758$/);
  const volume = { name: 'v', ...SVM, aggregates: [{ name: 'aggr1_n1' }], size: '1GB' };
  const wanted = (name: string) => ({ ...volume, efficiency: { policy: { name } } });
  expect(await array.refusal('POST', '/storage/volumes', wanted('nobodys'))).toBe('400 262197');
  await array.expect(201, 'POST', '/storage/volumes?return_timeout=10', wanted('mine'));
  expect(await array.list('/storage/volumes?efficiency.policy.name=mine')).toHaveLength(1);
  expect(await array.refusal('DELETE', path)).toBe('409 6881346');
  const change = async (name: string) =>
    array.expect(200, 'PATCH', '/storage/volumes?name=v&return_timeout=10', { efficiency: { policy: { name } } });
  for (const name of ['none', 'auto', '-']) await change(name);
  await array.expect(200, 'DELETE', path);
  await array.expect(200, 'DELETE', '/cluster/schedules?name=often');
});

test('policies come and go with their SVM', async () => {
  await array.expect(201, 'POST', '/svm/svms?return_timeout=10', { name: 'late' });
  expect(await array.list(`${POLICIES}?svm.name=late`)).toHaveLength(3);
  await array.expect(200, 'DELETE', '/svm/svms?name=late&return_timeout=10');
  expect(await array.list(`${POLICIES}?svm.name=late`)).toEqual([]);
});
