import { describe, expect, test } from 'vitest';
import { published } from './conformance/driver-operations.ts';
import { problemOf, signal } from './conformance/driver-bench.ts';
import { economyInOnePlace as economy } from './conformance/nas-drivers.ts';
import { quotaOf } from './conformance/qtrees-on-array.ts';
import { backendPolicy, GIB, n1, n2, policyOf, recorded, shutOut, side } from './support/adoption.ts';
import { at } from './support/ontap-session.ts';
import { stockEconomy } from './support/stock-economy.ts';

/** Qtrees and their shared FlexVols that stock and we take over from each other. */

describe('a qtree', () => {
  const pool = 'trident_qtree_pool_trident_ABCDEFGHIJ';
  const made = 'trident_pvc_7';
  const internalID = `/svm/svm0/flexvol/${pool}/qtree/${made}`;
  const byName = recorded(made, { exportPolicy: 'default' });
  const byId = recorded(made, { exportPolicy: 'default', internalID });
  const furnish = async (stock: ReturnType<typeof stockEconomy>): Promise<void> => {
    await stock.createPool(pool, 'aggr1_n1');
    await stock.create(pool, made, GIB);
  };

  test('that stock made is found by its InternalID and by its name, and shares its FlexVol with ours', () =>
    side(economy, stockEconomy, async (bench, stock) => {
      await furnish(stock);
      for (const volume of [byName, byId]) expect(await bench.driver.volumeExists(volume, signal())).toBe(true);
      const elsewhere = recorded(made, { internalID: `/svm/svm0/flexvol/trident_qtree_pool_trident_X/qtree/${made}` });
      expect(await bench.driver.volumeExists(elsewhere, signal())).toBe(false);
      const ours = await bench.create({ snapshotDirectory: 'true' });
      expect(ours.config.internalID).toBe(`/svm/svm0/flexvol/${pool}/qtree/${ours.config.internalName}`);
      expect(bench.array.world.findVolume(pool)?.sizeBytes).toBe(2 * GIB);
    }));

  test('that stock published stays so, is shut by us, and goes with its quota and policy', () =>
    side(economy, stockEconomy, async (bench, stock) => {
      await furnish(stock);
      await stock.open(backendPolicy);
      await stock.publish(pool, made, '10.0.0.1', backendPolicy);
      const before = recorded(made, { exportPolicy: made, internalID });
      const both = await published(bench, before, n2, [n1, n2]);
      expect(await bench.rules(made)).toEqual(['10.0.0.1', '10.0.0.2']);
      expect(await bench.rules(backendPolicy)).toEqual(['10.0.0.1', '10.0.0.2']);
      const one = await shutOut(bench.driver, both, n1, [n2]);
      expect(await bench.rules(made)).toEqual(['10.0.0.2']);
      const none = await shutOut(bench.driver, one, n2, []);
      await bench.driver.deleteVolume(none, signal());
      expect(await quotaOf(bench, made)).toBeUndefined();
      expect((await bench.inventory()).volumes).toEqual([]);
      // The rule that we wrote goes with the backend; the one of stock's is for somebody to look at.
      expect(await problemOf(bench.driver.retire(signal()))).toMatchObject({
        code: 'export-policy.foreign-rules',
        message: expect.stringContaining('10.0.0.1'),
      });
      expect(await bench.rules(backendPolicy)).toEqual(['10.0.0.1']);
      expect(await policyOf(bench, pool)).toBe(backendPolicy);
    }));

  test('that stock made is grown with its FlexVol, and its snapshots are those of all in it', () =>
    side(economy, stockEconomy, async (bench, stock) => {
      await furnish(stock);
      expect((await bench.driver.resizeVolume(byId, 3 * GIB, signal())).size).toBe(3 * GIB);
      expect(await quotaOf(bench, made)).toBe(3 * GIB);
      expect(bench.array.world.findVolume(pool)?.sizeBytes).toBe(3 * GIB);
      await stock.createSnapshot(pool, 's1');
      const shown = recorded(made, { internalID, snapshotDirectory: 'true' });
      const found = await bench.driver.findSnapshot(shown, 's1', signal());
      expect(found).toMatchObject({ internalName: 's1' });
      await bench.driver.deleteSnapshot(shown, { name: 's1', internalName: 's1', ref: {} }, signal());
      expect((await bench.inventory()).snapshots).toEqual([]);
    }));

  test('that stock began to delete is deleted, and its slot is free', () =>
    side(economy, stockEconomy, async (bench, stock) => {
      await furnish(stock);
      const [found] = await bench.list(`/storage/qtrees?name=${made}&fields=volume`);
      const path = `/storage/qtrees/${String(at(found, 'volume', 'uuid'))}/${String(at(found, 'id'))}`;
      await bench.array.call('PATCH', `${path}?return_timeout=15`, { name: `deleted_${made}_QWERT` });
      // By a deletion that is repeated, or by the next creation.
      await bench.driver.deleteVolume(byId, signal());
      expect((await bench.inventory()).volumes).toEqual([]);
    }));

  test('read-only clone that stock made is seen through its source, and deletes nothing', () =>
    side(economy, stockEconomy, async (bench, stock) => {
      await furnish(stock);
      await stock.createSnapshot(pool, 's1');
      const view = recorded('trident_pvc_8', {
        readOnlyClone: true,
        cloneSourceVolume: 'pvc-7',
        cloneSourceVolumeInternal: made,
        cloneSourceSnapshot: 's1',
        cloneSourceSnapshotInternal: 's1',
        accessInformation: { nfsPath: `/${pool}/${made}/.snapshot/s1` },
      });
      expect(await bench.driver.volumeExists(view, signal())).toBe(true);
      const granted = await published(bench, view, n1, [n1]);
      expect(granted.config.accessInformation).toMatchObject({ nfsPath: `/${pool}/${made}/.snapshot/s1` });
      await bench.driver.deleteVolume(granted, signal());
      expect((await bench.inventory()).volumes).toEqual([made]);
    }));

  test('that we made, and its FlexVol, are found, published, grown, snapshotted and deleted by stock', () =>
    side(economy, stockEconomy, async (bench, stock, session) => {
      const { config } = await bench.create();
      const name = config.internalName;
      const [, , , , flexVol = ''] = config.internalID.split('/');
      expect(flexVol).toMatch(/^trident_qtree_pool_trident_[A-Z]{10}$/);
      // The query by which stock looks for a FlexVol with room.
      const attributes =
        'style=flexvol&state=online&aggregates.name=aggr1_n1&tiering.policy=none&snapshot_policy.name=none|none-DR&space.snapshot.reserve_percent=0&snapshot_directory_access_enabled=false';
      const found = await session.list(
        `/storage/volumes?name=trident_qtree_pool_trident_*&${attributes}&fields=guarantee.type`,
      );
      expect(found.map((each) => [at(each, 'name'), at(each, 'guarantee', 'type')])).toEqual([[flexVol, 'none']]);
      const rules = await bench.list(
        `/storage/quota/rules?volume.name=${flexVol}&fields=type,qtree.name,space.hard_limit`,
      );
      const ofAll = rules.find((rule) => (at(rule, 'qtree', 'name') ?? '') === '');
      expect({ type: ofAll?.['type'], limit: at(ofAll, 'space', 'hard_limit') ?? -1 }).toEqual({
        type: 'tree',
        limit: -1,
      });
      expect(at(await stock.quota(flexVol, name), 'space', 'hard_limit')).toBe(GIB);
      expect(await stock.create(flexVol, 'trident_pvc_9', GIB)).toBe(flexVol);
      await stock.open(backendPolicy);
      await stock.publish(flexVol, name, '10.0.0.1', backendPolicy);
      await stock.resize(flexVol, name, 2 * GIB);
      await stock.createSnapshot(flexVol, 's1');
      expect(await stock.list('trident_qtree_pool_trident_')).toEqual([name, 'trident_pvc_9']);
      await stock.remove(flexVol, name);
      expect((await bench.inventory()).volumes).toEqual(['trident_pvc_9']);
      // What stock put into ours counts there.
      const next = await bench.create();
      expect(next.config.internalID).toContain(`/flexvol/${flexVol}/`);
    }));

  test('without autoExportPolicy goes into a FlexVol on the policy that stock made for everybody', () =>
    side(
      { ...economy, config: (array, more) => economy.config(array, { autoExportPolicy: false, ...more }) },
      stockEconomy,
      async (bench, _stock, session) => {
        const policy = 'trident_qtree_pool_export_policy';
        const rules = ['0.0.0.0/0', '::/0'].map((match) => ({
          clients: [{ match }],
          protocols: ['nfs'],
          ro_rule: ['any'],
          rw_rule: ['any'],
          superuser: ['any'],
        }));
        const body = { name: policy, svm: { name: 'svm0' }, rules };
        await session.expect(201, 'POST', '/protocols/nfs/export-policies', body);
        const { config } = await bench.create();
        const [, , , , flexVol = ''] = config.internalID.split('/');
        expect(await policyOf(bench, flexVol)).toBe(policy);
        expect(await bench.rules(policy)).toEqual(['0.0.0.0/0', '::/0']);
        await bench.driver.retire(signal());
        // It is shared by all backends, as in stock.
        expect((await bench.inventory()).policies).toEqual([policy]);
      },
    ));
});
