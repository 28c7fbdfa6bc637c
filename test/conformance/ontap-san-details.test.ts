import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import type { AccessExpectation, VolumeHandle } from '../../src/engine/drivers/objects.ts';
import { emptyVolumeConfig } from '../../src/engine/orchestrator/model.ts';
import type { VolumeConfig } from '../../src/engine/orchestrator/model.ts';
import { defaultTopology } from '../../src/simulator/core/topology.ts';
import { nodeRecord } from '../support/lab.ts';
import { published } from './driver.ts';
import { Bench, applyAll, handleOf, journalled, node, problemOf, signal } from './driver-bench.ts';
import { asa, fcp, iscsi } from './san-drivers.ts';

const installation = '99999999-2222-3333-4444-555555555555';
const [n1, n2] = [node('n1', '10.0.0.1'), node('n2', '10.0.0.2')];

const requestFor = (volume: VolumeHandle, to = n1, nodes = [to]) => ({
  volume,
  node: to,
  nodes,
  readOnly: false,
  accessMode: 1,
});

const igroups = async (bench: Bench): Promise<readonly string[]> =>
  (await bench.list('/protocols/san/igroups?fields=name')).map(({ name }) => String(name)).toSorted();
const mapped = async (bench: Bench): Promise<readonly string[]> => {
  const schema = v.object({ lun: v.object({ name: v.string() }), igroup: v.object({ name: v.string() }) });
  const found = await bench.list('/protocols/san/lun-maps?fields=lun.name,igroup.name');
  return found
    .map((map) => v.parse(schema, map))
    .map(({ lun, igroup }) => `${lun.name} ${igroup.name}`)
    .toSorted();
};

const makeIgroup = async (bench: Bench, name: string, initiators: readonly string[], protocol = 'iscsi') => {
  const body = { name, svm: { name: 'svm0' }, os_type: 'linux', protocol };
  const reply = await bench.array.call('POST', '/protocols/san/igroups', {
    ...body,
    ...(initiators.length === 0 ? {} : { initiators: initiators.map((initiator) => ({ name: initiator })) }),
  });
  expect(reply.status).toBe(201);
};
const mapLun = async (bench: Bench, lun: string, igroup: string) => {
  const body = { svm: { name: 'svm0' }, lun: { name: lun }, igroup: { name: igroup } };
  expect((await bench.array.call('POST', '/protocols/san/lun-maps', body)).status).toBe(201);
};

/** A volume as stock leaves it, of which we have the configuration and no handle. */
const byStock = async (bench: Bench, more: Partial<VolumeConfig> = {}): Promise<VolumeHandle> => {
  const internalName = 'trident_stock';
  await bench.array.call('POST', '/storage/volumes?return_timeout=15', {
    name: internalName,
    svm: { name: 'svm0' },
    aggregates: [{ name: 'aggr1_n1' }],
    size: 1_181_116_006,
    guarantee: { type: 'none' },
  });
  const reply = await bench.array.call('POST', '/storage/luns', {
    name: `/vol/${internalName}/lun0`,
    svm: { name: 'svm0' },
    os_type: 'linux',
    space: { size: 2 ** 30 },
    attributes: [
      { name: 'com.netapp.ndvp.fstype', value: 'xfs' },
      { name: 'context', value: 'csi' },
      { name: 'LUKS', value: 'false' },
      { name: 'formatOptions', value: '-K' },
      { name: 'poolName', value: 'aggr1_n1' },
    ],
  });
  expect(reply.status).toBe(201);
  return journalled({
    config: { ...emptyVolumeConfig, name: 'stock', internalName, size: 2 ** 30, protocol: 'block', ...more },
    ref: {},
  });
};

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

describe('publishing', () => {
  test('tells portals on the nodes that report the LUN, and no others', async () => {
    const extra = ['03', '04'].map((number, index) => ({
      name: `sim-cluster-${number}`,
      model: 'AFF-A400',
      serialNumber: `7218020000${number}`,
      managementAddress: `192.0.2.${4 + index}`,
    }));
    const topology = {
      ...defaultTopology,
      nodes: [...defaultTopology.nodes, ...extra],
      svms: defaultTopology.svms.map((svm) => ({
        ...svm,
        interfaces: [
          ...svm.interfaces,
          ...(svm.name === 'svm0'
            ? extra.map(({ name }, index) => ({
                name: `iscsi_far${index}`,
                address: `192.0.2.${90 + index}`,
                node: name,
                services: ['data_core', 'data_iscsi'],
                enabled: true,
              }))
            : []),
        ],
      })),
    };
    await using bench = await Bench.open(iscsi, { array: { topology } });
    expect(bench.discovery.facts['lifs']).toHaveLength(4);
    const volume = await bench.create();
    const { accessInformation } = await bench.driver.publish(requestFor(volume), signal());
    expect(accessInformation).toMatchObject({
      iscsiTargetPortal: '192.0.2.21',
      iscsiPortals: ['192.0.2.22'],
      iscsiTargetIqn: expect.stringMatching(/^iqn\.1992-08\.com\.netapp:/),
      iscsiLunNumber: 0,
      iscsiLunSerial: expect.stringMatching(/^.{12}$/),
      iscsiIgroup: `n1-${installation}`,
      useCHAP: false,
    });
    expect(accessInformation).not.toHaveProperty('iscsiInterface');
    const far = { ...bench.discovery, facts: { ...bench.discovery.facts, lifNodes: { '192.0.2.21': 'elsewhere' } } };
    await using apart = bench.kind.open(bench.config, far, bench.environment);
    expect(await problemOf(apart.publish(requestFor(volume), signal()))).toMatchObject({
      code: 'lun.no-portal',
      message: expect.stringContaining('sim-cluster-01'),
    });
  });

  test('gives each node an igroup, numbers per igroup, and takes back what was given', async () => {
    await using bench = await Bench.open(iscsi);
    const [a, b] = [await bench.create(), await bench.create()];
    const first = await published(bench, a, n1, [n1]);
    const second = await published(bench, b, n1, [n1]);
    expect([first, second].map(({ config }) => config.accessInformation.iscsiLunNumber)).toEqual([0, 1]);
    const both = await published(bench, second, n2, [n1, n2]);
    expect(both.config.accessInformation).toMatchObject({
      iscsiLunNumber: 0,
      iscsiIgroup: `n1-${installation},n2-${installation}`,
    });
    const left = await bench.driver.unpublish({ volume: both, node: n1, remaining: [n2] }, signal());
    expect(left.accessInformation.iscsiIgroup).toBe(`n2-${installation}`);
    expect(await igroups(bench)).toEqual([`n1-${installation}`, `n2-${installation}`]);
    await bench.driver.unpublish({ volume: first, node: n1, remaining: [] }, signal());
    await bench.driver.unpublish({ volume: { ...both, ref: left.ref }, node: n2, remaining: [] }, signal());
    expect(await igroups(bench)).toEqual([]);
    expect(await mapped(bench)).toEqual([]);
  });

  test('costs one call more in a process that is new to the target, and none for igroups on record', async () => {
    const onRecord: VolumeHandle[] = [];
    await using bench = await Bench.open(iscsi, { environment: { publishedTo: async () => onRecord } });
    const [first, second, third] = [await bench.create(), await bench.create(), await bench.create()];
    const publish = (driver: typeof bench.driver, volume: VolumeHandle) =>
      bench.count(async () => {
        const { ref } = await driver.publish(requestFor(volume), signal());
        onRecord.push({ ...volume, ref });
      });
    expect(await publish(bench.driver, first)).toBe(4);
    expect(await publish(bench.driver, second)).toBe(2);
    await using other = bench.reopen();
    expect(await publish(other, third)).toBe(3);
  });

  test('that fails leaves no igroup', async () => {
    await using bench = await Bench.open(iscsi);
    const gone = await bench.create();
    await bench.driver.deleteVolume(gone, signal());
    expect(await problemOf(bench.driver.publish(requestFor(gone), signal()))).toMatchObject({
      code: 'volume.not-on-array',
    });
    expect(await igroups(bench)).toEqual([]);
  });

  test('is repeated when the igroup on record has vanished', async () => {
    const onRecord: VolumeHandle[] = [];
    await using bench = await Bench.open(iscsi, { environment: { publishedTo: async () => onRecord } });
    const gone = await published(bench, await bench.create(), n1, [n1]);
    onRecord.push(gone);
    await bench.driver.deleteVolume(gone, signal());
    const [igroup] = await bench.list('/protocols/san/igroups?fields=uuid');
    await bench.array.call('DELETE', `/protocols/san/igroups/${String(igroup?.['uuid'])}`);
    await published(bench, await bench.create(), n1, [n1]);
    expect(await igroups(bench)).toEqual([`n1-${installation}`]);
  });

  test('to 20 nodes at once, and 20 volumes to one node', async () => {
    await using bench = await Bench.open(iscsi);
    const volumes = await Promise.all(Array.from({ length: 20 }, () => bench.create()));
    const nodes = Array.from({ length: 20 }, (_, index) => node(`worker-${index}`, `10.0.1.${index}`));
    const [shared] = volumes;
    if (shared === undefined) throw new Error('no volume');
    await Promise.all(volumes.map((volume) => bench.driver.publish(requestFor(volume, n1), signal())));
    await Promise.all(nodes.map((each) => bench.driver.publish(requestFor(shared, each, nodes), signal())));
    expect(await mapped(bench)).toHaveLength(40);
    // All of them share one look at the target.
    expect(bench.array.requests.count({ path: '/api/protocols/san/iscsi/services' })).toBe(1);
    await Promise.all(
      volumes.slice(1).map((volume) => bench.driver.unpublish({ volume, node: n1, remaining: [] }, signal())),
    );
    expect(await igroups(bench)).toContain(`n1-${installation}`);
  });

  test('a node that got another IQN is let in by that', async () => {
    await using bench = await Bench.open(iscsi);
    const volume = await published(bench, await bench.create(), n1, [n1]);
    const renewed = { ...n1, iqn: 'iqn.1994-05.com.redhat:renewed' };
    await bench.driver.publish(requestFor(volume, renewed), signal());
    const [igroup] = await bench.list('/protocols/san/igroups?fields=initiators.name');
    expect(JSON.stringify(igroup)).toContain('renewed');
  });

  test('says what a node lacks', async () => {
    await using bench = await Bench.open(iscsi);
    const volume = await bench.create();
    const bare = nodeRecord('bare');
    const problem = await problemOf(bench.driver.publish(requestFor(volume, bare), signal()));
    expect(problem).toMatchObject({ code: 'node.no-initiator', message: expect.stringContaining('bare has no IQN') });
    await using channel = await Bench.open(fcp);
    const other = { ...bare, hostWWPNMap: { '10:00:00:00:c9:00:00:01': ['20:00:00:00:00:00:00:99'], nonsense: ['x'] } };
    expect(await problemOf(channel.driver.publish(requestFor(await channel.create(), other), signal()))).toMatchObject({
      message: expect.stringContaining('no FC port that is zoned'),
    });
  });

  test('understands world wide names in every spelling', async () => {
    await using bench = await Bench.open(fcp);
    const [[target] = []] = Object.values(n1.hostWWPNMap);
    const spelt = `0x${String(target).replaceAll(':', '').toUpperCase()}`;
    const host = { ...n1, hostWWPNMap: { '0X10000000C9000001': [spelt], '10:00:00:00:c9:00:00:01': [spelt] } };
    const { accessInformation } = await bench.driver.publish(requestFor(await bench.create(), host), signal());
    expect(accessInformation).toMatchObject({
      fcTargetWWNN: target,
      fcpIgroup: `n1-fcp-${installation}`,
      fcpLunNumber: 0,
    });
    expect(JSON.stringify(await bench.list('/protocols/san/igroups?fields=initiators.name'))).toContain(
      '10:00:00:00:c9:00:00:01',
    );
  });

  test('an igroup that is for something else is refused, and left as it was', async () => {
    await using bench = await Bench.open(iscsi);
    const volume = await bench.create();
    await makeIgroup(bench, `n1-${installation}`, ['10:00:00:00:c9:00:00:07'], 'fcp');
    const problem = await problemOf(bench.driver.publish(requestFor(volume), signal()));
    expect(problem).toMatchObject({ code: 'igroup.foreign', message: expect.stringContaining('its protocol is fcp') });
    expect(await mapped(bench)).toEqual([]);
    expect(await igroups(bench)).toEqual([`n1-${installation}`]);
  });

  test('nodes whose names are cut to one do not let each other in', async () => {
    await using bench = await Bench.open(iscsi);
    const long = (end: string) => ({ ...node(`${'x'.repeat(70)}${end}`), iqn: `iqn.1994-05.com.redhat:${end}` });
    await bench.driver.publish(requestFor(await bench.create(), long('a')), signal());
    const problem = await problemOf(bench.driver.publish(requestFor(await bench.create(), long('b')), signal()));
    expect(problem).toMatchObject({ code: 'igroup.foreign', message: expect.stringContaining('too long') });
    expect(await mapped(bench)).toHaveLength(1);
  });

  test('a LUN that a node sees through another igroup is told so', async () => {
    await using bench = await Bench.open(iscsi);
    const volume = await bench.create();
    await makeIgroup(bench, 'theirs', [n1.iqn]);
    await mapLun(bench, `/vol/${volume.config.internalName}/lun0`, 'theirs');
    const problem = await problemOf(bench.driver.publish(requestFor(volume), signal()));
    expect(problem).toMatchObject({ code: 'lun.mapped-elsewhere', message: expect.stringContaining('theirs') });
  });

  test('a LUN that is gone is told so, and unpublishing it succeeds', async () => {
    await using bench = await Bench.open(iscsi);
    const volume = await published(bench, await bench.create(), n1, [n1]);
    await bench.driver.deleteVolume(volume, signal());
    expect(await problemOf(bench.driver.publish(requestFor(volume), signal()))).toMatchObject({
      code: 'volume.not-on-array',
    });
    await bench.driver.unpublish({ volume, node: n1, remaining: [] }, signal());
    expect(await igroups(bench)).toEqual([]);
  });
});

describe('CHAP', () => {
  const secrets = {
    useCHAP: true,
    chapUsername: 'nodes',
    chapInitiatorSecret: 'planted-Password-4711-in',
    chapTargetUsername: 'target',
    chapTargetInitiatorSecret: 'planted-Password-4711-out',
  };
  const credential = async (bench: Bench) =>
    (await bench.list('/protocols/san/iscsi/credentials?initiator=default&svm.name=svm0&fields=**'))[0];
  const set = async (bench: Bench, body: Readonly<Record<string, unknown>>) => {
    const [svm] = await bench.list('/svm/svms?name=svm0');
    const path = `/protocols/san/iscsi/credentials/${String(svm?.['uuid'])}/default`;
    expect((await bench.array.call('PATCH', path, body)).status).toBe(200);
  };
  const discover = (bench: Bench, more = {}) =>
    bench.kind.discover({ ...bench.config, ...more }, bench.environment, signal());
  const foreign = {
    authentication_type: 'chap',
    chap: { inbound: { user: 'somebody', password: 'secret-of-them' } },
  };

  test('is set up, and told without its secrets', async () => {
    await using bench = await Bench.open(iscsi, { config: secrets });
    expect(await credential(bench)).toMatchObject({
      authentication_type: 'chap',
      chap: { inbound: { user: 'nodes' }, outbound: { user: 'target' } },
    });
    const { accessInformation } = await bench.driver.publish(requestFor(await bench.create()), signal());
    expect(accessInformation).toMatchObject({ useCHAP: true, iscsiInterface: 'default' });
    expect(JSON.stringify(accessInformation)).not.toContain('planted');
    expect(JSON.stringify(bench.discovery)).not.toContain('planted');
    // Again, now that there are LUNs: the users are ours.
    await discover(bench);
    expect(bench.driver.chap?.()).toEqual({
      iscsiUsername: 'nodes',
      iscsiInitiatorSecret: secrets.chapInitiatorSecret,
      iscsiTargetUsername: 'target',
      iscsiTargetSecret: secrets.chapTargetInitiatorSecret,
    });
  });

  test('costs a call more to open, and another when it is switched on', async () => {
    await using bench = await Bench.open(iscsi, { config: secrets });
    expect(bench.array.requests.count()).toBe(8);
    expect(bench.array.requests.count({ method: 'PATCH' })).toBe(1);
    expect(await bench.count(() => discover(bench))).toBe(7);
  });

  test('foreign users are not overwritten', async () => {
    await using bench = await Bench.open(iscsi);
    await set(bench, foreign);
    const problem = await problemOf(discover(bench, secrets));
    expect(problem).toMatchObject({ code: 'svm.chap', message: expect.stringContaining('somebody') });
    expect(await credential(bench)).toMatchObject({ chap: { inbound: { user: 'somebody' } } });
  });

  test('is not switched on under hosts that use LUNs', async () => {
    await using bench = await Bench.open(iscsi);
    await bench.create();
    const problem = await problemOf(discover(bench, secrets));
    expect(problem).toMatchObject({ code: 'svm.chap', message: expect.stringContaining('/vol/trident_pvc_1/lun0') });
    expect(await credential(bench)).toMatchObject({ authentication_type: 'none' });
  });

  test.each([
    ['chap', foreign],
    ['deny', { authentication_type: 'deny' }],
  ])('an SVM that asks for %s is no use without secrets', async (type, body) => {
    await using bench = await Bench.open(iscsi);
    await set(bench, body);
    expect(await problemOf(discover(bench))).toMatchObject({
      code: 'svm.chap',
      message: expect.stringContaining(`authentication type ${type}`),
    });
  });

  test.each([
    [{ chapUsername: '' }, 'chapUsername: is required with useCHAP'],
    [{ chapTargetInitiatorSecret: secrets.chapInitiatorSecret }, 'must differ from chapInitiatorSecret'],
    [{ sanType: 'fcp' }, 'CHAP is not supported with sanType fcp'],
  ])('%o is refused', async (more, message) => {
    await using bench = await Bench.open(iscsi);
    const problem = await problemOf((async () => bench.kind.check({ ...bench.config, ...secrets, ...more }, 'csi'))());
    expect(problem).toMatchObject({ code: 'config.invalid', message: expect.stringContaining(message) });
  });
});

describe('volumes that stock made', () => {
  test('are published, resized, snapshotted, cloned and deleted', async () => {
    await using bench = await Bench.open(iscsi);
    const volume = await byStock(bench);
    const done = await bench.driver.publish(requestFor(volume), signal());
    // What the LUN says about itself counts.
    expect(done.config).toMatchObject({ fileSystem: 'xfs', formatOptions: '-K' });
    expect(done.accessInformation).toMatchObject({ mountOptions: 'nouuid' });
    expect(await mapped(bench)).toEqual([`/vol/trident_stock/lun0 n1-${installation}`]);
    await bench.driver.unpublish({ volume, node: n1, remaining: [] }, signal());
    expect(await mapped(bench)).toEqual([]);
    expect(await igroups(bench)).toEqual([]);
    expect((await bench.driver.resizeVolume(volume, 2 ** 31, signal())).size).toBe(2 ** 31);
    const snapshot = await bench.snapshot(volume, 's1');
    const plan = bench.clonePlan(volume, snapshot);
    const clone = handleOf(plan.config, await bench.driver.cloneVolume(plan, signal()));
    expect(await bench.driver.volumeExists(clone, signal())).toBe(true);
    await bench.driver.deleteVolume({ ...clone, ref: {} }, signal());
    await bench.driver.deleteVolume(volume, signal());
    expect((await bench.inventory()).volumes).toEqual([]);
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

describe('importing', () => {
  const planFor = async (bench: Bench, original: string, more: Partial<VolumeConfig> = {}) => {
    const found = await bench.driver.findForImport(original, signal());
    if (found === undefined) throw new Error(`${original} is not found`);
    return journalled(
      bench.driver.planImport({ ...emptyVolumeConfig, name: 'pvc-x', ...more }, original, journalled(found)),
    );
  };
  const refusal = (bench: Bench, original: string, more: Partial<VolumeConfig> = {}) =>
    problemOf(planFor(bench, original, more));

  test('takes over size, file system and options of the LUN', async () => {
    await using bench = await Bench.open(iscsi);
    await byStock(bench);
    const plan = await planFor(bench, 'trident_stock');
    const made = await bench.driver.importVolume(plan, signal());
    expect(plan.config).toMatchObject({ fileSystem: 'xfs', formatOptions: '-K', size: 2 ** 30 });
    const volume = handleOf(plan.config, made);
    const { accessInformation } = await bench.driver.publish(requestFor(volume), signal());
    expect(accessInformation).toMatchObject({ formatOptions: '-K', mountOptions: 'nouuid' });
    expect(await mapped(bench)).toEqual([`/vol/trident_pvc_x/lun0 n1-${installation}`]);
  });

  test('without renaming keeps both names, and the volume is used by them', async () => {
    await using bench = await Bench.open(iscsi);
    await iscsi.objects.makeForeign(bench, 'theirs');
    const plan = await planFor(bench, 'theirs', { importNoRename: true });
    const volume = handleOf(plan.config, await bench.driver.importVolume(plan, signal()));
    await bench.driver.publish(requestFor(volume), signal());
    expect(await mapped(bench)).toEqual([`/vol/theirs/data n1-${installation}`]);
    expect((await bench.driver.resizeVolume(volume, 2 ** 31, signal())).size).toBe(2 ** 31);
    await bench.driver.unpublish({ volume: { ...volume, ref: {} }, node: n1, remaining: [] }, signal());
  });

  test('a LUN in use is refused with the igroups that use it, and is imported without management', async () => {
    await using bench = await Bench.open(iscsi);
    await byStock(bench);
    await makeIgroup(bench, 'database', []);
    await mapLun(bench, '/vol/trident_stock/lun0', 'database');
    expect(await refusal(bench, 'trident_stock')).toMatchObject({
      code: 'import.refused',
      message: expect.stringContaining('mapped to database'),
    });
    const plan = await planFor(bench, 'trident_stock', { importNotManaged: true });
    await bench.driver.importVolume(plan, signal());
    expect(await mapped(bench)).toEqual(['/vol/trident_stock/lun0 database']);
  });

  test.each([
    [
      'no LUN',
      async (bench: Bench) => bench.array.call('DELETE', `/storage/luns/${await lunUuid(bench)}`),
      'no LUN in it',
    ],
    [
      'two LUNs',
      (bench: Bench) =>
        bench.array.call('POST', '/storage/luns', {
          name: '/vol/trident_stock/second',
          svm: { name: 'svm0' },
          os_type: 'linux',
          space: { size: 2 ** 20 },
        }),
      'holds 2 LUNs',
    ],
    [
      'a LUN that is offline',
      async (bench: Bench) => bench.array.call('PATCH', `/storage/luns/${await lunUuid(bench)}`, { enabled: false }),
      'it is offline',
    ],
  ])('a volume with %s is refused', async (_, spoil, message) => {
    await using bench = await Bench.open(iscsi);
    await byStock(bench);
    await spoil(bench);
    expect(await refusal(bench, 'trident_stock')).toMatchObject({
      code: 'import.refused',
      message: expect.stringContaining(message),
    });
  });
});

const lunUuid = async (bench: Bench): Promise<string> => String((await bench.list('/storage/luns'))[0]?.['uuid']);

describe('repair of access', () => {
  const plan = async (bench: Bench, expected: readonly [VolumeHandle, readonly ReturnType<typeof node>[]][]) => {
    const nodes = expected.flatMap(([, each]) => each);
    return bench.driver.planAccess(
      expected.map(([volume, each]) => ({ volume, nodes: each })),
      nodes,
      signal(),
    );
  };
  const repair = async (bench: Bench, expected: Parameters<typeof plan>[1]) => {
    const changes = await plan(bench, expected);
    await applyAll(changes);
    return changes.map(({ kind, text }) => `${kind}: ${text}`);
  };

  test('adds what is missing, then removes what is ours and not needed, and nothing else', async () => {
    await using bench = await Bench.open(iscsi);
    const volume = await published(bench, await bench.create(), n1, [n1]);
    const lun = `/vol/${volume.config.internalName}/lun0`;
    expect(await repair(bench, [[volume, [n1]]])).toEqual([]);
    await makeIgroup(bench, 'theirs', ['iqn.1994-05.com.redhat:them']);
    await mapLun(bench, lun, 'theirs');
    await makeIgroup(bench, `gone-${installation}`, ['iqn.1994-05.com.redhat:gone']);
    await makeIgroup(bench, `unused-${installation}`, []);
    await makeIgroup(bench, `n9-fcp-${installation}`, [], 'fcp');
    await makeIgroup(bench, 'n1-00000000-2222-3333-4444-555555555555', []);
    await mapLun(bench, lun, `gone-${installation}`);
    const changes = await repair(bench, [[volume, [n1, n2]]]);
    expect(changes).toEqual([
      `grant: map LUN ${lun} to igroup n2-${installation}`,
      `revoke: unmap LUN ${lun} from igroup gone-${installation}`,
      `revoke: remove igroup unused-${installation}, which no LUN is mapped to`,
    ]);
    expect(await mapped(bench)).toEqual([`${lun} n1-${installation}`, `${lun} n2-${installation}`, `${lun} theirs`]);
    expect(await igroups(bench)).toEqual(
      [
        'n1-00000000-2222-3333-4444-555555555555',
        `n1-${installation}`,
        `n2-${installation}`,
        `n9-fcp-${installation}`,
        'theirs',
      ].toSorted(),
    );
    expect(await repair(bench, [[volume, [n1, n2]]])).toEqual([]);
  });

  test('looks once, however many volumes there are', async () => {
    await using bench = await Bench.open(iscsi);
    const volumes = [await bench.create(), await bench.create(), await bench.create()];
    const expected: AccessExpectation[] = [];
    for (const volume of volumes) expected.push({ volume: await published(bench, volume, n1, [n1]), nodes: [n1] });
    const look = async () => expect(await bench.driver.planAccess(expected, [n1], signal())).toEqual([]);
    expect(await bench.count(look)).toBe(1);
  });

  test('without nodes nobody loses access', async () => {
    await using bench = await Bench.open(iscsi);
    const volume = await published(bench, await bench.create(), n1, [n1]);
    expect(await repair(bench, [])).toEqual([]);
    expect(await repair(bench, [[volume, []]])).toEqual([]);
    expect(await mapped(bench)).toHaveLength(1);
  });

  test('over FC leaves the igroups of published nodes alone', async () => {
    await using bench = await Bench.open(fcp);
    const volume = await published(bench, await bench.create(), n1, [n1]);
    expect(await repair(bench, [[volume, [n1]]])).toEqual([]);
    await bench.driver.unpublish({ volume, node: n1, remaining: [] }, signal());
    await makeIgroup(bench, `n3-fcp-${installation}`, [], 'fcp');
    await makeIgroup(bench, `n3-${installation}`, []);
    expect(await repair(bench, [])).toEqual([
      `revoke: remove igroup n3-fcp-${installation}, which no LUN is mapped to`,
    ]);
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
