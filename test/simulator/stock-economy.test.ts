import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { at, openOntapSession, textAt, type OntapSession } from '../support/ontap-session.ts';
import { stockEconomy, type StockEconomy } from '../support/stock-economy.ts';

const GIB = 1024 ** 3;
const POOL = 'trident_qtree_pool_trident_ABCDEFGHIJ';
const BACKEND_POLICY = 'trident-7f9c3d1e-8a4b-4c2d-9e1f-000000000001';

let array: OntapSession;
let stock: StockEconomy;

/** Requests that an operation sends, counted by the array. */
const counted = async (operation: () => Promise<unknown>): Promise<number> => {
  array.simulator.requests.reset();
  await operation();
  return array.simulator.requests.count();
};

beforeAll(async () => {
  array = await openOntapSession({ clock: { frozenAt: new Date('2026-01-01T00:00:00Z') } });
  const [svm] = await array.list('/svm/svms?name=svm0');
  stock = stockEconomy(array, textAt(svm, 'uuid'));
});
afterEach(() => array.simulator.world.verify());
afterAll(() => array.close());

// The figures are those that were measured with the stock core: a different one means that a sequence differs.
describe('the requests of the stock ontap-nas-economy driver', () => {
  test('make a shared volume with quotas on', async () => {
    await stock.open(BACKEND_POLICY);
    await stock.createPool(POOL, 'aggr1_n1');
    const [volume] = await array.list(`/storage/volumes?name=${POOL}&fields=quota`);
    expect(at(volume, 'quota', 'state')).toBe('on');
    expect(await array.list(`/storage/quota/rules?volume.name=${POOL}&fields=qtree,space`)).toMatchObject([
      { qtree: { name: '' } },
    ]);
  });

  test('create qtrees in it, each with its quota', async () => {
    expect(await counted(() => stock.create(POOL, 'trident_q1', GIB))).toBe(19);
    expect(await counted(() => stock.create(POOL, 'trident_q2', 2 * GIB))).toBe(19);
    expect(await stock.find('trident_q2')).toMatchObject({ volume: POOL, id: 2 });
    expect(await stock.quota(POOL, 'trident_q2')).toMatchObject({ space: { hard_limit: 2 * GIB } });
    expect(array.simulator.world.findVolume(POOL)?.sizeBytes).toBe(3 * GIB);
    await expect(stock.create(POOL, 'trident_q1', GIB)).rejects.toThrow('exists');
  });

  test('publish with policies of its own, and publish again', async () => {
    expect(await counted(() => stock.publish(POOL, 'trident_q1', '10.0.0.1', BACKEND_POLICY))).toBe(23);
    expect(await counted(() => stock.publish(POOL, 'trident_q1', '10.0.0.1', BACKEND_POLICY))).toBe(17);
    const [qtree] = await array.list('/storage/qtrees?name=trident_q1&fields=export-policy.name,nas.path');
    expect(qtree).toMatchObject({ export_policy: { name: 'trident_q1' }, nas: { path: `/${POOL}/trident_q1` } });
    const [policy] = await array.list('/protocols/nfs/export-policies?name=trident_q1');
    expect(await array.refusal('DELETE', `/protocols/nfs/export-policies/${String(at(policy, 'id'))}`)).toBe(
      '409 1703953',
    );
  });

  test('name an export policy that is not there: the job says so', async () => {
    const reply = await stock.setPolicy('trident_q1', 'nobody');
    expect(reply.status).toBe(500);
    expect(reply.body).toMatchObject({ state: 'failure', code: 1703954, error: { code: '1703954' } });
    expect(textAt(reply.body, 'message')).not.toMatch(/[,:]/);
  });

  test('resize and take snapshots of the whole volume', async () => {
    expect(await counted(() => stock.resize(POOL, 'trident_q1', 3 * GIB))).toBe(13);
    expect(await stock.quota(POOL, 'trident_q1')).toMatchObject({ space: { hard_limit: 3 * GIB } });
    expect(array.simulator.world.findVolume(POOL)?.sizeBytes).toBe(5 * GIB);
    await stock.createSnapshot(POOL, 'snapshot-1');
  });

  test('list, import and delete', async () => {
    expect(await stock.list('trident_qtree_pool_')).toEqual(['trident_q1', 'trident_q2']);
    await stock.createPool('shared', 'aggr1_n1');
    await stock.create('shared', 'data', GIB);
    const renamed = 'trident_qtree_pool_trident_KLMNOPQRST';
    expect(await counted(() => stock.importManaged('shared', 'data', 'trident_q3', renamed))).toBe(11);
    expect(await stock.find('trident_q3')).toMatchObject({ volume: renamed, id: 1 });
    expect(await stock.quota(renamed, 'trident_q3')).toMatchObject({ space: { hard_limit: GIB } });
    expect(await counted(() => stock.remove(POOL, 'trident_q1'))).toBe(7);
    expect(await stock.find('trident_q1')).toBeUndefined();
    expect(await array.list(`/storage/qtrees?volume.name=${POOL}&fields=`)).toMatchObject([{ id: 0 }, { id: 2 }]);
    expect(await stock.list('trident_qtree_pool_')).toEqual(expect.arrayContaining(['trident_q2', 'trident_q3']));
  });
});
