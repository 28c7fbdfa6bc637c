import { describe, expect, test } from 'vitest';
import { ontapNasEconomyWith } from '../../src/engine/drivers/ontap/economy-kind.ts';
import { ontapNasFlexgroupWith, ontapNasWith } from '../../src/engine/drivers/ontap/kind.ts';
import { emptyVolumeConfig } from '../../src/engine/orchestrator/model.ts';
import { defaultTopology } from '../../src/simulator/core/topology.ts';
import { driverConformance, published } from './driver.ts';
import type { DriverUnderTest } from './driver-bench.ts';
import { Bench, handleOf, journalled, node, password, problemOf, signal } from './driver-bench.ts';
import { qtreesOnArray } from './qtrees-on-array.ts';
import { makeForeign, volumesOnArray } from './volumes-on-array.ts';

const withCifs = {
  topology: { svms: defaultTopology.svms.map((svm) => ({ ...svm, protocols: [...svm.protocols, 'cifs' as const] })) },
};

const flexVols: DriverUnderTest = {
  name: 'ontap-nas over SMB',
  objects: volumesOnArray('flexvol'),
  taken: { code: '917526', size: 64 * 2 ** 20, facts: (name) => ['67108864', 'not yours', `/${name}_path`] },
  renamesImports: true,
  tellsAge: true,
  choosesAggregate: true,
  array: withCifs,
  kind: ontapNasWith,
  config: (array, more) => ({
    version: 1,
    storageDriverName: 'ontap-nas',
    backendName: 'smb',
    managementLIF: array.host,
    svm: 'svm0',
    username: 'admin',
    password,
    trustedCACertificate: Buffer.from(array.certificate).toString('base64'),
    nasType: 'smb',
    ...more,
  }),
  access: (access) => expect(access).toMatchObject({ smbServer: '192.0.2.11', smbPath: expect.stringMatching(/^\\/) }),
  // Each volume has a share: one call more when it is made, and two when it goes.
  calls: {
    create: 2,
    delete: 3,
    resize: 2,
    snapshot: 2,
    'delete snapshot': 1,
    'restore snapshot': 2,
    'restore a snapshot that is older than a resize': 2,
    'clone from a snapshot': 3,
    'clone from a volume': 4,
    'import, managed': 2,
    publish: 1,
    'publish again': 1,
    'publish to a second node': 1,
    'unpublish, others remain': 0,
    'unpublish, last node': 0,
    discovery: 5,
    health: 2,
  },
  withoutJobs: ['publish again', 'publish', 'publish to a second node'],
};
const flexGroups: DriverUnderTest = {
  ...flexVols,
  name: 'ontap-nas-flexgroup over SMB',
  objects: volumesOnArray('flexgroup'),
  kind: ontapNasFlexgroupWith,
  config: (array, more) => flexVols.config(array, { storageDriverName: 'ontap-nas-flexgroup', ...more }),
};
const qtrees: DriverUnderTest = {
  ...flexVols,
  name: 'ontap-nas-economy over SMB',
  objects: qtreesOnArray,
  kind: ontapNasEconomyWith,
  config: (array, more) => flexVols.config(array, { storageDriverName: 'ontap-nas-economy', ...more }),
};

driverConformance(flexVols);

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
