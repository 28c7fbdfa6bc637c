import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { at, openOntapSession, textAt, type OntapSession } from '../../../test/support/ontap-session.ts';
import { defaultTopology } from '../core/topology.ts';

const MIB = 1024 ** 2;
const SVM = { svm: { name: 'svm0' } };
const GROUPS = '/application/consistency-groups';
const WAIT = 'return_timeout=10';

let array: OntapSession;
let made = 0;

const newVolume = async (): Promise<string> => {
  made += 1;
  const name = `v${made}`;
  await array.expect(201, 'POST', `/storage/volumes?${WAIT}`, {
    name,
    ...SVM,
    size: 100 * MIB,
    aggregates: [{ name: 'aggr1_n1' }],
  });
  return name;
};
const volumeUuid = async (name: string) => textAt((await array.list(`/storage/volumes?name=${name}`))[0], 'uuid');

const add = (name: string) => ({ name, provisioning_options: { action: 'add' } });
const bodyOf = (name: string, volumes: readonly string[]) => ({ name, ...SVM, volumes: volumes.map(add) });

const jobOf = async (method: 'POST' | 'PATCH' | 'DELETE', path: string, sent?: unknown): Promise<unknown> => {
  const job = textAt(await array.expect(202, method, path, sent), 'job', 'uuid');
  return array.expect(200, 'GET', `/cluster/jobs/${job}`);
};

const newGroup = async (volumes: readonly string[]): Promise<string> => {
  made += 1;
  expect(await jobOf('POST', GROUPS, bodyOf(`cg${made}`, volumes))).toMatchObject({ state: 'success' });
  return textAt((await array.list(`${GROUPS}?name=cg${made}`))[0], 'uuid');
};

const snapshotsOf = async (volume: string) =>
  (await array.list(`/storage/volumes/${await volumeUuid(volume)}/snapshots?fields=create_time`)).map((record) =>
    at(record, 'name'),
  );

beforeAll(async () => {
  array = await openOntapSession({ clock: { frozenAt: new Date('2026-01-01T00:00:00Z') } });
});
afterEach(() => array.simulator.world.verify());
afterAll(() => array.close());

describe('a consistency group', () => {
  test('is made by a job and shows its volumes', async () => {
    const volumes = [await newVolume(), await newVolume()];
    await array.expect(201, 'POST', '/storage/luns', {
      name: `/vol/${volumes[0]}/lun0`,
      os_type: 'linux',
      ...SVM,
      space: { size: 10 * MIB },
    });
    await array.expect(201, 'POST', '/storage/namespaces', {
      name: `/vol/${volumes[1]}/ns0`,
      os_type: 'linux',
      ...SVM,
      space: { size: 10 * MIB },
    });
    const uuid = await newGroup(volumes);
    expect(await array.expect(200, 'GET', `${GROUPS}/${uuid}`)).toMatchObject({
      svm: { name: 'svm0' },
      replicated: false,
      space: { size: 200 * MIB },
      volumes: volumes.map((name) => ({ name, space: { size: 100 * MIB } })),
      luns: [{ name: `/vol/${volumes[0]}/lun0` }],
      namespaces: [{ name: `/vol/${volumes[1]}/ns0` }],
    });
    const [record] = await array.list(`${GROUPS}?uuid=${uuid}&svm.name=svm0`);
    expect(at(record, 'volumes')).toBeUndefined();
    const shown = { consistency_group: { uuid } };
    expect(await array.list(`/storage/volumes?name=${volumes.join('|')}&fields=consistency_group`)).toMatchObject([
      shown,
      shown,
    ]);
    expect(
      await array.list(`/storage/namespaces?location.volume.name=${volumes[1]}&fields=consistency_group`),
    ).toMatchObject([shown]);
  });

  test('is refused with volumes that it cannot have', async () => {
    const [free, held] = [await newVolume(), await newVolume()];
    const group = await newGroup([held]);
    const name = textAt(await array.expect(200, 'GET', `${GROUPS}/${group}`), 'name');
    const refusal = (body: unknown) => array.refusal('POST', GROUPS, body);
    expect(await refusal(bodyOf(name, [free]))).toBe('409 53411860');
    expect(await refusal(bodyOf('x', ['none']))).toBe('400 53411861');
    expect(await refusal(bodyOf('x', [free, held]))).toBe('409 53411865');
    expect(await refusal(bodyOf('x', []))).toBe('400 53411864');
    expect(await refusal({ ...bodyOf('x', [free]), svm: undefined })).toBe('400 2621707');
    expect(await refusal({ ...SVM, volumes: [free, held].map(add) })).toBe('400 262212');
    expect(await refusal({ name: 'x', ...SVM, volumes: [{ ...add(free), space: { size: MIB } }] })).toBe(
      '400 53411856',
    );
    expect(await refusal({ name: 'x', ...SVM, volumes: [{ name: free, space: { size: MIB } }] })).toBe('409 53411860');
    expect(await refusal({ name: 'x', ...SVM, volumes: [{ name: 'new' }] })).toBe('400 262212');
    const many = { name: 'new', space: { size: MIB }, provisioning_options: { count: 2 } };
    expect(await refusal({ name: 'x', ...SVM, volumes: [many] })).toBe('501 3');
    const moved = { name: held, provisioning_options: { action: 'reassign' } };
    expect(await refusal({ name: 'x', ...SVM, volumes: [moved] })).toBe('501 3');
    expect(await refusal({ name: 'x', ...SVM, luns: [{ name: 'new' }] })).toBe('501 3');
    expect(await array.refusal('GET', `${GROUPS}/11111111-1111-4111-8111-111111111111`)).toBe('404 53411842');
  });

  test('two that want one volume at once: the second job fails', async () => {
    const slow = await openOntapSession({ jobs: { runningPolls: 1 } });
    try {
      const done = async (method: 'POST', path: string, body: unknown) => {
        const job = textAt(await slow.expect(202, method, path, body), 'job', 'uuid');
        return async () => {
          await slow.expect(200, 'GET', `/cluster/jobs/${job}`);
          return slow.expect(200, 'GET', `/cluster/jobs/${job}`);
        };
      };
      await (
        await done('POST', '/storage/volumes', {
          name: 'wanted',
          ...SVM,
          size: 100 * MIB,
          aggregates: [{ name: 'aggr1_n1' }],
        })
      )();
      const [one, two] = [
        await done('POST', GROUPS, bodyOf('one', ['wanted'])),
        await done('POST', GROUPS, bodyOf('two', ['wanted'])),
      ];
      expect(await one()).toMatchObject({ state: 'success' });
      expect(await two()).toMatchObject({ state: 'failure', code: 53411865 });
      expect(await slow.list(GROUPS)).toMatchObject([{ name: 'one' }]);
    } finally {
      await slow.close();
    }
  });

  test('takes volumes in and lets them go', async () => {
    const [first, second] = [await newVolume(), await newVolume()];
    const uuid = await newGroup([first]);
    expect(await jobOf('PATCH', `${GROUPS}/${uuid}`, { volumes: [add(second)] })).toMatchObject({ state: 'success' });
    const remove = { volumes: [{ name: first, provisioning_options: { action: 'remove' } }] };
    expect(await jobOf('PATCH', `${GROUPS}/${uuid}`, remove)).toMatchObject({ state: 'success' });
    expect(await array.refusal('PATCH', `${GROUPS}/${uuid}`, remove)).toBe('400 53411853');
    expect(await array.expect(200, 'GET', `${GROUPS}/${uuid}`)).toMatchObject({ volumes: [{ name: second }] });
  });

  test('makes volumes of its own, where there is space, and takes the name of a single one', async () => {
    const nas = { path: '/cg_new', export_policy: { name: 'default' } };
    const first = { name: 'cg_new', space: { size: 50 * MIB }, comment: 'c', snapshot_policy: { name: 'none' }, nas };
    expect(await jobOf('POST', GROUPS, { ...SVM, volumes: [first] })).toMatchObject({ state: 'success' });
    const [group] = await array.list(`${GROUPS}?name=cg_new&fields=volumes`);
    expect(at(group, 'volumes')).toMatchObject([{ name: 'cg_new', comment: 'c', space: { size: 50 * MIB } }]);
    expect(
      await array.list('/storage/volumes?name=cg_new&fields=nas.path,snapshot_policy,consistency_group,aggregates'),
    ).toMatchObject([
      { nas: { path: '/cg_new' }, snapshot_policy: { name: 'none' }, consistency_group: { name: 'cg_new' } },
    ]);
    const second = { name: 'cg_more', space: { size: 50 * MIB }, provisioning_options: { action: 'create' } };
    const path = `${GROUPS}/${textAt(group, 'uuid')}`;
    expect(await jobOf('PATCH', path, { volumes: [second] })).toMatchObject({ state: 'success' });
    expect(at(await array.expect(200, 'GET', path), 'volumes')).toMatchObject([
      { name: 'cg_new' },
      { name: 'cg_more' },
    ]);
    const small = { name: 'cg_small', space: { size: MIB } };
    expect(await jobOf('PATCH', path, { volumes: [small] })).toMatchObject({ state: 'failure', code: 917534 });
    expect(at(await array.expect(200, 'GET', path), 'volumes')).toHaveLength(2);
  });

  test('makes LUNs and namespaces in volumes that it has', async () => {
    const [volume, outside] = [await newVolume(), await newVolume()];
    const unit = (name: string, more: Record<string, unknown> = {}) => ({
      name: `/vol/${volume}/${name}`,
      os_type: 'linux',
      space: { size: 10 * MIB },
      ...more,
    });
    const body = { ...bodyOf('cg_units', [volume]), luns: [unit('l1')], namespaces: [unit('n1')] };
    expect(await jobOf('POST', GROUPS, body)).toMatchObject({ state: 'success' });
    const group = `${GROUPS}/${textAt((await array.list(`${GROUPS}?name=cg_units`))[0], 'uuid')}`;
    const action = { provisioning_options: { action: 'create' } };
    expect(await jobOf('PATCH', group, { luns: [unit('l2', action)] })).toMatchObject({ state: 'success' });
    expect(await array.expect(200, 'GET', group)).toMatchObject({
      volumes: [{ name: volume }],
      luns: expect.arrayContaining([expect.objectContaining(unit('l1')), expect.objectContaining(unit('l2'))]),
      namespaces: [unit('n1')],
    });
    expect(await array.refusal('PATCH', group, { luns: [unit('l1')] })).toBe('409 5374242');
    expect(await array.refusal('PATCH', group, { luns: [unit('x', { name: `/vol/${outside}/x` })] })).toBe(
      '400 53411857',
    );
    const many = unit('x', { provisioning_options: { count: 2 } });
    expect(await array.refusal('PATCH', group, { namespaces: [many] })).toBe('501 3');
    expect(await array.refusal('PATCH', group, { luns: [unit('x', { lun_maps: [] })] })).toBe('501 3');
  });

  test('is deleted by a job and leaves its volumes and their snapshots', async () => {
    const volumes = [await newVolume(), await newVolume()];
    const uuid = await newGroup(volumes);
    await array.expect(201, 'POST', `${GROUPS}/${uuid}/snapshots?${WAIT}`, { name: 'kept' });
    expect(await jobOf('DELETE', `${GROUPS}/${uuid}`)).toMatchObject({ state: 'success' });
    for (const volume of volumes) expect(await snapshotsOf(volume)).toEqual(['kept']);
    expect(await array.list(`/storage/volumes?name=${volumes[0]}&fields=consistency_group`)).toMatchObject([
      { name: volumes[0] },
    ]);
    await newGroup(volumes);
  });

  test('forgets a volume that is deleted', async () => {
    const volumes = [await newVolume(), await newVolume()];
    const uuid = await newGroup(volumes);
    await array.expect(200, 'DELETE', `/storage/volumes/${await volumeUuid(volumes[0] ?? '')}?${WAIT}`);
    expect(at(await array.expect(200, 'GET', `${GROUPS}/${uuid}`), 'volumes')).toHaveLength(1);
  });
});

describe('a snapshot of a consistency group', () => {
  test('is one of each volume, of one instant', async () => {
    const volumes = [await newVolume(), await newVolume()];
    const uuid = await newGroup(volumes);
    expect(await jobOf('POST', `${GROUPS}/${uuid}/snapshots`, { name: 'snap', comment: 'c' })).toMatchObject({
      state: 'success',
    });
    for (const volume of volumes) expect(await snapshotsOf(volume)).toEqual(['snap']);
    const [record] = await array.list(`${GROUPS}/${uuid}/snapshots?name=snap&fields=**`);
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
    const volumes = [await newVolume(), await newVolume()];
    const [free = '', other = ''] = volumes;
    const uuid = await newGroup(volumes);
    await array.expect(201, 'POST', `/storage/volumes/${await volumeUuid(other)}/snapshots?${WAIT}`, { name: 'taken' });
    const failed = await jobOf('POST', `${GROUPS}/${uuid}/snapshots`, { name: 'taken' });
    expect(failed).toMatchObject({ state: 'failure', code: 53411921, error: { code: '53411921' } });
    // Clients look for the code in a text that they split at commas.
    expect(textAt(failed, 'message')).not.toMatch(/[,:]/);
    expect(await snapshotsOf(free)).toEqual([]);
    await array.expect(201, 'POST', `${GROUPS}/${uuid}/snapshots?${WAIT}`, { name: 'own' });
    expect(await jobOf('POST', `${GROUPS}/${uuid}/snapshots`, { name: 'own' })).toMatchObject({
      state: 'failure',
      code: 53411921,
    });
    await array.expect(200, 'PATCH', `/storage/volumes/${await volumeUuid(other)}?${WAIT}`, { state: 'offline' });
    expect(await jobOf('POST', `${GROUPS}/${uuid}/snapshots`, { name: 'late' })).toMatchObject({
      state: 'failure',
      code: 53411921,
    });
  });

  test('says what is missing of it, and takes the rest with it', async () => {
    const volumes = [await newVolume(), await newVolume()];
    const [first = '', second = ''] = volumes;
    const uuid = await newGroup(volumes);
    await array.expect(201, 'POST', `${GROUPS}/${uuid}/snapshots?${WAIT}`, { name: 'snap' });
    await array.expect(200, 'DELETE', `/storage/volumes/${await volumeUuid(first)}/snapshots?name=snap`);
    const [record] = await array.list(`${GROUPS}/${uuid}/snapshots?fields=*`);
    expect(record).toMatchObject({
      is_partial: true,
      missing_volumes: [{ name: first }],
      snapshot_volumes: [{ volume: { name: second } }],
    });
    expect(await jobOf('DELETE', `${GROUPS}/${uuid}/snapshots/${textAt(record, 'uuid')}`)).toMatchObject({
      state: 'success',
    });
    expect(await snapshotsOf(second)).toEqual([]);
  });

  test('is busy while a clone stands on a part of it', async () => {
    const volumes = [await newVolume(), await newVolume()];
    const uuid = await newGroup(volumes);
    await array.expect(201, 'POST', `${GROUPS}/${uuid}/snapshots?${WAIT}`, { name: 'snap' });
    const clone = { is_flexclone: true, parent_volume: { name: volumes[1] }, parent_snapshot: { name: 'snap' } };
    await array.expect(201, 'POST', `/storage/volumes?${WAIT}`, { name: 'on_group', ...SVM, clone });
    const own = `${GROUPS}/${uuid}/snapshots/${textAt((await array.list(`${GROUPS}/${uuid}/snapshots`))[0], 'uuid')}`;
    expect(await jobOf('DELETE', own)).toMatchObject({ state: 'failure', code: 1638555 });
    for (const volume of volumes) expect(await snapshotsOf(volume)).toEqual(['snap']);
  });

  test('is refused with a bad name, a bad phase, or without its group', async () => {
    const path = `${GROUPS}/${await newGroup([await newVolume()])}/snapshots`;
    expect(await array.refusal('POST', path, { name: 'a b' })).toBe('400 1638518');
    expect(await array.refusal('POST', `${path}?action=commit`, { name: 'a' })).toBe('400 262197');
    expect(await array.refusal('POST', `${path}?action=start&action_timeout=4`, { name: 'a' })).toBe('400 262197');
    expect(await array.refusal('POST', `${path}?action_timeout=9`, { name: 'a' })).toBe('400 53411853');
    expect(await array.refusal('POST', `${GROUPS}/11111111-1111-4111-8111-111111111111/snapshots`, { name: 'a' })).toBe(
      '404 53411842',
    );
  });

  test('that was started stays when it is committed in time, and goes when it is not', async () => {
    const volume = await newVolume();
    const path = `${GROUPS}/${await newGroup([volume])}/snapshots`;
    await array.expect(201, 'POST', `${path}?action=start&${WAIT}`, { name: 'kept' });
    const kept = `${path}/${textAt((await array.list(path))[0], 'uuid')}`;
    array.simulator.clock.advance(6000);
    expect(await jobOf('PATCH', `${kept}?action=commit`)).toMatchObject({ state: 'success' });
    expect(await array.refusal('PATCH', `${kept}?action=commit`)).toBe('400 53411918');
    await array.expect(201, 'POST', `${path}?action=start&action_timeout=20&${WAIT}`, { name: 'gone' });
    array.simulator.clock.advance(19_000);
    expect(await snapshotsOf(volume)).toEqual(['kept', 'gone']);
    array.simulator.clock.advance(1000);
    expect(await snapshotsOf(volume)).toEqual(['kept']);
    expect(await array.list(path)).toMatchObject([{ name: 'kept' }]);
  });

  test('sets all volumes back, and what is newer goes', async () => {
    const volumes = [await newVolume(), await newVolume()];
    const [first = '', second = ''] = volumes;
    const group = `${GROUPS}/${await newGroup(volumes)}`;
    const lun = { name: `/vol/${first}/later`, os_type: 'linux', ...SVM, space: { size: 10 * MIB } };
    for (const name of ['old', 'wanted']) await array.expect(201, 'POST', `${group}/snapshots?${WAIT}`, { name });
    await array.expect(201, 'POST', '/storage/luns', lun);
    await array.expect(201, 'POST', `${group}/snapshots?${WAIT}`, { name: 'newer' });
    const restore = (name: string) => ({ restore_to: { snapshot: { name } } });
    expect(await jobOf('PATCH', group, restore('wanted'))).toMatchObject({ state: 'success' });
    expect(await array.list(`/storage/luns?name=${lun.name}`)).toEqual([]);
    for (const volume of volumes) expect(await snapshotsOf(volume)).toEqual(['old', 'wanted']);
    expect(await array.list(`${group}/snapshots?order_by=name`)).toMatchObject([{ name: 'old' }, { name: 'wanted' }]);
    expect(await array.refusal('PATCH', group, restore('newer'))).toBe('404 4');
    expect(await array.refusal('PATCH', group, { ...restore('old'), name: 'x' })).toBe('400 53411853');
    await array.expect(200, 'DELETE', `/storage/volumes/${await volumeUuid(second)}/snapshots?name=wanted`);
    expect(await array.refusal('PATCH', group, restore('wanted'))).toBe('400 53411918');
    await array.expect(200, 'PATCH', `/storage/volumes/${await volumeUuid(second)}?${WAIT}`, { state: 'offline' });
    expect(await jobOf('PATCH', group, restore('old'))).toMatchObject({ state: 'failure', code: 9437885 });
    expect(await snapshotsOf(first)).toEqual(['old', 'wanted']);
  });
});

describe('application containers', () => {
  const CONTAINERS = '/application/containers';
  const wanted = (name: string, more: Record<string, unknown> = {}) => ({
    svm: { name: 'svm0' },
    volumes: [
      {
        name,
        space: { size: 2048 * MIB, snapshot: { reserve_percent: 5 } },
        scale_out: false,
        type: 'rw',
        guarantee: { type: 'none' },
        comment: 'c',
        nas: { security_style: 'unix', export_policy: { name: 'default' }, unix_permissions: 777 },
        snapshot_policy: { name: 'none' },
        tiering: { policy: 'none', object_stores: [] },
        exclude_aggregates: [],
        encryption: { enabled: false },
        ...more,
      },
    ],
  });

  let newer: OntapSession;
  beforeAll(async () => {
    newer = await openOntapSession({
      topology: { cluster: { ...defaultTopology.cluster, version: '9.19.1', personality: 'afx' } },
    });
  });
  afterAll(() => newer.close());

  test('are not there before 9.19.1', async () => {
    expect(await array.refusal('POST', CONTAINERS, wanted('v'))).toBe('404 3');
  });

  test('make a volume where there is most space', async () => {
    newer.simulator.world.setAggregateAvailable('aggr1_n1', 100 * 1024 * MIB);
    await newer.expect(202, 'POST', CONTAINERS, wanted('placed'));
    expect(
      await newer.list(
        '/storage/volumes?name=placed&fields=size,aggregates,style,comment,nas,guarantee,snapshot_policy,space.snapshot.reserve_percent',
      ),
    ).toMatchObject([
      {
        size: 2048 * MIB,
        style: 'flexvol',
        aggregates: [{ name: 'aggr1_n2' }],
        comment: 'c',
        guarantee: { type: 'none' },
        snapshot_policy: { name: 'none' },
        nas: { unix_permissions: 777, export_policy: { name: 'default' } },
        space: { snapshot: { reserve_percent: 5 } },
      },
    ]);
    await newer.expect(202, 'POST', CONTAINERS, wanted('excluded', { exclude_aggregates: [{ name: 'aggr1_n2' }] }));
    expect(await newer.list('/storage/volumes?name=excluded&fields=aggregates')).toMatchObject([
      { aggregates: [{ name: 'aggr1_n1' }] },
    ]);
    newer.simulator.world.verify();
  });

  test('make a FlexGroup that scales out', async () => {
    await newer.expect(202, 'POST', CONTAINERS, wanted('wide', { scale_out: true }));
    expect(await newer.list('/storage/volumes?name=wide&fields=style,aggregates')).toMatchObject([
      { style: 'flexgroup', aggregates: [{}, {}] },
    ]);
  });

  test('are refused as volumes are, and nothing is kept of them', async () => {
    expect(await newer.refusal('POST', CONTAINERS, wanted('placed'))).toBe('409 917526');
    expect(await newer.refusal('POST', CONTAINERS, wanted('x', { snapshot_policy: { name: 'none_such' } }))).toBe(
      '400 917551',
    );
    expect(
      await newer.refusal(
        'POST',
        CONTAINERS,
        wanted('x', { exclude_aggregates: [{ name: 'aggr1_n1' }, { name: 'aggr1_n2' }] }),
      ),
    ).toBe('400 5440509');
    expect(await newer.refusal('POST', CONTAINERS, wanted('x', { space: {} }))).toBe('400 262212');
    expect(await newer.refusal('GET', CONTAINERS)).toBe('405 3');
    const job = textAt(
      await newer.expect(202, 'POST', CONTAINERS, wanted('small', { space: { size: MIB } })),
      'job',
      'uuid',
    );
    expect(await newer.expect(200, 'GET', `/cluster/jobs/${job}`)).toMatchObject({ state: 'failure', code: 917534 });
  });

  test('on a disaggregated system of an older release a plain volume needs no aggregate', async () => {
    await newer.expect(202, 'POST', '/storage/volumes', {
      name: 'anywhere',
      svm: { name: 'svm0' },
      size: 100 * MIB,
      style: 'flexvol',
    });
    expect(await newer.list('/storage/volumes?name=anywhere&fields=aggregates')).toMatchObject([
      { aggregates: [{ name: 'aggr1_n2' }] },
    ]);
    expect(await newer.expect(200, 'GET', '/cluster?fields=san_optimized,disaggregated')).toMatchObject({
      san_optimized: false,
      disaggregated: true,
    });
    expect(await newer.list('/storage/availability-zones')).toHaveLength(1);
  });
});
