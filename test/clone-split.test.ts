import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { driverKind } from '../src/engine/drivers/registry.ts';
import { openEngine } from '../src/engine/engine.ts';
import { driverNotes } from '../src/engine/orchestrator/driver-notes.ts';
import type { Orchestrator } from '../src/engine/orchestrator/orchestrator.ts';
import { Problem } from '../src/engine/problem.ts';
import type { Store } from '../src/engine/store/store.ts';
import { startSimulator } from '../src/simulator/simulator.ts';
import type { Simulator } from '../src/simulator/contract.ts';
import { cloneRequest, patient, storageClass, volumeRequest } from './support/lab.ts';
import { nasBackend } from './support/nas-backend.ts';
import { openTestStore } from './support/sqlite-store.ts';

/** `cloneSplitDelay` counts from the first refusal, whichever process met it; each step here is a process of its own. */

let simulator: Simulator;
let directory: string;
let now = Date.now();

beforeAll(async () => {
  simulator = await startSimulator({});
  directory = mkdtempSync(join(tmpdir(), 'tridentctl-split-'));
});
afterAll(async () => {
  await simulator.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** A process that lives as long as `action`. */
const withProcess = async <T>(action: (orchestrator: Orchestrator, store: Store) => Promise<T>): Promise<T> => {
  await using store = await openTestStore(directory);
  await using engine = await openEngine({
    store,
    driverKind,
    context: 'direct',
    version: '26.06.0',
    hostName: 'host',
    now: () => new Date(now),
  });
  return await action(engine.orchestrator, store);
};

const removeSnapshot = () =>
  withProcess(async ({ snapshots }) => {
    try {
      await snapshots.remove('v1', 's1', patient);
      return 'gone';
    } catch (error) {
      if (Problem.is(error)) return error.hint ?? error.message;
      throw error;
    }
  });

const notes = () => withProcess(async (_orchestrator, store) => (await store.list('driverNote')).length);

test('a clone that holds a snapshot is split off by a later process, when the delay is over', async () => {
  await withProcess(async (orchestrator) => {
    await orchestrator.backends.add({ ...nasBackend(simulator), cloneSplitDelay: '3600' }, patient);
    await orchestrator.storageClasses.add(storageClass('any'));
    await orchestrator.volumes.create(volumeRequest('v1'), patient);
    await orchestrator.snapshots.create({ volume: 'v1', name: 's1', version: '' }, patient);
    await orchestrator.volumes.clone(cloneRequest('c1', 'v1', { snapshot: 's1' }), patient);
  });
  expect(await removeSnapshot()).toContain('delete the clones, split them');
  expect(await notes()).toBe(1);
  now += 3_599_000;
  expect(await removeSnapshot()).toContain('delete the clones, split them');
  now += 2_000;
  expect(await removeSnapshot()).toMatch(/clone \S*c1 is being split off; repeat the deletion later/);
  await expect.poll(removeSnapshot).toBe('gone');
  // With the snapshot its clock is gone.
  expect(await notes()).toBe(0);
});

test('what is left of clocks goes with their backend', async () => {
  await withProcess(async ({ backends, volumes }, store) => {
    const [backend] = await store.list('backend');
    await driverNotes(store, backend?.value.uuid ?? '').put('clone-split/of a snapshot/that nobody deleted', 'x');
    for (const name of ['c1', 'v1']) await volumes.remove(name, patient);
    await backends.remove(backend?.value.name ?? '', patient);
  });
  expect(await notes()).toBe(0);
});
