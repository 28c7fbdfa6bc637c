import { describe, expect, test } from 'vitest';
import type { Moves, MoveWish } from '../../src/engine/drivers/moves.ts';
import { dataInterfaces, defaultTopology } from '../../src/simulator/core/topology.ts';
import { at } from '../support/ontap-session.ts';
import { published } from './driver-operations.ts';
import type { DriverUnderTest } from './driver-bench.ts';
import { Bench, node, problemOf, signal } from './driver-bench.ts';
import { economyInOnePlace as qtrees, flexgroup, nas } from './nas-drivers.ts';
import { asa, economy, fcp, iscsi } from './san-drivers.ts';
import { nvme } from './nvme-drivers.ts';

const n1 = node('n1', '10.0.0.1');
const to = (targetPool: string): MoveWish => ({ targetPool, sourcePool: '', targetNode: '', sourceNode: '' });
const movesOf = ({ driver }: Bench): Moves => {
  if (driver.moves === undefined) throw new Error('the driver cannot move volumes');
  return driver.moves;
};
const placeOf = async (bench: Bench, name: string): Promise<unknown> =>
  at((await bench.list(`/storage/volumes?name=${name}&fields=aggregates.name`))[0], 'aggregates', 0, 'name');

const patched = { method: 'PATCH', path: '/api/storage/volumes/*' } as const;

/** Four nodes in two pairs, so that a volume can go where no path leads yet. */
const twoPairs = {
  ...defaultTopology,
  nodes: [1, 2, 3, 4].map((number) => ({
    name: `sim-cluster-0${number}`,
    model: 'AFF-A400',
    serialNumber: `72180200000${number}`,
    managementAddress: `192.0.2.${1 + number}`,
  })),
  aggregates: [
    ...defaultTopology.aggregates,
    { name: 'aggr1_n3', node: 'sim-cluster-03', sizeBytes: 2 ** 40, storageType: 'ssd' as const },
  ],
  svms: defaultTopology.svms.map((svm) =>
    svm.name === 'svm0'
      ? {
          ...svm,
          aggregates: [...svm.aggregates, 'aggr1_n3'],
          protocols: [...svm.protocols, 'fcp' as const],
          interfaces: [1, 2, 3, 4].flatMap((number) => dataInterfaces(`sim-cluster-0${number}`, number, '192.0.2')),
        }
      : svm,
  ),
};
const open = (under: DriverUnderTest, more: Parameters<typeof Bench.open>[1] = {}) =>
  Bench.open(under, { array: { topology: twoPairs }, ...more });

describe.each([nas, iscsi, fcp, nvme])('$name: a volume', (under) => {
  test('goes to another aggregate while a node uses it', async () => {
    await using bench = await open(under, { config: { aggregate: 'aggr1_n1' } });
    const volume = await published(bench, await bench.create(), n1, [n1]);
    const name = volume.config.internalName;
    // The backend is configured for one aggregate, so that no other will do.
    expect(await problemOf(movesOf(bench).move(volume, to('aggr1_n3'), signal()))).toMatchObject({
      code: 'move.target',
      path: ['targetPool'],
    });
    const wide = under.config(bench.array, {});
    const found = await bench.kind.discover(wide, bench.environment, signal());
    await using driver = bench.kind.open(wide, found, bench.environment);
    const status = await driver.moves?.move(volume, to('aggr1_n3'), signal());
    expect(status).toMatchObject({ targetPool: 'aggr1_n3', targetNode: 'sim-cluster-03' });
    await expect.poll(() => placeOf(bench, name)).toBe('aggr1_n3');
    expect(await driver.moves?.move(volume, to('aggr1_n3'), signal())).toMatchObject({ state: 'moved', percent: 100 });
    expect(await driver.moves?.status(volume, signal())).toMatchObject({ state: 'moved', pool: 'aggr1_n3' });
    const request = { volume, node: n1, nodes: [n1], readOnly: false, accessMode: under.accessMode ?? 0 };
    expect(await driver.publish(request, signal())).toBeDefined();
    await driver.deleteVolume(volume, signal());
    expect((await bench.inventory()).volumes).toEqual([]);
  });

  test('is moved although the answer is lost, and once', async () => {
    await using bench = await open(under);
    const volume = await bench.create();
    const start = await placeOf(bench, volume.config.internalName);
    const target = start === 'aggr1_n3' ? 'aggr1_n1' : 'aggr1_n3';
    bench.strike(patched, { type: 'drop-reply' });
    const status = await movesOf(bench).move(volume, to(target), signal());
    expect(['moving', 'moved']).toContain(status.state);
    bench.array.faults.clear();
    expect(bench.array.requests.count(patched)).toBe(1);
    await expect.poll(() => placeOf(bench, volume.config.internalName)).toBe(target);
  });

  test('that the array refuses to move stays, and the reason is told', async () => {
    await using bench = await open(under, { config: { aggregate: 'aggr1_n1' } });
    const volume = await bench.create();
    bench.array.world.setAggregateAvailable('aggr1_n3', 2 ** 20);
    const wide = under.config(bench.array, {});
    await using driver = bench.kind.open(
      wide,
      await bench.kind.discover(wide, bench.environment, signal()),
      bench.environment,
    );
    bench.strike(patched, { type: 'refuse', status: 400, code: '460770', message: 'There is not enough space' });
    const move = () => driver.moves?.move(volume, to('aggr1_n3'), signal()) ?? Promise.resolve();
    expect(await problemOf(move())).toMatchObject({ array: { code: '460770' }, nothingDone: true });
    expect(await driver.moves?.status(volume, signal())).toMatchObject({ state: 'none', pool: 'aggr1_n1' });
  });
});

test('paths to the node where a LUN will be are there before it goes, and the old ones stay', async () => {
  await using bench = await open(iscsi);
  const volume = await published(bench, await bench.create(), n1, [n1]);
  const start = await placeOf(bench, volume.config.internalName);
  const [target, newNode] = start === 'aggr1_n3' ? ['aggr1_n1', 'sim-cluster-01'] : ['aggr1_n3', 'sim-cluster-03'];
  const reporting = async (): Promise<readonly unknown[]> => {
    const nodes = at((await bench.list('/protocols/san/lun-maps?fields=reporting_nodes'))[0], 'reporting_nodes');
    return (Array.isArray(nodes) ? nodes : []).map((each: unknown) => at(each, 'name'));
  };
  const before = await reporting();
  expect(before).not.toContain(newNode);
  const portals = (info: typeof volume.config.accessInformation) => [
    info.iscsiTargetPortal,
    ...(info.iscsiPortals ?? []),
  ];
  const old = portals(volume.config.accessInformation);
  bench.strike(patched, { type: 'job-stall' });
  expect(await movesOf(bench).move(volume, to(target), signal())).toMatchObject({ state: 'moving', pool: start });
  expect(await reporting()).toEqual(expect.arrayContaining([...before, newNode]));
  const again = await published(bench, volume, n1, [n1]);
  expect(portals(again.config.accessInformation)).toEqual(expect.arrayContaining(old));
  expect(portals(again.config.accessInformation).length).toBeGreaterThan(old.length);
});

test('is not for systems that place volumes themselves', async () => {
  const cluster = { ...defaultTopology.cluster, personality: 'afx' as const, version: '9.19.1' };
  await using bench = await Bench.open(nas, { array: { topology: { ...defaultTopology, cluster } } });
  const volume = await bench.create();
  expect(await problemOf(movesOf(bench).move(volume, to('aggr1_n2'), signal()))).toMatchObject({
    code: 'move.placed',
    kind: 'unsupported',
  });
});

test.each([qtrees, flexgroup, economy, asa])('$name has no volumes with a place of their own', async (under) => {
  await using bench = await Bench.open(under);
  expect(bench.driver.moves).toBeUndefined();
});
