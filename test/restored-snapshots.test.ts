import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Simulator } from '../src/simulator/contract.ts';
import { startSimulator } from '../src/simulator/simulator.ts';
import { installationIn } from './support/installation.ts';
import { nasBackendFile } from './support/nas-backend.ts';

/** What becomes of the snapshots of a volume that were taken after the one that it is set back to. */

const folder = await mkdtemp(join(tmpdir(), 'restored-'));
let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({});
});
afterAll(async () => {
  await simulator.stop();
  await rm(folder, { recursive: true, force: true });
});

describe.each([
  ['ontap-nas', ['v/s1'], '1Gi'],
  ['ontap-nas-flexgroup', ['v/s1'], '900Gi'],
  ['ontap-san', ['v/s1'], '1Gi'],
  // Their snapshots are LUNs of their own.
  ['ontap-san-economy', ['v/s1', 'v/s2', 'v/s3'], '1Gi'],
])('with %s', (storageDriverName, left, size) => {
  it('records and array agree on which are left, and those can be used', async () => {
    const { must } = installationIn(folder, storageDriverName);
    const exports = storageDriverName.includes('nas');
    const storagePrefix = storageDriverName.replaceAll('-', '_').concat('_');
    await must(
      `create backend -f ${nasBackendFile(folder, simulator, { storageDriverName, storagePrefix, autoExportPolicy: exports })}`,
    );
    await must('create storageclass any');
    await must(`create volume v --size ${size} --storage-class any`);
    for (const name of ['s1', 's2', 's3']) {
      await must(`create snapshot v/${name}`);
      simulator.clock.advance(60_000);
    }
    await must('restore snapshot v/s1');
    expect((await must('get snapshot -o name')).trim().split('\n')).toEqual(left);
    for (const id of left) await must(`restore snapshot ${id}`);
    for (const id of left) await must(`delete snapshot ${id}`);
    await must('delete volume v');
    await must('delete backend nas1');
  });
});
