import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { at, openOntapSession, textAt, type OntapSession } from '../support/ontap-session.ts';

/** Volumes, snapshots, clones, and what they take. */

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const HOUR_MS = 3_600_000;

let array: OntapSession;
beforeEach(async () => {
  array = await openOntapSession({ clock: { frozenAt: new Date('2025-05-01T09:30:00Z') } });
});
afterEach(async () => {
  array.simulator.world.verify();
  await array.close();
});

const WAIT = 'return_timeout=15';
const base = { size: GIB, svm: { name: 'svm0' }, aggregates: [{ name: 'aggr1_n1' }], guarantee: { type: 'none' } };

const create = async (name: string, more: Record<string, unknown> = {}): Promise<string> => {
  const body = await array.expect(201, 'POST', `/storage/volumes?${WAIT}&return_records=true`, {
    ...base,
    name,
    ...more,
  });
  return textAt(body, 'records', 0, 'uuid');
};
const clone = (name: string, parent: string, more: Record<string, unknown> = {}) => ({
  name,
  svm: { name: 'svm0' },
  clone: { is_flexclone: true, parent_volume: { name: parent }, ...more },
});
const snapshot = async (volume: string, name: string): Promise<string> => {
  const body = await array.expect(201, 'POST', `/storage/volumes/${volume}/snapshots?${WAIT}&return_records=true`, {
    name,
  });
  return textAt(body, 'records', 0, 'uuid');
};
const refusal = (method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown) =>
  array.refusal(method, `${path}${path.includes('?') ? '&' : '?'}${WAIT}`, body);
const get = (uuid: string, fields: string) => array.expect(200, 'GET', `/storage/volumes/${uuid}?fields=${fields}`);
const free = async (name = 'aggr1_n1') =>
  Number(
    at(
      await array.list(`/storage/aggregates?name=${name}&fields=space.block_storage.available`),
      0,
      'space',
      'block_storage',
      'available',
    ),
  );

describe('creating', () => {
  it('takes everything that belongs to a volume in one request', async () => {
    await array.expect(201, 'POST', '/protocols/nfs/export-policies', { name: 'empty', svm: { name: 'svm0' } });
    await array.expect(201, 'POST', `/storage/qos/policies?${WAIT}`, {
      name: 'gold',
      svm: { name: 'svm0' },
      fixed: { max_throughput_iops: 500 },
    });
    const uuid = await create('v1', {
      style: 'flexvol',
      state: 'online',
      type: 'RW',
      comment: '{"provisioning":{}}',
      snapshot_policy: { name: 'none' },
      'qos.policy': { name: 'gold' },
      nas: { path: '/v1', export_policy: { name: 'empty' }, security_style: 'unix', unix_permissions: 777 },
      snapshot_directory_access_enabled: false,
      space: { snapshot: { reserve_percent: 10 } },
      encryption: { enabled: false },
      tiering: { policy: 'none' },
    });
    expect(await get(uuid, '**')).toMatchObject({
      name: 'v1',
      style: 'flexvol',
      state: 'online',
      type: 'rw',
      comment: '{"provisioning":{}}',
      size: GIB,
      is_svm_root: false,
      snapshot_policy: { name: 'none' },
      qos: { policy: { name: 'gold' } },
      snapshot_directory_access_enabled: false,
      aggregates: [{ name: 'aggr1_n1' }],
      nas: {
        path: '/v1',
        export_policy: { name: 'empty' },
        security_style: 'unix',
        unix_permissions: 777,
        junction_parent: { name: 'svm0_root' },
      },
      space: {
        size: GIB,
        available: GIB - Math.floor(GIB / 10),
        used: 0,
        snapshot: { reserve_percent: 10, reserve_size: Math.floor(GIB / 10) },
      },
      guarantee: { type: 'none', honored: true },
      autosize: { mode: 'off', maximum: 1_288_486_912, minimum: GIB },
    });
  });

  it('has the defaults that ONTAP documents', async () => {
    const body = await array.expect(201, 'POST', `/storage/volumes?${WAIT}&return_records=true`, {
      name: 'plain',
      'svm.name': 'svm0',
      'aggregates.name': undefined,
      aggregates: [{ name: 'aggr1_n1' }],
    });
    expect(await get(textAt(body, 'records', 0, 'uuid'), '**')).toMatchObject({
      size: 20 * MIB,
      state: 'online',
      type: 'rw',
      style: 'flexvol',
      guarantee: { type: 'volume' },
      snapshot_policy: { name: 'default' },
      encryption: { enabled: false },
      nas: { export_policy: { name: 'default' }, security_style: 'unix', unix_permissions: 755 },
      space: { snapshot: { reserve_percent: 5 } },
    });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['a name that begins badly', { name: '1v' }, '400 917887'],
    ['a bad character', { name: 'v-1' }, '400 917888'],
    ['a name too long', { name: 'v'.repeat(204) }, '400 917886'],
    ['an unknown SVM', { svm: { name: 'nobody' } }, '400 2621462'],
    ['no SVM', { svm: undefined }, '400 2621707'],
    [
      'name and UUID of two SVMs',
      { svm: { name: 'svm0', uuid: '11111111-1111-4111-8111-111111111111' } },
      '400 2621706',
    ],
    ['an unknown aggregate', { aggregates: [{ name: 'nowhere' }] }, '400 917508'],
    ['no aggregate', { aggregates: undefined }, '400 787141'],
    ['no aggregate for a FlexVol', { aggregates: undefined, style: 'flexvol' }, '400 787140'],
    [
      'two aggregates for a FlexVol',
      { style: 'flexvol', aggregates: [{ name: 'aggr1_n1' }, { name: 'aggr1_n2' }] },
      '400 918242',
    ],
    ['an unknown export policy', { nas: { export_policy: { name: 'nope' } } }, '400 918271'],
    ['an unknown snapshot policy', { snapshot_policy: { name: 'nope' } }, '400 917551'],
    ['too great a reserve', { space: { snapshot: { reserve_percent: 91 } } }, '400 917835'],
    ['a relative junction', { nas: { path: 'v1' } }, '400 918252'],
    ['a junction that ends in a slash', { nas: { path: '/v1/' } }, '400 918252'],
    ['a junction below nothing', { nas: { path: '/none/v1' } }, '400 918252'],
    ['too small a size', { size: 20 * MIB - 1 }, '400 917534'],
    ['too great a size', { size: '101TB' }, '400 917534'],
    ['a comment too long', { comment: 'x'.repeat(1024) }, '400 262197'],
    ['a mount of an empty mirror', { type: 'DP', nas: { path: '/m' } }, '400 917536'],
  ])('refuses %s', async (_, more, expected) => {
    expect(await refusal('POST', '/storage/volumes', { ...base, name: 'v1', ...more })).toBe(expected);
    expect(await array.list('/storage/volumes?name=v1')).toEqual([]);
  });

  it('refuses a name and a junction that are taken, and takes the same name in another SVM', async () => {
    await create('v1', { nas: { path: '/data' } });
    expect(await refusal('POST', '/storage/volumes', { ...base, name: 'v1' })).toBe('409 917526');
    expect(await refusal('POST', '/storage/volumes', { ...base, name: 'v2', nas: { path: '/DATA' } })).toBe(
      '409 918252',
    );
    await create('v1', { svm: { name: 'svm_dr' } });
    await create('v3', { nas: { path: '/data/below' } });
  });

  it('spreads a FlexGroup over its aggregates', async () => {
    const both = [{ name: 'aggr1_n1' }, { name: 'aggr1_n2' }];
    const before = [await free('aggr1_n1'), await free('aggr1_n2')];
    const uuid = await create('fg', {
      style: 'flexgroup',
      aggregates: both,
      size: 4 * GIB,
      guarantee: { type: 'volume' },
      constituents_per_aggregate: '1',
    });
    expect(await get(uuid, 'style,aggregates')).toMatchObject({ style: 'flexgroup', aggregates: both });
    expect([await free('aggr1_n1'), await free('aggr1_n2')]).toEqual(before.map((bytes) => bytes - 2 * GIB));
    expect(await refusal('POST', '/storage/volumes', { ...base, name: 'small', aggregates: both, size: GIB })).toBe(
      '400 917534',
    );
    await array.expect(201, 'POST', `/storage/volumes?${WAIT}`, clone('fgc', 'fg'));
    expect(await array.list('/storage/volumes?style=flexgroup&svm.name=svm0')).toHaveLength(2);
  });

  it('shows the constituents of a FlexGroup to those who ask for them', async () => {
    const uuid = await create('fg', {
      aggregates: [{ name: 'aggr1_n1' }, { name: 'aggr1_n2' }],
      size: 4 * GIB,
      constituents_per_aggregate: 2,
    });
    array.simulator.world.setUsedBytes('fg', 40 * MIB);
    const group = await get(uuid, 'constituent_count,constituents');
    expect(at(group, 'constituent_count')).toBe(4);
    expect(at(group, 'constituents')).toMatchObject([
      { name: 'fg__0001', aggregates: { name: 'aggr1_n1' }, node: { name: 'sim-cluster-01' }, space: { size: GIB } },
      { name: 'fg__0002', aggregates: { name: 'aggr1_n2' }, space: { used: 10 * MIB, used_percent: 1 } },
      { name: 'fg__0003', aggregates: { name: 'aggr1_n1' } },
      { name: 'fg__0004', aggregates: { name: 'aggr1_n2' } },
    ]);
    expect(at(await get(uuid, '*'), 'constituents')).toBeUndefined();
    expect(await array.list('/storage/volumes?name=fg*')).toHaveLength(1);
    const parts = await array.list(
      '/storage/volumes?is_constituent=true&order_by=name&fields=size,style,flexgroup,svm',
    );
    expect(parts.map((part) => at(part, 'name'))).toEqual(['fg__0001', 'fg__0002', 'fg__0003', 'fg__0004']);
    expect(parts[0]).toMatchObject({
      size: GIB,
      style: 'flexgroup_constituent',
      flexgroup: { name: 'fg', uuid },
      svm: { name: 'svm0' },
    });
    expect(await array.list('/storage/volumes?is_constituent=*&name=fg*')).toHaveLength(5);
    expect(await array.list('/storage/volumes?is_constituent=true&name=fg__0002')).toHaveLength(1);
    const part = `/storage/volumes/${textAt(parts, 3, 'uuid')}`;
    expect(await array.refusal('GET', part)).toBe('404 4');
    const found = await array.expect(200, 'GET', `${part}?is_constituent=true&fields=aggregates`);
    expect(found).toMatchObject({ name: 'fg__0004', aggregates: [{ name: 'aggr1_n2' }] });
    expect(await array.refusal('DELETE', part)).toBe('404 4');
    const page = await array.expect(200, 'GET', '/storage/volumes?is_constituent=true&max_records=3');
    const next = textAt(page, '_links', 'next', 'href').replace('/api', '');
    expect(at(await array.expect(200, 'GET', next), 'num_records')).toBe(1);
  });
});

describe('changing', () => {
  it('changes several things in one request, or none of them', async () => {
    const uuid = await create('v1');
    await array.expect(200, 'PATCH', `/storage/volumes/${uuid}?${WAIT}`, {
      name: 'v2',
      comment: 'c',
      size: 2 * GIB,
      'nas.path': '/v2',
      'nas.unix_permissions': 711,
    });
    expect(await get(uuid, 'comment,size,nas')).toMatchObject({
      name: 'v2',
      comment: 'c',
      size: 2 * GIB,
      nas: { path: '/v2', unix_permissions: 711 },
    });
    expect(await refusal('PATCH', `/storage/volumes/${uuid}`, { comment: 'd', size: MIB })).toBe('400 917534');
    expect(at(await get(uuid, 'comment'), 'comment')).toBe('c');
  });

  it('mounts, keeps the junction through a rename, and unmounts', async () => {
    const uuid = await create('v1', { nas: { path: '/v1' } });
    await array.expect(202, 'PATCH', `/storage/volumes/${uuid}`, { name: 'renamed' });
    expect(at(await get(uuid, 'nas.path'), 'nas', 'path')).toBe('/v1');
    await array.expect(202, 'PATCH', `/storage/volumes/${uuid}`, { nas: { path: '' } });
    expect(at(await get(uuid, 'nas.path'), 'nas', 'path')).toBeUndefined();
    await array.expect(202, 'PATCH', `/storage/volumes/${uuid}`, { nas: { path: '/again' } });
    await array.expect(202, 'PATCH', `/storage/volumes/${uuid}`, { state: 'offline' });
    expect(at(await get(uuid, 'nas.path'), 'nas', 'path')).toBeUndefined();
    expect(await refusal('PATCH', `/storage/volumes/${uuid}`, { size: 2 * GIB })).toBe('400 9437885');
  });

  it('does not shrink below the data, and grows no further than the aggregate', async () => {
    const uuid = await create('v1', { guarantee: { type: 'volume' } });
    array.simulator.world.setUsedBytes('v1', 500 * MIB);
    expect(await refusal('PATCH', `/storage/volumes/${uuid}`, { size: 400 * MIB })).toBe('400 460770');
    array.simulator.world.setAggregateAvailable('aggr1_n1', 100 * MIB);
    expect(await refusal('PATCH', `/storage/volumes/${uuid}`, { size: 2 * GIB })).toBe('500 460770');
    await array.expect(200, 'PATCH', `/storage/volumes/${uuid}?${WAIT}`, { size: GIB + 50 * MIB });
  });

  it('detaches a QoS policy by the name none', async () => {
    const uuid = await create('v1', { qos: { policy: { name: 'extreme' } } });
    expect(at(await get(uuid, 'qos'), 'qos', 'policy', 'name')).toBe('extreme');
    await array.expect(202, 'PATCH', `/storage/volumes/${uuid}`, { qos: { policy: { name: 'none' } } });
    expect(at(await get(uuid, 'qos'), 'qos')).toBeUndefined();
  });

  it('have the adaptive QoS policies that every cluster has', async () => {
    const presets = await array.list('/storage/qos/policies?policy_class=preset&fields=adaptive&order_by=name');
    expect(presets).toMatchObject([
      { name: 'extreme', adaptive: { expected_iops: 6144, peak_iops: 12_288, absolute_min_iops: 1000 } },
      { name: 'performance', adaptive: { expected_iops: 2048, peak_iops: 4096, absolute_min_iops: 500 } },
      { name: 'value', adaptive: { expected_iops: 128, peak_iops: 512, absolute_min_iops: 75 } },
    ]);
  });

  it('leaves the root volume where it is', async () => {
    const uuid = textAt(await array.list('/storage/volumes?name=svm0_root'), 0, 'uuid');
    await create('v1');
    expect(await refusal('PATCH', `/storage/volumes/${uuid}`, { state: 'offline' })).toBe('400 917628');
    expect(await refusal('DELETE', `/storage/volumes/${uuid}`)).toBe('409 917531');
  });
});

describe('snapshots', () => {
  it('are made, found, renamed and deleted', async () => {
    const volume = await create('v1');
    const reply = await array.send('POST', `/storage/volumes/${volume}/snapshots`, {
      name: 's1',
      svm: { name: 'svm0' },
    });
    expect([reply.status, reply.headers['location']]).toEqual([
      202,
      `/api/storage/volumes/${volume}/snapshots/?name=s1`,
    ]);
    const [found] = await array.list(
      `/storage/volumes/${volume}/snapshots?name=s1&svm.name=svm0&fields=name,create_time`,
    );
    expect(found).toMatchObject({ name: 's1', create_time: '2025-05-01T09:30:00+00:00' });
    expect(await refusal('POST', `/storage/volumes/${volume}/snapshots`, { name: 's1' })).toBe('409 525059');
    expect(await refusal('POST', `/storage/volumes/${volume}/snapshots`, { name: 'a/b' })).toBe('400 1638518');
    expect(await refusal('POST', `/storage/volumes/${volume}/snapshots`, { name: 'snapmirror.1' })).toBe('400 1638477');
    const path = `/storage/volumes/${volume}/snapshots/${textAt(found, 'uuid')}`;
    await array.expect(200, 'PATCH', `${path}?${WAIT}`, { name: 's2', comment: 'kept' });
    expect(at(await get(volume, 'snapshot_count'), 'snapshot_count')).toBe(1);
    await array.expect(200, 'DELETE', `${path}?${WAIT}`);
    expect(await array.refusal('GET', path)).toBe('404 4');
    expect(await array.list('/storage/volumes/*/snapshots')).toEqual([]);
  });

  it('are 1,023 at most', async () => {
    const volume = await create('v1');
    for (let index = 0; index < 1023; index++)
      await array.simulator.call('POST', `/storage/volumes/${volume}/snapshots`, { name: `s${index}` });
    expect(at(await get(volume, 'snapshot_count'), 'snapshot_count')).toBe(1023);
    expect(await refusal('POST', `/storage/volumes/${volume}/snapshots`, { name: 'one_more' })).toBe('400 525062');
  });

  it('are busy while a clone stands on them', async () => {
    const volume = await create('v1');
    const uuid = await snapshot(volume, 's1');
    await array.expect(202, 'POST', '/storage/volumes', clone('c1', 'v1', { parent_snapshot: { name: 's1' } }));
    expect(at(await array.list(`/storage/volumes/${volume}/snapshots?name=s1&fields=owners`), 0, 'owners')).toEqual([
      'volume_clone',
    ]);
    expect(await refusal('DELETE', `/storage/volumes/${volume}/snapshots/${uuid}`)).toBe('409 1638555');
    expect(await refusal('DELETE', `/storage/volumes/${volume}`)).toBe('409 524615');
    const children = await array.list(
      '/storage/volumes?clone.parent_volume.name=v1&clone.parent_snapshot.name=s1&svm.name=svm0&fields=name',
    );
    expect(children).toMatchObject([
      { name: 'c1', clone: { parent_volume: { name: 'v1' }, parent_snapshot: { name: 's1' } } },
    ]);
    const child = textAt(children, 0, 'uuid');
    await array.expect(200, 'PATCH', `/storage/volumes/${child}?${WAIT}`, { clone: { split_initiated: true } });
    expect(at(await get(child, 'clone'), 'clone')).toMatchObject({ is_flexclone: false });
    await array.expect(200, 'DELETE', `/storage/volumes/${volume}/snapshots/${uuid}?${WAIT}`);
    await array.expect(200, 'DELETE', `/storage/volumes/${volume}?${WAIT}`);
  });

  it('are restored by a PATCH without a body; newer ones go', async () => {
    const volume = await create('v1');
    array.simulator.world.setUsedBytes('v1', 10 * MIB);
    await snapshot(volume, 's1');
    array.simulator.world.setUsedBytes('v1', 30 * MIB);
    await snapshot(volume, 's2');
    await array.expect(200, 'PATCH', `/storage/volumes/${volume}?restore_to.snapshot.name=s1&${WAIT}`);
    expect(array.simulator.world.findVolume('v1')?.usedBytes).toBe(10 * MIB);
    expect((await array.list(`/storage/volumes/${volume}/snapshots`)).map((each) => at(each, 'name'))).toEqual(['s1']);
    expect(await refusal('PATCH', `/storage/volumes/${volume}?restore_to.snapshot.name=s2`)).toBe('404 524511');
    expect(await refusal('PATCH', `/storage/volumes/${volume}?restore_to.snapshot.name=s1`, { comment: 'x' })).toBe(
      '400 918251',
    );
  });
});

describe('clones', () => {
  it('take over what the parent has, and what the request may say', async () => {
    const parent = await create('v1', {
      comment: 'parent',
      nas: { path: '/v1', unix_permissions: 711 },
      space: { snapshot: { reserve_percent: 0 } },
    });
    array.simulator.world.setUsedBytes('v1', 100 * MIB);
    const body = await array.expect(201, 'POST', `/storage/volumes?${WAIT}&return_records=true`, {
      ...clone('c1', 'v1'),
      comment: 'clone',
      nas: { path: '/c1' },
    });
    const uuid = textAt(body, 'records', 0, 'uuid');
    expect(await get(uuid, '**')).toMatchObject({
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
    expect(await array.list(`/storage/volumes/${parent}/snapshots`)).toHaveLength(1);
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
    await create('v1', { nas: { path: '/v1' } });
    await snapshot(await create('v2'), 'other');
    expect(await refusal('POST', '/storage/volumes', { ...clone('c1', 'v1'), ...more })).toBe(expected);
  });

  it('may be made again within the second', async () => {
    await create('v1');
    for (const attempt of [1, 2]) {
      await array.expect(201, 'POST', '/storage/volumes?return_timeout=15', clone('c1', 'v1'));
      const { uuid } = Object(array.simulator.world.findVolume('c1'));
      if (attempt === 1) await array.expect(202, 'DELETE', `/storage/volumes/${uuid}?force=true`);
    }
    expect(() => array.simulator.world.verify()).not.toThrow();
  });

  it('cost nothing until they are split', async () => {
    await create('v1');
    array.simulator.world.setUsedBytes('v1', 100 * MIB);
    const before = await free();
    await array.expect(202, 'POST', '/storage/volumes', clone('c1', 'v1'));
    expect(await free()).toBe(before);
    array.simulator.world.setAggregateAvailable('aggr1_n1', 50 * MIB);
    expect(await refusal('PATCH', `/storage/volumes?name=c1`, { clone: { split_initiated: true } })).toBe('500 460770');
    expect(at(await array.list('/storage/volumes?name=c1&fields=clone'), 0, 'clone', 'is_flexclone')).toBe(true);
    array.simulator.world.setAggregateAvailable('aggr1_n1', 150 * MIB);
    await array.expect(200, 'PATCH', `/storage/volumes?name=c1`, { clone: { split_initiated: true } });
    expect(await free()).toBe(50 * MIB);
  });
});

describe('space', () => {
  it('is charged by size when thick, by data when thin', async () => {
    const before = await free();
    await create('thick', { guarantee: { type: 'volume' } });
    expect(await free()).toBe(before - GIB);
    await create('thin');
    expect(await free()).toBe(before - GIB);
    array.simulator.world.setUsedBytes('thin', 10 * MIB);
    expect(await free()).toBe(before - GIB - 10 * MIB);
  });

  it('that snapshots hold stays taken when the data goes', async () => {
    const volume = await create('v1', { space: { snapshot: { reserve_percent: 10 } } });
    array.simulator.world.setUsedBytes('v1', 200 * MIB);
    await snapshot(volume, 's1');
    array.simulator.world.setUsedBytes('v1', 20 * MIB);
    const reserve = Math.floor(GIB / 10);
    expect(at(await get(volume, 'space'), 'space')).toMatchObject({
      used: 20 * MIB + 180 * MIB - reserve,
      available: GIB - reserve - (200 * MIB - reserve),
      footprint: 200 * MIB,
      snapshot: { used: 180 * MIB, reserve_size: reserve, reserve_available: 0 },
      logical_space: { used: 200 * MIB, used_by_afs: 20 * MIB, used_by_snapshots: 180 * MIB },
    });
  });

  it('of a deleted volume is free after the purge, its name at once', async () => {
    const before = await free();
    const uuid = await create('v1', { guarantee: { type: 'volume' } });
    await array.expect(200, 'DELETE', `/storage/volumes/${uuid}?${WAIT}`);
    expect(await free()).toBe(before - GIB);
    await create('v1');
    const queue = await array.list('/private/cli/volume/recovery-queue?vserver=svm0&volume=v1*');
    expect(queue).toEqual([{ vserver: 'svm0', volume: expect.stringMatching(/^v1_\d+$/) }]);
    const purge = await array.send('POST', '/private/cli/volume/recovery-queue/purge', {
      vserver: 'svm0',
      volume: textAt(queue, 0, 'volume'),
    });
    expect([purge.status, at(purge.body, 'job', 'uuid')]).toEqual([202, expect.any(String)]);
    expect(await free()).toBe(before);
    const gone = textAt(await array.list('/storage/volumes?name=v1'), 0, 'uuid');
    await array.expect(200, 'DELETE', `/storage/volumes/${gone}?force=true&${WAIT}`);
    expect(await array.list('/private/cli/volume/recovery-queue')).toEqual([]);
  });

  it('of a deleted volume is free after twelve hours', async () => {
    const before = await free();
    const uuid = await create('v1', { guarantee: { type: 'volume' } });
    await array.expect(200, 'DELETE', `/storage/volumes/${uuid}?${WAIT}`);
    array.simulator.clock.advance(12 * HOUR_MS - 1000);
    expect([await free(), (await array.list('/private/cli/volume/recovery-queue')).length]).toEqual([before - GIB, 1]);
    array.simulator.restore(array.simulator.dump());
    array.simulator.clock.advance(1000);
    expect([await free(), await array.list('/private/cli/volume/recovery-queue')]).toEqual([before, []]);
  });

  it('of a deleted volume goes with its SVM', async () => {
    await array.expect(201, 'POST', `/svm/svms?${WAIT}`, { name: 'svm9', aggregates: [{ name: 'aggr1_n1' }] });
    const svm = textAt(await array.list('/svm/svms?name=svm9'), 0, 'uuid');
    const uuid = await create('v9', { svm: { name: 'svm9' } });
    await array.expect(200, 'DELETE', `/storage/volumes/${uuid}?${WAIT}`);
    await array.expect(200, 'DELETE', `/svm/svms/${svm}?${WAIT}`);
    expect(await array.list('/private/cli/volume/recovery-queue')).toEqual([]);
  });
});
