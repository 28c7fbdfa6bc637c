import { expect, test } from 'vitest';
import { ontapNasFlexgroupWith, ontapNasWith } from '../../src/engine/drivers/ontap/kind.ts';
import { driverKind } from '../../src/engine/drivers/registry.ts';
import { openEngine } from '../../src/engine/engine.ts';
import { newMemoryState, openMemoryStore } from '../../src/engine/store/memory.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { patient, storageClass, volumeRequest } from '../support/lab.ts';
import type { DriverUnderTest } from './driver-bench.ts';
import { password, problemOf } from './driver-bench.ts';
import { groupConformance, lonerConformance } from './groups.ts';
import { asaNvme, nvme } from './nvme-drivers.ts';
import { asa, iscsi } from './san-drivers.ts';
import { volumesOnArray } from './volumes-on-array.ts';

const nas: DriverUnderTest = {
  name: 'ontap-nas',
  objects: volumesOnArray('flexvol'),
  taken: { code: '917526', size: 64 * 2 ** 20, facts: () => [] },
  renamesImports: true,
  tellsAge: true,
  choosesAggregate: true,
  kind: ontapNasWith,
  config: (array, more) => ({
    version: 1,
    storageDriverName: 'ontap-nas',
    managementLIF: array.host,
    svm: 'svm0',
    username: 'admin',
    password,
    trustedCACertificate: Buffer.from(array.certificate).toString('base64'),
    ...more,
  }),
  calls: {},
  withoutJobs: [],
};

const flexGroups: DriverUnderTest = {
  ...nas,
  name: 'ontap-nas-flexgroup',
  objects: volumesOnArray('flexgroup'),
  kind: ontapNasFlexgroupWith,
  config: (array, more) => nas.config(array, { storageDriverName: 'ontap-nas-flexgroup', ...more }),
};

groupConformance(nas);
groupConformance(iscsi);
groupConformance(nvme);
lonerConformance(flexGroups, 'FlexGroup');
lonerConformance(asa, 'storage unit');
lonerConformance(asaNvme, 'storage unit');

test('several FlexGroups, and a FlexGroup with a FlexVol, are refused before the journal knows of it', async () => {
  const array = await startSimulator({ credentials: { admin: password } });
  try {
    await using store = openMemoryStore({ state: newMemoryState() });
    const more = { driverKind, context: 'direct', version: '26.06.0', hostName: 'host' } as const;
    await using engine = await openEngine({ store, ...more });
    const { backends, storageClasses, volumes, groupSnapshots } = engine.orchestrator;
    await backends.add(flexGroups.config(array, { backendName: 'groups', storagePrefix: 'g_' }), patient);
    await backends.add(nas.config(array, { backendName: 'vols', storagePrefix: 'v_' }), patient);
    for (const [name, backendType] of [
      ['any', 'ontap-nas-flexgroup'],
      ['vols', 'ontap-nas'],
    ] as const)
      await storageClasses.add({ ...storageClass(name), attributes: { backendType } });
    for (const name of ['a', 'b']) await volumes.create(volumeRequest(name, '2Gi'), patient);
    await volumes.create({ ...volumeRequest('c'), storageClass: 'vols' }, patient);
    const take = (names: readonly string[]) =>
      groupSnapshots.create({ name: 'groupsnapshot-x', volumes: names, version: '' }, patient);
    const journal = async () => (await store.list('operation')).length;
    const before = await journal();
    expect(await problemOf(take(['a', 'b']))).toMatchObject({ code: 'groupsnapshot.alone', kind: 'unsupported' });
    expect(await problemOf(take(['a', 'c']))).toMatchObject({ code: 'groupsnapshot.targets', kind: 'invalid' });
    expect(await journal()).toBe(before);
    expect(await take(['a'])).toMatchObject({ volumes: ['a'], snapshots: ['a/snapshot-x'] });
  } finally {
    await array.stop();
  }
});
