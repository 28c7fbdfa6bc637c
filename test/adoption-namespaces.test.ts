import { describe, expect, test } from 'vitest';
import type { VolumeHandle } from '../src/engine/drivers/objects.ts';
import type { VolumeConfig } from '../src/engine/orchestrator/model.ts';
import type { Bench } from './conformance/driver-bench.ts';
import { handleOf, signal } from './conformance/driver-bench.ts';
import { publishTo, sharedName, subsystems } from './conformance/nvme-bench.ts';
import { asaNvme, nvme } from './conformance/nvme-drivers.ts';
import { GIB, n1, n2, recorded, shutOut, side } from './support/adoption.ts';
import { at, textAt } from './support/ontap-session.ts';
import { stockAsa } from './support/stock-asa.ts';
import { stockNvme } from './support/stock-nvme.ts';

/** Namespaces that stock and we take over from each other: in FlexVols of their own, and on ASA r2. */

const installation = '99999999-2222-3333-4444-555555555555';
const made = 'trident_pvc_7';
const path = `/vol/${made}/namespace0`;
/** The InternalID of a namespace is its path; older records of stock's have none. */
const block = (more: Partial<VolumeConfig> = {}): VolumeHandle =>
  recorded(made, { protocol: 'block', fileSystem: 'ext4', internalID: path, accessInformation: {}, ...more });
const raw = (more: Partial<VolumeConfig> = {}): VolumeHandle =>
  block({ volumeMode: 'Block', fileSystem: 'raw', accessMode: 'ReadWriteMany', ...more });

const nothing = { volumes: [], snapshots: [], policies: [], groups: [] };
const snapshotNames = async (bench: Bench, volume: VolumeHandle) =>
  (await bench.driver.listSnapshots(volume, signal())).map(({ internalName }) => internalName).toSorted();

describe('a namespace that stock made', () => {
  test('and published is the same publication for us, and leaves nothing when it is shut', () =>
    side(nvme, stockNvme, async (bench, stock) => {
      const uuid = await stock.create(made, GIB);
      const told = await stock.publish(made, `n1_${installation}`, n1.nqn);
      const before = block({
        accessInformation: { nvmeSubsystemUUID: told.subsystem, nvmeSubsystemNqn: told.nqn, nvmeNamespaceUUID: uuid },
      });
      const again = await publishTo(bench, before, n1, 1);
      expect(again.config).toMatchObject({
        fileSystem: 'ext4',
        accessInformation: {
          nvmeSubsystemUUID: told.subsystem,
          nvmeSubsystemNqn: told.nqn,
          nvmeNamespaceUUID: told.namespace,
        },
      });
      expect(await subsystems(bench)).toEqual([`n1_*: n1 > ${made}`]);
      for (const volume of [before, again]) await shutOut(bench.driver, volume, n1, []);
      expect((await bench.inventory()).groups).toEqual([]);
      await bench.driver.deleteVolume(before, signal());
      expect(await bench.inventory()).toEqual(nothing);
    }));

  test('and shares with several nodes is published to others, and shut node by node', () =>
    side(nvme, stockNvme, async (bench, stock) => {
      await stock.create(made, GIB);
      await stock.publishRaw(made, sharedName(1).replace(/1$/, ''), n1.nqn);
      const both = await publishTo(bench, raw(), n2, 5);
      expect(await subsystems(bench)).toEqual([`trident_subsystem_*_1: n1 n2 > ${made}`]);
      const one = await shutOut(bench.driver, both, n1, [n2]);
      expect(await subsystems(bench)).toEqual([`trident_subsystem_*_1: n2 > ${made}`]);
      await shutOut(bench.driver, one, n2, []);
      expect((await bench.inventory()).groups).toEqual([]);
    }));

  test('in a subsystem of its own, as older versions make them, stays there', () =>
    side(nvme, stockNvme, async (bench, stock) => {
      await stock.create(made, GIB);
      await stock.publish(made, `s_${made}`, n1.nqn);
      const both = await publishTo(bench, raw(), n2, 5);
      expect(await subsystems(bench)).toEqual([`s_${made}: n1 n2 > ${made}`]);
      const one = await shutOut(bench.driver, both, n1, [n2]);
      await shutOut(bench.driver, one, n2, []);
      expect((await bench.inventory()).groups).toEqual([]);
    }));

  test('is resized, snapshotted, cloned, restored and deleted, and its snapshots are known', () =>
    side(nvme, stockNvme, async (bench, stock) => {
      await stock.create(made, GIB);
      await stock.createSnapshot(made, 'by-stock');
      const theirs = { name: 'by-stock', internalName: 'by-stock', ref: {} };
      for (const volume of [block(), block({ internalID: '' })])
        expect(await bench.driver.volumeExists(volume, signal())).toBe(true);
      await bench.snapshot(block(), 'by-us');
      expect(await snapshotNames(bench, block())).toEqual(['by-stock', 'by-us']);
      const plan = bench.clonePlan(block(), theirs);
      const clone = handleOf(plan.config, await bench.driver.cloneVolume(plan, signal()));
      expect(clone.config.internalID).toBe(`/vol/${clone.config.internalName}/namespace0`);
      expect((await bench.driver.resizeVolume(block(), 2 * GIB, signal())).size).toBe(2 * GIB);
      await bench.driver.deleteVolume(clone, signal());
      expect(await bench.driver.restoreSnapshot(block({ size: 2 * GIB }), theirs, signal())).toBe(2 * GIB);
      await bench.driver.deleteSnapshot(block(), theirs, signal());
      await bench.driver.deleteVolume(block(), signal());
      expect(await bench.inventory()).toEqual(nothing);
    }));

  test('and imported keeps the name that it had', () =>
    side(nvme, stockNvme, async (bench, stock, session) => {
      const svm = { name: 'svm0' };
      await session.send('POST', '/storage/volumes?return_timeout=15', {
        name: 'old',
        svm,
        size: 2 * GIB,
        aggregates: [{ name: 'aggr1_n1' }],
      });
      const body = { name: '/vol/old/data', svm, os_type: 'linux', space: { size: GIB } };
      await session.send('POST', '/storage/namespaces?return_timeout=15', body);
      await stock.importManaged('old', made);
      const volume = block({ internalID: `/vol/${made}/data` });
      const granted = await publishTo(bench, volume, n1, 1);
      expect(granted.ref).toMatchObject({ namespace: { name: `/vol/${made}/data` } });
      await shutOut(bench.driver, granted, n1, []);
      await bench.driver.deleteVolume(volume, signal());
      expect(await bench.inventory()).toEqual(nothing);
    }));
});

describe('a namespace that we made', () => {
  test('has what stock looks for, and is grown, snapshotted, restored, cloned and deleted by stock', () =>
    side(nvme, stockNvme, async (bench, stock) => {
      const { config } = await bench.create();
      const name = config.internalName;
      expect(config.internalID).toBe(`/vol/${name}/namespace0`);
      const namespace = await stock.namespaceAt(`/vol/${name}/namespace0`);
      expect(namespace).toMatchObject({ os_type: 'linux', space: { size: GIB, block_size: 4096 } });
      expect(JSON.parse(textAt(namespace, 'comment'))).toMatchObject({
        nsAttribute: { 'com.netapp.ndvp.fstype': 'ext4', LUKS: 'false', driverContext: 'csi' },
      });
      await stock.resize(name, textAt(namespace, 'uuid'), 2 * GIB);
      await stock.createSnapshot(name, 's1');
      await stock.restoreSnapshot(name, 's1');
      await stock.cloneFromSnapshot(name, 's1', 'trident_pvc_9');
      await stock.remove('trident_pvc_9');
      expect((await stock.deleteSnapshot(name, 's1')).status).toBeLessThan(300);
      await stock.remove(name);
      expect(await bench.inventory()).toEqual(nothing);
    }));

  test('and published is the same publication for stock, and is shut by it', () =>
    side(nvme, stockNvme, async (bench, stock) => {
      const volume = await publishTo(bench, await bench.create(), n1, 1);
      const name = volume.config.internalName;
      const told = await stock.publish(name, `n1_${installation}`, n1.nqn);
      expect(volume.config.accessInformation).toMatchObject({
        nvmeSubsystemUUID: told.subsystem,
        nvmeSubsystemNqn: told.nqn,
        nvmeNamespaceUUID: told.namespace,
      });
      expect(await subsystems(bench)).toEqual([`n1_*: n1 > ${name}`]);
      await stock.unpublish(told, n1.nqn);
      expect((await bench.inventory()).groups).toEqual([]);
      // What we had on record of it does not matter.
      await shutOut(bench.driver, volume, n1, []);
      await publishTo(bench, volume, n1, 1);
      expect(await subsystems(bench)).toEqual([`n1_*: n1 > ${name}`]);
    }));

  test('and shared by nodes is in the subsystem where stock looks for it', () =>
    side(nvme, stockNvme, async (bench, stock) => {
      const volume = await publishTo(bench, await bench.create(), n1, 5);
      const name = volume.config.internalName;
      const told = await stock.publishRaw(name, sharedName(1).replace(/1$/, ''), n2.nqn);
      expect(volume.config.accessInformation.nvmeSubsystemUUID).toBe(told.subsystem);
      expect(await subsystems(bench)).toEqual([`trident_subsystem_*_1: n1 n2 > ${name}`]);
    }));
});

describe('a namespace of ASA r2', () => {
  const both = (session: Parameters<typeof stockNvme>[0], svm: string) => ({
    units: stockAsa(session, svm),
    access: stockNvme(session, svm),
  });
  const unit = (more: Partial<VolumeConfig> = {}) => block({ internalID: `/svm/svm0/namespace/${made}`, ...more });

  test('that stock made is published, grown, snapshotted, cloned, restored and deleted', () =>
    side(asaNvme, both, async (bench, { units }) => {
      await units.createNamespace(made, GIB);
      await units.createSnapshot(made, 'by-stock');
      for (const volume of [unit(), block({ internalID: '' })])
        expect(await bench.driver.volumeExists(volume, signal())).toBe(true);
      const granted = await publishTo(bench, unit(), n1, 1);
      expect(granted.config).toMatchObject({ fileSystem: 'ext4' });
      expect(await subsystems(bench)).toEqual([`an_n1_*: n1 > ${made}`]);
      await shutOut(bench.driver, granted, n1, []);
      expect((await bench.inventory()).groups).toEqual([]);
      const theirs = { name: 'by-stock', internalName: 'by-stock', ref: {} };
      expect(await snapshotNames(bench, unit())).toEqual(['by-stock']);
      expect((await bench.driver.resizeVolume(unit(), 2 * GIB, signal())).size).toBe(2 * GIB);
      expect(await bench.driver.restoreSnapshot(unit({ size: 2 * GIB }), theirs, signal())).toBe(2 * GIB);
      const plan = bench.clonePlan(unit(), theirs);
      const clone = handleOf(plan.config, await bench.driver.cloneVolume(plan, signal()));
      await bench.driver.deleteVolume(clone, signal());
      await bench.driver.deleteSnapshot(unit(), theirs, signal());
      await bench.driver.deleteVolume(unit(), signal());
      expect(await bench.inventory()).toEqual(nothing);
    }));

  test('that we made is listed, grown, snapshotted, cloned and deleted by stock', () =>
    side(asaNvme, both, async (bench, { units, access }) => {
      const { config } = await bench.create();
      const name = config.internalName;
      expect(config.internalID).toBe(`/svm/svm0/namespace/${name}`);
      expect(await units.volume(name)).toMatchObject({ type: 'rw' });
      expect(await units.listVolumes('namespace', 'trident_')).toEqual([name]);
      const comment = textAt(await access.namespaceAt(name), 'comment');
      expect(at(JSON.parse(comment), 'nsAttribute')).toMatchObject({ 'com.netapp.ndvp.fstype': 'ext4' });
      await units.resizeNamespace(name, 2 * GIB);
      await units.createSnapshot(name, 's1');
      await units.restoreSnapshot(name, 's1');
      await units.clone('namespace', name, 's1', 'trident_pvc_9');
      await units.split('trident_pvc_9');
      await units.removeNamespace('trident_pvc_9');
      await units.deleteSnapshot(name, 's1');
      await units.removeNamespace(name);
      expect(await bench.inventory()).toEqual(nothing);
    }));
});
