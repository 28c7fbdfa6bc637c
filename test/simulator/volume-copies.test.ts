import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { at, textAt } from '../support/ontap-session.ts';
import { clone, WAIT, openVolumeSession, type VolumeSession } from '../support/volume-session.ts';

/** Snapshots and clones of volumes, and the space that they and their data take. */

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const HOUR_MS = 3_600_000;

let session: VolumeSession;
beforeEach(async () => {
  session = await openVolumeSession({ clock: { frozenAt: new Date('2025-05-01T09:30:00Z') } });
});
afterEach(() => session.close());

describe('snapshots', () => {
  it('are made, found, renamed and deleted', async () => {
    const volume = await session.create('v1');
    const reply = await session.array.send('POST', `/storage/volumes/${volume}/snapshots`, {
      name: 's1',
      svm: { name: 'svm0' },
    });
    expect([reply.status, reply.headers['location']]).toEqual([
      202,
      `/api/storage/volumes/${volume}/snapshots/?name=s1`,
    ]);
    const [found] = await session.array.list(
      `/storage/volumes/${volume}/snapshots?name=s1&svm.name=svm0&fields=name,create_time`,
    );
    expect(found).toMatchObject({ name: 's1', create_time: '2025-05-01T09:30:00+00:00' });
    expect(await session.refusal('POST', `/storage/volumes/${volume}/snapshots`, { name: 's1' })).toBe('409 525059');
    expect(await session.refusal('POST', `/storage/volumes/${volume}/snapshots`, { name: 'a/b' })).toBe('400 1638518');
    expect(await session.refusal('POST', `/storage/volumes/${volume}/snapshots`, { name: 'snapmirror.1' })).toBe(
      '400 1638477',
    );
    const path = `/storage/volumes/${volume}/snapshots/${textAt(found, 'uuid')}`;
    await session.array.expect(200, 'PATCH', `${path}?${WAIT}`, { name: 's2', comment: 'kept' });
    expect(at(await session.get(volume, 'snapshot_count'), 'snapshot_count')).toBe(1);
    await session.array.expect(200, 'DELETE', `${path}?${WAIT}`);
    expect(await session.array.refusal('GET', path)).toBe('404 4');
    expect(await session.array.list('/storage/volumes/*/snapshots')).toEqual([]);
  });

  it('are 1,023 at most', async () => {
    const volume = await session.create('v1');
    for (let index = 0; index < 1023; index++)
      await session.array.simulator.call('POST', `/storage/volumes/${volume}/snapshots`, { name: `s${index}` });
    expect(at(await session.get(volume, 'snapshot_count'), 'snapshot_count')).toBe(1023);
    expect(await session.refusal('POST', `/storage/volumes/${volume}/snapshots`, { name: 'one_more' })).toBe(
      '400 525062',
    );
  });

  it('are busy while a clone stands on them', async () => {
    const volume = await session.create('v1');
    const uuid = await session.snapshot(volume, 's1');
    await session.array.expect(202, 'POST', '/storage/volumes', clone('c1', 'v1', { parent_snapshot: { name: 's1' } }));
    expect(
      at(await session.array.list(`/storage/volumes/${volume}/snapshots?name=s1&fields=owners`), 0, 'owners'),
    ).toEqual(['volume_clone']);
    expect(await session.refusal('DELETE', `/storage/volumes/${volume}/snapshots/${uuid}`)).toBe('409 1638555');
    expect(await session.refusal('DELETE', `/storage/volumes/${volume}`)).toBe('409 524615');
    const children = await session.array.list(
      '/storage/volumes?clone.parent_volume.name=v1&clone.parent_snapshot.name=s1&svm.name=svm0&fields=name',
    );
    expect(children).toMatchObject([
      { name: 'c1', clone: { parent_volume: { name: 'v1' }, parent_snapshot: { name: 's1' } } },
    ]);
    const child = textAt(children, 0, 'uuid');
    await session.array.expect(200, 'PATCH', `/storage/volumes/${child}?${WAIT}`, { clone: { split_initiated: true } });
    expect(at(await session.get(child, 'clone'), 'clone')).toMatchObject({ is_flexclone: false });
    await session.array.expect(200, 'DELETE', `/storage/volumes/${volume}/snapshots/${uuid}?${WAIT}`);
    await session.array.expect(200, 'DELETE', `/storage/volumes/${volume}?${WAIT}`);
  });

  it('are restored by a PATCH without a body; newer ones go', async () => {
    const volume = await session.create('v1');
    session.array.simulator.world.setUsedBytes('v1', 10 * MIB);
    await session.snapshot(volume, 's1');
    session.array.simulator.world.setUsedBytes('v1', 30 * MIB);
    await session.snapshot(volume, 's2');
    await session.array.expect(200, 'PATCH', `/storage/volumes/${volume}?restore_to.snapshot.name=s1&${WAIT}`);
    expect(session.array.simulator.world.findVolume('v1')?.usedBytes).toBe(10 * MIB);
    expect((await session.array.list(`/storage/volumes/${volume}/snapshots`)).map((each) => at(each, 'name'))).toEqual([
      's1',
    ]);
    expect(await session.refusal('PATCH', `/storage/volumes/${volume}?restore_to.snapshot.name=s2`)).toBe('404 524511');
    expect(
      await session.refusal('PATCH', `/storage/volumes/${volume}?restore_to.snapshot.name=s1`, { comment: 'x' }),
    ).toBe('400 918251');
  });
});

describe('clones', () => {
  it('take over what the parent has, and what the request may say', async () => {
    const parent = await session.create('v1', {
      comment: 'parent',
      nas: { path: '/v1', unix_permissions: 711 },
      space: { snapshot: { reserve_percent: 0 } },
    });
    session.array.simulator.world.setUsedBytes('v1', 100 * MIB);
    const body = await session.array.expect(201, 'POST', `/storage/volumes?${WAIT}&return_records=true`, {
      ...clone('c1', 'v1'),
      comment: 'clone',
      nas: { path: '/c1' },
    });
    const uuid = textAt(body, 'records', 0, 'uuid');
    expect(await session.get(uuid, '**')).toMatchObject({
      name: 'c1',
      size: GIB,
      comment: 'clone',
      nas: { path: '/c1', unix_permissions: 711, export_policy: { name: 'default' } },
      aggregates: [{ name: 'aggr1_n1' }],
      clone: {
        is_flexclone: true,
        parent_volume: { name: 'v1', uuid: parent },
        inherited_physical_used: 100 * MIB,
        parent_snapshot: { name: 'clone_c1.20250501_093000' },
      },
      space: { used: 100 * MIB, footprint: 0, snapshot: { reserve_percent: 0 } },
    });
    expect(await session.array.list(`/storage/volumes/${parent}/snapshots`)).toHaveLength(1);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['an unknown parent', { clone: { is_flexclone: true, parent_volume: { name: 'nope' } } }, '404 524601'],
    [
      'an unknown snapshot',
      { clone: { is_flexclone: true, parent_volume: { name: 'v1' }, parent_snapshot: { name: 'nope' } } },
      '404 524511',
    ],
    [
      'another volume’s snapshot',
      { clone: { is_flexclone: true, parent_volume: { name: 'v1' }, parent_snapshot: { name: 'other' } } },
      '404 524511',
    ],
    ['a size', { size: 2 * GIB }, '400 918247'],
    ['a tiering policy', { tiering: { policy: 'auto' } }, '400 918247'],
    ['a name that is taken', { name: 'v1' }, '409 917526'],
    ['a junction that is taken', { nas: { path: '/v1' } }, '409 918252'],
  ])('refuse %s', async (_, more, expected) => {
    await session.create('v1', { nas: { path: '/v1' } });
    await session.snapshot(await session.create('v2'), 'other');
    expect(await session.refusal('POST', '/storage/volumes', { ...clone('c1', 'v1'), ...more })).toBe(expected);
  });

  it('may be made again within the second', async () => {
    await session.create('v1');
    for (const attempt of [1, 2]) {
      await session.array.expect(201, 'POST', '/storage/volumes?return_timeout=15', clone('c1', 'v1'));
      const { uuid } = Object(session.array.simulator.world.findVolume('c1'));
      if (attempt === 1) await session.array.expect(202, 'DELETE', `/storage/volumes/${uuid}?force=true`);
    }
    expect(() => session.array.simulator.world.verify()).not.toThrow();
  });

  it('cost nothing until they are split', async () => {
    await session.create('v1');
    session.array.simulator.world.setUsedBytes('v1', 100 * MIB);
    const before = await session.free();
    await session.array.expect(202, 'POST', '/storage/volumes', clone('c1', 'v1'));
    expect(await session.free()).toBe(before);
    session.array.simulator.world.setAggregateAvailable('aggr1_n1', 50 * MIB);
    expect(await session.refusal('PATCH', `/storage/volumes?name=c1`, { clone: { split_initiated: true } })).toBe(
      '500 460770',
    );
    expect(at(await session.array.list('/storage/volumes?name=c1&fields=clone'), 0, 'clone', 'is_flexclone')).toBe(
      true,
    );
    session.array.simulator.world.setAggregateAvailable('aggr1_n1', 150 * MIB);
    await session.array.expect(200, 'PATCH', `/storage/volumes?name=c1`, { clone: { split_initiated: true } });
    expect(await session.free()).toBe(50 * MIB);
  });
});

describe('space', () => {
  it('is charged by size when thick, by data when thin', async () => {
    const before = await session.free();
    await session.create('thick', { guarantee: { type: 'volume' } });
    expect(await session.free()).toBe(before - GIB);
    await session.create('thin');
    expect(await session.free()).toBe(before - GIB);
    session.array.simulator.world.setUsedBytes('thin', 10 * MIB);
    expect(await session.free()).toBe(before - GIB - 10 * MIB);
  });

  it('that snapshots hold stays taken when the data goes', async () => {
    const volume = await session.create('v1', { space: { snapshot: { reserve_percent: 10 } } });
    session.array.simulator.world.setUsedBytes('v1', 200 * MIB);
    await session.snapshot(volume, 's1');
    session.array.simulator.world.setUsedBytes('v1', 20 * MIB);
    const reserve = Math.floor(GIB / 10);
    expect(at(await session.get(volume, 'space'), 'space')).toMatchObject({
      used: 20 * MIB + 180 * MIB - reserve,
      available: GIB - reserve - (200 * MIB - reserve),
      footprint: 200 * MIB,
      snapshot: { used: 180 * MIB, reserve_size: reserve, reserve_available: 0 },
      logical_space: { used: 200 * MIB, used_by_afs: 20 * MIB, used_by_snapshots: 180 * MIB },
    });
  });

  it('of a deleted volume is free after the purge, its name at once', async () => {
    const before = await session.free();
    const uuid = await session.create('v1', { guarantee: { type: 'volume' } });
    await session.array.expect(200, 'DELETE', `/storage/volumes/${uuid}?${WAIT}`);
    expect(await session.free()).toBe(before - GIB);
    await session.create('v1');
    const queue = await session.array.list('/private/cli/volume/recovery-queue?vserver=svm0&volume=v1*');
    expect(queue).toEqual([{ vserver: 'svm0', volume: expect.stringMatching(/^v1_\d+$/) }]);
    const purge = await session.array.send('POST', '/private/cli/volume/recovery-queue/purge', {
      vserver: 'svm0',
      volume: textAt(queue, 0, 'volume'),
    });
    expect([purge.status, at(purge.body, 'job', 'uuid')]).toEqual([202, expect.any(String)]);
    expect(await session.free()).toBe(before);
    const gone = textAt(await session.array.list('/storage/volumes?name=v1'), 0, 'uuid');
    await session.array.expect(200, 'DELETE', `/storage/volumes/${gone}?force=true&${WAIT}`);
    expect(await session.array.list('/private/cli/volume/recovery-queue')).toEqual([]);
  });

  it('of a deleted volume is free after twelve hours', async () => {
    const before = await session.free();
    const uuid = await session.create('v1', { guarantee: { type: 'volume' } });
    await session.array.expect(200, 'DELETE', `/storage/volumes/${uuid}?${WAIT}`);
    session.array.simulator.clock.advance(12 * HOUR_MS - 1000);
    expect([await session.free(), (await session.array.list('/private/cli/volume/recovery-queue')).length]).toEqual([
      before - GIB,
      1,
    ]);
    session.array.simulator.restore(session.array.simulator.dump());
    session.array.simulator.clock.advance(1000);
    expect([await session.free(), await session.array.list('/private/cli/volume/recovery-queue')]).toEqual([
      before,
      [],
    ]);
  });

  it('of a deleted volume goes with its SVM', async () => {
    await session.array.expect(201, 'POST', `/svm/svms?${WAIT}`, { name: 'svm9', aggregates: [{ name: 'aggr1_n1' }] });
    const svm = textAt(await session.array.list('/svm/svms?name=svm9'), 0, 'uuid');
    const uuid = await session.create('v9', { svm: { name: 'svm9' } });
    await session.array.expect(200, 'DELETE', `/storage/volumes/${uuid}?${WAIT}`);
    await session.array.expect(200, 'DELETE', `/svm/svms/${svm}?${WAIT}`);
    expect(await session.array.list('/private/cli/volume/recovery-queue')).toEqual([]);
  });
});
