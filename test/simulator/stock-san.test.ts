import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { at, openOntapSession, textAt, type OntapSession } from '../support/ontap-session.ts';
import { stockSan, type StockSan } from '../support/stock-san.ts';

const GIB = 1024 ** 3;
const IQN = 'iqn.1994-05.com.redhat:node1';
const IGROUP = 'node1-4fe0e2d1-4b8f-4d2f-8f0a-1f1f3a1f2a11';

let array: OntapSession;
let stock: StockSan;

/** Requests that an operation sends, counted by the array. */
const counted = async (operation: () => Promise<unknown>): Promise<number> => {
  array.simulator.requests.reset();
  await operation();
  return array.simulator.requests.count();
};

beforeAll(async () => {
  array = await openOntapSession({ clock: { frozenAt: new Date('2026-01-01T00:00:00Z') } });
  const [svm] = await array.list('/svm/svms?name=svm0');
  stock = stockSan(array, textAt(svm, 'uuid'), 'pool');
});
afterEach(() => array.simulator.world.verify());
afterAll(() => array.close());

// The figures are those that were measured with the stock core: a different one means that a sequence differs.
describe('the requests of the stock ontap-san driver', () => {
  test('open a backend, with CHAP and without, and poll it', async () => {
    expect(await counted(() => stock.open())).toBe(10);
    expect(await counted(() => stock.setUpChap())).toBe(3);
    expect(await counted(() => stock.poll())).toBe(5);
  });

  test('create a volume with its LUN and attributes', async () => {
    expect(await counted(() => stock.create('trident_pvc_1', GIB))).toBe(15);
    expect(await counted(() => stock.create('trident_pvc_2', GIB))).toBe(15);
    const lun = await stock.lun('/vol/trident_pvc_1/lun0', 'attributes');
    expect(at(lun, 'attributes')).toMatchObject([
      { name: 'LUKS', value: 'false' },
      { name: 'com.netapp.ndvp.fstype', value: 'ext4' },
      { name: 'context', value: 'csi' },
      { name: 'poolName', value: 'p1' },
    ]);
  });

  test('publish to a node: the first volume, the second, and again', async () => {
    let published: unknown;
    expect(
      await counted(async () => {
        published = await stock.publish('/vol/trident_pvc_1/lun0', IGROUP, IQN, false);
      }),
    ).toBe(19);
    expect(published).toMatchObject({ number: 0, iqn: expect.stringMatching(/^iqn\.1992-08\.com\.netapp:sn\./) });
    expect(at(published, 'portals')).toContain('192.0.2.21');
    expect(await counted(() => stock.publish('/vol/trident_pvc_2/lun0', IGROUP, IQN, false))).toBe(16);
    expect(await counted(() => stock.publish('/vol/trident_pvc_2/lun0', IGROUP, IQN, false))).toBe(14);
    expect(await stock.publish('/vol/trident_pvc_2/lun0', IGROUP, IQN, false)).toMatchObject({ number: 1 });
  });

  test('snapshot, clone, split, and delete a busy snapshot when its clone is split', async () => {
    expect(await counted(() => stock.createSnapshot('trident_pvc_1', 'snap1'))).toBe(11);
    expect(await counted(() => stock.cloneFromSnapshot('trident_pvc_1', 'snap1', 'trident_clone'))).toBe(11);
    const [original, copy] = [await stock.lun('/vol/trident_pvc_1/lun0'), await stock.lun('/vol/trident_clone/lun0')];
    expect(at(copy, 'serial_number')).not.toBe(at(original, 'serial_number'));
    expect(copy).toMatchObject({ status: { mapped: false, state: 'online' }, space: { size: GIB } });

    const busy = await stock.deleteSnapshot('trident_pvc_1', 'snap1');
    expect(busy.body).toMatchObject({ state: 'failure', code: 1638555, error: { code: '1638555' } });
    await stock.splitClone('trident_clone');
    let ended: unknown;
    expect(
      await counted(async () => {
        ended = await stock.deleteSnapshot('trident_pvc_1', 'snap1');
      }),
    ).toBe(8);
    expect(ended).toMatchObject({ body: { state: 'success' } });
  });

  test('resize, and restore the size of a snapshot', async () => {
    await stock.createSnapshot('trident_pvc_1', 'snap2');
    expect(await counted(() => stock.resize('trident_pvc_1', 2 * GIB))).toBe(11);
    expect(await stock.lun('/vol/trident_pvc_1/lun0')).toMatchObject({ space: { size: 2 * GIB } });
    await stock.restoreSnapshot('trident_pvc_1', 'snap2');
    expect(await stock.lun('/vol/trident_pvc_1/lun0')).toMatchObject({
      space: { size: GIB },
      lun_maps: [{ igroup: { name: IGROUP }, logical_unit_number: 0 }],
    });
  });

  test('unpublish: the igroup stays with maps and goes with the last', async () => {
    expect(await counted(() => stock.unpublish('/vol/trident_pvc_2/lun0', IGROUP, false))).toBe(5);
    expect(await counted(() => stock.unpublish('/vol/trident_pvc_1/lun0', IGROUP, false))).toBe(7);
    expect(await array.list(`/protocols/san/igroups?name=${IGROUP}`)).toEqual([]);
  });

  test('import a volume that is there', async () => {
    await array.expect(202, 'POST', '/storage/volumes', {
      name: 'legacy',
      svm: { name: 'svm0' },
      size: 2 * GIB,
      aggregates: [{ name: 'aggr1_n1' }],
    });
    const luns = { name: '/vol/legacy/data', os_type: 'linux', svm: { name: 'svm0' }, space: { size: GIB } };
    await array.expect(201, 'POST', '/storage/luns', luns);
    expect(await counted(() => stock.importManaged('legacy', 'trident_imported'))).toBe(11);
    expect(await stock.lun('/vol/trident_imported/lun0')).toMatchObject({ space: { size: GIB } });
  });

  test('delete', async () => {
    for (const name of ['trident_pvc_1', 'trident_pvc_2', 'trident_clone', 'trident_imported']) {
      expect(await counted(() => stock.remove(name))).toBe(9);
    }
    expect(await array.list('/storage/luns')).toEqual([]);
  });

  test('move a volume that is published', async () => {
    await stock.create('trident_mover', GIB);
    await stock.publish('/vol/trident_mover/lun0', IGROUP, IQN, false);
    const uuid = textAt(await stock.volume('trident_mover'), 'uuid');
    const move = { movement: { destination_aggregate: { name: 'aggr1_n2' } } };
    await array.expect(200, 'PATCH', `/storage/volumes/${uuid}?validate_only=true`, move);
    const job = textAt(
      await array.expect(202, 'PATCH', `/storage/volumes/${uuid}?validate_only=false`, move),
      'job',
      'uuid',
    );
    expect(await array.expect(200, 'GET', `/cluster/jobs/${job}`)).toMatchObject({ state: 'success' });
    expect(await stock.volume('trident_mover', 'aggregates')).toMatchObject({ aggregates: [{ name: 'aggr1_n2' }] });
    const [map] = await array.list('/protocols/san/lun-maps?lun.name=/vol/trident_mover/lun0&fields=lun');
    expect(map).toMatchObject({ lun: { node: { name: 'sim-cluster-02' } } });
    await stock.unpublish('/vol/trident_mover/lun0', IGROUP, false);
    await stock.remove('trident_mover');
  });
});

describe('the requests of the stock ontap-san-economy driver', () => {
  test('create LUNs in a shared volume, which is made for the first', async () => {
    expect(await counted(() => stock.createInPool('pool_a', 'lun_1', GIB))).toBe(20);
    expect(await counted(() => stock.createInPool(undefined, 'lun_2', GIB))).toBe(20);
    expect(await array.list('/storage/luns?name=/vol/pool_a/*')).toHaveLength(2);
  });

  test('publish: the first on a node, the second, and again', async () => {
    expect(await counted(() => stock.publish('/vol/pool_a/lun_1', IGROUP, IQN, true))).toBe(19);
    expect(await counted(() => stock.publish('/vol/pool_a/lun_2', IGROUP, IQN, true))).toBe(16);
    expect(await counted(() => stock.publish('/vol/pool_a/lun_2', IGROUP, IQN, true))).toBe(14);
  });

  test('snapshots are clones in the same volume, found by pattern', async () => {
    expect(await counted(() => stock.cloneInPool('pool_a', 'lun_1', 'lun_1_snapshot_s1'))).toBe(13);
    const found = await array.list('/storage/luns?name=/vol/*/*lun_1_snapshot_*&fields=create_time,space.size');
    expect(found).toMatchObject([{ name: '/vol/pool_a/lun_1_snapshot_s1', space: { size: GIB } }]);
    expect(at(await stock.lun('/vol/pool_a/lun_1_snapshot_s1', 'attributes'), 'attributes')).toHaveLength(4);
  });

  test('resize, and restore a snapshot when nothing is mapped', async () => {
    await stock.resizeInPool('pool_a', 'lun_1', 2 * GIB);
    expect(await counted(() => stock.unpublish('/vol/pool_a/lun_1', IGROUP, true))).toBe(6);
    await stock.restoreInPool('pool_a', 'lun_1', 'lun_1_snapshot_s1');
    expect(await stock.lun('/vol/pool_a/lun_1')).toMatchObject({ space: { size: GIB }, status: { mapped: false } });
  });

  test('a LUN may be cloned out of a snapshot of the shared volume, as for group snapshots', async () => {
    const uuid = textAt(await stock.volume('pool_a'), 'uuid');
    await array.expect(202, 'POST', `/storage/volumes/${uuid}/snapshots`, { name: 'group', svm: { uuid: stock.svm } });
    await array.expect(201, 'POST', '/storage/luns?return_records=true', {
      name: '/vol/pool_a/lun_2_snapshot_group',
      clone: { source: { name: '/vol/pool_a/.snapshot/group/lun_2' } },
      svm: { uuid: stock.svm },
      space: {},
      qos_policy: {},
    });
    expect(await stock.lun('/vol/pool_a/lun_2_snapshot_group')).toMatchObject({ space: { size: GIB } });
  });

  test('unpublish and delete, the shared volume with its last LUN', async () => {
    expect(await counted(() => stock.unpublish('/vol/pool_a/lun_2', IGROUP, true))).toBe(8);
    await stock.removeFromPool('pool_a', 'lun_1');
    expect(await array.list('/storage/luns?name=/vol/pool_a/*')).toHaveLength(2);
    await stock.removeFromPool('pool_a', 'lun_2');
    expect(await array.list('/storage/luns')).toEqual([]);
    expect(await stock.volume('pool_a')).toBeUndefined();
  });

  test('delete takes the measured number of requests', async () => {
    await stock.createInPool('pool_b', 'lun_3', GIB);
    await stock.createInPool('pool_b', 'lun_4', GIB);
    expect(await counted(() => stock.removeFromPool('pool_b', 'lun_3'))).toBe(13);
    expect(await counted(() => stock.removeFromPool('pool_b', 'lun_4'))).toBe(12);
  });
});
