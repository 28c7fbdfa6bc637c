import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { defaultTopology } from '../../src/simulator/core/topology.ts';
import { at, openOntapSession, textAt, type OntapSession } from '../support/ontap-session.ts';
import { stockAsa, type StockAsa } from '../support/stock-asa.ts';
import { stockNvme, type StockNvme } from '../support/stock-nvme.ts';
import { stockSan, type StockSan } from '../support/stock-san.ts';

const GIB = 1024 ** 3;
const TRIDENT = '4fe0e2d1-4b8f-4d2f-8f0a-1f1f3a1f2a11';
const IQN = 'iqn.1994-05.com.redhat:node1';
const NQN = 'nqn.2014-08.org.nvmexpress:uuid:node1';

let array: OntapSession;
let stock: StockAsa;
let san: StockSan;
let nvme: StockNvme;

/** Requests that an operation sends, counted by the array. */
const counted = async (operation: () => Promise<unknown>): Promise<number> => {
  array.simulator.requests.reset();
  await operation();
  return array.simulator.requests.count();
};

beforeAll(async () => {
  array = await openOntapSession({
    clock: { frozenAt: new Date('2026-01-01T00:00:00Z') },
    topology: { cluster: { ...defaultTopology.cluster, personality: 'asa-r2' } },
  });
  const svm = textAt((await array.list('/svm/svms?name=svm0'))[0], 'uuid');
  [stock, san, nvme] = [stockAsa(array, svm), stockSan(array, svm, 'pool'), stockNvme(array, svm)];
});
afterEach(() => array.simulator.world.verify());
afterAll(() => array.close());

// The figures are those that were measured with the stock core, and two for each create: ASA r2 answers it with a job.
describe('the requests of the stock ASA r2 driver over iSCSI', () => {
  test('open a backend', async () => {
    expect(await counted(() => stock.open('iscsi'))).toBe(7);
  });

  test('create, with the attributes of the LUN', async () => {
    for (const name of ['asa_1', 'asa_2']) expect(await counted(() => stock.createLun(name, GIB))).toBe(12);
    expect(at(await san.lun('asa_1', 'attributes'), 'attributes')).toHaveLength(4);
    expect(await stock.volume('asa_1')).toMatchObject({ type: 'rw', size: GIB });
  });

  test('publish and unpublish as the unified driver does', async () => {
    const igroup = `node1-${TRIDENT}`;
    const path = 'asa_1';
    // The volume that a publish reads has the name of the LUN itself.
    expect(await stock.volume(path)).toMatchObject({ type: 'rw' });
    await array.expect(201, 'POST', '/protocols/san/igroups?return_records=true', {
      name: igroup,
      protocol: 'iscsi',
      os_type: 'linux',
      svm: { uuid: san.svm },
    });
    const [group] = await array.list(`/protocols/san/igroups?name=${igroup}`);
    await array.expect(201, 'POST', `/protocols/san/igroups/${textAt(group, 'uuid')}/initiators`, { name: IQN });
    const map = { igroup: { name: igroup }, lun: { name: path }, svm: { uuid: san.svm } };
    const made = await array.expect(201, 'POST', '/protocols/san/lun-maps?return_records=true', map);
    expect(at(made, 'records', 0, 'logical_unit_number')).toBe(0);
    expect(await array.list(`/storage/storage-units?name=${path}&fields=status.mapped`)).toMatchObject([
      { status: { mapped: true } },
    ]);
    expect(await counted(() => san.unpublish(path, igroup, false))).toBe(7);
  });

  test('snapshot, clone and split; a busy snapshot is deleted when its clone is split', async () => {
    expect(await counted(() => stock.createSnapshot('asa_1', 'snap1'))).toBe(8);
    expect(await counted(() => stock.clone('lun', 'asa_1', 'snap1', 'asa_clone'))).toBe(7);
    const [original, copy] = [await san.lun('asa_1'), await san.lun('asa_clone')];
    expect(at(copy, 'serial_number')).not.toBe(at(original, 'serial_number'));
    expect(at(await san.lun('asa_clone', 'attributes'), 'attributes')).toHaveLength(4);
    expect(await stock.children('asa_1', 'snap1')).toEqual(['asa_clone']);
    let busy: unknown;
    expect(
      await counted(async () => {
        busy = await stock.deleteSnapshot('asa_1', 'snap1');
      }),
    ).toBe(7);
    expect(busy).toMatchObject({ status: 500, body: { state: 'failure', code: 1638555 } });
    await stock.split('asa_clone');
    expect(await stock.children('asa_1', 'snap1')).toEqual([]);
    expect(await stock.deleteSnapshot('asa_1', 'snap1')).toMatchObject({ status: 202, body: { state: 'success' } });
  });

  test('resize, and restore the size of a snapshot', async () => {
    await stock.createSnapshot('asa_1', 'snap2');
    expect(await counted(() => stock.resizeLun('asa_1', 2 * GIB))).toBe(4);
    await stock.restoreSnapshot('asa_1', 'snap2');
    expect(await san.lun('asa_1')).toMatchObject({ space: { size: GIB } });
  });

  test('rename, list and delete', async () => {
    await stock.rename('lun', 'asa_2', 'asa_renamed');
    expect(await stock.listVolumes('lun', 'asa_')).toEqual(
      expect.arrayContaining(['asa_1', 'asa_clone', 'asa_renamed']),
    );
    await stock.removeLun('asa_clone');
    for (const name of ['asa_1', 'asa_renamed']) expect(await counted(() => stock.removeLun(name))).toBe(3);
    expect(await array.list('/storage/storage-units')).toEqual([]);
  });
});

describe('the requests of the stock ASA r2 driver over NVMe', () => {
  test('open a backend and create', async () => {
    expect(await counted(() => stock.open('nvme'))).toBe(5);
    for (const name of ['ns_1', 'ns_2']) expect(await counted(() => stock.createNamespace(name, GIB))).toBe(5);
    expect(await nvme.namespaceAt('ns_1')).toMatchObject({
      space: { size: GIB },
      location: { volume: { name: 'ns_1' } },
    });
  });

  test('map to the subsystem of the node, and back', async () => {
    const subsystem = { name: `an_node1_${TRIDENT}`, os_type: 'linux', svm: { uuid: san.svm } };
    const made = await array.expect(201, 'POST', '/protocols/nvme/subsystems?return_records=true', subsystem);
    const uuid = textAt(made, 'records', 0, 'uuid');
    await array.expect(201, 'POST', `/protocols/nvme/subsystems/${uuid}/hosts`, { nqn: NQN });
    const namespace = textAt(await nvme.namespaceAt('ns_1'), 'uuid');
    await array.expect(201, 'POST', '/protocols/nvme/subsystem-maps', {
      namespace: { uuid: namespace },
      subsystem: { uuid },
      svm: { uuid: san.svm },
    });
    const nqn = textAt(made, 'records', 0, 'target_nqn');
    expect(await counted(() => nvme.unpublish({ subsystem: uuid, nqn, namespace }, NQN))).toBe(9);
    expect(await array.list('/protocols/nvme/subsystems')).toEqual([]);
  });

  test('snapshot, clone, restore, rename, resize and delete', async () => {
    await stock.createSnapshot('ns_1', 'snap1');
    await stock.clone('namespace', 'ns_1', 'snap1', 'ns_clone');
    await stock.clone('namespace', 'ns_1', undefined, 'ns_of_now');
    expect(await counted(() => stock.resizeNamespace('ns_2', 2 * GIB))).toBe(2);
    await stock.rename('namespace', 'ns_2', 'ns_renamed');
    expect(await stock.listVolumes('namespace', 'ns_')).toHaveLength(4);
    for (const name of ['ns_clone', 'ns_of_now', 'ns_renamed', 'ns_1'])
      expect(await counted(() => stock.removeNamespace(name))).toBe(5);
    expect(await array.list('/storage/storage-units')).toEqual([]);
    expect(await array.list('/storage/volumes?name=ns_*')).toEqual([]);
  });
});
