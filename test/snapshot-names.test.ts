import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startSimulator } from '../src/simulator/simulator.ts';
import type { Simulator } from '../src/simulator/contract.ts';
import { installationIn } from './support/installation.ts';
import { nasBackendFile } from './support/nas-backend.ts';
import { at } from './support/ontap-session.ts';

/** Snapshots of LUNs in shared FlexVols, whose names on the array are those of others. */

const folder = await mkdtemp(join(tmpdir(), 'snapshot-names-'));
let simulator: Simulator;
const { run, must } = installationIn(folder, 'state');

beforeAll(async () => {
  simulator = await startSimulator({});
  const file = nasBackendFile(folder, simulator, {
    storageDriverName: 'ontap-san-economy',
    backendName: 'luns',
    autoExportPolicy: undefined,
  });
  await must(`create backend -f ${file}`);
  await must('create storageclass any');
  await must('create volume v1 --size 1Gi --storage-class any');
});
afterAll(async () => {
  await simulator.stop();
  await rm(folder, { recursive: true, force: true });
});

const lunsOnArray = async (): Promise<number> =>
  Number(at((await simulator.call('GET', '/storage/luns')).body, 'num_records'));

it('a snapshot whose name is taken in that way is refused, and the other stays', async () => {
  await must('create snapshot v1/before-upgrade');
  const refused = await run('create snapshot v1/before_upgrade');
  expect(refused.exit).toBe(1);
  expect(refused.stderr).toContain(
    'snapshot before_upgrade of LUN trident_v1 would have the name trident_v1_snapshot_before_upgrade on the array, which snapshot before-upgrade of LUN trident_v1 has',
  );
  expect(refused.stderr).toContain('choose another name');
  expect(await lunsOnArray()).toBe(2);
  expect(await must('get snapshot -o name')).toBe('v1/before-upgrade\n');
  await must('delete snapshot v1/before-upgrade');
  await must('create snapshot v1/before_upgrade');
  expect(await must('get snapshot -o name')).toBe('v1/before_upgrade\n');
});
