import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GROUPS, openGroupSession, SVM, WAIT, type GroupSession } from '../../../test/support/group-session.ts';
import { textAt } from '../../../test/support/ontap-session.ts';

const HOUR = 3_600_000;
const POLICIES = '/storage/snapshot-policies';

let session: GroupSession;
beforeEach(async () => {
  session = await openGroupSession();
  const copies = [{ count: 2, prefix: 'app', snapmirror_label: 'label', schedule: { name: 'hourly' } }];
  await session.array.expect(201, 'POST', POLICIES, { name: 'mine', ...SVM, copies });
});
afterEach(async () => {
  session.array.simulator.world.verify();
  await session.array.close();
});

const advance = (hours: number) => session.array.simulator.clock.advance(hours * HOUR);
const policy = (name: string) => ({ snapshot_policy: { name } });
const ownPolicy = async (volume: string, name: string) =>
  session.array.expect(200, 'PATCH', `/storage/volumes/${await session.volumeUuid(volume)}?${WAIT}`, policy(name));
const at = (hour: string) => `app.2026-01-01_${hour}05`;

describe('the snapshot policy of a consistency group', () => {
  test('makes snapshots of the group with those of its volumes, and keeps as many as it says', async () => {
    const volumes = [await session.newVolume(), await session.newVolume()];
    for (const volume of volumes) await ownPolicy(volume, 'none');
    const uuid = await session.newGroup(volumes, policy('mine'));
    advance(1);
    const [snapshot] = await session.array.list(`${GROUPS}/${uuid}/snapshots?fields=**`);
    expect(snapshot).toMatchObject({
      name: at('00'),
      consistency_type: 'crash',
      snapmirror_label: 'label',
      create_time: '2026-01-01T00:05:00+00:00',
      is_partial: false,
      write_fence: true,
      snapshot_volumes: volumes.map((name) => ({ volume: { name }, snapshot: { name: at('00') } })),
    });
    await session.takeSnapshot(uuid, 'app.by_hand');
    advance(3);
    const kept = ['app.by_hand', at('02'), at('03')];
    expect((await session.snapshotsOfGroup(uuid)).toSorted()).toEqual(kept.toSorted());
    for (const volume of volumes) expect(await session.snapshotsOf(volume)).toEqual(kept);
    await session.done('PATCH', `${GROUPS}/${uuid}`, { restore_to: { snapshot: { name: at('02') } } });
    expect((await session.snapshotsOfGroup(uuid)).toSorted()).toEqual([at('02'), 'app.by_hand']);
  });

  test('goes beside the policies of the volumes', async () => {
    const volume = await session.newVolume();
    await ownPolicy(volume, 'default');
    const uuid = await session.newGroup([volume], policy('mine'));
    advance(2);
    expect(await session.snapshotsOf(volume)).toEqual([
      at('00'),
      'hourly.2026-01-01_0005',
      'daily.2026-01-01_0010',
      at('01'),
      'hourly.2026-01-01_0105',
    ]);
    await session.change(uuid, policy('default'));
    advance(1);
    // One of the name is enough for the volume.
    expect((await session.snapshotsOf(volume)).slice(5)).toEqual(['hourly.2026-01-01_0205']);
    expect(await session.snapshotsOfGroup(uuid)).toContain('hourly.2026-01-01_0205');
  });

  test('is one for a group and another for the groups in it; names are made free', async () => {
    const { parent, names, volumes } = await session.newNested();
    for (const volume of volumes) await ownPolicy(volume, 'none');
    const child = await session.groupUuid(names[1]);
    const other = await session.groupUuid(names[2]);
    advance(1 / 10);
    const name = 'hourly.2026-01-01_0005';
    expect([await session.snapshotsOfGroup(parent), await session.snapshotsOfGroup(child)]).toEqual([
      [name],
      [`${name}_1`],
    ]);
    expect(await session.snapshotsOfGroup(other)).toEqual([]);
    expect(await session.snapshotsOf(volumes[0])).toEqual([name, `${name}_1`]);
    expect(await session.snapshotsOf(volumes[2])).toEqual([name]);
  });

  test('makes none while a volume is offline, or it is disabled or taken away', async () => {
    const volumes = [await session.newVolume(), await session.newVolume()];
    const uuid = await session.newGroup(volumes, policy('mine'));
    const volume = `/storage/volumes/${await session.volumeUuid(volumes[1] ?? '')}?${WAIT}`;
    await session.array.expect(200, 'PATCH', volume, { state: 'offline' });
    advance(1);
    expect(await session.snapshotsOfGroup(uuid)).toEqual([]);
    expect(await session.snapshotsOf(volumes[0] ?? '')).not.toContain(at('00'));
    await session.array.expect(200, 'PATCH', volume, { state: 'online' });
    const [record] = await session.array.list(`${POLICIES}?name=mine`);
    const mine = `${POLICIES}/${textAt(record, 'uuid')}`;
    await session.array.expect(200, 'PATCH', mine, { enabled: false });
    advance(1);
    await session.array.expect(200, 'PATCH', mine, { enabled: true });
    expect(await session.snapshotsOfGroup(uuid)).toEqual([]);
    advance(1);
    expect(await session.snapshotsOfGroup(uuid)).toEqual([at('02')]);
    expect(await session.array.refusal('DELETE', mine)).toBe('409 1638415');
    await session.change(uuid, { snapshot_policy: { name: '' } });
    advance(1);
    expect(await session.snapshotsOfGroup(uuid)).toEqual([at('02')]);
    await session.array.expect(200, 'DELETE', mine);
  });

  test('makes none while a snapshot waits for its commit', async () => {
    const uuid = await session.newGroup([await session.newVolume()], policy('mine'));
    session.array.simulator.clock.set(new Date('2026-01-01T00:04:58Z'));
    const start = `${GROUPS}/${uuid}/snapshots?action=start&action_timeout=120`;
    await session.array.expect(201, 'POST', start, { name: 'by_hand' });
    session.array.simulator.clock.advance(10_000);
    expect(await session.snapshotsOfGroup(uuid)).toEqual(['by_hand']);
  });

  test('keeps what a clone stands on, and goes on after a restart', async () => {
    const volume = await session.newVolume();
    const uuid = await session.newGroup([volume], policy('mine'));
    advance(1);
    const clone = { is_flexclone: true, parent_volume: { name: volume }, parent_snapshot: { name: at('00') } };
    await session.array.expect(201, 'POST', `/storage/volumes?${WAIT}`, { name: 'heir', ...SVM, clone });
    session.array.simulator.restore(session.array.simulator.dump());
    advance(3);
    expect((await session.snapshotsOfGroup(uuid)).toSorted()).toEqual([at('00'), at('02'), at('03')]);
  });
});
