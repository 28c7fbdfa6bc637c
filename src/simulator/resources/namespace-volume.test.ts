import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { at, textAt } from '../../../test/support/ontap-session.ts';
import { openSanSession, SUBSYSTEM_MAPS, subsystemMap, type SanSession } from '../../../test/support/san-session.ts';

const MIB = 1024 ** 2;
const SVM = { svm: { name: 'svm0' } };

let array: SanSession;
beforeAll(async () => {
  array = await openSanSession();
});
afterEach(() => array.simulator.world.verify());
afterAll(() => array.close());

const namesIn = async (volume: string): Promise<readonly unknown[]> =>
  (await array.list(`/storage/namespaces?location.volume.name=${volume}`)).map((record) => at(record, 'name'));

describe('the volume of namespaces', () => {
  test('takes them with it when it is deleted, and their maps', async () => {
    const volume = await array.newVolume();
    const uuid = await array.newNamespace(`/vol/${volume.name}/ns`);
    const subsystem = await array.newSubsystem();
    await array.expect(201, 'POST', SUBSYSTEM_MAPS, subsystemMap(subsystem, uuid));
    await array.expect(200, 'DELETE', `/storage/volumes/${volume.uuid}?return_timeout=10`);
    expect(await namesIn(volume.name)).toEqual([]);
    expect(await array.list(`${SUBSYSTEM_MAPS}?subsystem.uuid=${subsystem}`)).toEqual([]);
  });

  test('gives them its new name', async () => {
    const volume = await array.newVolume();
    await array.newNamespace(`/vol/${volume.name}/ns`);
    await array.expect(200, 'PATCH', `/storage/volumes/${volume.uuid}?return_timeout=10`, { name: 'renamed' });
    expect(await namesIn('renamed')).toEqual(['/vol/renamed/ns']);
  });

  test('has copies of them in its clones, unmapped and as the snapshot has them', async () => {
    const volume = await array.newVolume();
    const uuid = await array.newNamespace(`/vol/${volume.name}/ns`, { comment: 'kept' });
    await array.expect(201, 'POST', SUBSYSTEM_MAPS, subsystemMap(await array.newSubsystem(), uuid));
    await array.expect(201, 'POST', `/storage/volumes/${volume.uuid}/snapshots?return_timeout=10`, { name: 'snap' });
    await array.expect(200, 'PATCH', `/storage/namespaces/${uuid}`, { space: { size: 200 * MIB } });
    const clone = { is_flexclone: true, parent_volume: { name: volume.name } };
    await array.expect(201, 'POST', '/storage/volumes?return_timeout=10', {
      name: 'of_snap',
      ...SVM,
      clone: { ...clone, parent_snapshot: { name: 'snap' } },
    });
    await array.expect(201, 'POST', '/storage/volumes?return_timeout=10', { name: 'of_now', ...SVM, clone });
    const [old] = await array.list(
      '/storage/namespaces?name=/vol/of_snap/ns&fields=space.size,comment,status.mapped,location',
    );
    expect(old).toMatchObject({
      space: { size: 100 * MIB },
      comment: 'kept',
      status: { mapped: false },
      location: { volume: { name: 'of_snap' } },
    });
    expect(textAt(old, 'uuid')).not.toBe(uuid);
    expect(await array.list('/storage/namespaces?name=/vol/of_now/ns&fields=space.size')).toMatchObject([
      { space: { size: 200 * MIB } },
    ]);
  });

  test('brings them back when it is restored', async () => {
    const volume = await array.newVolume();
    const [kept, lost] = [
      await array.newNamespace(`/vol/${volume.name}/kept`),
      await array.newNamespace(`/vol/${volume.name}/lost`),
    ];
    const subsystem = await array.newSubsystem();
    await array.expect(201, 'POST', SUBSYSTEM_MAPS, subsystemMap(subsystem, kept));
    await array.expect(201, 'POST', `/storage/volumes/${volume.uuid}/snapshots?return_timeout=10`, { name: 'snap' });
    await array.expect(200, 'PATCH', `/storage/namespaces/${kept}`, { space: { size: 200 * MIB } });
    await array.expect(200, 'DELETE', `/storage/namespaces/${lost}`);
    const late = await array.newNamespace(`/vol/${volume.name}/late`);
    await array.expect(201, 'POST', SUBSYSTEM_MAPS, subsystemMap(subsystem, late));
    await array.expect(200, 'PATCH', `/storage/volumes/${volume.uuid}?restore_to.snapshot.name=snap&return_timeout=10`);
    const found = await array.list(
      `/storage/namespaces?location.volume.name=${volume.name}&fields=space.size,status.mapped&order_by=name`,
    );
    expect(found).toMatchObject([
      { uuid: kept, space: { size: 100 * MIB }, status: { mapped: true } },
      { uuid: lost, space: { size: 100 * MIB }, status: { mapped: false } },
    ]);
    expect(found).toHaveLength(2);
    expect(await array.list(`${SUBSYSTEM_MAPS}?subsystem.uuid=${subsystem}`)).toHaveLength(1);
  });

  test('leaves them without a QoS policy that is deleted', async () => {
    const volume = await array.newVolume();
    await array.expect(201, 'POST', '/storage/qos/policies?return_timeout=10', {
      name: 'slow',
      ...SVM,
      fixed: { max_throughput_iops: 100 },
    });
    const uuid = await array.newNamespace(`/vol/${volume.name}/ns`, { qos_policy: { name: 'slow' } });
    expect(await array.expect(200, 'GET', `/storage/namespaces/${uuid}`)).toMatchObject({
      qos_policy: { name: 'slow' },
    });
    await array.expect(200, 'DELETE', '/storage/qos/policies?name=slow');
    expect(at(await array.expect(200, 'GET', `/storage/namespaces/${uuid}`), 'qos_policy')).toBeUndefined();
  });
});
