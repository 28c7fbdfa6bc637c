import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openOntapSession, textAt, type OntapSession } from '../support/ontap-session.ts';
import { stockNvme, type Published, type StockNvme } from '../support/stock-nvme.ts';

const GIB = 1024 ** 3;
const TRIDENT = '4fe0e2d1-4b8f-4d2f-8f0a-1f1f3a1f2a11';
const NODE = `node1_${TRIDENT}`;
const SHARED = `trident_subsystem_${TRIDENT}_`;
const HOST = 'nqn.2014-08.org.nvmexpress:uuid:node1';
const OTHER_HOST = 'nqn.2014-08.org.nvmexpress:uuid:node2';

let array: OntapSession;
let stock: StockNvme;

/** Requests that an operation sends, counted by the array; an operation may start the count itself. */
const counted = async <Result>(operation: () => Promise<Result>): Promise<readonly [number, Result]> => {
  array.simulator.requests.reset();
  const result = await operation();
  return [array.simulator.requests.count(), result];
};

beforeAll(async () => {
  array = await openOntapSession({ clock: { frozenAt: new Date('2026-01-01T00:00:00Z') } });
  stock = stockNvme(array, textAt((await array.list('/svm/svms?name=svm0'))[0], 'uuid'));
});
afterEach(() => array.simulator.world.verify());
afterAll(() => array.close());

// The figures are those that were measured with the stock core: a different one means that a sequence differs.
describe('the requests of the stock ontap-san driver over NVMe', () => {
  let first: Published;
  let second: Published;

  test('open a backend', async () => {
    expect((await counted(() => stock.open()))[0]).toBe(8);
  });

  test('create volumes with their namespaces', async () => {
    for (const name of ['pvc_1', 'pvc_2']) expect((await counted(() => stock.create(name, GIB)))[0]).toBe(7);
    expect(await stock.namespaceAt('/vol/pvc_1/namespace0')).toMatchObject({
      os_type: 'linux',
      space: { size: GIB, block_size: 4096 },
      status: { state: 'online' },
      comment: expect.stringContaining('nsAttribute'),
      location: { volume: { name: 'pvc_1' } },
    });
  });

  test('publish to a node: the first volume, the second, and again', async () => {
    let count: number;
    [count, first] = await counted(() => stock.publish('pvc_1', NODE, HOST));
    expect(count).toBe(7);
    expect(first.nqn).toMatch(new RegExp(`^nqn\\.1992-08\\.com\\.netapp:sn\\.[0-9a-f]{32}:subsystem\\.${NODE}$`));
    [count, second] = await counted(() => stock.publish('pvc_2', NODE, HOST));
    expect([count, second.subsystem]).toEqual([5, first.subsystem]);
    expect((await counted(() => stock.publish('pvc_2', NODE, HOST)))[0]).toBe(4);
  });

  test('a volume that is mapped is not imported', async () => {
    await expect(stock.importManaged('pvc_1', 'pvc_x')).rejects.toThrow('mapped');
  });

  test('snapshot, clone, and delete a busy snapshot', async () => {
    expect((await counted(() => stock.createSnapshot('pvc_1', 'snap1')))[0]).toBe(11);
    const [count, uuid] = await counted(() => stock.cloneFromSnapshot('pvc_1', 'snap1', 'clone_1'));
    expect(count).toBe(12);
    expect(uuid).not.toBe(first.namespace);
    expect(await stock.namespaceAt('/vol/clone_1/namespace0', 'space.size,status.mapped')).toMatchObject({
      uuid,
      space: { size: GIB },
      status: { mapped: false },
    });
    const [deletes, busy] = await counted(() => stock.deleteSnapshot('pvc_1', 'snap1'));
    expect([deletes, busy.status]).toEqual([8, 500]);
    expect(busy.body).toMatchObject({ state: 'failure', code: 1638555 });
    await stock.remove('clone_1');
    expect(await stock.deleteSnapshot('pvc_1', 'snap1')).toMatchObject({ status: 202, body: { state: 'success' } });
  });

  test('resize, and restore the size of a snapshot; the map stays', async () => {
    await stock.createSnapshot('pvc_1', 'snap2');
    expect((await counted(() => stock.resize('pvc_1', first.namespace, 2 * GIB)))[0]).toBe(10);
    expect(await stock.namespaceAt('/vol/pvc_1/namespace0')).toMatchObject({ space: { size: 2 * GIB } });
    await stock.restoreSnapshot('pvc_1', 'snap2');
    expect(await stock.namespaceAt('/vol/pvc_1/namespace0', 'space.size,status.mapped')).toMatchObject({
      uuid: first.namespace,
      space: { size: GIB },
      status: { mapped: true },
    });
  });

  test('unpublish: the subsystem stays with maps and goes with the last', async () => {
    expect((await counted(() => stock.unpublish(second, HOST)))[0]).toBe(6);
    expect((await counted(() => stock.unpublish(first, HOST)))[0]).toBe(9);
    expect(await array.list(`/protocols/nvme/subsystems?name=${NODE}`)).toEqual([]);
    expect(await array.refusal('GET', '/protocols/nvme/subsystems//hosts')).toBe('404 3');
  });

  test('publish raw volumes through a shared subsystem', async () => {
    const counts: number[] = [];
    const publish = async (name: string, host: string) => {
      const [count, published] = await counted(() => stock.publishRaw(name, SHARED, host));
      counts.push(count);
      return published;
    };
    const one = await publish('pvc_1', HOST);
    const two = await publish('pvc_2', HOST);
    await publish('pvc_1', OTHER_HOST);
    await publish('pvc_1', OTHER_HOST);
    expect(counts).toEqual([10, 9, 7, 6]);
    expect(two.subsystem).toBe(one.subsystem);
    expect(await array.list(`/protocols/nvme/subsystems?name=${SHARED}*`)).toMatchObject([{ name: `${SHARED}1` }]);
    await stock.unpublish(two, HOST);
    await stock.unpublish(one, HOST);
    expect(await array.list(`/protocols/nvme/subsystems?name=${SHARED}*`)).toEqual([]);
  });

  test('import a volume that is there', async () => {
    const svm = { svm: { name: 'svm0' } };
    await array.expect(202, 'POST', '/storage/volumes', {
      name: 'legacy',
      ...svm,
      size: 2 * GIB,
      aggregates: [{ name: 'aggr1_n1' }],
    });
    await array.expect(201, 'POST', '/storage/namespaces', {
      name: '/vol/legacy/data',
      os_type: 'linux',
      ...svm,
      space: { size: GIB },
    });
    expect((await counted(() => stock.importManaged('legacy', 'imported')))[0]).toBe(9);
    expect(await stock.namespaceAt('/vol/imported/data')).toMatchObject({ space: { size: GIB } });
    await stock.remove('imported');
  });

  test('take a group snapshot of two volumes, and delete it volume by volume', async () => {
    const [count] = await counted(() =>
      stock.groupSnapshot('cg-snapshot-4fe0e2d1-4b8f-4d2f', ['pvc_1', 'pvc_2'], 'snapshot-4fe0e2d1'),
    );
    expect(count).toBe(19);
    expect(await array.list('/application/consistency-groups')).toEqual([]);
    for (const name of ['pvc_1', 'pvc_2']) {
      const [deletes, reply] = await counted(() => stock.deleteSnapshot(name, 'snapshot-4fe0e2d1'));
      expect([deletes, reply.status]).toEqual([8, 202]);
    }
  });

  test('a group snapshot whose name a volume has fails in the job, with the code that the driver knows', async () => {
    await stock.createSnapshot('pvc_2', 'twice');
    await expect(stock.groupSnapshot('cg-snapshot-x', ['pvc_1', 'pvc_2'], 'twice')).rejects.toThrow('53411921');
    await array.expect(
      202,
      'DELETE',
      `/application/consistency-groups/${textAt((await array.list('/application/consistency-groups'))[0], 'uuid')}`,
    );
  });

  test('delete', async () => {
    for (const name of ['pvc_1', 'pvc_2']) expect((await counted(() => stock.remove(name)))[0]).toBe(9);
    expect(await array.list('/storage/namespaces')).toEqual([]);
  });
});
