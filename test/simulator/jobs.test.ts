import { afterEach, describe, expect, it } from 'vitest';
import type { SimulatorOptions } from '../../src/simulator/contract.ts';
import { at, openOntapSession, textAt, type OntapSession } from '../support/ontap-session.ts';

/** Work that ends later: on the clock, by being read, or before the answer. */

const open: OntapSession[] = [];

const start = async (options: SimulatorOptions): Promise<OntapSession> => {
  const array = await openOntapSession(options);
  open.push(array);
  return array;
};

afterEach(async () => {
  await Promise.all(open.splice(0).map((array) => array.close()));
});

const volume = (name: string, more: Record<string, unknown> = {}) => ({
  name,
  size: '100MB',
  svm: { name: 'svm0' },
  aggregates: [{ name: 'aggr1_n1' }],
  ...more,
});

const frozen = { frozenAt: new Date('2025-05-01T09:30:00Z') };
const jobOf = (body: unknown) => `/cluster/jobs/${textAt(body, 'job', 'uuid')}`;

describe('a job', () => {
  it('is answered with 202, its link and a Location even when it is done at once', async () => {
    const array = await start({ clock: frozen });
    const reply = await array.send('POST', '/storage/volumes', volume('v1'));
    const uuid = textAt(reply.body, 'job', 'uuid');
    expect(reply).toMatchObject({
      status: 202,
      body: { job: { uuid, _links: { self: { href: `/api/cluster/jobs/${uuid}` } } } },
    });
    expect(reply.headers['location']).toBe('/api/storage/volumes/?name=v1&svm.name=svm0');
    expect(await array.expect(200, 'GET', `/cluster/jobs/${uuid}`)).toMatchObject({
      uuid,
      description: 'POST /api/storage/volumes/?name=v1',
      state: 'success',
      message: 'success',
      code: 0,
      start_time: '2025-05-01T09:30:00+00:00',
      end_time: '2025-05-01T09:30:00+00:00',
      svm: { name: 'svm0' },
      node: { name: 'sim-cluster-01' },
    });
  });

  it('is awaited by return_timeout, and then has the answer of its end', async () => {
    const array = await start({ jobs: { duration: 50 } });
    const created = await array.send('POST', '/storage/volumes?return_timeout=15&return_records=true', volume('v1'));
    expect(created).toMatchObject({
      status: 201,
      body: { num_records: 1, records: [{ name: 'v1', state: 'online' }] },
    });
    const uuid = textAt(created.body, 'records', 0, 'uuid');
    expect(created.headers['location']).toBe(`/api/storage/volumes/${uuid}`);
    const failed = await array.send('PATCH', `/storage/volumes/${uuid}?return_timeout=15`, { size: '1KB' });
    expect(failed).toMatchObject({ status: 400, body: { error: { code: '917534' }, job: {} } });
    const removed = await array.send('DELETE', `/storage/volumes/${uuid}?return_timeout=15`);
    expect([removed.status, at(removed.body, 'job', 'uuid')]).toEqual([200, expect.any(String)]);
  });

  it('takes its time on the simulated clock, and what it makes is not there before', async () => {
    const array = await start({ clock: frozen, jobs: { duration: 5000 } });
    const job = jobOf(await array.expect(202, 'POST', '/storage/volumes', volume('v1')));
    expect(await array.list('/storage/volumes?name=v1')).toEqual([]);
    expect(await array.refusal('POST', '/storage/volumes', volume('v1'))).toBe('409 13107405');
    array.simulator.clock.advance(4999);
    expect(at(await array.expect(200, 'GET', job), 'state')).toBe('running');
    array.simulator.clock.advance(1);
    expect(await array.expect(200, 'GET', job)).toMatchObject({
      state: 'success',
      end_time: '2025-05-01T09:30:05+00:00',
    });
    expect(await array.list('/storage/volumes?name=v1')).toHaveLength(1);
    expect(await array.refusal('POST', '/storage/volumes', volume('v1'))).toBe('409 917526');
  });

  it('is seen running by its first readers when that is wanted', async () => {
    const array = await start({ jobs: { runningPolls: 2 } });
    const job = jobOf(await array.expect(202, 'POST', '/storage/volumes?return_timeout=15', volume('v1')));
    const states: unknown[] = [];
    for (let poll = 0; poll < 4; poll++)
      states.push(at(await array.expect(200, 'GET', `${job}?fields=state`), 'state'));
    expect(states).toEqual(['running', 'running', 'success', 'success']);
  });

  it('keeps code and message of a failure, and leaves nothing behind', async () => {
    const array = await start({});
    const job = jobOf(
      await array.expect(
        202,
        'POST',
        '/storage/volumes',
        volume('v1', { size: '20TB', aggregates: [{ name: 'aggr1_n1' }] }),
      ),
    );
    const ended = await array.expect(200, 'GET', `${job}?fields=**`);
    expect(ended).toMatchObject({
      state: 'failure',
      code: 460770,
      error: { code: '460770', message: at(ended, 'message') },
    });
    expect(String(at(ended, 'message'))).not.toMatch(/[,:]/);
    expect(await array.list('/storage/volumes?name=v1')).toEqual([]);
    await array.expect(202, 'POST', '/storage/volumes', volume('v1'));
    array.simulator.world.verify();
  });

  it('is forgotten five minutes after its end', async () => {
    const array = await start({ clock: frozen });
    const job = jobOf(await array.expect(202, 'POST', '/storage/volumes', volume('v1')));
    array.simulator.clock.advance(299_000);
    await array.expect(200, 'GET', job);
    array.simulator.clock.advance(2000);
    expect(await array.refusal('GET', job)).toBe('404 4');
  });

  it('checks at its end what has changed since its beginning', async () => {
    const array = await start({ clock: frozen, jobs: { duration: 1000 } });
    const made = jobOf(await array.expect(202, 'POST', '/storage/volumes', volume('v1')));
    array.simulator.clock.advance(1000);
    expect(at(await array.expect(200, 'GET', made), 'state')).toBe('success');
    const uuid = textAt(await array.list('/storage/volumes?name=v1'), 0, 'uuid');
    const gone = jobOf(await array.expect(202, 'DELETE', `/storage/volumes/${uuid}?force=true`));
    const late = jobOf(await array.expect(202, 'PATCH', `/storage/volumes/${uuid}`, { comment: 'too late' }));
    array.simulator.clock.advance(1000);
    expect(at(await array.expect(200, 'GET', gone), 'state')).toBe('success');
    expect(await array.expect(200, 'GET', late)).toMatchObject({ state: 'failure', code: 4 });
  });

  it.each([
    ['the mirror', 'POST', 'DELETE', 8],
    ['the deletion', 'DELETE', 'POST', 917927],
  ] as const)('gives a volume to %s when that comes first', async (_, first, second, code) => {
    const array = await start({ clock: frozen, jobs: { duration: 1000 } });
    await array.expect(202, 'POST', '/storage/volumes', volume('source'));
    await array.expect(202, 'POST', '/storage/volumes', volume('copy', { svm: { name: 'svm_dr' }, type: 'dp' }));
    array.simulator.clock.advance(1000);
    const uuid = textAt(await array.list('/storage/volumes?name=copy'), 0, 'uuid');
    const ask = (method: 'POST' | 'DELETE') =>
      method === 'DELETE'
        ? array.expect(202, method, `/storage/volumes/${uuid}`)
        : array.expect(202, method, '/snapmirror/relationships', {
            source: { path: 'svm0:source' },
            destination: { path: 'svm_dr:copy' },
          });
    const [done, late] = [jobOf(await ask(first)), jobOf(await ask(second))];
    array.simulator.clock.advance(1000);
    expect(await array.expect(200, 'GET', done)).toMatchObject({ state: 'success' });
    expect(await array.expect(200, 'GET', late)).toMatchObject({ state: 'failure', code });
    array.simulator.world.verify();
  });

  it('of many records is one, and its results can be read', async () => {
    const array = await start({});
    const reply = await array.send('POST', '/storage/volumes?return_timeout=10', {
      records: [volume('v1'), volume('v2')],
    });
    expect(reply.status).toBe(201);
    const results = textAt(reply.body, 'job', '_links', 'results', 'href');
    expect(reply.headers['location']).toBe(results);
    expect(await array.expect(200, 'GET', results.replace('/api', ''))).toMatchObject({
      num_records: 2,
      records: [{ name: 'v1' }, { name: 'v2' }],
    });
    const failing = await array.send('POST', '/storage/volumes', {
      records: [volume('v3'), volume('v4', { size: '1KB' })],
    });
    expect(failing.status).toBe(202);
    expect(await array.list('/storage/volumes?name=v3')).toEqual([]);
    const errors = await array.expect(
      200,
      'GET',
      textAt(failing.body, 'job', '_links', 'results', 'href').replace('/api', ''),
    );
    expect(at(errors, 'errors', 0, 'code')).toBe('262287');
  });

  it('is started for each record that a query finds', async () => {
    const array = await start({});
    for (const name of ['a1', 'a2', 'b1']) await array.expect(202, 'POST', '/storage/volumes', volume(name));
    const changed = await array.expect(200, 'PATCH', '/storage/volumes?name=a*', { comment: 'same' });
    expect(changed).toMatchObject({
      num_records: 2,
      jobs: [{ uuid: expect.any(String) }, { uuid: expect.any(String) }],
    });
    expect(await array.list('/storage/volumes?comment=same')).toHaveLength(2);
    expect(at(await array.expect(200, 'DELETE', '/storage/volumes?name=a*&force=true'), 'num_records')).toBe(2);
    expect(await array.list('/storage/volumes?name=a*')).toEqual([]);
    expect(at(await array.expect(200, 'DELETE', '/storage/volumes?name=none'), 'num_records')).toBe(0);
  });
});
