import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { at, openOntapSession, textAt } from '../../../test/support/ontap-session.ts';
import { openUnitSession, unitBody, UNITS, type UnitSession } from '../../../test/support/unit-session.ts';

const MIB = 1024 ** 2;
const SVM = { svm: { name: 'svm0' } };

let array: UnitSession;
beforeAll(async () => {
  array = await openUnitSession();
});
afterEach(() => array.simulator.world.verify());
afterAll(() => array.close());

describe('a storage unit', () => {
  test('is a LUN, with its UUID', async () => {
    const uuid = await array.newUnit('lun', 'unit_lun', { comment: 'c' });
    const [lun] = await array.list('/storage/luns?name=unit_lun&fields=serial_number,serial_number_hex');
    expect(textAt(lun, 'uuid')).toBe(uuid);
    expect(await array.unitAt(uuid)).toMatchObject({
      uuid,
      name: 'unit_lun',
      type: 'lun',
      svm: { name: 'svm0' },
      comment: 'c',
      os_type: 'linux',
      enabled: true,
      class: 'regular',
      access_mode: 'global',
      serial_number: at(lun, 'serial_number'),
      serial_number_hex: at(lun, 'serial_number_hex'),
      space: { size: 100 * MIB, used: 0, snapshot: { used: 0, reserve_percent: 0 } },
      status: { state: 'online', mapped: false, container_state: 'online' },
      create_time: '2026-01-01T00:00:00+00:00',
      clone: { is_flexclone: false },
      location: { volume: { name: 'unit_lun' }, storage_availability_zone: { name: 'storage_availability_zone_0' } },
    });
    expect(Object.keys((await array.list(`${UNITS}?uuid=${uuid}`))[0] ?? {})).toEqual(['uuid', 'name', '_links']);
  });

  test('is a namespace, made by a job, with a simple name and a volume', async () => {
    const body = {
      name: 'unit_ns',
      os_type: 'linux',
      ...SVM,
      space: { size: 100 * MIB, block_size: 4096 },
      comment: '{}',
    };
    expect(await array.jobOf('POST', '/storage/namespaces?return_records=true', body)).toMatchObject({
      state: 'success',
    });
    const [namespace] = await array.list('/storage/namespaces?name=unit_ns&fields=*');
    expect(namespace).toMatchObject({
      name: 'unit_ns',
      comment: '{}',
      space: { size: 100 * MIB, block_size: 4096 },
      status: { state: 'online' },
      location: { volume: { name: 'unit_ns' }, storage_availability_zone: { name: 'storage_availability_zone_0' } },
    });
    expect(await array.unitAt(textAt(namespace, 'uuid'))).toMatchObject({
      type: 'namespace',
      name: 'unit_ns',
      space: { size: 100 * MIB },
    });
    expect(at(await array.unitAt(textAt(namespace, 'uuid')), 'serial_number')).toBeUndefined();
    expect(await array.list('/storage/volumes?name=unit_ns&fields=type,state,size')).toMatchObject([
      { type: 'rw', state: 'online', size: 100 * MIB },
    ]);
  });

  test('has a name that no other unit and no volume of the SVM has', async () => {
    await array.newUnit('lun', 'one_name');
    expect(await array.refusal('POST', '/storage/namespaces', unitBody('one_name'))).toBe('409 5440688');
    expect(await array.refusal('POST', '/storage/namespaces', unitBody('/vol/v/ns'))).toBe('400 5376461');
    expect(await array.refusal('POST', '/storage/namespaces', unitBody('n'.repeat(204)))).toBe('400 5376462');
    expect(await array.jobOf('POST', '/storage/luns', unitBody('svm0_root'))).toMatchObject({
      state: 'failure',
      code: 5440688,
    });
  });

  test('is renamed by any of its names, by a job; its volume follows', async () => {
    const uuid = await array.newUnit('namespace', 'name_a');
    expect(await array.jobOf('PATCH', `/storage/namespaces/${uuid}`, { name: 'name_b' })).toMatchObject({
      state: 'success',
    });
    expect(await array.unitAt(uuid)).toMatchObject({ name: 'name_b', location: { volume: { name: 'name_b' } } });
    expect(await array.jobOf('PATCH', `${UNITS}/${uuid}`, { name: 'name_c' })).toMatchObject({ state: 'success' });
    expect(await array.list('/storage/namespaces?name=name_*')).toMatchObject([{ uuid, name: 'name_c' }]);
    expect(await array.list('/storage/volumes?name=name_*')).toMatchObject([{ name: 'name_c' }]);
    await array.newUnit('lun', 'name_d');
    expect(await array.refusal('PATCH', `${UNITS}/${uuid}`, { name: 'name_d' })).toBe('409 917526');
    expect(await array.refusal('PATCH', `${UNITS}/${uuid}`, { name: '1' })).toBe('400 5376461');
  });

  test('grows at once and is deleted by a job, with its volume', async () => {
    const uuid = await array.newUnit('namespace', 'short_lived');
    await array.expect(200, 'PATCH', `/storage/namespaces/${uuid}`, { space: { size: 200 * MIB } });
    expect(await array.unitAt(uuid)).toMatchObject({ space: { size: 200 * MIB } });
    await array.newSnapshot(uuid, 's');
    expect(await array.jobOf('DELETE', `/storage/namespaces/${uuid}`)).toMatchObject({ state: 'success' });
    expect(await array.refusal('GET', `${UNITS}/${uuid}`)).toBe('404 4');
    expect(await array.list('/storage/volumes?name=short_lived*')).toEqual([]);
  });

  test('is neither made nor deleted here, and is not there on other systems', async () => {
    const uuid = await array.newUnit('lun', 'permanent');
    expect(await array.refusal('DELETE', `${UNITS}/${uuid}`)).toBe('405 3');
    expect(await array.refusal('POST', UNITS, { name: 'x', ...SVM })).toBe('400 5374604');
    const unified = await openOntapSession({});
    try {
      expect(await unified.refusal('GET', UNITS)).toBe('404 3');
      expect(await unified.refusal('GET', '/storage/availability-zones')).toBe('404 3');
      expect(await unified.refusal('GET', '/storage/luns?fields=location.storage_availability_zone')).toBe(
        '400 262197',
      );
    } finally {
      await unified.close();
    }
  });

  test('is not mirrored', async () => {
    await array.newUnit('lun', 'alone');
    const paths = { source: { path: 'svm0:alone' }, destination: { path: 'svm_dr:alone' } };
    const wanted = { ...paths, create_destination: { enabled: true } };
    expect(await array.refusal('POST', '/snapmirror/relationships', wanted)).toBe('501 3');
  });

  test('has a volume that cannot be managed by itself', async () => {
    const uuid = await array.newUnit('lun', 'guarded');
    const volume = textAt(await array.unitAt(uuid), 'location', 'volume', 'uuid');
    expect(await array.refusal('POST', '/storage/volumes', { name: 'v', ...SVM, size: 100 * MIB })).toBe('400 918701');
    expect(await array.refusal('DELETE', `/storage/volumes/${volume}`)).toBe('400 918701');
    expect(await array.refusal('PATCH', `/storage/volumes/${volume}`, { size: 200 * MIB })).toBe('400 918703');
    expect(await array.refusal('PATCH', `/storage/volumes/${volume}`, { state: 'offline' })).toBe('400 918703');
  });
});

describe('the availability zone', () => {
  test('tells what the system has, and what is left', async () => {
    const [zone] = await array.list('/storage/availability-zones?fields=**');
    expect(zone).toMatchObject({
      name: 'storage_availability_zone_0',
      nodes: [{ name: 'sim-cluster-01' }, { name: 'sim-cluster-02' }],
    });
    const size = Number(at(zone, 'space', 'size'));
    expect(size).toBe(20 * 1024 ** 4);
    expect(Number(at(zone, 'space', 'available'))).toBeLessThanOrEqual(size);
    expect(await array.refusal('PATCH', `/storage/availability-zones/${textAt(zone, 'uuid')}`, {})).toBe('501 3');
  });
});

test('a dump of all this is the same after it was restored', async () => {
  const before = array.simulator.dump();
  array.simulator.restore(before);
  expect(array.simulator.dump()).toBe(before);
});
