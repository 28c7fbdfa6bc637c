import { Agent, request } from 'undici';
import { afterEach, expect, it } from 'vitest';
import { defaultTopology, type UserTopology } from '../../src/simulator/core/topology.ts';
import type { SimulatorOptions } from '../../src/simulator/contract.ts';
import { at, openOntapSession, textAt, type OntapSession } from '../support/ontap-session.ts';

/** Who is let in, and what each role may do. */

const users: readonly UserTopology[] = [
  { name: 'admin', role: 'admin', token: 'cluster-token' },
  { name: 'watcher', role: 'readonly' },
  { name: 'vsadmin', role: 'vsadmin', svm: 'svm0', token: 'svm-token' },
  { name: 'volumes', role: 'vsadmin-volume', svm: 'svm0' },
  { name: 'reader', role: 'vsadmin-readonly', svm: 'svm0' },
  { name: 'gone', role: 'vsadmin', svm: 'svm0', locked: true },
];

let array: OntapSession;
const start = async (options: SimulatorOptions = {}) => {
  array = await openOntapSession({ topology: { users }, ...options });
};
afterEach(() => array.close());

const withHeader = async (authorization: string): Promise<unknown[]> => {
  const dispatcher = new Agent({ connect: { ca: array.simulator.certificate } });
  const answer = await request(`${array.simulator.url}/api/svm/svms`, { dispatcher, headers: { authorization } });
  const body: unknown = await answer.body.json();
  await dispatcher.close();
  return [answer.statusCode, at(body, 'num_records'), at(body, 'error', 'code')];
};

const volume = (name: string) => ({ name, svm: { name: 'svm0' }, aggregates: [{ name: 'aggr1_n1' }] });

it('takes bearer tokens, of the topology and of the options', async () => {
  await start({ tokens: { watcher: 'watch-token' } });
  expect(await withHeader('Bearer cluster-token')).toEqual([200, 2, undefined]);
  expect(await withHeader('bearer watch-token')).toEqual([200, 2, undefined]);
  expect(await withHeader('Bearer svm-token')).toEqual([200, 1, undefined]);
  for (const wrong of ['Bearer cluster', 'Bearer', 'Bearer  ', 'Digest cluster-token'])
    expect(await withHeader(wrong)).toEqual([401, undefined, '6691623']);
  expect(array.simulator.user('admin').token).toBe('cluster-token');
  array.simulator.reconfigure({ version: '9.13.1' });
  expect(await withHeader('Bearer cluster-token')).toEqual([401, undefined, '6691623']);
});

it('turns locked users away, however they come, and lets them in again', async () => {
  await start();
  const { password } = array.simulator.user('gone');
  expect(password).not.toBe('');
  const enter = async (user: string) => (await array.sendAs(user, 'GET', '/storage/volumes')).status;
  expect(await enter('gone')).toBe(401);
  array.simulator.accounts.setLocked('gone', false);
  expect(await enter('gone')).toBe(200);
  array.simulator.accounts.setLocked('vsadmin', true);
  expect([await enter('vsadmin'), array.simulator.user('vsadmin').locked]).toEqual([401, true]);
  expect(await withHeader('Bearer svm-token')).toEqual([401, undefined, '6691623']);
  array.simulator.accounts.setLocked('admin', true);
  expect((await array.simulator.call('GET', '/cluster')).status).toBe(200);
  expect(() => array.simulator.accounts.setLocked('nobody', true)).toThrow('nobody');
});

it('does not take a password that has been changed', async () => {
  await start();
  const basic = (password: string) => `Basic ${Buffer.from(`vsadmin:${password}`).toString('base64')}`;
  const { password } = array.simulator.user('vsadmin');
  expect((await withHeader(basic(password)))[0]).toBe(200);
  array.simulator.accounts.setPassword('vsadmin', 'another');
  expect((await withHeader(basic(password)))[0]).toBe(401);
  expect((await withHeader(basic('another')))[0]).toBe(200);
  expect(array.simulator.user('vsadmin').password).toBe('another');
});

it('lets each role do what is its own', async () => {
  await start();
  const may = async (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown) => {
    const allowed: string[] = [];
    for (const { name } of users.slice(0, 5)) {
      const reply = await array.sendAs(name, method, path, body);
      if (reply.status !== 403) allowed.push(name);
      else expect(at(reply.body, 'error')).toEqual({ message: 'not authorized for that command', code: '6' });
    }
    return allowed;
  };
  const everybody = ['admin', 'watcher', 'vsadmin', 'volumes', 'reader'];
  expect(await may('GET', '/storage/volumes')).toEqual(everybody);
  expect(await may('GET', '/cluster?fields=version')).toEqual(everybody);
  expect(await may('GET', '/snapmirror/relationships')).toEqual(everybody);
  expect(await may('GET', '/storage/aggregates')).toEqual(['admin', 'watcher']);
  const keepers = ['admin', 'vsadmin', 'volumes'];
  expect(await may('POST', '/storage/volumes', volume('v1'))).toEqual(keepers);
  expect(await may('DELETE', '/storage/volumes?name=v1')).toEqual(keepers);
  expect(await may('POST', '/protocols/nfs/export-policies', { name: 'p1', svm: { name: 'svm0' } })).toEqual(keepers);
  expect(await may('POST', '/storage/luns', {})).toEqual(keepers);
  expect(await may('POST', '/private/cli/volume/recovery-queue/purge', {})).toEqual(keepers);
  expect(await may('POST', '/snapmirror/relationships', {})).toEqual(['admin', 'vsadmin']);
  expect(await may('PATCH', '/svm/svms?name=svm0', { comment: 'x' })).toEqual(['admin', 'vsadmin']);
  expect(await may('PATCH', '/cluster', { contact: 'x' })).toEqual(['admin']);
});

it('shows the cluster to users of an SVM as far as they need it', async () => {
  await start();
  const reply = await array.sendAs('vsadmin', 'GET', '/cluster?fields=**');
  expect(Object.keys(Object(reply.body)).sort()).toEqual(
    ['_links', 'disaggregated', 'name', 'san_optimized', 'uuid', 'version'].sort(),
  );
  expect(textAt(reply.body, 'version', 'full')).toContain('9.17.1');
});

it('refuses a role without its SVM, and an SVM without such a role', async () => {
  await start();
  const wrong = (user: UserTopology) => openOntapSession({ topology: { ...defaultTopology, users: [user] } });
  await expect(wrong({ name: 'a', role: 'vsadmin' })).rejects.toThrow('users.0.role: "vsadmin"');
  await expect(wrong({ name: 'a', role: 'readonly', svm: 'svm0' })).rejects.toThrow('users.0.role: "readonly"');
});
