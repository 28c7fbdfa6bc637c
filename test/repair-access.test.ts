import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSimulator } from '../src/simulator/simulator.ts';
import type { Simulator } from '../src/simulator/contract.ts';
import { exportRulesOn } from './support/export-rules.ts';
import { type Installation, installationIn } from './support/installation.ts';
import { nasBackendFile } from './support/nas-backend.ts';
import { textAt } from './support/ontap-session.ts';

/** Access rules that drifted on the array, and two installations of the program on one SVM with one prefix. */

const folder = await mkdtemp(join(tmpdir(), 'repair-'));
let simulator: Simulator;
let rules: ReturnType<typeof exportRulesOn>;

beforeAll(async () => {
  simulator = await startSimulator({});
  rules = exportRulesOn(simulator);
});
afterAll(async () => {
  await simulator.stop();
  await rm(folder, { recursive: true, force: true });
});

const installation = (name: string) => installationIn(folder, name);

/** The export policy that a volume has on the array. */
const policyOf = async (volume: string) => {
  const { body } = await simulator.call('GET', `/storage/volumes?name=${volume}&fields=nas.export_policy.name,uuid`);
  return { name: textAt(body, 'records', 0, 'nas', 'export_policy', 'name'), uuid: textAt(body, 'records', 0, 'uuid') };
};
const furnish = async ({ must }: Installation, node: string, ip: string) => {
  await must(`create backend -f ${nasBackendFile(folder, simulator)}`);
  await must('create storageclass any');
  await must(`create node ${node} --ip ${ip}`);
};

describe('repair access', () => {
  const one = installation('one');
  const volume = 'trident_v1';

  it('finds nothing to do where nothing has drifted', async () => {
    await furnish(one, 'n1', '10.0.0.1');
    await one.must('create volume v1 --size 1Gi --storage-class any --access-mode ReadWriteMany');
    await one.must('publish volume v1 n1');
    expect(await one.run('repair access --backend nas1 -v')).toMatchObject({
      exit: 0,
      stderr: expect.stringContaining('note: access of backend nas1 is in order\n'),
    });
  });

  it('makes no policy for a volume that is gone', async () => {
    await one.must('create volume gone --size 1Gi --storage-class any');
    await one.must('publish volume gone n1');
    await simulator.call('DELETE', `/storage/volumes/${(await policyOf('trident_gone')).uuid}`);
    await simulator.call('DELETE', await rules.pathOf('trident_gone'));
    expect(JSON.parse(await one.must('repair access --backend nas1 -o json'))).toEqual({ items: [] });
    await one.must('unpublish volume gone n1');
    await one.must('delete volume gone');
  });

  it('shows what it would do, and does nothing', async () => {
    await rules.remove(volume, undefined);
    const before = simulator.requests.list().filter(({ method }) => method !== 'GET').length;
    const answer = await one.must('repair access --backend nas1 --dry-run -o json');
    expect(JSON.parse(answer)).toEqual({
      items: [{ change: `add 10.0.0.1 to export policy ${volume}`, state: 'planned' }],
    });
    expect(simulator.requests.list().filter(({ method }) => method !== 'GET')).toHaveLength(before);
    expect(await rules.list(volume)).toEqual([]);
  });

  it('adds a rule that is missing, and leaves a foreign one', async () => {
    await rules.add(volume, '172.16.0.0/12');
    await rules.add(volume, '10.9.9.9');
    expect(await one.must('repair access --backend nas1 -o name')).toBe(`add 10.0.0.1 to export policy ${volume}\n`);
    expect(await rules.list(volume)).toEqual(['10.0.0.1', '10.9.9.9', '172.16.0.0/12']);
    expect(await one.must('get operation -o json')).toContain('"access.repair"');
  });

  it('gives a volume back its policy, and makes one that is gone', async () => {
    const { uuid } = await policyOf(volume);
    await simulator.call('PATCH', `/storage/volumes/${uuid}`, { nas: { export_policy: { name: 'default' } } });
    await simulator.call('DELETE', await rules.pathOf(volume));
    const done = await one.must('repair access --backend nas1 -o name');
    expect(done.trim().split('\n')).toEqual([
      `create export policy ${volume} with 10.0.0.1`,
      `assign export policy ${volume} to volume ${volume}`,
    ]);
    expect((await policyOf(volume)).name).toBe(volume);
    expect(await rules.list(volume)).toEqual(['10.0.0.1']);
  });

  it('removes the address that a node no longer has, after it added the new one', async () => {
    for (const ip of ['10.0.0.7', '10.0.0.8', '10.0.0.9', '10.0.0.7']) {
      await one.must(`create node n1 --ip ${ip}`);
      expect(await rules.list(volume)).toEqual([ip]);
    }
  });

  it('takes for its own no rule that somebody wrote for an address from which the node has moved on', async () => {
    await rules.add(volume, '10.0.0.8');
    expect(await one.must('repair access --backend nas1 -o name')).toBe('');
    expect(await rules.list(volume)).toEqual(['10.0.0.7', '10.0.0.8']);
    await rules.remove(volume, '10.0.0.8');
  });

  it('leaves nothing of a node that moved when its volume is unpublished', async () => {
    await one.must('create volume moved --size 1Gi --storage-class any --access-mode ReadWriteMany');
    await one.must('publish volume moved n1');
    await one.must('create node n1 --ip 10.0.0.8');
    await one.must('create node n1 --ip 10.0.0.7');
    await one.must('unpublish volume moved n1');
    expect((await policyOf('trident_moved')).name).toBe('trident_empty');
    expect(await rules.list('trident_moved')).toEqual([]);
    await one.must('delete volume moved');
  });

  it('refuses a backend that is not there, and one that cannot be asked', async () => {
    expect(await one.run('repair access --backend nas9')).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining('backend nas9 was not found'),
    });
    expect(await one.run('repair access')).toMatchObject({ exit: 1, stderr: expect.stringContaining('backend') });
    await one.must('update backend state nas1 --state failed');
    expect(await one.run('repair access --backend nas1')).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining('backend nas1 is not Online'),
    });
    await one.must(`update backend nas1 -f ${nasBackendFile(folder, simulator)}`);
  });
});

describe('two installations on one SVM with one prefix', () => {
  const one = installation('one');
  const two = installation('two');
  const shared = 'trident_v1';

  it('each keep their own volumes', async () => {
    await furnish(two, 'm1', '10.0.1.1');
    expect(await two.run('create volume v1 --size 1Gi --storage-class any')).toMatchObject({ exit: 1 });
    await two.must('create volume w1 --size 1Gi --storage-class any --access-mode ReadWriteMany');
    await two.must('publish volume w1 m1');
    for (const installed of [one, two]) expect(await installed.must('repair access --backend nas1 -o name')).toBe('');
    expect(await rules.list(shared)).toEqual(['10.0.0.7']);
    expect(await rules.list('trident_w1')).toEqual(['10.0.1.1']);
  });

  it('do not take the rules of the other from a volume that both have', async () => {
    // The rule of the other installation, as it writes it when it has the volume on record, too.
    await rules.add(shared, '10.0.1.1');
    await one.must('create node m1 --ip 10.0.1.1');
    expect(await one.must('repair access --backend nas1 -o name')).toBe('');
    await one.must('unpublish volume v1 n1');
    expect(await rules.list(shared)).toEqual(['10.0.1.1']);
    expect((await policyOf(shared)).name).toBe(shared);
  });

  it('share the policy that nobody gets in by, and neither removes it', async () => {
    await two.must('unpublish volume w1 m1');
    await two.must('delete volume w1');
    await two.must('delete backend nas1');
    await one.must('create volume v2 --size 1Gi --storage-class any');
    expect((await policyOf('trident_v2')).name).toBe('trident_empty');
    expect(await rules.list('trident_empty')).toEqual([]);
  });
});
