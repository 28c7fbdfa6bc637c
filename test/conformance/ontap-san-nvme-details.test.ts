import { describe, expect, test } from 'vitest';
import { emptyVolumeConfig } from '../../src/engine/orchestrator/model.ts';
import { defaultTopology } from '../../src/simulator/core/topology.ts';
import { Bench, handleOf, journalled, node, problemOf, signal } from './driver-bench.ts';
import { byStock, makeSubsystem, mapNamespace, publishTo, subsystems } from './nvme-bench.ts';
import { asaNvme, nvme } from './nvme-drivers.ts';

const n1 = node('n1', '10.0.0.1');
const luksBytes = 18 * 2 ** 20;

const makePolicies = async (bench: Bench) => {
  for (const name of ['fast', 'slow'])
    await bench.array.call('POST', '/storage/qos/policies?return_timeout=15', {
      name,
      svm: { name: 'svm0' },
      fixed: { max_throughput_iops: 100 },
    });
};

describe('what a namespace gets', () => {
  test('everything in two requests', async () => {
    await using bench = await Bench.open(nvme, {
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
    const bytes = 2 ** 30 + luksBytes;
    expect((await bench.list('/storage/volumes?name=trident_pvc_1&fields=**'))[0]).toMatchObject({
      size: Math.floor(Math.floor(bytes / 0.8) * 1.1),
      guarantee: { type: 'volume' },
      comment: '{"provisioning":{"tier":"gold"}}',
      snapshot_policy: { name: 'default' },
    });
    expect((await bench.list('/storage/namespaces?fields=**'))[0]).toMatchObject({
      name: '/vol/trident_pvc_1/namespace0',
      os_type: 'linux',
      space: { size: bytes, block_size: 4096 },
      comment:
        '{"nsAttribute":{"LUKS":"true","com.netapp.ndvp.fstype":"xfs","driverContext":"csi","formatOptions":"-K"}}',
    });
    expect(volume.config).toMatchObject({
      size: 2 ** 30,
      fileSystem: 'xfs',
      LUKSEncryption: 'true',
      internalID: '/vol/trident_pvc_1/namespace0',
    });
    expect(volume.config.accessInformation).toMatchObject({ publishEnforcement: true, formatOptions: '-K' });
    expect(await bench.driver.createSnapshot(volume, 's', signal())).toMatchObject({ size: 2 ** 30 });
    expect((await publishTo(bench, volume, n1, 1)).config.accessInformation).toMatchObject({ mountOptions: 'nouuid' });
  });

  test('a comment that does not fit is refused before the array is asked', async () => {
    await using bench = await Bench.open(nvme);
    expect(() => bench.plan({ formatOptions: 'x'.repeat(200) })).toThrow(
      expect.objectContaining({ code: 'namespace.comment-too-long', kind: 'limit', nothingDone: true }),
    );
    expect(bench.plan({ formatOptions: 'x'.repeat(100) }).details).toMatchObject({ namespace: { bytes: 2 ** 30 } });
  });

  test('a clone has the namespace of its source, found under its own name', async () => {
    await using bench = await Bench.open(nvme);
    const source = await bench.create({ fileSystem: 'xfs' });
    const plan = bench.clonePlan(source, await bench.snapshot(source, 's1'));
    const clone = handleOf(plan.config, await bench.driver.cloneVolume(plan, signal()));
    expect(clone.config).toMatchObject({ fileSystem: 'xfs', internalID: '/vol/trident_pvc_2/namespace0' });
    const uuids = (await bench.list('/storage/namespaces')).map(({ uuid }) => uuid);
    expect(uuids).toHaveLength(2);
    expect(clone.ref).toMatchObject({ namespace: { uuid: uuids[1] } });
    expect(clone.ref).not.toHaveProperty('nvme');
  });
});

describe('size', () => {
  test('counts what LUKS needs, and follows it when it grows', async () => {
    await using bench = await Bench.open(nvme, { config: { limitVolumeSize: '3Gi' } });
    const volume = await bench.create({ LUKSEncryption: 'true' });
    const { size } = await bench.driver.resizeVolume(volume, 2 ** 31, signal());
    expect(size).toBe(2 ** 31);
    expect((await bench.list('/storage/namespaces?fields=space.size'))[0]).toMatchObject({
      space: { size: 2 ** 31 + luksBytes },
    });
    const same = await bench.driver.resizeVolume({ ...volume, config: { ...volume.config, size } }, size, signal());
    expect(same.size).toBe(2 ** 31);
    expect(await problemOf(bench.driver.resizeVolume(volume, 2 ** 29, signal()))).toMatchObject({
      code: 'volume.shrink',
      kind: 'limit',
      message: expect.stringContaining('the namespace of trident_pvc_1 is not made smaller'),
    });
    expect(await problemOf(bench.driver.resizeVolume(volume, 3 * 2 ** 30, signal()))).toMatchObject({
      code: 'volume.too-large',
    });
  });

  test('of a volume that stock made is what the array tells', async () => {
    await using bench = await Bench.open(nvme);
    const volume = await byStock(bench);
    const grown = await bench.driver.resizeVolume(volume, 2 ** 31, signal());
    expect(grown).toMatchObject({ size: 2 ** 31, ref: { namespace: { name: '/vol/trident_stock/namespace0' } } });
  });
});

test('a namespace that is refused takes its volume with it', async () => {
  await using bench = await Bench.open(nvme);
  bench.strike(
    { method: 'POST', path: '/api/storage/namespaces' },
    { type: 'refuse', status: 400, code: '72089724', message: 'too large' },
  );
  const problem = await problemOf(bench.driver.createVolume(bench.plan(), signal()));
  expect(problem).toMatchObject({ array: { code: '72089724' } });
  expect((await bench.inventory()).volumes).toEqual([]);
});

describe('import', () => {
  const plan = async (bench: Bench, name: string, more = {}) => {
    const found = await bench.driver.findForImport(name, signal());
    if (found === undefined) throw new Error('there is nothing to import');
    return journalled(
      bench.driver.planImport({ ...emptyVolumeConfig, name: 'pvc-x', ...more }, name, journalled(found)),
    );
  };
  const refusal = (bench: Bench, name: string) => problemOf(plan(bench, name));

  test('renames the volume, and leaves the namespace its name', async () => {
    await using bench = await Bench.open(nvme);
    await nvme.objects.makeForeign(bench, 'precious');
    const planned = await plan(bench, 'precious', { LUKSEncryption: 'true' });
    const volume = handleOf(planned.config, await bench.driver.importVolume(planned, signal()));
    expect(volume.config).toMatchObject({
      internalName: 'trident_pvc_x',
      internalID: '/vol/trident_pvc_x/data',
      size: 2 ** 29 - luksBytes,
      fileSystem: 'ext4',
    });
    expect(await bench.list('/storage/namespaces')).toMatchObject([{ name: '/vol/trident_pvc_x/data' }]);
    expect(await bench.driver.volumeExists(volume, signal())).toBe(true);
    await publishTo(bench, volume, n1, 1);
    expect(await subsystems(bench)).toEqual(['n1_*: n1 > /vol/trident_pvc_x/data']);
  });

  test('believes what the namespace tells of itself', async () => {
    await using bench = await Bench.open(nvme);
    await byStock(bench);
    expect((await plan(bench, 'trident_stock')).config).toMatchObject({ fileSystem: 'xfs', LUKSEncryption: 'false' });
  });

  test.each([
    ['no namespace', async (bench: Bench) => void (await removeNamespace(bench)), 'there is no namespace in it'],
    [
      'two namespaces',
      async (bench: Bench) => {
        const body = { name: '/vol/trident_stock/second', svm: { name: 'svm0' }, os_type: 'linux' };
        await bench.array.call('POST', '/storage/namespaces', { ...body, space: { size: 2 ** 23 } });
      },
      'holds 2 namespaces',
    ],
    [
      'a namespace that somebody uses',
      async (bench: Bench) => {
        await makeSubsystem(bench, 'theirs');
        await mapNamespace(bench, '/vol/trident_stock/namespace0', 'theirs');
      },
      'mapped to subsystem theirs',
    ],
  ])('of a volume with %s is refused', async (_, spoil, message) => {
    await using bench = await Bench.open(nvme);
    await byStock(bench);
    await spoil(bench);
    expect(await refusal(bench, 'trident_stock')).toMatchObject({
      code: 'import.refused',
      kind: 'conflict',
      nothingDone: true,
      message: expect.stringContaining(message),
    });
  });
});

const removeNamespace = async (bench: Bench) => {
  const [found] = await bench.list('/storage/namespaces');
  await bench.array.call('DELETE', `/storage/namespaces/${String(found?.['uuid'])}`);
};

describe('ASA r2', () => {
  test('keeps everything in the comment of the namespace, and its identity as stock does', async () => {
    await using bench = await Bench.open(asaNvme, { config: { labels: { volume: '{{.volume.Name}}' } } });
    await makePolicies(bench);
    const volume = await bench.create({ formatOptions: '-K' });
    const [found] = await bench.list('/storage/namespaces?fields=comment,space');
    expect(found).toMatchObject({ name: 'trident_pvc_1', space: { size: 2 ** 30, block_size: 4096 } });
    expect(JSON.parse(String(found?.['comment']))).toEqual({
      nsAttribute: {
        LUKS: 'false',
        'com.netapp.ndvp.fstype': 'ext4',
        driverContext: 'csi',
        formatOptions: '-K',
        nsLabels: '{"provisioning":{"volume":"pvc-1"}}',
      },
    });
    expect(volume.config).toMatchObject({ internalID: '/svm/svm0/namespace/trident_pvc_1', encryption: 'true' });
    expect(bench.discovery.pools[0]?.offers).toMatchObject({ sanType: { offer: ['nvme'] } });
    const plan = bench.clonePlan(volume, undefined, { qosPolicy: 'slow' });
    const clone = handleOf(plan.config, await bench.driver.cloneVolume(plan, signal()));
    expect(clone.config.internalID).toBe('/svm/svm0/namespace/trident_pvc_2');
    const [copy] = await bench.list('/storage/namespaces?name=trident_pvc_2&fields=comment,qos_policy.name');
    expect(copy).toMatchObject({
      comment: expect.stringContaining('pvc-2'),
      qos_policy: { name: 'slow' },
    });
  });

  test('labels that do not fit are refused before the array is asked', async () => {
    await using bench = await Bench.open(asaNvme, { config: { labels: { long: 'x'.repeat(200) } } });
    expect(() => bench.plan()).toThrow(expect.objectContaining({ code: 'namespace.comment-too-long' }));
  });

  test('takes a namespace over with its comment, and gives it back', async () => {
    await using bench = await Bench.open(asaNvme);
    await asaNvme.objects.makeForeign(bench, 'precious');
    const found = await bench.driver.findForImport('precious', signal());
    if (found === undefined) throw new Error('there is nothing to import');
    const plan = bench.driver.planImport({ ...emptyVolumeConfig, name: 'pvc-x' }, 'precious', found);
    const volume = handleOf(plan.config, await bench.driver.importVolume(plan, signal()));
    expect(volume.config.internalID).toBe('/svm/svm0/namespace/trident_pvc_x');
    expect((await bench.list('/storage/namespaces?fields=comment'))[0]).toMatchObject({
      name: 'trident_pvc_x',
      comment: expect.stringContaining('"com.netapp.ndvp.fstype":"ext4"'),
    });
    await bench.driver.undoImport(plan, signal());
    expect((await bench.list('/storage/namespaces?fields=comment'))[0]).toMatchObject({
      name: 'precious',
      comment: '',
    });
  });

  test('deletes what we left mapped, and nothing that others use', async () => {
    await using bench = await Bench.open(asaNvme);
    const volume = await bench.create();
    await makeSubsystem(bench, 'theirs');
    await mapNamespace(bench, 'trident_pvc_1', 'theirs');
    expect(await problemOf(bench.driver.deleteVolume(volume, signal()))).toMatchObject({
      code: 'namespace.mapped',
      kind: 'conflict',
      message: expect.stringContaining('theirs'),
    });
    const left = await publishTo(bench, await bench.create(), n1, 1);
    await bench.driver.deleteVolume({ ...left, ref: { namespace: left.ref['namespace'] } }, signal());
    expect((await bench.inventory()).volumes).toEqual(['trident_pvc_1']);
    expect(await subsystems(bench)).toEqual(['theirs:  > trident_pvc_1']);
  });
});

describe('a volume that is deleted while it is published', () => {
  test.each([nvme, asaNvme])('leaves no subsystem: $name', async (under) => {
    await using bench = await Bench.open(under);
    const volume = await publishTo(bench, await bench.create(), n1, 1);
    await bench.driver.deleteVolume(volume, signal());
    expect(await bench.inventory()).toMatchObject({ volumes: [], groups: [] });
  });
});

describe('discovery', () => {
  test('says what keeps nodes from the SVM', async () => {
    await using bench = await Bench.open(nvme);
    const volume = await bench.create();
    const discover = () => problemOf(bench.kind.discover(bench.config, bench.environment, signal()));
    const [first, ...others] = await bench.list('/network/ip/interfaces?services=data_nvme_tcp&svm.name=svm0');
    await bench.array.call('DELETE', `/network/ip/interfaces/${String(first?.['uuid'])}`);
    const problem = await problemOf(publishTo(bench, volume, n1, 1));
    expect(problem).toMatchObject({ array: { code: '72089902' } });
    expect(problem.message).toContain('does not have an NVMe interface configured');
    for (const each of others)
      await bench.array.call('PATCH', `/network/ip/interfaces/${String(each['uuid'])}`, { enabled: false });
    expect(await discover()).toMatchObject({ code: 'svm.no-lif', message: expect.stringContaining('NVMe/TCP') });
    expect(await bench.driver.checkHealth(signal())).toEqual({
      reason: "No data LIFs present or all of them are 'down'",
    });
  });

  test('says that the SVM does not serve NVMe', async () => {
    await using bench = await Bench.open(nvme);
    const [service] = await bench.list('/protocols/nvme/services?svm.name=svm0&fields=svm.uuid');
    const svm: unknown = service?.['svm'];
    const uuid = typeof svm === 'object' && svm !== null && 'uuid' in svm ? String(svm.uuid) : '';
    await bench.array.call('PATCH', `/protocols/nvme/services/${uuid}`, { enabled: false });
    const problem = await problemOf(bench.kind.discover(bench.config, bench.environment, signal()));
    expect(problem).toMatchObject({ code: 'svm.protocol', message: 'SVM svm0 does not serve NVMe/TCP' });
  });

  test.each([
    ['useCHAP', { useCHAP: true }, ['useCHAP']],
    ['another sanType', { sanType: 'nvme/fc' }, ['sanType']],
  ])('refuses %s', async (_, more, path) => {
    await using bench = await Bench.open(nvme);
    const problem = await problemOf(bench.kind.discover({ ...bench.config, ...more }, bench.environment, signal()));
    expect(problem).toMatchObject({ kind: 'invalid', path });
  });

  test('on ASA r2 refuses what the system decides by itself', async () => {
    await using bench = await Bench.open(asaNvme);
    const config = { ...bench.config, defaults: { LUKSEncryption: 'true' } };
    expect(await problemOf(bench.kind.discover(config, bench.environment, signal()))).toMatchObject({
      path: ['defaults', 'LUKSEncryption'],
    });
  });

  test('names the backend as stock does, and reports blocks', async () => {
    await using bench = await Bench.open(nvme);
    expect(bench.discovery).toMatchObject({ defaultName: 'ontapsan_192.0.2.31', protocol: 'block' });
    await using units = await Bench.open(asaNvme);
    expect(units.discovery.defaultName).toBe('ontapasanvme_192.0.2.31');
    const old = { ...defaultTopology, cluster: { ...defaultTopology.cluster, version: '9.12.1' } };
    await using oldest = await Bench.open(nvme, { array: { topology: old } });
    await publishTo(oldest, await oldest.create(), n1, 1);
  });
});
