import { describe, expect, test } from 'vitest';
import { Bench, problemOf, signal } from './driver-bench.ts';
import { driverConformance } from './driver.ts';
import { nas as nasAuto, plainNas as nas } from './nas-drivers.ts';

/** Volumes for files: the common suite, and what they get. */

driverConformance(nas);

driverConformance(nasAuto);

describe('what a volume gets', () => {
  test('everything in the request that makes it', async () => {
    await using bench = await Bench.open(nas, {
      config: {
        labels: { tier: 'gold', who: '{{.volume.Name}}' },
        defaults: {
          snapshotPolicy: 'default',
          snapshotReserve: '10',
          unixPermissions: '0750',
          spaceReserve: 'volume',
          encryption: 'true',
        },
      },
    });
    const volume = await bench.create({ size: 900_000_000 });
    const [found] = await bench.list('/storage/volumes?name=trident_pvc_1&fields=**');
    expect(found).toMatchObject({
      name: 'trident_pvc_1',
      size: 1_000_000_000,
      type: 'rw',
      style: 'flexvol',
      guarantee: { type: 'volume' },
      comment: '{"provisioning":{"tier":"gold","who":"pvc-1"}}',
      snapshot_policy: { name: 'default' },
      space: { snapshot: { reserve_percent: 10 } },
      snapshot_directory_access_enabled: false,
      encryption: { enabled: true },
      nas: {
        path: '/trident_pvc_1',
        export_policy: { name: 'default' },
        security_style: 'unix',
        unix_permissions: 750,
      },
    });
    expect(volume.config).toMatchObject({
      size: 900_000_000,
      internalName: 'trident_pvc_1',
      fileSystem: 'nfs',
      exportPolicy: 'default',
      snapshotPolicy: 'default',
    });
    expect(volume.config.accessInformation).toMatchObject({
      nfsServerIp: '192.0.2.11',
      nfsPath: '/trident_pvc_1',
      mountOptions: '',
    });
  });

  test('a release that takes the snapshot directory only later gets it later', async () => {
    await using bench = await Bench.open(nas, { settings: { returnTimeoutSeconds: 15 } });
    bench.strike(
      { method: 'POST', path: '/api/storage/volumes', body: { snapshot_directory_access_enabled: '*' } },
      {
        type: 'refuse',
        status: 400,
        code: '262196',
        message: 'Field "snapshot_directory_access_enabled" cannot be set in this operation',
        target: 'snapshot_directory_access_enabled',
      },
    );
    const volume = await bench.create();
    const [found] = await bench.list(
      `/storage/volumes?name=${volume.config.internalName}&fields=snapshot_directory_access_enabled`,
    );
    expect(found).toMatchObject({ snapshot_directory_access_enabled: false });
    expect(await bench.count(() => bench.create())).toBeLessThanOrEqual(3);
  });

  test('limitAggregateUsage keeps volumes off full aggregates', async () => {
    await using bench = await Bench.open(nas, { config: { limitAggregateUsage: '50%', storage: [{}] } });
    bench.array.world.setAggregateAvailable('aggr1_n1', 2 ** 40);
    for (let n = 0; n < 4; n++) expect((await bench.create()).ref).toMatchObject({ aggregate: 'aggr1_n2' });
    bench.array.world.setAggregateAvailable('aggr1_n2', 2 ** 40);
    const problem = await problemOf(bench.driver.createVolume(bench.plan(), signal()));
    expect(problem).toMatchObject({ code: 'pool.ineligible', nothingDone: true });
    expect(problem.message).toContain('limitAggregateUsage');
  });

  test.each([
    ['snapshotPolicy', { snapshotPolicy: 'nope' }, '917551'],
    ['exportPolicy', { exportPolicy: 'nope' }, '918271'],
  ])('an unknown %s is refused with the words of the array', async (_, more, code) => {
    await using bench = await Bench.open(nas);
    const problem = await problemOf(bench.driver.createVolume(bench.plan(more), signal()));
    expect(problem).toMatchObject({ kind: 'invalid', nothingDone: true, array: { code } });
    expect(problem.message).toContain('nope');
  });

  test('there is no room for it on any aggregate, or in its own', async () => {
    await using bench = await Bench.open(nas, { config: { storage: [{}] } });
    const volume = await bench.create();
    bench.strike({ method: 'POST', path: '/api/storage/volumes' }, { type: 'aggregate-full' });
    bench.strike({ method: 'POST', path: '/api/storage/volumes' }, { type: 'aggregate-full' });
    expect(await problemOf(bench.driver.createVolume(bench.plan(), signal()))).toMatchObject({
      code: 'pool.ineligible',
      kind: 'limit',
      nothingDone: true,
      message: expect.stringContaining('There is not enough space in aggregate'),
    });
    bench.strike({ method: 'PATCH', path: '/api/storage/volumes/*' }, { type: 'aggregate-full' });
    expect(await problemOf(bench.driver.resizeVolume(volume, 2 ** 31, signal()))).toMatchObject({
      code: 'array.limit',
      kind: 'limit',
      array: { code: '460770' },
    });
  });

  test('a volume is larger than ONTAP makes them', async () => {
    await using bench = await Bench.open(nas);
    expect(await problemOf(bench.driver.createVolume(bench.plan({ size: 2 ** 49 }), signal()))).toMatchObject({
      kind: 'limit',
      array: { code: '917534' },
    });
  });

  test('a volume is not made smaller', async () => {
    await using bench = await Bench.open(nas);
    const volume = await bench.create();
    for (const bytes of [2 ** 29, 2 ** 30 - 1])
      expect(await problemOf(bench.driver.resizeVolume(volume, bytes, signal()))).toMatchObject({
        code: 'volume.shrink',
        kind: 'limit',
      });
  });
});

test('a volume takes no more snapshots than ONTAP allows', async () => {
  await using bench = await Bench.open(nas);
  const volume = await bench.create();
  const refusal = { type: 'refuse', status: 400, code: '525062', message: 'Too many Snapshot copies.' } as const;
  bench.strike({ method: 'POST', path: '/api/storage/volumes/*/snapshots' }, refusal);
  const problem = await problemOf(bench.driver.createSnapshot(volume, 's', signal()));
  expect(problem).toMatchObject({ code: 'snapshot.limit', kind: 'limit', nothingDone: true });
});

test('a volume that is in use is deleted as soon as it is not, and said to be in use after a minute', async () => {
  let shift = 0;
  await using bench = await Bench.open(nas, { environment: { now: () => new Date(Date.now() + shift) } });
  const [volume, other] = [await bench.create(), await bench.create()];
  const refusal = { type: 'refuse', status: 409, code: '524486', message: 'Volume is busy.' } as const;
  const busy = () => bench.strike({ method: 'DELETE', path: '/api/storage/volumes/*' }, refusal);
  const tried = async (times: number) => {
    await expect
      .poll(() => bench.array.requests.count({ method: 'DELETE', path: '/api/storage/volumes/*' }), { timeout: 10_000 })
      .toBe(times);
  };
  busy();
  const removed = bench.driver.deleteVolume(volume, signal());
  await tried(1);
  bench.array.faults.clear();
  await removed;
  busy();
  const refused = problemOf(bench.driver.deleteVolume(other, signal()));
  await tried(3);
  shift = 60_000;
  expect(await refused).toMatchObject({ code: 'array.busy', kind: 'conflict', array: { code: '524486' } });
  // It is used where it was.
  expect(bench.array.world.findVolume(other.config.internalName)?.junctionPath).toBe('/trident_pvc_2');
});
