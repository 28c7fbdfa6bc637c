import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { add, GROUPS, SVM } from '../../../test/support/group-session.ts';
import { at } from '../../../test/support/ontap-session.ts';
import {
  count,
  namesAt,
  openProvisionSession,
  pathOf,
  unit,
  type ProvisionSession,
} from '../../../test/support/provision-session.ts';

const MIB = 1024 ** 2;

let session: ProvisionSession;
beforeAll(async () => {
  session = await openProvisionSession();
});
afterEach(() => session.array.simulator.world.verify());
afterAll(() => session.array.close());

const small = { space: { size: 20 * MIB } };
const refusal = (body: Record<string, unknown>) =>
  session.array.refusal('POST', GROUPS, { name: 'x', ...SVM, ...body });

describe('names that ONTAP makes up', () => {
  test('of volumes are the given name, or the group, with the lowest free number', async () => {
    const group = await session.made({ name: 'many', volumes: [{ name: 'many_v', ...small, ...count(2) }, small] });
    expect(namesAt(group, 'volumes')).toEqual(['many_1', 'many_v_1', 'many_v_2']);
    const more = await session.changed(group, {
      volumes: [
        { name: 'many_v', ...small, ...count(1) },
        { ...small, ...count(2) },
      ],
    });
    expect(namesAt(more, 'volumes')).toEqual(['many_1', 'many_2', 'many_3', 'many_v_1', 'many_v_2', 'many_v_3']);
    expect(await refusal({ volumes: [{ name: 'v'.repeat(202), ...small, ...count(2) }] })).toBe('400 53411869');
    expect(await refusal({ name: undefined, volumes: [small] })).toBe('400 262212');
    const seventeen = { volumes: [{ ...small, ...count(17) }] };
    expect(await session.array.refusal('PATCH', pathOf(group), seventeen)).toBe('400 53411853');
    const tooMany = { name: 'most', ...SVM, volumes: [{ ...small, ...count(81) }] };
    expect(await session.jobOf('POST', GROUPS, tooMany)).toMatchObject({ state: 'failure', code: 53411853 });
    expect(await session.array.list('/storage/volumes?name=most_*')).toEqual([]);
  });

  test('of LUNs and namespaces are the given path, or that of the only volume, with a number', async () => {
    const volume = await session.newVolume();
    const group = await session.made({
      name: 'counted',
      volumes: [add(volume)],
      luns: [unit(undefined), unit(`/vol/${volume}/l`, count(2))],
      namespaces: [unit(undefined, count(2))],
    });
    expect(namesAt(group, 'luns')).toEqual([`/vol/${volume}/l_1`, `/vol/${volume}/l_2`, `/vol/${volume}/${volume}_1`]);
    expect(namesAt(group, 'namespaces')).toEqual([2, 3].map((number) => `/vol/${volume}/${volume}_${number}`));
    const more = await session.changed(group, { luns: [unit(undefined)] });
    expect(namesAt(more, 'luns')).toContain(`/vol/${volume}/${volume}_4`);
    await session.changed(group, { volumes: [add(await session.newVolume())] });
    // How they are spread over several volumes is not documented.
    expect(await session.array.refusal('PATCH', pathOf(group), { luns: [unit(undefined)] })).toBe('501 3');
    const numbered = unit(`/vol/${volume}/x`, {
      ...count(2),
      lun_maps: [{ igroup: { name: 'i' }, logical_unit_number: 3 }],
    });
    expect(await session.array.refusal('PATCH', pathOf(group), { luns: [numbered] })).toBe('400 53411853');
    const seventeen = Array.from({ length: 17 }, (_, index) => unit(`/vol/${volume}/many${index}`));
    expect(await session.array.refusal('PATCH', pathOf(group), { luns: seventeen })).toBe('400 53411853');
  });

  test('a volume follows from its LUNs, a little greater than they are, and the group from it', async () => {
    await session.done('POST', GROUPS, { ...SVM, luns: [unit('/vol/derived/lun1', { space: { size: '100mb' } })] });
    const group = await session.show(await session.groupUuid('derived'));
    expect(group).toMatchObject({
      name: 'derived',
      space: { size: 108_003_328 },
      volumes: [{ name: 'derived', space: { size: 108_003_328 } }],
      luns: [{ name: '/vol/derived/lun1', space: { size: 100 * MIB } }],
    });
    expect(namesAt(await session.changed(group, { namespaces: [unit('/vol/other/ns')] }), 'volumes')).toEqual([
      'derived',
      'other',
    ]);
  });
});

describe('mapping what is made', () => {
  const igroupOf = async (name: string) =>
    (await session.array.list(`/protocols/san/igroups?name=${name}&fields=os_type,protocol,initiators`))[0];

  test('LUNs are mapped to an igroup that is made with them, and to one that is there', async () => {
    const initiators = [{ name: 'iqn.1998-01.com.corp.iscsi:name1' }];
    const group = await session.made({
      name: 'mapped',
      luns: [
        unit('/vol/mapped_v/l', { ...count(2), lun_maps: [{ igroup: { name: 'hosts', initiators } }] }),
        unit('/vol/mapped_v/other', { lun_maps: [{ igroup: { name: 'hosts' }, logical_unit_number: 7 }] }),
      ],
    });
    expect(await igroupOf('hosts')).toMatchObject({ os_type: 'linux', protocol: 'mixed', initiators });
    const maps = await session.array.list('/protocols/san/lun-maps?igroup.name=hosts&fields=logical_unit_number,lun');
    expect(
      maps.map((each) => `${String(at(each, 'lun', 'name'))} ${String(at(each, 'logical_unit_number'))}`).toSorted(),
    ).toEqual(['/vol/mapped_v/l_1 0', '/vol/mapped_v/l_2 1', '/vol/mapped_v/other 7']);
    const luns = at(group, 'luns');
    expect(Array.isArray(luns) && luns.find((each) => at(each, 'name') === '/vol/mapped_v/other')).toMatchObject({
      lun_maps: [
        { logical_unit_number: 7, igroup: { name: 'hosts', os_type: 'linux', protocol: 'mixed', initiators } },
      ],
    });
    const changed = unit('/vol/mapped_v/more', { lun_maps: [{ igroup: { name: 'hosts', initiators } }] });
    expect(await session.array.refusal('PATCH', pathOf(group), { luns: [changed] })).toBe('400 53411862');
    await session.changed(group, {
      luns: [{ name: '/vol/mapped_v/l_1', lun_maps: [{ igroup: { name: 'hosts2' } }] }],
    });
    expect(await igroupOf('hosts2')).toMatchObject({ os_type: 'linux' });
  });

  test('a map that cannot be made takes everything back', async () => {
    const twice = [{ igroup: { name: 'clash' } }, { igroup: { name: 'clash' } }];
    const body = { name: 'clashing', ...SVM, luns: [unit('/vol/clashing_v/l', { lun_maps: twice })] };
    expect(await session.jobOf('POST', GROUPS, body)).toMatchObject({ state: 'failure', code: 1254207 });
    expect(await session.array.list('/storage/volumes?name=clashing_v')).toEqual([]);
    expect(await igroupOf('clash')).toBeUndefined();
  });

  test('namespaces are mapped to a subsystem that is made with them, and to one that is there', async () => {
    const hosts = ['host1', 'host2'].map((host) => ({ nqn: `nqn.1992-08.com.netapp:sn.d045:subsystem.${host}` }));
    const group = await session.made({ name: 'nvme', volumes: [{ name: 'nvme_v', space: { size: 100 * MIB } }] });
    const subsystem = { name: 'mySubsystem', hosts };
    const shown = await session.changed(group, {
      namespaces: [unit('/vol/nvme_v/n', { ...count(2), subsystem_map: { subsystem } })],
    });
    const namespaces = at(shown, 'namespaces');
    expect(namespaces).toHaveLength(2);
    expect(at(namespaces, 0)).toMatchObject({
      subsystem_map: { subsystem: { name: 'mySubsystem', os_type: 'linux', hosts } },
      status: { state: 'online', mapped: true },
    });
    await session.changed(group, {
      namespaces: [unit('/vol/nvme_v/p', { subsystem_map: { subsystem: { name: 'mySubsystem' } } })],
    });
    expect(await session.array.list('/protocols/nvme/subsystem-maps?subsystem.name=mySubsystem')).toHaveLength(3);
    const more = unit('/vol/nvme_v/q', { subsystem_map: { subsystem } });
    expect(await session.array.refusal('PATCH', pathOf(group), { namespaces: [more] })).toBe('501 3');
  });
});

describe('access to new volumes', () => {
  const rule = { clients: [{ match: '0.0.0.0/0' }], rw_rule: ['any'], ro_rule: ['any'] };
  const acl = { type: 'windows', permission: 'read', user_or_group: 'Everyone' };
  const shared = (name: string) => ({
    name,
    space: { size: 20 * MIB },
    nas: {
      path: `/${name}`,
      export_policy: { name: 'for_group', rules: [rule] },
      cifs: { shares: [{ name, comment: 'c', acls: [acl] }] },
    },
  });
  const policies = () => session.array.list('/protocols/nfs/export-policies?name=for_group&fields=rules');

  test('an export policy and shares are made with them', async () => {
    await session.array.expect(202, 'POST', '/protocols/cifs/services', { ...SVM, name: 'GROUPS', workgroup: 'W' });
    const group = await session.made({ name: 'shared', volumes: [shared('shared_a'), shared('shared_b')] });
    expect(await policies()).toMatchObject([{ rules: [rule] }]);
    const volumes = await session.array.list('/storage/volumes?name=shared_*&fields=nas.export_policy.name,nas.path');
    expect(volumes.map((each) => at(each, 'nas'))).toMatchObject(
      ['a', 'b'].map((each) => ({ path: `/shared_${each}`, export_policy: { name: 'for_group' } })),
    );
    expect(await session.array.list('/protocols/cifs/shares?name=shared_*&fields=path,acls,comment')).toMatchObject(
      ['a', 'b'].map((each) => ({ path: `/shared_${each}`, comment: 'c', acls: [acl] })),
    );
    const patch = (volume: unknown) => session.array.refusal('PATCH', pathOf(group), { volumes: [volume] });
    // What becomes of a policy that is there is not documented.
    expect(await patch(shared('shared_c'))).toBe('501 3');
    const taken = { ...shared('shared_c'), nas: { path: '/x', cifs: { shares: [{ name: 'SHARED_A' }] } } };
    expect(await patch(taken)).toBe('409 53412080');
    expect(await patch({ name: 'shared_a', nas: { cifs: { shares: [] } } })).toBe('400 53411856');
    const unmounted = { ...shared('shared_c'), nas: { cifs: { shares: [{ name: 'y' }] } } };
    expect(await patch(unmounted)).toBe('400 262212');
  });

  test('what cannot be shared takes all of it back', async () => {
    const volume = { ...shared('unshared'), nas: { path: '/unshared', cifs: { shares: [{ name: 'a/b' }] } } };
    const job = await session.jobOf('POST', GROUPS, { name: 'unshared', ...SVM, volumes: [volume] });
    expect(job).toMatchObject({ state: 'failure', code: 656426 });
    expect(await session.array.list('/storage/volumes?name=unshared')).toEqual([]);
  });
});

describe('policies and changes of members', () => {
  const newPolicy = async (name: string) =>
    session.array.expect(202, 'POST', '/storage/qos/policies', { name, ...SVM, fixed: { max_throughput_iops: 100 } });

  test('a QoS policy is for what is new: of the group, of a volume, or of a LUN', async () => {
    for (const name of ['of_group', 'of_volume', 'of_lun']) await newPolicy(name);
    const policy = (name: string) => ({ qos: { policy: { name } } });
    const group = await session.made({
      name: 'slow',
      ...policy('of_group'),
      tiering: { policy: 'none' },
      volumes: [
        { name: 'slow_a', space: { size: 100 * MIB } },
        { name: 'slow_b', ...small, ...policy('of_volume') },
      ],
      luns: [unit('/vol/slow_a/l', policy('of_lun'))],
    });
    expect(group).toMatchObject({
      ...policy('of_group'),
      tiering: { policy: 'none' },
      luns: [policy('of_lun')],
    });
    const volumes = await session.array.list('/storage/volumes?name=slow_*&fields=qos.policy.name&order_by=name');
    expect(volumes).toMatchObject([policy('of_group'), policy('of_volume')]);
    expect(await session.array.refusal('PATCH', pathOf(group), policy('of_volume'))).toBe('400 53411856');
    const member = { volumes: [{ name: 'slow_a', ...policy('of_volume') }] };
    expect(await session.array.refusal('PATCH', pathOf(group), member)).toBe('400 53411856');
    await session.changed(group, { ...policy('of_volume'), volumes: [{ name: 'slow_c', ...small }] });
    expect(await session.array.list('/storage/volumes?name=slow_c&fields=qos.policy.name')).toMatchObject([
      policy('of_volume'),
    ]);
  });

  test('what is in the group is changed by its name, without an action', async () => {
    const group = await session.made({
      name: 'altered',
      volumes: [{ name: 'altered_v', space: { size: 100 * MIB } }],
      luns: [unit('/vol/altered_v/l')],
      namespaces: [unit('/vol/altered_v/n')],
    });
    const shown = await session.changed(group, {
      volumes: [{ name: 'altered_v', comment: 'c', space: { size: 200 * MIB }, snapshot_policy: { name: 'none' } }],
      luns: [{ name: '/vol/altered_v/l', comment: 'l', space: { size: 20 * MIB } }],
      namespaces: [{ name: '/vol/altered_v/n', space: { size: 30 * MIB } }],
    });
    expect(shown).toMatchObject({
      volumes: [{ comment: 'c', space: { size: 200 * MIB }, snapshot_policy: { name: 'none' } }],
      luns: [{ comment: 'l', space: { size: 20 * MIB } }],
      namespaces: [{ space: { size: 30 * MIB } }],
    });
    const shrunk = { luns: [{ name: '/vol/altered_v/l', space: { size: 10 * MIB } }] };
    expect(await session.array.refusal('PATCH', pathOf(group), shrunk)).toBe('400 5374892');
  });

  test('a LUN of the group is a clone of another', async () => {
    const group = await session.made({
      name: 'lunclone',
      volumes: [{ name: 'lunclone_v', space: { size: 100 * MIB } }],
      luns: [unit('/vol/lunclone_v/source')],
    });
    const clone = { name: '/vol/lunclone_v/copy', clone: { source: { name: '/vol/lunclone_v/source' } } };
    const shown = await session.changed(group, { luns: [clone] });
    expect(namesAt(shown, 'luns')).toEqual(['/vol/lunclone_v/copy', '/vol/lunclone_v/source']);
  });

  test('what no source documents is 501', async () => {
    const volumes = [{ name: 'x', ...small }];
    for (const body of [
      { replication_relationships: [] },
      { _tags: ['team:csi'] },
      { tiering: { control: 'required' } },
      { qos: { policy: { max_throughput_iops: 100 } } },
      { provisioning_options: { storage_service: { name: 'extreme' } } },
    ])
      expect([body, await refusal({ volumes, ...body })]).toEqual([body, '501 3']);
  });
});
