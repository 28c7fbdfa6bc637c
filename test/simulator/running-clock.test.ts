import { afterAll, beforeAll, expect, it } from 'vitest';
import { openOntapSession, textAt, type OntapSession } from '../support/ontap-session.ts';

/** Schedules on a simulated clock that runs, so fast that an hour takes a tenth of a second. */

let array: OntapSession;
beforeAll(async () => {
  array = await openOntapSession({
    clock: { speed: 36_000, from: new Date('2026-01-01T00:00:00Z') },
    pace: { schedulesRun: true },
  });
});
afterAll(() => array.close());

const volume = (name: string, svm: string, more: Record<string, unknown>) => ({
  name,
  svm: { name: svm },
  size: '100MB',
  aggregates: [{ name: 'aggr1_n1' }],
  guarantee: { type: 'none' },
  ...more,
});

/** Looks until there is what is wanted; the deadline is the test's. */
const until = async (path: string, count: number): Promise<readonly unknown[]> => {
  for (;;) {
    const found = await array.list(path);
    if (found.length >= count) return found;
  }
};

it('takes snapshots and brings mirrors up to date by itself', { timeout: 20_000 }, async () => {
  await array.expect(202, 'POST', '/storage/volumes', volume('v', 'svm0', { snapshot_policy: { name: 'default' } }));
  await array.expect(202, 'POST', '/storage/volumes', volume('v_dr', 'svm_dr', { type: 'dp' }));
  await array.expect(202, 'POST', '/snapmirror/relationships', {
    source: { path: 'svm0:v' },
    destination: { path: 'svm_dr:v_dr' },
    transfer_schedule: { name: 'hourly' },
  });
  const [relationship] = await array.list('/snapmirror/relationships');
  const uuid = textAt(relationship, 'uuid');
  await array.expect(202, 'PATCH', `/snapmirror/relationships/${uuid}`, { state: 'snapmirrored' });
  const source = textAt((await array.list('/storage/volumes?name=v'))[0], 'uuid');
  const hourly = await until(`/storage/volumes/${source}/snapshots?name=hourly.*`, 2);
  expect(textAt(hourly[0], 'name')).toMatch(/^hourly\.2026-01-0\d_\d\d05$/);
  await until(`/snapmirror/relationships/${uuid}/transfers?state=success`, 3);
  array.simulator.world.verify();
});

it('goes on from where it was when it is restored, as fast as it was', async () => {
  const before = array.simulator.clock.now();
  array.simulator.restore(array.simulator.dump());
  const after = array.simulator.clock.now().getTime() - before.getTime();
  expect(after).toBeGreaterThanOrEqual(0);
  // Ten seconds of the machine's clock.
  expect(after).toBeLessThan(36_000 * 10_000);
  expect([array.simulator.clock.frozen, array.simulator.clock.speed]).toEqual([false, 36_000]);
});
