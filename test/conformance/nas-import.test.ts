import { describe, expect, test } from 'vitest';
import { emptyVolumeConfig } from '../../src/engine/orchestrator/model.ts';
import { Bench, handleOf, journalled, node, problemOf, signal } from './driver-bench.ts';
import { published } from './driver-operations.ts';
import { nas as nasAuto, plainNas as nas } from './nas-drivers.ts';
import { makeForeign } from './volumes-on-array.ts';

/** Volumes for files that come from others: clones and imports. */

describe('clones', () => {
  test('are mounted, labelled and shut to everybody before they can be reached', async () => {
    await using bench = await Bench.open(nasAuto, { config: { labels: { for: '{{.volume.Name}}' } } });
    const n1 = node('n1', '10.0.0.1');
    const source = await published(bench, await bench.create(), n1, [n1]);
    const plan = bench.clonePlan(source, await bench.snapshot(source, 's1'));
    const clone = handleOf(plan.config, await bench.driver.cloneVolume(plan, signal()));
    expect(bench.array.world.findVolume(clone.config.internalName)).toMatchObject({
      junctionPath: `/${clone.config.internalName}`,
      exportPolicy: 'trident_empty',
      comment: `{"provisioning":{"for":"${clone.config.name}"}}`,
    });
  });

  test('that are read-only are a view of the snapshot, and need it to be visible', async () => {
    await using bench = await Bench.open(nasAuto);
    const hidden = await bench.create();
    const refused = bench.clonePlan(hidden, await bench.snapshot(hidden, 's1'), { readOnlyClone: true });
    expect(await problemOf(bench.driver.cloneVolume(refused, signal()))).toMatchObject({
      code: 'clone.no-snapshot-directory',
    });
    const source = await bench.create({ snapshotDirectory: 'true' });
    const plan = bench.clonePlan(source, await bench.snapshot(source, 's1'), { readOnlyClone: true });
    const before = await bench.inventory();
    const view = handleOf(plan.config, await bench.driver.cloneVolume(plan, signal()));
    expect(await bench.inventory()).toEqual(before);
    expect(view.config.accessInformation.nfsPath).toBe(`/${source.config.internalName}/.snapshot/s1`);
    expect(await bench.driver.volumeExists(view, signal())).toBe(true);
    const n1 = node('n1', '10.0.0.1');
    const granted = await published(bench, view, n1, [n1]);
    expect(await bench.rules(source.config.internalName)).toEqual(['10.0.0.1']);
    await bench.driver.unpublish({ volume: granted, node: n1, remaining: [] }, signal());
    expect(await bench.rules(source.config.internalName)).toBeUndefined();
    await bench.driver.deleteVolume(view, signal());
    expect((await bench.inventory()).volumes).toEqual(before.volumes);
  });
});

describe('import', () => {
  const find = async (bench: Bench, name: string) => {
    const found = await bench.driver.findForImport(name, signal());
    if (found === undefined) throw new Error(`${name} was not found`);
    return journalled(found);
  };

  test('renames, keeps the junction, and takes over access', async () => {
    await using bench = await Bench.open(nasAuto, { config: { labels: { tier: 'gold' } } });
    await makeForeign(bench, 'old', { comment: '{"provisioning":{}}' });
    const plan = bench.driver.planImport({ ...emptyVolumeConfig, name: 'pvc-9' }, 'old', await find(bench, 'old'));
    const volume = handleOf(plan.config, await bench.driver.importVolume(journalled(plan), signal()));
    expect(bench.array.world.findVolume('trident_pvc_9')).toMatchObject({
      junctionPath: '/old_path',
      exportPolicy: 'trident_empty',
      comment: '{"provisioning":{"tier":"gold"}}',
    });
    expect(volume.config).toMatchObject({
      size: 2 ** 30,
      importOriginalName: 'old',
      accessInformation: { nfsPath: '/old_path' },
    });
    await bench.driver.deleteVolume(volume, signal());
    expect((await bench.inventory()).volumes).toEqual([]);
  });

  test('without renaming and without management leaves the name, or everything', async () => {
    await using bench = await Bench.open(nas);
    await makeForeign(bench, 'kept');
    const before = bench.array.world.findVolume('kept');
    const unmanaged = bench.driver.planImport(
      { ...emptyVolumeConfig, name: 'a', importNotManaged: true },
      'kept',
      await find(bench, 'kept'),
    );
    expect(await bench.count(() => bench.driver.importVolume(unmanaged, signal()))).toBe(0);
    expect(bench.array.world.findVolume('kept')).toEqual(before);
    const noRename = bench.driver.planImport(
      { ...emptyVolumeConfig, name: 'b', importNoRename: true },
      'kept',
      await find(bench, 'kept'),
    );
    await bench.driver.importVolume(noRename, signal());
    expect(bench.array.world.findVolume('kept')?.junctionPath).toBe('/kept_path');
  });

  test('refuses mirrors, and unmounted volumes that it may not mount', async () => {
    await using bench = await Bench.open(nas);
    await makeForeign(bench, 'mirror', { type: 'dp', nas: undefined });
    await makeForeign(bench, 'unmounted', { nas: undefined });
    const mirror = await find(bench, 'mirror');
    expect(() => bench.driver.planImport({ ...emptyVolumeConfig, name: 'a' }, 'mirror', mirror)).toThrow(
      'its type is dp',
    );
    const unmounted = await find(bench, 'unmounted');
    expect(() =>
      bench.driver.planImport({ ...emptyVolumeConfig, name: 'a', importNotManaged: true }, 'unmounted', unmounted),
    ).toThrow('no junction path');
    const plan = bench.driver.planImport({ ...emptyVolumeConfig, name: 'pvc-1' }, 'unmounted', unmounted);
    await bench.driver.importVolume(plan, signal());
    expect(bench.array.world.findVolume('trident_pvc_1')?.junctionPath).toBe('/trident_pvc_1');
  });
});
