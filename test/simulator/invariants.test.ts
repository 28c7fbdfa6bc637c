import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator } from '../../src/simulator/contract.ts';
import { at, openOntapSession } from '../support/ontap-session.ts';
import { propertyRuns } from '../support/property-runs.ts';

/** Whatever is asked, in whatever order: nothing crashes, space adds up, no reference leads nowhere. */

type Step = readonly [method: string, path: string, body?: Record<string, unknown>];

const MIB = 1024 ** 2;
const name = fc.constantFrom('a', 'b', 'c', 'd');
const policyName = fc.constantFrom('default', 'p', 'q');
const sizes = fc.constantFrom(MIB, 20 * MIB, 100 * MIB, 1024 * MIB, 6 * 1024 ** 4, -1);
const svm = { svm: { name: 'svm0' } };
const aggregate = fc.constantFrom('aggr1_n1', 'aggr1_n2');
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const volumeBody = fc.record({
  name,
  size: maybe(sizes),
  aggregates: aggregate.map((each) => [{ name: each }]),
  guarantee: maybe(fc.constantFrom({ type: 'none' }, { type: 'volume' })),
  nas: maybe(
    fc.record({
      path: maybe(name.map((each) => `/${each}`)),
      export_policy: maybe(policyName.map((each) => ({ name: each }))),
    }),
  ),
  space: maybe(fc.constantFrom({ snapshot: { reserve_percent: 0 } }, { snapshot: { reserve_percent: 50 } })),
});
const cloneBody = fc.tuple(name, name, maybe(name)).map(([own, parent, snapshot]) => ({
  name: own,
  clone: {
    is_flexclone: true,
    parent_volume: { name: parent },
    ...(snapshot === undefined ? {} : { parent_snapshot: { name: snapshot } }),
  },
}));
const change = fc.oneof(
  name.map((each) => ({ name: each })),
  sizes.map((size) => ({ size })),
  name.map((each) => ({ nas: { path: `/${each}` } })),
  fc.constant({ nas: { path: '' } }),
  policyName.map((each) => ({ nas: { export_policy: { name: each } } })),
  fc.constantFrom({ state: 'offline' }, { state: 'online' }),
  fc.constant({ clone: { split_initiated: true } }),
  fc.constantFrom({ guarantee: { type: 'none' } }, { guarantee: { type: 'volume' } }),
  fc.constant({}),
);
const rules = fc.array(
  fc
    .constantFrom('10.0.0.1', '10.0.0.2', '10.0.0.0/8')
    .map((match) => ({ clients: [{ match }], ro_rule: ['any'], rw_rule: ['any'] })),
  { maxLength: 3 },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  volumeBody.map((body): Step => ['POST', '/storage/volumes', { ...svm, ...body }]),
  cloneBody.map((body): Step => ['POST', '/storage/volumes', { ...svm, ...body }]),
  fc
    .tuple(fc.boolean(), fc.array(fc.oneof(volumeBody, cloneBody), { minLength: 1, maxLength: 4 }))
    .map(([goesOn, bodies]): Step => [
      'POST',
      `/storage/volumes?continue_on_failure=${goesOn}`,
      { records: bodies.map((body) => ({ ...svm, ...body })) },
    ]),
  fc.tuple(name, change).map(([each, body]): Step => ['PATCH', `/storage/volumes?name=${each}&return_timeout=0`, body]),
  fc
    .tuple(name, fc.boolean())
    .map(([each, force]): Step => ['DELETE', `/storage/volumes?name=${each}&force=${force}&return_timeout=0`]),
  fc.tuple(name, name).map(([volume, snapshot]): Step => ['POST', `{${volume}}/snapshots`, { name: snapshot }]),
  fc
    .tuple(name, name)
    .map(([volume, snapshot]): Step => ['DELETE', `{${volume}}/snapshots?name=${snapshot}&return_timeout=0`]),
  fc.tuple(name, name).map(([volume, snapshot]): Step => ['PATCH', `{${volume}}?restore_to.snapshot.name=${snapshot}`]),
  fc
    .tuple(policyName, rules)
    .map(([each, list]): Step => ['POST', '/protocols/nfs/export-policies', { ...svm, name: each, rules: list }]),
  fc
    .tuple(policyName, rules)
    .map(([each, list]): Step => [
      'PATCH',
      `/protocols/nfs/export-policies?name=${each}&svm.name=svm0`,
      { rules: list },
    ]),
  policyName.map((each): Step => ['DELETE', `/protocols/nfs/export-policies?name=${each}&svm.name=svm0`]),
  fc.tuple(name, fc.integer({ min: 0, max: 200 * MIB })).map(([each, bytes]): Step => ['USE', each, { bytes }]),
  fc
    .tuple(name, fc.constantFrom('offline', 'volume-queue'))
    .map(([each]): Step => ['GET', `/storage/volumes?name=${each}&fields=**`]),
);

const call = async (array: Simulator, [method, path, body]: Step) => {
  if (method === 'USE') {
    try {
      array.world.setUsedBytes(path, Number(body?.['bytes']));
    } catch (cause) {
      expect(String(cause)).toMatch(/There is no volume|do not fit|has no space/);
    }
    return;
  }
  const volume = /^\{(\w+)\}/.exec(path)?.[1];
  const uuid = volume === undefined ? '' : (array.world.findVolume(volume)?.uuid ?? 'none');
  const reply = await array.call(method, path.replace(/^\{\w+\}/, `/storage/volumes/${uuid}`), body);
  expect([at(reply.body, 'error', 'code'), at(reply.body, 'error', 'message')]).not.toContain('262145');
};

describe('invariants', () => {
  it('hold after any sequence of requests', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 10, maxLength: 60 }),
        fc.constantFrom(0, 700),
        async (steps, duration) => {
          const array = await startSimulator({
            clock: { frozenAt: new Date('2025-01-01T00:00:00Z') },
            jobs: { duration },
          });
          try {
            for (const each of steps) {
              await call(array, each);
              array.clock.advance(300);
            }
            array.world.verify();
            array.clock.advance(10_000);
            array.world.verify();
            const jobs = await array.call('GET', '/cluster/jobs?code=262145&fields=message');
            expect(at(jobs.body, 'records')).toEqual([]);
            const state = array.dump();
            array.restore(state);
            expect(array.dump()).toBe(state);
          } finally {
            await array.stop();
          }
        },
      ),
      propertyRuns(60),
    );
  });

  it('hold for 32 clients at once: each name is made once, no update is lost', async () => {
    const array = await openOntapSession({ jobs: { duration: { minMs: 0, maxMs: 5 } } });
    const volume = (each: string) => ({
      name: each,
      size: '100MB',
      ...svm,
      aggregates: [{ name: 'aggr1_n1' }],
      guarantee: { type: 'volume' },
    });
    const replies = await Promise.all(
      Array.from({ length: 32 }, (_, index) =>
        array.send('POST', '/storage/volumes?return_timeout=15', volume(`v${index % 8}`)),
      ),
    );
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(8);
    expect(
      new Set(replies.filter(({ status }) => status !== 201).map(({ body }) => at(body, 'error', 'code'))),
    ).toSatisfy((codes: Set<unknown>) => [...codes].every((code) => code === '13107405' || code === '917526'));
    await array.expect(201, 'POST', '/protocols/nfs/export-policies', { name: 'p', ...svm });
    const id = String(at(await array.list('/protocols/nfs/export-policies?name=p'), 0, 'id'));
    await Promise.all(
      Array.from({ length: 32 }, (_, index) =>
        array.expect(201, 'POST', `/protocols/nfs/export-policies/${id}/rules`, {
          clients: [{ match: `10.0.0.${index}` }],
          ro_rule: ['any'],
          rw_rule: ['any'],
        }),
      ),
    );
    const found = await array.list(`/protocols/nfs/export-policies/${id}/rules?fields=clients`);
    expect(found.map((each) => at(each, 'index'))).toEqual(Array.from({ length: 32 }, (_, index) => index + 1));
    array.simulator.world.verify();
    await array.close();
  });
});
