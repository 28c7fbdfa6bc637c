import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { act, add, GROUPS, openGroupSession, SVM, type GroupSession } from '../../../test/support/group-session.ts';
import { at, textAt } from '../../../test/support/ontap-session.ts';
import { defaultTopology } from '../core/topology.ts';

const MIB = 1024 ** 2;

let session: GroupSession;
beforeAll(async () => {
  session = await openGroupSession();
});
afterEach(() => session.array.simulator.world.verify());
afterAll(() => session.array.close());

describe('the geometry of groups', () => {
  test('a child is added, with volumes, to its parent by name in the query', async () => {
    const { parent, names } = await session.newNested();
    const free = await session.newVolume();
    const before = await session.array.list(`${GROUPS}?name=${names[0]}`);
    expect(before).toHaveLength(1);
    await session.array.expect(200, 'PATCH', `${GROUPS}?name=${names[0]}`, {
      consistency_groups: [{ name: 'late', provisioning_options: { action: 'create' }, volumes: [add(free)] }],
    });
    expect(await session.childrenOf(parent)).toEqual(expect.arrayContaining(['late', names[1], names[2]]));
  });

  test('a child is changed through its parent: volumes come and go', async () => {
    const { parent, names, volumes } = await session.newNested();
    const free = await session.newVolume();
    await session.change(parent, {
      consistency_groups: [
        { name: names[1], volumes: [add(free), act(volumes[0], 'remove')], snapshot_policy: { name: 'none' } },
      ],
    });
    expect(await session.volumesIn(names[1])).toEqual([volumes[1], free]);
    expect(await session.show(await session.groupUuid(names[1]))).toMatchObject({ snapshot_policy: { name: 'none' } });
  });

  test('a volume is reassigned; snapshots of the children are theirs no more, those of the parent are valid', async () => {
    const { parent, names, volumes } = await session.newNested();
    const [data, logs] = [await session.groupUuid(names[1]), await session.groupUuid(names[2])];
    await session.takeSnapshot(parent, 'all');
    await session.takeSnapshot(data, 'data');
    await session.change(parent, {
      consistency_groups: [{ name: names[2], volumes: [act(volumes[0], 'reassign')] }, { name: names[1] }],
    });
    expect(await session.volumesIn(names[1])).toEqual([volumes[1]]);
    expect(await session.volumesIn(names[2])).toEqual([volumes[2], volumes[0]]);
    expect(await session.snapshotsOfGroup(data)).toEqual([]);
    expect(await session.snapshotsOf(volumes[0])).toEqual(['all', 'data']);
    const [all] = await session.array.list(`${GROUPS}/${parent}/snapshots?fields=is_partial`);
    expect(all).toMatchObject({ name: 'all', is_partial: false });
    await session.change(parent, { restore_to: { snapshot: { name: 'all' } } });
    // A group that loses its last volume so goes.
    await session.done('PATCH', `${GROUPS}/${logs}`, { volumes: [act(volumes[1], 'reassign')] });
    expect(await session.childrenOf(parent)).toEqual([names[2]]);
    const foreign = await session.newVolume();
    await session.newGroup([foreign]);
    expect(await session.refusal(logs, { volumes: [act(foreign, 'reassign')] })).toBe('409 53411865');
  });

  test('all volumes are reassigned to a new child', async () => {
    const { parent, names, volumes } = await session.newNested();
    await session.change(parent, {
      consistency_groups: [{ name: `${names[0]}_new`, volumes: volumes.map((name) => act(name, 'reassign')) }],
    });
    expect(await session.childrenOf(parent)).toEqual([`${names[0]}_new`]);
    expect(await session.volumesIn(`${names[0]}_new`)).toEqual(volumes);
  });

  test('a child is detached, with a new name: its own snapshots stay, those of the parent are none any more', async () => {
    const { parent, names, volumes } = await session.newNested();
    const logs = await session.groupUuid(names[2]);
    await session.takeSnapshot(parent, 'all');
    await session.takeSnapshot(logs, 'own');
    await session.change(parent, {
      consistency_groups: [{ name: names[2], provisioning_options: { action: 'remove', name: `${names[2]}_alone` } }],
    });
    expect(await session.childrenOf(parent)).toEqual([names[1]]);
    expect(await session.show(logs)).toMatchObject({ name: `${names[2]}_alone`, application: { type: 'other' } });
    expect(await session.snapshotsOfGroup(parent)).toEqual([]);
    expect(await session.snapshotsOfGroup(logs)).toEqual(['own']);
    expect(await session.snapshotsOf(volumes[2])).toEqual(['all', 'own']);
    // The last one to leave ends the parent.
    await session.change(parent, { consistency_groups: [act(names[1], 'remove')] });
    expect(await session.array.refusal('GET', `${GROUPS}/${parent}`)).toBe('404 53411842');
  });

  test('a single group moves under another: snapshots of the parent are partial then', async () => {
    const { parent, volumes } = await session.newNested();
    const free = await session.newVolume();
    const single = await session.newGroup([free]);
    const name = textAt(await session.show(single), 'name');
    await session.takeSnapshot(parent, 'before');
    await session.takeSnapshot(single, 'own');
    await session.change(parent, { consistency_groups: [act(name, 'add')] });
    expect(await session.snapshotsOfGroup(single)).toEqual(['own']);
    const [before] = await session.array.list(`${GROUPS}/${parent}/snapshots?fields=is_partial,missing_volumes`);
    expect(before).toMatchObject({ name: 'before', is_partial: true, missing_volumes: [{ name: free }] });
    await session.takeSnapshot(parent, 'after');
    // It is restored for the volumes that it is of.
    await session.change(parent, { restore_to: { snapshot: { name: 'before' } } });
    for (const volume of volumes) expect(await session.snapshotsOf(volume)).toEqual(['before']);
    expect(await session.snapshotsOf(free)).toEqual(['own', 'after']);
  });

  test('groups get a new parent', async () => {
    const [one, two] = [await session.newVolume(), await session.newVolume()];
    const names = await Promise.all(
      [one, two].map(async (volume) => textAt(await session.show(await session.newGroup([volume])), 'name')),
    );
    await session.done('POST', GROUPS, {
      name: 'roof',
      ...SVM,
      consistency_groups: names.map((name) => act(name, 'add')),
    });
    expect(await session.childrenOf(await session.groupUuid('roof'))).toEqual(expect.arrayContaining(names));
  });

  test('a single group is promoted with a child that has its volumes, and demoted; its snapshots stay', async () => {
    const volumes = [await session.newVolume(), await session.newVolume()];
    const uuid = await session.newGroup(volumes);
    await session.takeSnapshot(uuid, 'single');
    const promote = { provisioning_options: { action: 'promote' } };
    expect(await session.refusal(uuid, promote)).toBe('400 262212');
    await session.change(uuid, { ...promote, consistency_groups: [act('heir', 'create')] });
    expect(await session.childrenOf(uuid)).toEqual(['heir']);
    expect(await session.volumesIn('heir')).toEqual(volumes);
    await session.takeSnapshot(await session.groupUuid('heir'), 'own');
    expect(await session.refusal(uuid, { ...promote, consistency_groups: [act('other', 'create')] })).toBe(
      '400 53411853',
    );
    await session.change(uuid, { provisioning_options: { action: 'demote' } });
    expect(await session.array.list(`${GROUPS}?name=heir`)).toEqual([]);
    expect(at(await session.show(uuid), 'volumes')).toHaveLength(2);
    expect(await session.snapshotsOfGroup(uuid)).toEqual(['single']);
    expect(await session.snapshotsOf(volumes[0] ?? '')).toEqual(['single', 'own']);
    expect(await session.refusal(uuid, { provisioning_options: { action: 'demote' } })).toBe('400 53411853');
  });

  test('two requests at once that take the last volume and its group: one fails', async () => {
    const slow = await openGroupSession({ jobs: { runningPolls: 1 } });
    const { array } = slow;
    const end = async (job: unknown) => {
      const path = `/cluster/jobs/${textAt(job, 'job', 'uuid')}`;
      await array.expect(200, 'GET', path);
      return array.expect(200, 'GET', path);
    };
    const post = (name: string) => array.expect(202, 'POST', GROUPS, { name, ...SVM, volumes: [add('wanted')] });
    const body = { name: 'wanted', ...SVM, size: 100 * MIB, aggregates: [{ name: 'aggr1_n1' }] };
    await end(await array.expect(202, 'POST', '/storage/volumes', body));
    await end(await post('child'));
    const roofs = await Promise.all(
      ['roof1', 'roof2'].map((name) =>
        array.expect(202, 'POST', GROUPS, { name, ...SVM, consistency_groups: [act('child', 'add')] }),
      ),
    );
    const ended = [await end(roofs[0]), await end(roofs[1])].map((job) => at(job, 'state'));
    expect(ended.toSorted()).toEqual(['failure', 'success']);
    array.simulator.world.verify();
    await array.close();
  });
});

describe('releases', () => {
  const openRelease = (version: string) =>
    openGroupSession({ topology: { cluster: { ...defaultTopology.cluster, version } } });

  test('9.10.1 has no snapshots in two phases, no clones, no tags, and changes no members', async () => {
    const old = await openRelease('9.10.1');
    const [first, second] = [await old.newVolume(), await old.newVolume()];
    const path = `${GROUPS}/${await old.newGroup([first])}`;
    expect(await old.array.refusal('POST', `${path}/snapshots?action=start`, { name: 's' })).toBe('400 262179');
    expect(await old.array.refusal('POST', `${path}/snapshots?action_timeout=9`, { name: 's' })).toBe('400 262179');
    const clone = { name: 'c', ...SVM, clone: { parent_consistency_group: { name: 'x' }, volume: { prefix: 'p' } } };
    expect(await old.array.refusal('POST', GROUPS, clone)).toBe('400 262179');
    expect(await old.array.refusal('PATCH', path, { application: { type: 'oracle' } })).toBe('400 262179');
    expect(await old.array.refusal('PATCH', path, { volumes: [add(second)] })).toBe('400 53411853');
    expect(await old.array.refusal('PATCH', path, { volumes: [act(first, 'remove')] })).toBe('400 262285');
    const lun = { name: '/vol/derived/l', os_type: 'linux', space: { size: 1024 ** 2 } };
    expect(await old.array.refusal('PATCH', path, { luns: [lun] })).toBe('400 53411853');
    await old.done('PATCH', path, { luns: [{ ...lun, name: `/vol/${first}/l` }] });
    await old.done('POST', `${path}/snapshots`, { name: 's' });
    for (const field of ['restore_size', 'luns', 'snapshot_volumes', 'write_fence'])
      expect([field, await old.array.refusal('GET', `${path}/snapshots?fields=${field}`)]).toEqual([
        field,
        '400 262197',
      ]);
    expect(await old.array.refusal('GET', `${path}?fields=metric`)).toBe('400 262197');
    await old.array.close();
  });

  test('9.12.1 changes members and not the geometry', async () => {
    const old = await openRelease('9.12.1');
    const [first, second] = [await old.newVolume(), await old.newVolume()];
    const uuid = await old.newGroup([first]);
    await old.done('PATCH', `${GROUPS}/${uuid}`, { volumes: [add(second)] });
    const promote = { provisioning_options: { action: 'promote' }, consistency_groups: [{ name: 'c' }] };
    expect(await old.array.refusal('PATCH', `${GROUPS}/${uuid}`, promote)).toBe('400 262179');
    const moved = { volumes: [act(first, 'reassign')] };
    expect(await old.array.refusal('PATCH', `${GROUPS}/${uuid}`, moved)).toBe('400 262197');
    const nested = { name: 'n', ...SVM, consistency_groups: [{ name: 'c', volumes: [add(await old.newVolume())] }] };
    await old.done('POST', GROUPS, nested);
    const more = { consistency_groups: [{ name: 'd', volumes: [add(await old.newVolume())] }] };
    expect(await old.array.refusal('PATCH', `${GROUPS}/${await old.groupUuid('n')}`, more)).toBe('400 53411853');
    await old.array.close();
  });
});
