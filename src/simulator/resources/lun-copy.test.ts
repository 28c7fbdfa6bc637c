import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { at, openOntapSession, textAt, type OntapSession } from '../../../test/support/ontap-session.ts';

const MIB = 1024 ** 2;
const SVM = { svm: { name: 'svm0' } };
const LUNS = '/storage/luns';

let array: OntapSession;

const newVolume = (name: string) =>
  array.expect(201, 'POST', '/storage/volumes?return_timeout=10', {
    name,
    ...SVM,
    size: 100 * MIB,
    aggregates: [{ name: 'aggr1_n1' }],
    guarantee: { type: 'none' },
    space: { snapshot: { reserve_percent: 0 } },
  });
const newLun = (name: string, more: Record<string, unknown> = {}) =>
  array.expect(201, 'POST', LUNS, { name, os_type: 'linux', ...SVM, space: { size: 20 * MIB }, ...more });
const copyOf = (source: string, name: string) => ({ ...SVM, name, copy: { source: { name: source } } });
const usedIn = async (volume: string) =>
  at((await array.list(`/storage/volumes?name=${volume}&fields=space.used`))[0], 'space', 'used');

beforeAll(async () => {
  array = await openOntapSession({ clock: { frozenAt: new Date('2026-01-01T00:00:00Z') } });
  await newVolume('from');
  await newVolume('to');
});
afterEach(() => array.simulator.world.verify());
afterAll(() => array.close());

test('a copy has data of its own in another volume, and tells of its source for two minutes', async () => {
  await newLun('/vol/from/a', { comment: 'c', attributes: [{ name: 'key', value: 'v' }] });
  array.simulator.world.setUnitUsedBytes('/vol/from/a', 5 * MIB);
  const before = Number(await usedIn('to'));
  await array.expect(201, 'POST', LUNS, copyOf('/vol/from/a', '/vol/to/b'));
  expect(Number(await usedIn('to')) - before).toBe(5 * MIB);
  const read = async () => (await array.list(`${LUNS}?name=/vol/to/b&fields=*,attributes,copy`))[0];
  const source = (await array.list(`${LUNS}?name=/vol/from/a&fields=serial_number`))[0];
  const copy = await read();
  expect(copy).toMatchObject({
    comment: 'c',
    os_type: 'linux',
    space: { size: 20 * MIB, used: 5 * MIB },
    location: { volume: { name: 'to' }, logical_unit: 'b' },
    attributes: [{ name: 'key', value: 'v' }],
    copy: { source: { name: '/vol/from/a', progress: { state: 'complete', percent_complete: 100 } } },
  });
  expect(textAt(copy, 'serial_number')).not.toBe(textAt(source, 'serial_number'));
  array.simulator.clock.advance(120_000);
  expect(at(await read(), 'copy')).toBeUndefined();
});

test('a copy is refused with more than its place, without its source, or without room', async () => {
  await newLun('/vol/from/s');
  const refused = (body: unknown) => array.refusal('POST', LUNS, body);
  expect(await refused({ ...copyOf('/vol/from/s', '/vol/to/x'), os_type: 'linux' })).toBe('400 5374943');
  expect(await refused(copyOf('/vol/from/none', '/vol/to/x'))).toBe('400 5374875');
  expect(await refused(copyOf('/vol/from/.snapshot/s/l', '/vol/to/x'))).toBe('501 3');
  expect(await refused(copyOf('/vol/from/s', '/vol/from/s'))).toBe('409 5374242');
  const slow = { ...SVM, name: '/vol/to/x', copy: { source: { name: '/vol/from/s', max_throughput: 1024 } } };
  expect(await refused(slow)).toBe('501 3');
  await newLun('/vol/from/big', { space: { size: 60 * MIB, guarantee: { requested: true } } });
  await newLun('/vol/to/big', { space: { size: 60 * MIB, guarantee: { requested: true } } });
  expect(await refused(copyOf('/vol/from/big', '/vol/to/x'))).toBe('400 5374125');
});
