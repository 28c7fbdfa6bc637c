import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSimulator, type Simulator } from '../src/simulator/simulator.ts';
import { nasBackendFile } from './support/nas-backend.ts';
import { at, textAt } from './support/ontap-session.ts';
import { runCli } from './support/run-cli.ts';

/** Access rules that drifted on the array, and two installations of the program on one SVM with one prefix. */

const folder = await mkdtemp(join(tmpdir(), 'repair-'));
let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator({});
});
afterAll(async () => {
  await simulator.stop();
  await rm(folder, { recursive: true, force: true });
});

/** An installation of the program with its own state. */
const installation = (name: string) => {
  const environment = { HOME: folder, TRIDENT_STATE_DIR: join(folder, name) };
  const run = (line: string) => runCli(line.split(' '), { directory: folder, environment });
  const must = async (line: string) => {
    const result = await run(line);
    if (result.exit !== 0) throw new Error(`${line}: ${result.stderr}`);
    return result.stdout;
  };
  return { run, must };
};

/** A name that is an export policy, its rules and the volumes on it, as the array has them. */
const policyOf = async (volume: string) => {
  const { body } = await simulator.call('GET', `/storage/volumes?name=${volume}&fields=nas.export_policy.name,uuid`);
  return { name: textAt(body, 'records', 0, 'nas', 'export_policy', 'name'), uuid: textAt(body, 'records', 0, 'uuid') };
};
const policyPath = async (name: string) => {
  const { body } = await simulator.call('GET', `/protocols/nfs/export-policies?svm.name=svm0&name=${name}`);
  return `/protocols/nfs/export-policies/${String(at(body, 'records', 0, 'id'))}`;
};
const rulesOf = async (name: string): Promise<readonly string[]> => {
  const { body } = await simulator.call('GET', `${await policyPath(name)}/rules?fields=clients`);
  const records = at(body, 'records');
  return (Array.isArray(records) ? records : []).map((rule) => textAt(rule, 'clients', 0, 'match')).toSorted();
};
const clearRules = async (name: string) => {
  const path = await policyPath(name);
  const { body } = await simulator.call('GET', `${path}/rules`);
  const records = at(body, 'records');
  for (const rule of Array.isArray(records) ? records : [])
    await simulator.call('DELETE', `${path}/rules/${String(at(rule, 'index'))}`);
};
const addRule = async (name: string, match: string) =>
  simulator.call('POST', `${await policyPath(name)}/rules`, {
    clients: [{ match }],
    ro_rule: ['any'],
    rw_rule: ['any'],
  });

const furnish = async ({ must }: ReturnType<typeof installation>, node: string, ip: string) => {
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

  it('shows what it would do, and does nothing', async () => {
    await clearRules(volume);
    const before = simulator.requests.list().filter(({ method }) => method !== 'GET').length;
    const answer = await one.must('repair access --backend nas1 --dry-run -o json');
    expect(JSON.parse(answer)).toEqual({
      items: [{ change: `add 10.0.0.1 to export policy ${volume}`, state: 'planned' }],
    });
    expect(simulator.requests.list().filter(({ method }) => method !== 'GET')).toHaveLength(before);
    expect(await rulesOf(volume)).toEqual([]);
  });

  it('adds a rule that is missing, and leaves a foreign one', async () => {
    await addRule(volume, '172.16.0.0/12');
    await addRule(volume, '10.9.9.9');
    expect(await one.must('repair access --backend nas1 -o name')).toBe(`add 10.0.0.1 to export policy ${volume}\n`);
    expect(await rulesOf(volume)).toEqual(['10.0.0.1', '10.9.9.9', '172.16.0.0/12']);
    expect(await one.must('get operation -o json')).toContain('"access.repair"');
  });

  it('gives a volume back its policy, and makes one that is gone', async () => {
    const { uuid } = await policyOf(volume);
    await simulator.call('PATCH', `/storage/volumes/${uuid}`, { nas: { export_policy: { name: 'default' } } });
    await simulator.call('DELETE', await policyPath(volume));
    const done = await one.must('repair access --backend nas1 -o name');
    expect(done.trim().split('\n')).toEqual([
      `create export policy ${volume} with 10.0.0.1`,
      `assign export policy ${volume} to volume ${volume}`,
    ]);
    expect((await policyOf(volume)).name).toBe(volume);
    expect(await rulesOf(volume)).toEqual(['10.0.0.1']);
  });

  it('removes the address that a node no longer has, after it added the new one', async () => {
    await one.must('create node n1 --ip 10.0.0.7');
    expect(await rulesOf(volume)).toEqual(['10.0.0.7']);
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
    expect(await rulesOf(shared)).toEqual(['10.0.0.7']);
    expect(await rulesOf('trident_w1')).toEqual(['10.0.1.1']);
  });

  it('do not take the rules of the other from a volume that both have', async () => {
    // The rule of the other installation, as it writes it when it has the volume on record, too.
    await addRule(shared, '10.0.1.1');
    await one.must('create node m1 --ip 10.0.1.1');
    expect(await one.must('repair access --backend nas1 -o name')).toBe('');
    await one.must('unpublish volume v1 n1');
    expect(await rulesOf(shared)).toEqual(['10.0.1.1']);
    expect((await policyOf(shared)).name).toBe(shared);
  });

  it('share the policy that nobody gets in by, and neither removes it', async () => {
    await two.must('unpublish volume w1 m1');
    await two.must('delete volume w1');
    await two.must('delete backend nas1');
    await one.must('create volume v2 --size 1Gi --storage-class any');
    expect((await policyOf('trident_v2')).name).toBe('trident_empty');
    expect(await rulesOf('trident_empty')).toEqual([]);
  });
});
