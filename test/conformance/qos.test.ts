import { describe, expect, test } from 'vitest';
import type { VolumeConfig } from '../../src/engine/orchestrator/model.ts';
import type { DriverUnderTest } from './driver-bench.ts';
import { Bench, handleOf, signal } from './driver-bench.ts';
import { plainEconomy, plainFlexgroup, plainNas } from './nas-drivers.ts';
import { asaNvme, nvme } from './nvme-drivers.ts';
import { asa, economy, fcp, iscsi } from './san-drivers.ts';

/** Which object carries the QoS policy of a volume: the collection, and the field in it. */
const carriers: readonly (readonly [DriverUnderTest, string, string])[] = [
  [plainNas, '/storage/volumes', 'qos.policy'],
  [plainFlexgroup, '/storage/volumes', 'qos.policy'],
  [plainEconomy, '/storage/qtrees', 'qos_policy'],
  [iscsi, '/storage/luns', 'qos_policy'],
  [fcp, '/storage/luns', 'qos_policy'],
  [economy, '/storage/luns', 'qos_policy'],
  [nvme, '/storage/volumes', 'qos.policy'],
  [asa, '/storage/luns', 'qos_policy'],
  [asaNvme, '/storage/namespaces', 'qos_policy'],
];

const policies = {
  fast: { fixed: { max_throughput_iops: 9_000 } },
  slow: { fixed: { max_throughput_iops: 900 } },
  even: { adaptive: { expected_iops: 100, peak_iops: 200 } },
};

describe.each(carriers)('$name', (under, path, field) => {
  const open = async (defaults: Readonly<Record<string, string>>): Promise<Bench> => {
    const bench = await Bench.open(under, { config: { defaults } });
    for (const [name, policy] of Object.entries(policies))
      await bench.array.call('POST', '/storage/qos/policies?return_timeout=15', {
        name,
        svm: { name: 'svm0' },
        ...policy,
      });
    return bench;
  };
  const holders = async (
    bench: Bench,
    policy: string,
    [collection, key]: readonly [string, string] = [path, field],
  ): Promise<readonly string[]> => {
    const records = await bench.list(`${collection}?${key}.name=${policy}&fields=name&order_by=name`);
    return records.map(({ name }) => String(name));
  };

  test('gives a volume the policy of its pool, and nothing around it', async () => {
    await using bench = await open({ qosPolicy: 'fast' });
    const { config } = await bench.create();
    expect(await holders(bench, 'fast')).toEqual([expect.stringContaining(config.internalName)]);
    for (const [, collection, key] of carriers)
      if (collection !== path) expect(await holders(bench, 'fast', [collection, key])).toEqual([]);
  });

  test.runIf(under !== plainEconomy)('gives a volume the adaptive policy of its pool', async () => {
    await using bench = await open({ adaptiveQosPolicy: 'even' });
    const { config } = await bench.create();
    expect(await holders(bench, 'even')).toEqual([expect.stringContaining(config.internalName)]);
  });

  test.runIf(under.calls['clone from a snapshot'] !== undefined)(
    'gives a clone the policy of its source, or the one it asks for',
    async () => {
      await using bench = await open({ qosPolicy: 'fast' });
      const source = await bench.create();
      const cloneWith = async (more: Partial<VolumeConfig>) => {
        const plan = bench.clonePlan(source, undefined, more);
        const { config } = handleOf(plan.config, await bench.driver.cloneVolume(plan, signal()));
        return expect.stringContaining(config.internalName);
      };
      const same = await cloneWith({});
      const slow = await cloneWith({ qosPolicy: 'slow' });
      const even = await cloneWith({ qosPolicy: '', adaptiveQosPolicy: 'even' });
      expect(await holders(bench, 'fast')).toEqual([expect.stringContaining(source.config.internalName), same]);
      expect(await holders(bench, 'slow')).toEqual([slow]);
      expect(await holders(bench, 'even')).toEqual([even]);
    },
  );
});
