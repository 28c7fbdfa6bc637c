import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { at, textAt } from '../../../test/support/ontap-session.ts';
import { openUnitSession, UNITS, WAIT, type UnitKind, type UnitSession } from '../../../test/support/unit-session.ts';

const MIB = 1024 ** 2;
const SVM = { svm: { name: 'svm0' } };

let array: UnitSession;
beforeAll(async () => {
  array = await openUnitSession();
});
afterEach(() => array.simulator.world.verify());
afterAll(() => array.close());

const snapshotsOf = (uuid: string, query = '') => array.list(`${UNITS}/${uuid}/snapshots${query}`);

const cloneBody = (name: string, source: string, more: Record<string, unknown> = {}) => ({
  name,
  ...SVM,
  clone: { is_flexclone: true, source: { storage_unit: { uuid: source }, ...SVM, ...more } },
});

const clone = async (name: string, source: string, more: Record<string, unknown> = {}): Promise<string> => {
  expect(await array.jobOf('POST', UNITS, cloneBody(name, source, more))).toMatchObject({ state: 'success' });
  return textAt((await array.list(`${UNITS}?name=${name}`))[0], 'uuid');
};

describe('a snapshot of a storage unit', () => {
  test('is made and deleted by jobs; the job is in the answer that waited, too', async () => {
    const unit = await array.newUnit('lun', 'snapped');
    const reply = await array.send('POST', `${UNITS}/${unit}/snapshots?${WAIT}`, { name: 'a', comment: 'c' });
    expect(reply).toMatchObject({ status: 201, body: { job: { uuid: expect.any(String) } } });
    const uuid = await array.newSnapshot(unit, 'b');
    const own = `/api${UNITS}/${unit}/snapshots`;
    expect(await snapshotsOf(unit, '?fields=name,create_time')).toMatchObject([
      { name: 'a', create_time: '2026-01-01T00:00:00+00:00' },
      { name: 'b', uuid, _links: { self: { href: `${own}/${uuid}` } } },
    ]);
    expect(await snapshotsOf(unit, '?name=a&fields=**')).toMatchObject([
      {
        name: 'a',
        comment: 'c',
        state: 'valid',
        svm: { name: 'svm0' },
        storage_unit: { uuid: unit },
        size: 0,
        version_uuid: expect.any(String),
      },
    ]);
    expect(await array.refusal('POST', `${UNITS}/${unit}/snapshots`, { name: 'a' })).toBe('409 525059');
    expect(await array.refusal('POST', `${UNITS}/${unit}/snapshots`, { name: 'snapmirror.x' })).toBe('400 1638477');
    expect(await array.jobOf('DELETE', `${UNITS}/${unit}/snapshots/${uuid}`)).toMatchObject({ state: 'success' });
    expect(await array.refusal('DELETE', `${UNITS}/${unit}/snapshots/${uuid}`)).toBe('404 1638600');
    expect(await array.refusal('GET', `${UNITS}/11111111-1111-4111-8111-111111111111/snapshots`)).toBe('404 5376489');
  });

  test('is the one of the volume behind the unit', async () => {
    const unit = await array.newUnit('lun', 'both_sides');
    const volume = textAt(await array.unitAt(unit), 'location', 'volume', 'uuid');
    const uuid = await array.newSnapshot(unit, 'a');
    expect(await array.list(`/storage/volumes/${volume}/snapshots`)).toMatchObject([{ uuid, name: 'a' }]);
    await array.expect(201, 'POST', `/storage/volumes/${volume}/snapshots?${WAIT}`, { name: 'b' });
    expect(
      await array.jobOf('PATCH', `${UNITS}/${unit}/snapshots/${uuid}`, { name: 'c', comment: 'renamed' }),
    ).toMatchObject({ state: 'success' });
    expect(await array.list(`/storage/volumes/${volume}/snapshots?fields=comment`)).toMatchObject([
      { name: 'c', comment: 'renamed' },
      { name: 'b' },
    ]);
    expect(await snapshotsOf(unit, '?fields=comment')).toMatchObject([
      { name: 'c', comment: 'renamed' },
      { name: 'b' },
    ]);
    await array.expect(200, 'DELETE', `/storage/volumes/${volume}/snapshots/${uuid}?${WAIT}`);
    expect(await snapshotsOf(unit)).toMatchObject([{ name: 'b' }]);
  });

  test('is restored: size, attributes and later snapshots', async () => {
    const unit = await array.newUnit('lun', 'restored', { attributes: [{ name: 'a', value: '1' }] });
    await array.newSnapshot(unit, 'before');
    await array.expect(200, 'PATCH', `/storage/luns/${unit}`, { space: { size: 200 * MIB } });
    await array.expect(200, 'PATCH', `/storage/luns/${unit}/attributes/a`, { value: '2' });
    await array.jobOf('PATCH', `/storage/luns/${unit}`, { name: 'restored_new' });
    await array.newSnapshot(unit, 'after');
    expect(await array.jobOf('PATCH', `${UNITS}/${unit}?restore_to.snapshot.name=before`)).toMatchObject({
      state: 'success',
    });
    expect(await array.expect(200, 'GET', `/storage/luns/${unit}?fields=space.size,attributes`)).toMatchObject({
      name: 'restored_new',
      space: { size: 100 * MIB },
      attributes: [{ name: 'a', value: '1' }],
    });
    expect(await array.list('/storage/volumes?name=restored_new&fields=size')).toMatchObject([{ size: 100 * MIB }]);
    expect(await snapshotsOf(unit)).toMatchObject([{ name: 'before' }]);
    expect(await array.jobOf('PATCH', `${UNITS}/${unit}?restore_to.snapshot.name=none`)).toMatchObject({
      state: 'failure',
      code: 524511,
    });
    expect(await array.refusal('PATCH', `${UNITS}/${unit}?restore_to.snapshot.name=before`, { name: 'x' })).toBe(
      '400 918251',
    );
  });
});

describe('a clone of a storage unit', () => {
  test.each<[UnitKind]>([['lun'], ['namespace']])(
    'is a %s as the snapshot has it, and keeps the snapshot busy until it is split',
    async (kind) => {
      const unit = await array.newUnit(kind, `${kind}_parent`, {
        comment: 'kept',
        ...(kind === 'lun' ? { attributes: [{ name: 'a', value: '1' }] } : {}),
      });
      const taken = await array.newSnapshot(unit, 'base');
      await array.expect(200, 'PATCH', `/storage/${kind}s/${unit}`, { space: { size: 200 * MIB } });
      const copy = await clone(`${kind}_copy`, unit, { snapshot: { name: 'base' } });
      expect(copy).not.toBe(unit);
      const [record] = await array.list(`/storage/${kind}s?name=${kind}_copy&fields=**`);
      expect(record).toMatchObject({
        uuid: copy,
        space: { size: 100 * MIB },
        comment: 'kept',
        status: { mapped: false },
      });
      if (kind === 'lun') expect(record).toMatchObject({ attributes: [{ name: 'a', value: '1' }] });
      expect(await array.unitAt(copy)).toMatchObject({
        type: kind,
        location: { volume: { name: `${kind}_copy` } },
        clone: {
          is_flexclone: true,
          source: { storage_unit: { uuid: unit }, snapshot: { uuid: taken, name: 'base' }, svm: { name: 'svm0' } },
        },
      });
      const children = await array.list(
        `${UNITS}?clone.source.storage_unit.name=${kind}_parent&clone.source.snapshot.name=base&fields=name`,
      );
      expect(children).toMatchObject([
        {
          name: `${kind}_copy`,
          clone: { source: { storage_unit: { name: `${kind}_parent` }, snapshot: { name: 'base' } } },
        },
      ]);

      expect(await array.jobOf('DELETE', `${UNITS}/${unit}/snapshots/${taken}`)).toMatchObject({
        state: 'failure',
        code: 1638555,
        error: { code: '1638555' },
      });
      expect(await array.refusal('DELETE', `/storage/${kind}s/${unit}`)).toBe('409 5376520');
      expect(await array.jobOf('PATCH', `${UNITS}/${copy}`, { clone: { split_initiated: true } })).toMatchObject({
        state: 'success',
      });
      expect(at(await array.unitAt(copy), 'clone')).toMatchObject({ is_flexclone: false });
      expect(at(await array.unitAt(copy), 'clone', 'source')).toBeUndefined();
      expect(await array.refusal('PATCH', `${UNITS}/${copy}`, { clone: { split_initiated: true } })).toBe('400 524849');
      expect(await array.jobOf('DELETE', `${UNITS}/${unit}/snapshots/${taken}`)).toMatchObject({ state: 'success' });
      expect(await array.jobOf('DELETE', `/storage/${kind}s/${unit}`)).toMatchObject({ state: 'success' });
    },
  );

  test('makes a snapshot of its own when none is named', async () => {
    const unit = await array.newUnit('lun', 'plain');
    const reply = await array.send('POST', `${UNITS}?return_records=true&${WAIT}`, cloneBody('plain_copy', unit));
    expect(reply).toMatchObject({
      status: 201,
      body: { job: { uuid: expect.any(String) }, num_records: 1, records: [{ name: 'plain_copy', type: 'lun' }] },
    });
    expect(await snapshotsOf(unit, '?fields=owners')).toMatchObject([
      { name: expect.stringContaining('clone_plain_copy'), owners: ['volume_clone'] },
    ]);
  });

  test('takes the snapshot of its own source when another unit has one of that name', async () => {
    const [one, two] = [
      await array.newUnit('lun', 'same_1'),
      await array.newUnit('lun', 'same_2', { space: { size: 300 * MIB } }),
    ];
    for (const unit of [one, two]) await array.newSnapshot(unit, 'same');
    await clone('same_2_copy', two, { snapshot: { name: 'same' } });
    expect(await array.list('/storage/luns?name=same_2_copy&fields=space.size')).toMatchObject([
      { space: { size: 300 * MIB } },
    ]);
  });

  test('is refused with what is not there, or taken', async () => {
    const unit = await array.newUnit('lun', 'asked');
    expect(await array.refusal('POST', UNITS, cloneBody('asked', unit))).toBe('409 917526');
    expect(await array.refusal('POST', UNITS, cloneBody('a-b', unit))).toBe('400 5376461');
    expect(await array.refusal('POST', UNITS, cloneBody('x', '11111111-1111-4111-8111-111111111111'))).toBe(
      '400 5376490',
    );
    expect(await array.refusal('POST', UNITS, cloneBody('x', unit, { snapshot: { name: 'none' } }))).toBe(
      '404 1638600',
    );
    expect(await array.refusal('POST', UNITS, { name: 'x', ...SVM, clone: { is_flexclone: true, source: {} } })).toBe(
      '400 5376492',
    );
    expect(await array.refusal('POST', UNITS, { name: 'x', ...SVM, clone: { is_flexclone: false } })).toBe(
      '400 5374604',
    );
  });
});

test('a dump of all this is the same after it was restored', async () => {
  const before = array.simulator.dump();
  array.simulator.restore(before);
  expect(array.simulator.dump()).toBe(before);
});
