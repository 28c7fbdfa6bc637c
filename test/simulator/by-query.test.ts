import { afterEach, expect, it } from 'vitest';
import { at, openOntapSession, textAt, type OntapSession } from '../support/ontap-session.ts';
import type { SimulatorOptions } from '../../src/simulator/contract.ts';

/** PATCH and DELETE of what a query finds: one after another, for as long as the request has time. */

let array: OntapSession;
afterEach(async () => {
  array.simulator.world.verify();
  await array.close();
});

const start = async (options: SimulatorOptions = {}) => {
  array = await openOntapSession({ clock: { frozenAt: new Date('2025-01-01T00:00:00Z') }, ...options });
  for (const name of ['v1', 'v2', 'v3', 'v4'])
    await array.expect(202, 'POST', '/storage/volumes', {
      name,
      svm: { name: 'svm0' },
      size: '100MB',
      aggregates: [{ name: 'aggr1_n1' }],
    });
  array.simulator.clock.advance(1000);
};

/** The answer, while the clock is moved on by steps of 400 ms. */
const whileTimePasses = async <T>(answer: Promise<T>): Promise<T> => {
  const timer = setInterval(() => array.simulator.clock.advance(400), 5);
  try {
    return await answer;
  } finally {
    clearInterval(timer);
  }
};

const nextOf = (body: unknown) => textAt(body, '_links', 'next', 'href').replace('/api', '');
const namesOf = async (query: string) =>
  (await array.list(`/storage/volumes?${query}`)).map((each) => at(each, 'name'));

it('stops when the time is up, with a link to go on with', async () => {
  await start({ jobs: { duration: 1000 } });
  const first = await whileTimePasses(
    array.expect(200, 'PATCH', '/storage/volumes?name=v*&return_timeout=2', { comment: 'new' }),
  );
  const done = Number(at(first, 'num_records'));
  expect(done).toBeGreaterThan(0);
  expect(done).toBeLessThan(4);
  expect(at(first, 'jobs')).toHaveLength(done);
  const rest = await whileTimePasses(
    array.expect(200, 'PATCH', nextOf(first).replace('return_timeout=2', 'return_timeout=60'), { comment: 'new' }),
  );
  expect(at(rest, 'num_records')).toBe(4 - done);
  expect(at(rest, '_links', 'next')).toBeUndefined();
  expect(await namesOf('comment=new')).toHaveLength(4);
});

it('begins no second job before the first has ended', async () => {
  await start({ jobs: { duration: 1000 } });
  const body = await array.expect(200, 'DELETE', '/storage/volumes?name=v*&return_timeout=0');
  expect(body).toMatchObject({ num_records: 1, jobs: [{ uuid: expect.any(String) }] });
  expect(at(body, '_links', 'next')).toBeDefined();
});

it('stops at a failure, and says which jobs there were', async () => {
  await start();
  array.simulator.faults.add({
    when: { method: 'PATCH', path: '/storage/volumes' },
    then: { type: 'job-fail', code: 524486, message: 'Busy' },
  });
  const failed = await array.send('PATCH', '/storage/volumes?name=v*', { comment: 'new' });
  expect([failed.status, at(failed.body, 'error', 'code')]).toEqual([500, '524486']);
  expect(at(failed.body, 'jobs')).toHaveLength(1);
  const all = await array.expect(200, 'PATCH', '/storage/volumes?name=v*&continue_on_failure=true', { comment: 'new' });
  expect(all).toMatchObject({ num_records: 0 });
  expect(at(all, 'jobs')).toHaveLength(4);
});

it('deletes every record once, page by page, whatever the order', async () => {
  await start();
  let path: string | undefined = '/storage/volumes?name=v*&max_records=1&order_by=name%20desc';
  let count = 0;
  while (path !== undefined) {
    const body: unknown = await array.expect(200, 'DELETE', path);
    count += Number(at(body, 'num_records'));
    path = at(body, '_links', 'next') === undefined ? undefined : nextOf(body);
  }
  expect([count, await namesOf('name=v*')]).toEqual([4, []]);
});
