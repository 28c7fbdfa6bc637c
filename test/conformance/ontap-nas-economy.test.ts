import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import type { Driver } from '../../src/engine/drivers/driver.ts';
import type { VolumeHandle, VolumePlan } from '../../src/engine/drivers/objects.ts';
import type { FaultAction } from '../../src/simulator/core/fault-rules.ts';
import { emptyVolumeConfig } from '../../src/engine/orchestrator/model.ts';
import { driverConformance, published } from './driver.ts';
import { Bench, applyAll, handleOf, journalled, node, problemOf, processes, signal } from './driver-bench.ts';
import { economy as auto, economyShown as shown } from './nas-drivers.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { change, makeFlexVol, makeQtree, qtreesOnArray, quotaOf } from './qtrees-on-array.ts';

driverConformance(auto);
driverConformance(shown);

/** With names that differ: a second FlexVol needs one of its own. */
const open: typeof Bench.open = (under, options = {}) =>
  Bench.open(under, { ...options, settings: { random: seededRandom(7), ...options.settings } });

const sharedSchema = v.object({
  name: v.string(),
  size: v.number(),
  aggregates: v.array(v.object({ name: v.string() })),
  nas: v.object({ path: v.optional(v.string(), ''), export_policy: v.object({ name: v.string() }) }),
  quota: v.object({ state: v.string() }),
});

/** The shared FlexVols with their qtrees and what they are allowed. */
const sharedOf = async (bench: Bench) => {
  const volumes = await bench.list('/storage/volumes?name=trident_qtree_pool_*&fields=size,aggregates,nas,quota.state');
  return Promise.all(
    volumes.map(async (found) => {
      const volume = v.parse(sharedSchema, found);
      const qtrees = await bench.list(`/storage/qtrees?volume.name=${volume.name}&fields=name,nas.path`);
      const rules = await bench.list(
        `/storage/quota/rules?volume.name=${volume.name}&fields=space.hard_limit,qtree.name`,
      );
      const limits = rules.map((rule) =>
        v.parse(v.object({ space: v.optional(v.object({ hard_limit: v.optional(v.number(), 0) })) }), rule),
      );
      return {
        ...volume,
        qtrees: qtrees.map((qtree) => String(qtree['name'])).filter((name) => name !== ''),
        limits: limits.reduce((sum, { space }) => sum + Math.max(0, space?.hard_limit ?? 0), 0),
      };
    }),
  );
};

const close = async (drivers: readonly Driver[]) => {
  for (const driver of drivers) await driver[Symbol.asyncDispose]();
};

const createAll = (drivers: readonly Driver[], plans: readonly VolumePlan[]) =>
  Promise.all(
    plans.map(async (plan, index) => {
      const driver = drivers[index % drivers.length];
      if (driver === undefined) throw new Error('no driver');
      return handleOf(plan.config, await driver.createVolume(plan, signal()));
    }),
  );

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
    await using bench = await open(auto, { config: inOnePool });
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
    await using bench = await open(auto, { config: inOnePool });
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
    await using bench = await open(auto, { config: inOnePool });
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
    await using bench = await open(auto, { config: { aggregate: 'aggr1_n1' } });
    const drivers = processes(bench, 5);
    await createAll(
      drivers,
      Array.from({ length: 20 }, () => bench.plan()),
    );
    await close(drivers);
    expect(await sharedOf(bench)).toHaveLength(1);
  });

  test('take one from each of 60 processes at once', async () => {
    await using bench = await open(auto, { config: inOnePool });
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
    await using bench = await open(auto, { config: { aggregate: 'aggr1_n1' } });
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
    await using bench = await open(auto, { config: { aggregate: 'aggr1_n1' } });
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
    await using bench = await open(auto, {
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
    await using bench = await open(auto, { config: { storage: [{}] } });
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
    await using bench = await open(auto, {
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
    await using bench = await open(auto, { config: { aggregate: 'aggr1_n1' } });
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
    await using bench = await open(auto, { settings: { jobTimeoutMs: 100 }, config: { aggregate: 'aggr1_n1' } });
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
    await using bench = await open(auto, { config: { aggregate: 'aggr1_n1' } });
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

describe('qtrees', () => {
  test('of stock are found by their handle, and by their name', async () => {
    await using bench = await open(auto, { config: { aggregate: 'aggr1_n1' } });
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
    await using bench = await open(auto, { config: { aggregate: 'aggr1_n1' } });
    await makeFlexVol(bench, 'trident_qtree_pool_trident_MADEBYSTOC');
    await makeQtree(bench, 'trident_qtree_pool_trident_MADEBYSTOC', 'deleted_trident_pvc_7_QWERT', 2 ** 30);
    await makeQtree(bench, 'trident_qtree_pool_trident_MADEBYSTOC', 'deleted_by_mistake', 2 ** 30);
    const plan = await bench.prepared();
    await bench.driver.createVolume(plan, signal());
    await expect.poll(async () => (await bench.inventory()).volumes).toEqual(['deleted_by_mistake', 'trident_pvc_1']);
  });

  test('whose deletion was cut off after the renaming are deleted when that is repeated', async () => {
    await using bench = await open(auto);
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
    await using bench = await open(auto);
    const volume = await bench.create();
    bench.strike(
      { method: 'DELETE', path: '/api/storage/qtrees/**' },
      { type: 'refuse', status: 400, code: '5242925', message: 'Too many deletions are running.' },
    );
    expect((await problemOf(bench.driver.deleteVolume(volume, signal()))).message).toContain('5242925');
    expect((await bench.inventory()).volumes).toEqual([volume.config.internalName]);
  });

  test('are not made twice in different FlexVols', async () => {
    await using bench = await open(auto, { config: { aggregate: 'aggr1_n1' } });
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
    await using bench = await open(auto, { environment, config: { aggregate: 'aggr1_n1' } });
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
    await using bench = await open(auto);
    const name = `pvc-${'x'.repeat(80)}`;
    const { config } = await bench.create({ name });
    expect(config.internalName).toMatch(/^trident_[0-9a-f]{32}$/);
    expect(config.name).toBe(name);
    await bench.create({ name: 'y'.repeat(64 - 'trident_'.length) });
    expect((await bench.inventory()).volumes).toContain(`trident_${'y'.repeat(56)}`);
  });

  test('are not made smaller', async () => {
    await using bench = await open(auto);
    const volume = await bench.create();
    expect(await problemOf(bench.driver.resizeVolume(volume, 2 ** 29, signal()))).toMatchObject({
      code: 'volume.shrink',
      kind: 'limit',
    });
    expect(await quotaOf(bench, volume.config.internalName)).toBe(2 ** 30);
  });

  test('cost four calls to make, of which many at once share two', async () => {
    await using bench = await open(auto, {
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

describe('access', () => {
  const own = 'trident-11111111-2222-3333-4444-555555555555';
  const other = 'trident-99999999-2222-3333-4444-555555555555';

  test('leads through the FlexVol, and both policies let nodes in', async () => {
    await using bench = await open(auto);
    const [n1, n2] = [node('n1', '10.0.0.1'), node('n2', '10.0.0.2')];
    const first = await published(bench, await bench.create(), n1, [n1]);
    const second = await published(bench, await bench.create(), n2, [n2]);
    expect(await bench.rules(first.config.internalName)).toEqual(['10.0.0.1']);
    expect(await bench.rules(second.config.internalName)).toEqual(['10.0.0.2']);
    expect((await bench.rules(own))?.toSorted()).toEqual(['10.0.0.1', '10.0.0.2']);
    expect(await sharedOf(bench)).toMatchObject([{ nas: { export_policy: { name: own } } }]);
    await bench.driver.unpublish({ volume: first, node: n1, remaining: [] }, signal());
    expect(await bench.rules(first.config.internalName)).toBeUndefined();
    const expected = [{ volume: second, nodes: [n2] }];
    const changes = await bench.driver.planAccess(expected, [n2], signal());
    expect(changes.map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
      `revoke: remove 10.0.0.1 from export policy ${own} of shared FlexVols`,
    ]);
    await applyAll(changes);
    expect(await bench.rules(own)).toEqual(['10.0.0.2']);
    expect(await bench.driver.planAccess(expected, [n2], signal())).toEqual([]);
    expect(await bench.driver.planAccess([], [], signal())).toEqual([]);
  });

  test('takes no rule for ours that was there first, however late that is noticed', async () => {
    await using bench = await open(auto);
    const [n1, n2] = [node('n1', '10.0.0.1'), node('n2', '10.0.0.2')];
    const [first, second] = [await bench.create(), await bench.create()];
    const kept = await published(bench, first, n1, [n1]);
    // Looked at a moment ago: the driver asks for the rule without another look, and the array refuses a second one.
    await bench.addRule(own, '10.0.0.2', { protocols: ['nfs'], superuser: ['any'] });
    await published(bench, second, n2, [n2]);
    expect(await bench.repair([{ volume: kept, nodes: [n1] }], [n1])).toEqual([
      `rule for 10.0.0.2 in export policy ${own} of shared FlexVols`,
    ]);
    expect(await bench.rules(own)).toEqual(['10.0.0.1', '10.0.0.2']);
  });

  test('takes no rule of another form for ours, beside which one of ours was written for the same address', async () => {
    await using bench = await open(auto);
    const [n1, n2] = [node('n1', '10.0.0.1'), node('n2', '10.0.0.2')];
    const kept = await published(bench, await bench.create(), n1, [n1]);
    await bench.addRule(own, '10.0.0.2', { rw_rule: ['never'] });
    await published(bench, await bench.create(), n2, [n2]);
    expect(await bench.rules(own)).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.2']);
    expect(await bench.repair([{ volume: kept, nodes: [n1] }], [n1])).toEqual([
      `remove 10.0.0.2 from export policy ${own} of shared FlexVols`,
      `rule for 10.0.0.2 in export policy ${own} of shared FlexVols`,
    ]);
    const [left] = await bench.list(`/protocols/nfs/export-policies?name=${own}&fields=rules.rw_rule`);
    expect(left).toMatchObject({ rules: [{ rw_rule: ['any'] }, { rw_rule: ['never'] }] });
  });

  test.each<[string, FaultAction | undefined]>([
    ['its answer was lost', { type: 'drop-reply' }],
    ['its request was lost', { type: 'drop-request' }],
    ['several processes wrote it at once', undefined],
  ])('knows a rule for its own when %s', async (_, loss) => {
    await using bench = await open(auto);
    const [n1, n2] = [node('n1', '10.0.0.1'), node('n2', '10.0.0.2')];
    const kept = await published(bench, await bench.create(), n1, [n1]);
    const volumes = [await bench.create(), await bench.create(), await bench.create()];
    const drivers = [bench.driver, bench.reopen(), bench.reopen()];
    const [policy] = await bench.list(`/protocols/nfs/export-policies?name=${own}&fields=id`);
    const path = `/api/protocols/nfs/export-policies/${String(policy?.['id'])}/rules`;
    if (loss !== undefined) bench.strike({ method: 'POST', path, count: 1 }, loss);
    const request = { node: n2, nodes: [n2], readOnly: false, accessMode: 5 };
    await Promise.all(
      drivers.slice(0, loss === undefined ? 3 : 1).map(async (driver, index) => {
        const volume = volumes[index];
        if (volume !== undefined) await driver.publish({ volume, ...request }, signal());
      }),
    );
    await close(drivers.slice(1));
    expect(await bench.rules(own)).toEqual(['10.0.0.1', '10.0.0.2']);
    expect(await bench.repair([{ volume: kept, nodes: [n1] }], [n1])).toEqual([
      `remove 10.0.0.2 from export policy ${own} of shared FlexVols`,
    ]);
    expect(await bench.rules(own)).toEqual(['10.0.0.1']);
  });

  test('is repaired: FlexVols that lost their policy, policies that lost their rules', async () => {
    await using bench = await open(auto);
    const n1 = node('n1', '10.0.0.1');
    const volume = await published(bench, await bench.create(), n1, [n1]);
    const [shared] = await sharedOf(bench);
    const uuid = bench.array.world.findVolume(shared?.name ?? '')?.uuid ?? '';
    await change(bench, 'PATCH', `/storage/volumes/${uuid}`, { nas: { export_policy: { name: 'trident_empty' } } });
    const [policy] = await bench.list(`/protocols/nfs/export-policies?name=${own}&fields=id`);
    await change(bench, 'DELETE', `/protocols/nfs/export-policies/${String(policy?.['id'])}`);
    const changes = await bench.driver.planAccess([{ volume, nodes: [n1] }], [n1], signal());
    expect(changes).toHaveLength(2);
    await applyAll(changes);
    expect(await bench.rules(own)).toEqual(['10.0.0.1']);
    expect(await sharedOf(bench)).toMatchObject([{ nas: { export_policy: { name: own } } }]);
  });

  test('of another backend is left to it: its FlexVols get no qtrees of ours, and keep their policy', async () => {
    await using bench = await open(auto, { config: { aggregate: 'aggr1_n1' } });
    await bench.array.call('POST', '/protocols/nfs/export-policies', { name: other, svm: { name: 'svm0' } });
    const flexVol = 'trident_qtree_pool_trident_OFANOTHERB';
    await makeFlexVol(bench, flexVol, { nas: { path: `/${flexVol}`, export_policy: { name: other } } });
    const made = await bench.create();
    expect(made.config.internalID).not.toContain(flexVol);
    // One that is ours and lies there all the same is let through beside the others.
    await makeQtree(bench, flexVol, 'trident_pvc_9', 2 ** 30, { export_policy: { name: 'default' } });
    const config = {
      ...emptyVolumeConfig,
      name: 'pvc-9',
      internalName: 'trident_pvc_9',
      exportPolicy: 'trident_pvc_9',
    };
    const n1 = node('n1', '10.0.0.1');
    await bench.array.call('POST', '/protocols/nfs/export-policies', { name: 'trident_pvc_9', svm: { name: 'svm0' } });
    await published(bench, { config, ref: {} }, n1, [n1]);
    expect(await bench.rules(other)).toEqual(['10.0.0.1']);
    expect(await sharedOf(bench)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: flexVol, nas: expect.objectContaining({ export_policy: { name: other } }) }),
      ]),
    );
  });

  test('of a retired backend leaves its FlexVols shut', async () => {
    await using bench = await open(auto);
    const volume = await bench.create();
    await bench.driver.deleteVolume(volume, signal());
    await bench.driver.retire(signal());
    expect(await bench.rules(own)).toBeUndefined();
    expect(await sharedOf(bench)).toMatchObject([{ nas: { export_policy: { name: 'trident_empty' } } }]);
  });

  test('without autoExportPolicy lets everybody through to qtrees with the policy of the user', async () => {
    await using bench = await open(shown);
    const volume = await bench.create();
    expect(await bench.rules('trident_qtree_pool_export_policy')).toEqual(['0.0.0.0/0', '::/0']);
    expect(await sharedOf(bench)).toMatchObject([
      { nas: { export_policy: { name: 'trident_qtree_pool_export_policy' } } },
    ]);
    expect(await qtreesOnArray.look(bench, volume.config.internalName)).toMatchObject({
      found: { export_policy: { name: 'default' } },
    });
  });
});

describe('snapshots', () => {
  test('need their directory to be seen, and cannot be restored', async () => {
    await using bench = await open(auto);
    const hidden = await bench.create();
    expect(await problemOf(bench.driver.createSnapshot(hidden, 's', signal()))).toMatchObject({
      code: 'snapshot.no-directory',
      nothingDone: true,
    });
    const volume = await bench.create({ snapshotDirectory: 'true' });
    const snapshot = await bench.snapshot(volume, 's');
    expect(await problemOf(bench.driver.restoreSnapshot(volume, snapshot, signal()))).toMatchObject({
      code: 'snapshot.no-restore',
      kind: 'unsupported',
    });
    expect(bench.driver.manifest).toMatchObject({ clones: false, readOnlyClones: true, restore: false });
  });

  test('of one volume are not those of another in the same FlexVol', async () => {
    await using bench = await open(shown, { config: { aggregate: 'aggr1_n1' } });
    const [first, second] = [await bench.create(), await bench.create()];
    const taken = await bench.snapshot(first, 'daily');
    const refused = await problemOf(bench.driver.createSnapshot(second, 'daily', signal()));
    expect(refused).toMatchObject({ code: 'snapshot.exists-on-array', kind: 'exists', nothingDone: true });
    expect(refused.message).toContain(first.config.internalName);
    expect(await bench.driver.findSnapshot(second, 'daily', signal())).toBeUndefined();
    expect(await bench.driver.listSnapshots(second, signal())).toEqual([]);
    await bench.driver.deleteSnapshot(second, { ...taken, ref: {} }, signal());
    expect((await bench.driver.findSnapshot(first, 'daily', signal()))?.internalName).toBe('daily');
    await bench.driver.deleteSnapshot(first, taken, signal());
    expect((await bench.inventory()).snapshots).toEqual([]);
  });

  test('are seen through read-only clones, which are no objects of their own', async () => {
    await using bench = await open(auto);
    const source = await bench.create({ snapshotDirectory: 'true' });
    const snapshot = await bench.snapshot(source, 's1');
    const plan = bench.clonePlan(source, snapshot, { readOnlyClone: true });
    const before = await bench.inventory();
    const view = handleOf(plan.config, await bench.driver.cloneVolume(plan, signal()));
    expect(await bench.inventory()).toEqual(before);
    const sourcePath = source.config.accessInformation.nfsPath ?? '';
    expect(view.config.accessInformation.nfsPath).toBe(`${sourcePath}/.snapshot/s1`);
    const n1 = node('n1', '10.0.0.1');
    const granted = await published(bench, view, n1, [n1]);
    expect(await bench.rules(source.config.internalName)).toEqual(['10.0.0.1']);
    await bench.driver.unpublish({ volume: granted, node: n1, remaining: [] }, signal());
    expect(await bench.rules(source.config.internalName)).toBeUndefined();
    expect(await bench.driver.volumeExists(view, signal())).toBe(true);
    expect(await problemOf(bench.driver.resizeVolume(view, 2 ** 31, signal()))).toMatchObject({
      code: 'volume.read-only-clone',
    });
    await bench.driver.deleteVolume(view, signal());
    expect((await bench.inventory()).volumes).toEqual(before.volumes);
    expect(() => bench.clonePlan(source, snapshot)).toThrow('cannot be cloned');
  });
});

describe('import', () => {
  const plan = async (bench: Bench, original: string, more = {}) => {
    const found = await bench.driver.findForImport(original, signal());
    if (found === undefined) throw new Error(`${original} was not found`);
    return bench.driver.planImport({ ...emptyVolumeConfig, name: 'pvc-9', ...more }, original, journalled(found));
  };

  test('gives the FlexVol the name of a shared one, and takes both back', async () => {
    await using bench = await open(auto);
    const uuid = await makeFlexVol(bench, 'projects');
    await makeQtree(bench, 'projects', 'alpha', 2 ** 31, { unix_permissions: 750 });
    const wanted = journalled(await plan(bench, 'projects/alpha'));
    const volume = handleOf(wanted.config, await bench.driver.importVolume(wanted, signal()));
    expect(volume.config).toMatchObject({ internalName: 'trident_pvc_9', size: 2 ** 31 });
    // The junction keeps its name.
    expect(volume.config.accessInformation.nfsPath).toBe('/projects/trident_pvc_9');
    const n1 = node('n1', '10.0.0.1');
    await published(bench, volume, n1, [n1]);
    const [renamed] = await bench.list(`/storage/volumes?uuid=${uuid}&fields=nas.path`);
    expect(renamed).toMatchObject({
      name: expect.stringMatching(/^trident_qtree_pool_trident_[A-Z]{10}$/),
      nas: { path: '/projects' },
    });
    await bench.driver.undoImport(wanted, signal());
    expect((await bench.list(`/storage/volumes?uuid=${uuid}`))[0]).toMatchObject({ name: 'projects' });
    expect(await qtreesOnArray.look(bench, 'alpha')).toMatchObject({ found: { unix_permissions: 750 } });
  });

  test('refuses what has no size, no quotas that are on, or may not be renamed', async () => {
    await using bench = await open(auto);
    await makeFlexVol(bench, 'projects');
    await change(bench, 'POST', '/storage/qtrees', {
      volume: { name: 'projects' },
      svm: { name: 'svm0' },
      name: 'free',
    });
    await makeQtree(bench, 'projects', 'alpha', 2 ** 30);
    await expect(plan(bench, 'projects/free')).rejects.toThrow('no quota of its own');
    await expect(plan(bench, 'projects/alpha', { importNoRename: true })).rejects.toThrow('may not be renamed');
    await expect(plan(bench, 'projects/alpha', { importNotManaged: true })).rejects.toThrow('may not be renamed');
    const uuid = bench.array.world.findVolume('projects')?.uuid ?? '';
    await change(bench, 'PATCH', `/storage/volumes/${uuid}`, { quota: { enabled: false } });
    await expect(plan(bench, 'projects/alpha')).rejects.toThrow('the quotas of its FlexVol are off');
    await expect(bench.driver.findForImport('alpha', signal())).rejects.toThrow('does not name a qtree');
  });

  test('without management leaves everything', async () => {
    await using bench = await open(auto);
    const flexVol = 'trident_qtree_pool_trident_ITSOWNNAME';
    await makeFlexVol(bench, flexVol);
    await makeQtree(bench, flexVol, 'alpha', 2 ** 30);
    const before = await qtreesOnArray.look(bench, 'alpha');
    const unmanaged = await plan(bench, `${flexVol}/alpha`, { importNotManaged: true });
    expect(await bench.count(() => bench.driver.importVolume(unmanaged, signal()))).toBe(0);
    expect(await qtreesOnArray.look(bench, 'alpha')).toEqual(before);
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
    const problem = await problemOf(open(auto, { config }).then(async (bench) => bench[Symbol.asyncDispose]()));
    expect(problem.kind).toBe('invalid');
    expect(problem.message).toContain(message);
  });

  test('fails with an adaptive QoS policy, and works with a prefix that begins with a digit', async () => {
    const problem = await problemOf(
      open(auto, { config: { defaults: { adaptiveQosPolicy: 'a' } } }).then(async (bench) =>
        bench[Symbol.asyncDispose](),
      ),
    );
    expect(problem.path).toEqual(['defaults', 'adaptiveQosPolicy']);
    await using bench = await open(auto, { config: { storagePrefix: '1st-' } });
    expect(bench.discovery.defaultName).toBe('ontapnaseco_192.0.2.11');
    const { config } = await bench.create({ internalName: 'q' });
    expect(config.internalID).toMatch(/^\/svm\/svm0\/flexvol\/trident_qtree_pool_1st_[A-Z]{10}\/qtree\/q$/);
  });

  test('offers neither snapshots nor clones', async () => {
    await using bench = await open(auto);
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
