import * as fc from 'fast-check';
import { expect } from 'vitest';
import { defaultTopology, type Personality } from '../../src/simulator/core/topology.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator } from '../../src/simulator/contract.ts';
import { at } from './ontap-session.ts';
import { propertyRuns } from './property-runs.ts';

/** A step looks up what it changes, as clients do; what is not there is asked for all the same. */
export type Step = (array: Simulator) => Promise<number>;

export const recordsOf = async (array: Simulator, path: string): Promise<readonly unknown[]> => {
  const records = at((await array.call('GET', path)).body, 'records');
  return Array.isArray(records) ? records : [];
};

export const uuidAt = async (array: Simulator, path: string): Promise<string> =>
  String(at((await recordsOf(array, path))[0], 'uuid') ?? '00000000-0000-4000-8000-000000000000');

export const one = async (array: Simulator, collection: string, name: string): Promise<string> =>
  `${collection}/${await uuidAt(array, `${collection}?name=${name}`)}`;

export const send =
  (method: string, path: (array: Simulator) => Promise<string>, body?: unknown): Step =>
  async (array) =>
    (await array.call(method, await path(array), body)).status;

export const fixed = (path: string) => () => Promise.resolve(path);

export const snapshotIn = (collection: string, name: string, snapshot: string) => async (array: Simulator) => {
  const parent = await one(array, collection, name);
  return one(array, `${parent}/snapshots`, snapshot);
};

export const snapshotName = fc.constantFrom('s1', 's2');

/** Runs sequences of steps, after those that come first; gives back the statuses that were answered. */
export const holdsUnder = async (
  personality: Personality,
  { first, step }: { readonly first?: readonly Step[]; readonly step: fc.Arbitrary<Step> },
  check: (array: Simulator) => Promise<void>,
) => {
  const done = new Set<number>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 20, maxLength: 60 }),
      fc.integer({ min: 0, max: 2 }),
      async (steps, minMs) => {
        const array = await startSimulator({
          clock: { frozenAt: new Date('2026-01-01T00:00:00Z') },
          topology: { cluster: { ...defaultTopology.cluster, personality } },
          jobs: { duration: { minMs, maxMs: minMs * 2 } },
        });
        try {
          for (const each of [...(first ?? []), ...steps]) {
            const status = await each(array);
            expect(status).not.toBe(500);
            done.add(status);
            // Jobs of different length end in another order than they began.
            array.clock.advance(1);
          }
          array.clock.advance(60_000);
          array.world.verify();
          // What fails inside a job fails nowhere else.
          expect(await recordsOf(array, '/cluster/jobs?code=262145&fields=message,description')).toEqual([]);
          await check(array);
          const saved = array.dump();
          array.restore(saved);
          expect(array.dump()).toBe(saved);
        } finally {
          await array.stop();
        }
      },
    ),
    propertyRuns(40, 1),
  );
  return [...done];
};
