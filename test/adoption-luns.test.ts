import { describe, expect, test } from 'vitest';
import type { VolumeHandle } from '../src/engine/drivers/objects.ts';
import type { VolumeConfig } from '../src/engine/orchestrator/model.ts';
import { published } from './conformance/driver-operations.ts';
import type { Bench } from './conformance/driver-bench.ts';
import { handleOf, signal } from './conformance/driver-bench.ts';
import { asa, economy, iscsi } from './conformance/san-drivers.ts';
import { GIB, n1, n2, recorded, shutOut, side } from './support/adoption.ts';
import { at } from './support/ontap-session.ts';
import { stockAsa } from './support/stock-asa.ts';
import { stockSan } from './support/stock-san.ts';

/** LUNs that stock and we take over from each other: in FlexVols of their own, in shared ones, and on ASA r2. */

const installation = '99999999-2222-3333-4444-555555555555';
const igroupOf = (name: string): string => `${name}-${installation}`;
const pool = 'trident_lun_pool_trident_ABCDEFGHIJ';
const lunSan = (session: Parameters<typeof stockSan>[0], svm: string) =>
  stockSan(session, svm, 'trident_lun_pool_trident_');

const made = 'trident_pvc_7';
const block = (more: Partial<VolumeConfig> = {}): VolumeHandle =>
  recorded(made, { protocol: 'block', accessInformation: {}, ...more });
/** As stock's record tells of one that it published to n1. */
const onFirst = (more: Partial<VolumeConfig> = {}): VolumeHandle =>
  block({ accessInformation: { iscsiIgroup: igroupOf('n1'), iscsiLunNumber: 0 }, ...more });

const maps = async (bench: Bench): Promise<readonly string[]> =>
  (await bench.list('/protocols/san/lun-maps?fields=igroup.name'))
    .map((map) => String(at(map, 'igroup', 'name')))
    .toSorted();
const nothing = { volumes: [], snapshots: [], policies: [], groups: [] };
const snapshotNames = async (bench: Bench, volume: VolumeHandle) =>
  (await bench.driver.listSnapshots(volume, signal())).map(({ internalName }) => internalName).toSorted();
const attributesOf = (lun: unknown): Readonly<Record<string, unknown>> => {
  const attributes: unknown = at(lun, 'attributes');
  const list: readonly unknown[] = Array.isArray(attributes) ? attributes : [];
  return Object.fromEntries(list.map((each) => [String(at(each, 'name')), at(each, 'value')]));
};

describe('a LUN that stock made', () => {
  test('and published stays so, is published to others, and is shut node by node', () =>
    side(iscsi, lunSan, async (bench, stock) => {
      await stock.create(made, GIB);
      await stock.publish(`/vol/${made}/lun0`, igroupOf('n1'), n1.iqn, false);
      const both = await published(bench, onFirst(), n2, [n1, n2]);
      expect(await maps(bench)).toEqual([igroupOf('n1'), igroupOf('n2')]);
      expect(both.config.accessInformation.iscsiIgroup).toBe(`${igroupOf('n1')},${igroupOf('n2')}`);
      const one = await shutOut(bench.driver, both, n1, [n2]);
      expect(await maps(bench)).toEqual([igroupOf('n2')]);
      await shutOut(bench.driver, one, n2, []);
      expect((await bench.inventory()).groups).toEqual([]);
      await bench.driver.deleteVolume(one, signal());
      expect(await bench.inventory()).toEqual(nothing);
    }));

  test('and published is the same publication for us, with the file system that the LUN tells', () =>
    side(iscsi, lunSan, async (bench, stock) => {
      await stock.create(made, GIB);
      const told = await stock.publish(`/vol/${made}/lun0`, igroupOf('n1'), n1.iqn, false);
      const again = await published(bench, onFirst(), n1, [n1]);
      expect(again.config).toMatchObject({
        fileSystem: 'ext4',
        accessInformation: {
          iscsiLunNumber: told.number,
          iscsiLunSerial: told.serial,
          iscsiTargetIqn: told.iqn,
          iscsiIgroup: igroupOf('n1'),
        },
      });
      expect(told.portals).toContain(again.config.accessInformation.iscsiTargetPortal);
      expect(await maps(bench)).toEqual([igroupOf('n1')]);
    }));

  test('and published keeps others’ igroups when it goes', () =>
    side(iscsi, lunSan, async (bench, stock) => {
      await stock.create(made, GIB);
      await stock.create('trident_pvc_8', GIB);
      for (const name of [made, 'trident_pvc_8'])
        await stock.publish(`/vol/${name}/lun0`, igroupOf('n1'), n1.iqn, false);
      await shutOut(bench.driver, onFirst(), n1, []);
      expect(await maps(bench)).toEqual([igroupOf('n1')]);
      await bench.driver.deleteVolume(block(), signal());
      expect((await bench.inventory()).groups).toEqual([igroupOf('n1')]);
    }));

  test('is resized, snapshotted, cloned, restored and deleted, and its snapshots are known', () =>
    side(iscsi, lunSan, async (bench, stock) => {
      await stock.create(made, GIB);
      await stock.createSnapshot(made, 'by-stock');
      const theirs = { name: 'by-stock', internalName: 'by-stock', ref: {} };
      await bench.snapshot(block(), 'by-us');
      expect(await snapshotNames(bench, block())).toEqual(['by-stock', 'by-us']);
      const plan = bench.clonePlan(block(), theirs);
      const clone = handleOf(plan.config, await bench.driver.cloneVolume(plan, signal()));
      expect(attributesOf(await stock.lun(`/vol/${clone.config.internalName}/lun0`, 'attributes'))).toMatchObject({
        'com.netapp.ndvp.fstype': 'ext4',
      });
      expect((await bench.driver.resizeVolume(block(), 2 * GIB, signal())).size).toBe(2 * GIB);
      await bench.driver.deleteVolume(clone, signal());
      expect(await bench.driver.restoreSnapshot(block({ size: 2 * GIB }), theirs, signal())).toBe(2 * GIB);
      await bench.driver.deleteSnapshot(block(), theirs, signal());
      await bench.driver.deleteVolume(block(), signal());
      expect(await bench.inventory()).toEqual(nothing);
    }));

  test('and cloned takes its automatic snapshot along when the clone goes', () =>
    side(iscsi, lunSan, async (bench, stock) => {
      await stock.create(made, GIB);
      await stock.createSnapshot(made, '20260101T000000Zabc123');
      await stock.createSnapshot(made, 'of-a-user');
      await stock.cloneFromSnapshot(made, '20260101T000000Zabc123', 'trident_pvc_8');
      const clone = recorded('trident_pvc_8', {
        cloneSourceVolume: 'pvc-7',
        cloneSourceVolumeInternal: made,
        cloneSourceSnapshot: '',
        cloneSourceSnapshotInternal: '20260101T000000Zabc123',
      });
      await bench.driver.deleteVolume(clone, signal());
      expect(await bench.inventory()).toMatchObject({ volumes: [made], snapshots: [`${made}/of-a-user`] });
    }));
});

describe('a LUN that we made', () => {
  test('has what stock looks for, and is grown, snapshotted, restored, cloned and deleted by stock', () =>
    side(iscsi, lunSan, async (bench, stock) => {
      const { config } = await bench.create();
      const name = config.internalName;
      const lun = await stock.lun(`/vol/${name}/lun0`, 'attributes,serial_number,os_type');
      expect(attributesOf(lun)).toEqual({
        'com.netapp.ndvp.fstype': 'ext4',
        context: 'csi',
        LUKS: 'false',
        // The mark of a LUN that is complete.
        poolName: bench.pool.name,
      });
      expect(lun).toMatchObject({ os_type: 'linux', serial_number: expect.any(String) });
      await stock.resize(name, 2 * GIB);
      await stock.createSnapshot(name, 's1');
      await stock.restoreSnapshot(name, 's1');
      await stock.cloneFromSnapshot(name, 's1', 'trident_pvc_9');
      await stock.splitClone('trident_pvc_9');
      await stock.remove('trident_pvc_9');
      expect((await stock.deleteSnapshot(name, 's1')).status).toBe(202);
      await stock.remove(name);
      expect(await bench.inventory()).toEqual(nothing);
    }));

  test('and published is the same publication for stock, and is shut by it', () =>
    side(iscsi, lunSan, async (bench, stock) => {
      const volume = await published(bench, await bench.create(), n1, [n1]);
      const path = `/vol/${volume.config.internalName}/lun0`;
      const { iscsiLunNumber, iscsiLunSerial, iscsiTargetIqn, iscsiIgroup } = volume.config.accessInformation;
      expect(iscsiIgroup).toBe(igroupOf('n1'));
      expect(await stock.publish(path, igroupOf('n1'), n1.iqn, false)).toMatchObject({
        number: iscsiLunNumber,
        serial: iscsiLunSerial,
        iqn: iscsiTargetIqn,
      });
      await stock.publish(path, igroupOf('n2'), n2.iqn, false);
      for (const name of ['n1', 'n2']) await stock.unpublish(path, igroupOf(name), false);
      expect((await bench.inventory()).groups).toEqual([]);
      // What we had on record of it does not matter.
      await shutOut(bench.driver, volume, n1, []);
      await published(bench, volume, n1, [n1]);
      expect(await maps(bench)).toEqual([igroupOf('n1')]);
    }));
});

describe('a LUN in a shared FlexVol', () => {
  const path = `/vol/${pool}/${made}`;
  const byId = (more: Partial<VolumeConfig> = {}) =>
    block({ internalID: `/svm/svm0/flexvol/${pool}/lun/${made}`, ...more });

  test('that stock made is found by its InternalID and by its name, and shares its FlexVol with ours', () =>
    side(economy, lunSan, async (bench, stock) => {
      await stock.createInPool(pool, made, GIB);
      for (const volume of [block(), byId()]) expect(await bench.driver.volumeExists(volume, signal())).toBe(true);
      // Its FlexVol may have got another name since.
      const elsewhere = block({ internalID: `/svm/svm0/flexvol/trident_lun_pool_trident_X/lun/${made}` });
      expect(await bench.driver.volumeExists(elsewhere, signal())).toBe(true);
      // Stock keeps 5 % for snapshots in it, as the array does by itself.
      const plan = bench.plan({ snapshotReserve: '5' });
      const ours = await bench.driver.createVolume({ ...plan, placement: ['aggr1_n1'] }, signal());
      expect(ours.config.internalID).toBe(`/svm/svm0/flexvol/${pool}/lun/${plan.config.internalName}`);
    }));

  test('that stock published is shut by us; its snapshots are known, and all goes with it', () =>
    side(economy, lunSan, async (bench, stock) => {
      await stock.createInPool(pool, made, GIB);
      await stock.publish(path, igroupOf('n1'), n1.iqn, true);
      await stock.cloneInPool(pool, made, `${made}_snapshot_by_stock`);
      const volume = byId({ accessInformation: { iscsiIgroup: igroupOf('n1') } });
      expect(await snapshotNames(bench, volume)).toEqual(['by_stock']);
      await bench.snapshot(volume, 'by-us');
      const restored = { name: 'by_stock', internalName: 'by_stock', ref: {} };
      expect((await bench.driver.resizeVolume(volume, 2 * GIB, signal())).size).toBe(2 * GIB);
      expect(await bench.driver.restoreSnapshot(byId({ size: 2 * GIB }), restored, signal())).toBe(2 * GIB);
      await shutOut(bench.driver, volume, n1, []);
      await bench.driver.deleteVolume(volume, signal());
      expect(await bench.inventory()).toEqual(nothing);
      expect(bench.array.world.findVolume(pool)).toBeUndefined();
    }));

  test('that we made is found, published, grown, cloned, snapshotted and deleted by stock, with its FlexVol', () =>
    side(economy, lunSan, async (bench, stock, session) => {
      const { config } = await bench.create();
      const name = config.internalName;
      const [, , , , flexVol = ''] = config.internalID.split('/');
      // The query by which stock looks for a FlexVol with room.
      const attributes =
        'style=flexvol&state=online&tiering.policy=none&snapshot_policy.name=none|none-DR&guarantee.type=*&space.snapshot.reserve_percent=0';
      const found = await session.list(`/storage/volumes?name=trident_lun_pool_trident_*&${attributes}&fields=size`);
      expect(found.map((each) => at(each, 'name'))).toEqual([flexVol]);
      const own = `/vol/${flexVol}/${name}`;
      expect(attributesOf(await stock.lun(own, 'attributes'))).toMatchObject({ 'com.netapp.ndvp.fstype': 'ext4' });
      await stock.publish(own, igroupOf('n1'), n1.iqn, true);
      await stock.unpublish(own, igroupOf('n1'), true);
      await stock.resizeInPool(flexVol, name, 2 * GIB);
      await stock.cloneInPool(flexVol, name, `${name}_snapshot_s1`);
      await stock.restoreInPool(flexVol, name, `${name}_snapshot_s1`);
      await stock.removeFromPool(flexVol, name);
      expect(await bench.inventory()).toEqual(nothing);
    }));

  test('has snapshots that stock finds by their names', () =>
    side(economy, lunSan, async (bench, stock, session) => {
      const volume = await bench.create();
      await bench.snapshot(volume, 'daily-1');
      const found = await session.list(`/storage/luns?name=/vol/*/*${volume.config.internalName}_snapshot_*`);
      expect(found.map((each) => String(at(each, 'name')).split('/').at(-1))).toEqual([
        `${volume.config.internalName}_snapshot_daily_1`,
      ]);
      const [, , , , flexVol = ''] = volume.config.internalID.split('/');
      await stock.removeFromPool(flexVol, volume.config.internalName);
      expect(await bench.inventory()).toEqual(nothing);
    }));
});

describe('a LUN of ASA r2', () => {
  const both = (session: Parameters<typeof stockSan>[0], svm: string) => ({
    units: stockAsa(session, svm),
    access: lunSan(session, svm),
  });

  test('that stock made is published, grown, snapshotted, cloned, restored and deleted', () =>
    side(asa, both, async (bench, { units, access }) => {
      await units.createLun(made, GIB);
      await units.createSnapshot(made, 'by-stock');
      await access.publish(made, igroupOf('n1'), n1.iqn, true);
      // Stock gives clones no InternalID; a LUN of its own has one.
      for (const volume of [block(), block({ internalID: `/svm/svm0/lun/${made}` })])
        expect(await bench.driver.volumeExists(volume, signal())).toBe(true);
      const granted = await published(bench, onFirst(), n2, [n1, n2]);
      const one = await shutOut(bench.driver, granted, n1, [n2]);
      await shutOut(bench.driver, one, n2, []);
      expect((await bench.inventory()).groups).toEqual([]);
      const theirs = { name: 'by-stock', internalName: 'by-stock', ref: {} };
      expect(await snapshotNames(bench, block())).toEqual(['by-stock']);
      expect((await bench.driver.resizeVolume(block(), 2 * GIB, signal())).size).toBe(2 * GIB);
      expect(await bench.driver.restoreSnapshot(block({ size: 2 * GIB }), theirs, signal())).toBe(2 * GIB);
      const plan = bench.clonePlan(block(), theirs);
      const clone = handleOf(plan.config, await bench.driver.cloneVolume(plan, signal()));
      await bench.driver.deleteVolume(clone, signal());
      await bench.driver.deleteSnapshot(block(), theirs, signal());
      await bench.driver.deleteVolume(block(), signal());
      expect(await bench.inventory()).toEqual(nothing);
    }));

  test('that we made is listed, published, grown, snapshotted, cloned and deleted by stock', () =>
    side(asa, both, async (bench, { units, access }) => {
      const { config } = await bench.create();
      const name = config.internalName;
      expect(config.internalID).toBe(`/svm/svm0/lun/${name}`);
      expect(await units.volume(name)).toMatchObject({ type: 'rw' });
      expect(await units.listVolumes('lun', 'trident_')).toEqual([name]);
      expect(attributesOf(await access.lun(name, 'attributes'))).toMatchObject({ 'com.netapp.ndvp.fstype': 'ext4' });
      await access.publish(name, igroupOf('n1'), n1.iqn, true);
      await access.unpublish(name, igroupOf('n1'), true);
      await units.resizeLun(name, 2 * GIB);
      await units.createSnapshot(name, 's1');
      await units.restoreSnapshot(name, 's1');
      await units.clone('lun', name, 's1', 'trident_pvc_9');
      await units.split('trident_pvc_9');
      await units.removeLun('trident_pvc_9');
      await units.deleteSnapshot(name, 's1');
      await units.removeLun(name);
      expect(await bench.inventory()).toEqual(nothing);
    }));
});
