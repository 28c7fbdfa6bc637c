import { describe, expect, test } from 'vitest';
import type { VolumeHandle } from '../../src/engine/drivers/objects.ts';
import { emptyVolumeConfig } from '../../src/engine/orchestrator/model.ts';
import { defaultTopology } from '../../src/simulator/core/topology.ts';
import { at } from '../support/ontap-session.ts';
import { published } from './driver-operations.ts';
import { Bench, handleOf, journalled, node, problemOf, signal } from './driver-bench.ts';
import { economyInOnePlace as economy, flexgroup, nas, plainEconomy } from './nas-drivers.ts';
import { change, makeFlexVol, makeQtree, quotaOf } from './qtrees-on-array.ts';

/** Where the file drivers differ from stock (docs/differences.md), as far as no other test comes by it. */

const n1 = node('n1', '10.0.0.1');
const refuse = (code: string, message: string) => ({ type: 'refuse', status: 400, code, message }) as const;

describe('what any of them does', () => {
  test('a change is known to be made whether the array answers at once or with a job', async () => {
    for (const returnTimeoutSeconds of [0, 15]) {
      await using bench = await Bench.open(nas, { settings: { returnTimeoutSeconds } });
      const volume = await published(bench, await bench.create(), n1, [n1]);
      const snapshot = await bench.snapshot(volume, 's1');
      await bench.driver.resizeVolume(volume, 2 ** 31, signal());
      await bench.driver.deleteSnapshot(volume, snapshot, signal());
      await bench.driver.deleteVolume(volume, signal());
      expect((await bench.inventory()).volumes).toEqual([]);
    }
  });

  test('the code of a failed job counts, whatever commas its text has', async () => {
    await using bench = await Bench.open(nas);
    const volume = await bench.create();
    const snapshot = await bench.snapshot(volume, 's1');
    bench.strike(
      { method: 'DELETE', path: '/api/storage/volumes/*/snapshots/*' },
      { type: 'job-fail', code: 1638555, message: 'Snapshot "s1" has not expired, is locked, or is busy, Code: 7' },
    );
    expect(await problemOf(bench.driver.deleteSnapshot(volume, snapshot, signal()))).toMatchObject({
      code: 'snapshot.busy',
      array: { code: '1638555' },
    });
  });

  test('a rule that is needed stays, whatever the spelling of its address', async () => {
    await using bench = await Bench.open(nas);
    const [six, other] = [node('n6', 'fd00:0:0:0:0:0:0:1'), node('n7', 'fd00::7')];
    const first = await published(bench, await bench.create(), six, [six]);
    const both = await published(bench, first, other, [six, other]);
    const same = { ...six, ips: ['FD00::0001'] };
    await bench.driver.unpublish({ volume: both, node: other, remaining: [same] }, signal());
    expect(await bench.rules(both.config.internalName)).toEqual(['fd00::1']);
  });

  test('a rule that cannot be removed is said, and removed when that is repeated', async () => {
    await using bench = await Bench.open(nas);
    const [volume, n2] = [await bench.create(), node('n2', '10.0.0.2')];
    const both = await published(bench, await published(bench, volume, n1, [n1]), n2, [n1, n2]);
    bench.strike({ method: 'DELETE', path: '/api/protocols/nfs/export-policies/*/rules/*' }, refuse('1', 'not now'));
    const shutOut = () => bench.driver.unpublish({ volume: both, node: n1, remaining: [n2] }, signal());
    expect((await problemOf(shutOut())).message).toContain('not now');
    bench.array.faults.clear();
    await shutOut();
    expect(await bench.rules(volume.config.internalName)).toEqual(['10.0.0.2']);
  });

  test('no more than ten rules are removed at a time, since ONTAP makes clients wait after each', async () => {
    await using bench = await Bench.open(nas);
    const nodes = Array.from({ length: 13 }, (_, number) => node(`n${number}`, `10.0.0.${number + 1}`));
    let volume = await bench.create();
    for (const each of nodes) volume = await published(bench, volume, each, nodes);
    const repair = () => bench.repair([{ volume, nodes: nodes.slice(0, 1) }], nodes);
    expect([await repair(), await repair(), await repair()].map((lines) => lines.length)).toEqual([10, 2, 0]);
    expect(await bench.rules(volume.config.internalName)).toEqual(['10.0.0.1']);
  });

  test('a volume that fails after its creation is taken back', async () => {
    // A release that takes the snapshot directory only later.
    await using bench = await Bench.open(nas);
    const plan = await bench.prepared();
    bench.strike(
      { method: 'POST', path: '/api/storage/volumes', body: { snapshot_directory_access_enabled: '*' } },
      refuse('262196', 'Field "snapshot_directory_access_enabled" cannot be set in this operation'),
    );
    bench.strike({ method: 'PATCH', path: '/api/storage/volumes/*' }, refuse('918703', 'not now'));
    const since = new Date(Date.now() - 1_000);
    await problemOf(bench.driver.createVolume(plan, signal()));
    await bench.driver.discardVolume(plan, since, signal());
    bench.array.faults.clear();
    expect((await bench.inventory()).volumes).toEqual([]);
    expect(handleOf(plan.config, await bench.driver.createVolume(plan, signal())).config.internalName).toBe(
      plan.config.internalName,
    );
  });

  test('`mirroring`, and the share of a pool, are known keys without effect', async () => {
    const pools = { storage: [{ smbShare: 'pools', zone: 'z' }], defaults: { mirroring: 'true' } };
    const svms = defaultTopology.svms.map((svm) =>
      svm.name === 'svm0' ? { ...svm, protocols: [...svm.protocols, 'cifs' as const] } : svm,
    );
    await using bench = await Bench.open(nas, {
      config: { ...pools, nasType: 'smb', autoExportPolicy: false },
      array: { topology: { ...defaultTopology, svms } },
    });
    const { config } = await bench.create();
    expect(config.accessInformation).toMatchObject({ smbPath: `\\${config.internalName}` });
    const shares = await bench.list('/protocols/cifs/shares?svm.name=svm0');
    expect(shares.map(({ name }) => name)).not.toContain('pools');
    expect(bench.discovery.warnings).toEqual([
      'defaults.mirroring has no effect: mirrors are established volume by volume',
      'storage[0].smbShare has no effect: all pools use smbShare of the backend',
    ]);
  });
});

describe('a FlexGroup', () => {
  test('is told by its junction, which an import leaves', async () => {
    await using bench = await Bench.open(flexgroup);
    await flexgroup.objects.makeForeign(bench, 'archive', { size: 2 ** 33 });
    const found = await bench.driver.findForImport('archive', signal());
    const request = { ...emptyVolumeConfig, name: 'pvc-x' };
    const plan = journalled(
      bench.driver.planImport(request, 'archive', journalled(found ?? { size: 0, facts: {}, details: {} })),
    );
    const volume = handleOf(plan.config, await bench.driver.importVolume(plan, signal()));
    const granted = await published(bench, volume, n1, [n1]);
    expect(granted.config.accessInformation).toMatchObject({ nfsPath: '/archive_path' });
  });
});

describe('a qtree', () => {
  const flexVols = async (bench: Bench): Promise<readonly string[]> =>
    (await bench.list('/storage/volumes?name=trident_qtree_pool_*')).map(({ name }) => String(name));
  const pool = 'trident_qtree_pool_trident_ABCDEFGHIJ';

  test.each(['9.18.1', '9.19.1'])(
    'shares its FlexVol on a system that places volumes itself: ONTAP %s',
    async (version) => {
      const cluster = { ...defaultTopology.cluster, personality: 'afx' as const, version };
      await using bench = await Bench.open(economy, {
        array: { topology: { ...defaultTopology, cluster } },
        config: { aggregate: '' },
      });
      for (let volumes = 0; volumes < 3; volumes++) await bench.create();
      expect(await flexVols(bench)).toHaveLength(1);
    },
  );

  test('whose FlexVol cannot be measured is not made larger, and the cause is told', async () => {
    await using bench = await Bench.open(economy);
    const volume = await bench.create();
    const driver = bench.reopen();
    bench.strike({ method: 'GET', path: '/api/storage/quota/rules' }, refuse('5308547', 'no quotas today'));
    const problem = await problemOf(driver.resizeVolume(volume, 2 ** 32, signal()));
    expect(problem.message).toContain('no quotas today');
    bench.array.faults.clear();
    const [flexVol = ''] = await flexVols(bench);
    expect(bench.array.world.findVolume(flexVol)?.sizeBytes).toBe(2 ** 30);
    await driver[Symbol.asyncDispose]();
  });

  test('that gets no quota is taken back', async () => {
    await using bench = await Bench.open(economy);
    await bench.create();
    bench.strike({ method: 'POST', path: '/api/storage/quota/rules' }, refuse('5308571', 'no quota today'));
    expect((await problemOf(bench.driver.createVolume(await bench.prepared(), signal()))).message).toContain(
      'no quota',
    );
    expect((await bench.inventory()).volumes).toEqual(['trident_pvc_1']);
  });

  test('that exists twice is not taken for one that does not', async () => {
    await using bench = await Bench.open(economy);
    for (const each of [pool, pool.replace('ABC', 'XYZ')]) {
      await makeFlexVol(bench, each);
      await makeQtree(bench, each, 'trident_pvc_7', 2 ** 30);
    }
    const config = { ...emptyVolumeConfig, name: 'pvc-7', internalName: 'trident_pvc_7', size: 2 ** 30 };
    const volume: VolumeHandle = { config, ref: {} };
    expect(await problemOf(bench.driver.volumeExists(volume, signal()))).toMatchObject({
      code: 'volume.ambiguous',
      message: expect.stringContaining('2 qtrees have the name trident_pvc_7'),
    });
    const told = { ...volume, config: { ...config, internalID: `/svm/svm0/flexvol/${pool}/qtree/trident_pvc_7` } };
    await bench.driver.deleteVolume(told, signal());
    expect(await quotaOf(bench, 'trident_pvc_7')).toBe(2 ** 30);
  });

  test('is not renamed on import to a name that a qtree has elsewhere', async () => {
    await using bench = await Bench.open(economy);
    await makeFlexVol(bench, pool);
    await makeQtree(bench, pool, 'trident_pvc_x', 2 ** 30);
    await makeFlexVol(bench, 'projects');
    await makeQtree(bench, 'projects', 'alpha', 2 ** 30);
    const refused = async () => {
      const found = await bench.driver.findForImport('projects/alpha', signal());
      if (found === undefined) throw new Error('the qtree is not found');
      const request = { ...emptyVolumeConfig, name: 'pvc-x' };
      const plan = bench.driver.planImport(request, 'projects/alpha', journalled(found));
      await bench.driver.importVolume(journalled(plan), signal());
    };
    expect(await problemOf(refused())).toMatchObject({ kind: 'exists' });
    expect((await bench.inventory()).volumes).toEqual(['alpha', 'trident_pvc_x']);
  });

  test('goes into no FlexVol of a prefix that begins with its own', async () => {
    await using bench = await Bench.open(plainEconomy, { config: { aggregate: 'aggr1_n1' } });
    const longer = { ...bench.config, storagePrefix: 'trident_dev_' };
    const found = await bench.kind.discover(longer, bench.environment, signal());
    await using other = bench.kind.open(longer, found, bench.environment);
    await other.createVolume(bench.plan({ internalName: 'trident_dev_v1' }), signal());
    const { config } = await bench.create();
    expect(config.internalID).toMatch(/flexvol\/trident_qtree_pool_trident_[A-Z]{10}\/qtree/);
  });

  test('goes into no FlexVol that is offline', async () => {
    await using bench = await Bench.open(economy);
    await makeFlexVol(bench, pool);
    const uuid = bench.array.world.findVolume(pool)?.uuid ?? '';
    await change(bench, 'PATCH', `/storage/volumes/${uuid}`, { nas: { path: '' } });
    await change(bench, 'PATCH', `/storage/volumes/${uuid}`, { state: 'offline' });
    const { config } = await bench.create();
    expect(config.internalID).not.toContain(pool);
    expect(at((await bench.list(`/storage/volumes?name=${pool}&fields=state`))[0], 'state')).toBe('offline');
  });
});
