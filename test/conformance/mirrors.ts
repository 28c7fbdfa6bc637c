import { describe, expect, test } from 'vitest';
import type { VolumeHandle } from '../../src/engine/drivers/objects.ts';
import type { MirrorStatus } from '../../src/engine/drivers/mirrors.ts';
import type { JsonObject } from '../../src/engine/json.ts';
import type { NodeRecord } from '../../src/engine/orchestrator/model.ts';
import type { DriverUnderTest } from './driver-bench.ts';
import { problemOf, signal } from './driver-bench.ts';
import { MirrorBench } from './mirror-bench.ts';

const wish = (remote: string, more: Partial<{ policy: string; schedule: string }> = {}) => ({
  remote,
  policy: '',
  schedule: '',
  ...more,
});

/** What the orchestrator gives the driver from then on. */
const after = (volume: VolumeHandle, { ref }: MirrorStatus): VolumeHandle => ({ ...volume, ref });

/** A clock that stands until it is moved, and transfers that take ten minutes on it. */
const slow = { clock: { frozenAt: new Date('2026-03-01T12:00:00Z') }, pace: { transferMs: 600_000 } };

/** How a promoted volume is given to a node. */
export interface Publishing {
  readonly config: JsonObject;
  readonly node: NodeRecord;
  /** Nodes do not get what they could only read. */
  readonly readOnlyRefused: boolean;
  /** What the node is told at least. */
  readonly told: (copy: VolumeHandle) => object;
  /** What the array shows of the volume then, at least. */
  readonly shown: (copy: VolumeHandle) => object;
}

/** What every driver that mirrors promises. */
export const mirrorConformance = (under: DriverUnderTest, publishing: Publishing): void => {
  describe(`${under.name}: mirrors`, () => {
    test('are established, and promoted into volumes of their own', async () => {
      await using bench = await MirrorBench.open(under);
      const { copy, remote } = await bench.volumes();
      const { mirrors } = bench.copy;
      expect(await bench.copy.look(copy)).toMatchObject({ type: 'dp' });
      expect(await mirrors.status(copy, remote, signal())).toMatchObject({ state: 'none', remote: '' });
      const first = await mirrors.establish(copy, wish(remote, { policy: 'MirrorAllSnapshots' }), signal());
      expect(first).toMatchObject({
        state: 'established',
        healthy: true,
        remote,
        local: bench.copy.handle(copy),
        policy: 'MirrorAllSnapshots',
        transfer: { state: 'done', ended: expect.stringMatching(/^\d{4}-.*Z$/) },
      });
      const established = after(copy, first);
      const second = await mirrors.establish(established, wish(remote), signal());
      expect(second).toEqual(first);
      expect(await bench.copy.relationships()).toHaveLength(1);
      const { waiting, status } = await mirrors.promote(established, remote, '', signal());
      expect({ waiting, state: status.state }).toEqual({ waiting: false, state: 'promoted' });
      expect(await bench.copy.look(copy)).toMatchObject({ type: 'rw' });
      expect(await bench.copy.relationships()).toEqual([]);
      const promoted = after(copy, status);
      expect(await mirrors.promote(promoted, remote, '', signal())).toMatchObject({ waiting: false });
      expect(await mirrors.status(promoted, remote, signal())).toMatchObject({ state: 'promoted' });
    });

    test('are established again after a promotion, and follow the source again', async () => {
      await using bench = await MirrorBench.open(under);
      const { volume, copy, remote } = await bench.volumes();
      const { mirrors } = bench.copy;
      let handle = after(copy, await mirrors.establish(copy, wish(remote), signal()));
      handle = after(copy, (await mirrors.promote(handle, remote, '', signal())).status);
      expect(await problemOf(mirrors.establish(handle, wish(remote), signal()))).toMatchObject({
        code: 'mirror.not-destination',
        kind: 'conflict',
        nothingDone: true,
      });
      for (let time = 0; time < 2; time++) {
        const status = await mirrors.reestablish(handle, wish(remote), signal());
        expect(status).toMatchObject({ state: 'established', healthy: true, remote });
        handle = after(copy, status);
      }
      expect(await bench.copy.look(copy)).toMatchObject({ type: 'dp' });
      await bench.source.driver.createSnapshot(volume, 'later', signal());
      const updated = await mirrors.update(handle, 'later', signal());
      expect(updated.transfer.state).toBe('done');
      expect((await bench.copy.driver.findSnapshot(copy, 'later', signal()))?.internalName).toBe('later');
    });

    test('are as large as their record says once they are promoted, where the array lets them', async () => {
      await using bench = await MirrorBench.open(under);
      const { volume, copy, remote } = await bench.volumes();
      const { mirrors } = bench.copy;
      const established = after(copy, await mirrors.establish(copy, wish(remote), signal()));
      const sized = (bytes: number) => ({ ...established, config: { ...established.config, size: bytes } });
      const { size } = volume.config;
      // oxlint-disable-next-line unicorn/no-thenable -- the simulator's own word in its fault files
      const refusal = { type: 'refuse', status: 400, code: '917927', message: 'no room' } as const;
      bench.copy.array.faults.add({ when: { method: 'PATCH', path: '/api/storage/volumes/*' }, then: refusal });
      expect(await mirrors.promote(sized(2 * size), remote, '', signal())).toMatchObject({ waiting: false, size });
      bench.copy.array.faults.clear();
      expect(await mirrors.promote(sized(2 * size), remote, '', signal())).toMatchObject({ size: 2 * size });
      expect(Number((await bench.copy.look(copy))?.['size'])).toBeGreaterThanOrEqual(2 * size);
      expect(await mirrors.promote(sized(size / 2), remote, '', signal())).toMatchObject({ size: 2 * size });
    });

    test('that cannot be looked at once they are promoted are not said to be as before', async () => {
      await using bench = await MirrorBench.open(under);
      const { copy, remote } = await bench.volumes();
      const { mirrors } = bench.copy;
      const established = after(copy, await mirrors.establish(copy, wish(remote), signal()));
      // oxlint-disable-next-line unicorn/no-thenable -- the simulator's own word in its fault files
      const refusal = { type: 'refuse', status: 400, code: '917927', message: 'not now' } as const;
      for (const path of ['/api/storage/volumes/*', '/api/storage/luns', '/api/storage/namespaces'])
        bench.copy.array.faults.add({ when: { method: 'GET', path }, then: refusal });
      const problem = await problemOf(mirrors.promote(established, remote, '', signal()));
      expect(problem).toMatchObject({ array: { code: '917927' }, nothingDone: false });
      bench.copy.array.faults.clear();
      expect(await mirrors.promote(established, remote, '', signal())).toMatchObject({ status: { state: 'promoted' } });
    });

    test('wait for the snapshot that they are to be promoted at, and go back to it', async () => {
      await using bench = await MirrorBench.open(under);
      const { volume, copy, remote } = await bench.volumes();
      const { mirrors } = bench.copy;
      const policy = { policy: 'MirrorAllSnapshots' };
      const handle = after(copy, await mirrors.establish(copy, wish(remote, policy), signal()));
      await bench.source.driver.createSnapshot(volume, 'cut', signal());
      expect(await mirrors.promote(handle, remote, 'cut', signal())).toMatchObject({
        waiting: true,
        status: { state: 'established' },
      });
      await mirrors.update(handle, '', signal());
      await bench.source.driver.createSnapshot(volume, 'too_late', signal());
      expect(await mirrors.promote(handle, remote, 'cut', signal())).toMatchObject({ waiting: false });
      expect((await bench.copy.driver.listSnapshots(copy, signal())).map(({ internalName }) => internalName)).toContain(
        'cut',
      );
    });

    test('tell what is under way, and can be promoted while a transfer runs', async () => {
      await using bench = await MirrorBench.open(under, { array: slow });
      const { copy, remote } = await bench.volumes();
      const { mirrors } = bench.copy;
      const first = await mirrors.establish(copy, wish(remote), signal());
      expect(first).toMatchObject({ state: 'establishing', transfer: { state: 'running', ended: '' } });
      const handle = after(copy, first);
      // Established again while it is being established: nothing new is begun.
      expect((await mirrors.establish(handle, wish(remote), signal())).transfer.state).toBe('running');
      expect(await problemOf(mirrors.promote(handle, remote, '', signal()))).toMatchObject({
        code: 'mirror.uninitialized',
        kind: 'conflict',
      });
      bench.pair.advance(600_000);
      expect(await mirrors.status(handle, remote, signal())).toMatchObject({
        state: 'established',
        transfer: { state: 'done', ended: '2026-03-01T12:10:00Z' },
      });
      expect((await mirrors.update(handle, '', signal())).transfer.state).toBe('running');
      expect((await mirrors.update(handle, '', signal())).transfer.state).toBe('running');
      expect(await mirrors.promote(handle, remote, '', signal())).toMatchObject({ waiting: false });
      expect(await bench.copy.look(copy)).toMatchObject({ type: 'rw' });
    });

    test('go by policy and schedule of the request, else of the backend', async () => {
      await using bench = await MirrorBench.open(under, {
        config: { replicationPolicy: 'MirrorAllSnapshots', replicationSchedule: 'hourly' },
      });
      const [one, two] = [await bench.volumes(), await bench.volumes()];
      const { mirrors } = bench.copy;
      expect(await mirrors.establish(one.copy, wish(one.remote), signal())).toMatchObject({
        policy: 'MirrorAllSnapshots',
        schedule: 'hourly',
      });
      // A synchronous one is always up to date.
      const sync = await mirrors.establish(two.copy, wish(two.remote, { policy: 'Sync' }), signal());
      expect(sync).toMatchObject({ policy: 'Sync', schedule: '', state: 'established' });
      expect(await problemOf(mirrors.update(after(two.copy, sync), '', signal()))).toMatchObject({
        code: 'mirror.synchronous',
      });
      expect(await mirrors.promote(after(two.copy, sync), two.remote, 'any', signal())).toMatchObject({
        waiting: false,
      });
    });

    test.each([
      ['replicationPolicy', 'nope', 'there is no SnapMirror policy nope for SVM'],
      [
        'replicationPolicy',
        'MirrorLatest',
        'SnapMirror policy MirrorLatest is neither synchronous nor one that copies',
      ],
      ['replicationSchedule', 'nope', 'there is no schedule nope on the array'],
    ])('are looked for when a backend is opened with %s: %s', async (key, value, message) => {
      const problem = await problemOf(MirrorBench.open(under, { config: { [key]: value } }));
      expect(problem).toMatchObject({ code: 'config.invalid', kind: 'invalid', path: [key] });
      expect(problem.message).toContain(`${key}: ${message}`);
      expect(problem.hint).not.toBeUndefined();
    });

    test.each([
      ['an unknown policy', { policy: 'nope' }, 'mirror.policy'],
      ['a policy that copies some snapshots only', { policy: 'MirrorLatest' }, 'mirror.policy'],
      ['an unknown schedule', { policy: 'MirrorAllSnapshots', schedule: 'nope' }, 'mirror.schedule'],
    ])('refuse %s before anything is changed', async (_what, more, code) => {
      await using bench = await MirrorBench.open(under);
      const { copy, remote } = await bench.volumes();
      const problem = await problemOf(bench.copy.mirrors.establish(copy, wish(remote, more), signal()));
      expect(problem).toMatchObject({ code, kind: 'invalid', nothingDone: true });
      expect(problem.hint).not.toBeUndefined();
      expect(await bench.copy.relationships()).toEqual([]);
    });

    test('refuse what they cannot mirror', async () => {
      await using bench = await MirrorBench.open(under);
      const { copy, remote } = await bench.volumes();
      const { mirrors } = bench.copy;
      for (const wrong of ['', 'nothing', 'svm0:/cg', ':v', 'a b:c'])
        expect(await problemOf(mirrors.establish(copy, wish(wrong), signal()))).toMatchObject({
          code: 'mirror.handle',
          kind: 'invalid',
        });
      expect(await problemOf(mirrors.establish(copy, wish('elsewhere:v'), signal()))).toMatchObject({
        code: 'mirror.not-peered',
      });
      expect(await problemOf(mirrors.establish(copy, wish(`${bench.source.svm}:nothing`), signal()))).toMatchObject({
        array: { code: '917927' },
      });
      expect(await problemOf(mirrors.promote(copy, remote, '', signal()))).toMatchObject({
        code: 'mirror.no-relationship',
      });
      expect(await problemOf(mirrors.update(copy, '', signal()))).toMatchObject({ code: 'mirror.not-established' });
      const handle = after(copy, await mirrors.establish(copy, wish(remote), signal()));
      const other = bench.source.handle(await bench.source.create());
      expect(await problemOf(mirrors.establish(handle, wish(other), signal()))).toMatchObject({
        code: 'mirror.other-source',
        nothingDone: true,
      });
    });

    test('need a peered SVM before the volume is made', async () => {
      await using bench = await MirrorBench.open(under, { peers: [] });
      const request = { mirrorDestination: true, requiredPeerVolumeHandle: `${bench.source.svm}:v` };
      expect(await problemOf(bench.copy.create(request))).toMatchObject({
        code: 'mirror.not-peered',
        nothingDone: true,
      });
    });
  });

  describe(`${under.name}: volumes with mirrors`, () => {
    test('are deleted with their relationships, from either side', async () => {
      await using bench = await MirrorBench.open(under);
      const [one, two] = [await bench.volumes(), await bench.volumes()];
      const { mirrors } = bench.copy;
      const handle = after(one.copy, await mirrors.establish(one.copy, wish(one.remote), signal()));
      await mirrors.establish(two.copy, wish(two.remote), signal());
      for (let time = 0; time < 2; time++) await bench.copy.driver.deleteVolume(handle, signal());
      expect(await bench.source.relationships('source')).toHaveLength(1);
      for (let time = 0; time < 2; time++) await bench.source.driver.deleteVolume(two.volume, signal());
      expect(await bench.source.look(two.volume)).toBeUndefined();
      expect(await bench.source.relationships('source')).toEqual([]);
      await bench.source.driver.deleteVolume(one.volume, signal());
      await bench.copy.driver.deleteVolume(two.copy, signal());
      expect(await bench.copy.relationships()).toEqual([]);
    });

    test('cost no more to delete when they have none', async () => {
      await using bench = await MirrorBench.open(under);
      const volume = await bench.source.create();
      const before = bench.source.array.requests.count({ path: '/api/snapmirror/**' });
      await bench.source.driver.deleteVolume(volume, signal());
      expect(bench.source.array.requests.count({ path: '/api/snapmirror/**' })).toBe(before);
    });

    test('are forgotten by their source when it is told to', async () => {
      await using bench = await MirrorBench.open(under);
      const { volume, copy, remote } = await bench.volumes();
      await bench.copy.mirrors.establish(copy, wish(remote), signal());
      const { mirrors } = bench.source;
      expect(await mirrors.release(volume, 'svm9:other', signal())).toEqual([]);
      expect(await mirrors.release(volume, '', signal())).toEqual([bench.copy.handle(copy)]);
      expect(await mirrors.release(volume, '', signal())).toEqual([]);
      expect(await bench.source.relationships('source')).toEqual([]);
    });

    test.runIf(publishing.readOnlyRefused)('are no use to nodes before they are promoted', async () => {
      await using bench = await MirrorBench.open(under, { config: publishing.config });
      const { copy, remote } = await bench.volumes();
      const { mirrors } = bench.copy;
      const publish = (volume: VolumeHandle, readOnly: boolean) =>
        bench.copy.driver.publish(
          { volume, node: publishing.node, nodes: [publishing.node], readOnly, accessMode: 5 },
          signal(),
        );
      const refusal = {
        code: 'mirror.read-only',
        kind: 'conflict',
        message: `volume ${copy.config.name} is the destination of a mirror of ${remote}: nodes cannot write to it`,
        hint: 'promote the mirror first',
        nothingDone: true,
      };
      expect(await problemOf(publish(copy, false))).toMatchObject(refusal);
      const established = after(copy, await mirrors.establish(copy, wish(remote), signal()));
      for (const readOnly of [false, true])
        expect(await problemOf(publish(established, readOnly))).toMatchObject(refusal);
      // Promoted by somebody who does not tell.
      await mirrors.promote(established, remote, '', signal());
      expect((await publish(established, false)).accessInformation).toMatchObject(publishing.told(copy));
    });

    test('have no snapshots but those of their source', async () => {
      await using bench = await MirrorBench.open(under);
      const { copy, remote } = await bench.volumes();
      const handle = after(copy, await bench.copy.mirrors.establish(copy, wish(remote), signal()));
      expect(await problemOf(bench.copy.driver.createSnapshot(handle, 'own', signal()))).toMatchObject({
        message: expect.stringContaining('Snapshots can only be created in read-write volumes'),
        array: { code: '1638461' },
        nothingDone: true,
      });
    });

    test('can be published once they are promoted', async () => {
      await using bench = await MirrorBench.open(under, { config: publishing.config });
      const { copy, remote } = await bench.volumes();
      const { mirrors } = bench.copy;
      let handle = after(copy, await mirrors.establish(copy, wish(remote), signal()));
      handle = after(copy, (await mirrors.promote(handle, remote, '', signal())).status);
      const request = {
        volume: handle,
        node: publishing.node,
        nodes: [publishing.node],
        readOnly: false,
        accessMode: 5,
      };
      const { accessInformation } = await bench.copy.driver.publish(request, signal());
      expect(accessInformation).toMatchObject(publishing.told(copy));
      expect(await bench.copy.look(copy)).toMatchObject(publishing.shown(copy));
    });
  });

  describe(`${under.name}: mirrors that are cut off`, () => {
    const path = '/api/snapmirror/relationships';
    const requests = [
      ['the relationship', { method: 'POST', path }],
      ['the transfer', { method: 'POST', path: `${path}/*/transfers` }],
    ] as const;

    test.each(requests)('are established all the same when the answer about %s is lost', async (_what, when) => {
      await using bench = await MirrorBench.open(under);
      const { copy, remote } = await bench.volumes();
      // oxlint-disable-next-line unicorn/no-thenable -- the simulator's own word in its fault files
      bench.copy.array.faults.add({ when: { ...when, count: 1 }, then: { type: 'drop-reply' } });
      expect(await bench.copy.mirrors.establish(copy, wish(remote), signal())).toMatchObject({ state: 'established' });
      expect(await bench.copy.relationships()).toHaveLength(1);
    });

    test.each([1, 2, 3, 4, 5, 6, 7, 8])('are promoted when it is tried again after call %i failed', async (nth) => {
      await using bench = await MirrorBench.open(under);
      const { copy, remote } = await bench.volumes();
      const { mirrors } = bench.copy;
      const handle = after(copy, await mirrors.establish(copy, wish(remote), signal()));
      const refusal = { type: 'refuse', status: 500, code: '1', message: 'broken' } as const;
      // oxlint-disable-next-line unicorn/no-thenable -- the simulator's own word in its fault files
      bench.copy.array.faults.add({ when: { path: '/api/**', skip: nth - 1 }, then: refusal });
      await mirrors.promote(handle, remote, '', signal()).catch(() => undefined);
      bench.copy.array.faults.clear();
      // The handle that the orchestrator has still is the old one.
      expect(await mirrors.promote(handle, remote, '', signal())).toMatchObject({ status: { state: 'promoted' } });
      expect(await bench.copy.look(copy)).toMatchObject({ type: 'rw' });
      expect(await bench.copy.relationships()).toEqual([]);
    });
  });
};
