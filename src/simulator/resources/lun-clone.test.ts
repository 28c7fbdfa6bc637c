import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { at } from '../../../test/support/ontap-session.ts';
import { openSanSession, type SanSession } from '../../../test/support/san-session.ts';

const MIB = 1024 ** 2;
const SVM = { svm: { name: 'svm0' } };

let array: SanSession;
beforeAll(async () => {
  array = await openSanSession();
});
afterEach(() => array.simulator.world.verify());
afterAll(() => array.close());

describe('a LUN clone', () => {
  test('has what its source has, a serial number of its own and no QoS policy', async () => {
    const volume = await array.newVolume();
    const source = await array.newLun(`/vol/${volume.name}/a`, {
      comment: 'original',
      attributes: [{ name: 'poolName', value: 'p1' }],
      qos_policy: { name: 'value' },
    });
    const clone = await array.newLun(`/vol/${volume.name}/b`, {
      os_type: undefined,
      clone: { source: { name: `/vol/${volume.name}/a` } },
      space: {},
      qos_policy: {},
    });
    const [before, after] = [await array.lunAt(source), await array.lunAt(clone)];
    expect(after).toMatchObject({
      os_type: 'linux',
      comment: 'original',
      space: { size: 100 * MIB },
      attributes: [{ name: 'poolName', value: 'p1' }],
    });
    expect(at(after, 'serial_number')).not.toBe(at(before, 'serial_number'));
    expect(at(after, 'qos_policy')).toBeUndefined();
    expect(at(after, 'clone')).toEqual({ created_as_clone: true });
  });

  test('takes a size that is not smaller, as Trident sends it', async () => {
    const volume = await array.newVolume();
    const source = await array.newLun(`/vol/${volume.name}/a`);
    const body = (name: string, more: object) => ({
      name: `/vol/${volume.name}/${name}`,
      ...SVM,
      clone: { source: { uuid: source } },
      ...more,
    });
    await array.expect(201, 'POST', '/storage/luns', body('same', { space: { size: 100 * MIB } }));
    expect(await array.refusal('POST', '/storage/luns', body('small', { space: { size: 50 * MIB } }))).toBe(
      '400 5374883',
    );
    expect(await array.refusal('POST', '/storage/luns', body('os', { os_type: 'linux' }))).toBe('400 5374883');
    expect(await array.refusal('POST', '/storage/luns', body('same', {}))).toBe('409 1260136');
  });

  test('is refused without a source that is there, in the same volume', async () => {
    const [volume, other] = [await array.newVolume(), await array.newVolume()];
    const source = await array.newLun(`/vol/${volume.name}/a`);
    const clone = (into: string, from: object) =>
      array.refusal('POST', '/storage/luns', { name: `/vol/${into}/b`, ...SVM, clone: { source: from } });
    expect(await clone(volume.name, { name: `/vol/${volume.name}/none` })).toBe('400 5374876');
    expect(await clone(volume.name, { uuid: '00000000-0000-4000-8000-000000000000' })).toBe('400 5374875');
    expect(await clone(volume.name, { uuid: source, name: `/vol/${volume.name}/none` })).toBe('400 5374876');
    expect(await clone(other.name, { uuid: source })).toBe('400 1260121');
    const snap = `/vol/${volume.name}/.snapshot/s1/a`;
    expect(await clone(volume.name, { name: snap })).toBe('400 5374876');
    expect(await clone(volume.name, { name: snap, uuid: source })).toBe('400 5374899');
  });

  test('may come out of a snapshot, also after the source has gone', async () => {
    const volume = await array.newVolume();
    const source = await array.newLun(`/vol/${volume.name}/a`, { attributes: [{ name: 'x', value: '1' }] });
    await array.snapshotOf(volume, 's1');
    await array.expect(200, 'DELETE', `/storage/luns/${source}`);
    const clone = await array.newLun(`/vol/${volume.name}/b`, {
      os_type: undefined,
      space: undefined,
      clone: { source: { name: `/vol/${volume.name}/.snapshot/s1/a` } },
    });
    expect(await array.lunAt(clone)).toMatchObject({
      space: { size: 100 * MIB },
      attributes: [{ name: 'x', value: '1' }],
    });
  });

  test('may overwrite a LUN, which stays the same for its hosts', async () => {
    const volume = await array.newVolume();
    await array.newLun(`/vol/${volume.name}/a`, { space: { size: 300 * MIB } });
    const target = await array.newLun(`/vol/${volume.name}/b`);
    const igroup = await array.newIgroup('overwrite');
    await array.expect(201, 'POST', '/protocols/san/lun-maps', {
      ...SVM,
      lun: { uuid: target },
      igroup: { uuid: igroup },
    });
    const before = await array.lunAt(target);
    await array.expect(200, 'PATCH', `/storage/luns/${target}`, {
      clone: { source: { name: `/vol/${volume.name}/a` } },
    });
    expect(await array.lunAt(target)).toMatchObject({
      space: { size: 300 * MIB },
      name: `/vol/${volume.name}/b`,
      serial_number: at(before, 'serial_number'),
      lun_maps: [{ igroup: { name: 'overwrite' }, logical_unit_number: 0 }],
    });
  });
});
