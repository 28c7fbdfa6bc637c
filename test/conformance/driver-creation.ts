import { describe, expect, test } from 'vitest';
import { Bench, type DriverUnderTest, problemOf, signal } from './driver-bench.ts';
import { there } from './driver-operations.ts';

/** Making a volume: what it refuses, what is taken back, and what many at once get. */
export const creationConformance = (under: DriverUnderTest): void => {
  const { makeForeign, look } = under.objects;
  const creation = { method: 'POST', path: `/api${under.objects.path}` } as const;

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
};
