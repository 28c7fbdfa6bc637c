import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startSimulator } from '../src/simulator/simulator.ts';
import type { Simulator } from '../src/simulator/contract.ts';
import { nasBackendFile } from './support/nas-backend.ts';
import { at } from './support/ontap-session.ts';
import { runCli } from './support/run-cli.ts';

/** Volumes that go from one aggregate to another, by commands. */

const folder = await mkdtemp(join(tmpdir(), 'moves-'));
let array: Simulator;

const run = (line: string, signal = new AbortController().signal) =>
  runCli(line.split(' '), {
    directory: folder,
    signal,
    environment: { HOME: folder, TRIDENT_STATE_DIR: join(folder, 'state'), TRIDENTCTL_EXIT_STATUS: 'detailed' },
  });
const must = async (line: string): Promise<string> => {
  const { exit, stdout, stderr } = await run(line);
  if (exit !== 0) throw new Error(`${line}: ${stderr}`);
  return stdout;
};
const item = async (line: string): Promise<unknown> => at(JSON.parse(await must(`${line} -o json`)), 'items', 0);
const expectRefusal = async (line: string, status: number, ...parts: readonly string[]) => {
  const { exit, stderr } = await run(line);
  for (const part of parts) expect(stderr).toContain(part);
  expect(exit).toBe(status);
};
const placeOf = async (volume: string): Promise<unknown> =>
  at(
    (await array.call('GET', `/storage/volumes?name=${volume}&fields=aggregates.name`)).body,
    'records',
    0,
    'aggregates',
    0,
    'name',
  );
const move = (volume: string, target: string) => `create volume-move --volume ${volume} --target-pool ${target}`;

beforeAll(async () => {
  array = await startSimulator({});
  for (const [driver, name] of [
    ['ontap-nas', 'nas'],
    ['ontap-nas-flexgroup', 'groups'],
    ['ontap-nas-economy', 'eco'],
  ]) {
    const more = {
      storageDriverName: driver,
      backendName: name,
      storagePrefix: `${name}_`,
      defaults: { snapshotDir: 'true' },
    };
    await must(`create backend -f ${nasBackendFile(folder, array, more)}`);
    await must(`create storageclass ${name} --storage-pools ${name}:.*`);
  }
  await must('create storageclass one --storage-pools nas:aggr1_n1');
  await must('create volume v1 --size 1Gi --storage-class one');
});
afterAll(async () => {
  await array.stop();
  await rm(folder, { recursive: true, force: true });
});

it('refuses what cannot be, before the array is asked to move anything', async () => {
  await expectRefusal('create volume-move --target-pool aggr1_n2', 2, 'give --volume');
  await expectRefusal('create volume-move --volume v1', 2, 'give --target-pool');
  for (const [text, why] of [
    ['-5m', 'must not be negative'],
    ['-1h-5m', 'time: unknown unit "h-" in duration "-1h-5m"'],
    ['5', 'time: missing unit in duration "5"'],
    ['1h30', 'time: missing unit in duration "1h30"'],
    ['2d', 'time: unknown unit "d" in duration "2d"'],
    ['-', 'time: invalid duration "-"'],
    ['.s', 'time: invalid duration ".s"'],
    ['x', 'time: invalid duration "x"'],
    ['2562048h', 'time: invalid duration "2562048h"'],
  ])
    await expectRefusal(
      `${move('v1', 'aggr1_n2')} --delete-after-success ${text}`,
      2,
      `invalid --delete-after-success duration "${text}": ${why}`,
    );
  // A sign before nothing changes nothing.
  for (const text of ['0', '-0', '+0', '-0s', '-0h0.0m', '1h30m', '+5m', '1.5s', '.5us', '2562047h'])
    await must(`${move('v1', 'aggr1_n2')} --delete-after-success ${text} --dry-run`);
  await expectRefusal(move('nope', 'aggr1_n2'), 3, 'volume nope was not found');
  await expectRefusal(
    move('v1', 'aggr9'),
    2,
    'aggr9 is no aggregate of backend nas',
    'its aggregates are: aggr1_n1, aggr1_n2',
  );
  await expectRefusal(
    `${move('v1', 'aggr1_n2')} --source-pool aggr1_n2`,
    2,
    'is in aggregate aggr1_n1, and not in aggr1_n2',
  );
  await expectRefusal(
    `${move('v1', 'aggr1_n2')} --target-node sim-cluster-01`,
    2,
    'aggregate aggr1_n2 is owned by node sim-cluster-02, and not by sim-cluster-01',
  );
  const { stdout, stderr } = await run(`${move('v1', 'aggr1_n2')} --dry-run`);
  expect(stdout + stderr).toContain('move volume v1 to aggr1_n2');
  expect(array.requests.count({ method: 'PATCH' })).toBe(0);
  expect(await placeOf('nas_v1')).toBe('aggr1_n1');
});

it('is not implemented where volumes share or have several places', async () => {
  for (const [name, size] of [
    ['groups', '2Gi'],
    ['eco', '1Gi'],
  ] as const) {
    await must(`create volume ${name} --size ${size} --storage-class ${name}`);
    await expectRefusal(move(name, 'aggr1_n2'), 5, `volume move is not implemented by backends of type ontap-nas-`);
  }
  await must('create snapshot v1/s1');
  await must('create clone view --volume v1 --snapshot s1 --read-only');
  await expectRefusal(
    move('view', 'aggr1_n2'),
    5,
    'volume view is a read-only clone and cannot be moved',
    'move volume v1 instead',
  );
});

it('answers while the array copies, and records the pool when the volume is there', { timeout: 30_000 }, async () => {
  const patches = () => array.requests.count({ method: 'PATCH' });
  const before = patches();
  array.faults.add({
    when: { method: 'PATCH', path: '/api/storage/volumes/*' },
    // oxlint-disable-next-line unicorn/no-thenable -- the simulator's own word in its fault files
    then: { type: 'job-stall', state: 'running', milliseconds: 4_000 },
  });
  const line = `${move('v1', 'aggr1_n2')} --source-pool aggr1_n1 --source-node sim-cluster-01 --target-node sim-cluster-02`;
  const moving = {
    volume: 'v1',
    state: 'moving',
    pool: 'aggr1_n1',
    targetPool: 'aggr1_n2',
    targetNode: 'sim-cluster-02',
  };
  expect(await item(line)).toMatchObject(moving);
  // Once more is as good, and no other place will do meanwhile.
  expect(await item(line)).toMatchObject(moving);
  expect(patches() - before).toBe(1);
  await expectRefusal(move('v1', 'aggr1_n1'), 4, 'is being moved to aggregate aggr1_n2', 'volume move abort');
  expect(await item('get volume v1')).toMatchObject({ pool: 'aggr1_n1' });
  array.faults.clear();
  expect(await must(`${line} --wait`)).toMatch(/v1 .*aggr1_n2 .*sim-cluster-02 .*moved .*100/);
  expect(await placeOf('nas_v1')).toBe('aggr1_n2');
  expect(await item('get volume v1')).toMatchObject({ pool: 'aggr1_n2' });
});

it('tells that nothing is left to do, and goes back', async () => {
  expect(await item(move('v1', 'aggr1_n2'))).toMatchObject({ state: 'moved', percent: 100 });
  expect(await must(`${move('v1', 'aggr1_n1')} --wait -o name`)).toBe('v1\n');
  expect(await item('get volume v1')).toMatchObject({ pool: 'aggr1_n1' });
});

it('goes on when the command that waits is cut off', { timeout: 30_000 }, async () => {
  const when = { method: 'PATCH', path: '/api/storage/volumes/*' } as const;
  array.faults.add({ when, then: { type: 'job-stall', state: 'running', milliseconds: 3_000 } });
  const line = `${move('v1', 'aggr1_n2')} --wait`;
  const { exit, stderr } = await run(line, AbortSignal.timeout(1_000));
  expect(exit).not.toBe(0);
  expect(stderr).toContain('interrupted');
  array.faults.clear();
  expect(await item('get volume v1')).toMatchObject({ pool: 'aggr1_n1' });
  await must(line);
  expect(await item('get volume v1')).toMatchObject({ pool: 'aggr1_n2' });
});

it('says that the array gave up, and begins anew when it is repeated', { timeout: 30_000 }, async () => {
  const when = { method: 'PATCH', path: '/api/storage/volumes/*' } as const;
  array.faults.add({ when, then: { type: 'job-stall', state: 'running', milliseconds: 1_500 } });
  array.faults.add({ when, then: { type: 'job-fail', code: 1, message: 'cutover failed' } });
  const line = `${move('v1', 'aggr1_n1')} --wait`;
  await expectRefusal(line, 8, 'the array gave up moving volume v1 to aggr1_n1; it is in aggr1_n2', 'volume move show');
  array.faults.clear();
  expect(await must(line)).toContain('moved');
  expect(await placeOf('nas_v1')).toBe('aggr1_n1');
});

it('leaves a volume in its virtual pool', async () => {
  const more = { backendName: 'virtual', storagePrefix: 'virtual_', storage: [{ labels: { tier: 'gold' } }] };
  await must(`create backend -f ${nasBackendFile(folder, array, more)}`);
  await must('create storageclass virtual --storage-pools virtual:.*');
  await must('create volume v2 --size 1Gi --storage-class virtual');
  const target = (await placeOf('virtual_v2')) === 'aggr1_n1' ? 'aggr1_n2' : 'aggr1_n1';
  await must(`${move('v2', target)} --wait`);
  expect(await placeOf('virtual_v2')).toBe(target);
  expect(await item('get volume v2')).toMatchObject({ pool: 'virtual_pool_0' });
});
