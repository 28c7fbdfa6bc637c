import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { at, textAt } from '../support/ontap-session.ts';
import { base, clone, WAIT, openVolumeSession, type VolumeSession } from '../support/volume-session.ts';

/** How volumes are made and changed. */

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

let session: VolumeSession;
beforeEach(async () => {
  session = await openVolumeSession({ clock: { frozenAt: new Date('2025-05-01T09:30:00Z') } });
});
afterEach(() => session.close());

describe('creating', () => {
  it('takes everything that belongs to a volume in one request', async () => {
    await session.array.expect(201, 'POST', '/protocols/nfs/export-policies', { name: 'empty', svm: { name: 'svm0' } });
    await session.array.expect(201, 'POST', `/storage/qos/policies?${WAIT}`, {
      name: 'gold',
      svm: { name: 'svm0' },
      fixed: { max_throughput_iops: 500 },
    });
    const uuid = await session.create('v1', {
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
    expect(await session.get(uuid, '**')).toMatchObject({
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
    const body = await session.array.expect(201, 'POST', `/storage/volumes?${WAIT}&return_records=true`, {
      name: 'plain',
      'svm.name': 'svm0',
      'aggregates.name': undefined,
      aggregates: [{ name: 'aggr1_n1' }],
    });
    expect(await session.get(textAt(body, 'records', 0, 'uuid'), '**')).toMatchObject({
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
    expect(await session.refusal('POST', '/storage/volumes', { ...base, name: 'v1', ...more })).toBe(expected);
    expect(await session.array.list('/storage/volumes?name=v1')).toEqual([]);
  });

  it('refuses a name and a junction that are taken, and takes the same name in another SVM', async () => {
    await session.create('v1', { nas: { path: '/data' } });
    expect(await session.refusal('POST', '/storage/volumes', { ...base, name: 'v1' })).toBe('409 917526');
    expect(await session.refusal('POST', '/storage/volumes', { ...base, name: 'v2', nas: { path: '/DATA' } })).toBe(
      '409 918252',
    );
    await session.create('v1', { svm: { name: 'svm_dr' } });
    await session.create('v3', { nas: { path: '/data/below' } });
  });

  it('spreads a FlexGroup over its aggregates', async () => {
    const both = [{ name: 'aggr1_n1' }, { name: 'aggr1_n2' }];
    const before = [await session.free('aggr1_n1'), await session.free('aggr1_n2')];
    const uuid = await session.create('fg', {
      style: 'flexgroup',
      aggregates: both,
      size: 4 * GIB,
      guarantee: { type: 'volume' },
      constituents_per_aggregate: '1',
    });
    expect(await session.get(uuid, 'style,aggregates')).toMatchObject({ style: 'flexgroup', aggregates: both });
    expect([await session.free('aggr1_n1'), await session.free('aggr1_n2')]).toEqual(
      before.map((bytes) => bytes - 2 * GIB),
    );
    expect(
      await session.refusal('POST', '/storage/volumes', { ...base, name: 'small', aggregates: both, size: GIB }),
    ).toBe('400 917534');
    await session.array.expect(201, 'POST', `/storage/volumes?${WAIT}`, clone('fgc', 'fg'));
    expect(await session.array.list('/storage/volumes?style=flexgroup&svm.name=svm0')).toHaveLength(2);
  });

  it('shows the constituents of a FlexGroup to those who ask for them', async () => {
    const uuid = await session.create('fg', {
      aggregates: [{ name: 'aggr1_n1' }, { name: 'aggr1_n2' }],
      size: 4 * GIB,
      constituents_per_aggregate: 2,
    });
    session.array.simulator.world.setUsedBytes('fg', 40 * MIB);
    const group = await session.get(uuid, 'constituent_count,constituents');
    expect(at(group, 'constituent_count')).toBe(4);
    expect(at(group, 'constituents')).toMatchObject([
      { name: 'fg__0001', aggregates: { name: 'aggr1_n1' }, node: { name: 'sim-cluster-01' }, space: { size: GIB } },
      { name: 'fg__0002', aggregates: { name: 'aggr1_n2' }, space: { used: 10 * MIB, used_percent: 1 } },
      { name: 'fg__0003', aggregates: { name: 'aggr1_n1' } },
      { name: 'fg__0004', aggregates: { name: 'aggr1_n2' } },
    ]);
    expect(at(await session.get(uuid, '*'), 'constituents')).toBeUndefined();
    expect(await session.array.list('/storage/volumes?name=fg*')).toHaveLength(1);
    const parts = await session.array.list(
      '/storage/volumes?is_constituent=true&order_by=name&fields=size,style,flexgroup,svm',
    );
    expect(parts.map((part) => at(part, 'name'))).toEqual(['fg__0001', 'fg__0002', 'fg__0003', 'fg__0004']);
    expect(parts[0]).toMatchObject({
      size: GIB,
      style: 'flexgroup_constituent',
      flexgroup: { name: 'fg', uuid },
      svm: { name: 'svm0' },
    });
    expect(await session.array.list('/storage/volumes?is_constituent=*&name=fg*')).toHaveLength(5);
    expect(await session.array.list('/storage/volumes?is_constituent=true&name=fg__0002')).toHaveLength(1);
    const part = `/storage/volumes/${textAt(parts, 3, 'uuid')}`;
    expect(await session.array.refusal('GET', part)).toBe('404 4');
    const found = await session.array.expect(200, 'GET', `${part}?is_constituent=true&fields=aggregates`);
    expect(found).toMatchObject({ name: 'fg__0004', aggregates: [{ name: 'aggr1_n2' }] });
    expect(await session.array.refusal('DELETE', part)).toBe('404 4');
    const page = await session.array.expect(200, 'GET', '/storage/volumes?is_constituent=true&max_records=3');
    const next = textAt(page, '_links', 'next', 'href').replace('/api', '');
    expect(at(await session.array.expect(200, 'GET', next), 'num_records')).toBe(1);
  });
});

describe('changing', () => {
  it('changes several things in one request, or none of them', async () => {
    const uuid = await session.create('v1');
    await session.array.expect(200, 'PATCH', `/storage/volumes/${uuid}?${WAIT}`, {
      name: 'v2',
      comment: 'c',
      size: 2 * GIB,
      'nas.path': '/v2',
      'nas.unix_permissions': 711,
    });
    expect(await session.get(uuid, 'comment,size,nas')).toMatchObject({
      name: 'v2',
      comment: 'c',
      size: 2 * GIB,
      nas: { path: '/v2', unix_permissions: 711 },
    });
    expect(await session.refusal('PATCH', `/storage/volumes/${uuid}`, { comment: 'd', size: MIB })).toBe('400 917534');
    expect(at(await session.get(uuid, 'comment'), 'comment')).toBe('c');
  });

  it('mounts, keeps the junction through a rename, and unmounts', async () => {
    const uuid = await session.create('v1', { nas: { path: '/v1' } });
    await session.array.expect(202, 'PATCH', `/storage/volumes/${uuid}`, { name: 'renamed' });
    expect(at(await session.get(uuid, 'nas.path'), 'nas', 'path')).toBe('/v1');
    await session.array.expect(202, 'PATCH', `/storage/volumes/${uuid}`, { nas: { path: '' } });
    expect(at(await session.get(uuid, 'nas.path'), 'nas', 'path')).toBeUndefined();
    await session.array.expect(202, 'PATCH', `/storage/volumes/${uuid}`, { nas: { path: '/again' } });
    await session.array.expect(202, 'PATCH', `/storage/volumes/${uuid}`, { state: 'offline' });
    expect(at(await session.get(uuid, 'nas.path'), 'nas', 'path')).toBeUndefined();
    expect(await session.refusal('PATCH', `/storage/volumes/${uuid}`, { size: 2 * GIB })).toBe('400 9437885');
  });

  it('does not shrink below the data, and grows no further than the aggregate', async () => {
    const uuid = await session.create('v1', { guarantee: { type: 'volume' } });
    session.array.simulator.world.setUsedBytes('v1', 500 * MIB);
    expect(await session.refusal('PATCH', `/storage/volumes/${uuid}`, { size: 400 * MIB })).toBe('400 460770');
    session.array.simulator.world.setAggregateAvailable('aggr1_n1', 100 * MIB);
    expect(await session.refusal('PATCH', `/storage/volumes/${uuid}`, { size: 2 * GIB })).toBe('500 460770');
    await session.array.expect(200, 'PATCH', `/storage/volumes/${uuid}?${WAIT}`, { size: GIB + 50 * MIB });
  });

  it('detaches a QoS policy by the name none', async () => {
    const uuid = await session.create('v1', { qos: { policy: { name: 'extreme' } } });
    expect(at(await session.get(uuid, 'qos'), 'qos', 'policy', 'name')).toBe('extreme');
    await session.array.expect(202, 'PATCH', `/storage/volumes/${uuid}`, { qos: { policy: { name: 'none' } } });
    expect(at(await session.get(uuid, 'qos'), 'qos')).toBeUndefined();
  });

  it('have the adaptive QoS policies that every cluster has', async () => {
    const presets = await session.array.list('/storage/qos/policies?policy_class=preset&fields=adaptive&order_by=name');
    expect(presets).toMatchObject([
      { name: 'extreme', adaptive: { expected_iops: 6144, peak_iops: 12_288, absolute_min_iops: 1000 } },
      { name: 'performance', adaptive: { expected_iops: 2048, peak_iops: 4096, absolute_min_iops: 500 } },
      { name: 'value', adaptive: { expected_iops: 128, peak_iops: 512, absolute_min_iops: 75 } },
    ]);
  });

  it('leaves the root volume where it is', async () => {
    const uuid = textAt(await session.array.list('/storage/volumes?name=svm0_root'), 0, 'uuid');
    await session.create('v1');
    expect(await session.refusal('PATCH', `/storage/volumes/${uuid}`, { state: 'offline' })).toBe('400 917628');
    expect(await session.refusal('DELETE', `/storage/volumes/${uuid}`)).toBe('409 917531');
  });
});
