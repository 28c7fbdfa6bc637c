import { describe, expect, it } from 'vitest';
import { fakeEnvironment, fakeNas, fakeVirtual, GiB, openFake } from '../../../../test/support/fake-backend.ts';
import type { OpenedFake } from '../../../../test/support/fake-backend.ts';
import { emptyVolumeConfig } from '../../orchestrator/model.ts';
import type { NodeRecord, VolumeConfig } from '../../orchestrator/model.ts';
import type { SnapshotOnArray, VolumeHandle, VolumeOnArray } from '../objects.ts';

const signal = AbortSignal.timeout(60_000);

const request = (name: string, size = GiB): VolumeConfig => ({ ...emptyVolumeConfig, name, size });

const create = async (
  { driver, poolNamed }: OpenedFake,
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

describe('volumes of the fake driver', () => {
  it('are made where there is room, with names and access as in stock', async () => {
    const opened = await openFake(fakeNas);
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
    const opened = await openFake({ ...fakeNas, storagePrefix: '', protocol: 'block' });
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
    const opened = await openFake({ ...fakeNas, limitVolumeSize: '10Gi' });
    expect((await create(opened, 'v0', { size: 0 })).made.size).toBe(GiB);
    await expect(create(opened, 'tiny', { size: 1 })).rejects.toMatchObject({
      kind: 'limit',
      message: 'requested volume size (1 bytes) is too small; the minimum volume size is 1048576 bytes',
    });
    await create(opened, 'most', { size: 10 * GiB });
    await expect(create(opened, 'more', { size: 10 * GiB + 1 })).rejects.toMatchObject({ kind: 'limit' });
  });

  it('of a virtual pool go to a physical one that has the attributes and the room', async () => {
    const opened = await openFake(fakeVirtual);
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
    const opened = await openFake(fakeNas);
    await create(opened, 'v1');
    await expect(create(opened, 'v1')).rejects.toMatchObject({
      code: 'volume.exists-on-array',
      kind: 'exists',
      nothingDone: true,
    });
  });

  it('that were interrupted are taken back, others left alone', async () => {
    const opened = await openFake(fakeNas);
    const { driver, poolNamed } = opened;
    const plan = driver.planVolume(request('v1'), { attributes: {} }, poolNamed('ssd_pool'));
    expect(await driver.discardVolume(plan, new Date(0), signal)).toBe('absent');
    await driver.createVolume(plan, signal);
    expect(await driver.discardVolume(plan, new Date(Date.now() + 60_000), signal)).toBe('foreign');
    expect(await driver.discardVolume(plan, new Date(Date.now() - 60_000), signal)).toBe('removed');
  });

  it('grow and do not shrink', async () => {
    const opened = await openFake(fakeNas);
    const { handle } = await create(opened, 'v1');
    expect((await opened.driver.resizeVolume(handle, 3 * GiB, signal)).size).toBe(3 * GiB);
    expect((await opened.driver.resizeVolume(handle, 3 * GiB, signal)).size).toBe(3 * GiB);
    await expect(opened.driver.resizeVolume(handle, 2 * GiB, signal)).rejects.toMatchObject({
      message: `requested size ${2 * GiB} is less than existing volume size ${3 * GiB}`,
    });
  });

  it('can be cloned, from a snapshot or as they are', async () => {
    const opened = await openFake(fakeNas);
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
    const opened = await openFake({ ...fakeNas, volumes: [{ name: 'old', requestedPool: 'hdd_pool', size: 5 * GiB }] });
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
    const opened = await openFake(fakeNas);
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
    const opened = await openFake(fakeNas);
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
    const opened = await openFake(fakeNas);
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
    const where = fakeEnvironment();
    const first = await openFake(fakeNas, where);
    await create(first, 'v1');
    await first.driver[Symbol.asyncDispose]();
    const second = await openFake(fakeNas, where);
    await expect(create(second, 'v1')).rejects.toMatchObject({ code: 'volume.exists-on-array' });
    await second.driver.retire(signal);
    await create(await openFake(fakeNas, where), 'v1');
  });

  it('is not waited for once the signal has aborted', async () => {
    const { driver } = await openFake(fakeNas);
    const stopped = AbortSignal.abort(new Error('stopped'));
    await expect(driver.findForImport('x', stopped)).rejects.toThrow('stopped');
  });
});
