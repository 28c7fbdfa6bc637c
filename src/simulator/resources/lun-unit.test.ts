import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { at, textAt } from '../../../test/support/ontap-session.ts';
import { openUnitSession, unitBody, type UnitSession } from '../../../test/support/unit-session.ts';

const MIB = 1024 ** 2;
const SVM = { svm: { name: 'svm0' } };

let array: UnitSession;
beforeAll(async () => {
  array = await openUnitSession();
});
afterEach(() => array.simulator.world.verify());
afterAll(() => array.close());

describe('a LUN of ASA r2', () => {
  test('has a simple name and is made by a job, with a volume of its own', async () => {
    expect(await array.jobOf('POST', '/storage/luns', unitBody('unit1', { comment: 'c' }))).toMatchObject({
      state: 'success',
    });
    const [lun] = await array.list('/storage/luns?name=unit1&fields=*');
    expect(lun).toMatchObject({
      name: 'unit1',
      comment: 'c',
      space: { size: 100 * MIB },
      status: { state: 'online' },
      location: { volume: { name: 'unit1' } },
    });
    expect(textAt(lun, 'serial_number')).toHaveLength(12);
    const [volume] = await array.list('/storage/volumes?name=unit1&fields=type,state,size');
    expect(volume).toMatchObject({ type: 'rw', state: 'online', size: 100 * MIB });
    expect(await array.refusal('POST', '/storage/luns', unitBody('unit1'))).toBe('409 5440688');
  });

  test.each([
    ['a path', '/vol/v/lun0', '400 5376461'],
    ['a digit first', '1lun', '400 5376461'],
    ['a hyphen', 'a-b', '400 5376461'],
    ['too many characters', `a${'b'.repeat(203)}`, '400 5376462'],
  ])('is refused with %s in its name', async (_case, name, wanted) => {
    expect(await array.refusal('POST', '/storage/luns', unitBody(name))).toBe(wanted);
  });

  test('is renamed by a job and resized at once; its volume follows', async () => {
    const uuid = await array.newUnit('lun', 'unit2');
    await array.expect(200, 'PATCH', `/storage/luns/${uuid}`, { space: { size: 200 * MIB } });
    expect(await array.jobOf('PATCH', `/storage/luns/${uuid}`, { name: 'unit2_new' })).toMatchObject({
      state: 'success',
    });
    expect(await array.list('/storage/volumes?name=unit2*&fields=size')).toMatchObject([
      { name: 'unit2_new', size: 200 * MIB },
    ]);
    expect(await array.list('/storage/luns?name=unit2*')).toMatchObject([{ uuid, name: 'unit2_new' }]);
  });

  test('is mapped and has attributes as others are and have', async () => {
    const uuid = await array.newUnit('lun', 'unit3', {
      attributes: [{ name: 'com.netapp.ndvp.fstype', value: 'ext4' }],
    });
    await array.expect(201, 'POST', '/protocols/san/igroups', { name: 'host', os_type: 'linux', ...SVM });
    const map = { ...SVM, lun: { name: 'unit3' }, igroup: { name: 'host' } };
    await array.expect(201, 'POST', '/protocols/san/lun-maps', map);
    expect(await array.expect(200, 'GET', `/storage/luns/${uuid}?fields=attributes,status.mapped`)).toMatchObject({
      attributes: [{ name: 'com.netapp.ndvp.fstype', value: 'ext4' }],
      status: { mapped: true },
    });
    expect(await array.refusal('DELETE', `/storage/luns/${uuid}`)).toBe('409 1254197');
  });

  test('is removed by a job, with its volume and the snapshots of it', async () => {
    const uuid = await array.newUnit('lun', 'unit4');
    expect(await array.jobOf('DELETE', `/storage/luns/${uuid}`)).toMatchObject({ state: 'success' });
    expect(at(await array.expect(200, 'GET', '/storage/volumes?name=unit4*'), 'num_records')).toBe(0);
    expect(await array.refusal('GET', `/storage/luns/${uuid}`)).toBe('404 4');
    await array.newUnit('lun', 'unit4');
  });
});
