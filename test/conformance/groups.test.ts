import { expect, test } from 'vitest';
import { driverKind } from '../../src/engine/drivers/registry.ts';
import { openEngine } from '../../src/engine/engine.ts';
import { newMemoryState, openMemoryStore } from '../../src/engine/store/memory.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { patient, storageClass, volumeRequest } from '../support/lab.ts';
import { password, problemOf } from './driver-bench.ts';
import { groupConformance, lonerConformance } from './groups.ts';
import { plainFlexgroup, plainNas } from './nas-drivers.ts';
import { asaNvme, nvme } from './nvme-drivers.ts';
import { asa, iscsi } from './san-drivers.ts';

groupConformance(plainNas);
groupConformance(iscsi);
groupConformance(nvme);
lonerConformance(plainFlexgroup, 'FlexGroup');
lonerConformance(asa, 'storage unit');
lonerConformance(asaNvme, 'storage unit');

test('several FlexGroups, and a FlexGroup with a FlexVol, are refused before the journal knows of it', async () => {
  const array = await startSimulator({ credentials: { admin: password } });
  try {
    await using store = openMemoryStore({ state: newMemoryState() });
    const more = { driverKind, context: 'direct', version: '26.06.0', hostName: 'host' } as const;
    await using engine = await openEngine({ store, ...more });
    const { backends, storageClasses, volumes, groupSnapshots } = engine.orchestrator;
    await backends.add(plainFlexgroup.config(array, { backendName: 'groups', storagePrefix: 'g_' }), patient);
    await backends.add(plainNas.config(array, { backendName: 'vols', storagePrefix: 'v_' }), patient);
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
