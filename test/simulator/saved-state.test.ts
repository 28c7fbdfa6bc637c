import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { openOntapSession, type OntapSession } from '../support/ontap-session.ts';

/** States that no simulator can have left: they are refused, and the one that runs goes on as it was. */

const state = v.looseObject({ tables: v.record(v.string(), v.array(v.record(v.string(), v.unknown()))) });
type Tables = v.InferOutput<typeof state>['tables'];

let array: OntapSession;
let saved = '';

beforeAll(async () => {
  array = await openOntapSession({ clock: { frozenAt: new Date('2026-01-01T00:00:00Z') } });
  for (const name of ['a', 'b']) {
    const volume = { name, size: '1GB', svm: { name: 'svm0' }, aggregates: [{ name: 'aggr1_n1' }] };
    await array.expect(201, 'POST', '/storage/volumes?return_timeout=15', volume);
  }
  const lun = { name: '/vol/a/l', os_type: 'linux', space: { size: '100MB' }, svm: { name: 'svm0' } };
  await array.expect(201, 'POST', '/storage/luns?return_timeout=15', lun);
  await array.expect(201, 'POST', '/storage/snapshot-policies', {
    name: 'p',
    svm: { name: 'svm0' },
    copies: [{ schedule: { name: 'hourly' }, count: 3 }],
  });
  saved = array.simulator.dump();
});
afterAll(() => array.close());

/** The saved state with one record, found by its name or else the first of its kind, made into another one. */
const broken = (
  kind: string,
  name: string | undefined,
  change: (record: Tables[string][number]) => unknown,
): string => {
  const whole = v.parse(state, JSON.parse(saved));
  const records = whole.tables[kind] ?? [];
  const record = records.find((each) => name === undefined || each['name'] === name);
  if (record === undefined) throw new Error(`no ${kind} ${name}`);
  const made = change(record);
  if (made === undefined) return JSON.stringify(whole);
  return JSON.stringify({ ...whole, tables: { ...whole.tables, [kind]: [...records, made] } });
};
const set = (changes: Readonly<Record<string, unknown>>) => (record: object) => void Object.assign(record, changes);

describe('a state that does not hold together', () => {
  const uuid = '[-0-9a-f]{36}';
  it.each([
    ['volume', 'a', set({ svm: 'gone' }), `volume a \\(${uuid}\\): svm refers to svm gone, which is not there`],
    ['volume', 'b', set({ aggregates: ['x'] }), `volume b .*: aggregates refers to aggregate x, which is not there`],
    ['volume', 'b', set({ $layout: ['x'] }), 'volume b .*: it takes space in aggregate x, which is not there'],
    ['volume', 'b', set({ size: '1GB' }), 'volume b .*: size is not a number of bytes'],
    ['volume', 'b', set({ aggregates: 'x' }), 'volume b .*: aggregates is not a list'],
    ['volume', 'b', set({ comment: null }), `tables.volume: ${uuid}: comment: there are no null values`],
    ['volume', 'b', set({ name: 'a' }), `volume a .*: svm and name as volume ${uuid} has`],
    ['volume', 'b', (record: object) => ({ ...record }), `volume ${uuid}: it is there twice`],
    ['volume', 'a', set({ $held: 7 }), 'volume a .*: .held is 7, and its units hold 0 bytes'],
    ['volume', 'b', set({ $used: 2 ** 50, 'guarantee.type': 'volume' }), 'aggregate aggr1_n1 holds more than its size'],
    ['lun', undefined, set({ 'location.volume': 'x' }), 'lun /vol/a/l .*: location.volume refers to volume x, which'],
    ['qtree', undefined, set({ volume: 'x' }), 'qtree .*/0: volume refers to volume x, which is not there'],
    ['snapshot_copy', undefined, set({ schedule: 'x' }), 'snapshot_copy .*: schedule refers to schedule x, which is'],
    ['export_client', undefined, set({ rule: 'x' }), 'export_client .*: rule refers to export_rule x, which is not'],
  ] as const)('is refused: %s %s', (kind, name, change, message) => {
    expect(() => array.simulator.restore(broken(kind, name, change))).toThrow(new RegExp(`^${message}`));
    expect(array.simulator.dump()).toBe(saved);
    array.simulator.world.verify();
  });

  it('is not what a simulator starts with', async () => {
    await expect(startSimulator({ state: broken('volume', 'a', set({ svm: 'gone' })) })).rejects.toThrow('volume a');
  });

  it('leaves the clock, and the jobs that are under way, to those that wait for them', async () => {
    const quick = await openOntapSession({
      clock: { frozenAt: new Date('2026-01-01T00:00:00Z') },
      jobs: { duration: 60_000 },
    });
    const volume = { name: 'a', size: '1GB', svm: { name: 'svm0' }, aggregates: [{ name: 'aggr1_n1' }] };
    await quick.expect(202, 'POST', '/storage/volumes', volume);
    const other = broken('volume', 'a', set({ svm: 'gone' }));
    expect(() => quick.simulator.restore(other)).toThrow('volume a');
    const strange = quick.simulator.dump().replace('"kind":"volume"', '"kind":"dish"');
    expect(() => quick.simulator.restore(strange)).toThrow(/^job .*: it changes a "dish", which is not known$/);
    quick.simulator.clock.advance(60_000);
    expect(await quick.list('/storage/volumes?name=a')).toHaveLength(1);
    expect(quick.simulator.clock.now()).toEqual(new Date('2026-01-01T00:01:00Z'));
    await quick.close();
  });
});
