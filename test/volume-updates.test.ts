import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startSimulator } from '../src/simulator/simulator.ts';
import type { Simulator } from '../src/simulator/contract.ts';
import { installationIn } from './support/installation.ts';
import { nasBackendFile } from './support/nas-backend.ts';
import { at } from './support/ontap-session.ts';

/** Whether the snapshot directory of volumes can be seen, changed after they were made. */

const folder = await mkdtemp(join(tmpdir(), 'updates-'));
let simulator: Simulator;

const { must, refused } = installationIn(folder, 'state');
const recorded = async (name: string): Promise<unknown> =>
  at(JSON.parse(await must(`get volume ${name} -o json`)), 'items', 0, 'Config', 'snapshotDirectory');
const onArray = async (query: string) => {
  const { body } = await simulator.call('GET', `/storage/volumes?${query}&fields=snapshot_directory_access_enabled`);
  const records = at(body, 'records');
  return (Array.isArray(records) ? records : []).map((record) => at(record, 'snapshot_directory_access_enabled'));
};

beforeAll(async () => {
  simulator = await startSimulator({});
  await must(`create backend -f ${nasBackendFile(folder, simulator)}`);
  await must(
    `create backend -f ${nasBackendFile(folder, simulator, { backendName: 'eco', storageDriverName: 'ontap-nas-economy', aggregate: 'aggr1_n1' })}`,
  );
  await must('create storageclass nas --storage-pools nas1:.*');
  await must('create storageclass eco --storage-pools eco:.*');
  for (const [name, storageClass] of [
    ['v1', 'nas'],
    ['v2', 'nas'],
    ['e1', 'eco'],
    ['e2', 'eco'],
  ])
    await must(`create volume ${name} --size 1Gi --storage-class ${storageClass}`);
});
afterAll(async () => {
  await simulator.stop();
  await rm(folder, { recursive: true, force: true });
});

it('is changed of a volume of its own, on the array and on record', async () => {
  expect(await onArray('name=trident_v1')).toEqual([false]);
  for (let time = 0; time < 2; time++) await must('update volume v1 --snapshot-dir true');
  expect(await onArray('name=trident_v1')).toEqual([true]);
  expect(await onArray('name=trident_v2')).toEqual([false]);
  expect([await recorded('v1'), await recorded('v2')]).toEqual(['true', 'false']);
  await must('update volume v1 --snapshot-dir false');
  expect(await onArray('name=trident_v1')).toEqual([false]);
});

it('is changed of all volumes that share a FlexVol, when that is asked for', async () => {
  expect(await refused('update volume e1 --snapshot-dir true')).toContain('pool level must be set to true');
  expect(await onArray('name=trident_qtree_pool*')).toEqual([false]);
  await must('update volume e1 --snapshot-dir true --pool-level');
  expect(await onArray('name=trident_qtree_pool*')).toEqual([true]);
  expect([await recorded('e1'), await recorded('e2')]).toEqual(['true', 'true']);
});

it('stays on record as it is when the array refuses', async () => {
  simulator.faults.add({
    when: { method: 'PATCH', path: '/api/storage/volumes/*' },
    // oxlint-disable-next-line unicorn/no-thenable -- the simulator's own word in its fault files
    then: { type: 'refuse', status: 400, code: '918703', message: 'not now' },
  });
  expect(await refused('update volume v2 --snapshot-dir true')).toContain('not now');
  simulator.faults.clear();
  expect(await recorded('v2')).toBe('false');
});

it('is refused where it cannot be changed', async () => {
  expect(await refused('update volume nothing --snapshot-dir true')).toContain('volume nothing was not found');
});
