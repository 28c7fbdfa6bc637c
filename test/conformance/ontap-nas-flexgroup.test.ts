import { expect, test } from 'vitest';
import { emptyVolumeConfig } from '../../src/engine/orchestrator/model.ts';
import { published } from './driver-operations.ts';
import { driverConformance } from './driver.ts';
import { Bench, node, problemOf, signal } from './driver-bench.ts';
import { flexgroup } from './nas-drivers.ts';

driverConformance(flexgroup);

test('is spread over the aggregates of the list, four parts on each', async () => {
  await using bench = await Bench.open(flexgroup, {
    config: { flexgroupAggregateList: ['aggr1_n2', 'aggr1_n1'] },
  });
  expect(bench.discovery.pools.map(({ name, offers }) => [name, offers['media'], offers['replication']])).toEqual([
    ['managed_storage_pool', { type: 'string', offer: ['ssd'] }, { type: 'bool', offer: false }],
  ]);
  const volume = await bench.create({ size: 2 ** 33 });
  const found = await flexgroup.objects.look(bench, volume.config.internalName);
  expect(found).toMatchObject({
    style: 'flexgroup',
    aggregates: [{ name: 'aggr1_n2' }, { name: 'aggr1_n1' }],
    constituents_per_aggregate: 4,
    nas: { path: '/trident_pvc_1', export_policy: { name: 'trident_empty' } },
    snapshot_directory_access_enabled: false,
  });
});

test('keeps to the size that was asked for, whatever is reserved for snapshots', async () => {
  await using bench = await Bench.open(flexgroup, { config: { defaults: { snapshotReserve: '20' } } });
  const volume = await bench.create({ size: 2 ** 32 });
  expect(volume.config.size).toBe(2 ** 32);
  expect(await flexgroup.objects.size(bench, volume.config.internalName)).toBe(Math.floor(2 ** 32 / 0.8));
  const more = await bench.driver.resizeVolume(volume, 2 ** 32 + 2 ** 20, signal());
  expect(more.size).toBe(2 ** 32 + 2 ** 20);
});

test('says how large it must be at least', async () => {
  await using bench = await Bench.open(flexgroup);
  const problem = await problemOf(bench.driver.createVolume(bench.plan({ size: 2 ** 26 }), signal()));
  expect(problem).toMatchObject({ kind: 'limit', array: { code: '917534' } });
  expect(problem.message).toContain('too small');
  expect((await bench.inventory()).volumes).toEqual([]);
});

test('is refused where an aggregate of the list is not assigned, and goes offline with one', async () => {
  const refused = await problemOf(Bench.open(flexgroup, { config: { flexgroupAggregateList: ['aggr1_n1', 'aggr9'] } }));
  expect(refused).toMatchObject({ kind: 'invalid', path: ['flexgroupAggregateList'] });
  expect(refused.message).toContain('aggr9');
  await using bench = await Bench.open(flexgroup, { config: { flexgroupAggregateList: ['aggr1_n1', 'aggr1_n2'] } });
  const [svm] = await bench.list('/svm/svms?name=svm0');
  await bench.array.call('PATCH', `/svm/svms/${String(svm?.['uuid'])}?return_timeout=5`, {
    aggregates: [{ name: 'aggr1_n1' }],
  });
  expect((await bench.driver.checkHealth(signal())).reason).toContain(
    'do not include the configured aggregate aggr1_n2',
  );
});

test('hands out its junction, and has no read-only clones', async () => {
  await using bench = await Bench.open(flexgroup);
  const n1 = node('n1', '10.0.0.1');
  const volume = await published(bench, await bench.create(), n1, [n1]);
  expect(volume.config.accessInformation).toMatchObject({ nfsPath: '/trident_pvc_1' });
  expect(bench.driver.manifest).toMatchObject({ readOnlyClones: false, rename: false, mirrors: false });
});

test('of stock, on the policy of its backend, keeps it while it is published', async () => {
  await using bench = await Bench.open(flexgroup);
  const legacy = 'trident-11111111-2222-3333-4444-555555555555';
  await bench.array.call('POST', '/protocols/nfs/export-policies', { name: legacy, svm: { name: 'svm0' } });
  await flexgroup.objects.makeForeign(bench, 'trident_pvc_7', {
    nas: { path: '/trident_pvc_7', export_policy: { name: legacy } },
  });
  const n1 = node('n1', '10.0.0.1');
  const config = {
    ...emptyVolumeConfig,
    name: 'pvc-7',
    internalName: 'trident_pvc_7',
    exportPolicy: legacy,
    size: 2 ** 30,
  };
  const volume = await published(bench, { config, ref: {} }, n1, [n1]);
  expect(await bench.rules(legacy)).toEqual(['10.0.0.1']);
  expect(volume.config.exportPolicy).toBe(legacy);
  await bench.driver.deleteVolume(volume, signal());
  expect((await bench.inventory()).volumes).toEqual([]);
});
