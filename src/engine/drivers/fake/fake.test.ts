import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../json.ts';
import { emptyVolumeConfig } from '../../orchestrator/model.ts';
import type { NodeRecord, PoolRecord, VolumeConfig } from '../../orchestrator/model.ts';
import type { Discovery, Driver, DriverEnvironment } from '../driver.ts';
import type { SnapshotOnArray, VolumeHandle, VolumeOnArray } from '../objects.ts';
import { driverKind } from '../registry.ts';
import { fake } from './kind.ts';

const GiB = 1024 ** 3;
const signal = AbortSignal.timeout(60_000);

const offers = (media: string, max: number): JsonObject => ({
  media: { offer: [media] },
  snapshots: { offer: true },
  clones: { offer: true },
  encryption: { offer: false },
  IOPS: { min: 0, max },
  provisioningType: { offer: ['thin', 'thick'] },
});
const nas: JsonObject = {
  version: 1,
  storageDriverName: 'fake',
  backendName: 'fake-nas',
  instanceName: 'inst1',
  protocol: 'file',
  username: 'admin',
  password: 's3cret<&>',
  storagePrefix: 'trident_',
  labels: { tier: 'gold' },
  region: 'dc1',
  zone: 'rackA',
  pools: {
    ssd_pool: { attributes: offers('ssd', 100_000), sizeBytes: 1024 * GiB },
    hdd_pool: { attributes: offers('hdd', 1000), sizeBytes: 4096 * GiB },
  },
};
const virtual: JsonObject = {
  version: 1,
  storageDriverName: 'fake',
  instanceName: 'inst3',
  protocol: 'file',
  labels: { dept: 'eng' },
  region: 'us-east',
  pools: {
    phys: { attributes: offers('hybrid', 100_000), sizeBytes: 256 * GiB },
    fast: { attributes: { ...offers('ssd', 5), encryption: { offer: true } }, sizeBytes: 4 * GiB },
  },
  storage: [
    { labels: { tier: 'silver' }, zone: 'z1', defaults: { size: '2G' } },
    { labels: { tier: 'bronze' }, zone: 'z2' },
  ],
};

const environment = (over: Partial<DriverEnvironment> = {}): DriverEnvironment => ({
  context: 'direct',
  backendUUID: randomUUID(),
  installationUUID: randomUUID(),
  version: '26.06.0',
  hostName: 'host',
  now: () => new Date(),
  ...over,
});

interface Opened {
  readonly driver: Driver;
  readonly found: Discovery;
  readonly poolNamed: (name: string) => PoolRecord;
}

const open = async (config: JsonObject, where = environment()): Promise<Opened> => {
  fake.check(config, where.context);
  const found = await fake.discover(config, where, signal);
  const poolNamed = (name: string): PoolRecord => {
    const pool = found.pools.find((candidate) => candidate.name === name);
    if (pool === undefined) throw new Error(`no pool ${name}`);
    return pool;
  };
  return { driver: fake.open(config, found, where), found, poolNamed };
};

const request = (name: string, size = GiB): VolumeConfig => ({ ...emptyVolumeConfig, name, size });

const create = async (
  { driver, poolNamed }: Opened,
  name: string,
  options: { size?: number; pool?: string; attributes?: Record<string, string> } = {},
): Promise<{ handle: VolumeHandle; made: VolumeOnArray }> => {
  const { size = GiB, pool = 'ssd_pool', attributes = {} } = options;
  const plan = driver.planVolume(request(name, size), { attributes }, poolNamed(pool));
  const made = await driver.createVolume(plan, signal);
  return { made, handle: { config: { ...plan.config, size: made.size }, ref: made.ref } };
};

/** A handle to what another process made: nothing of it is known in this one. */
const recorded = (name: string, size = GiB): VolumeHandle => ({
  config: { ...request(name, size), internalName: `trident-${name}` },
  ref: { pool: 'ssd_pool', charged: size, created: '2026-01-01T00:00:00.000Z' },
});

const snapshotHandle = (taken: SnapshotOnArray) => ({
  name: taken.internalName,
  internalName: taken.internalName,
  ref: taken.ref,
});

const node: NodeRecord = {
  name: 'n1',
  iqn: '',
  nqn: '',
  hostWWPNMap: {},
  ips: ['192.0.2.9'],
  topologyLabels: {},
  hostInfo: {},
  deleted: false,
  publicationState: 'clean',
  logLevel: '',
  logWorkflows: '',
  logLayers: '',
};

describe('the fake kind', () => {
  it('is found by its name', async () => {
    expect(await driverKind('fake')).toBe(fake);
    await expect(driverKind('bogus')).rejects.toMatchObject({
      code: 'driver.unknown',
      message: 'unknown storage driver: bogus',
      hint: expect.stringMatching(/^this release has fake, /),
    });
    await expect(driverKind('Ontap-nas-ecconomy')).rejects.toMatchObject({ hint: 'did you mean ontap-nas-economy?' });
    await expect(driverKind('solidfire-san')).rejects.toMatchObject({
      kind: 'unsupported',
      code: 'driver.not-in-release',
    });
  });

  it('shows what stock shows, without the password', async () => {
    const { found } = await open(nas);
    expect(found).toMatchObject({ defaultName: 'inst1', protocol: 'file' });
    expect(found.shownConfig).toMatchObject({
      version: 1,
      storageDriverName: 'fake',
      backendName: 'fake-nas',
      debug: false,
      debugTraceFlags: null,
      storagePrefix: 'trident_',
      serialNumbers: ['inst1_SN'],
      flags: { concurrent: 'false' },
      limitVolumeSize: '',
      credentials: null,
      userState: '',
      volumes: null,
      storage: null,
      username: 'admin',
      password: '<REDACTED>',
      volumeAccess: '192.0.2.1',
      labels: { tier: 'gold' },
      supportedTopologies: null,
      defaults: { size: '1G', nameTemplate: '' },
      pools: {
        hdd_pool: {
          sizeBytes: 4096 * GiB,
          attributes: {
            IOPS: { min: 0, max: 1000 },
            backendType: { offer: ['fake'] },
            labels: { offer: { tier: 'gold' } },
            region: { offer: ['dc1'] },
            zone: { offer: ['rackA'] },
          },
        },
      },
    });
    expect(JSON.stringify(found)).not.toContain('s3cret');
  });

  it('has one small pool when none is configured', async () => {
    const { found } = await open({ version: 1, storageDriverName: 'fake' });
    expect(found.pools).toEqual([
      {
        name: 'pool-0',
        key: 'pool-0',
        offers: {
          IOPS: { type: 'int', min: 0, max: 100 },
          backendType: { type: 'string', offer: ['fake'] },
          encryption: { type: 'bool', offer: false },
          labels: { type: 'label', offer: {} },
          provisioningType: { type: 'string', offer: ['thick', 'thin'] },
          snapshots: { type: 'bool', offer: false },
        },
        supportedTopologies: [],
        settings: { virtual: false, size: '1G' },
      },
    ]);
    expect(found.shownConfig['pools']).toBeNull();
  });

  it('makes virtual pools of physical ones', async () => {
    const { found } = await open(virtual);
    expect(found.pools.map((pool) => pool.name)).toEqual(['fake_useast_pool_0', 'fake_useast_pool_1']);
    expect(found.pools[0]?.offers).toEqual({
      backendType: { type: 'string', offer: ['fake'] },
      clones: { type: 'bool', offer: true },
      encryption: { type: 'bool', offer: true },
      labels: { type: 'label', offer: { dept: 'eng', tier: 'silver' } },
      media: { type: 'string', offer: ['hybrid', 'ssd'] },
      provisioningType: { type: 'string', offer: ['thin', 'thick'] },
      region: { type: 'string', offer: ['us-east'] },
      snapshots: { type: 'bool', offer: true },
      zone: { type: 'string', offer: ['z1'] },
    });
    const moved = await open({
      ...virtual,
      storage: Array.isArray(virtual['storage']) ? virtual['storage'].toReversed() : [],
    });
    expect(moved.found.pools.map((pool) => pool.key)).toEqual(found.pools.map((pool) => pool.key).toReversed());
  });

  it.each<[JsonObject, string, readonly (string | number)[]]>([
    [{ ...nas, pols: {} }, 'fake backend configuration: unknown key pols', ['pols']],
    [
      { ...nas, pools: { p: { attributes: { whatever: { offer: true } }, sizeBytes: 5 } } },
      'unable to initialize fake driver: unknown storage attribute: whatever',
      ['pools', 'p', 'attributes', 'whatever'],
    ],
    [
      { ...nas, pools: { p: { attributes: { media: { offer: true } }, sizeBytes: 5 } } },
      'unable to initialize fake driver: media takes an offer of type string',
      ['pools', 'p', 'attributes', 'media'],
    ],
    [
      { ...nas, volumes: [{ name: 'e', requestedPool: 'nope', size: 5 }] },
      'requested pool nope for volume e does not exist',
      ['volumes', 0, 'requestedPool'],
    ],
    [
      { ...nas, defaults: { size: 'many' } },
      'error validating fake driver. invalid value for default volume size in pool hdd_pool: "many" is not a valid size: it is not a whole number followed by a unit',
      ['defaults', 'size'],
    ],
    [
      { ...nas, defaults: { nameTemplate: '{{.x}}' } },
      'the fake driver makes no names from templates',
      ['defaults', 'nameTemplate'],
    ],
  ])('refuses configuration %#', async (config, message, path) => {
    await expect(open(config)).rejects.toMatchObject({ message, path });
  });

  it('tells what an update would change', () => {
    const changes = (over: JsonObject) => [...fake.changes(nas, { ...nas, ...over })];
    expect(changes({ labels: {}, username: 'x', password: 'y' })).toEqual([]);
    expect(changes({ protocol: 'block' })).toEqual(['invalid']);
    expect(changes({ storageDriverName: 'ontap-nas' })).toEqual(['invalid']);
    expect(changes({ volumeAccess: '192.0.2.7' })).toEqual(['accessInformation']);
    expect(changes({ storagePrefix: 'zz_' })).toEqual(['prefix']);
    expect(changes({ backendName: 'other' })).toEqual(['rename']);
    expect(changes({ credentials: { name: 'a', type: 'awsarn' } })).toEqual(['credentials']);
  });
});

describe('volumes of the fake driver', () => {
  it('are made where there is room, with names and access as in stock', async () => {
    const opened = await open(nas);
    const { made, handle } = await create(opened, 'v1');
    expect(made).toMatchObject({
      size: GiB,
      accessInformation: { nfsServerIp: '192.0.2.1', nfsPath: '/trident-v1' },
      ref: { pool: 'ssd_pool' },
    });
    expect(await opened.driver.volumeExists(handle, signal)).toBe(true);
    await expect(create(opened, 'big', { size: 1024 * GiB })).rejects.toMatchObject({
      code: 'pool.ineligible',
      message: `backend cannot satisfy create request for volume trident-big: (requested volume is too large, requested ${1024 * GiB} bytes, have ${1023 * GiB} available in pool ssd_pool)`,
    });
    await opened.driver.deleteVolume(handle, signal);
    expect(await opened.driver.volumeExists(handle, signal)).toBe(false);
    await opened.driver.deleteVolume(handle, signal);
    await create(opened, 'big', { size: 1024 * GiB });
  });

  it('of a block backend are reached by iSCSI, and without prefix keep their name', async () => {
    const opened = await open({ ...nas, storagePrefix: '', protocol: 'block' });
    expect((await create(opened, 'v-blk')).made.accessInformation).toEqual({
      iscsiTargetPortal: '192.0.2.1',
      iscsiPortals: ['192.0.2.2'],
      iscsiTargetIqn: 'iqn.2017-06.com.netapp:fake',
      iscsiLunNumber: 0,
    });
    expect(
      opened.driver.planVolume(request('v-blk'), { attributes: {} }, opened.poolNamed('ssd_pool')).config,
    ).toMatchObject({
      internalName: 'v-blk',
    });
  });

  it('have the size of their pool by default, within limits', async () => {
    const opened = await open({ ...nas, limitVolumeSize: '10Gi' });
    expect((await create(opened, 'v0', { size: 0 })).made.size).toBe(GiB);
    await expect(create(opened, 'tiny', { size: 1 })).rejects.toMatchObject({
      kind: 'limit',
      message: 'requested volume size (1 bytes) is too small; the minimum volume size is 1048576 bytes',
    });
    await create(opened, 'most', { size: 10 * GiB });
    await expect(create(opened, 'more', { size: 10 * GiB + 1 })).rejects.toMatchObject({ kind: 'limit' });
  });

  it('of a virtual pool go to a physical one that has the attributes and the room', async () => {
    const opened = await open(virtual);
    const pool = 'fake_useast_pool_0';
    expect((await create(opened, 'a', { size: 0, pool })).made.size).toBe(2 * GiB);
    const secret = { encryption: 'true', selector: 'tier=silver' };
    expect((await create(opened, 'b', { size: 3 * GiB, pool, attributes: secret })).made.ref).toMatchObject({
      pool: 'fast',
    });
    await expect(create(opened, 'c', { size: 3 * GiB, pool, attributes: secret })).rejects.toMatchObject({
      code: 'pool.ineligible',
    });
    await expect(create(opened, 'd', { pool, attributes: { media: 'hdd' } })).rejects.toMatchObject({
      code: 'pool.ineligible',
    });
  });

  it('are never made twice under one name', async () => {
    const opened = await open(nas);
    await create(opened, 'v1');
    await expect(create(opened, 'v1')).rejects.toMatchObject({
      code: 'volume.exists-on-array',
      kind: 'exists',
      nothingDone: true,
    });
  });

  it('that were interrupted are taken back, others left alone', async () => {
    const opened = await open(nas);
    const { driver, poolNamed } = opened;
    const plan = driver.planVolume(request('v1'), { attributes: {} }, poolNamed('ssd_pool'));
    expect(await driver.discardVolume(plan, new Date(0), signal)).toBe('absent');
    await driver.createVolume(plan, signal);
    expect(await driver.discardVolume(plan, new Date(Date.now() + 60_000), signal)).toBe('foreign');
    expect(await driver.discardVolume(plan, new Date(Date.now() - 60_000), signal)).toBe('removed');
  });

  it('grow and do not shrink', async () => {
    const opened = await open(nas);
    const { handle } = await create(opened, 'v1');
    expect((await opened.driver.resizeVolume(handle, 3 * GiB, signal)).size).toBe(3 * GiB);
    expect((await opened.driver.resizeVolume(handle, 3 * GiB, signal)).size).toBe(3 * GiB);
    await expect(opened.driver.resizeVolume(handle, 2 * GiB, signal)).rejects.toMatchObject({
      message: `requested size ${2 * GiB} is less than existing volume size ${3 * GiB}`,
    });
  });

  it('can be cloned, from a snapshot or as they are', async () => {
    const opened = await open(nas);
    const { driver } = opened;
    const { handle } = await create(opened, 'v1', { size: 2 * GiB });
    const taken = await driver.createSnapshot(handle, 's1', signal);
    const plan = driver.planClone(request('c1', 0), handle, snapshotHandle(taken), undefined);
    expect(plan.config).toMatchObject({ internalName: 'trident-c1', size: 2 * GiB });
    expect(await driver.cloneVolume(plan, signal)).toMatchObject({
      size: 2 * GiB,
      accessInformation: { nfsPath: '/trident-c1' },
    });
    await expect(driver.cloneVolume(plan, signal)).rejects.toMatchObject({ code: 'volume.exists-on-array' });
    expect(await driver.discardClone(plan, new Date(0), signal)).toBe('removed');
    await driver.cloneVolume(driver.planClone(request('c2', 0), handle, undefined, undefined), signal);
  });

  it('that exist already are imported, renamed only when managed, and given back', async () => {
    const opened = await open({ ...nas, volumes: [{ name: 'old', requestedPool: 'hdd_pool', size: 5 * GiB }] });
    const { driver } = opened;
    expect(await driver.findForImport('nope', signal)).toBeUndefined();
    const candidate = await driver.findForImport('old', signal);
    if (candidate === undefined) throw new Error('not found');
    expect(candidate.size).toBe(5 * GiB);
    const kept = driver.planImport({ ...request('i1', 0), importNotManaged: true }, 'old', candidate);
    expect(await driver.importVolume(kept, signal)).toMatchObject({
      size: 5 * GiB,
      accessInformation: { nfsPath: '/old' },
    });
    const renamed = driver.planImport(request('i1', 0), 'old', candidate);
    expect(renamed.config).toMatchObject({ internalName: 'trident-i1', size: 5 * GiB });
    for (let again = 0; again < 2; again++)
      expect((await driver.importVolume(renamed, signal)).accessInformation.nfsPath).toBe('/trident-i1');
    await driver.undoImport(renamed, signal);
    expect(await driver.findForImport('old', signal)).toEqual(candidate);
  });

  it('are not published, and need no unpublishing', async () => {
    const opened = await open(nas);
    const { handle } = await create(opened, 'v1');
    expect(opened.driver.manifest.publish).toBe(false);
    await expect(
      opened.driver.publish({ volume: handle, node, nodes: [node], readOnly: false, accessMode: 0 }, signal),
    ).rejects.toMatchObject({ kind: 'unsupported', message: 'fake driver does not support Publish' });
    await opened.driver.unpublish({ volume: handle, node, remaining: [] }, signal);
    expect(await opened.driver.planAccess([{ volume: handle, nodes: [node] }], [node], signal)).toEqual([]);
    expect(await opened.driver.checkHealth(signal)).toEqual({ reason: '' });
  });
});

describe('snapshots of the fake driver', () => {
  it('are kept, listed, found, restored and deleted, five of a volume', async () => {
    const opened = await open(nas);
    const { driver } = opened;
    const { handle } = await create(opened, 'v1');
    const taken = await driver.createSnapshot(handle, 's1', signal);
    expect(taken).toMatchObject({ internalName: 's1', size: GiB, created: expect.stringMatching(/T\d\d:\d\d:\d\dZ$/) });
    expect(await driver.createSnapshot(handle, 's1', signal)).toEqual(taken);
    for (const name of ['s2', 's3', 's4', 's5']) await driver.createSnapshot(handle, name, signal);
    await expect(driver.createSnapshot(handle, 's6', signal)).rejects.toMatchObject({
      kind: 'limit',
      message: 'could not create snapshot: too many snapshots created for a volume',
    });
    expect(await driver.listSnapshots(handle, signal)).toHaveLength(5);
    await driver.restoreSnapshot(handle, snapshotHandle(taken), signal);
    await driver.deleteSnapshot(handle, snapshotHandle(taken), signal);
    await driver.deleteSnapshot(handle, snapshotHandle(taken), signal);
    expect(await driver.findSnapshot(handle, 's1', signal)).toBeUndefined();
    expect(await driver.findSnapshot(handle, 's2', signal)).toMatchObject({ internalName: 's2' });
  });
});

describe('what another process made', () => {
  it('exists when its record says so', async () => {
    const opened = await open(nas);
    const { driver } = opened;
    const handle = recorded('v1', 2 * GiB);
    expect((await driver.resizeVolume(handle, 3 * GiB, signal)).size).toBe(3 * GiB);
    const plan = driver.planClone(
      request('c1', 0),
      handle,
      { name: 's1', internalName: 's1', ref: { created: '2026-01-01T00:00:00.000Z' } },
      undefined,
    );
    await driver.cloneVolume(plan, signal);
    expect(await driver.listSnapshots(handle, signal)).toMatchObject([{ created: '2026-01-01T00:00:00.000Z' }]);
    await driver.deleteVolume(recorded('v2'), signal);
    expect(await driver.volumeExists(recorded('v2'), signal)).toBe(false);
  });

  it('is shared by all drivers over one backend, and gone with it', async () => {
    const where = environment();
    const first = await open(nas, where);
    await create(first, 'v1');
    await first.driver[Symbol.asyncDispose]();
    const second = await open(nas, where);
    await expect(create(second, 'v1')).rejects.toMatchObject({ code: 'volume.exists-on-array' });
    await second.driver.retire(signal);
    await create(await open(nas, where), 'v1');
  });

  it('is not waited for once the signal has aborted', async () => {
    const { driver } = await open(nas);
    const stopped = AbortSignal.abort(new Error('stopped'));
    await expect(driver.findForImport('x', stopped)).rejects.toThrow('stopped');
  });
});
