import { describe, expect, test } from 'vitest';
import { emptyVolumeConfig } from '../../src/engine/orchestrator/model.ts';
import { defaultTopology } from '../../src/simulator/core/topology.ts';
import { at } from '../support/ontap-session.ts';
import { published } from './driver-operations.ts';
import type { Published } from '../../src/engine/drivers/objects.ts';
import { Bench, handleOf, journalled, node, problemOf, signal } from './driver-bench.ts';
import { asaNvme, nvme } from './nvme-drivers.ts';
import { asa, economy, fcp, iscsi } from './san-drivers.ts';

/** Where the SAN drivers differ from stock (docs/differences.md), as far as no other test comes by it. */

const n1 = node('n1', '10.0.0.1');
const refuse = (code: string, message: string) => ({ type: 'refuse', status: 400, code, message }) as const;
const shown = async (bench: Bench, path: string): Promise<unknown> => (await bench.list(path))[0];

describe('a LUN', () => {
  test('is looked for in the SVM of the backend, also where another SVM has one of its path', async () => {
    const svms = defaultTopology.svms.map((svm) => ({
      ...svm,
      protocols: [...new Set([...svm.protocols, 'iscsi' as const])],
    }));
    await using bench = await Bench.open(iscsi, { array: { topology: { ...defaultTopology, svms } } });
    const volume = await bench.create();
    const name = volume.config.internalName;
    const there = { svm: { name: 'svm_dr' } };
    const send = (path: string, body: unknown) => bench.array.call('POST', path, body);
    await send('/storage/volumes?return_timeout=15', {
      name,
      ...there,
      size: 2 ** 31,
      aggregates: [{ name: 'aggr1_n1' }],
    });
    const lun = { name: `/vol/${name}/lun0`, ...there, os_type: 'linux', space: { size: 2 ** 30 } };
    expect((await send('/storage/luns', lun)).status).toBe(201);
    await send('/protocols/san/igroups', { name: 'theirs', ...there, os_type: 'linux', protocol: 'iscsi' });
    await send('/protocols/san/lun-maps', { ...there, lun: { name: lun.name }, igroup: { name: 'theirs' } });
    // As stock's record would know it: by its path alone.
    const granted = await published(bench, { ...volume, ref: {} }, n1, [n1]);
    await bench.driver.unpublish({ volume: { ...granted, ref: {} }, node: n1, remaining: [] }, signal());
    await bench.driver.deleteVolume({ ...volume, ref: {} }, signal());
    expect(await bench.list('/protocols/san/lun-maps?svm.name=svm_dr')).toHaveLength(1);
    expect(await bench.list('/storage/luns?svm.name=svm0')).toEqual([]);
  });

  test('is told at the LIFs of the last look at the health of its backend', async () => {
    await using bench = await Bench.open(iscsi);
    const lif = await shown(bench, '/network/ip/interfaces?name=iscsi_n1&svm.name=svm0');
    await bench.array.call('PATCH', `/network/ip/interfaces/${String(at(lif, 'uuid'))}`, { enabled: false });
    const { discovery } = await bench.driver.checkHealth(signal());
    if (discovery === undefined) throw new Error('the change was not seen');
    const driver = bench.kind.open(bench.config, discovery, bench.environment);
    const volume = await bench.create();
    const request = { volume, node: n1, nodes: [n1], readOnly: false, accessMode: 1 };
    const { accessInformation } = await driver.publish(request, signal());
    expect([accessInformation.iscsiTargetPortal, ...(accessInformation.iscsiPortals ?? [])]).toEqual(['192.0.2.22']);
    await driver[Symbol.asyncDispose]();
  });

  test('is told with the name of its target, which is read again after ten minutes', async () => {
    let now = Date.now();
    await using bench = await Bench.open(iscsi, { environment: { now: () => new Date(now) } });
    const publish = async () => {
      const request = { volume: await bench.create(), node: n1, nodes: [n1], readOnly: false, accessMode: 1 };
      return (await bench.driver.publish(request, signal())).accessInformation.iscsiTargetIqn;
    };
    const first = await publish();
    const services = '/protocols/san/iscsi/services';
    const path = `${services}/${String(at(await shown(bench, `${services}?svm.name=svm0&fields=svm.uuid`), 'svm', 'uuid'))}`;
    await bench.array.call('PATCH', path, { enabled: false });
    await bench.array.call('DELETE', path);
    await bench.array.call('POST', services, { svm: { name: 'svm0' } });
    now += 600_000;
    const service = await shown(bench, `${services}?svm.name=svm0&fields=target.name`);
    expect(await publish()).toBe(at(service, 'target', 'name'));
    expect(at(service, 'target', 'name')).not.toBe(first);
  });

  test('that is refused ends the creation, whatever other aggregates there are', async () => {
    await using bench = await Bench.open(iscsi);
    bench.strike({ method: 'POST', path: '/api/storage/luns' }, refuse('5374850', 'no LUNs today'));
    expect((await problemOf(bench.driver.createVolume(bench.plan(), signal()))).message).toContain('no LUNs today');
    expect(bench.array.requests.count({ method: 'POST', path: '/api/storage/volumes' })).toBe(1);
    expect((await bench.inventory()).volumes).toEqual([]);
  });

  test.each([iscsi, fcp, nvme, economy])('of $name has no exports to be kept', async (under) => {
    await using bench = await Bench.open(under);
    expect(() => bench.kind.check({ ...bench.config, autoExportPolicy: true }, 'csi')).toThrow('SAN has no exports');
  });
});

describe.each([
  ['iscsi', iscsi],
  ['iscsi', economy],
  ['nvme', nvme],
] as const)('LIFs for %s', (protocol, under) => {
  const portals = ({ accessInformation: told }: Published): readonly string[] => [
    ...(told.iscsiTargetPortal === undefined ? [] : [told.iscsiTargetPortal]),
    ...(told.iscsiPortals ?? told.nvmeTargetIPs ?? []),
  ];
  const change = async (bench: Bench, name: string, body: object) => {
    const lif = await shown(bench, `/network/ip/interfaces?name=${name}&svm.name=svm0`);
    await bench.array.call('PATCH', `/network/ip/interfaces/${String(at(lif, 'uuid'))}`, body);
  };

  test('are those that are up, when nobody has looked for ten minutes', async () => {
    let now = Date.now();
    await using bench = await Bench.open(under, { environment: { now: () => new Date(now) } });
    const volume = await bench.create();
    const request = { volume, node: n1, nodes: [n1], readOnly: false, accessMode: 1 };
    expect(portals(await bench.driver.publish(request, signal()))).toHaveLength(2);
    await change(bench, `${protocol}_n1`, { enabled: false });
    now += 599_000;
    expect(portals(await bench.driver.publish(request, signal()))).toHaveLength(2);
    now += 1_000;
    const calls = { method: 'GET', path: '/api/network/ip/interfaces' } as const;
    bench.array.requests.reset();
    for (let time = 0; time < 2; time++) expect(portals(await bench.driver.publish(request, signal()))).toHaveLength(1);
    expect(bench.array.requests.count(calls)).toBe(1);
  });

  test.each(['ten minutes later', 'when a look at the health has seen it'])(
    'that are gone are told before anything is changed, %s',
    async (when) => {
      let now = Date.now();
      await using bench = await Bench.open(under, { environment: { now: () => new Date(now) } });
      const volume = await bench.create();
      for (const place of ['n1', 'n2']) await change(bench, `${protocol}_${place}`, { enabled: false });
      if (when === 'ten minutes later') now += 600_000;
      else expect((await bench.driver.checkHealth(signal())).reason).toContain('No data LIFs');
      const request = { volume, node: n1, nodes: [n1], readOnly: false, accessMode: 1 };
      expect(await problemOf(bench.driver.publish(request, signal()))).toMatchObject({ code: 'svm.no-lif' });
      expect((await bench.inventory()).groups).toEqual([]);
    },
  );
});

describe('labels', () => {
  const labels = (length: number) => ({ labels: { long: 'x'.repeat(length) } });

  test.each([iscsi, nvme])('of $name are as many as a FlexVol takes, for clones too', async (under) => {
    await using bench = await Bench.open(under, { config: labels(900) });
    const volume = await bench.create();
    const plan = bench.clonePlan(volume, undefined);
    const clone = handleOf(plan.config, await bench.driver.cloneVolume(plan, signal()));
    for (const { config } of [volume, clone]) {
      const found = await shown(bench, `/storage/volumes?name=${config.internalName}&fields=comment`);
      expect(at(found, 'comment')).toHaveLength(900 + '{"provisioning":{"long":""}}'.length);
    }
    await expect(Bench.open(under, { config: labels(1_000) })).rejects.toThrow('1023 are allowed');
  });

  test.each([asa, asaNvme])('of $name are as many as a unit takes', async (under) => {
    await using bench = await Bench.open(under, { config: labels(250) });
    expect(() => bench.plan()).toThrow('254 are allowed');
    expect(bench.array.requests.count({ method: 'POST' })).toBe(0);
  });
});

describe('on ASA r2', () => {
  test('a LUN that cannot have its attributes is not made, and that is said', async () => {
    await using bench = await Bench.open(asa);
    bench.strike({ method: 'POST', path: '/api/storage/luns' }, refuse('5374906', 'no attributes today'));
    const problem = await problemOf(bench.driver.createVolume(bench.plan(), signal()));
    expect(problem).toMatchObject({ array: { code: '5374906' }, nothingDone: true });
    expect(bench.array.requests.count({ path: '/api/storage/luns/*/attributes' })).toBe(0);
    expect((await bench.inventory()).volumes).toEqual([]);
  });

  test.each([asa, asaNvme])(
    '$name: a clone that is not deleted keeps its snapshot, and has an internalID',
    async (under) => {
      await using bench = await Bench.open(under);
      const volume = await bench.create();
      const plan = bench.clonePlan(volume, undefined);
      const clone = handleOf(plan.config, await bench.driver.cloneVolume(plan, signal()));
      const kind = under === asa ? 'lun' : 'namespace';
      expect(clone.config.internalID).toBe(`/svm/svm0/${kind}/${clone.config.internalName}`);
      bench.strike({ method: 'DELETE', path: `/api/storage/${kind}s/*` }, refuse('5374876', 'not now'));
      await problemOf(bench.driver.deleteVolume(clone, signal()));
      expect(await bench.driver.listSnapshots(volume, signal())).toHaveLength(1);
      bench.array.faults.clear();
      await bench.driver.deleteVolume(clone, signal());
      expect(await bench.driver.listSnapshots(volume, signal())).toEqual([]);
    },
  );

  test('flags are understood in every spelling, in pools and for volumes', async () => {
    const defaults = { encryption: 'True', spaceAllocation: 'TRUE', splitOnClone: 'F', LUKSEncryption: '0' };
    await using bench = await Bench.open(asa, { config: { defaults } });
    const { config } = await bench.create({ encryption: 'True' });
    expect((await bench.inventory()).volumes).toEqual([config.internalName]);
  });

  test('an import records the new name', async () => {
    await using bench = await Bench.open(asaNvme);
    await asaNvme.objects.makeForeign(bench, 'archive');
    const found = await bench.driver.findForImport('archive', signal());
    if (found === undefined) throw new Error('the namespace is not found');
    const plan = bench.driver.planImport({ ...emptyVolumeConfig, name: 'pvc-x' }, 'archive', journalled(found));
    const { config } = await bench.driver.importVolume(journalled(plan), signal());
    expect(config.internalID).toBe('/svm/svm0/namespace/trident_pvc_x');
  });
});

describe('a backend', () => {
  test.each([
    ['of ASA r2', asa, {}],
    ['with one of the aggregates', iscsi, { aggregate: 'aggr1_n1' }],
  ])('%s is not opened anew by a look at its health', async (_what, under, config) => {
    await using bench = await Bench.open(under, { config });
    const calls = await bench.count(async () => {
      expect(await bench.driver.checkHealth(signal())).toEqual({ reason: '' });
    });
    expect(calls).toBe(2);
  });

  test('is what its array says that it is, also when that was away before', async () => {
    await using bench = await Bench.open(asa);
    const fault = bench.strike({ path: '/api/**' }, refuse('4', 'away'));
    await problemOf(bench.kind.discover(bench.config, bench.environment, signal()));
    bench.array.faults.remove(fault);
    const found = await bench.kind.discover(bench.config, bench.environment, signal());
    await using driver = bench.kind.open(bench.config, found, bench.environment);
    const [pool] = found.pools;
    if (pool === undefined) throw new Error('no pool');
    const request = { ...emptyVolumeConfig, name: 'pvc-9', size: 2 ** 30, storageClass: 'any' };
    const plan = driver.planVolume(request, { attributes: {} }, pool);
    expect((await driver.createVolume(plan, signal())).config.internalID).toBe('/svm/svm0/lun/trident_pvc_9');
  });
});

describe('LUNs in shared FlexVols', () => {
  test('are served over FC where that is configured', async () => {
    if (fcp.array === undefined) throw new Error('no array with FC');
    await using bench = await Bench.open(economy, { array: fcp.array, config: { sanType: 'fcp' } });
    const granted = await published(bench, await bench.create(), n1, [n1]);
    expect(granted.config.accessInformation).toMatchObject({ fcTargetWWNN: expect.stringMatching(/^20:01:/) });
    expect(granted.config.accessInformation).not.toHaveProperty('iscsiTargetIqn');
    expect((await bench.inventory()).groups).toEqual(['n1-fcp-99999999-2222-3333-4444-555555555555']);
    expect(await shown(bench, '/protocols/san/igroups?fields=protocol')).toMatchObject({ protocol: 'fcp' });
  });

  test('have no place that the system chooses for each volume', async () => {
    await using bench = await Bench.open(economy);
    const problem = () => bench.kind.check({ ...bench.config, useBalancedPlacement: 'true' }, 'csi');
    expect(problem).toThrow('volumes that share FlexVols cannot be placed by the system');
  });
});
