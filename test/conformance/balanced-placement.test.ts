import { describe, expect, test } from 'vitest';
import { ontapSanWith } from '../../src/engine/drivers/ontap/san-kind.ts';
import { defaultTopology } from '../../src/simulator/core/topology.ts';
import type { DriverUnderTest } from './driver-bench.ts';
import { Bench, handleOf, problemOf, signal } from './driver-bench.ts';
import { plainNas } from './nas-drivers.ts';
import { lunsInVolumes } from './luns-on-array.ts';
import { volumesOnArray } from './volumes-on-array.ts';

const nas: DriverUnderTest = {
  ...plainNas,
  choosesAggregate: false,
  config: (array, more) => plainNas.config(array, { useBalancedPlacement: 'true', ...more }),
};
const san: DriverUnderTest = {
  ...nas,
  name: 'ontap-san',
  objects: lunsInVolumes,
  kind: ontapSanWith,
  config: (array, more) => nas.config(array, { storageDriverName: 'ontap-san', ...more }),
};

const release = (version: string) => ({
  topology: { ...defaultTopology, cluster: { ...defaultTopology.cluster, version } },
});
const open = (under: DriverUnderTest, more: Parameters<typeof Bench.open>[1] = {}) =>
  Bench.open(under, { array: release('9.19.1'), ...more });
const placed = '/api/application/containers';

describe.each([nas, san])('$name with balanced placement', (under) => {
  test('has one pool, and the system chooses the aggregate', async () => {
    await using bench = await open(under);
    expect(bench.discovery.pools.map(({ name }) => name)).toEqual(['managed_storage_pool']);
    bench.array.world.setAggregateAvailable('aggr1_n1', 2 ** 30);
    const volume = await bench.create();
    const [found] = await bench.list(
      `/storage/volumes?name=${volume.config.internalName}&fields=aggregates,size,comment,snapshot_policy,guarantee,style`,
    );
    expect(found).toMatchObject({
      aggregates: [{ name: 'aggr1_n2' }],
      style: 'flexvol',
      guarantee: { type: 'none' },
      snapshot_policy: { name: 'none' },
    });
    expect(bench.array.requests.count({ method: 'POST', path: placed })).toBe(1);
    expect(bench.array.requests.count({ method: 'POST', path: '/api/storage/volumes' })).toBe(0);
    await bench.driver.deleteVolume(volume, signal());
    expect((await bench.inventory()).volumes).toEqual([]);
  });

  test('refuses a name that is taken, with the facts', async () => {
    await using bench = await open(under);
    const plan = bench.plan();
    await volumesOnArray('flexvol').makeForeign(bench, plan.config.internalName, { comment: 'not yours' });
    const problem = await problemOf(bench.driver.createVolume(plan, signal()));
    expect(problem).toMatchObject({ code: 'volume.exists-on-array', kind: 'exists' });
    expect(problem.message).toContain('not yours');
    expect(await bench.driver.discardVolume(plan, new Date(), signal())).toBe('foreign');
  });

  test('knows its volume although the answer is lost', async () => {
    await using bench = await open(under);
    bench.strike({ method: 'POST', path: placed, count: 1 }, { type: 'drop-reply' });
    const plan = bench.plan();
    await bench.driver.createVolume(plan, signal());
    expect((await bench.inventory()).volumes).toEqual([plan.config.internalName]);
  });

  test('takes an interrupted creation back', async () => {
    await using bench = await open(under);
    const plan = bench.plan();
    const since = new Date();
    bench.strike({ method: 'GET', path: '/api/storage/volumes' }, { type: 'refuse', status: 500, code: '1' });
    bench.strike({ method: 'PATCH', path: '/api/**' }, { type: 'refuse', status: 500, code: '1' });
    expect(await problemOf(bench.driver.createVolume(plan, signal()))).toMatchObject({ nothingDone: false });
    bench.array.faults.clear();
    expect(await bench.driver.discardVolume(plan, since, signal())).toBe('removed');
    expect(await bench.driver.discardVolume(plan, since, signal())).toBe('absent');
    expect((await bench.inventory()).volumes).toEqual([]);
  });

  test('does not call a creation absent that still runs', async () => {
    await using bench = await open(under, { settings: { jobTimeoutMs: 60 } });
    bench.strike({ method: 'POST', path: placed }, { type: 'job-stall' });
    const plan = bench.plan();
    const since = new Date();
    expect(await problemOf(bench.driver.createVolume(plan, signal()))).toMatchObject({ code: 'array.job-unfinished' });
    expect(await problemOf(bench.driver.discardVolume(plan, since, signal()))).toMatchObject({
      code: 'array.job-unfinished',
    });
  });
});

test('a volume for files is mounted, and its snapshot directory hidden', async () => {
  await using bench = await open(nas);
  const plan = bench.plan();
  const volume = handleOf(plan.config, await bench.driver.createVolume(plan, signal()));
  const [found] = await bench.list(
    `/storage/volumes?name=${volume.config.internalName}&fields=nas.path,snapshot_directory_access_enabled`,
  );
  expect(found).toMatchObject({
    nas: { path: `/${volume.config.internalName}` },
    snapshot_directory_access_enabled: false,
  });
});

test('virtual pools choose by themselves', async () => {
  await using bench = await open(nas, {
    config: { useBalancedPlacement: '', storage: [{ useBalancedPlacement: 'true' }, {}] },
  });
  const [balanced, plain] = bench.discovery.pools;
  await bench.driver.createVolume(bench.plan({}, balanced), signal());
  expect(bench.array.requests.count({ method: 'POST', path: placed })).toBe(1);
  await bench.driver.createVolume(bench.plan({}, plain), signal());
  expect(bench.array.requests.count({ method: 'POST', path: placed })).toBe(1);
});

describe('balanced placement is refused', () => {
  test.each([
    ['by releases that cannot do it', '9.17.1', {}, 'useBalancedPlacement needs ONTAP 9.19.1 or later'],
    ['with an aggregate', '9.19.1', { aggregate: 'aggr1_n1' }, 'aggregates are named'],
    ['with a word that is no flag', '9.19.1', { useBalancedPlacement: 'maybe' }, 'is not "true" or "false"'],
    ['by drivers that share FlexVols', '9.19.1', { storageDriverName: 'ontap-nas-economy' }, 'share FlexVols'],
  ])('%s', async (_what, version, more, message) => {
    const problem = await problemOf(Bench.open(nas, { array: release(version), config: more }));
    expect(problem.message).toContain(message);
    expect(problem.path?.at(-1)).toBe('useBalancedPlacement');
  });
});
