import { describe, expect, test } from 'vitest';
import type { VolumeHandle } from '../../src/engine/drivers/objects.ts';
import { defaultClientSettings } from '../../src/engine/drivers/ontap/client/settings.ts';
import { emptyVolumeConfig, type VolumeConfig } from '../../src/engine/orchestrator/model.ts';
import { Bench, handleOf, journalled, node, problemOf, signal } from './driver-bench.ts';
import { onlyPool, pools } from './lun-pool-bench.ts';
import { asa, economy } from './san-drivers.ts';
import { openVaried } from './varied-names.ts';

/** LUNs in FlexVols that they share. */

describe('LUNs in shared FlexVols', () => {
  test('must not have the name of a snapshot', async () => {
    await using bench = await openVaried(economy);
    expect(() => bench.plan({ name: 'a-snapshot-b' })).toThrow('taken for a snapshot');
  });

  test('a snapshot belongs to one volume, whatever the others are called', async () => {
    await using bench = await openVaried(economy);
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
    await using bench = await openVaried(economy);
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
    await using bench = await openVaried(economy);
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
    await using bench = await openVaried(economy, { array: { clock: { frozenAt: new Date('2031-02-03T04:05:06Z') } } });
    const volume = await bench.create();
    const first = await bench.driver.createSnapshot(volume, 'a', signal());
    bench.array.clock.advance(60_000);
    const second = await bench.driver.createSnapshot(volume, 'b', signal());
    expect([first.created, second.created]).toEqual(['2031-02-03T04:05:06Z', '2031-02-03T04:06:06Z']);
  });

  test('are restored in place: identity, maps and size stay', async () => {
    await using bench = await openVaried(economy);
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
    await using bench = await openVaried(economy);
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
    await using bench = await openVaried(economy);
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
    await using bench = await openVaried(economy);
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
    await using bench = await openVaried(economy);
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
    await using bench = await openVaried(economy);
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
    await using bench = await openVaried(economy);
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
    await using bench = await openVaried(economy);
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
