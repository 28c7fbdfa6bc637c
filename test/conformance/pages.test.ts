import { expect, test } from 'vitest';
import type { VolumeHandle } from '../../src/engine/drivers/objects.ts';
import { published } from './driver-operations.ts';
import { Bench, node, signal } from './driver-bench.ts';
import { economyInOnePlace as qtrees, flexgroup, nas } from './nas-drivers.ts';
import { asaNvme, nvme } from './nvme-drivers.ts';
import { asa, economy, fcp, iscsi } from './san-drivers.ts';

/** An array that gives out every list record by record: what is beyond the first page counts too. */

test.each([nas, flexgroup, qtrees, iscsi, fcp, nvme, economy, asa, asaNvme])(
  '$name reads lists to their end',
  async (under) => {
    await using bench = await Bench.open(under);
    const page = { type: 'page-size', records: 1 } as const;
    const fault = bench.strike({ method: 'GET', path: '/api/**' }, page);
    const found = await bench.kind.discover(bench.config, bench.environment, signal());
    const timeless = { clockOffsetMs: 0, foundAt: 0 };
    expect({ ...found.facts, ...timeless }).toEqual({ ...bench.discovery.facts, ...timeless });
    const [n1, n2] = [node('n1', '10.0.0.1'), node('n2', '10.0.0.2')];
    const volumes: VolumeHandle[] = [];
    for (let made = 0; made < 3; made++) {
      const first = await published(bench, await bench.create({ snapshotDirectory: 'true' }), n1, [n1]);
      volumes.push(await published(bench, first, n2, [n1, n2]));
    }
    const expected = volumes.map((volume) => ({ volume, nodes: [n1, n2] }));
    // Nothing is missing, and nothing is too much.
    expect(await bench.driver.planAccess(expected, [n1, n2], signal())).toEqual([]);
    for (const volume of volumes) {
      expect(await bench.driver.volumeExists(volume, signal())).toBe(true);
      if (!bench.driver.manifest.snapshots) continue;
      const taken = [];
      for (const name of ['a', 'b']) taken.push(await bench.snapshot(volume, `${volume.config.name}.${name}`));
      expect(await bench.driver.listSnapshots(volume, signal())).toHaveLength(2);
      for (const snapshot of taken) await bench.driver.deleteSnapshot(volume, snapshot, signal());
    }
    for (const volume of volumes) {
      const one = await bench.driver.unpublish({ volume, node: n1, remaining: [n2] }, signal());
      const handle = { config: { ...volume.config, ...one.config }, ref: one.ref };
      const none = await bench.driver.unpublish({ volume: handle, node: n2, remaining: [] }, signal());
      await bench.driver.deleteVolume({ config: { ...handle.config, ...none.config }, ref: none.ref }, signal());
    }
    bench.array.faults.remove(fault);
    expect(await bench.inventory()).toMatchObject({ volumes: [], snapshots: [], groups: [] });
  },
);
