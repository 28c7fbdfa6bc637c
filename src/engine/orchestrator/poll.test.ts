import { expect, it } from 'vitest';
import { furnish, openLabEngine, patient, volumeRequest } from '../../../test/support/lab.ts';
import { labPool, openLabArray } from '../../../test/support/lab-driver.ts';
import { openMemoryStore } from '../store/memory.ts';

const minuteMs = 60_000;

it('compares access rules when records have changed, after a repair, and every quarter of an hour', async () => {
  let time = Date.parse('2026-01-01T00:00:00Z');
  const now = () => new Date(time);
  const array = openLabArray({ pools: [labPool('p1')], enforcesAccess: true, now });
  await using store = openMemoryStore();
  await using engine = await openLabEngine(store, array, { now });
  const { orchestrator: core } = engine;
  await furnish(core);
  await core.volumes.create(volumeRequest('v1'), patient);
  /** What a pass asks of the array. */
  const pass = async (): Promise<readonly string[]> => {
    const before = array.calls.length;
    await core.poll(patient);
    return array.calls.slice(before);
  };
  const grants = () => [...(array.volumes.get('lab_v1')?.grants ?? [])];

  expect(await pass()).toEqual(['checkHealth', 'planAccess']);
  time += 5 * minuteMs;
  expect(await pass()).toEqual(['checkHealth']);
  await core.publications.publish({ volume: 'v1', node: 'n1', readOnly: false, accessMode: 0 }, patient);
  expect(await pass()).toEqual(['checkHealth', 'planAccess']);
  expect(await pass()).toEqual(['checkHealth']);

  // What others take away comes back in time, and is looked at once more.
  array.volumes.get('lab_v1')?.grants.clear();
  time += 5 * minuteMs;
  expect(await pass()).toEqual(['checkHealth']);
  time += 10 * minuteMs;
  expect(await pass()).toEqual(['checkHealth', 'planAccess', 'grant']);
  expect(grants()).toEqual(['n1']);
  expect(await pass()).toEqual(['checkHealth', 'planAccess']);
  expect(await pass()).toEqual(['checkHealth']);

  // A failure is no look.
  array.volumes.get('lab_v1')?.grants.clear();
  time += 15 * minuteMs;
  array.fault = (call) => (call === 'planAccess' ? 'unreachable' : undefined);
  await expect(core.poll(patient)).rejects.toThrow('unable to update node access rules on backend lab');
  array.fault = undefined;
  expect(await pass()).toEqual(['checkHealth', 'planAccess', 'grant']);

  // A backend that was away is looked at when it is back.
  expect(await pass()).toEqual(['checkHealth', 'planAccess']);
  array.ill = 'LIFs down';
  expect(await pass()).toEqual(['checkHealth']);
  array.ill = '';
  expect(await pass()).toEqual(['checkHealth', 'planAccess']);
});

it('looks again when the clock was set back', async () => {
  let time = Date.parse('2030-01-01T00:00:00Z');
  const now = () => new Date(time);
  const array = openLabArray({ pools: [labPool('p1')], enforcesAccess: true, now });
  await using store = openMemoryStore();
  await using engine = await openLabEngine(store, array, { now });
  await furnish(engine.orchestrator);
  await engine.orchestrator.poll(patient);
  time = Date.parse('2026-01-01T00:00:00Z');
  array.calls.length = 0;
  await engine.orchestrator.poll(patient);
  expect(array.calls).toEqual(['checkHealth', 'planAccess']);
});

it('closes the driver of a backend that another process deleted', async () => {
  const array = openLabArray({ pools: [labPool('p1')], enforcesAccess: true, now: () => new Date() });
  let open = 0;
  const kind: typeof array.kind = {
    ...array.kind,
    open(config, found, environment) {
      open++;
      const driver = array.kind.open(config, found, environment);
      return {
        ...driver,
        async [Symbol.asyncDispose]() {
          open--;
          await driver[Symbol.asyncDispose]();
        },
      };
    },
  };
  await using store = openMemoryStore();
  await using engine = await openLabEngine(store, { ...array, kind });
  await furnish(engine.orchestrator);
  await engine.orchestrator.poll(patient);
  expect(open).toBe(1);
  const { uuid } = (await engine.orchestrator.backends.get('lab')).backend;
  await store.commit([{ kind: 'backend', remove: uuid }]);
  await engine.orchestrator.poll(patient);
  expect(open).toBe(0);
});

it('removes a deleted node whose last publication was taken back by recovery', async () => {
  const array = openLabArray({ pools: [labPool('p1')], enforcesAccess: true, now: () => new Date() });
  await using store = openMemoryStore();
  await using engine = await openLabEngine(store, array);
  const { orchestrator: core } = engine;
  await furnish(core);
  await core.volumes.create(volumeRequest('v1'), patient);
  array.fault = (call) => (['grant', 'publish', 'unpublish', 'revoke'].includes(call) ? 'unreachable' : undefined);
  const publication = { volume: 'v1', node: 'n1', readOnly: false, accessMode: 0 };
  await expect(core.publications.publish(publication, patient)).rejects.toMatchObject({
    code: 'operation.unfinished',
  });
  await core.nodes.remove('n1', patient);
  expect((await core.nodes.get('n1')).deleted).toBe(true);
  array.fault = undefined;
  await core.poll(patient);
  expect(await core.publications.list()).toEqual([]);
  expect((await core.nodes.list()).map(({ name }) => name)).toEqual(['n2']);
});
