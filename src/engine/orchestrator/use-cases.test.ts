import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  expectAgreement,
  furnish,
  nodeRecord,
  openLabEngine,
  patient,
  storageClass,
  volumeRequest,
} from '../../../test/support/lab.ts';
import type { LabArray } from '../../../test/support/lab-driver.ts';
import { labPool, openLabArray } from '../../../test/support/lab-driver.ts';
import { openTestStore } from '../../../test/support/sqlite-store.ts';
import type { Engine } from '../engine.ts';
import { openMemoryStore } from '../store/memory.ts';
import type { Store } from '../store/store.ts';
import type { Orchestrator } from './orchestrator.ts';

const stores: Readonly<Record<string, () => Promise<{ store: Store; remove: () => Promise<void> }>>> = {
  memory: async () => ({ store: openMemoryStore(), remove: async () => undefined }),
  sqlite: async () => {
    const directory = await mkdtemp(join(tmpdir(), 'use-cases-'));
    return { store: await openTestStore(directory), remove: () => rm(directory, { recursive: true }) };
  },
};

const labConfig = { version: 1, storageDriverName: 'lab', backendName: 'lab' };
const gib = 1024 ** 3;

describe.each(Object.keys(stores))('use cases on a %s store', (kind) => {
  let store: Store;
  let removeStore: () => Promise<void>;
  let array: LabArray;
  let engine: Engine;
  let core: Orchestrator;

  beforeEach(async () => {
    const opened = await stores[kind]?.();
    if (opened === undefined) throw new Error('no such store');
    store = opened.store;
    removeStore = opened.remove;
    array = openLabArray({ pools: [labPool('p1'), labPool('p2')], enforcesAccess: true, now: () => new Date() });
    engine = await openLabEngine(store, array);
    core = engine.orchestrator;
    await furnish(core);
  });
  afterEach(async () => {
    await engine[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
    await removeStore();
  });

  const create = (name: string, size?: string) => core.volumes.create(volumeRequest(name, size), patient);
  const snap = (volume: string, name: string) => core.snapshots.create({ volume, name, version: '' }, patient);
  const publish = (volume: string, node: string, readOnly = false) =>
    core.publications.publish({ volume, node, readOnly, accessMode: 0 }, patient);
  const clone = (source: string, name: string, more: object = {}) =>
    core.volumes.clone(
      {
        name,
        source,
        snapshot: '',
        size: '',
        storageClass: '',
        readOnly: false,
        splitOnClone: '',
        overrides: {},
        ...more,
      },
      patient,
    );
  const take = (originalName: string, name: string, more: object = {}) =>
    core.volumes.import(
      {
        backend: 'lab',
        originalName,
        name,
        noManage: false,
        noRename: false,
        size: '',
        storageClass: 'any',
        accessMode: 'ReadWriteMany',
        volumeMode: 'Filesystem',
        protocol: '',
        overrides: {},
        ...more,
      },
      patient,
    );

  describe('volumes', () => {
    it('are created in a pool of their class', async () => {
      const volume = await create('v1', '2gi');
      expect(volume).toMatchObject({
        state: 'online',
        orphaned: false,
        config: { name: 'v1', internalName: 'lab_v1', size: 2 * gib, protocol: 'file', storageClass: 'any' },
      });
      expect(['p1', 'p2']).toContain(volume.pool);
      expect(await core.volumes.names()).toEqual(['v1']);
      await expectAgreement(core, array);
    });

    it.each([
      [{ name: 'v1' }, 'exists', 'volume v1 already exists'],
      [{ storageClass: 'nope' }, 'notFound', 'unknown storage class: nope'],
      [{ storageClass: '' }, 'notFound', 'unknown storage class: '],
      [{ storageClass: 'none' }, 'unsupported', 'no available backends for storage class none'],
      [
        { protocol: 'block' as const, accessMode: 'ReadWriteOnce' as const },
        'unsupported',
        'no available backends for storage class any',
      ],
      [
        { accessMode: 'ReadWriteMany' as const, protocol: 'block' as const },
        'invalid',
        'incompatible volume mode (Filesystem), access mode (ReadWriteMany) and protocol (block)',
      ],
      [{ size: 'lots' }, 'invalid', '"lots" is not a valid size'],
      [{ size: '' }, 'invalid', 'the following fields for "Volume" are mandatory: name and size'],
      [
        { size: '1' },
        'limit',
        /^encountered error\(s\) in creating the volume: \[Failed to create volume new on storage pool p[12] from backend lab: too small, Failed to create volume new on storage pool p[12] from backend lab: too small\]$/,
      ],
      [{ shareSourceVolume: 'v1' }, 'unsupported', 'volumes that share another volume are not supported yet'],
    ])('with %j are refused', async (more, problem, text) => {
      await create('v1');
      await core.storageClasses.add(storageClass('none', { attributes: { media: 'hdd' } }));
      const before = await core.operations.list();
      const refused = core.volumes.create({ ...volumeRequest('new'), ...more }, patient);
      await expect(refused).rejects.toMatchObject({
        kind: problem,
        message: typeof text === 'string' ? expect.stringContaining(text) : expect.stringMatching(text),
      });
      expect(await core.operations.list()).toEqual(before);
    });

    it('go to the next pool when one fails, and its remains are taken away', async () => {
      let first: string | undefined;
      array.fault = (call) => {
        if (!call.startsWith('createVolume')) return undefined;
        first ??= call;
        return call === first ? 'lost' : undefined;
      };
      const volume = await create('v1');
      expect(`createVolume ${volume.pool}`).not.toBe(first);
      expect(array.calls).toContain('discardVolume');
      await expectAgreement(core, array);
    });

    it('that fail in every pool name every cause and leave nothing', async () => {
      array.fault = (call) => (call.startsWith('createVolume') ? 'refused' : undefined);
      await expect(create('v1')).rejects.toMatchObject({
        kind: 'conflict',
        message: expect.stringMatching(
          /^encountered error\(s\) in creating the volume: \[Failed to create volume v1 on storage pool p\d from backend lab: the array refuses, Failed/,
        ),
      });
      array.fault = undefined;
      await expectAgreement(core, array);
      await create('v1');
    });

    it('never take over or delete what is on the array under their name', async () => {
      array.plant('lab_v1', gib);
      await expect(create('v1')).rejects.toMatchObject({
        kind: 'exists',
        message: expect.stringContaining('volume lab_v1 is on the array'),
      });
      await expectAgreement(core, array, ['lab_v1']);
    });

    it('are not created on a suspended backend', async () => {
      await core.backends.updateState('lab', { state: '', userState: 'Suspended' }, patient);
      await expect(create('v1')).rejects.toThrow(
        /\[Failed to create volume v1 on storage pool p\d from backend lab: volume is not created because the backend lab is suspended, /,
      );
      await core.backends.updateState('lab', { state: '', userState: 'normal' }, patient);
      await create('v1');
    });

    it('are resized, once', async () => {
      await create('v1');
      expect((await core.volumes.resize('v1', '3Gi', patient)).config.size).toBe(3 * gib);
      const calls = array.calls.length;
      await core.volumes.resize('v1', String(3 * gib), patient);
      expect(array.calls).toHaveLength(calls);
      await expect(core.volumes.resize('v1', '1Gi', patient)).rejects.toMatchObject({
        kind: 'limit',
        message: 'unable to resize the volume: cannot shrink',
      });
      await expect(core.volumes.resize('nope', '1Gi', patient)).rejects.toMatchObject({
        kind: 'notFound',
        message: 'volume nope not found',
      });
      await expectAgreement(core, array);
    });

    it('with snapshots are only marked, and go with the last of them', async () => {
      await create('v1');
      await snap('v1', 's1');
      await snap('v1', 's2');
      await core.volumes.remove('v1', patient);
      expect((await core.volumes.get('v1')).state).toBe('deleting');
      await core.volumes.remove('v1', patient);
      await expect(snap('v1', 's3')).rejects.toThrow('source volume v1 is deleting');
      await expect(core.volumes.resize('v1', '2Gi', patient)).rejects.toThrow('volume v1 is deleting');
      await expect(publish('v1', 'n1')).rejects.toThrow('volume v1 is deleting');
      await core.snapshots.remove('v1', 's1', patient);
      expect(await core.volumes.names()).toEqual(['v1']);
      await core.snapshots.remove('v1', 's2', patient);
      expect(await core.volumes.names()).toEqual([]);
      await expectAgreement(core, array);
    });

    it('stay as they were when the array refuses to delete them', async () => {
      await create('v1');
      array.fault = () => 'refused';
      await expect(core.volumes.remove('v1', patient)).rejects.toThrow('the array refuses');
      array.fault = undefined;
      expect((await core.volumes.get('v1')).state).toBe('online');
      await expectAgreement(core, array);
      await expect(core.volumes.remove('nope', patient)).rejects.toMatchObject({
        kind: 'notFound',
        message: 'volume nope not found',
      });
    });

    it('take a source that only waited for them along', async () => {
      await create('v1');
      await snap('v1', 's1');
      await clone('v1', 'c1', { snapshot: 's1' });
      await core.volumes.remove('v1', patient);
      await core.snapshots.remove('v1', 's1', patient);
      expect(await core.volumes.names()).toEqual(['c1']);
      await core.volumes.remove('c1', patient);
      await expectAgreement(core, array);
    });

    it('are left by a plan as they are', async () => {
      const plan = { ...patient, dryRun: true };
      await expect(core.volumes.create(volumeRequest('v1'), plan)).rejects.toMatchObject({
        name: 'DryRun',
        steps: [expect.stringMatching(/^create lab_v1 \(1073741824 bytes\) in pool p\d$/)],
      });
      await create('v1');
      await expect(core.volumes.remove('v1', plan)).rejects.toMatchObject({
        steps: ['mark volume v1 as deleting', 'delete volume v1'],
      });
      await expect(core.backends.remove('lab', plan)).rejects.toMatchObject({ name: 'DryRun' });
      await expect(core.nodes.remove('n1', plan)).rejects.toMatchObject({ name: 'DryRun' });
      await expectAgreement(core, array);
      expect((await core.backends.get('lab')).backend.state).toBe('online');
      expect(await core.nodes.list()).toHaveLength(2);
    });
  });

  describe('clones', () => {
    it('have the size of their source and what was asked of themselves', async () => {
      await create('v1', '2Gi');
      await snap('v1', 's1');
      await core.storageClasses.add(storageClass('other'));
      const made = await clone('v1', 'c1', {
        snapshot: 's1',
        size: '1Gi',
        storageClass: 'other',
        overrides: { qos: 'q' },
      });
      expect(made.config).toMatchObject({
        size: 2 * gib,
        storageClass: 'other',
        cloneSourceVolume: 'v1',
        cloneSourceVolumeInternal: 'lab_v1',
        cloneSourceSnapshot: 's1',
        cloneSourceSnapshotInternal: 's1',
        qos: 'q',
      });
      expect(made.pool).toBe((await core.volumes.get('v1')).pool);
    });

    it.each([
      [{ source: 'nope' }, 'notFound', 'source volume not found: nope'],
      [{ name: 'v1' }, 'exists', 'volume v1 already exists'],
      [{ size: '3Gi' }, 'limit', `requested PVC size '${3 * gib}' is too large for the clone source '${gib}'`],
      [{ snapshot: 'nope' }, 'notFound', 'could not find source snapshot for volume'],
      [
        { storageClass: 'none' },
        'invalid',
        'clone volume c1 from source volume v1 with different storage classes is not allowed',
      ],
      [{ overrides: { volumeMode: 'Block' } }, 'notFound', 'incompatible'],
    ])('with %j are refused', async (more, problem, text) => {
      await create('v1');
      await core.storageClasses.add(storageClass('none', { attributes: { media: 'hdd' } }));
      await expect(clone('v1', 'c1', more)).rejects.toMatchObject({
        kind: problem,
        message: expect.stringContaining(text),
      });
    });

    it('of an unmanaged volume need a snapshot', async () => {
      array.plant('legacy', gib);
      await take('legacy', 'v1', { noManage: true });
      await expect(clone('v1', 'c1')).rejects.toThrow('cannot clone an unmanaged volume without a snapshot');
    });

    it('that are read-only keep the snapshot they show', async () => {
      await create('v1');
      await snap('v1', 's1');
      await clone('v1', 'r1', { snapshot: 's1', readOnly: true });
      await expect(core.snapshots.remove('v1', 's1', patient)).rejects.toMatchObject({
        kind: 'conflict',
        message: expect.stringContaining('read-only clone r1'),
      });
      await core.volumes.remove('r1', patient);
      await core.snapshots.remove('v1', 's1', patient);
    });
  });

  describe('imports', () => {
    it('are renamed and managed, or left as they are', async () => {
      array.plant('managed', 2 * gib);
      array.plant('kept', gib);
      array.plant('foreign', gib);
      expect((await take('managed', 'v1')).config).toMatchObject({
        internalName: 'lab_v1',
        size: 2 * gib,
        importOriginalName: 'managed',
      });
      expect((await take('kept', 'v2', { noRename: true })).config.internalName).toBe('kept');
      const unmanaged = await take('foreign', 'v3', { noManage: true });
      expect(unmanaged).toMatchObject({ pool: '', config: { internalName: 'foreign', importNotManaged: true } });
      await expect(core.volumes.resize('v3', '5Gi', patient)).rejects.toThrow('not managed');
      await expect(snap('v3', 's')).rejects.toThrow('not managed');
      for (const name of ['v1', 'v2', 'v3']) await core.volumes.remove(name, patient);
      expect([...array.volumes.keys()]).toEqual(['foreign']);
    });

    it.each([
      [{ backend: '' }, 'invalid', 'no backend specified for import'],
      [{ backend: 'nope' }, 'notFound', 'could not find backend nope; backend nope was not found'],
      [{ originalName: '' }, 'invalid', 'original name not specified'],
      [{ originalName: 'nope' }, 'notFound', 'volume nope was not found'],
      [{ size: '2Gi' }, 'limit', 'requested size is more than actual size'],
      [{ storageClass: 'nope' }, 'notFound', 'unknown storage class: nope'],
      [{ storageClass: 'none' }, 'invalid', 'storageClass none does not match any storage pools for backend lab'],
      [{ volumeMode: 'Block', accessMode: 'ReadWriteOnce' }, 'invalid', 'incompatible volume mode'],
      [{ originalName: 'taken' }, 'exists', 'PV v0 already exists for volume taken'],
      [{ name: 'v0' }, 'exists', 'volume v0 already exists'],
    ])('with %j are refused before anything changes', async (more, problem, text) => {
      array.plant('legacy', gib);
      array.plant('taken', gib);
      await core.storageClasses.add(storageClass('none', { attributes: { media: 'hdd' } }));
      await take('taken', 'v0', { noRename: true });
      await expect(take('legacy', 'v1', more)).rejects.toMatchObject({
        kind: problem,
        message: expect.stringContaining(text),
      });
      await expectAgreement(core, array, ['legacy']);
    });

    it('are refused on a suspended backend', async () => {
      array.plant('legacy', gib);
      await core.backends.updateState('lab', { state: '', userState: 'suspended' }, patient);
      await expect(take('legacy', 'v1')).rejects.toThrow('volume is not imported because the backend lab is suspended');
    });

    it('take their name from the array when none is given', async () => {
      array.plant('flexvol/qtree', gib);
      expect((await take('flexvol/qtree', '')).config.name).toBe('flexvol-qtree');
    });
  });

  describe('snapshots', () => {
    it('are taken once, listed and restored', async () => {
      await create('v1');
      await snap('v1', 's2');
      await snap('v1', 's1');
      await expect(snap('v1', 's1')).rejects.toMatchObject({
        kind: 'exists',
        message: 'snapshot v1/s1 already exists',
      });
      await expect(snap('nope', 's')).rejects.toMatchObject({
        kind: 'notFound',
        message: 'source volume nope not found',
      });
      expect((await core.snapshots.list({ volume: 'v1' })).map(({ name }) => name)).toEqual(['s1', 's2']);
      await expect(core.snapshots.list({ volume: 'nope' })).rejects.toThrow('volume nope not found');
      await expect(core.snapshots.list({ group: 'g' })).rejects.toThrow("no snapshots found for group snapshot 'g'");
      await core.snapshots.restore('v1', 's1', patient);
      await publish('v1', 'n1');
      await expect(core.snapshots.restore('v1', 's1', patient)).rejects.toMatchObject({
        kind: 'conflict',
        message: 'cannot restore attached volume to snapshot',
      });
      await expect(core.snapshots.get('v1', 'nope')).rejects.toThrow('snapshot nope was not found');
      await expect(core.snapshots.remove('v1', 'nope', patient)).rejects.toThrow(
        'snapshot nope not found on volume v1',
      );
    });

    it('keep the kind of the refusal', async () => {
      await create('v1');
      array.fault = () => 'refused';
      await expect(snap('v1', 's1')).rejects.toMatchObject({
        kind: 'conflict',
        message: 'failed to create snapshot s1 for volume v1 on backend lab: the array refuses',
      });
    });
  });

  describe('publications', () => {
    it('repeat with the same options only', async () => {
      await create('v1');
      expect(await publish('v1', 'n1')).toMatchObject({ accessMode: 5, readOnly: false, storageClass: 'any' });
      await publish('v1', 'n1');
      await expect(publish('v1', 'n1', true)).rejects.toThrow(
        'this volume is already published to this node with different options',
      );
      expect((await core.volumes.get('v1')).config.accessInformation).toMatchObject({ nfsPath: '/lab_v1' });
      await expectAgreement(core, array);
    });

    it('need a node that is known and clean', async () => {
      await create('v1');
      await expect(publish('v1', 'nope')).rejects.toThrow('node nope was not found');
      await core.nodes.updateState('n1', { orchestratorReady: false, administratorReady: false });
      await expect(publish('v1', 'n1')).rejects.toThrow('not safe to publish lab volume to node n1');
      await core.nodes.register(nodeRecord('n1'), patient);
      expect((await core.nodes.get('n1')).publicationState).toBe('dirty');
      await expectAgreement(core, array);
    });

    it('that fail leave nothing', async () => {
      await create('v1');
      array.fault = (call) => (call === 'publish' ? 'lost' : undefined);
      await expect(publish('v1', 'n1')).rejects.toMatchObject({ kind: 'unavailable' });
      array.fault = undefined;
      expect(await core.publications.list()).toEqual([]);
      await expectAgreement(core, array);
    });

    it('go once, and take a deleted node with them', async () => {
      await create('v1');
      await publish('v1', 'n1');
      await core.nodes.remove('n1', patient);
      expect((await core.nodes.get('n1')).deleted).toBe(true);
      await core.publications.unpublish('v1', 'n1', patient);
      await core.publications.unpublish('v1', 'n1', patient);
      await expect(core.nodes.get('n1')).rejects.toThrow('node n1 was not found');
      await expect(core.nodes.remove('n1', patient)).rejects.toThrow('node n1 not found');
      await expectAgreement(core, array);
    });

    it('go with their volume', async () => {
      await create('v1');
      await publish('v1', 'n1');
      await core.volumes.remove('v1', patient);
      expect(await core.publications.list()).toEqual([]);
    });
  });

  describe('backends', () => {
    it('are updated when added again, and keep their identity', async () => {
      const { backend } = await core.backends.get('lab');
      expect((await core.backends.add(labConfig, patient)).uuid).toBe(backend.uuid);
      expect((await core.backends.get(backend.uuid)).backend.name).toBe('lab');
      await expect(core.backends.get(backend.uuid.toUpperCase())).rejects.toThrow(/^backend uuid .* was not found$/);
      await expect(core.backends.get('nope')).rejects.toThrow('backend nope was not found');
    });

    it.each([
      [{}, 'input failed validation: missing storage driver name in configuration file'],
      [
        { version: 2, storageDriverName: 'lab' },
        'input failed validation: unexpected config file version; found 2, expected 1',
      ],
      [{ version: 1, storageDriverName: 'bogus' }, 'unknown storage driver: bogus'],
      [
        { ...labConfig, userState: 'zzz' },
        'invalid user backend state provided: zzz, allowed are: `normal`, `suspended`',
      ],
    ])('are refused for %j', async (config, text) => {
      await expect(core.backends.add(config, patient)).rejects.toThrow(text);
    });

    it('that do not initialise are not kept, whatever their user state', async () => {
      array.fault = () => 'unreachable';
      await expect(
        core.backends.add({ ...labConfig, backendName: 'new', userState: 'suspended' }, patient),
      ).rejects.toMatchObject({
        kind: 'unavailable',
        message: "problem initializing storage driver 'lab': the array does not answer",
      });
      expect(await core.backends.names()).toEqual(['lab']);
    });

    it('are renamed, but not to a name in use', async () => {
      await create('v1');
      await core.backends.add({ ...labConfig, backendName: 'second' }, patient);
      const second = (await core.backends.get('second')).backend;
      await expect(core.backends.update('lab', { ...labConfig, backendName: 'second' }, patient)).rejects.toThrow(
        `backend name second is already in use by ${second.uuid}`,
      );
      await core.backends.update('lab', { ...labConfig, backendName: 'first' }, patient);
      expect((await core.backends.get('first')).volumes).toEqual(['v1']);
      await expect(core.backends.update('lab', labConfig, patient)).rejects.toThrow('backend lab was not found');
    });

    it('find out which volumes are gone, and only by an answer', async () => {
      await create('v1');
      await create('v2');
      array.volumes.delete('lab_v1');
      array.fault = (call) => (call === 'volumeExists' ? 'unreachable' : undefined);
      await core.backends.update('lab', labConfig, patient);
      expect((await core.volumes.list()).map(({ orphaned }) => orphaned)).toEqual([false, false]);
      array.fault = undefined;
      await core.backends.update('lab', labConfig, patient);
      expect((await core.volumes.list()).map(({ orphaned }) => orphaned)).toEqual([true, false]);
      array.plant('lab_v1', gib);
      await core.backends.update('lab', labConfig, patient);
      expect((await core.volumes.list()).map(({ orphaned }) => orphaned)).toEqual([false, false]);
    });

    it('say which pools were dropped with volumes in them', async () => {
      const volume = await create('v1');
      const other = volume.pool === 'p1' ? 'p2' : 'p1';
      const lines: string[] = [];
      await core.backends.update(
        'lab',
        { ...labConfig, pools: [other] },
        { ...patient, progress: (line) => lines.push(line) },
      );
      expect(lines).toContain(`pool ${volume.pool} is gone from the backend but holds 1 volumes: v1`);
      expect((await core.backends.get('lab')).backend.pools.map(({ name }) => name)).toEqual([other]);
    });

    it.each([
      [{ state: '', userState: '' }, 'exactly one of backendState or userBackendState must be set'],
      [{ state: 'failed', userState: 'normal' }, 'exactly one of backendState or userBackendState must be set'],
      [{ state: 'online', userState: '' }, 'unsupported backend state: online'],
      [{ state: 'xyz', userState: '' }, 'unsupported backend state: unknown'],
      [{ state: '', userState: 'x' }, 'invalid user backend state provided: x, allowed are: `normal`, `suspended`'],
    ])('do not take the state %j', async (change, text) => {
      await expect(core.backends.updateState('lab', change, patient)).rejects.toThrow(text);
    });

    it('that failed serve nothing until they are updated', async () => {
      await create('v1');
      await publish('v1', 'n1');
      await core.backends.updateState('lab', { state: 'FAILED', userState: '' }, patient);
      expect((await core.storageClasses.get('any')).storage).toEqual({});
      await expect(core.volumes.resize('v1', '2Gi', patient)).rejects.toThrow('backend lab is not Online');
      await expect(core.publications.unpublish('v1', 'n1', patient)).rejects.toThrow(
        'backend lab is not Online or Deleting',
      );
      await core.poll(patient);
      expect((await core.backends.get('lab')).backend.state).toBe('failed');
      await core.backends.update('lab', labConfig, patient);
      expect((await core.backends.get('lab')).backend.state).toBe('online');
    });

    it('with volumes are marked, serve what is left, and go with the last one', async () => {
      await create('v1');
      await create('v2');
      await core.backends.remove('lab', patient);
      await core.backends.remove('lab', patient);
      const view = await core.backends.get('lab');
      expect(view.backend.state).toBe('deleting');
      expect(view.poolClasses).toEqual({ p1: [], p2: [] });
      await expect(core.backends.updateState('lab', { state: '', userState: 'suspended' }, patient)).rejects.toThrow(
        "the backend 'lab' is currently not in any of the expected states: offline, online, or failed. Its current state is 'deleting'",
      );
      await expect(create('v3')).rejects.toThrow('no available backends for storage class any');
      await publish('v1', 'n1');
      await core.backends.update('lab', labConfig, patient);
      await core.poll(patient);
      expect((await core.backends.get('lab')).backend.state).toBe('deleting');
      await Promise.all([core.volumes.remove('v1', patient), core.volumes.remove('v2', patient)]);
      expect(await core.backends.names()).toEqual([]);
      await expect(core.backends.remove('lab', patient)).rejects.toThrow('backend lab was not found');
    });

    it('are polled: offline with a reason, online again, and access repaired', async () => {
      await create('v1');
      await publish('v1', 'n1');
      array.ill = 'data LIFs down';
      await core.poll(patient);
      expect((await core.backends.get('lab')).backend).toMatchObject({
        state: 'offline',
        stateReason: 'data LIFs down',
      });
      await expect(create('v2')).rejects.toThrow('no available backends');
      await core.publications.unpublish('v1', 'n1', patient);
      array.ill = '';
      await core.poll(patient);
      expect((await core.backends.get('lab')).backend).toMatchObject({ state: 'online', stateReason: '' });
      await publish('v1', 'n1');
      array.volumes.get('lab_v1')?.grants.clear();
      await core.poll(patient);
      await expectAgreement(core, array);
    });
  });

  describe('storage classes', () => {
    it('are added once, in canonical form, and list their pools', async () => {
      const view = await core.storageClasses.add(
        storageClass('gold', { version: '', attributes: { snapshots: '1' }, storagePools: { 'l.*': ['2'] } }),
      );
      expect(view).toMatchObject({
        storageClass: { version: '1', attributes: { snapshots: 'true' } },
        storage: { lab: ['p2'] },
      });
      await expect(core.storageClasses.add(storageClass('gold'))).rejects.toMatchObject({
        kind: 'exists',
        message: 'storage class gold already exists',
      });
      expect((await core.backends.get('lab')).poolClasses).toEqual({ p1: ['any'], p2: ['any', 'gold'] });
      await core.storageClasses.remove('gold');
      await expect(core.storageClasses.remove('gold')).rejects.toThrow('storage class gold not found');
      await expect(core.storageClasses.get('gold')).rejects.toThrow('storage class gold was not found');
    });
  });

  describe('many at once', () => {
    it('run beside each other on different volumes and after each other on one', async () => {
      const names = Array.from({ length: 40 }, (_, index) => `v${String(index).padStart(2, '0')}`);
      await Promise.all(names.map((name) => create(name)));
      await Promise.all(
        names.flatMap((name) => [
          core.volumes.resize(name, '2Gi', patient),
          snap(name, 's1'),
          publish(name, 'n1'),
          publish(name, 'n2'),
        ]),
      );
      await Promise.all(names.map((name) => core.publications.unpublish(name, 'n1', patient)));
      expect(await core.volumes.names()).toEqual(names);
      await expectAgreement(core, array);
      const taken = await Promise.allSettled(Array.from({ length: 8 }, () => create('same')));
      expect(taken.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      await expectAgreement(core, array);
    });

    it('end when their signal aborts, leave nothing and say so', async () => {
      const controller = new AbortController();
      array.fault = (call) => {
        if (!call.startsWith('createVolume')) return undefined;
        controller.abort();
        return 'lost';
      };
      await expect(core.volumes.create(volumeRequest('v1'), controller)).rejects.toMatchObject({ kind: 'interrupted' });
      array.fault = undefined;
      await expectAgreement(core, array);
      await expect(core.volumes.create(volumeRequest('v1'), controller)).rejects.toThrow();
    });
  });

  describe('the journal', () => {
    it('tells what happened, newest first, and holds no configuration', async () => {
      await create('v1');
      await core.volumes.remove('v1', patient);
      const [last, before] = await core.operations.list();
      expect(last).toMatchObject({ kind: 'volume.delete', subject: 'volume v1', outcome: 'done', owner: store.owner });
      expect(before).toMatchObject({ kind: 'volume.create', outcome: 'done' });
      expect(await core.operations.get(last?.id ?? '')).toEqual(last);
      await expect(core.operations.get('nope')).rejects.toMatchObject({ kind: 'notFound' });
    });

    it('keeps a failed deletion and finishes it with the next command on the volume', async () => {
      await create('v1');
      array.fault = () => 'lost';
      await expect(core.volumes.remove('v1', patient)).rejects.toMatchObject({
        kind: 'unavailable',
        hint: expect.stringContaining('will be finished'),
      });
      expect((await core.operations.list())[0]).toMatchObject({
        outcome: 'stuck',
        reason: 'the array does not answer',
      });
      array.fault = () => 'unreachable';
      await expect(core.volumes.resize('v1', '2Gi', patient)).rejects.toThrow(
        'unable to process the preexisting transaction for volume v1:  the array does not answer',
      );
      await core.volumes.get('v1');
      array.fault = undefined;
      await expect(core.volumes.resize('v1', '2Gi', patient)).rejects.toThrow('volume v1 not found');
      await expectAgreement(core, array);
    });

    it('does not grow without end', async () => {
      for (let index = 0; index < 800; index++) {
        const userState = index % 2 === 0 ? 'suspended' : 'normal';
        await core.backends.updateState('lab', { state: '', userState }, patient);
      }
      await create('v1');
      expect((await core.operations.list()).length).toBeLessThanOrEqual(760);
    });
  });
});
