import { describe, expect, test } from 'vitest';
import { emptyVolumeConfig } from '../../src/engine/orchestrator/model.ts';
import { Bench, handleOf, journalled, node, problemOf, signal } from './driver-bench.ts';
import { published } from './driver-operations.ts';
import { economy as auto, economyShown as shown } from './nas-drivers.ts';
import { change, makeFlexVol, makeQtree, qtreesOnArray } from './qtrees-on-array.ts';
import { openVaried } from './varied-names.ts';

/** Snapshots, read-only clones and imports of qtrees. */

describe('snapshots', () => {
  test('need their directory to be seen, and cannot be restored', async () => {
    await using bench = await openVaried(auto);
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
    await using bench = await openVaried(shown, { config: { aggregate: 'aggr1_n1' } });
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
    await using bench = await openVaried(auto);
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
    await using bench = await openVaried(auto);
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
    await using bench = await openVaried(auto);
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
    await using bench = await openVaried(auto);
    const flexVol = 'trident_qtree_pool_trident_ITSOWNNAME';
    await makeFlexVol(bench, flexVol);
    await makeQtree(bench, flexVol, 'alpha', 2 ** 30);
    const before = await qtreesOnArray.look(bench, 'alpha');
    const unmanaged = await plan(bench, `${flexVol}/alpha`, { importNotManaged: true });
    expect(await bench.count(() => bench.driver.importVolume(unmanaged, signal()))).toBe(0);
    expect(await qtreesOnArray.look(bench, 'alpha')).toEqual(before);
  });
});
