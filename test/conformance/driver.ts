import { describe, expect, test } from 'vitest';
import type { VolumeHandle } from '../../src/engine/drivers/objects.ts';
import {
  Bench,
  type DriverUnderTest,
  handleOf,
  journalled,
  node,
  problemOf,
  signal,
  snapshotOf,
} from './driver-bench.ts';
import { creationConformance } from './driver-creation.ts';
import { disturbanceConformance } from './driver-disturbances.ts';
import { accessModeOf, foreignImport, operations, published, publishInPassing, there } from './driver-operations.ts';

/** The suite: what every driver owes the orchestrator, whatever its product. */
export const driverConformance = (under: DriverUnderTest): void => {
  /** What the driver does not offer has no number of calls. */
  const offered = operations.filter(({ name }) => under.calls[name] !== undefined);
  const offers = (name: string) => under.calls[name] !== undefined;
  const hasClones = offers('clone from a snapshot');
  const { makeForeign, look } = under.objects;

  describe(`${under.name}: array calls`, () => {
    test.each(offered.map((operation) => [operation.name, operation] as const))('%s', async (name, operation) => {
      await using bench = await Bench.open(under, { settings: { returnTimeoutSeconds: 15 } });
      // Warm: what any operation may leave behind for all, like the shared empty policy, is there.
      const warming = await bench.create();
      if (offers('publish')) await publishInPassing(bench, warming);
      if (under.sharesObjects !== true) await bench.driver.deleteVolume(warming, signal());
      const run = await operation.prepare(bench);
      const calls = await bench.count(run);
      expect(calls).toBe(under.calls[name]);
    });

    test.runIf(offers('look for an import'))('look for an import', async () => {
      await using bench = await Bench.open(under);
      const { objects } = under;
      await objects.makeForeign(bench, 'original');
      const find = () => bench.driver.findForImport(objects.importName('original'), signal());
      expect(await bench.count(find)).toBe(under.calls['look for an import']);
    });

    test('discovery and health', async () => {
      await using bench = await Bench.open(under);
      expect(bench.array.requests.count()).toBe(under.calls['discovery']);
      expect(await bench.count(() => bench.driver.checkHealth(signal()))).toBe(under.calls['health']);
      expect(await bench.driver.checkHealth(signal())).toEqual({ reason: '' });
    });
  });

  disturbanceConformance(under);
  creationConformance(under);

  describe(`${under.name}: everything twice`, () => {
    test('delete, resize, snapshot, delete snapshot, restore, publish, unpublish', async () => {
      await using bench = await Bench.open(under);
      const { driver } = bench;
      const n1 = node('n1', '10.0.0.1');
      const volume = await bench.create();
      for (let time = 0; time < 2; time++)
        expect((await driver.resizeVolume(volume, 2 ** 31, signal())).size).toBe(2 ** 31);
      if (offers('snapshot')) {
        const first = await driver.createSnapshot(volume, 's', signal());
        expect(await driver.createSnapshot(volume, 's', signal())).toEqual(first);
        for (let time = 0; offers('restore snapshot') && time < 2; time++)
          await driver.restoreSnapshot(volume, snapshotOf('s', first), signal());
        for (let time = 0; time < 2; time++) await driver.deleteSnapshot(volume, snapshotOf('s', first), signal());
      }
      const request = { volume, node: n1, nodes: [n1], readOnly: false, accessMode: accessModeOf(bench) };
      const [one, two] = [await driver.publish(request, signal()), await driver.publish(request, signal())];
      expect(two).toEqual(one);
      const granted = { ...volume, config: { ...volume.config, ...one.config }, ref: one.ref };
      for (let time = 0; time < 2; time++)
        await driver.unpublish({ volume: granted, node: n1, remaining: [] }, signal());
      for (let time = 0; time < 2; time++) await driver.deleteVolume(volume, signal());
      expect(await driver.volumeExists(volume, signal())).toBe(false);
      expect(await bench.inventory()).toMatchObject({ volumes: [], snapshots: [] });
    });

    test('what counts as orphaned and is there after all is deleted', async () => {
      await using bench = await Bench.open(under);
      const volume: VolumeHandle = { ...(await bench.create()), orphaned: true };
      for (let time = 0; time < 2; time++) await bench.driver.deleteVolume(volume, signal());
      expect(await bench.inventory()).toMatchObject({ volumes: [] });
    });

    test('a whole life leaves nothing', async () => {
      await using bench = await Bench.open(under);
      const before = await bench.inventory();
      const n1 = node('n1', '10.0.0.1');
      const source = await published(bench, await bench.create(), n1, [n1]);
      const snapshot = offers('snapshot') ? await bench.snapshot(source, 's1') : undefined;
      const copies: VolumeHandle[] = [];
      for (const from of hasClones ? [undefined, snapshot] : []) {
        const plan = bench.clonePlan(source, from);
        copies.push(handleOf(plan.config, await bench.driver.cloneVolume(plan, signal())));
      }
      const unpublished = await bench.driver.unpublish({ volume: source, node: n1, remaining: [] }, signal());
      for (const volume of copies) await bench.driver.deleteVolume(volume, signal());
      if (snapshot !== undefined) await bench.driver.deleteSnapshot(source, snapshot, signal());
      await bench.driver.deleteVolume({ ...source, ref: unpublished.ref }, signal());
      await bench.driver.retire(signal());
      const after = await bench.inventory();
      // The empty policy is shared by all backends with the prefix, and so is that of shared FlexVols; they stay.
      const policies = after.policies.filter((name) => !/empty$|_pool_export_policy$/.test(name));
      expect({ ...after, policies }).toEqual(before);
    });
  });

  describe(`${under.name}: snapshots and clones`, () => {
    test.runIf(hasClones && under.snapshotsStandAlone !== true)(
      'a snapshot that clones hold names them, and goes when they are gone',
      async () => {
        await using bench = await Bench.open(under);
        const volume = await bench.create();
        const snapshot = await bench.snapshot(volume, 's1');
        const plans = [bench.clonePlan(volume, snapshot), bench.clonePlan(volume, snapshot)];
        const clones: VolumeHandle[] = [];
        for (const plan of plans) clones.push(handleOf(plan.config, await bench.driver.cloneVolume(plan, signal())));
        const problem = await problemOf(bench.driver.deleteSnapshot(volume, snapshot, signal()));
        expect(problem).toMatchObject({ code: 'snapshot.busy', kind: 'conflict', array: { code: '1638555' } });
        for (const clone of clones) expect(problem.message).toContain(clone.config.internalName);
        expect(await problemOf(bench.driver.deleteVolume(volume, signal()))).toMatchObject({ kind: 'conflict' });
        for (const clone of clones) await bench.driver.deleteVolume(clone, signal());
        await bench.driver.deleteSnapshot(volume, snapshot, signal());
      },
    );

    test.runIf(hasClones && under.snapshotsStandAlone !== true)(
      'a restore that would remove a snapshot which a clone holds names the clone',
      async () => {
        await using bench = await Bench.open(under);
        const volume = await bench.create();
        const older = await bench.snapshot(volume, 's1');
        const free = bench.clonePlan(volume, older);
        const clones = [handleOf(free.config, await bench.driver.cloneVolume(free, signal()))];
        bench.array.clock.advance(5000);
        const newer = await bench.snapshot(volume, 's2');
        const plan = bench.clonePlan(volume, newer);
        clones.push(handleOf(plan.config, await bench.driver.cloneVolume(plan, signal())));
        const problem = await problemOf(bench.driver.restoreSnapshot(volume, older, signal()));
        expect(problem).toMatchObject({ code: 'snapshot.busy', kind: 'conflict', array: { code: '1638555' } });
        expect(problem.message).toMatch(new RegExp(`held by ${plan.config.internalName}$`));
        for (const clone of clones) await bench.driver.deleteVolume(clone, signal());
        await bench.driver.restoreSnapshot(volume, older, signal());
      },
    );

    test.runIf(hasClones)('a clone of what is older than a resize is as large as its record says', async () => {
      await using bench = await Bench.open(under);
      const small = await bench.create();
      const snapshot = await bench.snapshot(small, 's1');
      const { ref, size } = await bench.driver.resizeVolume(small, 2 ** 31, signal());
      const volume = journalled({ config: { ...small.config, size }, ref });
      const plan = bench.clonePlan(volume, snapshot);
      const { config } = handleOf(plan.config, await bench.driver.cloneVolume(plan, signal()));
      expect(config.size).toBe(2 ** 31);
      expect(await bench.under.objects.size(bench, config.internalName)).toBeGreaterThanOrEqual(2 ** 31);
    });

    test.runIf(hasClones)(
      'a clone that is interrupted is taken back with its snapshot, and its source is left',
      async () => {
        // A clone has the labels of its source, unless they name the volume.
        await using bench = await Bench.open(under, { config: { labels: { volume: '{{.volume.Name}}' } } });
        const volume = await bench.create();
        const plan = bench.clonePlan(volume, undefined);
        const since = new Date();
        bench.strike(
          { method: 'PATCH', path: '/api/**' },
          { type: 'refuse', status: 400, code: '918703', message: 'not now' },
        );
        await problemOf(bench.driver.cloneVolume(plan, signal()));
        bench.array.faults.clear();
        expect(await bench.driver.discardClone(plan, since, signal())).toBe('removed');
        expect(await bench.driver.discardClone(plan, since, signal())).toBe('absent');
        expect(await bench.inventory()).toMatchObject({ volumes: [volume.config.internalName], snapshots: [] });
      },
    );

    test.runIf(offers('snapshot'))('lists what is there, page by page', async () => {
      await using bench = await Bench.open(under);
      const volume = await bench.create();
      for (const name of ['a', 'b', 'c', 'd', 'e']) await bench.snapshot(volume, name);
      bench.strike({ method: 'GET', path: '/api/**' }, { type: 'page-size', records: 2 });
      const found = await bench.driver.listSnapshots(volume, signal());
      expect(found.map(({ internalName }) => internalName).toSorted()).toEqual(['a', 'b', 'c', 'd', 'e']);
      expect((await bench.driver.findSnapshot(volume, 'd', signal()))?.internalName).toBe('d');
    });
  });

  describe(`${under.name}: import`, () => {
    test('finds nothing where nothing is', async () => {
      await using bench = await Bench.open(under);
      for (const name of under.objects.nowhere)
        expect(await bench.driver.findForImport(name, signal())).toBeUndefined();
    });

    test('is undone to the letter, and deletes nothing', async () => {
      await using bench = await Bench.open(under);
      const plan = await foreignImport(bench, 'precious', 'pvc-x', { comment: '{"provisioning":{"old":"1"}}' });
      const before = await look(bench, 'precious');
      await bench.driver.importVolume(plan, signal());
      expect(await there(bench, 'precious')).toBe(!under.renamesImports);
      for (let time = 0; time < 2; time++) await bench.driver.undoImport(plan, signal());
      expect(await look(bench, 'precious')).toEqual(before);
    });

    test.runIf(under.renamesImports)('to a name that is taken changes nothing', async () => {
      await using bench = await Bench.open(under);
      const plan = await foreignImport(bench, 'precious', 'pvc-x');
      await makeForeign(bench, plan.config.internalName);
      const before = await look(bench, 'precious');
      expect(await problemOf(bench.driver.importVolume(plan, signal()))).toMatchObject({
        kind: 'exists',
        nothingDone: true,
      });
      await bench.driver.undoImport(plan, signal());
      expect(await look(bench, 'precious')).toEqual(before);
      expect(await there(bench, plan.config.internalName)).toBe(true);
    });
  });
};
