import { expect, test } from 'vitest';
import { Bench, signal } from './driver-bench.ts';
import { flexgroup, nas } from './nas-drivers.ts';
import { nvme } from './nvme-drivers.ts';
import { fcp, iscsi } from './san-drivers.ts';

/** What is deleted waits in ONTAP's recovery queue for half a day, unless the backend or the volume says otherwise. */

const queued = async (bench: Bench): Promise<readonly string[]> =>
  (await bench.list('/private/cli/volume/recovery-queue?fields=volume')).map(({ volume }) =>
    String(volume).replace(/_\d+$/, ''),
  );

test.each([nas, flexgroup, iscsi, fcp, nvme])('$name: with and without the recovery queue', async (under) => {
  await using bench = await Bench.open(under, { config: { defaults: { skipRecoveryQueue: 'false' } } });
  const [kept, gone] = [await bench.create(), await bench.create({ skipRecoveryQueue: 'true' })];
  for (const volume of [kept, gone]) await bench.driver.deleteVolume(volume, signal());
  expect(await queued(bench)).toEqual([kept.config.internalName]);
});

test.each([nas, iscsi])('$name: a backend may leave it out for all', async (under) => {
  await using bench = await Bench.open(under, { config: { defaults: { skipRecoveryQueue: 'true' } } });
  const volume = await bench.create();
  expect(volume.config.skipRecoveryQueue).toBe('true');
  await bench.driver.deleteVolume(volume, signal());
  expect(await queued(bench)).toEqual([]);
});

test.each([nas, iscsi, nvme])('$name: what is taken back is not kept', async (under) => {
  await using bench = await Bench.open(under);
  const plan = await bench.prepared();
  const since = new Date(Date.now() - 1_000);
  await bench.driver.createVolume(plan, signal());
  expect(await bench.driver.discardVolume(plan, since, signal())).toBe('removed');
  expect(await queued(bench)).toEqual([]);
});
