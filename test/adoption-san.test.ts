import { describe, expect, test } from 'vitest';
import { published } from './conformance/driver.ts';
import type { Bench } from './conformance/driver-bench.ts';
import { handleOf, node, signal } from './conformance/driver-bench.ts';
import { asaNvme, nvme } from './conformance/nvme-drivers.ts';
import { asa, economy, iscsi } from './conformance/san-drivers.ts';
import { GIB, recorded, shutOut, side } from './support/adoption.ts';
import { at, textAt, type OntapSession } from './support/ontap-session.ts';
import { stockAsa } from './support/stock-asa.ts';
import { stockNvme } from './support/stock-nvme.ts';
import { stockSan } from './support/stock-san.ts';

/** LUNs and namespaces that stock and we take over from each other. */

const installation = '99999999-2222-3333-4444-555555555555';
const [n1, n2] = [node('n1', '10.0.0.1'), node('n2', '10.0.0.2')];
const igroupOf = (name: string): string => `${name}-${installation}`;
const nothing = { volumes: [], snapshots: [], policies: [], groups: [] };
const made = 'trident_pvc_7';

const stockLuns = (session: OntapSession, svm: string) => stockSan(session, svm, 'trident_lun_pool_trident_');

/** What stock reads of a LUN to attach it. */
const attributesOf = async (bench: Bench, lun: string): Promise<Readonly<Record<string, string>>> => {
  const [found] = await bench.list(`/storage/luns?name=${lun}&fields=attributes`);
  const attributes = at(found, 'attributes');
  return Object.fromEntries(
    (Array.isArray(attributes) ? attributes : []).map((each: unknown) => [textAt(each, 'name'), textAt(each, 'value')]),
  );
};

describe('a LUN in a FlexVol', () => {
  const lun = `/vol/${made}/lun0`;

  test('that stock made is published, grown, snapshotted, cloned and deleted, and leaves nothing', () =>
    side(iscsi, stockLuns, async (bench, stock) => {
      await stock.create(made, GIB);
      await stock.createSnapshot(made, 'by-stock');
      const volume = recorded(made);
      expect(await bench.driver.volumeExists(volume, signal())).toBe(true);
      const granted = await published(bench, volume, n1, [n1]);
      expect((await bench.inventory()).groups).toEqual([igroupOf('n1')]);
      expect((await bench.driver.resizeVolume(granted, 2 * GIB, signal())).size).toBe(2 * GIB);
      const theirs = { name: 'by-stock', internalName: 'by-stock', ref: {} };
      const plan = bench.clonePlan(volume, theirs);
      const clone = handleOf(plan.config, await bench.driver.cloneVolume(plan, signal()));
      expect(await attributesOf(bench, `/vol/${clone.config.internalName}/lun0`)).toMatchObject({
        'com.netapp.ndvp.fstype': 'ext4',
      });
      await bench.driver.deleteVolume(clone, signal());
      await bench.driver.deleteSnapshot(volume, theirs, signal());
      await shutOut(bench.driver, granted, n1, []);
      await bench.driver.deleteVolume(granted, signal());
      expect(await bench.inventory()).toEqual(nothing);
    }));

  test('that stock published keeps its number and igroup, and is shut by us node by node', () =>
    side(iscsi, stockLuns, async (bench, stock) => {
      await stock.create(made, GIB);
      const before = await stock.publish(lun, igroupOf('n1'), n1.iqn, false);
      const again = await published(bench, recorded(made), n1, [n1]);
      expect(again.config.accessInformation).toMatchObject({
        iscsiLunNumber: before.number,
        iscsiLunSerial: before.serial,
        iscsiTargetIqn: before.iqn,
      });
      const both = await published(bench, again, n2, [n1, n2]);
      expect((await bench.inventory()).groups).toEqual([igroupOf('n1'), igroupOf('n2')]);
      const one = await shutOut(bench.driver, both, n1, [n2]);
      expect((await bench.inventory()).groups).toEqual([igroupOf('n2')]);
      // As known from the record alone.
      await shutOut(bench.driver, recorded(made), n2, []);
      expect((await bench.inventory()).groups).toEqual([]);
      await bench.driver.deleteVolume(one, signal());
    }));

  test('that we made and published is found, published, shut, snapshotted, cloned and deleted by stock', () =>
    side(iscsi, stockLuns, async (bench, stock) => {
      const volume = await published(bench, await bench.create(), n1, [n1]);
      const name = volume.config.internalName;
      const path = `/vol/${name}/lun0`;
      expect(await attributesOf(bench, path)).toEqual({
        'com.netapp.ndvp.fstype': 'ext4',
        context: 'csi',
        LUKS: 'false',
        // The mark of a LUN that is complete.
        poolName: bench.pool.name,
      });
      const { iscsiLunNumber, iscsiLunSerial } = volume.config.accessInformation;
      expect(await stock.publish(path, igroupOf('n1'), n1.iqn, false)).toMatchObject({
        number: iscsiLunNumber,
        serial: iscsiLunSerial,
      });
      await stock.unpublish(path, igroupOf('n1'), false);
      expect((await bench.inventory()).groups).toEqual([]);
      await stock.createSnapshot(name, 's1');
      await stock.cloneFromSnapshot(name, 's1', 'trident_pvc_9');
      await stock.splitClone('trident_pvc_9');
      await stock.resize(name, 2 * GIB);
      for (const each of ['trident_pvc_9', name]) await stock.remove(each);
      expect(await bench.inventory()).toEqual(nothing);
    }));
});

describe('a LUN in a shared FlexVol', () => {
  const pool = 'trident_lun_pool_trident_ABCDEFGHIJ';
  const internalID = `/svm/svm0/flexvol/${pool}/lun/${made}`;

  test('that stock made is found by its InternalID and by its name, with its snapshots, and goes with its FlexVol', () =>
    side(economy, stockLuns, async (bench, stock) => {
      await stock.createInPool(pool, made, GIB);
      await stock.cloneInPool(pool, made, `${made}_snapshot_s1`);
      const byId = recorded(made, { internalID });
      for (const volume of [recorded(made), byId]) expect(await bench.driver.volumeExists(volume, signal())).toBe(true);
      const [snapshot, ...others] = await bench.driver.listSnapshots(byId, signal());
      expect([snapshot?.internalName, others]).toEqual(['s1', []]);
      const granted = await published(bench, byId, n1, [n1]);
      expect((await bench.driver.resizeVolume(granted, 2 * GIB, signal())).size).toBe(2 * GIB);
      await bench.driver.restoreSnapshot(granted, { name: 's1', internalName: 's1', ref: {} }, signal());
      await shutOut(bench.driver, granted, n1, []);
      await bench.driver.deleteVolume(granted, signal());
      expect(await bench.inventory()).toEqual(nothing);
    }));

  test('that we made is found, published, grown and deleted by stock, with its snapshot and its FlexVol', () =>
    side(economy, stockLuns, async (bench, stock, session) => {
      const volume = await bench.create();
      await bench.snapshot(volume, 's1');
      const name = volume.config.internalName;
      const [, , , , flexVol = ''] = volume.config.internalID.split('/');
      expect(volume.config.internalID).toBe(`/svm/svm0/flexvol/${flexVol}/lun/${name}`);
      expect(flexVol).toMatch(/^trident_lun_pool_trident_[A-Z]{10}$/);
      const luns = await session.list(`/storage/luns?name=/vol/*/*${name}_snapshot_*`);
      expect(luns.map((each) => at(each, 'name'))).toEqual([`/vol/${flexVol}/${name}_snapshot_s1`]);
      const path = `/vol/${flexVol}/${name}`;
      await stock.publish(path, igroupOf('n1'), n1.iqn, true);
      await stock.unpublish(path, igroupOf('n1'), true);
      await stock.resizeInPool(flexVol, name, 2 * GIB);
      await stock.removeFromPool(flexVol, name);
      expect(await bench.inventory()).toEqual(nothing);
    }));
});

describe('a namespace in a FlexVol', () => {
  const subsystem = `n1_${installation}`;

  test('that stock made and published is used where it is, shut and deleted', () =>
    side(nvme, stockNvme, async (bench, stock) => {
      const uuid = await stock.create(made, GIB);
      const before = await stock.publish(made, subsystem, n1.nqn);
      const volume = recorded(made, { internalID: `/vol/${made}/namespace0`, accessMode: 'ReadWriteOnce' });
      expect(await bench.driver.volumeExists(volume, signal())).toBe(true);
      const again = await published(bench, volume, n1, [n1]);
      expect(again.config.accessInformation).toMatchObject({
        nvmeSubsystemNqn: before.nqn,
        nvmeSubsystemUUID: before.subsystem,
        nvmeNamespaceUUID: uuid,
      });
      expect((await bench.driver.resizeVolume(again, 2 * GIB, signal())).size).toBe(2 * GIB);
      const shut = await shutOut(bench.driver, again, n1, []);
      expect((await bench.inventory()).groups).toEqual([]);
      await bench.driver.deleteVolume(shut, signal());
      expect(await bench.inventory()).toEqual(nothing);
    }));

  test('that we made is found by its comment, published, shut, grown, snapshotted and deleted by stock', () =>
    side(nvme, stockNvme, async (bench, stock) => {
      const { config } = await bench.create();
      const name = config.internalName;
      expect(config.internalID).toBe(`/vol/${name}/namespace0`);
      const found = await stock.namespaceAt(`/vol/${name}/namespace0`);
      expect(JSON.parse(textAt(found, 'comment'))).toMatchObject({
        nsAttribute: { 'com.netapp.ndvp.fstype': 'ext4', LUKS: 'false', driverContext: 'csi' },
      });
      const granted = await stock.publish(name, subsystem, n1.nqn);
      await stock.unpublish(granted, n1.nqn);
      await stock.createSnapshot(name, 's1');
      await stock.restoreSnapshot(name, 's1');
      await stock.resize(name, granted.namespace, 2 * GIB);
      await stock.remove(name);
      expect(await bench.inventory()).toEqual(nothing);
    }));
});

describe.each([
  ['a LUN', asa, 'lun', `/svm/svm0/lun/`],
  ['a namespace', asaNvme, 'namespace', `/svm/svm0/namespace/`],
] as const)('%s of ASA r2', (_what, under, kind, idPrefix) => {
  const make = (stock: ReturnType<typeof stockAsa>, name: string) =>
    kind === 'lun' ? stock.createLun(name, GIB) : stock.createNamespace(name, GIB);

  test('that stock made is published, grown, snapshotted, cloned and deleted, and leaves nothing', () =>
    side(under, stockAsa, async (bench, stock) => {
      await make(stock, made);
      await stock.createSnapshot(made, 's1');
      const volume = recorded(made, { internalID: `${idPrefix}${made}`, accessMode: 'ReadWriteOnce' });
      expect(await bench.driver.volumeExists(volume, signal())).toBe(true);
      const granted = await published(bench, volume, n1, [n1]);
      expect((await bench.driver.resizeVolume(granted, 2 * GIB, signal())).size).toBe(2 * GIB);
      const theirs = { name: 's1', internalName: 's1', ref: {} };
      const plan = bench.clonePlan(volume, theirs);
      const clone = handleOf(plan.config, await bench.driver.cloneVolume(plan, signal()));
      await bench.driver.deleteVolume(clone, signal());
      await bench.driver.deleteSnapshot(volume, theirs, signal());
      const shut = await shutOut(bench.driver, granted, n1, []);
      await bench.driver.deleteVolume(shut, signal());
      expect(await bench.inventory()).toEqual(nothing);
    }));

  test('that we made is found, grown, snapshotted, cloned and deleted by stock', () =>
    side(under, stockAsa, async (bench, stock) => {
      const { config } = await bench.create();
      const name = config.internalName;
      expect(config.internalID).toBe(`${idPrefix}${name}`);
      expect(await stock.volume(name)).toMatchObject({ type: 'rw' });
      expect(await stock.listVolumes(kind, 'trident_')).toEqual([name]);
      await (kind === 'lun' ? stock.resizeLun(name, 2 * GIB) : stock.resizeNamespace(name, 2 * GIB));
      await stock.createSnapshot(name, 's1');
      await stock.clone(kind, name, 's1', 'trident_pvc_9');
      await stock.split('trident_pvc_9');
      for (const each of ['trident_pvc_9', name])
        await (kind === 'lun' ? stock.removeLun(each) : stock.removeNamespace(each));
      expect(await bench.inventory()).toEqual(nothing);
    }));
});
