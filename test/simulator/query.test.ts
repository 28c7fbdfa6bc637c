import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, openOntapSession, textAt, type OntapSession } from '../support/ontap-session.ts';

/** `fields`, filters, order and pages, against what a naive reading of the records gives. */

const MIB = 1024 ** 2;

interface Row {
  readonly name: string;
  readonly size: number;
  readonly comment: string;
  readonly state: string;
  readonly style: string;
  readonly aggregate: string;
}

let array: OntapSession;
let rows: readonly Row[];

const readRow = (record: unknown): Row => ({
  name: textAt(record, 'name'),
  size: Number(at(record, 'size')),
  comment: textAt(record, 'comment'),
  state: textAt(record, 'state'),
  style: textAt(record, 'style'),
  aggregate: textAt(record, 'aggregates', 0, 'name'),
});

const names = (records: readonly unknown[]) => records.map((record) => textAt(record, 'name'));

const namesOf = async (query: string): Promise<readonly string[]> =>
  names(await array.list(`/storage/volumes?${query}`)).toSorted();

beforeAll(async () => {
  array = await openOntapSession({ seed: 3 });
  for (let index = 0; index < 40; index++) {
    await array.expect(201, 'POST', '/storage/volumes?return_timeout=10', {
      name: `${['alpha', 'beta', 'gamma', 'Alpha'][index % 4]}_${index}`,
      size: (20 + (index % 7) * 30) * MIB,
      comment: ['', 'one|two', 'a*b', 'x..y', 'plain', '"quoted"'][index % 6],
      'svm.name': 'svm0',
      aggregates: [{ name: index % 3 === 0 ? 'aggr1_n1' : 'aggr1_n2' }],
      guarantee: { type: 'none' },
      ...(index % 5 === 0 ? { 'nas.path': `/j${index}` } : {}),
    });
  }
  for (const name of ['beta_1', 'gamma_6']) {
    await array.expect(200, 'PATCH', `/storage/volumes?name=${name}`, { state: 'offline' });
  }
  rows = (await array.list('/storage/volumes?fields=size,comment,state,style,aggregates')).map(readRow);
});
afterAll(() => array.close());

type Text = 'name' | 'comment' | 'state' | 'aggregate';
const parameter = { name: 'name', comment: 'comment', state: 'state', aggregate: 'aggregates.name' } as const;

/** A text as a filter's literal: quoted, so that nothing in it is an operator. Braces where it has quotes itself. */
const literal = (text: string) => (text.includes('"') ? `{${text}}` : `"${text}"`);

const globMatches = (pattern: string, text: string): boolean => {
  if (pattern === '') return text === '';
  if (pattern.startsWith('*'))
    return Array.from({ length: text.length + 1 }, (_, from) => text.slice(from)).some((rest) =>
      globMatches(pattern.slice(1), rest),
    );
  return text !== '' && text.charAt(0) === pattern.charAt(0) && globMatches(pattern.slice(1), text.slice(1));
};

interface Term {
  readonly text: string;
  readonly holds: (value: string) => boolean;
}

const textTerm = (field: Text): fc.Arbitrary<Term> => {
  const value = fc.constantFrom(...new Set(rows.map((row) => row[field]))).filter((text) => text !== '');
  const exact = value.map((text) => ({ text: literal(text), holds: (other: string) => other === text }));
  const order = fc.tuple(fc.constantFrom('<', '>', '<=', '>='), value).map(([operator, text]) => ({
    text: operator + literal(text),
    holds: (other: string) =>
      operator === '<'
        ? other < text
        : operator === '>'
          ? other > text
          : operator === '<='
            ? other <= text
            : other >= text,
  }));
  const glob = fc
    .tuple(
      value.filter((text) => /^\w+$/.test(text)),
      fc.nat(3),
      fc.nat(3),
    )
    .map(([text, from, cut]) => {
      const pattern = `${text.slice(0, from)}*${text.slice(text.length - cut)}`;
      return { text: pattern, holds: (other: string) => globMatches(pattern, other) };
    });
  const plain = fc.oneof(exact, order, glob);
  // `!` before a comparison is not tried: only its meaning for values and patterns is documented.
  const negated = fc
    .oneof(exact, glob)
    .map(({ text, holds }) => ({ text: `!${text}`, holds: (other: string) => !holds(other) }));
  return fc.oneof(plain, negated);
};

describe('filters', () => {
  it('agree with a naive reading for texts', async () => {
    const field = fc.constantFrom<Text>('name', 'comment', 'state', 'aggregate');
    await fc.assert(
      fc.asyncProperty(
        field.chain((each) =>
          fc.record({ field: fc.constant(each), terms: fc.array(textTerm(each), { minLength: 1, maxLength: 3 }) }),
        ),
        async ({ field: each, terms }) => {
          const query = `${parameter[each]}=${encodeURIComponent(terms.map(({ text }) => text).join('|'))}`;
          const wanted = rows.filter((row) => terms.some(({ holds }) => holds(row[each]))).map(({ name }) => name);
          expect(await namesOf(query)).toEqual(wanted.toSorted());
        },
      ),
      { numRuns: 150 },
    );
  });

  it('agree with a naive reading for sizes, with and without units', async () => {
    const size = fc.integer({ min: 10, max: 230 });
    const term = fc.oneof(
      fc
        .tuple(fc.constantFrom('<', '>', '<=', '>=', ''), size)
        .map(([operator, mib]): [string, (row: Row) => boolean] => [
          `${operator}${mib}MB`,
          ({ size: bytes }) =>
            operator === '<'
              ? bytes < mib * MIB
              : operator === '>'
                ? bytes > mib * MIB
                : operator === '<='
                  ? bytes <= mib * MIB
                  : operator === '>='
                    ? bytes >= mib * MIB
                    : bytes === mib * MIB,
        ]),
      fc
        .tuple(size, size)
        .map(([low, high]): [string, (row: Row) => boolean] => [
          `${low * MIB}..${high}MB`,
          ({ size: bytes }) => bytes >= low * MIB && bytes <= high * MIB,
        ]),
    );
    await fc.assert(
      fc.asyncProperty(term, async ([text, holds]) => {
        expect(await namesOf(`size=${encodeURIComponent(text)}`)).toEqual(
          rows
            .filter(holds)
            .map(({ name }) => name)
            .toSorted(),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('know set and unset values', async () => {
    const mounted = await namesOf('nas.path=!null');
    const loose = await namesOf('nas.path=null');
    expect([...mounted, ...loose].toSorted()).toEqual(rows.map(({ name }) => name).toSorted());
    expect(await namesOf('nas.path=/j1*|null&style=flexvol')).toEqual(
      [...loose, ...mounted.filter((name) => /_1\d$/.test(name))].toSorted(),
    );
  });

  it('take an object for its name, hyphens for underscores, and enum values in any case', async () => {
    expect(await namesOf('svm=svm0&nas.export-policy.name=default&state=ONLINE&type=RW')).toEqual(
      rows
        .filter(({ state, name }) => state === 'online' && name !== 'svm_dr_root')
        .map(({ name }) => name)
        .toSorted(),
    );
    expect(await namesOf('svm.name=svm_dr')).toEqual(['svm_dr_root']);
  });

  it('join with "and", and show what they are on', async () => {
    const [record] = await array.list('/storage/volumes?name=beta_1&state=offline&aggregates.name=aggr1_n2&fields=');
    expect(record).toMatchObject({ name: 'beta_1', state: 'offline', aggregates: [{ name: 'aggr1_n2' }] });
    expect(Object.keys(Object(record)).toSorted()).toEqual(['_links', 'aggregates', 'name', 'state', 'uuid']);
  });

  it('trim lists to the elements that match, unless the whole is wanted', async () => {
    const trimmed = await array.list('/network/ip/interfaces?name=nas_n1&services=data_nfs');
    expect(at(trimmed, 0, 'services')).toEqual(['data_nfs']);
    const whole = await array.list(
      '/network/ip/interfaces?name=nas_n1&services=data_nfs&return_unmatched_nested_array_objects=true',
    );
    expect(at(whole, 0, 'services')).toEqual(['data_core', 'data_nfs', 'data_cifs']);
    const copies = await array.list(
      '/storage/snapshot-policies?name=default&copies.schedule.name=daily&fields=copies.count',
    );
    expect(at(copies, 0, 'copies')).toMatchObject([{ count: 2, schedule: { name: 'daily' } }]);
  });

  it('search words over several fields', async () => {
    const found = (holds: (row: Row) => boolean) =>
      rows
        .filter(holds)
        .map(({ name }) => name)
        .toSorted();
    // A word with a `*` is all of a value, one without is anywhere in it.
    expect(await namesOf('query=plain+a*&query_fields=comment,name')).toEqual(
      found(({ name, comment }) => comment === 'plain' && name.startsWith('a')),
    );
    expect(await namesOf('query=plain+*_4|mma&query_fields=comment,name')).toEqual(
      found(({ name, comment }) => comment === 'plain' && (name.endsWith('_4') || name.includes('mma'))),
    );
    const piped = found(({ comment }) => comment === 'one|two');
    expect(await namesOf('query="one|two"&query_fields=comment')).toEqual(piped);
    expect(await namesOf('query="one|two"&query_fields=*')).toEqual(piped);
    expect(await namesOf('query="one|two"&query_fields=*,!comment')).toEqual([]);
    expect(await namesOf('query=j1&query_fields=nas')).toEqual(['Alpha_15', 'gamma_10']);
    expect(await namesOf('query=j1&query_fields=nas,!nas.path')).toEqual([]);
  });

  it.each([
    ['query="open&query_fields=name', '400 262272'],
    ['query=a', '400 262273'],
    ['query_fields=name', '400 262273'],
    ['query=&query_fields=name', '400 262274'],
    ['query=+""&query_fields=name', '400 262274'],
    ['query=a&query_fields=,', '400 262275'],
    ['query=a&query_fields=name,size,name', '400 262276'],
    ['query=a&query_fields=name,colour', '400 262197'],
  ])('refuse the search %s', async (query, refusal) => {
    expect(await array.refusal('GET', `/storage/volumes?${query}`)).toBe(refusal);
  });

  it('search in a GET alone', async () => {
    const search = '/storage/volumes?name=x&query=a&query_fields=name';
    expect(await array.refusal('PATCH', search, { comment: 'x' })).toBe('400 262277');
    expect(await array.refusal('DELETE', search)).toBe('400 262277');
  });

  it('with many wildcards take no longer than others', { timeout: 5000 }, async () => {
    const long = 'a'.repeat(200);
    await array.expect(200, 'PATCH', '/storage/volumes?name=beta_5', { comment: long });
    expect(await namesOf(`comment=${'*a'.repeat(30)}b`)).toEqual([]);
    expect(await namesOf(`comment=${'*a'.repeat(30)}*`)).toEqual(['beta_5']);
    expect(await namesOf(`query=${'*a'.repeat(30)}b&query_fields=comment`)).toEqual([]);
    await array.expect(200, 'PATCH', '/storage/volumes?name=beta_5', { comment: '"quoted"' });
  });

  it('take braces in braces for what they are', async () => {
    expect(await namesOf('comment={{one|two}}')).toEqual([]);
    await array.expect(200, 'PATCH', '/storage/volumes?name=beta_5', { comment: '{one|two}' });
    expect(await namesOf('comment={{one|two}}')).toEqual(['beta_5']);
    await array.expect(200, 'PATCH', '/storage/volumes?name=beta_5', { comment: '"quoted"' });
  });

  it('on what is not measured are refused as not simulated, and its name is known', async () => {
    expect(await array.refusal('GET', '/storage/volumes?statistics.iops_raw.total=>5')).toBe('501 3');
    expect(await namesOf('name=beta_5&fields=metric.iops.total,statistics.status')).toEqual(['beta_5']);
    expect(await array.list('/storage/volumes?order_by=metric.iops.total+desc&max_records=1')).toHaveLength(1);
  });
});

describe('fields', () => {
  const keysOf = async (query: string) =>
    Object.keys(Object((await array.list(`/storage/volumes?name=alpha_0&${query}`))[0]));

  it('show keys by default and with an empty list', async () => {
    expect(await keysOf('')).toEqual(['uuid', 'name', '_links']);
    expect(await keysOf('fields=')).toEqual(['uuid', 'name', '_links']);
    expect(await keysOf('fields=,size,')).toEqual(['uuid', 'name', 'size', '_links']);
    expect(await keysOf('fields=size&fields=state')).toEqual(['uuid', 'name', 'size', 'state', '_links']);
  });

  it('bring all of a named object, expensive members included', async () => {
    const [record] = await array.list('/storage/volumes?name=alpha_0&fields=nas');
    expect(at(record, 'nas')).toMatchObject({
      path: '/j0',
      security_style: 'unix',
      unix_permissions: 755,
      export_policy: { name: 'default', id: 8589934593 },
      junction_parent: { name: 'svm0_root' },
    });
  });

  it('leave expensive ones out of * and have them in **', async () => {
    const [star] = await array.list('/storage/volumes?name=alpha_0&fields=*');
    const [all] = await array.list('/storage/volumes?name=alpha_0&fields=**');
    expect(at(star, 'guarantee')).toBeUndefined();
    expect(at(star, 'nas')).toMatchObject({ export_policy: { name: 'default' } });
    expect(at(star, 'nas', 'path')).toBeUndefined();
    expect(at(all, 'guarantee')).toEqual({ type: 'none', honored: true });
    const [both] = await array.list('/storage/volumes?name=alpha_0&fields=*,guarantee');
    expect(at(both, 'guarantee', 'type')).toBe('none');
  });

  it('group and exclude', async () => {
    const [grouped] = await array.list(
      '/storage/volumes?name=alpha_0&fields=space.{size,snapshot.{used,reserve_percent}},state',
    );
    expect(at(grouped, 'space')).toEqual({ size: 20 * MIB, snapshot: { used: 0, reserve_percent: 5 } });
    const [excluded] = await array.list('/storage/volumes?name=alpha_0&fields=nas,!nas.path,!nas.export_policy');
    expect(at(excluded, 'nas', 'path')).toBeUndefined();
    expect(at(excluded, 'nas', 'uid')).toBe(0);
  });

  it('refuse unknown names unless they are to be ignored', async () => {
    expect(await array.refusal('GET', '/cluster?fields=san_optimized,colour')).toBe('400 262197');
    expect(
      await array.expect(200, 'GET', '/cluster?fields=san_optimized,colour&ignore_unknown_fields=true'),
    ).toMatchObject({ san_optimized: false });
  });

  it('depend on the release and the kind of system', async () => {
    const old = await openOntapSession({
      topology: { cluster: { ...array.simulator.topology.cluster, version: '9.15.1' } },
    });
    expect(await old.refusal('GET', '/cluster?fields=disaggregated')).toBe('400 262197');
    expect(at(await old.expect(200, 'GET', '/cluster?fields=version'), 'version')).toMatchObject({
      generation: 9,
      major: 15,
      minor: 1,
    });
    expect(await old.refusal('GET', '/private/cli/debug/smdb/table/OntapPersonality')).toBe('404 3');
    await old.close();
    const asa = await openOntapSession({
      topology: { cluster: { ...array.simulator.topology.cluster, personality: 'asa-r2' } },
    });
    expect(await asa.expect(200, 'GET', '/cluster?fields=san_optimized,disaggregated')).toMatchObject({
      san_optimized: true,
      disaggregated: true,
    });
    expect(await asa.list('/private/cli/debug/smdb/table/OntapPersonality')).toEqual([{ ASA_R2: true }]);
    await asa.close();
  });
});

describe('order and pages', () => {
  it('sort by several fields, either way, nulls last', async () => {
    const sorted = (
      await array.list('/storage/volumes?order_by=size+desc,name&fields=size,comment,state,style,aggregates')
    ).map(readRow);
    expect(sorted.map(({ name }) => name)).toEqual(
      rows.toSorted((a, b) => b.size - a.size || (a.name < b.name ? -1 : 1)).map(({ name }) => name),
    );
    const byPath = await array.list('/storage/volumes?order_by=nas.path&fields=nas.path');
    const paths = byPath.map((record) => at(record, 'nas', 'path'));
    expect(paths.slice(paths.indexOf(undefined)).every((path) => path === undefined)).toBe(true);
  });

  it('give every record once, whatever the page size, filters and order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 50 }),
        fc.constantFrom('', 'name=a*', 'state=online&size=>60MB'),
        fc.constantFrom('', 'order_by=name', 'order_by=size desc,name'),
        async (size, filter, order) => {
          const query = [filter, order].filter((part) => part !== '').join('&');
          const whole = names(await array.list(`/storage/volumes?${query}`));
          const paged: string[] = [];
          let path: string | undefined = `/storage/volumes?${query}&max_records=${size}`;
          while (path !== undefined) {
            const page = await array.expect(200, 'GET', path);
            const records = at(page, 'records');
            const found = Array.isArray(records) ? names(records) : [];
            expect(at(page, 'num_records')).toBe(found.length);
            expect(found.length).toBeLessThanOrEqual(size);
            paged.push(...found);
            const next = at(page, '_links', 'next', 'href');
            path = typeof next === 'string' ? next.replace('/api', '') : undefined;
          }
          expect(paged).toEqual(whole);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('carry the token in the query, and take it beside the original parameters', async () => {
    const first = await array.expect(200, 'GET', '/storage/volumes?max_records=3&fields=size');
    const next = new URL(`https://x${textAt(first, '_links', 'next', 'href')}`);
    expect(next.searchParams.get('max_records')).toBe('3');
    expect([...next.searchParams.keys()].some((key) => key.startsWith('start.'))).toBe(true);
    const again = await array.list(`/storage/volumes?max_records=3&fields=size&${next.searchParams.toString()}`);
    const follow = await array.list(`${next.pathname.replace('/api', '')}${next.search}`);
    expect(again).toEqual(follow);
  });

  it('go on after a record that is gone', async () => {
    const throwaway = await openOntapSession({ seed: 4 });
    for (const name of ['a', 'b', 'c', 'd'])
      await throwaway.expect(201, 'POST', '/protocols/nfs/export-policies', { name, svm: { name: 'svm0' } });
    const first = await throwaway.expect(200, 'GET', '/protocols/nfs/export-policies?max_records=2&svm.name=svm0');
    const last = at(first, 'records', 1, 'id');
    await throwaway.expect(200, 'DELETE', `/protocols/nfs/export-policies/${String(last)}`);
    const rest = names(await throwaway.list(textAt(first, '_links', 'next', 'href').replace('/api', '')));
    expect(rest).toEqual(['b', 'c']);
    await throwaway.close();
  });

  it('skip with offset', async () => {
    const whole = names(await array.list('/storage/volumes?order_by=name'));
    expect(names(await array.list('/storage/volumes?order_by=name&offset=5&max_records=3'))).toEqual(whole.slice(5, 8));
  });
});
