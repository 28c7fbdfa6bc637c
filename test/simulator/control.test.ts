import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator } from '../../src/simulator/contract.ts';

/** The control plane: what tests in other languages use. */

let array: Simulator;
let agent: Agent;

const control = async (method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown, token = array.controlToken) => {
  const answer = await request(`${array.url}/_sim${path}`, {
    dispatcher: agent,
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.body.text();
  const json: unknown = JSON.parse(text);
  return { status: answer.statusCode, text, json };
};

/** What a request to the array itself takes. */
const asAdmin = () => {
  const authorization = `Basic ${Buffer.from(`admin:${array.user('admin').password}`).toString('base64')}`;
  return { dispatcher: agent, headers: { authorization } };
};

beforeAll(async () => {
  array = await startSimulator({ clock: { frozenAt: new Date('2025-01-01T00:00:00Z') } });
  agent = new Agent({ connect: { ca: array.certificate } });
});
afterAll(async () => {
  await agent.close();
  await array.stop();
});

describe('the control plane', () => {
  it('needs its token', async () => {
    expect((await control('GET', '/requests', undefined, 'guess')).status).toBe(401);
    expect((await control('GET', '/nowhere')).status).toBe(404);
  });

  it('adds, lists and removes faults, and refuses what is not one', async () => {
    const rule = { when: { path: '/cluster' }, then: { type: 'refuse', status: 503 } };
    expect((await control('POST', '/faults', { name: 'down', ...rule })).json).toEqual({ name: 'down' });
    await array.call('GET', '/cluster');
    expect((await control('GET', '/faults')).json).toEqual({ faults: [{ name: 'down', ...rule, seen: 0, hits: 0 }] });
    expect((await control('DELETE', '/faults/down')).json).toEqual({ removed: true });
    const broken = await control('POST', '/faults', { when: { pathh: '/x' }, then: { type: 'refuse', status: 503 } });
    expect([broken.status, broken.json]).toEqual([400, { error: expect.stringContaining('when.pathh') }]);
    const lists = await control('POST', '/faults', { when: [], then: { type: 'refuse', status: 503 } });
    expect(lists).toMatchObject({ status: 400, json: { error: 'fault rule: when: an object is needed, not a list' } });
    expect((await control('POST', '/faults', '{')).status).toBe(400);
  });

  it('moves the clock', async () => {
    expect((await control('POST', '/clock', { advance_ms: 1500 })).json).toEqual({
      now: '2025-01-01T00:00:01.500Z',
      frozen: true,
    });
    expect((await control('POST', '/clock', { set: '2025-01-02T00:00:00Z' })).json).toEqual({
      now: '2025-01-02T00:00:00.000Z',
      frozen: true,
    });
    expect((await control('POST', '/clock', { set: '2024-01-02T00:00:00Z' })).status).toBe(400);
    expect((await control('POST', '/clock', {})).status).toBe(400);
  });

  it('shows requests with integers beyond 2^53 as they were sent', async () => {
    await control('DELETE', '/requests');
    const body = '{"name":"big","size":12345678901234567890}';
    await (await request(`${array.url}/api/storage/volumes`, { ...asAdmin(), method: 'POST', body })).body.dump();
    expect((await control('GET', '/requests')).text).toContain(`"body":${body}`);
  });

  it('finds requests by what was wrong with them', async () => {
    await control('DELETE', '/requests');
    for (const path of ['/nothing', '/cluster?fields=nothing', '/cluster'])
      await (await request(`${array.url}/api${path}`, asAdmin())).body.dump();
    expect((await control('GET', '/requests?code=3')).json).toMatchObject({
      count: 1,
      requests: [{ path: '/api/nothing' }],
    });
    expect((await control('GET', '/requests?code=262197')).json).toMatchObject({ count: 1 });
    expect(array.requests.count({ code: '262179' })).toBe(0);
  });

  it('writes into units', async () => {
    const svm = { name: 'svm0' };
    await array.call('POST', '/storage/volumes', { name: 'u', size: '1GB', svm, aggregates: [{ name: 'aggr1_n1' }] });
    await array.call('POST', '/storage/luns', { name: '/vol/u/l', svm, os_type: 'linux', space: { size: '100MB' } });
    expect((await control('POST', '/units/%2Fvol%2Fu%2Fl/used', { bytes: 4096, svm: 'svm0' })).json).toEqual({});
    expect((await control('POST', '/units/none/used', { bytes: 4096 })).status).toBe(400);
    expect(array.world.findVolume('u')?.usedBytes).toBe(4096);
  });

  it('makes the cluster another one, and takes parts of it down', async () => {
    expect((await control('POST', '/cluster', { version: '9.16.1' })).json).toEqual({
      version: '9.16.1',
      personality: 'unified',
    });
    expect((await control('POST', '/cluster', { personality: 'asa-r3' })).status).toBe(400);
    await control('POST', '/cluster', { version: '9.17.1' });
    for (const path of ['/aggregates/aggr1_n1/offline', '/aggregates/aggr1_n1/online'])
      expect((await control('POST', path)).json).toEqual({});
    expect((await control('POST', '/aggregates/nothing/offline')).status).toBe(400);
  });

  it('refuses what is not encoded', async () => {
    expect(await control('POST', '/volumes/%ZZ/used', { bytes: 1 })).toMatchObject({
      status: 400,
      json: { error: 'The URL is not valid.' },
    });
  });

  it('dumps and restores', async () => {
    const before = (await control('GET', '/dump')).text;
    await array.call('POST', '/protocols/nfs/export-policies', { name: 'extra', svm: { name: 'svm0' } });
    expect((await control('GET', '/dump')).text).not.toBe(before);
    expect((await control('POST', '/restore', before)).status).toBe(200);
    expect((await control('GET', '/dump')).text).toBe(before);
    const refused = await control('POST', '/restore', { format: 99 });
    expect([refused.status, refused.json]).toEqual([400, { error: expect.stringContaining('format') }]);
    expect((await control('GET', '/dump')).text).toBe(before);
  });

  it('sets used bytes, free space and interfaces', async () => {
    await array.call('POST', '/storage/volumes', {
      name: 'v1',
      size: '1GB',
      svm: { name: 'svm0' },
      aggregates: [{ name: 'aggr1_n1' }],
    });
    expect((await control('POST', '/volumes/v1/used', { bytes: 1024 ** 2 })).status).toBe(200);
    expect(array.world.findVolume('v1')).toMatchObject({ usedBytes: 1024 ** 2, svm: 'svm0' });
    expect((await control('POST', '/volumes/v1/used', { bytes: 2 ** 40 })).json).toEqual({
      error: expect.stringContaining('do not fit'),
    });
    expect((await control('POST', '/volumes/v1/quota-state', { state: 'odd' })).json).toEqual({
      error: expect.stringContaining('Quotas have no state "odd"'),
    });
    expect((await control('POST', '/aggregates/aggr1_n2/available', { bytes: 5 })).status).toBe(200);
    expect((await control('POST', '/interfaces/nas_n1/down', {})).status).toBe(200);
    expect((await control('GET', '/verify')).json).toEqual({ verified: true });
  });
});
