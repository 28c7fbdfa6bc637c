import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { at, textAt } from '../../../test/support/ontap-session.ts';
import { openSanSession, type SanSession } from '../../../test/support/san-session.ts';

const MIB = 1024 ** 2;
const SVM = { svm: { name: 'svm0' } };

let array: SanSession;
beforeAll(async () => {
  array = await openSanSession();
});
afterEach(() => array.simulator.world.verify());
afterAll(() => array.close());

describe('a volume with LUNs', () => {
  test('takes them along when it is renamed', async () => {
    const volume = await array.newVolume();
    const uuid = await array.newLun(`/vol/${volume.name}/a`);
    await array.expect(200, 'PATCH', `/storage/volumes/${volume.uuid}?return_timeout=10`, {
      name: `${volume.name}_new`,
    });
    expect(await array.lunAt(uuid)).toMatchObject({
      name: `/vol/${volume.name}_new/a`,
      location: { volume: { name: `${volume.name}_new` } },
    });
    expect(await array.list(`/storage/luns?name=/vol/${volume.name}/a`)).toEqual([]);
  });

  test('takes them, their attributes and their maps away when it is deleted', async () => {
    const volume = await array.newVolume();
    const uuid = await array.newLun(`/vol/${volume.name}/a`, { attributes: [{ name: 'x', value: '1' }] });
    const igroup = await array.newIgroup('gone-with-volume');
    await array.expect(201, 'POST', '/protocols/san/lun-maps', { ...SVM, lun: { uuid }, igroup: { uuid: igroup } });
    await array.expect(200, 'DELETE', `/storage/volumes/${volume.uuid}?return_timeout=10`);
    expect(await array.refusal('GET', `/storage/luns/${uuid}`)).toBe('404 4');
    expect(await array.list('/protocols/san/lun-maps?igroup.name=gone-with-volume')).toEqual([]);
    await array.expect(200, 'DELETE', `/protocols/san/igroups/${igroup}`);
  });

  test('gives its clone copies with serial numbers of their own, not mapped', async () => {
    const volume = await array.newVolume();
    const original = await array.newLun(`/vol/${volume.name}/lun0`, {
      attributes: [{ name: 'fstype', value: 'xfs' }],
      comment: 'c',
    });
    const igroup = await array.newIgroup('clone-parent');
    await array.expect(201, 'POST', '/protocols/san/lun-maps', {
      ...SVM,
      lun: { uuid: original },
      igroup: { uuid: igroup },
    });
    await array.snapshotOf(volume, 's1');
    await array.newLun(`/vol/${volume.name}/later`);
    await array.expect(200, 'PATCH', `/storage/luns/${original}`, { space: { size: 200 * MIB } });
    await array.expect(201, 'POST', '/storage/volumes?return_timeout=10', {
      name: `${volume.name}_c`,
      ...SVM,
      clone: { parent_volume: { name: volume.name }, parent_snapshot: { name: 's1' }, is_flexclone: true },
    });
    const copies = await array.list(`/storage/luns?location.volume.name=${volume.name}_c&fields=**`);
    expect(copies).toHaveLength(1);
    expect(copies[0]).toMatchObject({
      name: `/vol/${volume.name}_c/lun0`,
      comment: 'c',
      space: { size: 100 * MIB },
      status: { mapped: false },
      attributes: [{ name: 'fstype', value: 'xfs' }],
    });
    const before = await array.lunAt(original);
    expect(at(copies[0], 'uuid')).not.toBe(original);
    expect(at(copies[0], 'serial_number')).not.toBe(at(before, 'serial_number'));
  });

  test('gives copies to a clone without a snapshot too', async () => {
    const volume = await array.newVolume();
    await array.newLun(`/vol/${volume.name}/lun0`, { space: { size: 100 * MIB, guarantee: { requested: true } } });
    await array.expect(201, 'POST', '/storage/volumes?return_timeout=10', {
      name: `${volume.name}_c`,
      ...SVM,
      clone: { parent_volume: { name: volume.name }, is_flexclone: true },
    });
    expect(await array.list(`/storage/luns?name=/vol/${volume.name}_c/lun0`)).toHaveLength(1);
    const [copy] = await array.list(`/storage/volumes?name=${volume.name}_c&fields=space.used`);
    expect(copy).toMatchObject({ space: { used: 100 * MIB } });
  });

  test('brings them back as they were when a snapshot is restored', async () => {
    const volume = await array.newVolume();
    const kept = await array.newLun(`/vol/${volume.name}/kept`, { attributes: [{ name: 'x', value: 'old' }] });
    const lost = await array.newLun(`/vol/${volume.name}/lost`, {
      space: { size: 50 * MIB, guarantee: { requested: true } },
    });
    const serial = at(await array.lunAt(kept), 'serial_number');
    const igroup = await array.newIgroup('restored');
    await array.expect(201, 'POST', '/protocols/san/lun-maps', {
      ...SVM,
      lun: { uuid: kept },
      igroup: { uuid: igroup },
    });
    await array.snapshotOf(volume, 's1');

    await array.expect(200, 'DELETE', `/storage/luns/${lost}`);
    await array.expect(200, 'PATCH', `/storage/luns/${kept}`, {
      name: `/vol/${volume.name}/renamed`,
      space: { size: 300 * MIB },
    });
    await array.expect(200, 'PATCH', `/storage/luns/${kept}/attributes/x`, { value: 'new' });
    const later = await array.newLun(`/vol/${volume.name}/kept`);
    await array.expect(201, 'POST', '/protocols/san/lun-maps', {
      ...SVM,
      lun: { uuid: later },
      igroup: { uuid: igroup },
    });

    await array.expect(200, 'PATCH', `/storage/volumes/${volume.uuid}?restore_to.snapshot.name=s1&return_timeout=10`);
    expect(await array.lunAt(kept)).toMatchObject({
      name: `/vol/${volume.name}/kept`,
      space: { size: 100 * MIB },
      serial_number: serial,
      attributes: [{ name: 'x', value: 'old' }],
      lun_maps: [{ igroup: { name: 'restored' }, logical_unit_number: 0 }],
    });
    expect(await array.lunAt(lost)).toMatchObject({ name: `/vol/${volume.name}/lost`, status: { mapped: false } });
    expect(await array.refusal('GET', `/storage/luns/${later}`)).toBe('404 4');
    expect(await array.list('/protocols/san/lun-maps?igroup.name=restored')).toHaveLength(1);
    expect(await array.expect(200, 'GET', `/storage/volumes/${volume.uuid}?fields=space.used`)).toMatchObject({
      space: { used: 50 * MIB },
    });
  });
});

test('moves into another volume by its name, with what is written and reserved', async () => {
  const own = { name: 'svm0' };
  const make = async (name: string, size: string) => {
    const body = { name, svm: own, size, aggregates: [{ name: 'aggr1_n1' }], 'space.snapshot.reserve_percent': 0 };
    await array.expect(202, 'POST', '/storage/volumes', body);
  };
  await make('leaves', '1GB');
  await make('enters', '500MB');
  await make('narrow', '20MB');
  const space = { size: '200MB', guarantee: { requested: true } };
  await array.expect(201, 'POST', '/storage/luns', { name: '/vol/leaves/mover', svm: own, os_type: 'linux', space });
  array.simulator.world.setUnitUsedBytes('/vol/leaves/mover', 50 * 1024 ** 2);
  const [lun] = await array.list('/storage/luns?name=/vol/leaves/mover&fields=serial_number');
  const path = `/storage/luns/${textAt(lun, 'uuid')}`;
  const usedIn = async (name: string) =>
    at((await array.list(`/storage/volumes?name=${name}&fields=space.used`))[0], 'space', 'used');
  expect(await array.refusal('PATCH', path, { name: '/vol/narrow/mover' })).toBe('400 5374125');
  await array.expect(200, 'PATCH', path, { name: '/vol/enters/moved' });
  expect([await usedIn('leaves'), await usedIn('enters')]).toEqual([0, 200 * 1024 ** 2]);
  expect(await array.expect(200, 'GET', path)).toMatchObject({
    name: '/vol/enters/moved',
    location: { volume: { name: 'enters' }, logical_unit: 'moved' },
    serial_number: textAt(lun, 'serial_number'),
    space: { used: 200 * 1024 ** 2, size: 200 * 1024 ** 2 },
  });
  array.simulator.world.verify();
});

test('stays where it was moved when the volume that it left is restored', async () => {
  const uuid = async (name: string) => textAt((await array.list(`/storage/volumes?name=${name}`))[0], 'uuid');
  const [lun] = await array.list('/storage/luns?name=/vol/enters/moved');
  const path = `/storage/luns/${textAt(lun, 'uuid')}`;
  const old = `/storage/volumes/${await uuid('enters')}`;
  await array.expect(202, 'POST', `${old}/snapshots`, { name: 'before' });
  await array.expect(200, 'PATCH', path, { name: '/vol/leaves/back' });
  await array.expect(202, 'PATCH', `${old}?restore_to.snapshot.name=before`);
  expect(await array.expect(200, 'GET', path)).toMatchObject({ name: '/vol/leaves/back' });
  expect(await array.list('/storage/luns?location.volume.name=enters')).toEqual([]);
  array.simulator.world.verify();
});
