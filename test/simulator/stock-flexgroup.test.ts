import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { at, openOntapSession, textAt, type OntapSession } from '../support/ontap-session.ts';
import { stockFlexgroup, type StockFlexgroup } from '../support/stock-flexgroup.ts';

const GIB = 1024 ** 3;

let array: OntapSession;
let stock: StockFlexgroup;

/** Requests that an operation sends, counted by the array. */
const counted = async (operation: () => Promise<unknown>): Promise<number> => {
  array.simulator.requests.reset();
  await operation();
  return array.simulator.requests.count();
};

const shown = async (name: string, fields: string) =>
  (await array.list(`/storage/volumes?name=${name}&fields=${fields}`))[0];

beforeAll(async () => {
  array = await openOntapSession({
    clock: { frozenAt: new Date('2026-01-01T00:00:00Z') },
    pace: { splitMs: 60_000 },
  });
  const [svm] = await array.list('/svm/svms?name=svm0');
  stock = stockFlexgroup(array, textAt(svm, 'uuid'));
});
afterEach(() => array.simulator.world.verify());
afterAll(() => array.close());

// The figures are those that were measured with the stock core: a different one means that a sequence differs.
describe('the requests of the stock ontap-nas-flexgroup driver', () => {
  test('create over two aggregates with four constituents each', async () => {
    expect(await counted(() => stock.create('fg1', 16 * GIB))).toBe(14);
    expect(await shown('fg1', 'aggregates,nas.path,size,style')).toMatchObject({
      style: 'flexgroup',
      size: 16 * GIB,
      aggregates: [{ name: 'aggr1_n1' }, { name: 'aggr1_n2' }],
      nas: { path: '/fg1' },
    });
  });

  test('create too small: the job has the code, and its text does not hide it', async () => {
    const reply = await stock.tryCreate('fg2', 8 * 100 * 1024 ** 2);
    expect(reply.body).toMatchObject({ state: 'failure', code: 917534 });
    expect(textAt(reply.body, 'message')).not.toContain(',');
  });

  test('publish, snapshot, resize and restore', async () => {
    await array.expect(201, 'POST', '/protocols/nfs/export-policies', { name: 'trident-b', svm: { name: 'svm0' } });
    expect(await counted(() => stock.publish('fg1', 'trident-b'))).toBe(6);
    await stock.createSnapshot('fg1', 's1');
    expect(await counted(() => stock.resize('fg1', 24 * GIB))).toBe(7);
    await stock.createSnapshot('fg1', 's2');
    await stock.restoreSnapshot('fg1', 's1');
    expect(await shown('fg1', 'snapshot_count')).toMatchObject({ snapshot_count: 1 });
  });

  test('clone from a snapshot, and split: as long as it lasts, the parent stays', async () => {
    expect(await counted(() => stock.clone('fg1', 's1', 'fg3'))).toBe(16);
    expect(await counted(() => stock.split('fg3'))).toBe(2);
    array.simulator.clock.advance(30_000);
    const half = await shown('fg3', 'clone');
    expect(half).toMatchObject({ clone: { is_flexclone: true, split_initiated: true, split_complete_percent: 50 } });
    const uuid = textAt(half, 'uuid');
    expect(await array.refusal('PATCH', `/storage/volumes/${uuid}`, { clone: { split_initiated: true } })).toBe(
      '400 918248',
    );
    array.simulator.clock.advance(30_000);
    const whole = await shown('fg3', 'clone');
    expect(at(whole, 'clone', 'is_flexclone')).toBe(false);
    expect(at(whole, 'clone', 'parent_volume')).toBeUndefined();
  });

  test('delete', async () => {
    expect(await counted(() => stock.remove('fg3'))).toBe(8);
    expect(await counted(() => stock.remove('fg1'))).toBe(8);
    expect(await array.list('/storage/volumes?style=flexgroup')).toEqual([]);
  });
});
