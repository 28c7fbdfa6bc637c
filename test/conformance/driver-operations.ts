import { expect } from 'vitest';
import type { ImportPlan, VolumeHandle } from '../../src/engine/drivers/objects.ts';
import { emptyVolumeConfig } from '../../src/engine/orchestrator/model.ts';
import { type Bench, handleOf, journalled, node, signal } from './driver-bench.ts';

/** An operation on objects of its own: set up first, then done once; leaves things so that `check` can look. */
interface Operation {
  readonly name: string;
  prepare(bench: Bench): Promise<() => Promise<() => Promise<void>>>;
}

/** Whether the array has an object of that name. */
export const there = async (bench: Bench, name: string) => (await bench.under.objects.look(bench, name)) !== undefined;

/** Unless the driver is tried with another one: several nodes write. */
export const accessModeOf = (bench: Bench): number => bench.under.accessMode ?? 5;

/** Every operation of the contract that changes the array, each with what must hold after it. */
export const operations: readonly Operation[] = [
  {
    name: 'create',
    async prepare(bench) {
      const plan = bench.plan();
      return async () => {
        const volume = handleOf(plan.config, await bench.driver.createVolume(plan, signal()));
        return async () => {
          // What was just made may not be seen at once.
          await expect.poll(() => bench.driver.volumeExists(volume, signal())).toBe(true);
          expect(volume.config.size).toBe(2 ** 30);
        };
      };
    },
  },
  {
    name: 'delete',
    async prepare(bench) {
      const volume = await bench.create();
      return async () => {
        await bench.driver.deleteVolume(volume, signal());
        return async () => expect(await there(bench, volume.config.internalName)).toBe(false);
      };
    },
  },
  {
    name: 'resize',
    async prepare(bench) {
      const volume = await bench.create();
      return async () => {
        const { size } = await bench.driver.resizeVolume(volume, 2 ** 31, signal());
        return async () => {
          expect(size).toBe(2 ** 31);
          expect(await bench.under.objects.size(bench, volume.config.internalName)).toBeGreaterThanOrEqual(2 ** 31);
        };
      };
    },
  },
  {
    name: 'snapshot',
    async prepare(bench) {
      const volume = await bench.create();
      return async () => {
        const name = `s1-${volume.config.name}`;
        const made = await bench.driver.createSnapshot(volume, name, signal());
        return async () => {
          expect(made.internalName).toBe(name);
          expect(made.created).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
          const shown = async () => (await bench.inventory()).snapshots.some((each) => each.endsWith(`/${name}`));
          await expect.poll(shown).toBe(true);
        };
      };
    },
  },
  {
    name: 'delete snapshot',
    async prepare(bench) {
      const volume = await bench.create();
      const snapshot = await bench.snapshot(volume, `s1-${volume.config.name}`);
      return async () => {
        await bench.driver.deleteSnapshot(volume, snapshot, signal());
        return async () =>
          expect((await bench.inventory()).snapshots.some((each) => each.endsWith(`/${snapshot.name}`))).toBe(false);
      };
    },
  },
  {
    name: 'restore snapshot',
    async prepare(bench) {
      const volume = await bench.create();
      const snapshot = await bench.snapshot(volume, 's1');
      await bench.snapshot(volume, 's2');
      return async () => {
        const restored = await bench.driver.restoreSnapshot(volume, snapshot, signal());
        return async () => {
          expect(restored).toBe(2 ** 30);
          const later = await bench.driver.findSnapshot(volume, 's2', signal());
          expect(later !== undefined).toBe(bench.under.snapshotsStandAlone === true);
        };
      };
    },
  },
  {
    name: 'restore a snapshot that is older than a resize',
    async prepare(bench) {
      const small = await bench.create();
      const snapshot = await bench.snapshot(small, 's1');
      const { ref, size } = await bench.driver.resizeVolume(small, 2 ** 31, signal());
      const volume = journalled({ config: { ...small.config, size }, ref });
      return async () => {
        const restored = await bench.driver.restoreSnapshot(volume, snapshot, signal());
        return async () => {
          expect(restored).toBe(2 ** 31);
          expect(await bench.under.objects.size(bench, volume.config.internalName)).toBeGreaterThanOrEqual(2 ** 31);
        };
      };
    },
  },
  {
    name: 'clone from a snapshot',
    async prepare(bench) {
      const volume = await bench.create();
      const plan = bench.clonePlan(volume, await bench.snapshot(volume, 's1'));
      return async () => {
        const clone = handleOf(plan.config, await bench.driver.cloneVolume(plan, signal()));
        return async () => await expect.poll(() => bench.driver.volumeExists(clone, signal())).toBe(true);
      };
    },
  },
  {
    name: 'clone from a volume',
    async prepare(bench) {
      const volume = await bench.create();
      const plan = bench.clonePlan(volume, undefined);
      return async () => {
        const clone = handleOf(plan.config, await bench.driver.cloneVolume(plan, signal()));
        return async () => await expect.poll(() => bench.driver.volumeExists(clone, signal())).toBe(true);
      };
    },
  },
  {
    name: 'import, managed',
    async prepare(bench) {
      const original = `original_${bench.freshName().replace('-', '_')}`;
      const plan = await foreignImport(bench, original, bench.freshName());
      return async () => {
        const volume = handleOf(plan.config, await bench.driver.importVolume(plan, signal()));
        return async () => {
          expect(await there(bench, original)).toBe(!bench.under.renamesImports);
          expect(await there(bench, volume.config.internalName)).toBe(true);
          expect(await bench.driver.volumeExists(volume, signal())).toBe(true);
        };
      };
    },
  },
  {
    name: 'publish',
    async prepare(bench) {
      const volume = await bench.create();
      const n1 = node('n1', '10.0.0.1', '10.0.0.2');
      return async () => {
        const request = { volume, node: n1, nodes: [n1], readOnly: false, accessMode: accessModeOf(bench) };
        const published = await bench.driver.publish(request, signal());
        return async () => bench.under.access?.(published.accessInformation);
      };
    },
  },
  {
    name: 'publish again',
    async prepare(bench) {
      const n1 = node('n1', '10.0.0.1');
      const volume = await published(bench, await bench.create(), n1, [n1]);
      return async () => {
        const again = await published(bench, volume, n1, [n1]);
        return async () => expect(again).toEqual(volume);
      };
    },
  },
  {
    name: 'publish to a second node',
    async prepare(bench) {
      const [n1, n2] = [node('n1', '10.0.0.1'), node('n2', '10.0.0.2')];
      const volume = await published(bench, await bench.create(), n1, [n1]);
      return async () => {
        const request = { volume, node: n2, nodes: [n1, n2], readOnly: false, accessMode: accessModeOf(bench) };
        await bench.driver.publish(request, signal());
        return async () => {};
      };
    },
  },
  {
    name: 'unpublish, others remain',
    async prepare(bench) {
      const [n1, n2] = [node('n1', '10.0.0.1'), node('n2', '10.0.0.2')];
      const first = await published(bench, await bench.create(), n1, [n1]);
      const volume = await published(bench, first, n2, [n1, n2]);
      return async () => {
        await bench.driver.unpublish({ volume, node: n1, remaining: [n2] }, signal());
        return async () => {};
      };
    },
  },
  {
    name: 'unpublish, last node',
    async prepare(bench) {
      const n1 = node('n1', '10.0.0.1');
      const volume = await published(bench, await bench.create(), n1, [n1]);
      return async () => {
        await bench.driver.unpublish({ volume, node: n1, remaining: [] }, signal());
        return async () => {};
      };
    },
  },
];

/** The plan of a managed import of an object that somebody else made. */
export const foreignImport = async (bench: Bench, original: string, name: string, more = {}): Promise<ImportPlan> => {
  const { objects } = bench.under;
  await objects.makeForeign(bench, original, more);
  const found = await bench.driver.findForImport(objects.importName(original), signal());
  if (found === undefined) throw new Error('the object to import is not found');
  const request = { ...emptyVolumeConfig, name };
  return journalled(bench.driver.planImport(request, objects.importName(original), journalled(found)));
};

/** Published to a node: the volume as it is on record then. */
export const published = async (
  bench: Bench,
  volume: VolumeHandle,
  to: ReturnType<typeof node>,
  nodes: readonly ReturnType<typeof node>[],
): Promise<VolumeHandle> => {
  const done = await bench.driver.publish(
    { volume, node: to, nodes, readOnly: false, accessMode: accessModeOf(bench) },
    signal(),
  );
  return journalled({
    config: { ...volume.config, ...done.config, accessInformation: done.accessInformation },
    ref: done.ref,
  });
};

/** To a node that no case knows, which is shut out again. */
export const publishInPassing = async (bench: Bench, volume: VolumeHandle): Promise<void> => {
  const passing = node('n9', '10.0.0.9');
  const granted = await published(bench, volume, passing, [passing]);
  await bench.driver.unpublish({ volume: granted, node: passing, remaining: [] }, signal());
};
