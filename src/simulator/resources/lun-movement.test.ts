import { afterAll, beforeAll, expect, test } from 'vitest';
import { at, openOntapSession, textAt, type OntapSession } from '../../../test/support/ontap-session.ts';

/** Moves of LUNs between volumes, and what is told of them. */

const MIB = 1024 ** 2;
const SVM = { svm: { name: 'svm0' } };
let array: OntapSession;

beforeAll(async () => {
  array = await openOntapSession({
    clock: { frozenAt: new Date('2026-01-01T00:00:00Z') },
    pace: { moveMs: 60_000 },
  });
  for (const name of ['left', 'right']) {
    const body = { name, ...SVM, size: 2048 * MIB, aggregates: [{ name: 'aggr1_n1' }], guarantee: { type: 'none' } };
    await array.expect(202, 'POST', '/storage/volumes', body);
  }
});
afterAll(async () => {
  array.simulator.world.verify();
  await array.close();
});

/** A LUN in the left volume with 300 MiB written, by its path. */
const newLun = async (name: string): Promise<string> => {
  const body = { name: `/vol/left/${name}`, os_type: 'linux', ...SVM, space: { size: 400 * MIB } };
  const made = await array.expect(201, 'POST', '/storage/luns?return_records=true', body);
  array.simulator.world.setUnitUsedBytes(`/vol/left/${name}`, 300 * MIB);
  return `/storage/luns/${textAt(made, 'records', 0, 'uuid')}`;
};
const movement = async (path: string) => at(await array.expect(200, 'GET', `${path}?fields=movement`), 'movement');

test('a LUN is in its new place at once, and told of while it is copied and two minutes longer', async () => {
  const path = await newLun('a');
  expect(await movement(path)).toBeUndefined();
  await array.expect(200, 'PATCH', path, { name: '/vol/right/b' });
  array.simulator.clock.advance(15_000);
  expect(await array.expect(200, 'GET', path)).toMatchObject({
    name: '/vol/right/b',
    location: { volume: { name: 'right' } },
  });
  expect(await movement(path)).toEqual({
    paths: { source: '/vol/left/a', destination: '/vol/right/b' },
    progress: { state: 'replicating', percent_complete: 25, elapsed: 15, volume_snapshot_blocked: false },
  });
  expect(await array.refusal('PATCH', path, { name: '/vol/left/a' })).toBe('409 8');
  array.simulator.clock.advance(164_999);
  expect(await movement(path)).toMatchObject({ progress: { state: 'complete', percent_complete: 100, elapsed: 60 } });
  array.simulator.clock.advance(1);
  expect(await movement(path)).toBeUndefined();
  await array.expect(200, 'PATCH', path, { name: '/vol/left/a' });
  expect(await array.expect(200, 'GET', path)).not.toHaveProperty('movement');
});

test('a move is paused and goes on', async () => {
  const path = await newLun('c');
  await array.expect(200, 'PATCH', path, { location: { volume: { name: 'right' } } });
  array.simulator.clock.advance(30_000);
  await array.expect(200, 'PATCH', path, { movement: { progress: { state: 'paused' } } });
  array.simulator.clock.advance(600_000);
  expect(await movement(path)).toMatchObject({
    paths: { source: '/vol/left/c', destination: '/vol/right/c' },
    progress: { state: 'paused', percent_complete: 50, elapsed: 630 },
  });
  await array.expect(200, 'PATCH', path, { movement: { progress: { state: 'replicating' } } });
  array.simulator.clock.advance(30_000);
  expect(await movement(path)).toMatchObject({ progress: { state: 'complete', elapsed: 660 } });
});

test('a throttle makes the data take their time, in whole megabytes', async () => {
  const path = await newLun('d');
  const body = { location: { volume: { name: 'right' } }, movement: { max_throughput: 3 * MIB - 1 } };
  await array.expect(200, 'PATCH', path, body);
  // 300 MiB at 3 MiB a second, after the minute of the pace.
  array.simulator.clock.advance(80_000);
  expect(await movement(path)).toMatchObject({ max_throughput: 3 * MIB, progress: { percent_complete: 50 } });
  await array.expect(200, 'PATCH', path, { movement: { max_throughput: 5 * MIB } });
  array.simulator.clock.advance(60_000);
  expect(await movement(path)).toMatchObject({ max_throughput: 5 * MIB, progress: { state: 'complete' } });
});

test('what nobody moves is not steered, and a place must be one', async () => {
  const path = await newLun('e');
  const patch = (body: unknown) => array.refusal('PATCH', path, body);
  expect(await patch({ movement: { progress: { state: 'paused' } } })).toBe('404 4');
  expect(await patch({ movement: { max_throughput: MIB } })).toBe('404 4');
  expect(await patch({ movement: { paths: { destination: '/vol/right/e' } } })).toBe('400 262196');
  expect(await patch({ name: '/vol/right/e', location: { volume: { name: 'left' } } })).toBe('400 5374858');
  expect(await patch({ location: { volume: { name: 'none' } } })).toBe('400 917927');
  await array.expect(200, 'PATCH', path, { location: { logical_unit: 'f' } });
  expect(await array.expect(200, 'GET', path)).toMatchObject({ name: '/vol/left/f' });
  expect(await movement(path)).toBeUndefined();
  await array.expect(200, 'PATCH', path, { name: '/vol/right/f' });
  expect(await patch({ movement: { progress: { state: 'complete' } } })).toBe('400 262197');
});
