import { describe, expect, test } from 'vitest';
import type { VolumeHandle } from '../../src/engine/drivers/objects.ts';
import type { GroupHolder, GroupSnapshots } from '../../src/engine/drivers/group-snapshots.ts';
import type { DriverUnderTest } from './driver-bench.ts';
import { Bench, problemOf, signal } from './driver-bench.ts';

const member = 'snapshot-13f0c2aa-1d2e-4b3c-9a8f-77b6a5c4d3e2';
const groupPath = '/application/consistency-groups';

const groupsOf = ({ driver }: Bench): GroupSnapshots => {
  if (driver.groups === undefined) throw new Error('the driver has no group snapshots');
  return driver.groups;
};

const furnished = async (bench: Bench, count: number): Promise<readonly VolumeHandle[]> => {
  const volumes: VolumeHandle[] = [];
  for (let n = 0; n < count; n++) volumes.push(await bench.create());
  return volumes;
};

/** Takes and collects, as the orchestrator does. */
const taken = async (bench: Bench, volumes: readonly VolumeHandle[], name = member) => {
  const groups = groupsOf(bench);
  await groups.take(await groups.holders(volumes, signal()), name, signal());
  return groups.collect(volumes, name, signal());
};

const groupNames = async (bench: Bench) => (await bench.list(groupPath)).map(({ name }) => String(name));

/** What every driver with group snapshots promises. */
export const groupConformance = (under: DriverUnderTest): void => {
  describe(`${under.name}: group snapshots`, () => {
    test('are of one instant, in the order of the volumes, and leave no group', async () => {
      await using bench = await Bench.open(under);
      const volumes = await furnished(bench, 3);
      const snapshots = await taken(bench, volumes);
      expect(snapshots.map(({ internalName }) => internalName)).toEqual([member, member, member]);
      expect(new Set(snapshots.map(({ created }) => created)).size).toBe(1);
      for (const [index, volume] of volumes.entries())
        expect(await bench.driver.findSnapshot(volume, member, signal())).toEqual(snapshots[index]);
      expect(await groupNames(bench)).toEqual([]);
      for (const [index, volume] of volumes.entries()) {
        const handle = { name: member, internalName: member, ref: snapshots[index]?.ref ?? {} };
        await bench.driver.deleteSnapshot(volume, handle, signal());
      }
      expect((await bench.inventory()).snapshots).toEqual([]);
    });

    test('are an ordinary snapshot where one volume is asked for', async () => {
      await using bench = await Bench.open(under);
      const volumes = await furnished(bench, 1);
      const asked = bench.array.requests.count({ path: `/api${groupPath}` });
      expect(await taken(bench, volumes)).toHaveLength(1);
      expect(bench.array.requests.count({ path: `/api${groupPath}` })).toBe(asked);
    });

    test('cost three calls, and one for each volume', async () => {
      await using bench = await Bench.open(under, { settings: { returnTimeoutSeconds: 15 } });
      const volumes = await furnished(bench, 4);
      expect(await bench.count(() => taken(bench, volumes))).toBeLessThanOrEqual(3 + volumes.length);
    });

    test('of many groups at once do not get in each other’s way', async () => {
      await using bench = await Bench.open(under);
      const pairs = [await furnished(bench, 2), await furnished(bench, 2), await furnished(bench, 2)];
      const all = await Promise.all(pairs.map((pair, index) => taken(bench, pair, `snapshot-daily-${index}-backup`)));
      expect(all.flat()).toHaveLength(6);
      expect(await groupNames(bench)).toEqual([]);
    });

    test('of a volume that is in a group of somebody else are refused, and nothing is left', async () => {
      await using bench = await Bench.open(under);
      const volumes = await furnished(bench, 2);
      const [first] = volumes;
      const body = {
        name: 'theirs',
        svm: { name: 'svm0' },
        volumes: [{ name: first?.config.internalName, provisioning_options: { action: 'add' } }],
      };
      await bench.array.call('POST', groupPath, body);
      const problem = await problemOf(taken(bench, volumes));
      expect(problem).toMatchObject({ code: 'group.volume-in-group', kind: 'conflict', array: { code: '53411865' } });
      expect(problem.message).toContain('theirs');
      await groupsOf(bench).discard(volumes, member, new Date(Date.now() - 1000), signal());
      expect(await groupNames(bench)).toEqual(['theirs']);
      expect((await bench.inventory()).snapshots).toEqual([]);
    });

    test('whose name is taken in one volume are taken in none', async () => {
      await using bench = await Bench.open(under);
      const volumes = await furnished(bench, 2);
      const [, second] = volumes;
      if (second === undefined) throw new Error('no second volume');
      await bench.snapshot(second, member);
      const since = new Date(Date.now() + 3_600_000);
      const problem = await problemOf(taken(bench, volumes));
      expect(problem).toMatchObject({ array: { code: '53411921' }, nothingDone: false });
      // Older than the operation: not ours to remove.
      expect(await groupsOf(bench).discard(volumes, member, since, signal())).toEqual([
        `snapshot ${member} of volume ${second.config.internalName} was on the array before and was left alone`,
      ]);
      expect(await groupNames(bench)).toEqual([]);
      expect((await bench.inventory()).snapshots).toEqual([`${second.config.internalName}/${member}`]);
    });
  });

  describe(`${under.name}: group snapshots that are cut off`, () => {
    const requests = [
      ['the group', { method: 'POST', path: `/api${groupPath}` }],
      ['the snapshot', { method: 'POST', path: `/api${groupPath}/*/snapshots` }],
      ['its removal', { method: 'DELETE', path: `/api${groupPath}/*` }],
    ] as const;

    test.each(requests)('are there all the same when the answer about %s is lost', async (_what, when) => {
      await using bench = await Bench.open(under);
      const volumes = await furnished(bench, 2);
      bench.strike({ ...when, count: 1 }, { type: 'drop-reply' });
      expect(await taken(bench, volumes)).toHaveLength(2);
      expect(await groupNames(bench)).toEqual([]);
    });

    test.each(requests)('are taken back when %s is refused', async (_what, when) => {
      await using bench = await Bench.open(under);
      const volumes = await furnished(bench, 2);
      const since = new Date();
      bench.strike(when, { type: 'refuse', status: 409, code: '53411856', message: 'not now' });
      expect(await problemOf(taken(bench, volumes))).toMatchObject({ array: { message: 'not now' } });
      bench.array.faults.clear();
      for (let time = 0; time < 2; time++)
        expect(await groupsOf(bench).discard(volumes, member, since, signal())).toEqual([]);
      expect(await groupNames(bench)).toEqual([]);
      expect((await bench.inventory()).snapshots).toEqual([]);
    });

    test.each([1, 2, 3, 4, 5])('leave nothing when the process dies after call %i', async (calls) => {
      await using bench = await Bench.open(under);
      const volumes = await furnished(bench, 2);
      const since = new Date();
      const holders: readonly GroupHolder[] = await groupsOf(bench).holders(volumes, signal());
      // From that call on nothing gets through any more.
      bench.strike({ path: '/api/**', skip: calls }, { type: 'drop-request' });
      const caller = new AbortController();
      const end = groupsOf(bench).take(holders, member, caller.signal);
      const timer = setTimeout(() => caller.abort(new Error('gone')), 150);
      await end.catch(() => undefined);
      clearTimeout(timer);
      bench.array.faults.clear();
      await groupsOf(bench).discard(volumes, member, since, signal());
      expect(await groupNames(bench)).toEqual([]);
      expect((await bench.inventory()).snapshots).toEqual([]);
    });

    test('are not called absent while the array still makes the group', async () => {
      await using bench = await Bench.open(under, { settings: { jobTimeoutMs: 60 } });
      const volumes = await furnished(bench, 2);
      const since = new Date();
      bench.strike({ method: 'POST', path: `/api${groupPath}` }, { type: 'job-stall' });
      expect(await problemOf(taken(bench, volumes))).toMatchObject({ code: 'array.job-unfinished' });
      expect(await problemOf(groupsOf(bench).discard(volumes, member, since, signal()))).toMatchObject({
        code: 'array.job-unfinished',
      });
    });
  });
};

/** What every driver promises whose volumes ONTAP takes by themselves only. */
export const lonerConformance = (under: DriverUnderTest, noun: string): void => {
  describe(`${under.name}: group snapshots of one`, () => {
    test('are ordinary snapshots', async () => {
      await using bench = await Bench.open(under);
      const [volume, other] = await furnished(bench, 2);
      if (volume === undefined || other === undefined) throw new Error('no volumes');
      const { check, target } = groupsOf(bench);
      expect(() => check?.call(groupsOf(bench), [volume])).not.toThrow();
      expect(target).toMatch(new RegExp(`/${noun}$`));
      const [made] = await taken(bench, [volume]);
      expect(made).toMatchObject({ internalName: member });
      expect(await bench.driver.findSnapshot(volume, member, signal())).toEqual(made);
      expect(await bench.driver.findSnapshot(other, member, signal())).toBeUndefined();
      expect(bench.array.requests.count({ path: `/api${groupPath}` })).toBe(0);
      await bench.driver.deleteSnapshot(volume, { name: member, internalName: member, ref: made?.ref ?? {} }, signal());
    });

    test('are taken back, unless they are older', async () => {
      await using bench = await Bench.open(under);
      const volumes = await furnished(bench, 1);
      await taken(bench, volumes);
      const later = new Date(Date.now() + 3_600_000);
      const name = volumes[0]?.config.internalName;
      expect(await groupsOf(bench).discard(volumes, member, later, signal())).toEqual([
        `snapshot ${member} of volume ${name} was on the array before and was left alone`,
      ]);
      for (let time = 0; time < 2; time++)
        expect(await groupsOf(bench).discard(volumes, member, new Date(Date.now() - 60_000), signal())).toEqual([]);
      expect(await bench.driver.listSnapshots(volumes[0] ?? missing(), signal())).toEqual([]);
    });

    test('are the only ones: several are refused before anything is done', async () => {
      await using bench = await Bench.open(under);
      const volumes = await furnished(bench, 2);
      expect(() => groupsOf(bench).check?.(volumes)).toThrowError(
        expect.objectContaining({
          code: 'groupsnapshot.alone',
          kind: 'unsupported',
          message: expect.stringMatching(
            /^volumes pvc-1, pvc-2 cannot be snapshotted at one instant: consistency groups/,
          ),
          hint: `take group snapshots of one ${noun} each, or snapshots`,
          nothingDone: true,
        }),
      );
    });
  });
};

const missing = (): never => {
  throw new Error('no volume');
};
