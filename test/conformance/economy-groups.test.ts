import { expect, test } from 'vitest';
import { ontapSanWith } from '../../src/engine/drivers/ontap/san-kind.ts';
import type { Driver } from '../../src/engine/drivers/driver.ts';
import type { VolumeHandle } from '../../src/engine/drivers/objects.ts';
import type { GroupSnapshots } from '../../src/engine/drivers/group-snapshots.ts';
import { emptyVolumeConfig } from '../../src/engine/orchestrator/model.ts';
import { Bench, handleOf, problemOf, signal, testSettings } from './driver-bench.ts';
import { economy, iscsi } from './san-drivers.ts';

const member = 'snapshot-13f0c2aa-1d2e-4b3c-9a8f-77b6a5c4d3e2';

const groupsOf = ({ groups }: Driver): GroupSnapshots => {
  if (groups === undefined) throw new Error('the driver has no group snapshots');
  return groups;
};
const flexVolSnapshots = async (bench: Bench) => {
  const found: string[] = [];
  for (const { uuid, name } of bench.array.world.volumes())
    for (const snapshot of await bench.list(`/storage/volumes/${uuid}/snapshots`))
      found.push(`${name}/${String(snapshot['name'])}`);
  return found;
};
const groupsThere = (bench: Bench) => bench.list('/application/consistency-groups');

const take = async (bench: Bench, volumes: readonly VolumeHandle[]) => {
  const groups = groupsOf(bench.driver);
  await groups.take(await groups.holders(volumes, signal()), member, signal());
  return groups.collect(volumes, member, signal());
};

test('LUNs of one FlexVol are snapshotted at one instant, and the FlexVol keeps no snapshot', async () => {
  await using bench = await Bench.open(economy);
  const volumes = [await bench.create(), await bench.create()];
  const made = await take(bench, volumes);
  expect(made.map(({ internalName }) => internalName)).toEqual([member, member]);
  for (const [index, volume] of volumes.entries()) {
    expect((await bench.driver.listSnapshots(volume, signal())).map(({ ref }) => ref)).toEqual([made[index]?.ref]);
    const handle = { name: member, internalName: member, ref: made[index]?.ref ?? {} };
    await bench.driver.restoreSnapshot(volume, handle, signal());
    await bench.driver.deleteSnapshot(volume, handle, signal());
    expect(await bench.driver.listSnapshots(volume, signal())).toEqual([]);
  }
  expect(await flexVolSnapshots(bench)).toEqual([]);
  expect(await groupsThere(bench)).toEqual([]);
});

test('with LUNs that have FlexVols of their own they are one group', async () => {
  await using bench = await Bench.open(economy);
  const pooled = await bench.create();
  const kind = ontapSanWith(testSettings);
  const config = iscsi.config(bench.array, {});
  const discovery = await kind.discover(config, bench.environment, signal());
  await using other = kind.open(config, discovery, bench.environment);
  const [pool] = discovery.pools;
  if (pool === undefined) throw new Error('there is no pool');
  const request = { ...emptyVolumeConfig, name: 'own', size: 2 ** 30, storageClass: 'any' };
  const plan = other.planVolume(request, { attributes: {} }, pool);
  const own = handleOf(plan.config, await other.createVolume(plan, signal()));
  const [mine, theirs] = [groupsOf(bench.driver), groupsOf(other)];
  expect(mine.target).toBe(theirs.target);
  const holders = [...(await mine.holders([pooled], signal())), ...(await theirs.holders([own], signal()))];
  await theirs.take(holders, member, signal());
  expect(await mine.collect([pooled], member, signal())).toHaveLength(1);
  expect(await theirs.collect([own], member, signal())).toHaveLength(1);
  expect(await flexVolSnapshots(bench)).toEqual([`${own.config.internalName}/${member}`]);
  expect(await groupsThere(bench)).toEqual([]);
});

test.each([1, 2, 3, 4, 5, 6])('what is cut off at change %i is taken back', async (nth) => {
  await using bench = await Bench.open(economy);
  const volumes = [await bench.create(), await bench.create()];
  const since = new Date();
  const refusal = { type: 'refuse', status: 400, code: '1', message: 'no' } as const;
  bench.strike({ method: ['POST', 'DELETE', 'PATCH'], path: '/api/**', skip: nth - 1 }, refusal);
  await take(bench, volumes).catch(() => undefined);
  bench.array.faults.clear();
  for (let time = 0; time < 2; time++)
    expect(await groupsOf(bench.driver).discard(volumes, member, since, signal())).toEqual([]);
  for (const volume of volumes) expect(await bench.driver.listSnapshots(volume, signal())).toEqual([]);
  expect(await flexVolSnapshots(bench)).toEqual([]);
});

test('a snapshot that a LUN has already is not taken for one of the group', async () => {
  await using bench = await Bench.open(economy);
  const volumes = [await bench.create(), await bench.create()];
  const [, second] = volumes;
  if (second === undefined) throw new Error('no second volume');
  await bench.snapshot(second, member);
  expect(await problemOf(take(bench, volumes))).toMatchObject({ code: 'snapshot.exists-on-array', nothingDone: false });
  const remarks = await groupsOf(bench.driver).discard(volumes, member, new Date(Date.now() + 3_600_000), signal());
  expect(remarks.join('\n')).toContain(
    `snapshot ${member} of LUN ${second.config.internalName} was on the array before`,
  );
});
