import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSimulator } from '../src/simulator/simulator.ts';
import type { Simulator } from '../src/simulator/contract.ts';
import { exportRulesOn } from './support/export-rules.ts';
import { type Installation, installationIn } from './support/installation.ts';
import { nasBackendFile } from './support/nas-backend.ts';
import { at, textAt } from './support/ontap-session.ts';

/** The export policy of shared FlexVols: whose rules are in it, and who may take which away. */

const folder = await mkdtemp(join(tmpdir(), 'repair-economy-'));
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

const one = installationIn(folder, 'one');

const furnish = async ({ must }: Installation, nodes: Readonly<Record<string, string>>): Promise<string> => {
  const file = nasBackendFile(folder, simulator, { storageDriverName: 'ontap-nas-economy', backendName: 'eco' });
  await must(`create backend -f ${file}`);
  await must('create storageclass any');
  for (const [name, ip] of Object.entries(nodes)) await must(`create node ${name} --ip ${ip}`);
  const backend: unknown = JSON.parse(await must('get backend eco -o json'));
  return `trident-${textAt(backend, 'items', 0, 'backendUUID')}`;
};
const volumeOn = async ({ must }: Installation, volume: string, node: string) => {
  await must(`create volume ${volume} --size 1Gi --storage-class any --access-mode ReadWriteMany`);
  await must(`publish volume ${volume} ${node}`);
};
const repair = async ({ must }: Installation, more = ''): Promise<unknown> =>
  at(JSON.parse(await must(`repair access --backend eco${more} -o json`)), 'items');
/** Where the qtrees of a FlexVol with this policy lie. */
const flexVolsOn = async (policy: string): Promise<number> => {
  const { body } = await simulator.call('GET', `/storage/volumes?nas.export_policy.name=${policy}`);
  return Number(at(body, 'num_records'));
};

describe('repair access of shared FlexVols', () => {
  let own = '';
  /** As users write rules: of the same form as ours. */
  const users = '10.9.9.9';
  const left = () => ({ change: `rule for ${users} in export policy ${own} of shared FlexVols`, state: 'left alone' });

  it('finds nothing to do where nothing has drifted', async () => {
    own = await furnish(one, { n1: '10.0.0.1', n2: '10.0.0.2' });
    await volumeOn(one, 'v1', 'n1');
    await volumeOn(one, 'v2', 'n2');
    expect(await rules.list(own)).toEqual(['10.0.0.1', '10.0.0.2']);
    expect(await repair(one)).toEqual([]);
  });

  it('leaves a rule of a user for one address, and names it', async () => {
    await rules.add(own, users);
    await rules.add(own, '172.16.0.0/12');
    const network = {
      change: `rule for 172.16.0.0/12 in export policy ${own} of shared FlexVols`,
      state: 'left alone',
    };
    expect(await repair(one, ' --dry-run')).toEqual([left(), network]);
    expect(await repair(one)).toEqual([left(), network]);
    await rules.remove(own, '172.16.0.0/12');
    expect(await rules.list(own)).toEqual(['10.0.0.1', '10.0.0.2', users]);
  });

  it('brings back a rule that is missing', async () => {
    await rules.remove(own, '10.0.0.1');
    expect(await repair(one)).toEqual([
      { change: `add to export policy ${own} of shared FlexVols: 10.0.0.1`, state: 'done' },
      left(),
    ]);
    expect(await rules.list(own)).toEqual(['10.0.0.1', '10.0.0.2', users]);
  });

  it('removes a rule that ours wrote and nobody needs', async () => {
    await one.must('unpublish volume v2 n2');
    expect(await rules.list(own)).toContain('10.0.0.2');
    expect(await repair(one)).toEqual([
      { change: `remove 10.0.0.2 from export policy ${own} of shared FlexVols`, state: 'done' },
      left(),
    ]);
    expect(await rules.list(own)).toEqual(['10.0.0.1', users]);
  });

  it('removes the address that a node had before, and keeps what it has on record over an update of the backend', async () => {
    await one.must(`update backend eco -f ${join(folder, `backend-${simulator.port}.json`)}`);
    await one.must('create node n1 --ip 10.0.0.7');
    expect(await rules.list(own)).toEqual(['10.0.0.7', users]);
  });

  it('leaves a rule that was there before a node of the same address was let in', async () => {
    await one.must(`create node n9 --ip ${users}`);
    await one.must('publish volume v2 n9');
    expect(await repair(one)).toEqual([]);
    await one.must('unpublish volume v2 n9');
    expect(await repair(one)).toEqual([left()]);
    expect(await rules.list(own)).toEqual(['10.0.0.7', users]);
  });

  it("takes a rule for a user's that a user has written anew", async () => {
    await one.must('publish volume v2 n2');
    await one.must('unpublish volume v2 n2');
    await rules.remove(own, '10.0.0.2');
    // The record is put right by a look at the array, whoever asks for it.
    expect(await repair(one)).toEqual([left()]);
    await rules.add(own, '10.0.0.2');
    expect(await repair(one)).toEqual([
      left(),
      { change: `rule for 10.0.0.2 in export policy ${own} of shared FlexVols`, state: 'left alone' },
    ]);
    await rules.remove(own, '10.0.0.2');
  });

  it('empties nothing when the last volume is unpublished and its node deleted', async () => {
    await one.must('unpublish volume v1 n1');
    await one.must('delete node n1');
    expect(await repair(one)).toEqual([]);
    expect(await rules.list(own)).toEqual(['10.0.0.7', users]);
  });

  it('is followed by deletions that leave what users wrote', async () => {
    for (const volume of ['v1', 'v2']) await one.must(`delete volume ${volume}`);
    const { exit, stderr } = await one.run('delete backend eco -v');
    expect({ exit, stderr }).toMatchObject({
      exit: 0,
      stderr: expect.stringContaining(
        `export policy ${own} of shared FlexVols has rules that are not on record as ours, and stays: ${users}`,
      ),
    });
    expect(await rules.list(own)).toEqual([users]);
    expect(await flexVolsOn(own)).toBeGreaterThan(0);
  });
});

describe('two installations on one SVM with one prefix', () => {
  const [three, four] = [installationIn(folder, 'three'), installationIn(folder, 'four')];
  let [first, second] = ['', ''];

  it('have a policy each, and FlexVols each', async () => {
    first = await furnish(three, { n1: '10.1.0.1' });
    second = await furnish(four, { m1: '10.2.0.1' });
    await volumeOn(three, 'a1', 'n1');
    await volumeOn(four, 'b1', 'm1');
    expect([await rules.list(first), await rules.list(second)]).toEqual([['10.1.0.1'], ['10.2.0.1']]);
    for (const policy of [first, second]) expect(await flexVolsOn(policy)).toBeGreaterThan(0);
    for (const each of [three, four]) expect(await repair(each)).toEqual([]);
  });

  it('do not take rules from each other where one passes on the policy of the other', async () => {
    // The rule of the other as it writes it for a volume of its own that lies in a FlexVol of the first.
    await rules.add(first, '10.2.0.1');
    expect(await repair(three)).toEqual([
      { change: `rule for 10.2.0.1 in export policy ${first} of shared FlexVols`, state: 'left alone' },
    ]);
    expect(await repair(four)).toEqual([]);
    expect(await rules.list(first)).toEqual(['10.1.0.1', '10.2.0.1']);
  });

  it('leave the policy of the other when one is gone', async () => {
    await four.must('unpublish volume b1 m1');
    await four.must('delete volume b1');
    await four.must('delete backend eco');
    expect(await rules.list(first)).toEqual(['10.1.0.1', '10.2.0.1']);
    expect(await flexVolsOn(second)).toBe(0);
    const { body } = await simulator.call('GET', `/protocols/nfs/export-policies?name=${second}`);
    expect(at(body, 'num_records')).toBe(0);
  });
});

it('unpublishes a volume whose export policy a user has given another qtree', async () => {
  const five = installationIn(folder, 'five');
  await furnish(five, { n1: '10.0.0.1' });
  await volumeOn(five, 'shared', 'n1');
  const { body } = await simulator.call('GET', '/storage/qtrees?name=trident_shared&fields=volume.uuid');
  const mine = { volume: { uuid: textAt(body, 'records', 0, 'volume', 'uuid') }, svm: { name: 'svm0' } };
  await simulator.call('POST', '/storage/qtrees', { ...mine, name: 'mine', export_policy: { name: 'trident_shared' } });

  expect(await five.run('unpublish volume shared n1')).toMatchObject({ exit: 0 });
  const after = await simulator.call('GET', '/storage/qtrees?name=trident_shared&fields=export_policy.name');
  expect(textAt(after.body, 'records', 0, 'export_policy', 'name')).toBe('trident_empty');
});
