import { Agent, request } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FaultRule } from '../../src/simulator/core/fault-rules.ts';
import { at, openOntapSession, textAt, type OntapSession } from '../support/ontap-session.ts';

/** Faults beneath and around the requests: handshakes, pages, times, sessions. */

let array: OntapSession;
beforeEach(async () => {
  array = await openOntapSession({ clock: { frozenAt: new Date('2025-05-01T09:30:00Z') }, seed: 5 });
});
afterEach(() => array.close());

const strike = (rule: FaultRule) => array.simulator.faults.add(rule);

const newAgent = (rejectUnauthorized: boolean) =>
  new Agent({ connections: 1, connect: { ca: array.simulator.certificate, rejectUnauthorized }, maxCachedSessions: 0 });

const ask = async (dispatcher: Agent): Promise<string> => {
  const { name, password } = array.simulator.user('admin');
  const authorization = `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
  const answer = await request(`${array.simulator.url}/api/cluster`, { dispatcher, headers: { authorization } });
  await answer.body.dump();
  return String(answer.statusCode);
};

/** A request over a connection of its own; the code of what went wrong, or the status. */
const knock = async (rejectUnauthorized = true): Promise<string> => {
  const agent = newAgent(rejectUnauthorized);
  try {
    return await ask(agent);
  } catch (cause) {
    return textAt(cause, 'code');
  } finally {
    await agent.destroy();
  }
};

describe('a handshake', () => {
  it.each([
    ['expired', 'CERT_HAS_EXPIRED'],
    ['wrong-host', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['unknown-authority', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ] as const)('shows a certificate that is %s, which who does not check takes', async (how, code) => {
    const name = strike({ when: { skip: 1, count: 2 }, then: { type: 'tls', how } });
    expect(await knock()).toBe('200');
    expect(await knock()).toBe(code);
    expect(await knock(false)).toBe('200');
    expect(await knock()).toBe('200');
    expect(array.simulator.faults.list()).toMatchObject([{ name, seen: 4, hits: 2 }]);
  });

  it('is refused', async () => {
    const before = array.simulator.connections.handshakes;
    strike({ when: { count: 1 }, then: { type: 'tls', how: 'refused' } });
    expect(await knock(false)).toMatch(/^(ERR_SSL_|EPROTO)/);
    expect(array.simulator.connections.handshakes).toBe(before);
    expect(await knock()).toBe('200');
  });

  it('leaves connections alone that are open, and requests', async () => {
    const agent = newAgent(true);
    expect(await ask(agent)).toBe('200');
    strike({ when: {}, then: { type: 'tls', how: 'expired' } });
    expect(await ask(agent)).toBe('200');
    await agent.close();
    expect(() => strike({ when: { path: '/cluster' }, then: { type: 'tls', how: 'expired' } })).toThrow('when.path');
  });
});

describe('pages', () => {
  const NODES = '/cluster/nodes?max_records=1';
  const nextOf = (page: unknown) => at(page, '_links', 'next', 'href');
  const follow = (page: unknown) => textAt(page, '_links', 'next', 'href').replace('/api', '');

  it('end with a link that leads to nothing', async () => {
    strike({ when: { path: '/cluster/nodes' }, then: { type: 'empty-page' } });
    const first = await array.expect(200, 'GET', NODES);
    const second = await array.expect(200, 'GET', follow(first));
    const third = await array.expect(200, 'GET', follow(second));
    expect([at(first, 'num_records'), at(second, 'num_records')]).toEqual([1, 1]);
    expect([at(third, 'records'), at(third, 'num_records'), nextOf(third)]).toEqual([[], 0, undefined]);
    expect(nextOf(await array.expect(200, 'GET', '/cluster/nodes?name=nobody'))).toBeUndefined();
    // The same in an order that the client wants.
    const sorted = await array.expect(200, 'GET', '/cluster/nodes?order_by=name%20desc');
    expect(at(await array.expect(200, 'GET', follow(sorted)), 'num_records')).toBe(0);
  });

  it('cannot be asked for when their link has expired', async () => {
    strike({ when: { path: '/cluster/nodes', count: 1 }, then: { type: 'expire-pages', milliseconds: 60_000 } });
    const link = follow(await array.expect(200, 'GET', NODES));
    array.simulator.clock.advance(59_000);
    expect(at(await array.expect(200, 'GET', link), 'num_records')).toBe(1);
    array.simulator.clock.advance(1000);
    expect(await array.refusal('GET', link)).toBe('400 262185');
    expect(at(await array.expect(200, 'GET', NODES), 'num_records')).toBe(1);
  });
});

describe('times', () => {
  it('are those of a clock that is ahead, in the zone that is wanted', async () => {
    await array.expect(202, 'POST', '/storage/volumes', {
      name: 'v1',
      comment: '2025-05-01 is no time',
      svm: { name: 'svm0' },
      aggregates: [{ name: 'aggr1_n1' }],
    });
    const look = async () => {
      const reply = await array.send('GET', '/storage/volumes?name=v1&fields=create_time,comment');
      return [
        reply.headers['date'],
        at(reply.body, 'records', 0, 'create_time'),
        at(reply.body, 'records', 0, 'comment'),
      ];
    };
    const comment = '2025-05-01 is no time';
    const real = ['Thu, 01 May 2025 09:30:00 GMT', '2025-05-01T09:30:00+00:00', comment];
    expect(await look()).toEqual(real);
    strike({ when: { path: '/storage/volumes' }, then: { type: 'skew', milliseconds: 86_400_000 } });
    expect(await look()).toEqual(['Fri, 02 May 2025 09:30:00 GMT', '2025-05-02T09:30:00+00:00', comment]);
    array.simulator.faults.clear();
    strike({ when: { path: '/storage/volumes' }, then: { type: 'skew', milliseconds: -60_000, zone: '-04:30' } });
    expect(await look()).toEqual(['Thu, 01 May 2025 09:29:00 GMT', '2025-05-01T04:59:00-04:30', comment]);
    array.simulator.faults.clear();
    expect(await look()).toEqual(real);
  });
});

it('are written in the zone of the cluster, with its summer time', async () => {
  const { body } = await array.send('GET', '/cluster/nodes?fields=date');
  expect(at(body, 'records', 0, 'date')).toBe('2025-05-01T09:30:00+00:00');
  const zone = (name: string) => array.send('PATCH', '/cluster?return_timeout=15', { timezone: { name } });
  expect((await zone('Europe/Berlin')).status).toBe(200);
  const date = async () => at(await array.list('/cluster/nodes?fields=date'), 0, 'date');
  expect(await date()).toBe('2025-05-01T11:30:00+02:00');
  array.simulator.clock.set(new Date('2025-12-01T09:30:00Z'));
  expect(await date()).toBe('2025-12-01T10:30:00+01:00');
  // Filters compare instants.
  expect(await array.list('/cluster/nodes?date=>2025-12-01T09:00:00Z')).toHaveLength(2);
  expect(at((await zone('Atlantis/Deep')).body, 'error', 'code')).toBe('262197');
});

describe('a session', () => {
  it('is not authorized any more in its middle, and then is again', async () => {
    strike({ when: { user: 'vsadmin', skip: 2, count: 1 }, then: { type: 'refuse', status: 401 } });
    const statuses: unknown[] = [];
    for (let index = 0; index < 4; index++) {
      const reply = await array.sendAs('vsadmin', 'GET', '/storage/volumes');
      statuses.push(reply.status, reply.headers['www-authenticate'], at(reply.body, 'error'));
    }
    const fine = [200, undefined, undefined];
    const refused = [401, expect.stringContaining('Basic'), { message: 'User is not authorized.', code: '6691623' }];
    expect(statuses).toEqual([...fine, ...fine, ...refused, ...fine]);
  });

  it.each([
    [403, '6'],
    [404, '4'],
    [429, '262160'],
    [503, '262145'],
  ])('is refused with %i and the code that ONTAP has for it', async (status, code) => {
    strike({ when: { path: '/cluster' }, then: { type: 'refuse', status } });
    expect(await array.refusal('GET', '/cluster')).toBe(`${status} ${code}`);
  });
});
