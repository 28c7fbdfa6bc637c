import { describe, expect, test } from 'vitest';
import { emptyVolumeConfig } from '../../src/engine/orchestrator/model.ts';
import type { ImportPlan, VolumeHandle } from '../../src/engine/drivers/objects.ts';
import type { FaultAction } from '../../src/simulator/core/fault-rules.ts';
import type { DriverUnderTest } from './driver-bench.ts';
import { Bench, handleOf, journalled, node, problemOf, signal, snapshotOf } from './driver-bench.ts';

/** An operation on objects of its own: set up first, then done once; leaves things so that `check` can look. */
interface Operation {
  readonly name: string;
  prepare(bench: Bench): Promise<() => Promise<() => Promise<void>>>;
}

const there = async (bench: Bench, name: string) => (await bench.under.objects.look(bench, name)) !== undefined;

/** Unless the driver is tried with another one: several nodes write. */
const accessModeOf = (bench: Bench): number => bench.under.accessMode ?? 5;

/** Every operation of the contract that changes the array, each with what must hold after it. */
const operations: readonly Operation[] = [
  {
    name: 'create',
    async prepare(bench) {
      const plan = bench.plan();
      return async () => {
        const volume = handleOf(plan.config, await bench.driver.createVolume(plan, signal()));
        return async () => {
          // What was just made may not be seen at once.
          await expect.poll(() => bench.driver.volumeExists(volume, signal())).toBe(true);
          expect(volume.config.size).toBe(2 ** 30);
        };
      };
    },
  },
  {
    name: 'delete',
    async prepare(bench) {
      const volume = await bench.create();
      return async () => {
        await bench.driver.deleteVolume(volume, signal());
        return async () => expect(await there(bench, volume.config.internalName)).toBe(false);
      };
    },
  },
  {
    name: 'resize',
    async prepare(bench) {
      const volume = await bench.create();
      return async () => {
        const { size } = await bench.driver.resizeVolume(volume, 2 ** 31, signal());
        return async () => {
          expect(size).toBe(2 ** 31);
          expect(await bench.under.objects.size(bench, volume.config.internalName)).toBeGreaterThanOrEqual(2 ** 31);
        };
      };
    },
  },
  {
    name: 'snapshot',
    async prepare(bench) {
      const volume = await bench.create();
      return async () => {
        const name = `s1-${volume.config.name}`;
        const made = await bench.driver.createSnapshot(volume, name, signal());
        return async () => {
          expect(made.internalName).toBe(name);
          expect(made.created).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
          const shown = async () => (await bench.inventory()).snapshots.some((each) => each.endsWith(`/${name}`));
          await expect.poll(shown).toBe(true);
        };
      };
    },
  },
  {
    name: 'delete snapshot',
    async prepare(bench) {
      const volume = await bench.create();
      const snapshot = await bench.snapshot(volume, `s1-${volume.config.name}`);
      return async () => {
        await bench.driver.deleteSnapshot(volume, snapshot, signal());
        return async () =>
          expect((await bench.inventory()).snapshots.some((each) => each.endsWith(`/${snapshot.name}`))).toBe(false);
      };
    },
  },
  {
    name: 'restore snapshot',
    async prepare(bench) {
      const volume = await bench.create();
      const snapshot = await bench.snapshot(volume, 's1');
      await bench.snapshot(volume, 's2');
      return async () => {
        const restored = await bench.driver.restoreSnapshot(volume, snapshot, signal());
        return async () => {
          expect(restored).toBe(2 ** 30);
          const later = await bench.driver.findSnapshot(volume, 's2', signal());
          expect(later !== undefined).toBe(bench.under.snapshotsStandAlone === true);
        };
      };
    },
  },
  {
    name: 'restore a snapshot that is older than a resize',
    async prepare(bench) {
      const small = await bench.create();
      const snapshot = await bench.snapshot(small, 's1');
      const { ref, size } = await bench.driver.resizeVolume(small, 2 ** 31, signal());
      const volume = journalled({ config: { ...small.config, size }, ref });
      return async () => {
        const restored = await bench.driver.restoreSnapshot(volume, snapshot, signal());
        return async () => {
          expect(restored).toBe(2 ** 31);
          expect(await bench.under.objects.size(bench, volume.config.internalName)).toBeGreaterThanOrEqual(2 ** 31);
        };
      };
    },
  },
  {
    name: 'clone from a snapshot',
    async prepare(bench) {
      const volume = await bench.create();
      const plan = bench.clonePlan(volume, await bench.snapshot(volume, 's1'));
      return async () => {
        const clone = handleOf(plan.config, await bench.driver.cloneVolume(plan, signal()));
        return async () => await expect.poll(() => bench.driver.volumeExists(clone, signal())).toBe(true);
      };
    },
  },
  {
    name: 'clone from a volume',
    async prepare(bench) {
      const volume = await bench.create();
      const plan = bench.clonePlan(volume, undefined);
      return async () => {
        const clone = handleOf(plan.config, await bench.driver.cloneVolume(plan, signal()));
        return async () => await expect.poll(() => bench.driver.volumeExists(clone, signal())).toBe(true);
      };
    },
  },
  {
    name: 'import, managed',
    async prepare(bench) {
      const original = `original_${bench.freshName().replace('-', '_')}`;
      const plan = await foreignImport(bench, original, bench.freshName());
      return async () => {
        const volume = handleOf(plan.config, await bench.driver.importVolume(plan, signal()));
        return async () => {
          expect(await there(bench, original)).toBe(!bench.under.renamesImports);
          expect(await there(bench, volume.config.internalName)).toBe(true);
          expect(await bench.driver.volumeExists(volume, signal())).toBe(true);
        };
      };
    },
  },
  {
    name: 'publish',
    async prepare(bench) {
      const volume = await bench.create();
      const n1 = node('n1', '10.0.0.1', '10.0.0.2');
      return async () => {
        const request = { volume, node: n1, nodes: [n1], readOnly: false, accessMode: accessModeOf(bench) };
        const published = await bench.driver.publish(request, signal());
        return async () => bench.under.access?.(published.accessInformation);
      };
    },
  },
  {
    name: 'publish again',
    async prepare(bench) {
      const n1 = node('n1', '10.0.0.1');
      const volume = await published(bench, await bench.create(), n1, [n1]);
      return async () => {
        const again = await published(bench, volume, n1, [n1]);
        return async () => expect(again).toEqual(volume);
      };
    },
  },
  {
    name: 'publish to a second node',
    async prepare(bench) {
      const [n1, n2] = [node('n1', '10.0.0.1'), node('n2', '10.0.0.2')];
      const volume = await published(bench, await bench.create(), n1, [n1]);
      return async () => {
        const request = { volume, node: n2, nodes: [n1, n2], readOnly: false, accessMode: accessModeOf(bench) };
        await bench.driver.publish(request, signal());
        return async () => {};
      };
    },
  },
  {
    name: 'unpublish, others remain',
    async prepare(bench) {
      const [n1, n2] = [node('n1', '10.0.0.1'), node('n2', '10.0.0.2')];
      const first = await published(bench, await bench.create(), n1, [n1]);
      const volume = await published(bench, first, n2, [n1, n2]);
      return async () => {
        await bench.driver.unpublish({ volume, node: n1, remaining: [n2] }, signal());
        return async () => {};
      };
    },
  },
  {
    name: 'unpublish, last node',
    async prepare(bench) {
      const n1 = node('n1', '10.0.0.1');
      const volume = await published(bench, await bench.create(), n1, [n1]);
      return async () => {
        await bench.driver.unpublish({ volume, node: n1, remaining: [] }, signal());
        return async () => {};
      };
    },
  },
];

/** The plan of a managed import of an object that somebody else made. */
const foreignImport = async (bench: Bench, original: string, name: string, more = {}): Promise<ImportPlan> => {
  const { objects } = bench.under;
  await objects.makeForeign(bench, original, more);
  const found = await bench.driver.findForImport(objects.importName(original), signal());
  if (found === undefined) throw new Error('the object to import is not found');
  const request = { ...emptyVolumeConfig, name };
  return journalled(bench.driver.planImport(request, objects.importName(original), journalled(found)));
};

export const published = async (
  bench: Bench,
  volume: VolumeHandle,
  to: ReturnType<typeof node>,
  nodes: readonly ReturnType<typeof node>[],
): Promise<VolumeHandle> => {
  const done = await bench.driver.publish(
    { volume, node: to, nodes, readOnly: false, accessMode: accessModeOf(bench) },
    signal(),
  );
  return journalled({
    config: { ...volume.config, ...done.config, accessInformation: done.accessInformation },
    ref: done.ref,
  });
};

/** To a node that no case knows, which is shut out again. */
const publishInPassing = async (bench: Bench, volume: VolumeHandle): Promise<void> => {
  const passing = node('n9', '10.0.0.9');
  const granted = await published(bench, volume, passing, [passing]);
  await bench.driver.unpublish({ volume: granted, node: passing, remaining: [] }, signal());
};

const changing = ['POST', 'PATCH', 'DELETE'] as const;

const losses: readonly (readonly [string, FaultAction])[] = [
  [
    'a proxy says 502 in HTML',
    { type: 'refuse', status: 502, text: '<html>Bad Gateway</html>', contentType: 'text/html' },
  ],
  ['a reply is lost', { type: 'drop-reply' }],
  ['a request is lost', { type: 'drop-request' }],
  ['the array is busy', { type: 'refuse', status: 503, code: '7', message: 'busy', retryAfterSeconds: 0 }],
];

/** The suite: what every driver owes the orchestrator, whatever its product. */
export const driverConformance = (under: DriverUnderTest): void => {
  /** What the driver does not offer has no number of calls. */
  const offered = operations.filter(({ name }) => under.calls[name] !== undefined);
  const offers = (name: string) => under.calls[name] !== undefined;
  const hasClones = offers('clone from a snapshot');
  const { makeForeign, look } = under.objects;
  const creation = { method: 'POST', path: `/api${under.objects.path}` } as const;
  /** What asks nothing of the array cannot be disturbed. */
  const disturbed = offered.filter(({ name }) => under.calls[name] !== 0);
  const table = disturbed.map((operation) => [operation.name, operation] as const);
  const withJobs = table.filter(([name]) => !under.withoutJobs.includes(name));

  describe(`${under.name}: array calls`, () => {
    test.each(offered.map((operation) => [operation.name, operation] as const))('%s', async (name, operation) => {
      await using bench = await Bench.open(under, { settings: { returnTimeoutSeconds: 15 } });
      // Warm: what any operation may leave behind for all, like the shared empty policy, is there.
      const warming = await bench.create();
      if (offers('publish')) await publishInPassing(bench, warming);
      if (under.sharesObjects !== true) await bench.driver.deleteVolume(warming, signal());
      const run = await operation.prepare(bench);
      const calls = await bench.count(run);
      expect(calls).toBe(under.calls[name]);
    });

    test.runIf(offers('look for an import'))('look for an import', async () => {
      await using bench = await Bench.open(under);
      const { objects } = under;
      await objects.makeForeign(bench, 'original');
      const find = () => bench.driver.findForImport(objects.importName('original'), signal());
      expect(await bench.count(find)).toBe(under.calls['look for an import']);
    });

    test('discovery and health', async () => {
      await using bench = await Bench.open(under);
      expect(bench.array.requests.count()).toBe(under.calls['discovery']);
      expect(await bench.count(() => bench.driver.checkHealth(signal()))).toBe(under.calls['health']);
      expect(await bench.driver.checkHealth(signal())).toEqual({ reason: '' });
    });
  });

  describe(`${under.name}: every operation when`, () => {
    for (const operation of disturbed)
      test.each(losses)(`${operation.name}: %s, at each call`, async (_, action) => {
        await using bench = await Bench.open(under);
        const calls = await bench.count(await operation.prepare(bench));
        expect(calls).toBeGreaterThan(0);
        for (let nth = 1; nth <= calls; nth++) {
          const run = await operation.prepare(bench);
          bench.strike({ path: '/api/**', nth }, action);
          const check = await run();
          bench.array.faults.clear();
          await check();
        }
      });

    test.each(table)('%s: jobs take a while', async (_, operation) => {
      await using bench = await Bench.open(under, { array: { jobs: { runningPolls: 2 } } });
      const run = await operation.prepare(bench);
      const check = await run();
      expect(bench.array.faults.list()).toEqual([]);
      await check();
    });

    test.each(table)('%s: a job vanishes', async (_, operation) => {
      await using bench = await Bench.open(under);
      const run = await operation.prepare(bench);
      bench.strike({ path: '/api/**', method: changing, count: 1 }, { type: 'job-vanish' });
      const check = await run();
      expect(bench.array.faults.list()).toHaveLength(1);
      bench.array.faults.clear();
      expect(bench.array.faults.list()).toEqual([]);
      await check();
    });

    test.each(table)('%s: what is made is not seen for a while', async (_, operation) => {
      await using bench = await Bench.open(under);
      const run = await operation.prepare(bench);
      bench.strike({ path: '/api/**', method: 'POST' }, { type: 'hide', milliseconds: 100 });
      const check = await run();
      expect(bench.array.faults.list()).toHaveLength(1);
      bench.array.faults.clear();
      await check();
    });

    test.each(withJobs)('%s: a job fails, and it is repeated', async (_, operation) => {
      await using bench = await Bench.open(under);
      await bench.driver.deleteVolume(await bench.create(), signal());
      const run = await operation.prepare(bench);
      const message = 'The job failed, for a reason with commas: none';
      bench.strike(
        { path: '/api/storage/**', method: changing, count: 1 },
        { type: 'job-fail', code: 524849, message },
      );
      const problem = await problemOf(run());
      expect(problem).toMatchObject({ array: { code: '524849', message } });
      expect(problem.message).toContain(message);
      bench.array.faults.clear();
      const check = await run();
      await check();
    });

    test.each(withJobs)('%s: a job stalls', async (_, operation) => {
      await using bench = await Bench.open(under, { settings: { jobTimeoutMs: 40 } });
      await bench.driver.deleteVolume(await bench.create(), signal());
      const run = await operation.prepare(bench);
      bench.strike({ path: '/api/storage/**', method: changing, count: 1 }, { type: 'job-stall' });
      expect(await problemOf(run())).toMatchObject({ code: 'array.job-unfinished', kind: 'unavailable' });
    });

    test.each(table)('%s: a right is missing', async (_, operation) => {
      await using bench = await Bench.open(under);
      const run = await operation.prepare(bench);
      bench.strike(
        { path: '/api/**' },
        { type: 'refuse', status: 403, code: '6', message: 'not authorized for that command' },
      );
      const problem = await problemOf(run());
      expect(problem).toMatchObject({ kind: 'denied', code: 'array.denied' });
      expect(problem.message).toMatch(/user admin on SVM svm0 has no right to (GET|POST|PATCH|DELETE) \/api\//);
    });
  });

  describe(`${under.name}: creation`, () => {
    test('is taken back, and only what it made', async () => {
      await using bench = await Bench.open(under);
      const empty = await bench.inventory();
      const since = new Date();
      const plan = await bench.prepared();
      await bench.driver.createVolume(plan, signal());
      expect(await bench.driver.discardVolume(plan, since, signal())).toBe('removed');
      expect(await bench.driver.discardVolume(plan, since, signal())).toBe('absent');
      expect((await bench.inventory()).volumes).toEqual(empty.volumes);
    });

    test('refuses a name that is taken, with the facts, and leaves the volume alone', async () => {
      await using bench = await Bench.open(under);
      const plan = bench.plan();
      const name = plan.config.internalName;
      await makeForeign(bench, name, { size: under.taken.size, comment: 'not yours' });
      const before = await look(bench, name);
      const since = new Date(Date.now() + 60_000);
      const problem = await problemOf(bench.driver.createVolume(plan, signal()));
      expect(problem).toMatchObject({
        code: 'volume.exists-on-array',
        kind: 'exists',
        nothingDone: true,
        ...(under.taken.code === undefined ? {} : { array: { code: under.taken.code } }),
      });
      for (const fact of under.taken.facts(name)) expect(problem.message).toContain(fact);
      expect(await bench.driver.discardVolume(plan, since, signal())).toBe('foreign');
      expect(await look(bench, name)).toEqual(before);
    });

    test('takes back nothing that is older than it', async () => {
      await using bench = await Bench.open(under);
      const plan = await bench.prepared();
      await bench.driver.createVolume(plan, signal());
      expect(await bench.driver.discardVolume(plan, new Date(Date.now() + 10_000), signal())).toBe('foreign');
    });

    test('takes back nothing that is not as it makes it, however new', async () => {
      await using bench = await Bench.open(under);
      const since = new Date();
      const plan = await bench.prepared();
      // As large, as new, and somebody else's: mounted elsewhere.
      await makeForeign(bench, plan.config.internalName);
      expect(await bench.driver.discardVolume(plan, since, signal())).toBe('foreign');
    });

    test('is refused a second time', async () => {
      await using bench = await Bench.open(under);
      const plan = bench.plan();
      await bench.driver.createVolume(plan, signal());
      expect(await problemOf(bench.driver.createVolume(plan, signal()))).toMatchObject({
        code: 'volume.exists-on-array',
      });
      expect(await there(bench, plan.config.internalName)).toBe(true);
    });

    test.runIf(under.tellsAge)('is taken back by the clock of the array, whatever ours says', async () => {
      await using bench = await Bench.open(under, { array: { clock: { frozenAt: new Date('2031-02-03T04:05:06Z') } } });
      const plan = bench.plan();
      const before = new Date();
      await bench.driver.createVolume(plan, signal());
      bench.array.clock.advance(60_000);
      await bench.driver.checkHealth(signal());
      expect(await bench.driver.discardVolume(plan, before, signal())).toBe('foreign');
      expect(await bench.driver.discardVolume(plan, new Date(before.getTime() - 60_000), signal())).toBe('removed');
    });

    test('whose answer does not come in time is found out about', async () => {
      await using bench = await Bench.open(under, { settings: { requestTimeoutMs: 400 } });
      bench.strike({ ...creation, count: 1 }, { type: 'delay-reply', milliseconds: 1_000 });
      await bench.create();
      expect((await bench.inventory()).volumes).toHaveLength(1);
    });

    test.skipIf(under.objects.madeAtOnce === true)(
      'of which nothing is seen for a while, neither answer nor job nor volume, is still found',
      async () => {
        await using bench = await Bench.open(under);
        const lost = { ...creation, count: 1 };
        bench.strike(lost, { type: 'hide', milliseconds: 300 });
        bench.strike(lost, { type: 'job-vanish' });
        bench.strike(lost, { type: 'drop-reply' });
        const volume = await bench.create();
        expect(bench.array.requests.count({ method: 'POST', path: under.objects.path })).toBeGreaterThan(1);
        expect((await bench.inventory()).volumes).toEqual([volume.config.internalName]);
      },
    );

    test('whose request is lost finds the name taken, and leaves the volume alone', async () => {
      await using bench = await Bench.open(under);
      const plan = bench.plan();
      await makeForeign(bench, plan.config.internalName);
      bench.strike({ ...creation, count: 1 }, { type: 'drop-request' });
      const problem = await problemOf(bench.driver.createVolume(plan, signal()));
      expect(problem).toMatchObject({ code: 'volume.exists-on-array', nothingDone: true });
      expect(await there(bench, plan.config.internalName)).toBe(true);
    });

    test.skipIf(under.objects.madeAtOnce === true)('ends at once when the caller gives up', async () => {
      await using bench = await Bench.open(under);
      bench.strike(creation, { type: 'job-stall' });
      const caller = new AbortController();
      const end = bench.driver.createVolume(bench.plan(), caller.signal);
      setTimeout(() => caller.abort(new Error('enough')), 50);
      await expect(end).rejects.toThrow('enough');
    });

    test.skipIf(under.objects.madeAtOnce === true)(
      'whose job fails leaves nothing, with the reason of the array',
      async () => {
        await using bench = await Bench.open(under);
        bench.strike(creation, {
          type: 'job-fail',
          code: 524849,
          message: 'No, because of a comma, and more',
          afterWork: true,
        });
        const problem = await problemOf(bench.driver.createVolume(bench.plan(), signal()));
        expect(problem).toMatchObject({ array: { code: '524849', message: 'No, because of a comma, and more' } });
        expect((await bench.inventory()).volumes).toEqual([]);
      },
    );

    test.skipIf(under.objects.madeAtOnce === true)(
      'whose job stalls says so, and is not taken back while the job runs',
      async () => {
        await using bench = await Bench.open(under, { settings: { jobTimeoutMs: 60 } });
        bench.strike(creation, { type: 'job-stall' });
        const since = new Date();
        const plan = await bench.prepared();
        expect(await problemOf(bench.driver.createVolume(plan, signal()))).toMatchObject({
          code: 'array.job-unfinished',
          kind: 'unavailable',
        });
        expect(await problemOf(bench.driver.discardVolume(plan, since, signal()))).toMatchObject({
          code: 'array.job-unfinished',
        });
      },
    );

    test.runIf(under.choosesAggregate)(
      'goes to another aggregate when one is full, and says why when all are',
      async () => {
        await using bench = await Bench.open(under, { config: { storage: [{}] } });
        const plan = bench.plan();
        const [first = '', second = ''] = plan.placement;
        const full = bench.strike(
          { method: 'POST', path: '/api/storage/volumes' },
          { type: 'aggregate-full', aggregate: first },
        );
        const made = await bench.driver.createVolume(plan, signal());
        expect(made.ref).toMatchObject({ aggregate: second });
        bench.array.faults.remove(full);
        bench.strike({ method: 'POST', path: '/api/storage/volumes' }, { type: 'aggregate-full' });
        const problem = await problemOf(bench.driver.createVolume(bench.plan(), signal()));
        expect(problem).toMatchObject({ code: 'pool.ineligible', kind: 'limit', nothingDone: true });
        for (const aggregate of [first, second]) expect(problem.message).toContain(aggregate);
        expect((await bench.inventory()).volumes).toEqual([plan.config.internalName]);
      },
    );

    test('of 50 at once makes 50', async () => {
      await using bench = await Bench.open(under);
      const plans = Array.from({ length: 50 }, () => bench.plan());
      const made = await Promise.all(plans.map((plan) => bench.driver.createVolume(plan, signal())));
      expect(new Set(made.map(({ ref }) => JSON.stringify(ref))).size).toBe(50);
      expect((await bench.inventory()).volumes).toHaveLength(50);
    });

    test('of one name by ten at once makes one', async () => {
      await using bench = await Bench.open(under);
      const plan = bench.plan();
      const ends = await Promise.allSettled(
        Array.from({ length: 10 }, () => bench.driver.createVolume(plan, signal())),
      );
      expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect((await bench.inventory()).volumes).toEqual([plan.config.internalName]);
    });

    test('of 200, 32 at once, opens no more connections than allowed', async () => {
      await using bench = await Bench.open(under, { settings: { connections: 8 } });
      bench.array.connections.reset();
      const plans = Array.from({ length: 200 }, () => bench.plan());
      const work = plans.values();
      await Promise.all(
        Array.from({ length: 32 }, async () => {
          for (const plan of work) await bench.driver.createVolume(plan, signal());
        }),
      );
      expect(bench.array.connections.handshakes).toBeLessThanOrEqual(8);
      expect(bench.array.connections.peak).toBeLessThanOrEqual(8);
    });
  });

  describe(`${under.name}: everything twice`, () => {
    test('delete, resize, snapshot, delete snapshot, restore, publish, unpublish', async () => {
      await using bench = await Bench.open(under);
      const { driver } = bench;
      const n1 = node('n1', '10.0.0.1');
      const volume = await bench.create();
      for (let time = 0; time < 2; time++)
        expect((await driver.resizeVolume(volume, 2 ** 31, signal())).size).toBe(2 ** 31);
      if (offers('snapshot')) {
        const first = await driver.createSnapshot(volume, 's', signal());
        expect(await driver.createSnapshot(volume, 's', signal())).toEqual(first);
        for (let time = 0; offers('restore snapshot') && time < 2; time++)
          await driver.restoreSnapshot(volume, snapshotOf('s', first), signal());
        for (let time = 0; time < 2; time++) await driver.deleteSnapshot(volume, snapshotOf('s', first), signal());
      }
      const request = { volume, node: n1, nodes: [n1], readOnly: false, accessMode: accessModeOf(bench) };
      const [one, two] = [await driver.publish(request, signal()), await driver.publish(request, signal())];
      expect(two).toEqual(one);
      const granted = { ...volume, config: { ...volume.config, ...one.config }, ref: one.ref };
      for (let time = 0; time < 2; time++)
        await driver.unpublish({ volume: granted, node: n1, remaining: [] }, signal());
      for (let time = 0; time < 2; time++) await driver.deleteVolume(volume, signal());
      expect(await driver.volumeExists(volume, signal())).toBe(false);
      expect(await bench.inventory()).toMatchObject({ volumes: [], snapshots: [] });
    });

    test('a whole life leaves nothing', async () => {
      await using bench = await Bench.open(under);
      const before = await bench.inventory();
      const n1 = node('n1', '10.0.0.1');
      const source = await published(bench, await bench.create(), n1, [n1]);
      const snapshot = offers('snapshot') ? await bench.snapshot(source, 's1') : undefined;
      const copies: VolumeHandle[] = [];
      for (const from of hasClones ? [undefined, snapshot] : []) {
        const plan = bench.clonePlan(source, from);
        copies.push(handleOf(plan.config, await bench.driver.cloneVolume(plan, signal())));
      }
      const unpublished = await bench.driver.unpublish({ volume: source, node: n1, remaining: [] }, signal());
      for (const volume of copies) await bench.driver.deleteVolume(volume, signal());
      if (snapshot !== undefined) await bench.driver.deleteSnapshot(source, snapshot, signal());
      await bench.driver.deleteVolume({ ...source, ref: unpublished.ref }, signal());
      await bench.driver.retire(signal());
      const after = await bench.inventory();
      // The empty policy is shared by all backends with the prefix, and so is that of shared FlexVols; they stay.
      const policies = after.policies.filter((name) => !/empty$|_pool_export_policy$/.test(name));
      expect({ ...after, policies }).toEqual(before);
    });
  });

  describe(`${under.name}: snapshots and clones`, () => {
    test.runIf(hasClones && under.snapshotsStandAlone !== true)(
      'a snapshot that clones hold names them, and goes when they are gone',
      async () => {
        await using bench = await Bench.open(under);
        const volume = await bench.create();
        const snapshot = await bench.snapshot(volume, 's1');
        const plans = [bench.clonePlan(volume, snapshot), bench.clonePlan(volume, snapshot)];
        const clones: VolumeHandle[] = [];
        for (const plan of plans) clones.push(handleOf(plan.config, await bench.driver.cloneVolume(plan, signal())));
        const problem = await problemOf(bench.driver.deleteSnapshot(volume, snapshot, signal()));
        expect(problem).toMatchObject({ code: 'snapshot.busy', kind: 'conflict', array: { code: '1638555' } });
        for (const clone of clones) expect(problem.message).toContain(clone.config.internalName);
        expect(await problemOf(bench.driver.deleteVolume(volume, signal()))).toMatchObject({ kind: 'conflict' });
        for (const clone of clones) await bench.driver.deleteVolume(clone, signal());
        await bench.driver.deleteSnapshot(volume, snapshot, signal());
      },
    );

    test.runIf(hasClones)('a clone of what is older than a resize is as large as its record says', async () => {
      await using bench = await Bench.open(under);
      const small = await bench.create();
      const snapshot = await bench.snapshot(small, 's1');
      const { ref, size } = await bench.driver.resizeVolume(small, 2 ** 31, signal());
      const volume = journalled({ config: { ...small.config, size }, ref });
      const plan = bench.clonePlan(volume, snapshot);
      const { config } = handleOf(plan.config, await bench.driver.cloneVolume(plan, signal()));
      expect(config.size).toBe(2 ** 31);
      expect(await bench.under.objects.size(bench, config.internalName)).toBeGreaterThanOrEqual(2 ** 31);
    });

    test.runIf(hasClones)(
      'a clone that is interrupted is taken back with its snapshot, and its source is left',
      async () => {
        // A clone has the labels of its source, unless they name the volume.
        await using bench = await Bench.open(under, { config: { labels: { volume: '{{.volume.Name}}' } } });
        const volume = await bench.create();
        const plan = bench.clonePlan(volume, undefined);
        const since = new Date();
        bench.strike(
          { method: 'PATCH', path: '/api/**' },
          { type: 'refuse', status: 400, code: '918703', message: 'not now' },
        );
        await problemOf(bench.driver.cloneVolume(plan, signal()));
        bench.array.faults.clear();
        expect(await bench.driver.discardClone(plan, since, signal())).toBe('removed');
        expect(await bench.driver.discardClone(plan, since, signal())).toBe('absent');
        expect(await bench.inventory()).toMatchObject({ volumes: [volume.config.internalName], snapshots: [] });
      },
    );

    test.runIf(offers('snapshot'))('lists what is there, page by page', async () => {
      await using bench = await Bench.open(under);
      const volume = await bench.create();
      for (const name of ['a', 'b', 'c', 'd', 'e']) await bench.snapshot(volume, name);
      bench.strike({ method: 'GET', path: '/api/**' }, { type: 'page-size', records: 2 });
      const found = await bench.driver.listSnapshots(volume, signal());
      expect(found.map(({ internalName }) => internalName).toSorted()).toEqual(['a', 'b', 'c', 'd', 'e']);
      expect((await bench.driver.findSnapshot(volume, 'd', signal()))?.internalName).toBe('d');
    });
  });

  describe(`${under.name}: import`, () => {
    test('finds nothing where nothing is', async () => {
      await using bench = await Bench.open(under);
      for (const name of under.objects.nowhere)
        expect(await bench.driver.findForImport(name, signal())).toBeUndefined();
    });

    test('is undone to the letter, and deletes nothing', async () => {
      await using bench = await Bench.open(under);
      const plan = await foreignImport(bench, 'precious', 'pvc-x', { comment: '{"provisioning":{"old":"1"}}' });
      const before = await look(bench, 'precious');
      await bench.driver.importVolume(plan, signal());
      expect(await there(bench, 'precious')).toBe(!under.renamesImports);
      for (let time = 0; time < 2; time++) await bench.driver.undoImport(plan, signal());
      expect(await look(bench, 'precious')).toEqual(before);
    });

    test.runIf(under.renamesImports)('to a name that is taken changes nothing', async () => {
      await using bench = await Bench.open(under);
      const plan = await foreignImport(bench, 'precious', 'pvc-x');
      await makeForeign(bench, plan.config.internalName);
      const before = await look(bench, 'precious');
      expect(await problemOf(bench.driver.importVolume(plan, signal()))).toMatchObject({
        kind: 'exists',
        nothingDone: true,
      });
      await bench.driver.undoImport(plan, signal());
      expect(await look(bench, 'precious')).toEqual(before);
      expect(await there(bench, plan.config.internalName)).toBe(true);
    });
  });
};
