import { describe, expect, test } from 'vitest';
import { seededRandom } from '../support/seeded-random.ts';
import { Bench, problemOf, signal } from './driver-bench.ts';
import { onlyPool, pools } from './lun-pool-bench.ts';
import { economy } from './san-drivers.ts';
import { openVaried } from './varied-names.ts';

/** The last LUN takes its FlexVol along, whatever comes between. */

describe('the removal of an empty FlexVol that was interrupted', () => {
  /** The FlexVol has its other name already when the array is out of reach. */
  const interrupted = async (bench: Bench): Promise<void> => {
    const volume = await bench.create();
    bench.strike({ method: 'DELETE', path: '/api/storage/volumes/*' }, { type: 'drop-request' });
    await problemOf(bench.driver.deleteVolume(volume, signal()));
    bench.array.faults.clear();
    expect((await onlyPool(bench)).name).toMatch(/^deleted_trident_lun_pool_/);
  };
  const impatient = { settleTimeoutMs: 50, requestTimeoutMs: 500, random: seededRandom(7) };

  test('is ended by the next create, in another process', async () => {
    await using bench = await openVaried(economy, { settings: impatient });
    await interrupted(bench);
    await using other = bench.reopen();
    await other.createVolume(bench.plan(), signal());
    const { name, luns } = await onlyPool(bench);
    expect(name).toMatch(/^trident_lun_pool_/);
    expect(luns).toEqual(['trident_pvc_2']);
  });

  test('is ended when the deletion is repeated, of a volume of stock too', async () => {
    await using bench = await openVaried(economy, { settings: impatient });
    for (const ref of [undefined, {}]) {
      const volume = await bench.create();
      bench.strike({ method: 'DELETE', path: '/api/storage/volumes/*' }, { type: 'drop-request' });
      await problemOf(bench.driver.deleteVolume(volume, signal()));
      bench.array.faults.clear();
      await using other = bench.reopen();
      await other.deleteVolume({ ...volume, ref: ref ?? volume.ref }, signal());
      expect(await pools(bench)).toEqual([]);
    }
  });

  test('is ended when a creation is taken back', async () => {
    await using bench = await openVaried(economy, { settings: impatient });
    await interrupted(bench);
    await using other = bench.reopen();
    expect(await other.discardVolume(bench.plan(), new Date(), signal())).toBe('absent');
    expect(await pools(bench)).toEqual([]);
  });

  test('is given up when somebody made a LUN before the name was gone', async () => {
    await using bench = await openVaried(economy, { settings: impatient });
    await bench.create();
    const { uuid, name } = await onlyPool(bench);
    await bench.array.call('PATCH', `/storage/volumes/${uuid}?return_timeout=15`, { name: `deleted_${name}` });
    await using other = bench.reopen();
    await other.createVolume(bench.plan(), signal());
    const found = await pools(bench);
    expect(found.map((pool) => pool.luns).toSorted()).toEqual([['trident_pvc_1'], ['trident_pvc_2']]);
    for (const pool of found) expect(pool.name).toMatch(/^trident_lun_pool_/);
  });
});

test('what is left of the snapshots of a LUN that others deleted goes with its record', async () => {
  await using bench = await openVaried(economy);
  const volume = await bench.create();
  const other = await bench.create();
  await bench.snapshot(volume, 's1');
  const path = `/storage/luns?name=*${volume.config.internalName}&return_timeout=15`;
  await bench.array.call('DELETE', path);
  expect(await bench.driver.volumeExists(volume, signal())).toBe(false);
  expect((await onlyPool(bench)).luns).toHaveLength(2);
  await using again = bench.reopen();
  await again.deleteVolume({ ...volume, orphaned: true }, signal());
  expect((await onlyPool(bench)).luns).toEqual([other.config.internalName]);
});

test('a FlexVol that got its name back is known by it', async () => {
  await using bench = await openVaried(economy);
  const volume = await bench.create();
  const { uuid, name } = await onlyPool(bench);
  const rename = (wanted: string) =>
    bench.array.call('PATCH', `/storage/volumes/${uuid}?return_timeout=15`, { name: wanted });
  await rename(`deleted_${name}`);
  await using other = bench.reopen();
  bench.strike(
    { method: 'PATCH', path: `/api/storage/volumes/${uuid}` },
    { type: 'refuse', status: 400, code: '917839', message: 'not now' },
  );
  await other.createVolume(bench.plan(), signal());
  bench.array.faults.clear();
  await rename(name);
  expect((await other.createSnapshot(volume, 's1', signal())).internalName).toBe('s1');
  expect((await pools(bench)).find((pool) => pool.uuid === uuid)?.luns).toHaveLength(2);
});
