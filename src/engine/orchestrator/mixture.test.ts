import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  cloneRequest,
  endOf,
  expectAgreement,
  furnish,
  openLabEngine,
  patient,
  volumeRequest,
} from '../../../test/support/lab.ts';
import { labPool, openLabArray } from '../../../test/support/lab-driver.ts';
import { seededRandom } from '../../../test/support/seeded-random.ts';
import { openTestStore } from '../../../test/support/sqlite-store.ts';
import type { Orchestrator } from './orchestrator.ts';

/** Anything at once, from two engines over one state directory, on few objects: no deadlock, no disagreement. */

const labConfig = { version: 1, storageDriverName: 'lab', backendName: 'lab' };

/** Whole numbers below `n` that a seed fixes. */
const newDice = (seed: number): ((n: number) => number) => {
  const random = seededRandom(seed);
  return (n) => Math.floor(random() * n);
};

const actions: readonly ((core: Orchestrator, volume: string, node: string) => Promise<unknown>)[] = [
  (core, volume) => core.volumes.create(volumeRequest(volume), patient),
  (core, volume) => core.volumes.create(volumeRequest(volume), patient),
  (core, volume) => core.volumes.remove(volume, patient),
  (core, volume) => core.volumes.resize(volume, '2Gi', patient),
  (core, volume) => core.snapshots.create({ volume, name: 's1', version: '' }, patient),
  (core, volume) => core.snapshots.remove(volume, 's1', patient),
  (core, volume) => core.snapshots.restore(volume, 's1', patient),
  (core, volume, node) => core.publications.publish({ volume, node, readOnly: false, accessMode: 0 }, patient),
  (core, volume, node) => core.publications.publish({ volume, node, readOnly: false, accessMode: 0 }, patient),
  (core, volume, node) => core.publications.unpublish(volume, node, patient),
  (core, volume) => core.volumes.clone(cloneRequest(`${volume}x`, volume), patient),
  (core) => core.backends.update('lab', labConfig, patient),
  (core) => core.poll(patient),
  (core) => core.operations.recover(patient),
];

it.each([1, 2, 3])('a mixture of everything leaves records and array in agreement (seed %i)', async (seed) => {
  const directory = await mkdtemp(join(tmpdir(), 'mixture-'));
  const array = openLabArray({ pools: [labPool('p1')], enforcesAccess: true, now: () => new Date() });
  {
    await using storeA = await openTestStore(directory);
    await using storeB = await openTestStore(directory);
    await using a = await openLabEngine(storeA, array);
    await using b = await openLabEngine(storeB, array);
    await furnish(a.orchestrator);
    const dice = newDice(seed);
    const faults = newDice(seed + 100);
    array.fault = () => (faults(40) === 0 ? 'lost' : faults(40) === 0 ? 'refused' : undefined);
    const worker = async (core: Orchestrator): Promise<readonly string[]> => {
      const ends: string[] = [];
      for (let round = 0; round < 25; round++) {
        const action = actions[dice(actions.length)];
        if (action !== undefined) ends.push(await endOf(action(core, `v${dice(4)}`, `n${1 + dice(2)}`)));
      }
      return ends;
    };
    const workers = Array.from({ length: 8 }, (_, index) => worker(index % 2 === 0 ? a.orchestrator : b.orchestrator));
    const ends = (await Promise.all(workers)).flat();
    expect(ends).toContain('done');
    expect(ends).not.toContain('bug');
    array.fault = undefined;
    await a.orchestrator.poll(patient);
    await b.orchestrator.poll(patient);
    await expectAgreement(a.orchestrator, array);
  }
  await rm(directory, { recursive: true });
});
