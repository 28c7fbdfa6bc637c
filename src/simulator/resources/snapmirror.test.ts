import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { at, openOntapSession, textAt, type OntapSession } from '../../../test/support/ontap-session.ts';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const HOUR = 3_600_000;
const RELATIONSHIPS = '/snapmirror/relationships';
const TRANSFER_MS = 10_000;
let array: OntapSession;

const newVolume = async (name: string, svm: string, more: Record<string, unknown> = {}): Promise<string> => {
  const body = {
    name,
    svm: { name: svm },
    size: 200 * MIB,
    aggregates: [{ name: 'aggr1_n1' }],
    'guarantee.type': 'none',
    snapshot_policy: { name: 'none' },
    ...more,
  };
  await array.expect(202, 'POST', '/storage/volumes', body);
  const [volume] = await array.list(`/storage/volumes?name=${name}&svm.name=${svm}`);
  return textAt(volume, 'uuid');
};
const jobOf = async (body: unknown) => array.expect(200, 'GET', `/cluster/jobs/${textAt(body, 'job', 'uuid')}`);
const show = async (uuid: string) => array.expect(200, 'GET', `${RELATIONSHIPS}/${uuid}`);
const stateOf = async (uuid: string) => textAt(await show(uuid), 'state');
const snapshots = async (volume: string): Promise<readonly string[]> =>
  (await array.list(`/storage/volumes/${volume}/snapshots`)).map((each) => textAt(each, 'name'));
const patch = async (uuid: string, body: unknown) =>
  jobOf(await array.expect(202, 'PATCH', `${RELATIONSHIPS}/${uuid}`, body));

/** A volume, its empty destination, and the relationship between them. */
const newMirror = async (name: string, more: Record<string, unknown> = {}) => {
  const source = await newVolume(name, 'svm0');
  const destination = await newVolume(`${name}_dr`, 'svm_dr', { type: 'DP' });
  const paths = { source: { path: `svm0:${name}` }, destination: { path: `svm_dr:${name}_dr` } };
  await array.expect(202, 'POST', RELATIONSHIPS, { ...paths, policy: { name: 'MirrorAllSnapshots' }, ...more });
  const [found] = await array.list(`${RELATIONSHIPS}?destination.path=svm_dr:${name}_dr`);
  return { source, destination, uuid: textAt(found, 'uuid') };
};
const transfer = async (uuid: string, body: unknown = {}) => {
  await array.expect(201, 'POST', `${RELATIONSHIPS}/${uuid}/transfers`, body);
  array.simulator.clock.advance(TRANSFER_MS);
};

beforeAll(async () => {
  array = await openOntapSession({
    clock: { frozenAt: new Date('2026-01-01T00:00:00Z') },
    pace: { transferMs: TRANSFER_MS },
  });
});
afterEach(() => array.simulator.world.verify());
afterAll(() => array.close());

describe('a relationship', () => {
  test('is seen by the destination and, when asked for, by the source', async () => {
    const { source, uuid } = await newMirror('seen');
    expect(await show(uuid)).toMatchObject({
      uuid,
      source: { path: 'svm0:seen', svm: { name: 'svm0' }, cluster: { name: 'sim-cluster' } },
      destination: { path: 'svm_dr:seen_dr', svm: { name: 'svm_dr' } },
      policy: { name: 'MirrorAllSnapshots', type: 'async' },
      state: 'uninitialized',
      healthy: true,
      group_type: 'none',
      throttle: 0,
    });
    expect(at(await show(uuid), 'lag_time')).toBeUndefined();
    expect(await array.list(`${RELATIONSHIPS}?list_destinations_only=true&source.path=svm0:seen`)).toMatchObject([
      { uuid },
    ]);
    const [volume] = await array.list(`/storage/volumes?uuid=${source}&fields=snapmirror`);
    expect(at(volume, 'snapmirror', 'is_protected')).toBe(true);
    await array.expect(202, 'PATCH', `/storage/volumes/${source}`, { name: 'seen2' });
    expect(await show(uuid)).toMatchObject({ source: { path: 'svm0:seen2' } });
  });

  test.each([
    ['without a colon', { destination: { path: 'svm_dr' } }, '400 13303852'],
    ['from a volume to itself', { destination: { path: 'svm0:ref' } }, '400 6619441'],
    ['to a volume that is read-write', { destination: { path: 'svm_dr:ref_rw' } }, '400 6619546'],
    ['to a volume that is not there', { destination: { path: 'svm_dr:none' } }, '400 917927'],
    ['from a volume that is not there', { source: { path: 'svm0:none' } }, '400 917927'],
    ['to an unknown SVM', { destination: { path: 'none:x' } }, '400 2621462'],
    ['from an SVM that is no peer', { source: { path: 'none:x' } }, '400 13303841'],
    ['with an unknown policy', { policy: { name: 'none' } }, '400 13303821'],
    ['with a policy for buckets', { policy: { name: 'Continuous' } }, '400 13303866'],
    ['with an unknown schedule', { transfer_schedule: { name: 'none' } }, '400 6619699'],
    ['with a schedule of intervals', { transfer_schedule: { name: 'sometimes' } }, '400 6619714'],
    ['in a state', { state: 'snapmirrored' }, '400 13303873'],
    ['with names that do not match', { 'destination.svm.name': 'svm0' }, '400 13303878'],
    ['twice', {}, '409 6619637'],
    ['for a whole SVM', { destination: { path: 'svm_dr:' } }, '501 3'],
  ])('is refused %s', async (what, change, refusal) => {
    if (what === 'without a colon') {
      await newMirror('ref');
      await newVolume('ref_rw', 'svm_dr');
      await array.expect(201, 'POST', '/cluster/schedules', { name: 'sometimes', interval: 'PT10M' });
    }
    const body = { source: { path: 'svm0:ref' }, destination: { path: 'svm_dr:ref_dr' }, ...change };
    expect(await array.refusal('POST', RELATIONSHIPS, body)).toBe(refusal);
  });

  test('makes its destination when asked to, and starts at once', async () => {
    await newVolume('made', 'svm0', { size: 300 * MIB });
    await array.expect(202, 'POST', RELATIONSHIPS, {
      source: { path: 'svm0:made' },
      destination: { path: 'svm_dr:made_copy' },
      create_destination: { enabled: true },
      state: 'snapmirrored',
    });
    array.simulator.clock.advance(TRANSFER_MS);
    expect(
      await array.list(`${RELATIONSHIPS}?destination.path=svm_dr:made_copy&fields=state,policy.name`),
    ).toMatchObject([{ state: 'snapmirrored', policy: { name: 'Asynchronous' } }]);
    expect(await array.list('/storage/volumes?name=made_copy&fields=size,type')).toMatchObject([
      { size: 300 * MIB, type: 'dp' },
    ]);
    expect(await array.list('/storage/qtrees?volume.name=made_copy')).toMatchObject([{ id: 0 }]);
  });
});

describe('transfers', () => {
  test('run on the simulated clock and show how far they are', async () => {
    const { uuid, source } = await newMirror('run');
    array.simulator.world.setUsedBytes('run', 100 * MIB);
    const reply = await array.send('POST', `${RELATIONSHIPS}/${uuid}/transfers`, {});
    expect(reply).toMatchObject({ status: 201, body: {} });
    const own = String(reply.headers['location']).slice('/api'.length);
    array.simulator.clock.advance(TRANSFER_MS / 2);
    expect(await array.expect(200, 'GET', own)).toMatchObject({
      state: 'transferring',
      bytes_transferred: 50 * MIB,
      relationship: { uuid },
      total_duration: 'PT5S',
    });
    expect(await show(uuid)).toMatchObject({
      state: 'uninitialized',
      transfer: { state: 'transferring', type: 'initialize' },
    });
    expect(await array.refusal('POST', `${RELATIONSHIPS}/${uuid}/transfers`, {})).toBe('409 13303812');
    array.simulator.clock.advance(TRANSFER_MS / 2);
    expect(await show(uuid)).toMatchObject({
      state: 'snapmirrored',
      last_transfer_type: 'initialize',
      lag_time: 'PT10S',
      transfer: {
        state: 'success',
        bytes_transferred: 100 * MIB,
        total_duration: 'PT10S',
        end_time: expect.any(String),
      },
    });
    const [base] = await array.list(`/storage/volumes/${source}/snapshots?fields=owners`);
    expect(base).toMatchObject({ owners: ['snapmirror'] });
    const removal = await jobOf(
      await array.expect(202, 'DELETE', `/storage/volumes/${source}/snapshots/${textAt(base, 'uuid')}`),
    );
    expect(removal).toMatchObject({ state: 'failure', code: 1638555 });
    array.simulator.clock.advance(25 * HOUR);
    expect(await array.list(`${RELATIONSHIPS}/${uuid}/transfers`)).toEqual([]);
  });

  test('bring the source’s snapshots, qtrees and LUNs, and take along what has gone', async () => {
    const { uuid, source, destination } = await newMirror('full');
    await array.expect(202, 'POST', '/storage/qtrees', { name: 'q', svm: { name: 'svm0' }, volume: { name: 'full' } });
    await array.expect(201, 'POST', '/storage/luns', {
      name: '/vol/full/q/l',
      svm: { name: 'svm0' },
      os_type: 'linux',
      space: { size: 10 * MIB },
    });
    await array.expect(202, 'POST', `/storage/volumes/${source}/snapshots`, { name: 's1' });
    await transfer(uuid);
    const copies = async () => array.list('/storage/luns?svm.name=svm_dr&fields=name,serial_number,location.qtree');
    const [before] = await copies();
    expect(before).toMatchObject({ name: '/vol/full_dr/q/l', location: { qtree: { id: 1, name: 'q' } } });
    const [s1] = await array.list(`/storage/volumes/${source}/snapshots?name=s1&fields=version_uuid`);
    expect(
      await array.list(`/storage/volumes/${destination}/snapshots?name=s1&fields=version_uuid,provenance_volume`),
    ).toMatchObject([{ version_uuid: textAt(s1, 'version_uuid'), provenance_volume: { uuid: source } }]);
    await array.expect(202, 'DELETE', `/storage/volumes/${source}/snapshots/${textAt(s1, 'uuid')}`);
    await array.expect(202, 'POST', `/storage/volumes/${source}/snapshots`, { name: 's2' });
    await transfer(uuid);
    expect((await snapshots(destination)).filter((name) => /^s\d/.test(name))).toEqual(['s2']);
    expect((await copies())[0]).toEqual(before);
    expect(await array.refusal('POST', `/storage/volumes/${destination}/snapshots`, { name: 'x' })).toBe('400 1638461');
  });

  test('keep what the policy says of labelled snapshots', async () => {
    await array.expect(202, 'POST', '/snapmirror/policies', {
      name: 'vault2',
      create_snapshot_on_source: false,
      retention: [{ label: 'keep', count: '2' }],
    });
    const { uuid, source, destination } = await newMirror('vault', { policy: { name: 'vault2' } });
    await transfer(uuid);
    for (const name of ['k1', 'other', 'k2', 'k3']) {
      const snapmirror_label = name.startsWith('k') ? 'keep' : undefined;
      await array.expect(202, 'POST', `/storage/volumes/${source}/snapshots`, { name, snapmirror_label });
      await transfer(uuid);
    }
    expect((await snapshots(destination)).filter((name) => !name.startsWith('snapmirror.'))).toEqual(['k2', 'k3']);
  });

  test('are aborted, and start anew', async () => {
    const { uuid, source } = await newMirror('abort');
    const { headers } = await array.send('POST', `${RELATIONSHIPS}/${uuid}/transfers`, {});
    const own = String(headers['location']).slice('/api'.length);
    expect(await array.refusal('PATCH', own, { state: 'success' })).toBe('400 13303849');
    await array.expect(200, 'PATCH', own, { state: 'aborted' });
    expect(await array.refusal('PATCH', own, { state: 'aborted' })).toBe('404 4');
    expect(await show(uuid)).toMatchObject({ state: 'uninitialized', transfer: { state: 'aborted' } });
    expect(await snapshots(source)).toEqual([]);
    await transfer(uuid);
    expect(await stateOf(uuid)).toBe('snapmirrored');
    expect(await array.refusal('PATCH', `${RELATIONSHIPS}/${uuid}/transfers/none`, { state: 'aborted' })).toBe('404 4');
  });

  test('fail when the destination has no space, and say why', async () => {
    const { uuid } = await newMirror('large');
    array.simulator.world.setUsedBytes('large', 150 * MIB);
    await array.expect(201, 'POST', `${RELATIONSHIPS}/${uuid}/transfers`, {});
    array.simulator.world.setAggregateAvailable('aggr1_n1', 100 * MIB);
    array.simulator.clock.advance(TRANSFER_MS);
    expect(await show(uuid)).toMatchObject({
      state: 'uninitialized',
      healthy: false,
      unhealthy_reason: [{ code: '460770' }],
      transfer: { state: 'failed' },
    });
    array.simulator.world.setAggregateAvailable('aggr1_n1', 5 * 1024 * GIB);
    await transfer(uuid);
    expect(await show(uuid)).toMatchObject({ state: 'snapmirrored', healthy: true });
    expect(at(await show(uuid), 'unhealthy_reason')).toBeUndefined();
  });

  test('to an unknown snapshot are refused', async () => {
    const { uuid } = await newMirror('named');
    const path = `${RELATIONSHIPS}/${uuid}/transfers`;
    expect(await array.refusal('POST', path, { source_snapshot: 'none' })).toBe('400 13303812');
    expect(await array.list(path)).toEqual([]);
    await transfer(uuid);
    expect(await array.refusal('POST', path, { source_snapshot: 'none' })).toBe('400 13303844');
  });

  test('go by the schedule of the relationship, or of its policy', async () => {
    const { uuid, source, destination } = await newMirror('timed', { transfer_schedule: { name: '10min' } });
    const plain = await newMirror('policy', { policy: { name: 'Asynchronous' } });
    for (const each of [uuid, plain.uuid]) await transfer(each);
    await array.expect(202, 'POST', `/storage/volumes/${source}/snapshots`, { name: 'soon' });
    array.simulator.clock.advance(11 * 60_000);
    expect(await snapshots(destination)).toContain('soon');
    array.simulator.clock.advance(HOUR);
    expect(at(await show(plain.uuid), 'last_transfer_type')).toBe('update');
    await array.expect(202, 'PATCH', `${RELATIONSHIPS}/${uuid}`, { transfer_schedule: null });
    expect(at(await show(uuid), 'transfer_schedule')).toBeUndefined();
  });
});

describe('the states of a relationship', () => {
  test('pause and go on, break and come back', async () => {
    const { uuid, source, destination } = await newMirror('states');
    expect(await patch(uuid, { state: 'paused' })).toMatchObject({ state: 'success' });
    expect(await stateOf(uuid)).toBe('uninitialized');
    expect(await patch(uuid, { state: 'broken_off' })).toMatchObject({ state: 'failure', code: 13303808 });
    await patch(uuid, { state: 'snapmirrored' });
    array.simulator.clock.advance(TRANSFER_MS);
    expect(await stateOf(uuid)).toBe('snapmirrored');
    expect(await array.refusal('PATCH', `${RELATIONSHIPS}/${uuid}`, { state: 'snapmirrored' })).toBe('400 13303832');
    await patch(uuid, { state: 'paused' });
    expect(await stateOf(uuid)).toBe('paused');
    expect(await array.refusal('POST', `${RELATIONSHIPS}/${uuid}/transfers`, {})).toBe('409 13303844');
    await patch(uuid, { state: 'snapmirrored' });
    await array.expect(202, 'POST', `/storage/volumes/${source}/snapshots`, { name: 'good' });
    await transfer(uuid);
    array.simulator.world.setUsedBytes('states', 50 * MIB);
    await transfer(uuid);
    await patch(uuid, { state: 'broken_off', restore_to_snapshot: 'good' });
    expect(await stateOf(uuid)).toBe('broken_off');
    expect((await snapshots(destination)).at(-1)).toBe('good');
    expect(await array.list('/storage/volumes?name=states_dr&fields=type,space.used')).toMatchObject([
      { type: 'rw', space: { used: 0 } },
    ]);
    await patch(uuid, { state: 'snapmirrored' });
    expect(await show(uuid)).toMatchObject({ transfer: { type: 'resync', state: 'transferring' } });
    array.simulator.clock.advance(TRANSFER_MS);
    expect(await show(uuid)).toMatchObject({ state: 'snapmirrored', last_transfer_type: 'resync' });
    expect(await array.list('/storage/volumes?name=states_dr&fields=type,space.used')).toMatchObject([
      { type: 'dp', space: { used: 50 * MIB } },
    ]);
  });

  test('are not left while a transfer runs', async () => {
    const { uuid } = await newMirror('busy');
    await transfer(uuid);
    await array.expect(201, 'POST', `${RELATIONSHIPS}/${uuid}/transfers`, {});
    const busy = 'Another transfer is in progress';
    expect(await patch(uuid, { state: 'paused' })).toMatchObject({ code: 13303809, message: busy });
    expect(await patch(uuid, { state: 'broken_off' })).toMatchObject({ code: 13303808, message: busy });
    expect(await array.refusal('DELETE', `${RELATIONSHIPS}/${uuid}`)).toBe('409 13303822');
    array.simulator.clock.advance(TRANSFER_MS);
  });

  test('are of the kind of the policy', async () => {
    const { uuid } = await newMirror('sync', { policy: { name: 'Sync' } });
    expect(await array.refusal('PATCH', `${RELATIONSHIPS}/${uuid}`, { state: 'snapmirrored' })).toBe('400 13303829');
    await patch(uuid, { state: 'in_sync' });
    array.simulator.clock.advance(TRANSFER_MS);
    expect(await show(uuid)).toMatchObject({ state: 'in_sync', policy: { type: 'sync' } });
    array.simulator.world.setUsedBytes('sync', 70 * MIB);
    await patch(uuid, { state: 'broken_off' });
    expect(array.simulator.world.findVolume('sync_dr')?.usedBytes).toBe(70 * MIB);
    const other = await newMirror('async');
    expect(await array.refusal('PATCH', `${RELATIONSHIPS}/${other.uuid}`, { state: 'in_sync' })).toBe('400 13303831');
    expect(await array.refusal('PATCH', `${RELATIONSHIPS}/${other.uuid}`, { policy: { name: 'Sync' } })).toBe(
      '400 13303866',
    );
    expect(await array.refusal('PATCH', `${RELATIONSHIPS}/${other.uuid}`, { state: 'expanding' })).toBe('400 13303818');
    const path = `${RELATIONSHIPS}/${other.uuid}`;
    expect(await array.refusal('PATCH', path, { restore_to_snapshot: 'x' })).toBe('400 13303837');
    expect(await array.refusal('PATCH', path, { state: 'paused', restore_to_snapshot: 'x' })).toBe('400 13303835');
  });

  test('need a common snapshot to come back', async () => {
    const { uuid, destination } = await newMirror('apart');
    await transfer(uuid);
    await patch(uuid, { state: 'broken_off' });
    for (const each of await array.list(`/storage/volumes/${destination}/snapshots`))
      await array.expect(202, 'DELETE', `/storage/volumes/${destination}/snapshots/${textAt(each, 'uuid')}`);
    expect(await patch(uuid, { state: 'snapmirrored' })).toMatchObject({ state: 'failure', code: 13303810 });
    expect(await stateOf(uuid)).toBe('broken_off');
  });

  test('survive a dump and a restore in the middle of a transfer', async () => {
    const { uuid } = await newMirror('dumped');
    await array.expect(201, 'POST', `${RELATIONSHIPS}/${uuid}/transfers`, {});
    array.simulator.clock.advance(TRANSFER_MS / 2);
    const state = array.simulator.dump();
    array.simulator.restore(state);
    expect(array.simulator.dump()).toBe(state);
    array.simulator.clock.advance(TRANSFER_MS / 2);
    expect(await stateOf(uuid)).toBe('snapmirrored');
  });
});

describe('deleting', () => {
  test('the destination’s side leaves the source’s, which goes with its snapshots', async () => {
    const { uuid, source, destination } = await newMirror('gone');
    await transfer(uuid);
    const both = `${RELATIONSHIPS}/${uuid}?destination_only=true&source_only=true`;
    expect(await array.refusal('DELETE', both)).toBe('400 262186');
    expect(await array.refusal('DELETE', `/storage/volumes/${source}`)).toBe('409 8');
    await array.expect(202, 'DELETE', `${RELATIONSHIPS}/${uuid}?destination_only=true`);
    expect(await array.refusal('GET', `${RELATIONSHIPS}/${uuid}?fields=state`)).toBe('404 4');
    expect(await array.refusal('DELETE', `${RELATIONSHIPS}/${uuid}?destination_only=true`)).toBe('404 4');
    expect(await array.list(`${RELATIONSHIPS}?list_destinations_only=true&uuid=${uuid}`)).toHaveLength(1);
    expect(await snapshots(source)).toHaveLength(1);
    await array.expect(202, 'DELETE', `${RELATIONSHIPS}/${uuid}?source_only=true`);
    expect(await snapshots(source)).toEqual([]);
    expect(await array.refusal('DELETE', `${RELATIONSHIPS}/${uuid}?source_only=true`)).toBe('404 4');
    for (const volume of [source, destination])
      await array.expect(202, 'DELETE', `/storage/volumes/${volume}?force=true`);
  });

  test('only the source’s knowledge leaves its snapshots', async () => {
    const { uuid, source } = await newMirror('info');
    await transfer(uuid);
    await array.expect(202, 'DELETE', `${RELATIONSHIPS}/${uuid}?source_info_only=true`);
    expect(await snapshots(source)).toHaveLength(1);
    expect(await array.list(`${RELATIONSHIPS}?uuid=${uuid}`)).toHaveLength(1);
  });

  test('a source that was released knows the mirror again from its next transfer on', async () => {
    const { uuid, source } = await newMirror('again');
    await transfer(uuid);
    await array.expect(202, 'DELETE', `${RELATIONSHIPS}/${uuid}?source_info_only=true`);
    expect(await array.list(`${RELATIONSHIPS}?list_destinations_only=true&uuid=${uuid}`)).toEqual([]);
    array.simulator.clock.advance(60_000);
    await transfer(uuid);
    expect(await array.list(`${RELATIONSHIPS}?list_destinations_only=true&uuid=${uuid}`)).toHaveLength(1);
    await array.expect(202, 'DELETE', `${RELATIONSHIPS}/${uuid}`);
    expect(await array.list(`${RELATIONSHIPS}?list_destinations_only=true&uuid=${uuid}`)).toEqual([]);
    // Held for nobody, also the one that was left.
    array.simulator.world.verify();
    for (const name of await snapshots(source))
      await array.expect(200, 'DELETE', `/storage/volumes/${source}/snapshots?name=${name}`);
    expect(await snapshots(source)).toEqual([]);
  });

  test('without a flag takes both sides', async () => {
    const { uuid } = await newMirror('both');
    await transfer(uuid);
    await array.expect(202, 'DELETE', `${RELATIONSHIPS}/${uuid}`);
    expect(await array.list(`${RELATIONSHIPS}?uuid=${uuid}`)).toEqual([]);
    expect(await array.list(`${RELATIONSHIPS}?list_destinations_only=true&uuid=${uuid}`)).toEqual([]);
    expect(await array.refusal('DELETE', `${RELATIONSHIPS}/${uuid}`)).toBe('404 4');
  });
});

describe('policies', () => {
  test('are there from the start, and cannot be changed', async () => {
    const names = (await array.list('/snapmirror/policies?fields=name')).map((each) => at(each, 'name'));
    expect(names).toEqual(
      expect.arrayContaining(['Asynchronous', 'MirrorAllSnapshots', 'MirrorLatest', 'Sync', 'StrictSync']),
    );
    const [all] = await array.list(
      '/snapmirror/policies?name=MirrorAllSnapshots&fields=type,sync_type,copy_all_source_snapshots',
    );
    expect(all).toMatchObject({ type: 'async', copy_all_source_snapshots: true });
    const path = `/snapmirror/policies/${textAt(all, 'uuid')}`;
    expect(await array.refusal('PATCH', path, { comment: 'x' })).toBe('400 13303865');
    expect(await array.refusal('DELETE', path)).toBe('400 13303865');
  });

  test('are checked and protected', async () => {
    const post = (body: unknown) => array.refusal('POST', '/snapmirror/policies', body);
    expect(await post({ name: 'Sync' })).toBe('409 6621060');
    expect(await post({ name: 'x', copy_all_source_snapshots: true, copy_latest_source_snapshot: true })).toBe(
      '400 13304084',
    );
    expect(await post({ name: 'x', sync_type: 'sync' })).toBe('400 13304084');
    expect(await post({ name: 'x', retention: [{ label: 'a', count: '2000' }] })).toBe('400 13304130');
    await array.expect(202, 'POST', '/snapmirror/policies', { name: 'used', copy_all_source_snapshots: true });
    const [used] = await array.list('/snapmirror/policies?name=used');
    await newMirror('user', { policy: { name: 'used' } });
    expect(await array.refusal('DELETE', `/snapmirror/policies/${textAt(used, 'uuid')}`)).toBe('409 8');
  });
});
