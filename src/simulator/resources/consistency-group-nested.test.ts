import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  act,
  add,
  GROUPS,
  openGroupSession,
  SVM,
  WAIT,
  type GroupSession,
} from '../../../test/support/group-session.ts';
import { at } from '../../../test/support/ontap-session.ts';

const MIB = 1024 ** 2;

let session: GroupSession;
beforeAll(async () => {
  session = await openGroupSession();
});
afterEach(() => session.array.simulator.world.verify());
afterAll(() => session.array.close());

describe('a group of groups', () => {
  test('goes with the last volumes of the groups in it', async () => {
    const { parent, names, volumes } = await session.newNested();
    const [, data, logs] = names;
    const leaving = (name: string) => ({ name, provisioning_options: { action: 'remove' } });
    await session.change(parent, {
      consistency_groups: [
        { name: data, volumes: [leaving(volumes[0]), leaving(volumes[1])] },
        { name: logs, volumes: [leaving(volumes[2])] },
      ],
    });
    expect(await session.array.list(`${GROUPS}?name=${names.join('|')}`)).toEqual([]);
  });

  test('is made by one body, and all of it is shown from above, from below and from its volumes', async () => {
    const { parent, names, volumes } = await session.newNested();
    const [, data, logs] = names;
    const shown = await session.show(parent);
    expect(shown).toMatchObject({
      name: names[0],
      replicated: false,
      snapshot_policy: { name: 'default-1weekly' },
      application: { type: 'other' },
      space: { size: 300 * MIB },
    });
    expect(at(shown, 'volumes')).toHaveLength(3);
    const children = at(shown, 'consistency_groups');
    const first = await session.groupUuid(data);
    expect(Array.isArray(children) && children.toSorted((a) => (at(a, 'name') === data ? -1 : 1))).toMatchObject([
      {
        name: data,
        _links: { self: { href: `/api${GROUPS}/${first}` } },
        parent_consistency_group: { name: names[0], uuid: parent },
        snapshot_policy: { name: 'default' },
        application: { component_type: 'data' },
        space: { size: 200 * MIB },
        volumes: [{ name: volumes[0] }, { name: volumes[1] }],
      },
      { name: logs, application: { component_type: 'other' }, volumes: [{ name: volumes[2] }] },
    ]);
    const child = await session.show(first);
    expect(child).toMatchObject({ parent_consistency_group: { name: names[0] }, space: { size: 200 * MIB } });
    expect(at(child, 'replicated')).toBeUndefined();
    const top = await session.array.list(`${GROUPS}?name=${names.join('|')}&parent_consistency_group.uuid=null`);
    expect(top).toMatchObject([{ name: names[0] }]);
    const found = await session.array.list(`${GROUPS}?consistency_groups.name=${logs}&fields=name`);
    expect(found).toMatchObject([{ uuid: parent }]);
    expect(await session.array.list(`/storage/volumes?name=${volumes[2]}&fields=consistency_group`)).toMatchObject([
      { consistency_group: { name: logs } },
    ]);
  });

  test('is made with new volumes, and with LUNs in them', async () => {
    const unit = { os_type: 'linux', space: { size: 10 * MIB } };
    await session.done('POST', GROUPS, {
      name: 'whole',
      ...SVM,
      consistency_groups: [
        {
          name: 'whole_a',
          volumes: [{ name: 'wa', space: { size: 50 * MIB } }],
          luns: [{ ...unit, name: '/vol/wa/l' }],
        },
        { namespaces: [{ ...unit, name: '/vol/wb/n' }] },
      ],
    });
    expect(await session.show(await session.groupUuid('whole'))).toMatchObject({
      luns: [{ name: '/vol/wa/l' }],
      namespaces: [{ name: '/vol/wb/n' }],
    });
    expect(await session.volumesIn('wb')).toEqual(['wb']);
  });

  test('fails as a whole where one child cannot be made', async () => {
    const free = await session.newVolume();
    const failed = await session.jobOf('POST', GROUPS, {
      name: 'broken',
      ...SVM,
      consistency_groups: [
        { name: 'broken_a', volumes: [add(free)] },
        { name: 'broken_b', volumes: [{ name: 'too_small', space: { size: MIB } }] },
      ],
    });
    expect(failed).toMatchObject({ state: 'failure', code: 917534 });
    expect(await session.array.list(`${GROUPS}?name=broken*`)).toEqual([]);
    await session.newGroup([free]);
  });

  test('is refused with volumes of its own, without a name, deeper than two, and with a volume twice', async () => {
    const { parent, names, volumes } = await session.newNested();
    const free = await session.newVolume();
    const post = (body: Record<string, unknown>) =>
      session.array.refusal('POST', GROUPS, { name: 'x', ...SVM, ...body });
    const child = { name: 'xc', volumes: [add(free)] };
    expect(await post({ consistency_groups: [child], volumes: [add(free)] })).toBe('400 53411853');
    expect(await post({ name: undefined, consistency_groups: [child] })).toBe('400 262212');
    expect(await post({ consistency_groups: [{ ...child, volumes: [] }] })).toBe('400 53411864');
    expect(await post({ consistency_groups: [{ ...child, name: names[1] }] })).toBe('409 53411860');
    expect(await post({ consistency_groups: [{ ...child, volumes: [add(volumes[0])] }] })).toBe('409 53411865');
    expect(await post({ consistency_groups: [{ ...child, consistency_groups: [] }] })).toBe('400 262179');
    expect(await post({ consistency_groups: [act(names[0], 'add')] })).toBe('400 53411853');
    expect(await post({ consistency_groups: [act(names[1], 'add')] })).toBe('400 53411853');
    expect(await post({ consistency_groups: [act('none', 'add')] })).toBe('404 53411844');
    expect(await post({ parent_consistency_group: { uuid: parent }, volumes: [add(free)] })).toBe('400 262196');
    expect(await session.refusal(parent, { volumes: [add(free)] })).toBe('400 53411853');
    const below = await session.groupUuid(names[1]);
    expect(await session.refusal(below, { consistency_groups: [child] })).toBe('400 53411853');
    const single = await session.newGroup([free]);
    expect(await session.refusal(single, { consistency_groups: [{ name: 'xc', volumes: [] }] })).toBe('400 53411853');
    const twice = {
      name: 'twice',
      ...SVM,
      consistency_groups: ['t1', 't2'].map((name) => ({ name, volumes: [] as unknown[] })),
    };
    const again = await session.newVolume();
    for (const each of twice.consistency_groups) each.volumes.push(add(again));
    expect(await session.jobOf('POST', GROUPS, twice)).toMatchObject({ state: 'failure', code: 53411865 });
  });

  test('takes five groups and no more', async () => {
    const { parent } = await session.newNested();
    const more = async (count: number) => ({
      consistency_groups: await Promise.all(
        Array.from({ length: count }, async (_, index) => ({
          name: `five${count}_${index}`,
          volumes: [add(await session.newVolume())],
        })),
      ),
    });
    const path = `${GROUPS}/${parent}`;
    expect(await session.jobOf('PATCH', path, await more(4))).toMatchObject({ state: 'failure', code: 53411853 });
    await session.done('PATCH', path, await more(3));
    expect(await session.childrenOf(parent)).toHaveLength(5);
  });

  test('goes with the groups in it; volumes and their snapshots stay', async () => {
    const { parent, names, volumes } = await session.newNested();
    await session.takeSnapshot(parent, 'kept');
    await session.done('DELETE', `${GROUPS}/${parent}`);
    expect(await session.array.list(`${GROUPS}?name=${names.join('|')}`)).toEqual([]);
    for (const volume of volumes) expect(await session.snapshotsOf(volume)).toEqual(['kept']);
  });

  test('goes when its last volume goes, and a group in it before', async () => {
    const { names, volumes } = await session.newNested();
    const remove = async (volume: string) =>
      session.array.expect(200, 'DELETE', `/storage/volumes/${await session.volumeUuid(volume)}?${WAIT}`);
    await remove(volumes[2]);
    const left = await session.array.list(`${GROUPS}?name=${names.join('|')}&order_by=name`);
    expect(left.map((each) => at(each, 'name'))).toEqual([names[0], names[1]]);
    await remove(volumes[0]);
    const data = await session.groupUuid(names[1]);
    await session.done('PATCH', `${GROUPS}/${data}`, { volumes: [act(volumes[1], 'remove')] });
    expect(await session.array.list(`${GROUPS}?name=${names.join('|')}`)).toEqual([]);
  });
});

describe('snapshots of nested groups', () => {
  test('of the parent are of all volumes, and set all back; a child is set back by its own', async () => {
    const { parent, names, volumes } = await session.newNested();
    const data = await session.groupUuid(names[1]);
    await session.takeSnapshot(parent, 'all');
    await session.takeSnapshot(data, 'data');
    await session.takeSnapshot(parent, 'later');
    for (const volume of [volumes[0], volumes[1]])
      expect(await session.snapshotsOf(volume)).toEqual(['all', 'data', 'later']);
    expect(await session.snapshotsOf(volumes[2])).toEqual(['all', 'later']);
    expect(await session.refusal(data, { restore_to: { snapshot: { name: 'all' } } })).toBe('404 4');
    // By a request for its parent too.
    const children = [{ name: names[1], restore_to: { snapshot: { name: 'data' } } }];
    await session.change(parent, { consistency_groups: children });
    expect(await session.snapshotsOf(volumes[0])).toEqual(['all', 'data']);
    // Of the later one a part is left, which does not do to set the group back.
    const later = { restore_to: { snapshot: { name: 'later' } } };
    expect(await session.refusal(parent, later)).toBe('400 53411918');
    await session.change(parent, { restore_to: { snapshot: { name: 'all' } } });
    for (const volume of volumes) expect(await session.snapshotsOf(volume)).toEqual(['all']);
    expect(await session.snapshotsOfGroup(parent)).toEqual(['all']);
    expect(await session.snapshotsOfGroup(data)).toEqual([]);
  });

  test('a volume that left the group makes its snapshots unfit to set the group back', async () => {
    const volumes = [await session.newVolume(), await session.newVolume()];
    const uuid = await session.newGroup(volumes);
    await session.takeSnapshot(uuid, 'both');
    await session.change(uuid, { volumes: [act(volumes[0] ?? '', 'remove')] });
    expect(await session.snapshotsOfGroup(uuid)).toEqual(['both']);
    expect(await session.refusal(uuid, { restore_to: { snapshot: { name: 'both' } } })).toBe('400 53411918');
  });

  test('of a single volume need no fence', async () => {
    const uuid = await session.newGroup([await session.newVolume()]);
    await session.takeSnapshot(uuid, 's');
    const [record] = await session.array.list(`${GROUPS}/${uuid}/snapshots?fields=write_fence`);
    expect(at(record, 'write_fence')).toBe(false);
  });
});
