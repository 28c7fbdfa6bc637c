import { Agent, request } from 'undici';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseLab } from '../../src/simulator/core/lab.ts';
import { at, openOntapSession, type OntapSession } from '../support/ontap-session.ts';

/** Nodes that are no cluster yet. */

let array: OntapSession;
beforeEach(async () => {
  const topology = parseLab({ cluster: { precluster: true } }, { personality: undefined, version: undefined });
  array = await openOntapSession({ topology });
});
afterEach(async () => {
  array.simulator.world.verify();
  await array.close();
});

it('take the call that makes them one, and hardly anything else', async () => {
  const reply = await array.send('GET', '/cluster');
  expect([reply.status, at(reply.body, 'error', 'code')]).toEqual([400, '9241607']);
  expect(at(reply.body, 'error', 'message')).toContain('are available in precluster.');
  expect(await array.refusal('GET', '/storage/volumes')).toBe('400 9241607');
  expect(await array.refusal('PATCH', '/cluster', { name: 'x' })).toBe('400 9241607');
  expect(await array.list('/cluster/nodes')).toHaveLength(2);
  expect(await array.refusal('POST', '/cluster', { contact: 'me' })).toBe('400 262212');
  array.simulator.restore(array.simulator.dump());
  const made = await array.expect(202, 'POST', '/cluster', { name: 'fresh', password: 'made-by-1call' });
  expect(at(made, 'job', 'uuid')).toBeDefined();
  const dispatcher = new Agent({ connect: { ca: array.simulator.certificate } });
  const authorization = `Basic ${Buffer.from('admin:made-by-1call').toString('base64')}`;
  const answer = await request(`${array.simulator.url}/api/cluster`, { dispatcher, headers: { authorization } });
  expect([answer.statusCode, at(await answer.body.json(), 'name')]).toEqual([200, 'fresh']);
  await dispatcher.close();
  expect(await array.refusal('GET', '/cluster')).toBe('401 6691623');
  expect((await array.simulator.call('POST', '/cluster', { name: 'again' })).status).toBe(405);
});
