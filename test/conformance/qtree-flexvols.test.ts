import { describe, expect, test } from 'vitest';
import type { VolumeHandle } from '../../src/engine/drivers/objects.ts';
import { Bench, problemOf, processes, signal } from './driver-bench.ts';
import { economy as auto } from './nas-drivers.ts';
import { close, createAll, sharedOf } from './qtree-bench.ts';
import { change, makeFlexVol, qtreesOnArray, quotaOf } from './qtrees-on-array.ts';
import { openVaried } from './varied-names.ts';

/** The FlexVols that qtrees share: when they are made, how many they take, how large they are. */

/** Looks again and again how many qtrees the fullest FlexVol has. */
const watching = (bench: Bench) => {
  let most = 0;
  const watch = { goesOn: true };
  const look = async () => {
    while (watch.goesOn) {
      for (const { qtrees } of await sharedOf(bench)) most = Math.max(most, qtrees.length);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const looking = look();
  return {
    async most() {
      watch.goesOn = false;
      await looking;
      return most;
    },
  };
};

describe('shared FlexVols', () => {
  const inOnePool = { aggregate: 'aggr1_n1', qtreesPerFlexvol: '50' };

  test('take no more than they may of 50 at once from one process', async () => {
    await using bench = await openVaried(auto, { config: inOnePool });
    for (let n = 0; n < 30; n++) await bench.create({ size: 2 ** 26 });
    const plans = Array.from({ length: 50 }, () => bench.plan({ size: 2 ** 26 }));
    const volumes = await createAll([bench.driver], plans);
    const shared = await sharedOf(bench);
    expect(shared.map(({ qtrees }) => qtrees.length).toSorted()).toEqual([30, 50]);
    for (const { size, limits, quota } of shared) {
      expect(size).toBe(limits);
      expect(quota.state).toBe('on');
    }
    for (const { config } of volumes)
      expect(config.accessInformation.nfsPath).toMatch(/^\/trident_qtree_pool_trident_[A-Z]{10}\/trident_pvc_\d+$/);
  });

  test('take no more than they may of 120 at once from four processes', async () => {
    await using bench = await openVaried(auto, { config: inOnePool });
    const drivers = processes(bench, 4);
    const plans = Array.from({ length: 120 }, (_, index) => bench.plan({ size: 2 ** 25 + index * 2 ** 20 }));
    const watch = watching(bench);
    const volumes = await createAll(drivers, plans);
    await close(drivers);
    expect(await watch.most()).toBeLessThanOrEqual(50);
    const shared = await sharedOf(bench);
    const all = shared.flatMap(({ qtrees }) => qtrees);
    expect(all.toSorted()).toEqual(plans.map(({ config }) => config.internalName).toSorted());
    for (const { qtrees, size, limits } of shared) {
      expect(qtrees.length).toBeLessThanOrEqual(50);
      expect(size).toBeGreaterThanOrEqual(limits);
    }
    // Most share; a process may have seen the last place go.
    expect(shared.length).toBeLessThanOrEqual(5);
    for (const { config } of volumes) {
      const [, flexVol, qtree] = (config.accessInformation.nfsPath ?? '').split('/');
      expect(shared.find(({ name }) => name === flexVol)?.qtrees).toContain(qtree);
      expect(config.internalID).toBe(`/svm/svm0/flexvol/${flexVol}/qtree/${qtree}`);
    }
  });

  test('take no more than they may from installations that know nothing of each other', async () => {
    await using bench = await openVaried(auto, { config: inOnePool });
    for (let n = 0; n < 44; n++) await bench.create({ size: 2 ** 26 });
    const others = [bench.reopen(), bench.reopen(), bench.reopen()];
    const plans = Array.from({ length: 12 }, () => bench.plan({ size: 2 ** 26 }));
    await createAll(others, plans);
    await close(others);
    const shared = await sharedOf(bench);
    expect(shared.flatMap(({ qtrees }) => qtrees)).toHaveLength(56);
    for (const { qtrees, size, limits } of shared) {
      expect(qtrees.length).toBeLessThanOrEqual(50);
      expect(size).toBeGreaterThanOrEqual(limits);
    }
  });

  test('are made once for all who come at once', async () => {
    await using bench = await openVaried(auto, { config: { aggregate: 'aggr1_n1' } });
    const drivers = processes(bench, 5);
    await createAll(
      drivers,
      Array.from({ length: 20 }, () => bench.plan()),
    );
    await close(drivers);
    expect(await sharedOf(bench)).toHaveLength(1);
  });

  test('take one from each of 60 processes at once', async () => {
    await using bench = await openVaried(auto, { config: inOnePool });
    const drivers = processes(bench, 60);
    const plans = drivers.map((_, index) => bench.plan({ size: 2 ** 25 + index * 2 ** 20 }));
    const watch = watching(bench);
    await createAll(drivers, plans);
    await close(drivers);
    expect(await watch.most()).toBeLessThanOrEqual(50);
    const shared = await sharedOf(bench);
    expect(shared.flatMap(({ qtrees }) => qtrees)).toHaveLength(60);
    for (const { size, limits } of shared) expect(size).toBeGreaterThanOrEqual(limits);
  });

  test('are given to a process that comes while another goes on and on', async () => {
    await using bench = await openVaried(auto, { config: { aggregate: 'aggr1_n1' } });
    const [busy, other] = processes(bench, 2);
    if (busy === undefined || other === undefined) throw new Error('no drivers');
    const end = new AbortController();
    const work = Array.from({ length: 4 }, async () => {
      while (!end.signal.aborted) await busy.createVolume(bench.plan({ size: 2 ** 25 }), signal());
    });
    for (let n = 0; n < 5; n++) await other.createVolume(bench.plan({ size: 2 ** 25 }), signal());
    end.abort();
    await Promise.all(work);
    await close([busy, other]);
    for (const { qtrees, size, limits } of await sharedOf(bench)) {
      expect(qtrees.length).toBeLessThanOrEqual(200);
      expect(size).toBeGreaterThanOrEqual(limits);
    }
  });

  test('stay as large as their quotas while processes create and resize at once', async () => {
    await using bench = await openVaried(auto, { config: { aggregate: 'aggr1_n1' } });
    const first = await createAll(
      [bench.driver],
      Array.from({ length: 12 }, () => bench.plan()),
    );
    const drivers = processes(bench, 3);
    const grow = first.map((volume, index) =>
      drivers[index % 3]?.resizeVolume(volume, 2 ** 31 + index * 2 ** 20, signal()),
    );
    const more = createAll(
      drivers,
      Array.from({ length: 24 }, () => bench.plan()),
    );
    await Promise.all([...grow, more]);
    await close(drivers);
    const [shared, ...others] = await sharedOf(bench);
    expect(others).toEqual([]);
    expect(shared?.size).toBe(shared?.limits);
    for (const [index, { config }] of first.entries())
      expect(await quotaOf(bench, config.internalName)).toBe(2 ** 31 + index * 2 ** 20);
  });

  test('are as stock makes them', async () => {
    await using bench = await openVaried(auto, {
      config: { defaults: { snapshotPolicy: 'default', snapshotReserve: '20', spaceReserve: 'none' } },
    });
    await bench.create({ size: 2 ** 30 });
    const [found] = await bench.list('/storage/volumes?name=trident_qtree_pool_*&fields=**');
    expect(found).toMatchObject({
      name: expect.stringMatching(/^trident_qtree_pool_trident_[A-Z]{10}$/),
      comment: '',
      guarantee: { type: 'none' },
      size: 2 ** 30 / 0.8,
      snapshot_policy: { name: 'default' },
      space: { snapshot: { reserve_percent: 20 } },
      snapshot_directory_access_enabled: false,
      nas: {
        security_style: 'unix',
        unix_permissions: 711,
        export_policy: { name: 'trident-11111111-2222-3333-4444-555555555555' },
      },
      quota: { enabled: true },
    });
    const rules = await bench.list('/storage/quota/rules?fields=type,qtree.name,space');
    expect(rules).toMatchObject([
      { type: 'tree', qtree: { name: '' } },
      { type: 'tree', qtree: { name: 'trident_pvc_1' }, space: { hard_limit: 2 ** 30 } },
    ]);
    expect(await qtreesOnArray.look(bench, 'trident_pvc_1')).toMatchObject({
      found: { export_policy: { name: 'trident_empty' }, security_style: 'unix', unix_permissions: 777 },
    });
  });

  test('lie on the aggregates of the pool, and volumes go where there is room already', async () => {
    await using bench = await openVaried(auto, { config: { storage: [{}] } });
    for (let n = 0; n < 6; n++) await bench.create();
    expect(await sharedOf(bench)).toHaveLength(1);
    const only = (await sharedOf(bench))[0]?.aggregates[0]?.name;
    const other = bench.discovery.pools.length === 1 ? (only === 'aggr1_n1' ? 'aggr1_n2' : 'aggr1_n1') : '';
    const plan = { ...bench.plan(), placement: [other] };
    await bench.driver.createVolume(plan, signal());
    expect((await sharedOf(bench)).map(({ aggregates }) => aggregates[0]?.name).toSorted()).toEqual([
      'aggr1_n1',
      'aggr1_n2',
    ]);
  });

  test('are not made when they may not, and not larger than they may', async () => {
    await using bench = await openVaried(auto, {
      config: { denyNewVolumePools: 'true', limitVolumePoolSize: '3Gi', aggregate: 'aggr1_n1' },
    });
    const refused = await problemOf(bench.driver.createVolume(bench.plan(), signal()));
    expect(refused).toMatchObject({ code: 'pool.ineligible', nothingDone: true });
    expect(refused.message).toContain('denyNewVolumePools');
    await makeFlexVol(bench, 'trident_qtree_pool_trident_GIVENBYUSR');
    const volumes: VolumeHandle[] = [];
    for (let n = 0; n < 3; n++) volumes.push(await bench.create());
    const full = await problemOf(bench.driver.createVolume(bench.plan(), signal()));
    expect(full.message).toContain('trident_qtree_pool_trident_GIVENBYUSR has 3 qtrees');
    const [first] = volumes;
    if (first === undefined) throw new Error('no volume');
    expect((await problemOf(bench.driver.resizeVolume(first, 2 ** 31, signal()))).message).toContain(
      'limitVolumePoolSize',
    );
    expect(await problemOf(bench.driver.createVolume(bench.plan({ size: 2 ** 32 }), signal()))).toMatchObject({
      code: 'volume.too-large',
    });
  });

  test('that are not mounted, or whose quotas are off, are put in order before they are used', async () => {
    await using bench = await openVaried(auto, { config: { aggregate: 'aggr1_n1' } });
    const name = 'trident_qtree_pool_trident_HALFWAYMAD';
    await change(bench, 'POST', '/storage/volumes', {
      name,
      svm: { name: 'svm0' },
      aggregates: [{ name: 'aggr1_n1' }],
      size: 2 ** 30,
      guarantee: { type: 'none' },
      snapshot_policy: { name: 'none' },
      space: { snapshot: { reserve_percent: 0 } },
      snapshot_directory_access_enabled: false,
    });
    const { config } = await bench.create();
    expect(config.accessInformation.nfsPath).toBe(`/${name}/trident_pvc_1`);
    expect(await sharedOf(bench)).toMatchObject([{ name, nas: { path: `/${name}` }, quota: { state: 'on' } }]);
  });

  test('whose quotas do not come on say so', async () => {
    await using bench = await openVaried(auto, { settings: { jobTimeoutMs: 100 }, config: { aggregate: 'aggr1_n1' } });
    const uuid = await makeFlexVol(bench, 'trident_qtree_pool_trident_NEVERISON');
    await change(bench, 'PATCH', `/storage/volumes/${uuid}`, { quota: { enabled: false } });
    bench.strike(
      { method: 'PATCH', path: '/api/storage/volumes/*', body: { quota: '*' } },
      { type: 'refuse', status: 500, code: '5308567', message: 'Quotas cannot be resized now.' },
    );
    const problem = await problemOf(bench.driver.createVolume(bench.plan(), signal()));
    expect(problem.message).toContain('Quotas cannot be resized now. (ONTAP error 5308567)');
    expect((await bench.inventory()).volumes).toEqual([]);
  });

  test('that hold a volume which does not fit stay as they are, and it goes elsewhere', async () => {
    await using bench = await openVaried(auto, { config: { aggregate: 'aggr1_n1' } });
    const kept = await bench.create();
    const fault = bench.strike(
      { method: 'PATCH', path: '/api/storage/volumes/*', body: { size: '*' } },
      { type: 'refuse', status: 400, code: '917535', message: 'No space for that.' },
    );
    expect(await problemOf(bench.driver.resizeVolume(kept, 2 ** 31, signal()))).toMatchObject({
      array: { code: '917535' },
    });
    expect(await quotaOf(bench, kept.config.internalName)).toBe(2 ** 30);
    const problem = await problemOf(bench.driver.createVolume(bench.plan(), signal()));
    expect(problem.message).toContain('No space for that.');
    bench.array.faults.remove(fault);
    expect((await bench.inventory()).volumes).toEqual([kept.config.internalName]);
  });
});
