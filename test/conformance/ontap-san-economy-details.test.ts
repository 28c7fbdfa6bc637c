import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import type { VolumeHandle } from '../../src/engine/drivers/objects.ts';
import { defaultClientSettings } from '../../src/engine/drivers/ontap/client/settings.ts';
import { emptyVolumeConfig } from '../../src/engine/orchestrator/model.ts';
import type { VolumeConfig } from '../../src/engine/orchestrator/model.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { Bench, handleOf, journalled, node, problemOf, processes, signal } from './driver-bench.ts';
import { asa, economy } from './san-drivers.ts';

/** With names that differ: a second FlexVol needs one of its own. */
const open: typeof Bench.open = (under, options = {}) =>
  Bench.open(under, { ...options, settings: { random: seededRandom(7), ...options.settings } });

const MIB = 2 ** 20;
const volumeSchema = v.object({ name: v.string(), uuid: v.string(), size: v.number() });
const lunSchema = v.object({ name: v.string(), uuid: v.string(), space: v.object({ size: v.number() }) });

/** The shared FlexVols with the LUNs in them. */
const pools = async (bench: Bench) => {
  const volumes = await bench.list('/storage/volumes?name=*trident_lun_pool_*&fields=size');
  const luns = (await bench.list('/storage/luns?fields=space.size')).map((lun) => v.parse(lunSchema, lun));
  return volumes.map((found) => {
    const volume = v.parse(volumeSchema, found);
    const inside = luns.filter(({ name }) => name.startsWith(`/vol/${volume.name}/`));
    return {
      ...volume,
      luns: inside.map(({ name }) => name.split('/').at(-1) ?? '').toSorted(),
      bytes: inside.reduce((sum, { space }) => sum + space.size, 0),
    };
  });
};

const onlyPool = async (bench: Bench) => {
  const [pool, ...others] = await pools(bench);
  if (pool === undefined || others.length > 0) throw new Error('not one shared FlexVol');
  return pool;
};

const one = { aggregate: 'aggr1_n1', lunsPerFlexvol: '50' };

describe('shared FlexVols', () => {
  test('have names, sizes and properties as stock gives them', async () => {
    await using bench = await open(economy, { config: { defaults: { snapshotReserve: '20' } } });
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
    await using bench = await open(economy, { config: one });
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
    await using bench = await open(economy, { config: one });
    const volume = await bench.create({ size: 100 * MIB });
    for (const name of ['a', 'b-c']) await bench.snapshot(volume, name);
    for (let n = 1; n < 50; n++) await bench.create({ size: 20 * MIB });
    const pool = await onlyPool(bench);
    expect(pool.luns).toHaveLength(52);
    expect(pool.luns).toContain('trident_pvc_1_snapshot_b_c');
    expect(pool.size).toBe(pool.bytes);
  });

  test('go with their last LUN, snapshots left behind included', async () => {
    await using bench = await open(economy);
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
      await using bench = await open(economy, { config: one, array: { jobs: { duration: 30 } } });
      const volumes = await Promise.all(Array.from({ length: 12 }, () => bench.create()));
      const drivers = processes(bench, count);
      await Promise.all(volumes.map(async (volume, index) => drivers[index % count]?.deleteVolume(volume, signal())));
      expect(await pools(bench)).toEqual([]);
    },
  );

  test('do not go when somebody makes a LUN at the last moment', async () => {
    await using bench = await open(economy);
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
    await using bench = await open(economy, { config: { ...one, lunsPerFlexvol: '50' } });
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
    await using bench = await open(economy, { config: one });
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
    await using bench = await open(economy, { config: { ...one, limitVolumePoolSize: '300Mi' } });
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
    await using bench = await open(economy, { config: { ...one, denyNewVolumePools: 'true' } });
    expect(await problemOf(bench.driver.createVolume(bench.plan(), signal()))).toMatchObject({
      code: 'pool.ineligible',
      message: expect.stringContaining('denyNewVolumePools'),
      nothingDone: true,
    });
    expect(await pools(bench)).toEqual([]);
  });

  test('that cannot grow give the LUN back, and another FlexVol gets it', async () => {
    await using bench = await open(economy, { config: one });
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
    await using bench = await open(economy, { config: one });
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
    await using bench = await open(economy, { config: { defaults: { qosPolicy: 'nowhere' } } });
    expect(await problemOf(bench.driver.createVolume(bench.plan(), signal()))).toMatchObject({
      array: { code: '8454243' },
      nothingDone: true,
    });
    expect(await pools(bench)).toEqual([]);
  });

  test('an interrupted create leaves no empty FlexVol', async () => {
    await using impatient = await open(economy, { settings: { settleTimeoutMs: 50, requestTimeoutMs: 500 } });
    impatient.strike({ method: 'POST', path: '/api/storage/luns' }, { type: 'drop-request' });
    const plan = impatient.plan();
    const since = new Date();
    await problemOf(impatient.driver.createVolume(plan, signal()));
    impatient.array.faults.clear();
    expect(await impatient.driver.discardVolume(plan, since, signal())).toBe('absent');
    expect(await pools(impatient)).toEqual([]);
  });

  test('are shared with others that have the prefix, and foreign ones are not used', async () => {
    await using bench = await open(economy);
    await economy.objects.makeForeign(bench, 'theirs');
    await bench.create();
    const found = await pools(bench);
    expect(found.map(({ luns }) => luns).toSorted()).toEqual([['theirs'], ['trident_pvc_1']]);
  });

  test('of a prefix that begins with ours are not used, nor removed', async () => {
    await using bench = await open(economy);
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

describe('the removal of an empty FlexVol that was interrupted', () => {
  /** The FlexVol has its other name already when the array is out of reach. */
  const interrupted = async (bench: Bench): Promise<void> => {
    const volume = await bench.create();
    bench.strike({ method: 'DELETE', path: '/api/storage/volumes/*' }, { type: 'drop-request' });
    await problemOf(bench.driver.deleteVolume(volume, signal()));
    bench.array.faults.clear();
    expect((await onlyPool(bench)).name).toMatch(/^deleted_trident_lun_pool_/);
  };
  const impatient = { settleTimeoutMs: 50, requestTimeoutMs: 500, random: seededRandom(7) };

  test('is ended by the next create, in another process', async () => {
    await using bench = await open(economy, { settings: impatient });
    await interrupted(bench);
    await using other = bench.reopen();
    await other.createVolume(bench.plan(), signal());
    const { name, luns } = await onlyPool(bench);
    expect(name).toMatch(/^trident_lun_pool_/);
    expect(luns).toEqual(['trident_pvc_2']);
  });

  test('is ended when the deletion is repeated, of a volume of stock too', async () => {
    await using bench = await open(economy, { settings: impatient });
    for (const ref of [undefined, {}]) {
      const volume = await bench.create();
      bench.strike({ method: 'DELETE', path: '/api/storage/volumes/*' }, { type: 'drop-request' });
      await problemOf(bench.driver.deleteVolume(volume, signal()));
      bench.array.faults.clear();
      await using other = bench.reopen();
      await other.deleteVolume({ ...volume, ref: ref ?? volume.ref }, signal());
      expect(await pools(bench)).toEqual([]);
    }
  });

  test('is ended when a creation is taken back', async () => {
    await using bench = await open(economy, { settings: impatient });
    await interrupted(bench);
    await using other = bench.reopen();
    expect(await other.discardVolume(bench.plan(), new Date(), signal())).toBe('absent');
    expect(await pools(bench)).toEqual([]);
  });

  test('is given up when somebody made a LUN before the name was gone', async () => {
    await using bench = await open(economy, { settings: impatient });
    await bench.create();
    const { uuid, name } = await onlyPool(bench);
    await bench.array.call('PATCH', `/storage/volumes/${uuid}?return_timeout=15`, { name: `deleted_${name}` });
    await using other = bench.reopen();
    await other.createVolume(bench.plan(), signal());
    const found = await pools(bench);
    expect(found.map((pool) => pool.luns).toSorted()).toEqual([['trident_pvc_1'], ['trident_pvc_2']]);
    for (const pool of found) expect(pool.name).toMatch(/^trident_lun_pool_/);
  });
});

test('a FlexVol that got its name back is known by it', async () => {
  await using bench = await open(economy);
  const volume = await bench.create();
  const { uuid, name } = await onlyPool(bench);
  const rename = (wanted: string) =>
    bench.array.call('PATCH', `/storage/volumes/${uuid}?return_timeout=15`, { name: wanted });
  await rename(`deleted_${name}`);
  await using other = bench.reopen();
  bench.strike(
    { method: 'PATCH', path: `/api/storage/volumes/${uuid}` },
    { type: 'refuse', status: 400, code: '917839', message: 'not now' },
  );
  await other.createVolume(bench.plan(), signal());
  bench.array.faults.clear();
  await rename(name);
  expect((await other.createSnapshot(volume, 's1', signal())).internalName).toBe('s1');
  expect((await pools(bench)).find((pool) => pool.uuid === uuid)?.luns).toHaveLength(2);
});

describe('LUNs in shared FlexVols', () => {
  test('must not have the name of a snapshot', async () => {
    await using bench = await open(economy);
    expect(() => bench.plan({ name: 'a-snapshot-b' })).toThrow('taken for a snapshot');
  });

  test('a snapshot belongs to one volume, whatever the others are called', async () => {
    await using bench = await open(economy);
    const [short, long] = [await bench.create({ name: 'data' }), await bench.create({ name: 'my-data' })];
    await bench.snapshot(long, 's1');
    expect(await bench.driver.listSnapshots(short, signal())).toEqual([]);
    expect(await bench.driver.findSnapshot(short, 's1', signal())).toBeUndefined();
    await bench.driver.deleteVolume(short, signal());
    expect(await bench.driver.listSnapshots(long, signal())).toMatchObject([{ internalName: 's1' }]);
  });

  test.each([
    ['a-b', 'a_b'],
    ['a_b', 'a-b'],
  ])('do not take snapshot %s for snapshot %s, whose name on the array is the same', async (name, second) => {
    await using bench = await open(economy);
    const volume = await bench.create();
    const first = await bench.snapshot(volume, name);
    expect((await bench.snapshot(volume, name)).ref).toEqual(first.ref);
    const before = await bench.inventory();
    const refused = await problemOf(bench.driver.createSnapshot(volume, second, signal()));
    expect(refused).toMatchObject({
      code: 'snapshot.name-taken',
      kind: 'exists',
      nothingDone: true,
      message: `snapshot ${second} of LUN trident_pvc_1 would have the name trident_pvc_1_snapshot_a_b on the array, which snapshot ${name} of LUN trident_pvc_1 has`,
    });
    expect(await bench.driver.findSnapshot(volume, second, signal())).toBeUndefined();
    await bench.driver.deleteSnapshot(volume, { name: second, internalName: second, ref: {} }, signal());
    expect(await bench.inventory()).toEqual(before);
    expect(await bench.driver.listSnapshots(volume, signal())).toMatchObject([{ internalName: name }]);
    await bench.driver.deleteSnapshot(volume, first, signal());
    expect((await bench.snapshot(volume, second)).internalName).toBe(second);
  });

  test('of stock have the snapshot that is asked for, whatever its name was', async () => {
    await using bench = await open(economy);
    const volume = await bench.create();
    const { name } = await onlyPool(bench);
    await bench.array.call('POST', '/storage/luns?return_timeout=15', {
      svm: { name: 'svm0' },
      name: `/vol/${name}/trident_pvc_1_snapshot_a_b`,
      clone: { source: { name: `/vol/${name}/trident_pvc_1` } },
    });
    const found = await bench.driver.findSnapshot(volume, 'a-b', signal());
    expect(found?.internalName).toBe('a-b');
    expect((await bench.driver.createSnapshot(volume, 'a-b', signal())).ref).toEqual(found?.ref);
  });

  test('tell the time of each snapshot, not of the first', async () => {
    await using bench = await open(economy, { array: { clock: { frozenAt: new Date('2031-02-03T04:05:06Z') } } });
    const volume = await bench.create();
    const first = await bench.driver.createSnapshot(volume, 'a', signal());
    bench.array.clock.advance(60_000);
    const second = await bench.driver.createSnapshot(volume, 'b', signal());
    expect([first.created, second.created]).toEqual(['2031-02-03T04:05:06Z', '2031-02-03T04:06:06Z']);
  });

  test('are restored in place: identity, maps and size stay', async () => {
    await using bench = await open(economy);
    const n1 = node('n1');
    const volume = await bench.create({ size: 2 ** 30 });
    const snapshot = await bench.snapshot(volume, 's1');
    const request = { volume, node: n1, nodes: [n1], readOnly: false, accessMode: 1 };
    const before = await bench.driver.publish(request, signal());
    const { size, ref } = await bench.driver.resizeVolume(volume, 2 ** 31, signal());
    const grown = { config: { ...volume.config, size }, ref };
    await bench.driver.restoreSnapshot(grown, snapshot, signal());
    expect(await bench.driver.publish({ ...request, volume: { ...grown, ref: before.ref } }, signal())).toEqual(before);
    const [lun] = await bench.list('/storage/luns?name=*trident_pvc_1&fields=space.size');
    expect(lun).toMatchObject({ space: { size: 2 ** 31 } });
  });

  test('are cloned with their size and policy, from a smaller snapshot too', async () => {
    await using bench = await open(economy);
    await bench.array.call('POST', '/storage/qos/policies?return_timeout=15', {
      name: 'slow',
      svm: { name: 'svm0' },
      fixed: { max_throughput_iops: 100 },
    });
    const small = await bench.create({ size: 2 ** 30 });
    const snapshot = await bench.snapshot(small, 's1');
    const { ref } = await bench.driver.resizeVolume(small, 2 ** 31, signal());
    const volume = { config: { ...small.config, size: 2 ** 31 }, ref: { ...small.ref, ...ref } };
    const plan = bench.clonePlan(volume, snapshot, { qosPolicy: 'slow' });
    const clone = handleOf(plan.config, await bench.driver.cloneVolume(plan, signal()));
    const [lun] = await bench.list('/storage/luns?name=*trident_pvc_2&fields=space.size,qos_policy.name');
    expect(lun).toMatchObject({ space: { size: 2 ** 31 }, qos_policy: { name: 'slow' } });
    await bench.driver.deleteVolume(volume, signal());
    expect(await bench.driver.volumeExists(clone, signal())).toBe(true);
  });

  test('are cloned by two installations at once, whose sizes overtake each other', async () => {
    await using bench = await open(economy);
    const volume = await bench.create();
    const { uuid } = await onlyPool(bench);
    await using other = bench.reopen();
    const plans = [bench.clonePlan(volume, undefined), bench.clonePlan(volume, undefined)] as const;
    // The size that knows of one clone only comes last.
    bench.strike(
      { method: 'PATCH', path: `/api/storage/volumes/${uuid}`, nth: 1 },
      { type: 'delay', milliseconds: 300 },
    );
    const clones = [
      bench.driver.cloneVolume(plans[0], signal()),
      (async () => {
        await expect.poll(async () => (await onlyPool(bench)).luns).toHaveLength(2);
        return other.cloneVolume(plans[1], signal());
      })(),
    ];
    await Promise.all(clones);
    const { luns, size, bytes } = await onlyPool(bench);
    expect(luns).toHaveLength(3);
    expect(size).toBe(bytes);
  });

  test('that stock made are found, used and cleaned up', async () => {
    await using bench = await open(economy);
    await economy.objects.makeForeign(bench, 'trident_stock');
    const volume: VolumeHandle = {
      config: { ...emptyVolumeConfig, name: 'stock', internalName: 'trident_stock', size: 2 ** 30, protocol: 'block' },
      ref: {},
    };
    const n1 = node('n1');
    const granted = await bench.driver.publish(
      { volume, node: n1, nodes: [n1], readOnly: false, accessMode: 1 },
      signal(),
    );
    await bench.driver.unpublish({ volume: { ...volume, ref: granted.ref }, node: n1, remaining: [] }, signal());
    expect(await bench.driver.listSnapshots(volume, signal())).toEqual([]);
    await bench.snapshot(volume, 's');
    expect((await bench.driver.resizeVolume(volume, 2 ** 31, signal())).size).toBe(2 ** 31);
    await bench.driver.deleteVolume(volume, signal());
    expect(await pools(bench)).toEqual([]);
  });

  test('within the tolerance are not resized, and never made smaller', async () => {
    await using bench = await open(economy);
    const volume = await bench.create({ size: 2 ** 30 });
    const before = bench.array.requests.count({ method: 'PATCH' });
    expect((await bench.driver.resizeVolume(volume, 2 ** 30 + 40_000_000, signal())).size).toBe(2 ** 30);
    expect(bench.array.requests.count({ method: 'PATCH' })).toBe(before);
    expect(await problemOf(bench.driver.resizeVolume(volume, 2 ** 29, signal()))).toMatchObject({
      code: 'volume.shrink',
    });
  });
});

describe('importing a LUN', () => {
  const makeLun = async (bench: Bench, flexVol: string, name: string, more = {}) => {
    await bench.array.call('POST', '/storage/volumes?return_timeout=15', {
      name: flexVol,
      svm: { name: 'svm0' },
      aggregates: [{ name: 'aggr1_n1' }],
      size: 2 ** 31,
      ...more,
    });
    const body = { name: `/vol/${flexVol}/${name}`, svm: { name: 'svm0' }, os_type: 'linux', space: { size: 2 ** 30 } };
    expect((await bench.array.call('POST', '/storage/luns', body)).status).toBe(201);
  };
  const planFor = async (bench: Bench, original: string, more: Partial<VolumeConfig> = {}) => {
    const found = await bench.driver.findForImport(original, signal());
    if (found === undefined) throw new Error(`${original} is not found`);
    return journalled(
      bench.driver.planImport({ ...emptyVolumeConfig, name: 'pvc-x', ...more }, original, journalled(found)),
    );
  };

  test('gives its FlexVol a name of ours, and back', async () => {
    await using bench = await open(economy);
    await makeLun(bench, 'database', 'data');
    const plan = await planFor(bench, 'database/data');
    const volume = handleOf(plan.config, await bench.driver.importVolume(plan, signal()));
    const pool = await onlyPool(bench);
    expect(pool.luns).toEqual(['trident_pvc_x']);
    expect(volume.config.internalID).toBe(`/svm/svm0/flexvol/${pool.name}/lun/trident_pvc_x`);
    expect(await bench.driver.volumeExists(volume, signal())).toBe(true);
    for (let time = 0; time < 2; time++) await bench.driver.undoImport(plan, signal());
    expect((await bench.list('/storage/luns')).map(({ name }) => name)).toEqual(['/vol/database/data']);
  });

  test.each([
    [
      'keeps the name of a foreign FlexVol',
      { importNoRename: true },
      {},
      'does not begin with trident_lun_pool_trident_',
    ],
    ['lies beside files', {}, { nas: { path: '/database' } }, 'mounted at /database'],
  ])('that %s is refused', async (_, request, volume, message) => {
    await using bench = await open(economy);
    await makeLun(bench, 'database', 'data', volume);
    expect(await problemOf(planFor(bench, 'database/data', request))).toMatchObject({
      code: 'import.refused',
      message: expect.stringContaining(message),
    });
  });
});

describe('configuration', () => {
  test.each([
    [{ lunsPerFlexvol: '49' }, 'lunsPerFlexvol'],
    [{ lunsPerFlexvol: '201' }, 'lunsPerFlexvol'],
    [{ sanType: 'nvme' }, 'sanType'],
    [{ limitVolumePoolSize: 'much' }, 'limitVolumePoolSize'],
  ])('%o is refused', async (more, key) => {
    await using bench = await open(economy);
    expect(() => bench.kind.check({ ...bench.config, ...more }, 'csi')).toThrow(key);
  });

  test('ASA r2 has no FlexVols to share', async () => {
    await using bench = await Bench.open(asa);
    const kind = economy.kind(defaultClientSettings);
    const config = { ...bench.config, storageDriverName: 'ontap-san-economy' };
    expect(await problemOf(kind.discover(config, bench.environment, signal()))).toMatchObject({
      code: 'backend.platform',
      hint: expect.stringContaining('ontap-san'),
    });
  });
});
