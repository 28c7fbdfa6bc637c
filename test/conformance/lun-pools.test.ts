import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import type { VolumeHandle } from '../../src/engine/drivers/objects.ts';
import { handleOf, problemOf, processes, signal } from './driver-bench.ts';
import { onlyPool, pools } from './lun-pool-bench.ts';
import { economy } from './san-drivers.ts';
import { openVaried } from './varied-names.ts';

/** The FlexVols that LUNs share: when they are made, how large they are, when they go. */

const MIB = 2 ** 20;

const one = { aggregate: 'aggr1_n1', lunsPerFlexvol: '50' };

describe('shared FlexVols', () => {
  test('have names, sizes and properties as stock gives them', async () => {
    await using bench = await openVaried(economy, { config: { defaults: { snapshotReserve: '20' } } });
    const volume = await bench.create({ size: 800 * MIB });
    await bench.create({ size: 200 * MIB });
    const pool = await onlyPool(bench);
    expect(pool.name).toMatch(/^trident_lun_pool_trident_[A-Z]{10}$/);
    expect(pool.size).toBe((1000 * MIB * 100) / 80);
    expect(pool.luns).toEqual(['trident_pvc_1', 'trident_pvc_2']);
    expect(volume.config).toMatchObject({
      internalName: 'trident_pvc_1',
      internalID: `/svm/svm0/flexvol/${pool.name}/lun/trident_pvc_1`,
    });
    const [found] = await bench.list(`/storage/volumes?name=${pool.name}&fields=**`);
    expect(found).toMatchObject({ comment: '', guarantee: { type: 'none' } });
    expect(bench.discovery.defaultName).toBe('ontapsaneco_192.0.2.21');
    const described = v.parse(v.object({ backendPools: v.array(v.string()) }), bench.discovery.shownConfig);
    expect(JSON.parse(Buffer.from(described.backendPools[0] ?? '', 'base64').toString())).toMatchObject({
      flexVolPrefix: 'trident_lun_pool_trident_',
    });
  });

  test('take no more LUNs than they may, from one process and from several', async () => {
    await using bench = await openVaried(economy, { config: one });
    const plans = Array.from({ length: 120 }, () => bench.plan({ size: 32 * MIB }));
    const drivers = processes(bench, 4);
    let most = 0;
    const ended = new AbortController();
    const watch = async () => {
      while (!ended.signal.aborted) {
        for (const { luns } of await pools(bench)) most = Math.max(most, luns.length);
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const watching = watch();
    await Promise.all(plans.map((plan, index) => drivers[index % 4]?.createVolume(plan, signal())));
    ended.abort();
    await watching;
    expect(most).toBeLessThanOrEqual(50);
    for (const driver of drivers) await driver[Symbol.asyncDispose]();
    const found = await pools(bench);
    for (const { luns, size, bytes } of found) {
      expect(luns.length).toBeLessThanOrEqual(50);
      expect(size).toBeGreaterThanOrEqual(bytes);
    }
    expect(found.flatMap(({ luns }) => luns).toSorted()).toEqual(
      plans.map(({ config }) => config.internalName).toSorted(),
    );
  });

  test('do not count snapshots, and hold them with their full size', async () => {
    await using bench = await openVaried(economy, { config: one });
    const volume = await bench.create({ size: 100 * MIB });
    for (const name of ['a', 'b-c']) await bench.snapshot(volume, name);
    for (let n = 1; n < 50; n++) await bench.create({ size: 20 * MIB });
    const pool = await onlyPool(bench);
    expect(pool.luns).toHaveLength(52);
    expect(pool.luns).toContain('trident_pvc_1_snapshot_b_c');
    expect(pool.size).toBe(pool.bytes);
  });

  test('go with their last LUN, snapshots left behind included', async () => {
    await using bench = await openVaried(economy);
    const [volume, other] = [await bench.create(), await bench.create()];
    await bench.snapshot(volume, 's');
    await bench.driver.deleteVolume(volume, signal());
    expect((await onlyPool(bench)).luns).toEqual([other.config.internalName]);
    expect((await onlyPool(bench)).size).toBe(2 ** 30);
    await bench.driver.deleteVolume(other, signal());
    expect(await pools(bench)).toEqual([]);
  });

  test.each([1, 3])(
    'go once, when %i processes remove all LUNs at the same time and jobs take a while',
    async (count) => {
      await using bench = await openVaried(economy, { config: one, array: { jobs: { duration: 30 } } });
      const volumes = await Promise.all(Array.from({ length: 12 }, () => bench.create()));
      const drivers = processes(bench, count);
      await Promise.all(volumes.map(async (volume, index) => drivers[index % count]?.deleteVolume(volume, signal())));
      expect(await pools(bench)).toEqual([]);
    },
  );

  test('do not go when somebody makes a LUN at the last moment', async () => {
    await using bench = await openVaried(economy);
    const volume = await bench.create();
    const { name, uuid } = await onlyPool(bench);
    // The name is taken away before the FlexVol goes; this LUN is made just before that.
    const other = bench.reopen();
    let raced: Promise<VolumeHandle> | undefined;
    bench.strike(
      { method: 'PATCH', path: `/api/storage/volumes/${uuid}`, body: { name: '*' } },
      { type: 'delay', milliseconds: 200 },
    );
    const race = async () => {
      const plan = bench.plan();
      raced = other.createVolume(plan, signal()).then((made) => handleOf(plan.config, made));
      return raced;
    };
    const [, made] = await Promise.all([bench.driver.deleteVolume(volume, signal()), race()]);
    expect(await bench.driver.volumeExists(made, signal())).toBe(true);
    const left = await pools(bench);
    expect(left.flatMap(({ luns }) => luns)).toEqual([made.config.internalName]);
    for (const pool of left) expect(pool.name).not.toMatch(/^deleted_/);
    expect(name).toMatch(/^trident/);
    await other[Symbol.asyncDispose]();
  });

  test('are looked into one by one: making and removing a LUN reads no others', async () => {
    await using bench = await openVaried(economy, { config: { ...one, lunsPerFlexvol: '50' } });
    const volumes: VolumeHandle[] = [];
    for (let n = 0; n < 52; n++) volumes.push(await bench.create());
    const [full] = (await pools(bench)).filter(({ luns }) => luns.length === 50);
    bench.array.requests.reset();
    volumes.push(await bench.create());
    for (const volume of volumes.slice(-2)) await bench.driver.deleteVolume(volume, signal());
    const looks = bench.array.requests.list({ method: 'GET', path: '/storage/luns' });
    expect(looks).toHaveLength(3);
    for (const { query } of looks) {
      expect(decodeURIComponent(query)).not.toContain(`${full?.name}/`);
      expect(decodeURIComponent(query)).not.toContain('trident_lun_pool_trident_*/*');
    }
  });

  test('hold each name once, also when another installation makes it elsewhere at the same moment', async () => {
    await using bench = await openVaried(economy, { config: one });
    await bench.create();
    await economy.objects.makeForeign(bench, 'other');
    const plan = bench.plan();
    bench.strike({ method: 'POST', path: '/api/storage/luns' }, { type: 'delay', milliseconds: 200 });
    const [problem] = await Promise.all([
      problemOf(bench.driver.createVolume(plan, signal())),
      economy.objects.makeForeign(bench, plan.config.internalName),
    ]);
    expect(problem.code).toBe('volume.exists-on-array');
    const left = (await pools(bench)).filter(({ luns }) => luns.includes(plan.config.internalName));
    expect(left.map(({ name }) => name)).toEqual(['trident_lun_pool_trident_FOREIGNXYZ']);
  });

  test('are limited in size, each and all', async () => {
    await using bench = await openVaried(economy, { config: { ...one, limitVolumePoolSize: '300Mi' } });
    expect(() => bench.plan({ size: 400 * MIB })).toThrow('limitVolumePoolSize');
    const volume = await bench.create({ size: 200 * MIB });
    await bench.create({ size: 200 * MIB });
    expect(await pools(bench)).toHaveLength(2);
    for (const refused of [
      bench.driver.resizeVolume(volume, 400 * MIB, signal()),
      bench.driver.createSnapshot(volume, 's', signal()),
      bench.driver.cloneVolume(bench.clonePlan(volume, undefined), signal()),
    ])
      expect(await problemOf(refused)).toMatchObject({ kind: 'limit', nothingDone: true });
  });

  test('are not made when they are denied', async () => {
    await using bench = await openVaried(economy, { config: { ...one, denyNewVolumePools: 'true' } });
    expect(await problemOf(bench.driver.createVolume(bench.plan(), signal()))).toMatchObject({
      code: 'pool.ineligible',
      message: expect.stringContaining('denyNewVolumePools'),
      nothingDone: true,
    });
    expect(await pools(bench)).toEqual([]);
  });

  test('that cannot grow give the LUN back, and another FlexVol gets it', async () => {
    await using bench = await openVaried(economy, { config: one });
    await bench.create({ size: 800 * MIB });
    await using denied = bench.reopen({ ...bench.config, denyNewVolumePools: 'true' });
    const [pool] = await pools(bench);
    bench.strike(
      { method: 'PATCH', path: `/api/storage/volumes/${String(pool?.uuid)}` },
      { type: 'job-fail', code: 524849, message: 'it is full' },
    );
    const plan = bench.plan({ size: 800 * MIB });
    expect(await problemOf(denied.createVolume(plan, signal()))).toMatchObject({
      code: 'pool.ineligible',
      message: expect.stringContaining('it is full'),
    });
    expect((await onlyPool(bench)).luns).toEqual(['trident_pvc_1']);
    await bench.driver.createVolume(plan, signal());
    expect((await pools(bench)).map(({ luns }) => luns).toSorted()).toEqual([['trident_pvc_1'], ['trident_pvc_2']]);
  });

  test('that no FlexVol can grow for is refused, and leaves none', async () => {
    await using bench = await openVaried(economy, { config: one });
    bench.strike(
      { method: 'PATCH', path: '/api/storage/volumes/*', body: { size: '*' } },
      { type: 'refuse', status: 400, code: '917839', message: 'it cannot be so large' },
    );
    const problem = await problemOf(bench.driver.createVolume(bench.plan({ size: 2 ** 31 }), signal()));
    expect(problem).toMatchObject({
      code: 'pool.ineligible',
      message: expect.stringContaining('it cannot be so large'),
      nothingDone: true,
    });
    expect(await pools(bench)).toEqual([]);
  });

  test('a LUN that is refused leaves no empty FlexVol', async () => {
    await using bench = await openVaried(economy, { config: { defaults: { qosPolicy: 'nowhere' } } });
    expect(await problemOf(bench.driver.createVolume(bench.plan(), signal()))).toMatchObject({
      array: { code: '8454243' },
      nothingDone: true,
    });
    expect(await pools(bench)).toEqual([]);
  });

  test('an interrupted create leaves no empty FlexVol', async () => {
    await using impatient = await openVaried(economy, { settings: { settleTimeoutMs: 50, requestTimeoutMs: 500 } });
    impatient.strike({ method: 'POST', path: '/api/storage/luns' }, { type: 'drop-request' });
    const plan = impatient.plan();
    const since = new Date();
    await problemOf(impatient.driver.createVolume(plan, signal()));
    impatient.array.faults.clear();
    expect(await impatient.driver.discardVolume(plan, since, signal())).toBe('absent');
    expect(await pools(impatient)).toEqual([]);
  });

  test('are shared with others that have the prefix, and foreign ones are not used', async () => {
    await using bench = await openVaried(economy);
    await economy.objects.makeForeign(bench, 'theirs');
    await bench.create();
    const found = await pools(bench);
    expect(found.map(({ luns }) => luns).toSorted()).toEqual([['theirs'], ['trident_pvc_1']]);
  });

  test('of a prefix that begins with ours are not used, nor removed', async () => {
    await using bench = await openVaried(economy);
    const longer = { ...bench.config, storagePrefix: 'trident_dev_' };
    const found = await bench.kind.discover(longer, bench.environment, signal());
    await using other = bench.kind.open(longer, found, bench.environment);
    const since = new Date();
    const theirs = await other.createVolume(bench.plan({ internalName: 'trident_dev_v1' }), signal());
    const plan = bench.plan();
    await bench.driver.createVolume(plan, signal());
    const inside = async () => (await pools(bench)).map(({ luns }) => luns).toSorted();
    expect(await inside()).toEqual([['trident_dev_v1'], [plan.config.internalName]]);
    // Empty for a moment, as one is in which a LUN is about to be made.
    const lun = v.parse(v.object({ lun: v.object({ uuid: v.string() }) }), theirs.ref).lun;
    await bench.array.call('DELETE', `/storage/luns/${lun.uuid}`);
    expect(await bench.driver.discardVolume(plan, since, signal())).toBe('removed');
    expect((await pools(bench)).map(({ name }) => name)).toEqual([
      expect.stringMatching(/^trident_lun_pool_trident_dev_[A-Z]{10}$/),
    ]);
  });
});
