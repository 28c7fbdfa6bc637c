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
import { at, textAt, openOntapSession } from '../../../test/support/ontap-session.ts';

const MIB = 1024 ** 2;

const bodyOf = (name: string, volumes: readonly string[]) => ({ name, ...SVM, volumes: volumes.map(add) });

let session: GroupSession;
beforeAll(async () => {
  session = await openGroupSession();
});
afterEach(() => session.array.simulator.world.verify());
afterAll(() => session.array.close());

const namesOf = (group: unknown): readonly unknown[] => {
  const volumes = at(group, 'volumes');
  return Array.isArray(volumes) ? volumes.map((volume) => at(volume, 'name')).toSorted() : [];
};

describe('a consistency group', () => {
  test('is made by a job and shows its volumes', async () => {
    const volumes = [await session.newVolume(), await session.newVolume()];
    await session.array.expect(201, 'POST', '/storage/luns', {
      name: `/vol/${volumes[0]}/lun0`,
      os_type: 'linux',
      ...SVM,
      space: { size: 10 * MIB },
    });
    await session.array.expect(201, 'POST', '/storage/namespaces', {
      name: `/vol/${volumes[1]}/ns0`,
      os_type: 'linux',
      ...SVM,
      space: { size: 10 * MIB },
    });
    const uuid = await session.newGroup(volumes);
    expect(await session.array.expect(200, 'GET', `${GROUPS}/${uuid}?fields=**`)).toMatchObject({
      svm: { name: 'svm0' },
      replicated: false,
      space: { size: 200 * MIB },
      volumes: volumes.map((name) => ({ name, space: { size: 100 * MIB } })),
      luns: [{ name: `/vol/${volumes[0]}/lun0` }],
      namespaces: [{ name: `/vol/${volumes[1]}/ns0` }],
    });
    const [record] = await session.array.list(`${GROUPS}?uuid=${uuid}&svm.name=svm0`);
    expect(at(record, 'volumes')).toBeUndefined();
    const shown = { consistency_group: { uuid } };
    expect(
      await session.array.list(`/storage/volumes?name=${volumes.join('|')}&fields=consistency_group`),
    ).toMatchObject([shown, shown]);
    expect(
      await session.array.list(`/storage/namespaces?location.volume.name=${volumes[1]}&fields=consistency_group`),
    ).toMatchObject([shown]);
  });

  test('is refused with volumes that it cannot have', async () => {
    const [free, held] = [await session.newVolume(), await session.newVolume()];
    const group = await session.newGroup([held]);
    const name = textAt(await session.array.expect(200, 'GET', `${GROUPS}/${group}`), 'name');
    const refusal = (body: unknown) => session.array.refusal('POST', GROUPS, body);
    expect(await refusal(bodyOf(name, [free]))).toBe('409 53411860');
    expect(await refusal(bodyOf('x', ['none']))).toBe('400 53411861');
    expect(await refusal(bodyOf('x', [free, held]))).toBe('409 53411865');
    expect(await refusal(bodyOf('x', []))).toBe('400 53411864');
    expect(await refusal({ ...bodyOf('x', [free]), svm: undefined })).toBe('400 2621707');
    expect(await refusal({ ...SVM, volumes: [free, await session.newVolume()].map(add) })).toBe('400 262212');
    expect(await refusal({ name: 'x', ...SVM, volumes: [{ ...add(free), space: { size: MIB } }] })).toBe(
      '400 53411856',
    );
    expect(await refusal({ name: 'x', ...SVM, volumes: [{ name: free, space: { size: MIB } }] })).toBe('409 53411860');
    expect(await refusal({ name: 'x', ...SVM, volumes: [{ name: 'new' }] })).toBe('400 262212');
    expect(await refusal({ name: 'x', ...SVM, volumes: [{ name: free }] })).toBe('400 53411864');
    expect(await refusal({ name: 'x', ...SVM, volumes: [{ uuid: await session.volumeUuid(free) }] })).toBe(
      '400 53411864',
    );
    const moved = { name: held, provisioning_options: { action: 'reassign' } };
    expect(await refusal({ name: 'x', ...SVM, volumes: [moved] })).toBe('409 53411865');
    expect(await refusal({ name: 'x', ...SVM, volumes: [{ ...moved, name: free }] })).toBe('400 53411853');
    expect(await refusal({ name: 'x', ...SVM, luns: [{ name: 'new' }] })).toBe('400 5374352');
    expect(await session.array.refusal('GET', `${GROUPS}/11111111-1111-4111-8111-111111111111`)).toBe('404 53411842');
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

  test('loses none of the volumes that many requests at once add and remove', async () => {
    const busy = await openGroupSession({ jobs: { duration: { minMs: 0, maxMs: 5 } }, clock: 'real' });
    const volumes: string[] = [];
    for (let index = 0; index < 12; index += 1) volumes.push(await busy.newVolume());
    const [first = '', ...others] = volumes;
    const { array } = busy;
    const body = { ...bodyOf('busy', [first]) };
    await array.expect(201, 'POST', `${GROUPS}?${WAIT}`, body);
    const path = `${GROUPS}/${await busy.groupUuid('busy')}?${WAIT}`;
    await Promise.all(others.map((name) => array.expect(200, 'PATCH', path, { volumes: [add(name)] })));
    const shown = await busy.show(await busy.groupUuid('busy'));
    expect(namesOf(shown)).toEqual(volumes.toSorted());
    const leaving = others.slice(0, 6);
    await Promise.all(leaving.map((name) => array.expect(200, 'PATCH', path, { volumes: [act(name, 'remove')] })));
    const left = volumes.filter((name) => !leaving.includes(name));
    expect(namesOf(await busy.show(await busy.groupUuid('busy')))).toEqual(left.toSorted());
    array.simulator.world.verify();
    await array.close();
  });

  test('takes volumes in and lets them go', async () => {
    const [first, second] = [await session.newVolume(), await session.newVolume()];
    const uuid = await session.newGroup([first]);
    expect(await session.jobOf('PATCH', `${GROUPS}/${uuid}`, { volumes: [add(second)] })).toMatchObject({
      state: 'success',
    });
    const remove = { volumes: [{ name: first, provisioning_options: { action: 'remove' } }] };
    expect(await session.jobOf('PATCH', `${GROUPS}/${uuid}`, remove)).toMatchObject({ state: 'success' });
    expect(await session.array.refusal('PATCH', `${GROUPS}/${uuid}`, remove)).toBe('400 53411853');
    expect(await session.array.expect(200, 'GET', `${GROUPS}/${uuid}?fields=**`)).toMatchObject({
      volumes: [{ name: second }],
    });
  });

  test('makes volumes of its own, where there is space, and takes the name of a single one', async () => {
    const nas = { path: '/cg_new', export_policy: { name: 'default' } };
    const first = { name: 'cg_new', space: { size: 50 * MIB }, comment: 'c', snapshot_policy: { name: 'none' }, nas };
    expect(await session.jobOf('POST', GROUPS, { ...SVM, volumes: [first] })).toMatchObject({ state: 'success' });
    const [group] = await session.array.list(`${GROUPS}?name=cg_new&fields=volumes`);
    expect(at(group, 'volumes')).toMatchObject([{ name: 'cg_new', comment: 'c', space: { size: 50 * MIB } }]);
    expect(
      await session.array.list(
        '/storage/volumes?name=cg_new&fields=nas.path,snapshot_policy,consistency_group,aggregates',
      ),
    ).toMatchObject([
      { nas: { path: '/cg_new' }, snapshot_policy: { name: 'none' }, consistency_group: { name: 'cg_new' } },
    ]);
    const second = { name: 'cg_more', space: { size: 50 * MIB }, provisioning_options: { action: 'create' } };
    const path = `${GROUPS}/${textAt(group, 'uuid')}`;
    expect(await session.jobOf('PATCH', path, { volumes: [second] })).toMatchObject({ state: 'success' });
    expect(at(await session.array.expect(200, 'GET', `${path}?fields=**`), 'volumes')).toMatchObject([
      { name: 'cg_new' },
      { name: 'cg_more' },
    ]);
    const small = { name: 'cg_small', space: { size: MIB } };
    expect(await session.jobOf('PATCH', path, { volumes: [small] })).toMatchObject({ state: 'failure', code: 917534 });
    expect(at(await session.array.expect(200, 'GET', `${path}?fields=**`), 'volumes')).toHaveLength(2);
  });

  test('makes LUNs and namespaces in volumes that it has', async () => {
    const [volume, outside] = [await session.newVolume(), await session.newVolume()];
    const unit = (name: string, more: Record<string, unknown> = {}) => ({
      name: `/vol/${volume}/${name}`,
      os_type: 'linux',
      space: { size: 10 * MIB },
      ...more,
    });
    const body = { ...bodyOf('cg_units', [volume]), luns: [unit('l1')], namespaces: [unit('n1')] };
    expect(await session.jobOf('POST', GROUPS, body)).toMatchObject({ state: 'success' });
    const group = `${GROUPS}/${textAt((await session.array.list(`${GROUPS}?name=cg_units`))[0], 'uuid')}`;
    const action = { provisioning_options: { action: 'create' } };
    expect(await session.jobOf('PATCH', group, { luns: [unit('l2', action)] })).toMatchObject({ state: 'success' });
    expect(await session.array.expect(200, 'GET', `${group}?fields=**`)).toMatchObject({
      volumes: [{ name: volume }],
      luns: expect.arrayContaining(['l1', 'l2'].map((name) => expect.objectContaining({ name: unit(name).name }))),
      namespaces: [unit('n1')],
    });
    expect(await session.array.refusal('PATCH', group, { luns: [unit('l1', action)] })).toBe('409 5374242');
    expect(await session.array.refusal('PATCH', group, { luns: [unit('x', { name: `/vol/${outside}/x` })] })).toBe(
      '400 53411857',
    );
  });

  test('is deleted by a job and leaves its volumes and their snapshots', async () => {
    const volumes = [await session.newVolume(), await session.newVolume()];
    const uuid = await session.newGroup(volumes);
    await session.array.expect(201, 'POST', `${GROUPS}/${uuid}/snapshots?${WAIT}`, { name: 'kept' });
    expect(await session.jobOf('DELETE', `${GROUPS}/${uuid}`)).toMatchObject({ state: 'success' });
    for (const volume of volumes) expect(await session.snapshotsOf(volume)).toEqual(['kept']);
    expect(await session.array.list(`/storage/volumes?name=${volumes[0]}&fields=consistency_group`)).toMatchObject([
      { name: volumes[0] },
    ]);
    await session.newGroup(volumes);
  });

  test('forgets a QoS policy that is deleted', async () => {
    const limits = { name: 'slow', ...SVM, fixed: { max_throughput_iops: 100 } };
    await session.array.expect(201, 'POST', `/storage/qos/policies?${WAIT}`, limits);
    const uuid = await session.newGroup([await session.newVolume()], { qos: { policy: { name: 'slow' } } });
    expect(await session.show(uuid)).toMatchObject({ qos: { policy: { name: 'slow' } } });
    await session.array.expect(200, 'DELETE', `/storage/qos/policies?name=slow&${WAIT}`);
    expect(at(await session.show(uuid), 'qos', 'policy')).toBeUndefined();
  });

  test('forgets a volume that is deleted', async () => {
    const volumes = [await session.newVolume(), await session.newVolume()];
    const uuid = await session.newGroup(volumes);
    await session.array.expect(200, 'DELETE', `/storage/volumes/${await session.volumeUuid(volumes[0] ?? '')}?${WAIT}`);
    expect(at(await session.array.expect(200, 'GET', `${GROUPS}/${uuid}?fields=**`), 'volumes')).toHaveLength(1);
  });
});
