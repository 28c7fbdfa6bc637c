import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { GROUPS, openGroupSession, SVM, WAIT, type GroupSession } from '../../../test/support/group-session.ts';
import { textAt } from '../../../test/support/ontap-session.ts';

const MIB = 1024 ** 2;

let session: GroupSession;
beforeAll(async () => {
  session = await openGroupSession();
});
afterEach(() => session.array.simulator.world.verify());
afterAll(() => session.array.close());

describe('a snapshot of a consistency group', () => {
  test('is one of each volume, of one instant', async () => {
    const volumes = [await session.newVolume(), await session.newVolume()];
    const uuid = await session.newGroup(volumes);
    expect(await session.jobOf('POST', `${GROUPS}/${uuid}/snapshots`, { name: 'snap', comment: 'c' })).toMatchObject({
      state: 'success',
    });
    for (const volume of volumes) expect(await session.snapshotsOf(volume)).toEqual(['snap']);
    const [record] = await session.array.list(`${GROUPS}/${uuid}/snapshots?name=snap&fields=**`);
    expect(record).toMatchObject({
      name: 'snap',
      comment: 'c',
      consistency_type: 'crash',
      write_fence: true,
      is_partial: false,
      create_time: '2026-01-01T00:00:00+00:00',
      restore_size: 200 * MIB,
      consistency_group: { uuid },
      svm: { name: 'svm0' },
      missing_volumes: [],
      snapshot_volumes: volumes.map((name) => ({ volume: { name }, snapshot: { name: 'snap' } })),
    });
  });

  test('fails as a whole when one volume has a snapshot of the name, or is offline', async () => {
    const volumes = [await session.newVolume(), await session.newVolume()];
    const [free = '', other = ''] = volumes;
    const uuid = await session.newGroup(volumes);
    await session.array.expect(201, 'POST', `/storage/volumes/${await session.volumeUuid(other)}/snapshots?${WAIT}`, {
      name: 'taken',
    });
    const failed = await session.jobOf('POST', `${GROUPS}/${uuid}/snapshots`, { name: 'taken' });
    expect(failed).toMatchObject({ state: 'failure', code: 53411921, error: { code: '53411921' } });
    // Clients look for the code in a text that they split at commas.
    expect(textAt(failed, 'message')).not.toMatch(/[,:]/);
    expect(await session.snapshotsOf(free)).toEqual([]);
    await session.array.expect(201, 'POST', `${GROUPS}/${uuid}/snapshots?${WAIT}`, { name: 'own' });
    expect(await session.jobOf('POST', `${GROUPS}/${uuid}/snapshots`, { name: 'own' })).toMatchObject({
      state: 'failure',
      code: 53411921,
    });
    await session.array.expect(200, 'PATCH', `/storage/volumes/${await session.volumeUuid(other)}?${WAIT}`, {
      state: 'offline',
    });
    expect(await session.jobOf('POST', `${GROUPS}/${uuid}/snapshots`, { name: 'late' })).toMatchObject({
      state: 'failure',
      code: 53411921,
    });
  });

  test('says what is missing of it, and takes the rest with it', async () => {
    const volumes = [await session.newVolume(), await session.newVolume()];
    const [first = '', second = ''] = volumes;
    const uuid = await session.newGroup(volumes);
    await session.array.expect(201, 'POST', `${GROUPS}/${uuid}/snapshots?${WAIT}`, { name: 'snap' });
    await session.array.expect(
      200,
      'DELETE',
      `/storage/volumes/${await session.volumeUuid(first)}/snapshots?name=snap`,
    );
    const [record] = await session.array.list(`${GROUPS}/${uuid}/snapshots?fields=**`);
    expect(record).toMatchObject({
      is_partial: true,
      missing_volumes: [{ name: first }],
      snapshot_volumes: [{ volume: { name: second } }],
    });
    expect(await session.jobOf('DELETE', `${GROUPS}/${uuid}/snapshots/${textAt(record, 'uuid')}`)).toMatchObject({
      state: 'success',
    });
    expect(await session.snapshotsOf(second)).toEqual([]);
  });

  test('is busy while a clone stands on a part of it', async () => {
    const volumes = [await session.newVolume(), await session.newVolume()];
    const uuid = await session.newGroup(volumes);
    await session.array.expect(201, 'POST', `${GROUPS}/${uuid}/snapshots?${WAIT}`, { name: 'snap' });
    const clone = { is_flexclone: true, parent_volume: { name: volumes[1] }, parent_snapshot: { name: 'snap' } };
    await session.array.expect(201, 'POST', `/storage/volumes?${WAIT}`, { name: 'on_group', ...SVM, clone });
    const own = `${GROUPS}/${uuid}/snapshots/${textAt((await session.array.list(`${GROUPS}/${uuid}/snapshots`))[0], 'uuid')}`;
    expect(await session.jobOf('DELETE', own)).toMatchObject({ state: 'failure', code: 1638555 });
    for (const volume of volumes) expect(await session.snapshotsOf(volume)).toEqual(['snap']);
  });

  test('is refused with a bad name, a bad phase, or without its group', async () => {
    const path = `${GROUPS}/${await session.newGroup([await session.newVolume()])}/snapshots`;
    expect(await session.array.refusal('POST', path, { name: 'a b' })).toBe('400 1638518');
    expect(await session.array.refusal('POST', `${path}?action=commit`, { name: 'a' })).toBe('400 262197');
    expect(await session.array.refusal('POST', `${path}?action=start&action_timeout=4`, { name: 'a' })).toBe(
      '400 262197',
    );
    expect(await session.array.refusal('POST', `${path}?action_timeout=9`, { name: 'a' })).toBe('400 53411853');
    expect(
      await session.array.refusal('POST', `${GROUPS}/11111111-1111-4111-8111-111111111111/snapshots`, { name: 'a' }),
    ).toBe('404 53411842');
  });

  test('that was started stays when it is committed in time, and goes when it is not', async () => {
    const volume = await session.newVolume();
    const path = `${GROUPS}/${await session.newGroup([volume])}/snapshots`;
    await session.array.expect(201, 'POST', `${path}?action=start&${WAIT}`, { name: 'kept' });
    const kept = `${path}/${textAt((await session.array.list(path))[0], 'uuid')}`;
    session.array.simulator.clock.advance(6000);
    expect(await session.array.expect(200, 'PATCH', `${kept}?action=commit`)).toEqual({});
    expect(await session.array.refusal('PATCH', `${kept}?action=commit`)).toBe('400 53411925');
    await session.array.expect(201, 'POST', `${path}?action=start&action_timeout=20&${WAIT}`, { name: 'gone' });
    expect(await session.array.refusal('POST', path, { name: 'meanwhile' })).toBe('400 53411918');
    session.array.simulator.clock.advance(19_000);
    expect(await session.snapshotsOf(volume)).toEqual(['kept', 'gone']);
    session.array.simulator.clock.advance(1000);
    expect(await session.snapshotsOf(volume)).toEqual(['kept']);
    expect(await session.array.list(path)).toMatchObject([{ name: 'kept' }]);
  });

  test('sets all volumes back, and what is newer goes', async () => {
    const volumes = [await session.newVolume(), await session.newVolume()];
    const [first = '', second = ''] = volumes;
    const group = `${GROUPS}/${await session.newGroup(volumes)}`;
    const lun = { name: `/vol/${first}/later`, os_type: 'linux', ...SVM, space: { size: 10 * MIB } };
    for (const name of ['old', 'wanted'])
      await session.array.expect(201, 'POST', `${group}/snapshots?${WAIT}`, { name });
    await session.array.expect(201, 'POST', '/storage/luns', lun);
    await session.array.expect(201, 'POST', `${group}/snapshots?${WAIT}`, { name: 'newer' });
    const restore = (name: string) => ({ restore_to: { snapshot: { name } } });
    expect(await session.jobOf('PATCH', group, restore('wanted'))).toMatchObject({ state: 'success' });
    expect(await session.array.list(`/storage/luns?name=${lun.name}`)).toEqual([]);
    for (const volume of volumes) expect(await session.snapshotsOf(volume)).toEqual(['old', 'wanted']);
    expect(await session.array.list(`${group}/snapshots?order_by=name`)).toMatchObject([
      { name: 'old' },
      { name: 'wanted' },
    ]);
    expect(await session.array.refusal('PATCH', group, restore('newer'))).toBe('404 4');
    expect(
      await session.array.refusal('PATCH', group, { ...restore('old'), snapshot_policy: { name: 'default' } }),
    ).toBe('400 53411853');
    await session.array.expect(
      200,
      'DELETE',
      `/storage/volumes/${await session.volumeUuid(second)}/snapshots?name=wanted`,
    );
    expect(await session.array.refusal('PATCH', group, restore('wanted'))).toBe('400 53411918');
    await session.array.expect(200, 'PATCH', `/storage/volumes/${await session.volumeUuid(second)}?${WAIT}`, {
      state: 'offline',
    });
    expect(await session.jobOf('PATCH', group, restore('old'))).toMatchObject({ state: 'failure', code: 9437885 });
    expect(await session.snapshotsOf(first)).toEqual(['old', 'wanted']);
  });
});
