import { describe, expect, test } from 'vitest';
import { defaultTopology } from '../src/simulator/core/topology.ts';
import { published } from './conformance/driver-operations.ts';
import type { Bench, DriverUnderTest } from './conformance/driver-bench.ts';
import { handleOf, signal } from './conformance/driver-bench.ts';
import { flexgroup, nas } from './conformance/nas-drivers.ts';
import { backendPolicy, GIB, n1, n2, policyOf, recorded, shutOut, side } from './support/adoption.ts';
import { at } from './support/ontap-session.ts';
import { stockFlexgroup } from './support/stock-flexgroup.ts';
import { stockNas } from './support/stock-nas.ts';

/** Volumes for files that stock and we take over from each other: FlexVols and FlexGroups. */

describe('a FlexVol that stock made', () => {
  test('is published on its own policy, goes back to the shared empty one, and leaves nothing', () =>
    side(nas, stockNas, async (bench, stock) => {
      await stock.create('trident_pvc_7', GIB, { tier: 'gold' });
      const volume = recorded('trident_pvc_7', { exportPolicy: 'trident_empty' });
      expect(await bench.driver.volumeExists(volume, signal())).toBe(true);
      const granted = await published(bench, volume, n1, [n1]);
      expect(granted.config.accessInformation).toMatchObject({ nfsPath: '/trident_pvc_7' });
      expect(await bench.rules('trident_pvc_7')).toEqual(['10.0.0.1']);
      await shutOut(bench.driver, granted, n1, []);
      expect(await policyOf(bench, 'trident_pvc_7')).toBe('trident_empty');
      await bench.driver.deleteVolume(volume, signal());
      expect(await bench.inventory()).toEqual({ volumes: [], snapshots: [], policies: ['trident_empty'], groups: [] });
    }));

  test('is published to others where it is published already, and rules of stock’s go with their node', () =>
    side(nas, stockNas, async (bench, stock) => {
      await stock.create('trident_pvc_7', GIB);
      await stock.publish('trident_pvc_7', '10.0.0.1');
      const before = recorded('trident_pvc_7', { exportPolicy: 'trident_pvc_7' });
      const both = await published(bench, before, n2, [n1, n2]);
      expect(await bench.rules('trident_pvc_7')).toEqual(['10.0.0.1', '10.0.0.2']);
      const one = await shutOut(bench.driver, both, n1, [n2]);
      expect(await bench.rules('trident_pvc_7')).toEqual(['10.0.0.2']);
      await shutOut(bench.driver, one, n2, []);
      expect(await policyOf(bench, 'trident_pvc_7')).toBe('trident_empty');
      expect((await bench.inventory()).policies).toEqual(['trident_empty']);
    }));

  test('by an old version, on the policy of its backend, stays there while it is published, and then leaves it', () =>
    side(nas, stockNas, async (bench, stock) => {
      for (const name of ['trident_pvc_7', 'trident_pvc_8']) {
        await stock.create(name, GIB);
        await stock.publishOld(name, '10.0.0.1', backendPolicy);
      }
      const before = recorded('trident_pvc_7', { exportPolicy: backendPolicy });
      const both = await published(bench, before, n2, [n1, n2]);
      expect(await policyOf(bench, 'trident_pvc_7')).toBe(backendPolicy);
      expect(await bench.rules(backendPolicy)).toEqual(['10.0.0.1', '10.0.0.2']);
      const one = await shutOut(bench.driver, both, n1, [n2]);
      expect(await policyOf(bench, 'trident_pvc_7')).toBe(backendPolicy);
      const none = await shutOut(bench.driver, one, n2, []);
      expect(await policyOf(bench, 'trident_pvc_7')).toBe('trident_empty');
      expect(none.config.exportPolicy).toBe('trident_empty');
      // Others are on it still.
      expect(await policyOf(bench, 'trident_pvc_8')).toBe(backendPolicy);
      await shutOut(bench.driver, recorded('trident_pvc_8', { exportPolicy: backendPolicy }), n1, []);
      await bench.driver.retire(signal());
      expect((await bench.inventory()).policies).toEqual(['trident_empty']);
    }));

  test('is resized, snapshotted, cloned and restored, and its snapshots are known', () =>
    side(nas, stockNas, async (bench, stock) => {
      await stock.create('trident_pvc_7', GIB);
      await stock.createSnapshot('trident_pvc_7', 'by-stock');
      const volume = recorded('trident_pvc_7');
      const theirs = { name: 'by-stock', internalName: 'by-stock', ref: {} };
      expect((await bench.driver.listSnapshots(volume, signal())).map(({ internalName }) => internalName)).toEqual([
        'by-stock',
      ]);
      await bench.snapshot(volume, 'by-us');
      expect(await stock.snapshots('trident_pvc_7')).toEqual(['by-stock', 'by-us']);
      const plan = bench.clonePlan(volume, theirs);
      const clone = handleOf(plan.config, await bench.driver.cloneVolume(plan, signal()));
      expect((await bench.driver.resizeVolume(volume, 2 * GIB, signal())).size).toBe(2 * GIB);
      await bench.driver.deleteVolume(clone, signal());
      await bench.driver.restoreSnapshot(volume, theirs, signal());
      await bench.driver.deleteSnapshot(volume, theirs, signal());
      expect(await bench.driver.listSnapshots(volume, signal())).toEqual([]);
    }));

  test('and cloned takes its automatic snapshot along when the clone goes', () =>
    side(nas, stockNas, async (bench, stock) => {
      await stock.create('trident_pvc_7', GIB);
      await stock.createSnapshot('trident_pvc_7', '20260101T000000Zabc123');
      await stock.createSnapshot('trident_pvc_7', 'of-a-user');
      await stock.clone('trident_pvc_7', '20260101T000000Zabc123', 'trident_pvc_8');
      await bench.driver.deleteVolume(
        recorded('trident_pvc_8', {
          cloneSourceVolume: 'pvc-7',
          cloneSourceVolumeInternal: 'trident_pvc_7',
          cloneSourceSnapshot: '',
          cloneSourceSnapshotInternal: '20260101T000000Zabc123',
        }),
        signal(),
      );
      expect(await bench.inventory()).toMatchObject({
        volumes: ['trident_pvc_7'],
        snapshots: ['trident_pvc_7/of-a-user'],
      });
    }));

  test('and imported is published at its old junction', () =>
    side(nas, stockNas, async (bench, stock) => {
      await stock.create('old_name', GIB);
      await bench.modify('old_name', { name: 'trident_pvc_7' });
      const volume = recorded('trident_pvc_7', { accessInformation: { nfsPath: '/old_name' } });
      const granted = await published(bench, volume, n1, [n1]);
      expect(granted.config.accessInformation).toMatchObject({ nfsPath: '/old_name' });
    }));

  test('a read-only clone of one is seen through it, and deletes nothing', () =>
    side(nas, stockNas, async (bench, stock) => {
      await stock.create('trident_pvc_7', GIB);
      await stock.createSnapshot('trident_pvc_7', 's1');
      const view = recorded('trident_pvc_8', {
        readOnlyClone: true,
        cloneSourceVolume: 'pvc-7',
        cloneSourceVolumeInternal: 'trident_pvc_7',
        cloneSourceSnapshot: 's1',
        cloneSourceSnapshotInternal: 's1',
        accessInformation: { nfsPath: '/trident_pvc_7/.snapshot/s1' },
      });
      expect(await bench.driver.volumeExists(view, signal())).toBe(true);
      const granted = await published(bench, view, n1, [n1]);
      expect(granted.config.accessInformation).toMatchObject({ nfsPath: '/trident_pvc_7/.snapshot/s1' });
      expect(await bench.rules('trident_pvc_7')).toEqual(['10.0.0.1']);
      await shutOut(bench.driver, granted, n1, []);
      await bench.driver.deleteVolume(view, signal());
      expect(await bench.inventory()).toMatchObject({ volumes: ['trident_pvc_7'], snapshots: ['trident_pvc_7/s1'] });
    }));
});

describe('a FlexVol that we made', () => {
  test('is found, grown, snapshotted, published, shut and deleted by stock', () =>
    side(nas, stockNas, async (bench, stock) => {
      const { config } = await bench.create();
      const name = config.internalName;
      expect(name).toBe('trident_pvc_1');
      expect(await stock.info(name)).toMatchObject({
        type: 'rw',
        nas: { path: '/trident_pvc_1', export_policy: { name: 'trident_empty' } },
        snapshot_directory_access_enabled: false,
      });
      await stock.resize(name, 2 * GIB);
      await stock.createSnapshot(name, 's1');
      await stock.publish(name, '10.0.0.1');
      expect(await bench.rules(name)).toEqual(['10.0.0.1']);
      await stock.unpublish(name, []);
      expect(await policyOf(bench, name)).toBe('trident_empty');
      await stock.remove(name);
      expect(await bench.inventory()).toEqual({ volumes: [], snapshots: [], policies: ['trident_empty'], groups: [] });
    }));

  test('and published is published to others and shut by stock', () =>
    side(nas, stockNas, async (bench, stock) => {
      const volume = await published(bench, await bench.create(), n1, [n1]);
      const name = volume.config.internalName;
      expect(volume.config.exportPolicy).toBe(name);
      await stock.publish(name, '10.0.0.2');
      expect(await bench.rules(name)).toEqual(['10.0.0.1', '10.0.0.2']);
      await stock.unpublish(name, ['10.0.0.2']);
      expect(await bench.rules(name)).toEqual(['10.0.0.2']);
      await stock.unpublish(name, []);
      expect((await bench.inventory()).policies).toEqual(['trident_empty']);
      // What we had on record of it does not matter.
      const again = await published(bench, volume, n1, [n1]);
      expect(await bench.rules(name)).toEqual(['10.0.0.1']);
      expect(await policyOf(bench, name)).toBe(again.config.exportPolicy);
    }));

  test('has labels in the form that stock replaces on import, and clones as stock tells them', () =>
    side(
      { ...nas, config: (array, more) => nas.config(array, { labels: { tier: 'gold' }, ...more }) },
      stockNas,
      async (bench, stock) => {
        const volume = await bench.create();
        expect(at(await stock.info(volume.config.internalName), 'comment')).toBe('{"provisioning":{"tier":"gold"}}');
        const plan = bench.clonePlan(volume, undefined);
        const clone = handleOf(plan.config, await bench.driver.cloneVolume(plan, signal()));
        // That pair tells stock that the snapshot is to go with the clone.
        expect(clone.config).toMatchObject({
          cloneSourceVolumeInternal: volume.config.internalName,
          cloneSourceSnapshot: '',
          cloneSourceSnapshotInternal: expect.stringMatching(/^\d{8}T\d{6}Z[a-z0-9]{6}$/),
        });
      },
    ));
});

describe('a share for SMB', () => {
  const svms = defaultTopology.svms.map((svm) =>
    svm.name === 'svm0' ? { ...svm, protocols: [...svm.protocols, 'cifs' as const] } : svm,
  );
  const smb: DriverUnderTest = {
    ...nas,
    array: { topology: { ...defaultTopology, svms } },
    config: (array, more) => nas.config(array, { nasType: 'smb', autoExportPolicy: false, ...more }),
  };
  const shares = async (bench: Bench) =>
    (await bench.list('/protocols/cifs/shares?svm.name=svm0&fields=path'))
      .map(({ name, path }) => `${String(name)} ${String(path)}`)
      .filter((share) => share.includes('trident_'));

  test('that stock made is told, and goes with its volume', () =>
    side(smb, stockNas, async (bench, stock, session) => {
      await stock.create('trident_pvc_7', GIB);
      const share = { name: 'trident_pvc_7', path: '/trident_pvc_7', svm: { name: 'svm0' } };
      await session.expect(201, 'POST', '/protocols/cifs/shares', share);
      const volume = recorded('trident_pvc_7', { accessInformation: { smbPath: '\\trident_pvc_7' } });
      const granted = await published(bench, volume, n1, [n1]);
      expect(granted.config.accessInformation).toMatchObject({ smbPath: '\\trident_pvc_7' });
      await bench.driver.deleteVolume(granted, signal());
      expect(await shares(bench)).toEqual([]);
    }));

  test('that we made has the name and path that stock gives it', () =>
    side(smb, stockNas, async (bench, stock) => {
      const { config } = await bench.create();
      expect(await shares(bench)).toEqual([`${config.internalName} /${config.internalName}`]);
      await stock.remove(config.internalName);
    }));
});

describe('a FlexGroup', () => {
  const made = 'trident_pvc_7';

  test('that stock made stays on the policy of its backend while it is published, and leaves nothing', () =>
    side(flexgroup, stockFlexgroup, async (bench, stock, session) => {
      await session.expect(201, 'POST', '/protocols/nfs/export-policies', {
        name: backendPolicy,
        svm: { name: 'svm0' },
      });
      await stock.create(made, 16 * GIB);
      await stock.publish(made, backendPolicy);
      await stock.createSnapshot(made, 's1');
      const volume = recorded(made, { exportPolicy: backendPolicy, size: 16 * GIB });
      expect((await bench.driver.listSnapshots(volume, signal())).map(({ internalName }) => internalName)).toEqual([
        's1',
      ]);
      const granted = await published(bench, volume, n1, [n1]);
      expect(await bench.rules(backendPolicy)).toEqual(['10.0.0.1']);
      expect(await policyOf(bench, made)).toBe(backendPolicy);
      expect((await bench.driver.resizeVolume(granted, 20 * GIB, signal())).size).toBe(20 * GIB);
      await shutOut(bench.driver, granted, n1, []);
      expect(await policyOf(bench, made)).toBe('trident_empty');
      await bench.driver.deleteVolume(granted, signal());
      await bench.driver.retire(signal());
      expect(await bench.inventory()).toEqual({ volumes: [], snapshots: [], policies: ['trident_empty'], groups: [] });
    }));

  test('that we made is published, grown, snapshotted and deleted by stock', () =>
    side(flexgroup, stockFlexgroup, async (bench, stock, session) => {
      await session.expect(201, 'POST', '/protocols/nfs/export-policies', {
        name: backendPolicy,
        svm: { name: 'svm0' },
      });
      const { config } = await published(bench, await bench.create({ size: 16 * GIB }), n1, [n1]);
      const name = config.internalName;
      await stock.publish(name, backendPolicy);
      await stock.createSnapshot(name, 's1');
      await stock.restoreSnapshot(name, 's1');
      await stock.resize(name, 20 * GIB);
      await stock.remove(name);
      expect((await bench.inventory()).volumes).toEqual([]);
    }));
});
