import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import type { VolumeHandle } from '../../src/engine/drivers/objects.ts';
import { defaultTopology } from '../../src/simulator/core/topology.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { DriverUnderTest } from './driver-bench.ts';
import { Bench, handleOf, node, password, problemOf, signal, testSettings } from './driver-bench.ts';
import { published } from './driver-operations.ts';
import { asaNvme, nvme } from './nvme-drivers.ts';
import { asa, economy, fcp, iscsi } from './san-drivers.ts';

/** What users of drivers for blocks are told when something is wrong, each with its message. */

interface Protocol {
  readonly name: string;
  readonly service: string;
  /** As SVMs and licences have it. */
  readonly flag: 'iscsi' | 'fcp' | 'nvme';
  readonly licence: string;
  /** Collection of the services. */
  readonly services: string;
  /** Query for the LIFs of `svm0`. */
  readonly lifs: string;
  readonly makeLif: string;
}

const overIscsi: Protocol = {
  name: 'iSCSI',
  service: 'iSCSI',
  flag: 'iscsi',
  licence: 'iscsi',
  services: '/protocols/san/iscsi/services',
  lifs: '/network/ip/interfaces?services=data_iscsi&svm.name=svm0',
  makeLif: 'create a LIF with the service data_iscsi, or bring it up',
};
const overFc: Protocol = {
  name: 'FC',
  service: 'FCP',
  flag: 'fcp',
  licence: 'fcp',
  services: '/protocols/san/fcp/services',
  lifs: '/network/fc/interfaces?svm.name=svm0',
  makeLif: 'create an FC interface with the protocol fcp, or bring it up',
};
const overNvme: Protocol = {
  name: 'NVMe/TCP',
  service: 'NVMe',
  flag: 'nvme',
  licence: 'nvme_of',
  services: '/protocols/nvme/services',
  lifs: '/network/ip/interfaces?services=data_nvme_tcp&svm.name=svm0',
  makeLif: 'create a LIF with the service data_nvme_tcp, or bring it up',
};

const products: readonly (readonly [string, DriverUnderTest, Protocol])[] = [
  [iscsi.name, iscsi, overIscsi],
  [fcp.name, fcp, overFc],
  [economy.name, economy, overIscsi],
  [nvme.name, nvme, overNvme],
  [asa.name, asa, overIscsi],
  [asaNvme.name, asaNvme, overNvme],
];

const n1 = node('n1', '10.0.0.1');
const ofSvm = v.object({ svm: v.object({ uuid: v.string() }) });
const servicePath = async (bench: Bench, { services }: Protocol): Promise<string> => {
  const [service] = await bench.list(`${services}?svm.name=svm0&fields=svm.uuid`);
  return `${services}/${v.parse(ofSvm, service).svm.uuid}`;
};
const discover = (bench: Bench) => problemOf(bench.kind.discover(bench.config, bench.environment, signal()));

describe.each(products)('%s', (_, under, protocol) => {
  const isAsa = under === asa || under === asaNvme;
  const notServed = {
    code: 'svm.protocol',
    message: `SVM svm0 does not serve ${protocol.name}`,
    hint: `create and enable the ${protocol.service} service of the SVM (its licence must be installed)`,
  };
  const noLif = {
    code: 'svm.no-lif',
    kind: 'unavailable',
    message: `no data LIF of SVM svm0 for ${protocol.name} is up`,
    hint: protocol.makeLif,
  };

  test('wrong credentials', async () => {
    await using bench = await Bench.open(under);
    const wrong = { ...bench.config, password: 'wrong' };
    const problem = await problemOf(bench.kind.discover(wrong, bench.environment, signal()));
    expect(problem).toMatchObject({ kind: 'denied', array: { code: '6691623' } });
    expect(problem.message).toContain('does not accept user admin');
    expect(problem.hint).toContain('check username and password');
  });

  test('a role that lacks a right, which is named with the endpoint', async () => {
    const topology = { ...defaultTopology, ...under.array?.topology };
    const looker = { name: 'looker', role: 'vsadmin-readonly', svm: 'svm0' } as const;
    await using bench = await Bench.open(under, {
      array: { topology: { ...topology, users: [...topology.users, looker] } },
    });
    const user = bench.array.user('looker');
    await using driver = bench.reopen({ ...bench.config, username: user.name, password: user.password });
    const problem = await problemOf(driver.createVolume(bench.plan(), signal()));
    expect(problem.kind).toBe('denied');
    expect(problem.message).toMatch(
      /user looker on SVM svm0 has no right to POST \/api\/(storage|application)\/[a-z-]+/,
    );
    expect(problem.hint).toContain('give the role of that user access to this path');
    expect(await under.objects.list(bench)).toEqual([]);
  });

  test('an SVM that is stopped', async () => {
    await using bench = await Bench.open(under);
    const [svm] = await bench.list('/svm/svms?name=svm0');
    await bench.array.call('PATCH', `/svm/svms/${String(svm?.['uuid'])}?return_timeout=15`, { state: 'stopped' });
    expect(await discover(bench)).toMatchObject({
      code: 'svm.stopped',
      kind: 'unavailable',
      message: "SVM svm0 is not in 'running' state but stopped",
      hint: 'start the SVM',
    });
    expect(await bench.driver.checkHealth(signal())).toEqual({ reason: "SVM is not in 'running' state" });
  });

  const chosen = (bench: Bench) =>
    problemOf(bench.kind.discover({ ...bench.config, aggregate: 'aggr9' }, bench.environment, signal()));

  test.runIf(isAsa)('an aggregate, where the system chooses', async () => {
    await using bench = await Bench.open(under);
    expect(await chosen(bench)).toMatchObject({
      code: 'config.invalid',
      path: ['aggregate'],
      message: 'aggregate cannot be set on this system, which places volumes itself',
    });
  });

  test.runIf(!isAsa)('no aggregate, or one that is not there', async () => {
    await using bench = await Bench.open(under);
    expect(await chosen(bench)).toMatchObject({
      code: 'config.invalid',
      path: ['aggregate'],
      message: 'the assigned aggregates for SVM svm0 do not include the configured aggregate aggr9',
      hint: 'assigned are: aggr1_n1, aggr1_n2',
    });
    const topology = { ...defaultTopology, ...under.array?.topology };
    const svms = topology.svms.map((svm) => (svm.name === 'svm0' ? { ...svm, aggregates: [] } : svm));
    const problem = await problemOf(
      Bench.open(under, { array: { topology: { ...topology, svms } } }).then(async (open) =>
        open[Symbol.asyncDispose](),
      ),
    );
    expect(problem).toMatchObject({ code: 'svm.no-aggregates', message: 'SVM svm0 has no assigned aggregates' });
  });

  test('a protocol that is not enabled, or has no service', async () => {
    await using bench = await Bench.open(under);
    const path = await servicePath(bench, protocol);
    await bench.array.call('PATCH', path, { enabled: false });
    expect(await discover(bench)).toMatchObject(notServed);
    expect(await bench.driver.checkHealth(signal())).toEqual({ reason: `${notServed.message}.` });
    await bench.array.call('DELETE', path);
    expect(await discover(bench)).toMatchObject(notServed);
  });

  test('a protocol that is not licensed', async () => {
    const topology = { ...defaultTopology, ...under.array?.topology };
    const array = await startSimulator({
      credentials: { admin: password },
      topology: {
        ...topology,
        licences: topology.licences.filter((name) => name !== protocol.licence),
        svms: topology.svms.map((svm) => ({
          ...svm,
          protocols: svm.protocols.filter((name) => name !== protocol.flag),
        })),
      },
    });
    try {
      const kind = under.kind(testSettings);
      const environment = {
        context: 'csi',
        backendUUID: '11111111-2222-3333-4444-555555555555',
        installationUUID: '99999999-2222-3333-4444-555555555555',
        version: '26.06.0',
        hostName: 'bench',
        now: () => new Date(),
      } as const;
      const problem = await problemOf(kind.discover(under.config(array, {}), environment, signal()));
      expect(problem).toMatchObject(notServed);
    } finally {
      await array.stop();
    }
  });

  test.each([
    ['LIFs that are down', 'PATCH'],
    ['no LIFs', 'DELETE'],
  ] as const)('%s', async (_what, method) => {
    await using bench = await Bench.open(under);
    const [collection] = protocol.lifs.split('?');
    for (const { uuid } of await bench.list(protocol.lifs)) {
      const path = `${String(collection)}/${String(uuid)}`;
      await bench.array.call('PATCH', path, { enabled: false });
      if (method === 'DELETE') await bench.array.call('DELETE', path);
    }
    expect(await discover(bench)).toMatchObject(noLif);
    expect(await bench.driver.checkHealth(signal())).toEqual({
      reason: "No data LIFs present or all of them are 'down'",
    });
  });

  test('a name that is too long', async () => {
    await using bench = await Bench.open(under);
    const longest = under === economy ? 254 : 203;
    const named = (length: number) => ({ name: 'v'.repeat(length - 'trident_'.length) });
    expect(() => bench.plan(named(longest))).not.toThrow();
    const problem = await problemOf((async () => bench.plan(named(longest + 1)))());
    expect(problem).toMatchObject({ code: 'volume.name', kind: 'invalid', nothingDone: true });
    expect(problem.message).toContain(`it has ${longest + 1} characters, ${longest} are allowed`);
    expect(problem.hint).toBe('choose another volume name, storagePrefix or nameTemplate');
  });

  test('a size below the minimum is raised to it, and as a default refused', async () => {
    await using bench = await Bench.open(under);
    const volume = await bench.create({ size: 1 });
    expect(volume.config.size).toBe(20 * 2 ** 20);
    const problem = await problemOf(
      (async () => bench.kind.check({ ...bench.config, defaults: { size: '19Mi' } }, 'csi'))(),
    );
    expect(problem).toMatchObject({ code: 'config.invalid', path: ['defaults', 'size'] });
    expect(problem.message).toContain('19Mi is less than the smallest volume, 20971520 bytes (20Mi)');
  });

  test('a smaller size than there is', async () => {
    await using bench = await Bench.open(under);
    const volume = await bench.create();
    const noun = protocol === overNvme ? 'namespace' : 'LUN';
    expect(await problemOf(bench.driver.resizeVolume(volume, 2 ** 29, signal()))).toMatchObject({
      code: 'volume.shrink',
      kind: 'limit',
      nothingDone: true,
      message: `requested size 536870912 is less than existing volume size 1073741824; the ${noun} of ${volume.config.internalName} is not made smaller`,
    });
    expect(await bench.under.objects.size(bench, volume.config.internalName)).toBeGreaterThanOrEqual(2 ** 30);
  });

  test('a clone that is cloned itself', async () => {
    await using bench = await Bench.open(under);
    const cloneOf = async (source: VolumeHandle) => {
      const plan = bench.clonePlan(source, undefined);
      return handleOf(plan.config, await bench.driver.cloneVolume(plan, signal()));
    };
    const first = await cloneOf(await bench.create());
    const second = await cloneOf(first);
    // LUN clones in a shared FlexVol have blocks of their own.
    if (under.snapshotsStandAlone !== true) {
      const problem = await problemOf(bench.driver.deleteVolume(first, signal()));
      expect(problem).toMatchObject({ code: 'volume.has-clones', kind: 'conflict', nothingDone: true });
      expect(problem.message).toContain(`cannot be deleted: it has clones: ${second.config.internalName}`);
      expect(problem.hint).toBe('delete or split the clones first');
      expect(await bench.driver.volumeExists(first, signal())).toBe(true);
      await bench.driver.deleteVolume(second, signal());
    }
    await bench.driver.deleteVolume(first, signal());
    expect(await bench.driver.volumeExists(first, signal())).toBe(false);
  });

  // Snapshots of a LUN in a shared FlexVol are LUNs, of which there may be many.
  test.runIf(under.snapshotsStandAlone !== true)('a snapshot too many', async () => {
    await using bench = await Bench.open(under);
    const volume = await bench.create();
    const [first] = await bench.list('/storage/volumes?name=trident_pvc_1&fields=uuid');
    const path = under.objects.path === '/storage/volumes' ? `/storage/volumes/${String(first?.['uuid'])}` : '';
    if (path === '') {
      const refusal = { type: 'refuse', status: 400, code: '525062', message: 'The unit has 1023 snapshots.' } as const;
      bench.strike({ method: 'POST', path: '/api/storage/storage-units/*/snapshots' }, refusal);
    } else
      for (let n = 1; n <= 1023; n++)
        await bench.array.call('POST', `${path}/snapshots?return_timeout=15`, { name: `s${n}` });
    const problem = await problemOf(bench.driver.createSnapshot(volume, 'one-more', signal()));
    expect(problem).toMatchObject({ code: 'snapshot.limit', kind: 'limit', nothingDone: true });
    expect(problem.message).toMatch(/^creating snapshot one-more of volume trident_pvc_1: .*1023 snapshots/);
    expect(problem.hint).toBe('delete snapshots of the volume, or change its snapshot policy');
  });
});

describe('a volume in use', () => {
  test.each([
    ['a LUN in a shared FlexVol', economy],
    ['a LUN of ASA r2', asa],
  ])('%s that others have mapped is not deleted', async (_, under) => {
    await using bench = await Bench.open(under);
    const volume = await published(bench, await bench.create(), n1, [n1]);
    const [lun] = await bench.list('/storage/luns?name=*trident_pvc_1&fields=name');
    const svm = { name: 'svm0' };
    await bench.array.call('POST', '/protocols/san/igroups', {
      name: 'theirs',
      svm,
      os_type: 'linux',
      protocol: 'iscsi',
    });
    await bench.array.call('POST', '/protocols/san/lun-maps', {
      svm,
      lun: { name: lun?.['name'] },
      igroup: { name: 'theirs' },
    });
    const problem = await problemOf(bench.driver.deleteVolume(volume, signal()));
    expect(problem).toMatchObject({ code: 'lun.mapped', kind: 'conflict' });
    expect(problem.message).toContain('theirs');
    expect(await bench.driver.volumeExists(volume, signal())).toBe(true);
  });

  test.each([
    ['LUN', iscsi],
    ['namespace', nvme],
  ])('a FlexVol of a %s that the array calls busy is tried again', async (_, under) => {
    await using bench = await Bench.open(under);
    const volume = await bench.create();
    const busy = { type: 'refuse', status: 409, code: '524486', message: 'Volume is busy' } as const;
    bench.strike({ method: 'DELETE', path: '/api/storage/volumes/*', count: 1 }, busy);
    await bench.driver.deleteVolume(volume, signal());
    expect(await bench.driver.volumeExists(volume, signal())).toBe(false);
  });
});
