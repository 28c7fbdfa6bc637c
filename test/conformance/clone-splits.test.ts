import { describe, expect, test } from 'vitest';
import type { VolumeHandle } from '../../src/engine/drivers/objects.ts';
import { Bench, handleOf, problemOf, signal } from './driver-bench.ts';
import { plainFlexgroup, plainNas } from './nas-drivers.ts';
import { asaNvme, nvme } from './nvme-drivers.ts';
import { asa, iscsi } from './san-drivers.ts';

/** Clones that share blocks with their source, and how they come to stand by themselves. */

const cloneOf = async (bench: Bench, source: VolumeHandle, more = {}): Promise<VolumeHandle> => {
  const plan = bench.clonePlan(source, await bench.snapshot(source, 's1'), more);
  return handleOf(plan.config, await bench.driver.cloneVolume(plan, signal()));
};
/** A source that no clone needs can be deleted; splitting takes a moment. */
const stands = async (bench: Bench, source: VolumeHandle): Promise<void> => {
  const isFree = () =>
    bench.driver.deleteVolume(source, signal()).then(
      () => true,
      () => false,
    );
  await expect.poll(isFree).toBe(true);
};

describe.each([plainNas, plainFlexgroup, iscsi, nvme, asa, asaNvme])('$name: a clone', (under) => {
  test('shares blocks with its source unless it is to be split', async () => {
    await using bench = await Bench.open(under);
    const source = await bench.create();
    const clone = await cloneOf(bench, source);
    expect(clone.config.splitOnClone).toBe('false');
    expect(await problemOf(bench.driver.deleteVolume(source, signal()))).toMatchObject({ kind: 'conflict' });
  });

  test.each([
    ['the request', {}, {}, { splitOnClone: 'true' }],
    ['its source', {}, { splitOnClone: 'true' }, { splitOnClone: '' }],
    ['the backend', { defaults: { splitOnClone: 'true' } }, {}, { splitOnClone: '' }],
  ])('is split when %s says so', async (_, config, request, more) => {
    await using bench = await Bench.open(under, { config });
    const source = await bench.create(request);
    const clone = await cloneOf(bench, source, more);
    expect(clone.config.splitOnClone).toBe('true');
    await stands(bench, source);
    expect(await bench.driver.volumeExists(clone, signal())).toBe(true);
  });

  test('that holds a snapshot is split off when the delay is over', async () => {
    let now = Date.now();
    await using bench = await Bench.open(under, { config: { cloneSplitDelay: '60' } });
    await using driver = bench.kind.open(bench.config, bench.discovery, {
      ...bench.environment,
      now: () => new Date(now),
    });
    const source = await bench.create();
    const snapshot = await bench.snapshot(source, 's1');
    await bench.driver.cloneVolume(bench.clonePlan(source, snapshot), signal());
    const remove = () => driver.deleteSnapshot(source, snapshot, signal());
    for (let time = 0; time < 2; time++) expect((await problemOf(remove())).hint).toContain('delete the clones');
    now += 61_000;
    expect((await problemOf(remove())).hint).toContain('being split off');
    await expect
      .poll(() =>
        remove().then(
          () => 'gone',
          () => 'busy',
        ),
      )
      .toBe('gone');
  });
});
