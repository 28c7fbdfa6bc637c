import { describe, expect, test } from 'vitest';
import type { DriverUnderTest } from './driver-bench.ts';
import { Bench, problemOf, signal } from './driver-bench.ts';
import { plainEconomy, plainFlexgroup, plainNas } from './nas-drivers.ts';
import { asaNvme, nvme } from './nvme-drivers.ts';
import { asa, economy, fcp, iscsi } from './san-drivers.ts';

/** Limits of a backend's configuration hold when a volume is made and when it grows, for every driver. */

const gib = 2 ** 30;
const inAggregates = [plainNas, plainEconomy, iscsi, fcp, economy, nvme] as const;
const all: readonly DriverUnderTest[] = [...inAggregates, plainFlexgroup, asa, asaNvme];

describe.each(all)('$name', (under) => {
  test('keeps to limitVolumeSize', async () => {
    await using bench = await Bench.open(under, { config: { limitVolumeSize: '3Gi' } });
    const tooLarge = { code: 'volume.too-large', kind: 'limit', nothingDone: true };
    expect(await problemOf((async () => bench.plan({ size: 4 * gib }))())).toMatchObject(tooLarge);
    const volume = await bench.create({ size: 2 * gib });
    expect(await problemOf(bench.driver.resizeVolume(volume, 4 * gib, signal()))).toMatchObject(tooLarge);
    const { size } = await bench.driver.resizeVolume(volume, 3 * gib, signal());
    expect(size).toBe(3 * gib);
  });
});

describe.each(inAggregates)('$name', (under) => {
  test('keeps to limitAggregateUsage', async () => {
    await using bench = await Bench.open(under, { config: { limitAggregateUsage: '50%', aggregate: 'aggr1_n1' } });
    const volume = await bench.create();
    bench.array.world.setAggregateAvailable('aggr1_n1', gib);
    const full = /aggregate aggr1_n1 is \d+\.\d % used, the limit is 50 % \(limitAggregateUsage\)/;
    const refused = await problemOf(bench.driver.createVolume(bench.plan(), signal()));
    expect(refused).toMatchObject({ code: 'pool.ineligible', kind: 'limit', nothingDone: true });
    expect(refused.message).toMatch(full);
    const kept = await problemOf(bench.driver.resizeVolume(volume, 2 * gib, signal()));
    expect(kept).toMatchObject({ code: 'aggregate.limit', kind: 'limit', nothingDone: true });
    expect(kept.message).toMatch(full);
    expect((await bench.inventory()).volumes).toEqual([volume.config.internalName]);
  });

  test('says that an aggregate would be too full with a thick volume', async () => {
    const config = { limitAggregateUsage: '50%', defaults: { spaceReserve: 'volume' } };
    await using bench = await Bench.open(under, { config });
    const refused = await problemOf(bench.driver.createVolume(bench.plan({ size: 9 * 1024 * gib }), signal()));
    expect(refused.message).toMatch(/aggregate \w+ would be \d+\.\d % used, the limit is 50 %/);
  });

  test('does not ask how full aggregates are without a limit', async () => {
    await using bench = await Bench.open(under);
    const volume = await bench.create();
    await bench.driver.resizeVolume(volume, 2 * gib, signal());
    expect(bench.array.requests.count({ method: 'GET', path: '/api/storage/aggregates' })).toBe(0);
  });
});
