import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FaultRule } from '../../src/simulator/core/fault-rules.ts';
import { at, openOntapSession, textAt, type OntapSession } from '../support/ontap-session.ts';

/** Each fault, as a client sees it. */

let array: OntapSession;
beforeEach(async () => {
  array = await openOntapSession({ clock: { frozenAt: new Date('2025-05-01T00:00:00Z') }, seed: 5 });
});
afterEach(() => array.close());

const volume = (name: string) => ({
  name,
  size: '100MB',
  svm: { name: 'svm0' },
  aggregates: [{ name: 'aggr1_n1' }],
  guarantee: { type: 'none' },
});
const POST_VOLUME = { method: 'POST', path: '/storage/volumes' } as const;
const strike = (rule: FaultRule) => array.simulator.faults.add(rule);
const exists = async (name: string) => (await array.list(`/storage/volumes?name=${name}`)).length === 1;
const create = (name: string, query = '') => array.send('POST', `/storage/volumes${query}`, volume(name));
const jobAfter = async (name: string) => `/cluster/jobs/${textAt((await create(name)).body, 'job', 'uuid')}`;

describe('matching', () => {
  it('is by method, path, query, body and user, and counts', async () => {
    const refuse = { type: 'refuse', status: 500, code: '65541' } as const;
    const name = strike({
      when: {
        method: ['POST', 'PATCH'],
        path: '/api/storage/**',
        query: { return_timeout: '*' },
        body: { 'svm.name': 'svm*', name: 'bad_*' },
        user: 'admin',
      },
      then: refuse,
    });
    expect((await create('good_1', '?return_timeout=1')).status).toBe(201);
    expect((await create('bad_1')).status).toBe(202);
    expect((await create('bad_2', '?return_timeout=1')).status).toBe(500);
    expect(array.simulator.faults.list()).toMatchObject([{ name, seen: 1, hits: 1 }]);
    expect(array.simulator.requests.list({ status: 500 })).toMatchObject([{ faults: [name], code: '65541' }]);
    expect(array.simulator.faults.remove(name)).toBe(true);
    expect(array.simulator.faults.remove(name)).toBe(false);
  });

  it('strikes the n-th, after some, so many times', async () => {
    const refused = async () => {
      const statuses: number[] = [];
      for (let index = 0; index < 5; index++) statuses.push((await array.send('GET', '/cluster')).status);
      array.simulator.faults.clear();
      return statuses;
    };
    const then = { type: 'refuse', status: 503 } as const;
    strike({ when: { path: '/cluster', nth: 2 }, then });
    expect(await refused()).toEqual([200, 503, 200, 200, 200]);
    strike({ when: { path: '/cluster', skip: 1, count: 2 }, then });
    expect(await refused()).toEqual([200, 503, 503, 200, 200]);
  });

  it('draws from the seed', async () => {
    const series = async (seed: number) => {
      const other = await openOntapSession({
        seed,
        faults: [{ name: 'f', when: { path: '/cluster', probability: 0.5 }, then: { type: 'refuse', status: 500 } }],
      });
      const statuses: number[] = [];
      for (let index = 0; index < 24; index++) statuses.push((await other.send('GET', '/cluster')).status);
      await other.close();
      return statuses;
    };
    const first = await series(1);
    expect(new Set(first)).toEqual(new Set([200, 500]));
    expect(await series(1)).toEqual(first);
    expect(await series(2)).not.toEqual(first);
  });
});

describe('refusals', () => {
  it('say what they are told to, and nothing is done', async () => {
    strike({
      when: POST_VOLUME,
      then: { type: 'refuse', status: 429, code: '262160', message: 'Busy', retryAfterSeconds: 3 },
    });
    const reply = await create('v1');
    expect([reply.status, reply.headers['retry-after'], reply.body]).toEqual([
      429,
      '3',
      { error: { message: 'Busy', code: '262160' } },
    ]);
    expect(await exists('v1')).toBe(false);
  });

  it('may be no JSON at all', async () => {
    strike({ when: POST_VOLUME, then: { type: 'refuse', status: 502, text: '<html>Bad gateway</html>' } });
    await expect(create('v1')).rejects.toThrow(SyntaxError);
  });
});

describe('time', () => {
  it('is taken before the work, or before the reply', async () => {
    for (const type of ['delay', 'delay-reply'] as const) {
      const name = strike({ when: { path: '/cluster' }, then: { type, milliseconds: 60 } });
      const begun = performance.now();
      await array.expect(200, 'GET', '/cluster');
      expect(performance.now() - begun).toBeGreaterThan(55);
      array.simulator.faults.remove(name);
    }
  });

  it('is taken by every call as the latency of the simulator says, and by jobs and faults on top of it', async () => {
    const slow = await openOntapSession({ latencyMs: 30, jobs: { duration: 40 } });
    const timed = async (call: () => Promise<unknown>): Promise<number> => {
      const begun = performance.now();
      await call();
      return performance.now() - begun;
    };
    expect(await timed(() => slow.expect(200, 'GET', '/cluster'))).toBeGreaterThan(29);
    const post = () => slow.expect(201, 'POST', '/storage/volumes?return_timeout=15', volume('v1'));
    expect(await timed(post)).toBeGreaterThan(69);
    slow.simulator.faults.add({ when: { path: '/cluster' }, then: { type: 'delay', milliseconds: 30 } });
    expect(await timed(() => slow.expect(200, 'GET', '/cluster'))).toBeGreaterThan(59);
    await slow.close();
  });
});

describe('connections', () => {
  it.each(['close', 'reset'] as const)('end without the work being done: %s', async (how) => {
    strike({ when: POST_VOLUME, then: { type: 'drop-request', how } });
    await expect(create('v1')).rejects.toThrow(/closed|reset|ECONNRESET|other side/i);
    expect(await exists('v1')).toBe(false);
    expect(array.simulator.requests.list(POST_VOLUME)).toMatchObject([{ status: 0 }]);
  });

  it.each(['close', 'reset', 'truncate'] as const)('end when the work is done: %s', async (how) => {
    strike({ when: { ...POST_VOLUME, count: 1 }, then: { type: 'drop-reply', how } });
    await expect(create('v1')).rejects.toThrow(/closed|reset|ECONNRESET|other side|terminated|aborted|length/i);
    expect(await exists('v1')).toBe(true);
    expect(await array.refusal('POST', '/storage/volumes', volume('v1'))).toBe('409 917526');
  });
});

describe('jobs', () => {
  it('stall for a time, in the state that is wanted', async () => {
    strike({ when: POST_VOLUME, then: { type: 'job-stall', state: 'queued', milliseconds: 1000 } });
    const job = await jobAfter('v1');
    expect(at(await array.expect(200, 'GET', job), 'state')).toBe('queued');
    expect(await exists('v1')).toBe(false);
    array.simulator.clock.advance(1000);
    expect(at(await array.expect(200, 'GET', job), 'state')).toBe('success');
    expect(await exists('v1')).toBe(true);
  });

  it('stall for ever, and hold the name', async () => {
    strike({ when: { ...POST_VOLUME, count: 1 }, then: { type: 'job-stall' } });
    const job = await jobAfter('v1');
    array.simulator.clock.advance(86_400_000);
    expect(at(await array.expect(200, 'GET', job), 'state')).toBe('running');
    expect(await array.refusal('POST', '/storage/volumes', volume('v1'))).toBe('409 13107405');
  });

  it('fail with a code, before the work or after it', async () => {
    strike({
      when: { ...POST_VOLUME, body: { name: 'before' } },
      then: { type: 'job-fail', code: 13107341, message: 'No luck' },
    });
    strike({
      when: { ...POST_VOLUME, body: { name: 'after' } },
      then: { type: 'job-fail', code: 65552, message: 'Lost track', afterWork: true },
    });
    expect(await array.expect(200, 'GET', await jobAfter('before'))).toMatchObject({
      state: 'failure',
      code: 13107341,
      error: { code: '13107341', message: 'No luck' },
    });
    expect(await exists('before')).toBe(false);
    expect(await array.expect(200, 'GET', await jobAfter('after'))).toMatchObject({ state: 'failure', code: 65552 });
    expect(await exists('after')).toBe(true);
  });

  it('vanish', async () => {
    strike({ when: POST_VOLUME, then: { type: 'job-vanish' } });
    expect(await array.refusal('GET', await jobAfter('v1'))).toBe('404 4');
    expect(await exists('v1')).toBe(true);
  });
});

describe('what is seen', () => {
  it('is not there yet after success', async () => {
    strike({ when: POST_VOLUME, then: { type: 'hide', milliseconds: 2000 } });
    const reply = await array.send('POST', '/storage/volumes?return_timeout=5', volume('v1'));
    const location = String(reply.headers['location']).replace('/api', '');
    expect([reply.status, await exists('v1'), await array.refusal('GET', location)]).toEqual([201, false, '404 4']);
    array.simulator.clock.advance(2000);
    expect(await exists('v1')).toBe(true);
    await array.expect(200, 'GET', location);
  });

  it('comes in small pages', async () => {
    strike({ when: { path: '/network/ip/interfaces' }, then: { type: 'page-size', records: 2 } });
    const page = await array.expect(200, 'GET', '/network/ip/interfaces?max_records=100');
    expect([at(page, 'num_records'), at(page, '_links', 'next', 'href')]).toEqual([
      2,
      expect.stringContaining('start.'),
    ]);
  });

  it('lacks a field', async () => {
    strike({ when: { path: '/cluster/nodes' }, then: { type: 'drop-field', field: 'serial_number' } });
    const [node] = await array.list('/cluster/nodes?fields=serial_number,model');
    expect([at(node, 'serial_number'), at(node, 'model')]).toEqual([undefined, 'AFF-A400']);
  });
});

describe('space', () => {
  it('is refused in one aggregate, or in all', async () => {
    strike({ name: 'one', when: POST_VOLUME, then: { type: 'aggregate-full', aggregate: 'aggr1_n1' } });
    expect(await array.expect(200, 'GET', await jobAfter('v1'))).toMatchObject({ state: 'failure', code: 460770 });
    await array.expect(201, 'POST', '/storage/volumes?return_timeout=5', {
      ...volume('v2'),
      aggregates: [{ name: 'aggr1_n2' }],
    });
    array.simulator.faults.clear();
    strike({ when: { method: 'PATCH', path: '/storage/volumes/*' }, then: { type: 'aggregate-full' } });
    const uuid = textAt(await array.list('/storage/volumes?name=v2'), 0, 'uuid');
    expect(await array.refusal('PATCH', `/storage/volumes/${uuid}?return_timeout=5`, { size: '200MB' })).toBe(
      '500 460770',
    );
    await array.expect(200, 'PATCH', `/storage/volumes/${uuid}?return_timeout=5`, { comment: 'no space needed' });
  });

  it('is really gone when data of others fills an aggregate', async () => {
    array.simulator.world.setAggregateAvailable('aggr1_n1', 0);
    const [aggregate] = await array.list('/storage/aggregates?name=aggr1_n1&fields=space.block_storage.available');
    expect(at(aggregate, 'space', 'block_storage', 'available')).toBe(0);
    expect(await array.refusal('POST', '/storage/volumes?return_timeout=5', volume('v1'))).toBe('500 460770');
    array.simulator.world.setAggregateAvailable('aggr1_n1', 1024 ** 4);
    await array.expect(201, 'POST', '/storage/volumes?return_timeout=5', volume('v1'));
    array.simulator.world.verify();
  });
});

it('takes a network interface down', async () => {
  array.simulator.world.setInterfaceDown('nas_n1', true);
  const query = '/network/ip/interfaces?name=nas_n1&fields=state';
  expect(at(await array.list(query), 0, 'state')).toBe('down');
  array.simulator.world.setInterfaceDown('nas_n1', false);
  expect(at(await array.list(query), 0, 'state')).toBe('up');
});
