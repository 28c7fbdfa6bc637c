import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Field, Fields } from '../../src/simulator/core/declaration.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import type { Simulator } from '../../src/simulator/contract.ts';
import { resources } from '../../src/simulator/resources/table.ts';
import { likelyRequest, type LikelyRequest } from '../support/likely-requests.ts';
import { at } from '../support/ontap-session.ts';

/** Requests made from our own declarations, right and wrong: an error of ONTAP’s, never a defect. */

/** An integer that is read as BigInt. */
const beyondNumbers = JSON.rawJSON('12345678901234567890');

const value = (field: Field): fc.Arbitrary<unknown> => {
  const odd = fc.constantFrom<unknown>(
    '',
    'x',
    '-1',
    '10GB',
    'true',
    0,
    -5,
    3.5,
    2 ** 40,
    true,
    null,
    [],
    ['a'],
    {},
    { name: 'svm0' },
    [{ name: 'a' }],
    beyondNumbers,
    [beyondNumbers],
    { name: beyondNumbers },
  );
  switch (field.kind) {
    case 'ref':
      return fc.oneof(
        odd,
        fc.constantFrom({ name: 'svm0' }, { name: 'default' }, { name: 'none' }, { uuid: 'x' }, { name: 'aggr1_n1' }),
      );
    case 'refs':
      return fc.oneof(odd, fc.constantFrom([{ name: 'aggr1_n1' }], [{ name: 'x' }]));
    case 'objects':
      return fc.oneof(odd, fc.array(body(field.of ?? {}), { maxLength: 2 }));
    case 'enum':
      return fc.oneof(odd, fc.constantFrom(...(field.values ?? ['x'])));
    case 'strings':
      return fc.oneof(odd, fc.constantFrom((field.values ?? ['x']).slice(0, 1)));
    default:
      return odd;
  }
};

const body = (fields: Fields): fc.Arbitrary<Record<string, unknown>> =>
  fc
    .subarray(Object.entries(fields))
    .map((chosen) => chosen.slice(0, 6))
    .chain((chosen) =>
      fc.tuple(...chosen.map(([path, field]) => value(field).map((each): [string, unknown] => [path, each]))),
    )
    .map((pairs) => Object.fromEntries(pairs));

const queryPart = (fields: Fields): fc.Arbitrary<string> =>
  fc.oneof(
    fc
      .tuple(
        fc.constantFrom(...Object.keys(fields), 'name', 'colour'),
        fc.constantFrom(
          '*',
          'a',
          '!null',
          'null',
          '<5',
          '>=1GB',
          '1..9',
          '12345678901234567890',
          '>12345678901234567890',
          '"q"',
          '{',
          '|',
          '!',
          'a|!b*',
          '..',
          '%ZZ',
          '',
        ),
      )
      .map(([name, text]) => `${name}=${text === '%ZZ' ? text : encodeURIComponent(text)}`),
    fc.constantFrom('name', ...Object.keys(fields)).map((name) => `order_by=${name} desc`),
    fc.constantFrom('name', ...Object.keys(fields)).map((name) => `fields=${name}`),
    fc.constantFrom(
      'fields=**',
      'max_records=1',
      'return_records=true',
      'return_timeout=0',
      'start.uuid=x',
      'start.name=b&start.key=c',
      'offset=1',
      'return_records=false',
      'query=a*&query_fields=name',
    ),
  );

/** How many requests; more by the environment: `SIMULATOR_FUZZ_REQUESTS=200000 npx vitest run test/simulator/fuzz.test.ts`. */
const REQUESTS = Number(process.env['SIMULATOR_FUZZ_REQUESTS'] ?? 20_000);
/** Of those that are right in form. */
const LIKELY = REQUESTS / 2;
/** Of the generator: the same requests every time, unless another is wanted to look elsewhere. */
const SEED = Number(process.env['SIMULATOR_FUZZ_SEED'] ?? 1);

const wild = fc.constantFrom('*', 'x', '8589934593');
const offered = resources.filter(({ path }) => !path.startsWith('/private'));
const request = fc.constantFrom(...offered).chain((resource) =>
  fc.record({
    method: fc.constantFrom('GET', 'GET', 'POST', 'POST', 'PATCH', 'DELETE'),
    /** Goes to the n-th record that is there, if there is one. */
    existing: fc.option(fc.nat(50), { freq: 2 }),
    path: fc.tuple(fc.array(wild, { minLength: 3, maxLength: 3 }), fc.boolean()).map(([keys, instance]) => {
      let used = 0;
      const filled = resource.path.replaceAll(/\{[^}]+\}/g, () => keys[used++ % 3] ?? 'x');
      return {
        collection: filled,
        own:
          instance && resource.keys.length > 0
            ? `${filled}/${resource.keys.map(() => keys[used++ % 3]).join('/')}`
            : filled,
      };
    }),
    query: fc.array(queryPart(resource.fields), { maxLength: 3 }).map((parts) => parts.join('&')),
    body: body(resource.fields),
    usual: fc.constantFrom<Record<string, unknown>>(
      {},
      { name: 'a', svm: { name: 'svm0' } },
      { name: 'b', svm: { name: 'svm0' }, aggregates: [{ name: 'aggr1_n1' }] },
    ),
  }),
);

const existingPath = async (array: Simulator, collection: string, index: number): Promise<string | undefined> => {
  const found = at((await array.call('GET', collection)).body, 'records');
  if (!Array.isArray(found) || found.length === 0) return undefined;
  const href = at(found[index % found.length], '_links', 'self', 'href');
  return typeof href === 'string' ? href : undefined;
};

type Request = typeof request extends fc.Arbitrary<infer Each> ? Each : never;

const frozen = { seed: 11, clock: { frozenAt: new Date('2025-01-01T00:00:00Z') } } as const;

const send = async (array: Simulator, { method, existing, path, query, body: given, usual }: Request) => {
  const found = existing === null ? undefined : await existingPath(array, path.collection, existing);
  const whole = query === '' ? (found ?? path.own) : `${found ?? path.own}?${query}`;
  const reply = await array.call(
    method,
    whole,
    method === 'POST' || method === 'PATCH' ? { ...given, ...(method === 'POST' ? usual : {}) } : undefined,
  );
  if (reply.status === 202 || method === 'DELETE') array.clock.advance(1);
  return reply;
};

it('answers the same requests with the same bytes, whatever they are, also after a restore', async () => {
  const requests = fc.sample(request, { numRuns: 600, seed: SEED });
  const play = async (array: Simulator, part: readonly Request[]) => {
    const replies: unknown[] = [];
    for (const each of part) replies.push(await send(array, each));
    return JSON.stringify(replies);
  };
  const [first, second] = [await startSimulator(frozen), await startSimulator(frozen)];
  expect(await play(second, requests.slice(0, 300))).toBe(await play(first, requests.slice(0, 300)));
  expect(second.dump()).toBe(first.dump());
  second.restore(second.dump());
  expect(await play(second, requests.slice(300))).toBe(await play(first, requests.slice(300)));
  expect(second.dump()).toBe(first.dump());
  await Promise.all([first.stop(), second.stop()]);
});

it(`finds no defect behind ${REQUESTS} requests of seed ${SEED}`, { timeout: 900_000 }, async () => {
  const array = await startSimulator(frozen);
  let count = 0;
  await fc.assert(
    fc.asyncProperty(request, async (each) => {
      const reply = await send(array, each);
      expect([reply.status, at(reply.body, 'error', 'code')]).not.toEqual([500, '262145']);
      if (reply.status >= 400) expect(at(reply.body, 'error', 'code')).toMatch(/^\d+$/);
      count += 1;
      if (count % 250 === 0) array.world.verify();
    }),
    { numRuns: REQUESTS, seed: SEED },
  );
  array.world.verify();
  const jobs = await array.call('GET', '/cluster/jobs?code=262145&fields=message,description');
  expect(at(jobs.body, 'records')).toEqual([]);
  const state = array.dump();
  array.restore(state);
  expect(array.dump()).toBe(state);
  await array.stop();
});

/** The collection with the parents that it names, and the record that is meant. */
const findTarget = async (array: Simulator, { method, collection, which, query }: LikelyRequest): Promise<string> => {
  let path = collection;
  for (const [whole, parents = ''] of collection.matchAll(/\{(\S+) uuid\}/g)) {
    const records = at((await array.call('GET', parents)).body, 'records');
    path = path.replace(whole, String(Array.isArray(records) ? at(records[which % records.length], 'uuid') : 'none'));
  }
  return method === 'POST' ? path + query : ((await existingPath(array, path, which)) ?? `${path}/none`) + query;
};

it.each([0, 50])(
  `finds no defect behind ${LIKELY} likely requests of seed ${SEED}, with jobs of %i ms`,
  {
    timeout: 900_000,
  },
  async (duration) => {
    const array = await startSimulator({ ...frozen, jobs: { duration }, pace: { transferMs: duration * 3 } });
    let count = 0;
    await fc.assert(
      fc.asyncProperty(likelyRequest, fc.nat(200), async (each, milliseconds) => {
        const { method, body: sent } = each;
        const reply = await array.call(method, await findTarget(array, each), sent);
        expect([reply.status, at(reply.body, 'error', 'code')]).not.toEqual([500, '262145']);
        array.clock.advance(milliseconds);
        count += 1;
        if (count % 20 === 0) array.world.verify();
      }),
      { numRuns: LIKELY, seed: SEED },
    );
    array.clock.advance(10_000);
    array.world.verify();
    expect(at((await array.call('GET', '/cluster/jobs?code=262145')).body, 'records')).toEqual([]);
    const state = array.dump();
    array.restore(state);
    expect(array.dump()).toBe(state);
    await array.stop();
  },
);
