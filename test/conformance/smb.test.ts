import { describe, expect, test } from 'vitest';
import { emptyVolumeConfig } from '../../src/engine/orchestrator/model.ts';
import { defaultTopology } from '../../src/simulator/core/topology.ts';
import { published } from './driver-operations.ts';
import { driverConformance } from './driver.ts';
import type { DriverUnderTest } from './driver-bench.ts';
import { Bench, handleOf, journalled, node, problemOf, signal } from './driver-bench.ts';
import { plainEconomy, plainFlexgroup, plainNas } from './nas-drivers.ts';
import { makeForeign } from './volumes-on-array.ts';

const withCifs = {
  topology: { svms: defaultTopology.svms.map((svm) => ({ ...svm, protocols: [...svm.protocols, 'cifs' as const] })) },
};

const overSmb = (driver: DriverUnderTest, calls: DriverUnderTest['calls']): DriverUnderTest => ({
  ...driver,
  name: `${driver.name} over SMB`,
  array: withCifs,
  config: (array, more) => driver.config(array, { nasType: 'smb', ...more }),
  access: (access) => expect(access).toMatchObject({ smbServer: '192.0.2.11', smbPath: expect.stringMatching(/^\\/) }),
  calls: { ...driver.calls, ...calls },
});

/** Each volume has a share: one call more when it is made, and two when it goes. */
const withShare = { create: 2, delete: 3, 'clone from a snapshot': 3, 'clone from a volume': 4 };
const flexVols = overSmb(plainNas, { ...withShare, 'import, managed': 2 });
/** An import changes neither name nor permissions. */
const flexGroups = overSmb(
  { ...plainFlexgroup, withoutJobs: ['import, managed', ...plainFlexgroup.withoutJobs] },
  { ...withShare, 'import, managed': 1 },
);
/** The share is that of the FlexVol, which is there already unless the FlexVol is new to us. */
const qtrees = overSmb(plainEconomy, { 'import, managed': 2 });

for (const driver of [flexVols, flexGroups, qtrees]) driverConformance(driver);

/** Shares by name with their paths, without those that every service has. */
const sharesOf = async (bench: Bench): Promise<Readonly<Record<string, unknown>>> =>
  Object.fromEntries(
    (await bench.list('/protocols/cifs/shares?svm.name=svm0&fields=path'))
      .filter(({ name }) => !String(name).endsWith('$'))
      .map(({ name, path }) => [String(name), path]),
  );

const aclsOf = async (bench: Bench, share: string): Promise<unknown> => {
  const [found] = await bench.list(`/protocols/cifs/shares?svm.name=svm0&name=${share}&fields=acls`);
  return found?.['acls'];
};

describe('a share', () => {
  test.each([flexVols, flexGroups])('of $name is made for each volume, and goes with it', async (under) => {
    await using bench = await Bench.open(under);
    const volume = await bench.create();
    expect(await sharesOf(bench)).toEqual({ trident_pvc_1: '/trident_pvc_1' });
    expect(await aclsOf(bench, 'trident_pvc_1')).toMatchObject([
      { user_or_group: 'Everyone', permission: 'full_control' },
    ]);
    expect(volume.config).toMatchObject({
      fileSystem: 'smb',
      securityStyle: 'ntfs',
      unixPermissions: '',
      accessInformation: { smbServer: '192.0.2.11', smbPath: '\\trident_pvc_1' },
    });
    expect(volume.config.accessInformation.nfsPath).toBeUndefined();
    await bench.driver.deleteVolume(volume, signal());
    expect(await sharesOf(bench)).toEqual({});
  });

  test.each([flexVols, flexGroups, qtrees])('of $name that the backend names serves all, and stays', async (under) => {
    await using bench = await Bench.open(under, { config: { smbShare: 'everything' } });
    const volumes = [await bench.create(), await bench.create()];
    expect(await sharesOf(bench)).toEqual({ everything: '/' });
    for (const { config } of volumes)
      expect(config.accessInformation.smbPath).toMatch(
        /^\\everything(\\trident_qtree_pool_trident_[A-Z]{10})?\\trident_pvc_\d$/,
      );
    for (const volume of volumes) await bench.driver.deleteVolume(volume, signal());
    expect(await sharesOf(bench)).toEqual({ everything: '/' });
  });

  test('that serves all is made again when somebody has removed it, ten minutes later at most', async () => {
    let now = Date.now();
    await using bench = await Bench.open(flexVols, {
      config: { smbShare: 'everything' },
      environment: { now: () => new Date(now) },
    });
    await bench.create();
    const svm = bench.discovery.facts['svm'];
    if (typeof svm !== 'object' || svm === null || !('uuid' in svm)) throw new Error('the SVM is not known');
    await bench.array.call('DELETE', `/protocols/cifs/shares/${String(svm.uuid)}/everything`);
    await bench.create();
    expect(await sharesOf(bench)).toEqual({});
    now += 600_000;
    await bench.create();
    expect(await sharesOf(bench)).toEqual({ everything: '/' });
  });

  test('of qtrees is that of their FlexVol', async () => {
    await using bench = await Bench.open(qtrees);
    const volumes = [await bench.create(), await bench.create()];
    const [name = '', ...others] = Object.keys(await sharesOf(bench));
    expect(others).toEqual([]);
    expect(await sharesOf(bench)).toEqual({ [name]: `/${name}` });
    for (const { config } of volumes)
      expect(config.accessInformation.smbPath).toBe(`\\${name}\\${config.internalName}`);
    const [found] = await bench.list(`/storage/volumes?name=${name}&fields=nas`);
    expect(found).toMatchObject({ nas: { security_style: 'ntfs' } });
    for (const volume of volumes) await bench.driver.deleteVolume(volume, signal());
    expect(Object.keys(await sharesOf(bench))).toEqual([name]);
  });

  test.each([flexVols, flexGroups, qtrees])(
    'of $name with a list of users is closed to everybody else',
    async (under) => {
      await using bench = await Bench.open(under, {
        config: { smbShare: 'everything', defaults: { adAdminUser: 'root' } },
      });
      const volume = await bench.create({
        secureSMBEnabled: true,
        smbShareACL: { alice: 'read', bob: 'full_control' },
      });
      const name = volume.config.internalName;
      expect(Object.keys(await sharesOf(bench))).toEqual([name]);
      expect(volume.config.accessInformation.smbPath).toBe(`\\${name}`);
      expect(volume.config.smbShareACL).toEqual({ alice: 'read', bob: 'full_control', root: 'full_control' });
      expect(await aclsOf(bench, name)).toMatchObject([
        { user_or_group: 'alice', permission: 'read' },
        { user_or_group: 'bob', permission: 'full_control' },
        { user_or_group: 'root', permission: 'full_control' },
      ]);
      await bench.driver.deleteVolume(volume, signal());
      expect(await sharesOf(bench)).toEqual({});
    },
  );

  test('with unknown users, or for nobody, is closed all the same', async () => {
    await using bench = await Bench.open(flexVols);
    const some = await bench.create({
      secureSMBEnabled: true,
      smbShareACL: { 'NOWHERE\\carol': 'read', alice: 'change' },
    });
    expect(await aclsOf(bench, some.config.internalName)).toMatchObject([
      { user_or_group: 'alice', permission: 'change' },
    ]);
    const none = await bench.create({ secureSMBEnabled: true });
    expect((await aclsOf(bench, none.config.internalName)) ?? []).toEqual([]);
  });

  test('on a release that takes no rights with a new share gets them afterwards', async () => {
    await using bench = await Bench.open(flexVols);
    bench.strike(
      { method: 'POST', path: '/api/protocols/cifs/shares', body: { acls: '*' } },
      { type: 'refuse', status: 400, code: '262179', message: 'Unexpected argument "acls".', target: 'acls' },
    );
    const { config } = await bench.create({ secureSMBEnabled: true, smbShareACL: { alice: 'read' } });
    expect(await aclsOf(bench, config.internalName)).toMatchObject([{ user_or_group: 'alice', permission: 'read' }]);
  });

  test('of somebody else with the name of a volume is left alone, and the volume is taken back', async () => {
    await using bench = await Bench.open(flexVols);
    await makeForeign(bench, 'theirs');
    const share = { name: 'trident_pvc_1', path: '/theirs_path', svm: { name: 'svm0' } };
    await bench.array.call('POST', '/protocols/cifs/shares', share);
    const since = new Date();
    const plan = bench.plan();
    const problem = await problemOf(bench.driver.createVolume(plan, signal()));
    expect(problem).toMatchObject({ code: 'share.taken', kind: 'conflict' });
    expect(problem.nothingDone).toBe(false);
    expect(await bench.driver.discardVolume(plan, since, signal())).toBe('removed');
    expect(await sharesOf(bench)).toEqual({ trident_pvc_1: '/theirs_path' });
  });

  test('of an interrupted create goes with its volume', async () => {
    await using bench = await Bench.open(flexVols);
    const since = new Date();
    const plan = bench.plan();
    await bench.driver.createVolume(plan, signal());
    expect(await bench.driver.discardVolume(plan, since, signal())).toBe('removed');
    expect(await sharesOf(bench)).toEqual({});
  });

  test.each([
    [flexVols, '\\trident_pvc_1\\~snapshot\\s1', ''],
    [flexVols, '\\everything\\trident_pvc_1\\~snapshot\\s1', 'everything'],
  ])('of the source shows a read-only clone of $name', async (under, path, smbShare) => {
    await using bench = await Bench.open(under, { config: { smbShare } });
    const source = await bench.create({ snapshotDirectory: 'true' });
    const plan = bench.clonePlan(source, await bench.snapshot(source, 's1'), { readOnlyClone: true });
    const before = await sharesOf(bench);
    const view = handleOf(plan.config, await bench.driver.cloneVolume(plan, signal()));
    expect(view.config.accessInformation.smbPath).toBe(path);
    await bench.driver.deleteVolume(view, signal());
    expect(await sharesOf(bench)).toEqual(before);
  });

  test('of its own shows a read-only clone with a list of users', async () => {
    await using bench = await Bench.open(flexVols);
    const source = await bench.create({ snapshotDirectory: 'true' });
    const plan = bench.clonePlan(source, await bench.snapshot(source, 's1'), {
      readOnlyClone: true,
      secureSMBEnabled: true,
      smbShareACL: { alice: 'read' },
    });
    const view = handleOf(plan.config, await bench.driver.cloneVolume(plan, signal()));
    const name = view.config.internalName;
    expect(view.config.accessInformation.smbPath).toBe(`\\${name}\\~snapshot\\s1`);
    expect(await sharesOf(bench)).toEqual({ trident_pvc_1: '/trident_pvc_1', [name]: '/trident_pvc_1' });
    await bench.driver.deleteVolume(view, signal());
    expect(await sharesOf(bench)).toEqual({ trident_pvc_1: '/trident_pvc_1' });
  });

  test('of an imported volume leads to its old junction', async () => {
    await using bench = await Bench.open(flexVols);
    await makeForeign(bench, 'old', { nas: { path: '/old_path', security_style: 'ntfs' } });
    const found = await bench.driver.findForImport('old', signal());
    if (found === undefined) throw new Error('not found');
    const plan = journalled(bench.driver.planImport({ ...emptyVolumeConfig, name: 'pvc-9' }, 'old', journalled(found)));
    const volume = handleOf(plan.config, await bench.driver.importVolume(plan, signal()));
    expect(volume.config.accessInformation.smbPath).toBe('\\trident_pvc_9');
    expect(await sharesOf(bench)).toEqual({ trident_pvc_9: '/old_path' });
    await bench.driver.undoImport(plan, signal());
    expect(await sharesOf(bench)).toEqual({});
  });

  test('has export rules for SMB with autoExportPolicy', async () => {
    await using bench = await Bench.open(flexVols, { config: { autoExportPolicy: true } });
    const n1 = node('n1', '10.0.0.1');
    const volume = await published(bench, await bench.create(), n1, [n1]);
    expect(volume.config.accessInformation.smbPath).toBe('\\trident_pvc_1');
    const [policy] = await bench.list('/protocols/nfs/export-policies?name=trident_pvc_1&fields=rules');
    expect(policy).toMatchObject({ rules: [{ protocols: ['cifs'], clients: [{ match: '10.0.0.1' }] }] });
  });
});

test('a backend for SMB needs the service', async () => {
  const problem = await problemOf(
    Bench.open({ ...flexVols, array: {} }).then(async (bench) => bench[Symbol.asyncDispose]()),
  );
  expect(problem.message).toContain('svm0 does not serve SMB');
  const style = await problemOf(
    Bench.open(flexVols, { config: { defaults: { securityStyle: 'unix' } } }).then(async (bench) =>
      bench[Symbol.asyncDispose](),
    ),
  );
  expect(style.path).toEqual(['defaults', 'securityStyle']);
});
