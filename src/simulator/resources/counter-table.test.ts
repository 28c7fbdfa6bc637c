import { afterAll, beforeAll, expect, test } from 'vitest';
import { at, openOntapSession, textAt, type OntapSession } from '../../../test/support/ontap-session.ts';

/** Counter tables, as monitoring reads them. */

const GIB = 1024 ** 3;
const SVM = { svm: { name: 'svm0' } };
const TABLES = '/cluster/counter/tables';
let array: OntapSession;

beforeAll(async () => {
  array = await openOntapSession({ clock: { frozenAt: new Date('2026-01-01T00:00:00Z') } });
  const make = (body: unknown) => array.expect(202, 'POST', '/storage/volumes', body);
  await make({ name: 'v1', ...SVM, size: GIB, aggregates: [{ name: 'aggr1_n1' }] });
  const aggregates = [{ name: 'aggr1_n1' }, { name: 'aggr1_n2' }];
  await make({ name: 'fg', ...SVM, size: 4 * GIB, aggregates, style: 'flexgroup', constituents_per_aggregate: 1 });
  const igroup = { name: 'ig', ...SVM, protocol: 'iscsi', os_type: 'linux' };
  await array.expect(201, 'POST', '/protocols/san/igroups', igroup);
  for (const name of ['seen', 'unseen']) {
    const lun = { name: `/vol/v1/${name}`, ...SVM, os_type: 'linux', space: { size: GIB / 16 } };
    await array.expect(201, 'POST', '/storage/luns', lun);
  }
  const map = { lun: { name: '/vol/v1/seen' }, igroup: { name: 'ig' }, ...SVM };
  await array.expect(201, 'POST', '/protocols/san/lun-maps', map);
});
afterAll(() => array.close());

const rows = (table: string, query = '') => array.list(`${TABLES}/${table}/rows?return_records=true&fields=*${query}`);
/** The properties of a row, by their names. */
const properties = (row: unknown): Record<string, unknown> => {
  const list = at(row, 'properties');
  return Array.isArray(list)
    ? Object.fromEntries(list.map((each: unknown) => [textAt(each, 'name'), at(each, 'value')]))
    : {};
};

test('tables are listed, with the schemas of their counters', async () => {
  expect((await array.list(TABLES)).map((table) => at(table, 'name'))).toEqual([
    'lun',
    'system:node',
    'volume',
    'volume:node',
    'volume:svm',
  ]);
  const table = await array.expect(200, 'GET', `${TABLES}/volume?return_records=true`);
  expect(table).toMatchObject({
    name: 'volume',
    _links: { self: { href: `/api${TABLES}/volume?return_records=true` } },
  });
  const schemas = at(table, 'counter_schemas');
  expect(schemas).toContainEqual({
    name: 'average_latency',
    description: 'Mean latency of all requests to the volume',
    type: 'average',
    unit: 'microsec',
    denominator: { name: 'total_ops' },
  });
  expect(schemas).toContainEqual(expect.objectContaining({ name: 'parent_aggregate', type: 'string', unit: 'none' }));
  expect(await array.list(`${TABLES}?description=*LUN*&fields=description`)).toHaveLength(1);
});

test('each denominator is a counter of its table', async () => {
  for (const table of await array.list(`${TABLES}?fields=counter_schemas`)) {
    const schemas = at(table, 'counter_schemas');
    if (!Array.isArray(schemas)) throw new Error('no schemas');
    const names = schemas.map((each: unknown) => at(each, 'name'));
    expect(new Set(names).size).toBe(names.length);
    for (const each of schemas) {
      const denominator = at(each, 'denominator', 'name');
      if (denominator !== undefined) expect(names).toContain(denominator);
    }
  }
});

test('volumes have rows, FlexGroups by their constituents', async () => {
  const found = await rows('volume');
  const names = found.map((row) => properties(row)['name']);
  expect(names).toEqual(expect.arrayContaining(['v1', 'fg__0001', 'fg__0002', 'svm0_root']));
  expect(names).not.toContain('fg');
  const row = found.find((each) => properties(each)['name'] === 'v1');
  const own = properties(row);
  expect(own).toMatchObject({ 'svm.name': 'svm0', parent_aggregate: 'aggr1_n1' });
  const id = `${String(own['node.name'])}:svm0:v1:${String(own['uuid'])}`;
  const href = `/api${TABLES}/volume/rows/${encodeURIComponent(id)}`;
  expect(row).toMatchObject({ id, counter_table: { name: 'volume' }, _links: { self: { href } } });
  expect(at(row, 'counters')).toContainEqual({ name: 'total_ops', value: 0 });
  expect(await array.expect(200, 'GET', href.slice('/api'.length))).toMatchObject({ id });
});

test('queries on names leave what matches', async () => {
  const [row] = await rows('volume', '&properties.value=v1&counters.name=bytes_read|total_ops');
  expect(at(row, 'counters')).toEqual([
    { name: 'bytes_read', value: 0 },
    { name: 'total_ops', value: 0 },
  ]);
  expect(await rows('volume:svm', '&properties.name=svm.name')).toEqual(
    expect.arrayContaining([expect.objectContaining({ properties: [{ name: 'svm.name', value: 'svm0' }] })]),
  );
});

test('LUNs that are mapped have rows', async () => {
  const found = await rows('lun');
  expect(found.map((row) => textAt(row, 'id').split(':').slice(1, 3))).toEqual([['svm0', '/vol/v1/seen']]);
});

test('the clock of a node runs in its counters', async () => {
  const uptime = async () => {
    const [row] = await rows('system:node', '&counters.name=uptime|cpu_elapsed_time|cpu_busy|time');
    const counters = at(row, 'counters');
    return Array.isArray(counters) ? counters.map((each: unknown) => Number(at(each, 'value'))) : [];
  };
  const before = await uptime();
  array.simulator.clock.advance(60_000);
  const after = await uptime();
  expect(after.map((value, index) => value - (before[index] ?? 0))).toEqual([0, 60_000_000, 60, 60]);
  const [node] = await array.list('/cluster/nodes?fields=uptime');
  expect(at(node, 'uptime')).toBe(after[3]);
});

test('what is not there is refused as ONTAP does', async () => {
  const [row] = await rows('volume:node');
  expect(await array.refusal('GET', `${TABLES}/nothing`)).toBe('404 8585320');
  expect(await array.refusal('GET', `${TABLES}/nothing/rows`)).toBe('404 8585320');
  expect(await array.refusal('GET', `${TABLES}/volume/rows/x`)).toBe('404 4');
  expect(await array.refusal('GET', `${TABLES}/lun/rows/${textAt(row, 'id')}`)).toBe('404 4');
  expect(await array.refusal('GET', `${TABLES}/volume/rows?fields=nothing`)).toBe('400 262197');
  expect(await array.refusal('POST', TABLES, { name: 'x' })).toBe('405 3');
  expect((await array.sendAs('vsadmin', 'GET', TABLES)).status).toBe(403);
});
