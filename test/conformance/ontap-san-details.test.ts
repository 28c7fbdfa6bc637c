import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { defaultTopology } from '../../src/simulator/core/topology.ts';
import { Bench, problemOf, signal } from './driver-bench.ts';
import { published } from './driver-operations.ts';
import { makeIgroup, mapLun, mapped, n1 } from './san-bench.ts';
import { asa, fcp, iscsi } from './san-drivers.ts';

/** What LUNs get, how they are resized, and what an array must have for them. */

describe('what a LUN gets', () => {
  test('everything in two requests', async () => {
    await using bench = await Bench.open(iscsi, {
      config: {
        labels: { tier: 'gold' },
        defaults: {
          snapshotPolicy: 'default',
          snapshotReserve: '20',
          spaceReserve: 'volume',
          fileSystemType: 'xfs',
          formatOptions: ' -K ',
          LUKSEncryption: 'true',
        },
      },
    });
    const volume = await bench.create({ size: 2 ** 30 });
    const lunBytes = 2 ** 30 + 18 * 2 ** 20;
    expect((await bench.list('/storage/volumes?name=trident_pvc_1&fields=**'))[0]).toMatchObject({
      size: Math.floor(Math.floor(lunBytes / 0.8) * 1.1),
      guarantee: { type: 'volume' },
      comment: '{"provisioning":{"tier":"gold"}}',
      snapshot_policy: { name: 'default' },
      space: { snapshot: { reserve_percent: 20 } },
    });
    const [lun] = await bench.list('/storage/luns?fields=**');
    expect(lun).toMatchObject({
      name: '/vol/trident_pvc_1/lun0',
      os_type: 'linux',
      space: {
        size: lunBytes,
        guarantee: { requested: false },
        scsi_thin_provisioning_support_enabled: true,
      },
    });
    expect(lun?.['attributes']).toEqual(
      expect.arrayContaining(
        Object.entries({
          'com.netapp.ndvp.fstype': 'xfs',
          context: 'csi',
          LUKS: 'true',
          formatOptions: '-K',
          poolName: 'aggr1_n1',
        }).map(([name, value]) => expect.objectContaining({ name, value })),
      ),
    );
    expect(volume.config).toMatchObject({ size: 2 ** 30, fileSystem: 'xfs', LUKSEncryption: 'true' });
    expect(volume.config.accessInformation).toMatchObject({ publishEnforcement: true, formatOptions: '-K' });
    expect(await bench.driver.createSnapshot(volume, 's', signal())).toMatchObject({ size: 2 ** 30 });
  });

  test('a raw device has no file system, an unknown file system is refused', async () => {
    await using bench = await Bench.open(iscsi);
    expect((await bench.create({ volumeMode: 'Block' })).config.fileSystem).toBe('raw');
    expect(() => bench.plan({ fileSystem: 'ntfs' })).toThrow('"ntfs" is not one of ext3, ext4, xfs, raw');
  });

  test('a LUN that is refused takes its volume with it', async () => {
    await using bench = await Bench.open(iscsi, { config: { defaults: { qosPolicy: 'nowhere' } } });
    const problem = await problemOf(bench.driver.createVolume(bench.plan(), signal()));
    expect(problem).toMatchObject({ nothingDone: true, array: { code: '8454243' } });
    expect((await bench.inventory()).volumes).toEqual([]);
  });

  test('a volume around somebody else’s LUN is not taken back', async () => {
    await using bench = await Bench.open(iscsi);
    const plan = bench.plan();
    const since = new Date();
    await bench.driver.createVolume(plan, signal());
    const { internalName } = plan.config;
    await bench.array.call('POST', '/storage/luns', {
      name: `/vol/${internalName}/precious`,
      svm: { name: 'svm0' },
      os_type: 'linux',
      space: { size: 2 ** 20 },
    });
    expect(await bench.driver.discardVolume(plan, since, signal())).toBe('foreign');
    expect((await bench.inventory()).volumes).toEqual([internalName]);
  });
});

describe('resizing', () => {
  test('within the tolerance does nothing and tells what is there', async () => {
    await using bench = await Bench.open(iscsi);
    const volume = await bench.create({ size: 2 ** 30 });
    for (const bytes of [2 ** 30 + 40_000_000, 2 ** 30 - 40_000_000])
      expect((await bench.driver.resizeVolume(volume, bytes, signal())).size).toBe(2 ** 30);
    const changes = bench.array.requests.count({ method: 'PATCH' });
    expect(changes).toBe(0);
  });

  test('never makes anything smaller', async () => {
    await using bench = await Bench.open(iscsi);
    const volume = await bench.create({ size: 2 ** 31 });
    expect(await problemOf(bench.driver.resizeVolume(volume, 2 ** 30, signal()))).toMatchObject({
      code: 'volume.shrink',
      kind: 'limit',
    });
    // The record knows less than the array does.
    const stale = { ...volume, config: { ...volume.config, size: 2 ** 29 } };
    expect(await problemOf(bench.driver.resizeVolume(stale, 2 ** 30, signal()))).toMatchObject({
      code: 'volume.shrink',
      message: expect.stringContaining(String(2 ** 31)),
    });
  });

  test('keeps room for LUKS, which the user does not see', async () => {
    await using bench = await Bench.open(iscsi, { config: { defaults: { LUKSEncryption: 'true' } } });
    const volume = await bench.create({ size: 2 ** 30 });
    expect((await bench.driver.resizeVolume(volume, 2 ** 30, signal())).size).toBe(2 ** 30);
    const { size } = await bench.driver.resizeVolume(volume, 2 ** 31, signal());
    expect(size).toBe(2 ** 31);
    const [lun] = await bench.list('/storage/luns?fields=space.size');
    expect(lun).toMatchObject({ space: { size: 2 ** 31 + 18 * 2 ** 20 } });
  });

  test('a volume that an administrator made larger stays so', async () => {
    await using bench = await Bench.open(iscsi);
    const volume = await bench.create({ size: 2 ** 30 });
    const [found] = await bench.list('/storage/volumes?name=trident_pvc_1');
    await bench.array.call('PATCH', `/storage/volumes/${String(found?.['uuid'])}?return_timeout=15`, { size: 2 ** 34 });
    await bench.driver.resizeVolume(volume, 2 ** 31, signal());
    expect(bench.array.world.findVolume('trident_pvc_1')?.sizeBytes).toBe(2 ** 34);
  });
});

describe('ASA r2', () => {
  test('keeps labels as the comment of the LUN, and its identity as stock does', async () => {
    await using bench = await Bench.open(asa, { config: { labels: { volume: '{{.volume.Name}}' } } });
    const volume = await bench.create();
    expect((await bench.list('/storage/luns?fields=comment,attributes.name,attributes.value'))[0]).toMatchObject({
      name: 'trident_pvc_1',
      comment: '{"provisioning":{"volume":"pvc-1"}}',
    });
    expect(volume.config).toMatchObject({ internalID: '/svm/svm0/lun/trident_pvc_1', encryption: 'true' });
    expect(bench.discovery.shownConfig).toMatchObject({ flags: { personality: 'ASAr2' } });
    expect(bench.discovery.pools.map(({ name }) => name)).toEqual(['managed_storage_pool']);
    expect(bench.discovery.pools[0]?.offers).toMatchObject({
      sanType: { offer: ['iscsi'] },
      provisioningType: { offer: ['thin'] },
      media: { offer: ['ssd'] },
    });
    const plan = bench.clonePlan(volume, undefined);
    await bench.driver.cloneVolume(plan, signal());
    expect((await bench.list('/storage/luns?name=trident_pvc_2&fields=comment'))[0]).toMatchObject({
      comment: '{"provisioning":{"volume":"pvc-2"}}',
    });
  });

  test.each([
    [{ defaults: { spaceReserve: 'volume' } }, 'spaceReserve'],
    [{ defaults: { snapshotPolicy: 'default' } }, 'snapshotPolicy'],
    [{ defaults: { snapshotReserve: '5' } }, 'snapshotReserve'],
    [{ defaults: { encryption: 'false' } }, 'encryption'],
    [{ defaults: { tieringPolicy: 'none' } }, 'tieringPolicy'],
    [{ storage: [{ defaults: { LUKSEncryption: 'true' } }] }, 'LUKSEncryption'],
    [{ nasType: 'nfs' }, 'nasType'],
    [{ aggregate: 'aggr1_n1' }, 'aggregate'],
  ])('refuses %o, which the system decides by itself', async (more, key) => {
    await using bench = await Bench.open(asa);
    const problem = await problemOf(bench.kind.discover({ ...bench.config, ...more }, bench.environment, signal()));
    expect(problem.path?.at(-1)).toBe(key);
  });

  test.each([
    [{ spaceReserve: 'volume' }, 'spaceReserve'],
    [{ snapshotPolicy: 'default' }, 'snapshotPolicy'],
    [{ encryption: 'False' }, 'encryption'],
    [{ LUKSEncryption: 'true' }, 'LUKSEncryption'],
  ])('a volume cannot ask for %o', async (more, key) => {
    await using bench = await Bench.open(asa);
    expect(() => bench.plan(more)).toThrow(`${key}: `);
  });

  test('a LUN that others use is not deleted; what is left of ours does not hold it', async () => {
    await using bench = await Bench.open(asa);
    const volume = await published(bench, await bench.create(), n1, [n1]);
    await makeIgroup(bench, 'theirs', ['iqn.1994-05.com.redhat:them']);
    await mapLun(bench, 'trident_pvc_1', 'theirs');
    expect(await problemOf(bench.driver.deleteVolume(volume, signal()))).toMatchObject({
      code: 'lun.mapped',
      message: expect.stringContaining('theirs'),
    });
    expect(await mapped(bench)).toHaveLength(2);
    const [, map] = await bench.list('/protocols/san/lun-maps?fields=igroup.uuid,lun.uuid&order_by=igroup.name');
    const { lun, igroup } = v.parse(
      v.object({ lun: v.object({ uuid: v.string() }), igroup: v.object({ uuid: v.string() }) }),
      map,
    );
    await bench.array.call('DELETE', `/protocols/san/lun-maps/${lun.uuid}/${igroup.uuid}`);
    await bench.driver.deleteVolume(volume, signal());
    expect((await bench.inventory()).volumes).toEqual([]);
  });

  test('a NAS driver says which one to use', async () => {
    await using bench = await Bench.open(asa);
    const { ontapNasWith } = await import('../../src/engine/drivers/ontap/kind.ts');
    const kind = ontapNasWith({
      ...(await import('../../src/engine/drivers/ontap/client/settings.ts')).defaultClientSettings,
    });
    const config = { ...bench.config, storageDriverName: 'ontap-nas' };
    expect(await problemOf(kind.discover(config, bench.environment, signal()))).toMatchObject({
      code: expect.stringMatching(/^(backend\.platform|svm\.protocol)$/),
    });
  });
});

describe('discovery', () => {
  test('says what keeps nodes from the SVM', async () => {
    await using bench = await Bench.open(iscsi);
    const discover = (more = {}) =>
      problemOf(bench.kind.discover({ ...bench.config, ...more }, bench.environment, signal()));
    expect(await discover({ sanType: 'fcp' })).toMatchObject({ message: expect.stringContaining('FC') });
    expect(await discover({ sanType: 'scsi' })).toMatchObject({ path: ['sanType'] });
    for (const each of await bench.list('/network/ip/interfaces?services=data_iscsi&svm.name=svm0'))
      await bench.array.call('PATCH', `/network/ip/interfaces/${String(each['uuid'])}`, { enabled: false });
    expect(await discover()).toMatchObject({ code: 'svm.no-lif', message: expect.stringContaining('iSCSI') });
    expect(await bench.driver.checkHealth(signal())).toEqual({
      reason: "No data LIFs present or all of them are 'down'",
    });
  });

  test.each([
    ['9.12.1', 'admin', 7, 'ssd'],
    ['9.12.1', 'vsadmin', 7, ''],
    ['9.13.1', 'vsadmin', 6, 'ssd'],
  ])('of ONTAP %s as %s takes %i calls, and finds media %j', async (version, username, calls, media) => {
    const topology = { ...defaultTopology, cluster: { ...defaultTopology.cluster, version } };
    await using bench = await Bench.open(iscsi, { config: { username }, array: { topology } });
    expect(bench.array.requests.count()).toBe(calls);
    expect(bench.discovery.facts['aggregates']).toEqual([
      { name: 'aggr1_n1', media },
      { name: 'aggr1_n2', media },
    ]);
    expect(bench.discovery.warnings).toEqual(
      media === '' ? [expect.stringContaining('reading the media of the aggregates, which storage classes')] : [],
    );
  });

  test('an update may change between iSCSI and FC, and not to NVMe', async () => {
    await using bench = await Bench.open(iscsi);
    const changes = (sanType: string) => bench.kind.changes(bench.config, { ...bench.config, sanType });
    expect([...changes('fcp')]).toEqual([]);
    expect([...changes('NVMe')]).toEqual(['invalid']);
  });

  test('names the backend as stock does, and reports blocks', async () => {
    await using bench = await Bench.open(iscsi);
    expect(bench.discovery).toMatchObject({ defaultName: 'ontapsan_192.0.2.21', protocol: 'block' });
    await using channel = await Bench.open(fcp);
    expect(channel.discovery.defaultName).toMatch(/^ontapsan_20\.[0-9a-f.]+$/);
    await using units = await Bench.open(asa);
    expect(units.discovery.defaultName).toBe('ontapasa_192.0.2.21');
  });
});
