import { describe, expect, test } from 'vitest';
import type { VolumeHandle } from '../../src/engine/drivers/objects.ts';
import { emptyVolumeConfig, type VolumeConfig } from '../../src/engine/orchestrator/model.ts';
import { Bench, handleOf, journalled, problemOf, signal } from './driver-bench.ts';
import { igroups, installation, makeIgroup, mapLun, mapped, n1, requestFor } from './san-bench.ts';
import { iscsi } from './san-drivers.ts';
import { madeByStock } from './stock-device.ts';

/** LUNs that were not made here: by stock, or by somebody else. */

const byStock = (bench: Bench, more: Partial<VolumeConfig> = {}): Promise<VolumeHandle> =>
  madeByStock(
    bench,
    '/storage/luns',
    {
      name: 'lun0',
      space: { size: 2 ** 30 },
      attributes: [
        { name: 'com.netapp.ndvp.fstype', value: 'xfs' },
        { name: 'context', value: 'csi' },
        { name: 'LUKS', value: 'false' },
        { name: 'formatOptions', value: '-K' },
        { name: 'poolName', value: 'aggr1_n1' },
      ],
    },
    more,
  );

const lunUuid = async (bench: Bench): Promise<string> => String((await bench.list('/storage/luns'))[0]?.['uuid']);

describe('volumes that stock made', () => {
  test('are published, resized, snapshotted, cloned and deleted', async () => {
    await using bench = await Bench.open(iscsi);
    const volume = await byStock(bench);
    const done = await bench.driver.publish(requestFor(volume), signal());
    // What the LUN says about itself counts.
    expect(done.config).toMatchObject({ fileSystem: 'xfs', formatOptions: '-K' });
    expect(done.accessInformation).toMatchObject({ mountOptions: 'nouuid' });
    expect(await mapped(bench)).toEqual([`/vol/trident_stock/lun0 n1-${installation}`]);
    await bench.driver.unpublish({ volume, node: n1, remaining: [] }, signal());
    expect(await mapped(bench)).toEqual([]);
    expect(await igroups(bench)).toEqual([]);
    expect((await bench.driver.resizeVolume(volume, 2 ** 31, signal())).size).toBe(2 ** 31);
    const snapshot = await bench.snapshot(volume, 's1');
    const plan = bench.clonePlan(volume, snapshot);
    const clone = handleOf(plan.config, await bench.driver.cloneVolume(plan, signal()));
    expect(await bench.driver.volumeExists(clone, signal())).toBe(true);
    await bench.driver.deleteVolume({ ...clone, ref: {} }, signal());
    await bench.driver.deleteVolume(volume, signal());
    expect((await bench.inventory()).volumes).toEqual([]);
  });
});

describe('importing', () => {
  const planFor = async (bench: Bench, original: string, more: Partial<VolumeConfig> = {}) => {
    const found = await bench.driver.findForImport(original, signal());
    if (found === undefined) throw new Error(`${original} is not found`);
    return journalled(
      bench.driver.planImport({ ...emptyVolumeConfig, name: 'pvc-x', ...more }, original, journalled(found)),
    );
  };
  const refusal = (bench: Bench, original: string, more: Partial<VolumeConfig> = {}) =>
    problemOf(planFor(bench, original, more));

  test('takes over size, file system and options of the LUN', async () => {
    await using bench = await Bench.open(iscsi);
    await byStock(bench);
    const plan = await planFor(bench, 'trident_stock');
    const made = await bench.driver.importVolume(plan, signal());
    expect(plan.config).toMatchObject({ fileSystem: 'xfs', formatOptions: '-K', size: 2 ** 30 });
    const volume = handleOf(plan.config, made);
    const { accessInformation } = await bench.driver.publish(requestFor(volume), signal());
    expect(accessInformation).toMatchObject({ formatOptions: '-K', mountOptions: 'nouuid' });
    expect(await mapped(bench)).toEqual([`/vol/trident_pvc_x/lun0 n1-${installation}`]);
  });

  test('without renaming keeps both names, and the volume is used by them', async () => {
    await using bench = await Bench.open(iscsi);
    await iscsi.objects.makeForeign(bench, 'theirs');
    const plan = await planFor(bench, 'theirs', { importNoRename: true });
    const volume = handleOf(plan.config, await bench.driver.importVolume(plan, signal()));
    await bench.driver.publish(requestFor(volume), signal());
    expect(await mapped(bench)).toEqual([`/vol/theirs/data n1-${installation}`]);
    expect((await bench.driver.resizeVolume(volume, 2 ** 31, signal())).size).toBe(2 ** 31);
    await bench.driver.unpublish({ volume: { ...volume, ref: {} }, node: n1, remaining: [] }, signal());
  });

  test('a LUN in use is refused with the igroups that use it, and is imported without management', async () => {
    await using bench = await Bench.open(iscsi);
    await byStock(bench);
    await makeIgroup(bench, 'database', []);
    await mapLun(bench, '/vol/trident_stock/lun0', 'database');
    expect(await refusal(bench, 'trident_stock')).toMatchObject({
      code: 'import.refused',
      message: expect.stringContaining('mapped to database'),
    });
    const plan = await planFor(bench, 'trident_stock', { importNotManaged: true });
    await bench.driver.importVolume(plan, signal());
    expect(await mapped(bench)).toEqual(['/vol/trident_stock/lun0 database']);
  });

  test.each([
    [
      'no LUN',
      async (bench: Bench) => bench.array.call('DELETE', `/storage/luns/${await lunUuid(bench)}`),
      'no LUN in it',
    ],
    [
      'two LUNs',
      (bench: Bench) =>
        bench.array.call('POST', '/storage/luns', {
          name: '/vol/trident_stock/second',
          svm: { name: 'svm0' },
          os_type: 'linux',
          space: { size: 2 ** 20 },
        }),
      'holds 2 LUNs',
    ],
    [
      'a LUN that is offline',
      async (bench: Bench) => bench.array.call('PATCH', `/storage/luns/${await lunUuid(bench)}`, { enabled: false }),
      'it is offline',
    ],
  ])('a volume with %s is refused', async (_, spoil, message) => {
    await using bench = await Bench.open(iscsi);
    await byStock(bench);
    await spoil(bench);
    expect(await refusal(bench, 'trident_stock')).toMatchObject({
      code: 'import.refused',
      message: expect.stringContaining(message),
    });
  });
});
