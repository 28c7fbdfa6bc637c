import { afterEach, expect, it } from 'vitest';
import { at, openOntapSession, textAt, type OntapSession } from '../support/ontap-session.ts';
import type { SimulatorOptions } from '../../src/simulator/contract.ts';

/** Many records in one body: what is read at once, what the job tells, and what is left. */

let array: OntapSession;
afterEach(async () => {
  array.simulator.world.verify();
  await array.close();
});
const start = async (options: SimulatorOptions = {}) => {
  array = await openOntapSession(options);
};

const VOLUMES = '/storage/volumes';
const svm = { name: 'svm0' };
const volume = (name: string, more: Readonly<Record<string, unknown>> = {}) => ({
  name,
  svm,
  size: '100MB',
  aggregates: [{ name: 'aggr1_n1' }],
  ...more,
});
const NO_SPACE = 'There is not enough space in aggregate "aggr1_n1" for volume "v2".';
/** More than the aggregate has; only the job finds out. */
const thick = { size: '50TB', guarantee: { type: 'volume' } };

const namesOf = async (query: string) =>
  (await array.list(`${VOLUMES}?${query}`)).map((record) => textAt(record, 'name')).toSorted();
const uuidOf = async (name: string) => textAt((await array.list(`${VOLUMES}?name=${name}`))[0], 'uuid');

/** The job of an accepted request, and its results. */
const outcome = async (method: 'POST' | 'PATCH' | 'DELETE', path: string, records: readonly unknown[]) => {
  const { job } = Object(await array.expect(202, method, path, { records }));
  const state = await array.expect(200, 'GET', `/cluster/jobs/${textAt(job, 'uuid')}?fields=state,code,message`);
  const results = await array.expect(200, 'GET', textAt(job, '_links', 'results', 'href').replace('/api', ''));
  return { job: [at(state, 'state'), at(state, 'code')], message: textAt(state, 'message'), results };
};

it('are all made or none, unless the request says to go on', async () => {
  await start();
  const bodies = [volume('v1'), volume('v2', thick), volume('v3')];
  const none = await outcome('POST', VOLUMES, bodies);
  expect([none.job, await namesOf('name=v*')]).toEqual([['failure', 262287], []]);
  expect(none.results).toMatchObject({ records: [], num_records: 0 });
  const some = await outcome('POST', `${VOLUMES}?continue_on_failure=true`, bodies);
  expect([some.job, await namesOf('name=v*')]).toEqual([
    ['failure', 262292],
    ['v1', 'v3'],
  ]);
  expect(some.results).toMatchObject({
    num_records: 2,
    errors: [
      {
        message: `POST of record "svm.name: svm0, name: v2" failed. Reason: ${NO_SPACE}`,
        code: '262287',
      },
    ],
  });
});

it('are told of one by one, also where a single request would be refused at once', async () => {
  await start();
  await array.expect(202, 'POST', VOLUMES, volume('v1'));
  const made = await outcome('POST', `${VOLUMES}?continue_on_failure=true`, [volume('v1'), volume('v2')]);
  expect(made.job).toEqual(['failure', 262292]);
  const changed = await outcome('PATCH', VOLUMES, [
    { uuid: await uuidOf('v1'), comment: 'new' },
    { uuid: 'none', comment: 'new' },
  ]);
  expect(changed.message).toBe('PATCH of record "uuid: none" failed. Reason: entry doesn\'t exist');
  expect(await namesOf('comment=new')).toEqual([]);
  const removed = await outcome('DELETE', VOLUMES, [{ uuid: 'none' }, { uuid: await uuidOf('v2') }]);
  expect([removed.job, await namesOf('name=v*')]).toEqual([['failure', 262292], ['v1']]);
});

it('are refused together when one cannot be read', async () => {
  await start();
  expect(await array.refusal('POST', VOLUMES, { records: [volume('v1'), volume('v2', { colour: 'red' })] })).toBe(
    '400 262179',
  );
  expect(await array.refusal('POST', VOLUMES, { records: [volume('v1'), 'v2'] })).toBe('400 262197');
  expect(await array.refusal('PATCH', VOLUMES, { records: [{ comment: 'whose' }] })).toBe('400 262212');
  expect(await namesOf('name=v*')).toEqual([]);
});

it('know of each other: numbers are given in turn', async () => {
  await start();
  await array.expect(202, 'POST', VOLUMES, volume('v1'));
  const tree = (name: string) => ({ svm, volume: { name: 'v1' }, name });
  const trees = await outcome('POST', '/storage/qtrees', [tree('q1'), tree('q2')]);
  expect(trees.results).toMatchObject({ records: [{ id: 1 }, { id: 2 }] });
  const key = { 'volume.uuid': await uuidOf('v1'), id: 2 };
  expect((await outcome('PATCH', '/storage/qtrees', [{ ...key, unix_permissions: 700 }])).job).toEqual(['success', 0]);
  expect(await array.list('/storage/qtrees?unix_permissions=700')).toMatchObject([{ name: 'q2' }]);
  const lun = (name: string) => ({ svm, name: `/vol/v1/${name}`, os_type: 'linux', space: { size: '10MB' } });
  await outcome('POST', '/storage/luns', [lun('a'), lun('b')]);
  await array.expect(201, 'POST', '/protocols/san/igroups', { svm, name: 'hosts', os_type: 'linux' });
  const map = (name: string) => ({ svm, lun: { name: `/vol/v1/${name}` }, igroup: { name: 'hosts' } });
  const maps = await outcome('POST', '/protocols/san/lun-maps', [map('a'), map('b')]);
  expect(maps.results).toMatchObject({ records: [{ logical_unit_number: 0 }, { logical_unit_number: 1 }] });
});

it('have results that can be filtered, of the API that the request went to', async () => {
  await start();
  const reply = await array.send('POST', `${VOLUMES}?return_timeout=5`, { records: [volume('v1'), volume('w1')] });
  const results = `job_results_uuid=${textAt(reply.body, 'job', 'uuid')}`;
  expect(await array.list(`${VOLUMES}?${results}&name=v*&fields=size`)).toMatchObject([
    { name: 'v1', size: 100 * 1024 ** 2 },
  ]);
  expect(await array.refusal('GET', `/storage/luns?${results}`)).toBe('400 262294');
});

it('wait in a dump with what was wrong with them', async () => {
  await start({ clock: { frozenAt: new Date('2025-01-01T00:00:00Z') }, jobs: { duration: 1000 } });
  await array.expect(202, 'POST', VOLUMES, volume('v1'));
  array.simulator.clock.advance(1000);
  const records = [volume('v1'), volume('v2', thick), volume('v3')];
  const reply = await array.expect(202, 'POST', `${VOLUMES}?continue_on_failure=true`, { records });
  const dump = array.simulator.dump();
  array.simulator.restore(dump);
  expect(array.simulator.dump()).toBe(dump);
  array.simulator.clock.advance(1000);
  const results = await array.expect(200, 'GET', `${VOLUMES}?job_results_uuid=${textAt(reply, 'job', 'uuid')}`);
  expect(results).toMatchObject({ records: [{ name: 'v3' }], errors: [{ code: '262287' }, { code: '262287' }] });
});
