import { describe, expect, test } from 'vitest';
import type { VolumeHandle } from '../../src/engine/drivers/objects.ts';
import { emptyVolumeConfig } from '../../src/engine/orchestrator/model.ts';
import { node, problemOf, signal } from './driver-bench.ts';
import { published } from './driver-operations.ts';
import { driverConformance } from './driver.ts';
import { economy as auto, economyShown as shown } from './nas-drivers.ts';
import { createAll, sharedOf } from './qtree-bench.ts';
import { makeFlexVol, makeQtree, quotaOf } from './qtrees-on-array.ts';
import { openVaried } from './varied-names.ts';

/** Qtrees in FlexVols that they share: the common suite, and what is particular to them. */

driverConformance(auto);

driverConformance(shown);

describe('qtrees', () => {
  test('of stock are found by their handle, and by their name', async () => {
    await using bench = await openVaried(auto, { config: { aggregate: 'aggr1_n1' } });
    const flexVol = 'trident_qtree_pool_trident_MADEBYSTOC';
    await makeFlexVol(bench, flexVol, { nas: { path: `/${flexVol}`, export_policy: { name: 'default' } } });
    await makeQtree(bench, flexVol, 'trident_pvc_7', 2 ** 30);
    const config = { ...emptyVolumeConfig, name: 'pvc-7', internalName: 'trident_pvc_7', size: 2 ** 30 };
    const byName: VolumeHandle = { config, ref: {} };
    const byId = { config: { ...config, internalID: `/svm/svm0/flexvol/${flexVol}/qtree/trident_pvc_7` }, ref: {} };
    for (const volume of [byName, byId]) expect(await bench.driver.volumeExists(volume, signal())).toBe(true);
    expect((await bench.driver.resizeVolume(byId, 2 ** 31, signal())).config.internalID).toBe(byId.config.internalID);
    expect(await quotaOf(bench, 'trident_pvc_7')).toBe(2 ** 31);
    await bench.create();
    expect((await sharedOf(bench)).map(({ name, qtrees }) => [name, qtrees.length])).toEqual([[flexVol, 2]]);
    await bench.driver.deleteVolume(byName, signal());
    expect((await bench.inventory()).volumes).toEqual(['trident_pvc_1']);
  });

  test('that others began to delete are deleted', async () => {
    await using bench = await openVaried(auto, { config: { aggregate: 'aggr1_n1' } });
    await makeFlexVol(bench, 'trident_qtree_pool_trident_MADEBYSTOC');
    await makeQtree(bench, 'trident_qtree_pool_trident_MADEBYSTOC', 'deleted_trident_pvc_7_QWERT', 2 ** 30);
    await makeQtree(bench, 'trident_qtree_pool_trident_MADEBYSTOC', 'deleted_by_mistake', 2 ** 30);
    const plan = await bench.prepared();
    await bench.driver.createVolume(plan, signal());
    await expect.poll(async () => (await bench.inventory()).volumes).toEqual(['deleted_by_mistake', 'trident_pvc_1']);
  });

  test('whose deletion was cut off after the renaming are deleted when that is repeated', async () => {
    await using bench = await openVaried(auto);
    const volume = await bench.create();
    const caller = new AbortController();
    bench.strike({ method: 'DELETE', path: '/api/storage/qtrees/**' }, { type: 'job-stall' });
    const end = bench.driver.deleteVolume(volume, caller.signal);
    await expect.poll(async () => (await bench.inventory()).volumes[0]).toMatch(/^deleted_trident_pvc_1_[A-Z]{5}$/);
    caller.abort(new Error('killed'));
    await expect(end).rejects.toThrow('killed');
    bench.array.faults.clear();
    await bench.driver.deleteVolume(volume, signal());
    expect((await bench.inventory()).volumes).toEqual([]);
  });

  test('keep their name when the array refuses to delete them', async () => {
    await using bench = await openVaried(auto);
    const volume = await bench.create();
    bench.strike(
      { method: 'DELETE', path: '/api/storage/qtrees/**' },
      { type: 'refuse', status: 400, code: '5242925', message: 'Too many deletions are running.' },
    );
    expect((await problemOf(bench.driver.deleteVolume(volume, signal()))).message).toContain('5242925');
    expect((await bench.inventory()).volumes).toEqual([volume.config.internalName]);
  });

  test('are not made twice in different FlexVols', async () => {
    await using bench = await openVaried(auto, { config: { aggregate: 'aggr1_n1' } });
    await bench.create();
    await makeFlexVol(bench, 'trident_qtree_pool_trident_OTHERFLEXV', { snapshot_policy: { name: 'default' } });
    await makeQtree(bench, 'trident_qtree_pool_trident_OTHERFLEXV', 'trident_pvc_2', 2 ** 30);
    // Listed just now: the array is not asked again, and the name is taken since.
    const late = bench.kind.open(bench.config, bench.discovery, {
      ...bench.environment,
      now: () => new Date(Date.now() + 60_000),
    });
    const plan = bench.plan();
    expect(plan.config.internalName).toBe('trident_pvc_2');
    expect(await problemOf(late.createVolume(plan, signal()))).toMatchObject({ code: 'volume.exists-on-array' });
    await late[Symbol.asyncDispose]();
  });

  test('long after the last listing are looked for together, or listed anew', async () => {
    let later = 0;
    const environment = { now: () => new Date(Date.now() + later) };
    await using bench = await openVaried(auto, { environment, config: { aggregate: 'aggr1_n1' } });
    await bench.create();
    later = 60_000;
    const many = Array.from({ length: 32 }, () => bench.plan());
    const looks = () => bench.array.requests.count({ method: 'GET', path: '/storage/qtrees' });
    const before = looks();
    await createAll([bench.driver], many);
    expect(looks() - before).toBeLessThanOrEqual(2);
    // One after the other: some look by themselves, and then all are listed anew for the others.
    later = 120_000;
    const then = looks();
    for (let n = 0; n < 30; n++) await bench.create({ size: 2 ** 26 });
    expect(looks() - then).toBeLessThanOrEqual(10);
  });

  test('with long names get short ones', async () => {
    await using bench = await openVaried(auto);
    const name = `pvc-${'x'.repeat(80)}`;
    const { config } = await bench.create({ name });
    expect(config.internalName).toMatch(/^trident_[0-9a-f]{32}$/);
    expect(config.name).toBe(name);
    await bench.create({ name: 'y'.repeat(64 - 'trident_'.length) });
    expect((await bench.inventory()).volumes).toContain(`trident_${'y'.repeat(56)}`);
  });

  test('are not made smaller', async () => {
    await using bench = await openVaried(auto);
    const volume = await bench.create();
    expect(await problemOf(bench.driver.resizeVolume(volume, 2 ** 29, signal()))).toMatchObject({
      code: 'volume.shrink',
      kind: 'limit',
    });
    expect(await quotaOf(bench, volume.config.internalName)).toBe(2 ** 30);
    // Quotas are whole KiB, and tell no two of these apart.
    const odd = await bench.create({ size: 2 ** 30 + 9 });
    expect(await problemOf(bench.driver.resizeVolume(odd, 2 ** 30 + 7, signal()))).toMatchObject({
      code: 'volume.shrink',
    });
  });

  test('cost four calls to make, of which many at once share two', async () => {
    await using bench = await openVaried(auto, {
      settings: { returnTimeoutSeconds: 15 },
      config: { aggregate: 'aggr1_n1' },
    });
    await bench.create();
    expect(await bench.count(() => bench.create())).toBe(4);
    const many = Array.from({ length: 50 }, () => bench.plan());
    const spent = await bench.count(() => createAll([bench.driver], many));
    expect(spent).toBeLessThanOrEqual(2.5 * 50);
    const n1 = node('n1', '10.0.0.1');
    const volume = await bench.create();
    expect(await bench.count(() => published(bench, volume, n1, [n1]))).toBeLessThanOrEqual(4);
    const again = await published(bench, volume, n1, [n1]);
    expect(await bench.count(() => published(bench, again, n1, [n1]))).toBe(2);
  });
});

describe('opening a backend', () => {
  test.each<[string, Record<string, string>, string]>([
    [
      'qtreesPerFlexvol out of range',
      { qtreesPerFlexvol: '301' },
      'qtreesPerFlexvol: "301" is not a whole number from 50 to 300',
    ],
    ['a size that is none', { limitVolumePoolSize: 'big' }, 'limitVolumePoolSize'],
    ['a switch that is none', { denyNewVolumePools: 'maybe' }, 'denyNewVolumePools: "maybe" is not "true" or "false"'],
  ])('fails with %s', async (_, config, message) => {
    const problem = await problemOf(openVaried(auto, { config }).then(async (bench) => bench[Symbol.asyncDispose]()));
    expect(problem.kind).toBe('invalid');
    expect(problem.message).toContain(message);
  });

  test('fails with an adaptive QoS policy, and works with a prefix that begins with a digit', async () => {
    const problem = await problemOf(
      openVaried(auto, { config: { defaults: { adaptiveQosPolicy: 'a' } } }).then(async (bench) =>
        bench[Symbol.asyncDispose](),
      ),
    );
    expect(problem.path).toEqual(['defaults', 'adaptiveQosPolicy']);
    await using bench = await openVaried(auto, { config: { storagePrefix: '1st-' } });
    expect(bench.discovery.defaultName).toBe('ontapnaseco_192.0.2.11');
    const { config } = await bench.create({ internalName: 'q' });
    expect(config.internalID).toMatch(/^\/svm\/svm0\/flexvol\/trident_qtree_pool_1st_[A-Z]{10}\/qtree\/q$/);
  });

  test('offers neither snapshots nor clones', async () => {
    await using bench = await openVaried(auto);
    expect(
      bench.discovery.pools.map(({ offers }) => [offers['snapshots'], offers['clones'], offers['replication']]),
    ).toEqual(
      bench.discovery.pools.map(() => [
        { type: 'bool', offer: false },
        { type: 'bool', offer: false },
        { type: 'bool', offer: false },
      ]),
    );
  });
});
