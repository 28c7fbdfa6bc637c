import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openMirrorSession, RELATIONSHIPS, TRANSFER_MS } from '../../../test/support/mirror-session.ts';
import type { MirrorSession } from '../../../test/support/mirror-session.ts';
import { at, textAt } from '../../../test/support/ontap-session.ts';

const MIB = 1024 ** 2;

let array: MirrorSession;
beforeAll(async () => {
  array = await openMirrorSession();
});
afterEach(() => array.simulator.world.verify());
afterAll(() => array.close());

describe('a relationship', () => {
  test('is seen by the destination and, when asked for, by the source', async () => {
    const { source, uuid } = await array.newMirror('seen');
    expect(await array.showMirror(uuid)).toMatchObject({
      uuid,
      source: { path: 'svm0:seen', svm: { name: 'svm0' }, cluster: { name: 'sim-cluster' } },
      destination: { path: 'svm_dr:seen_dr', svm: { name: 'svm_dr' } },
      policy: { name: 'MirrorAllSnapshots', type: 'async' },
      state: 'uninitialized',
      healthy: true,
      group_type: 'none',
      throttle: 0,
    });
    expect(at(await array.showMirror(uuid), 'lag_time')).toBeUndefined();
    expect(await array.list(`${RELATIONSHIPS}?list_destinations_only=true&source.path=svm0:seen`)).toMatchObject([
      { uuid },
    ]);
    const [volume] = await array.list(`/storage/volumes?uuid=${source}&fields=snapmirror`);
    expect(at(volume, 'snapmirror', 'is_protected')).toBe(true);
    await array.expect(202, 'PATCH', `/storage/volumes/${source}`, { name: 'seen2' });
    expect(await array.showMirror(uuid)).toMatchObject({ source: { path: 'svm0:seen2' } });
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
      await array.newMirror('ref');
      await array.newVolume('ref_rw', 'svm_dr');
      await array.expect(201, 'POST', '/cluster/schedules', { name: 'sometimes', interval: 'PT10M' });
    }
    const body = { source: { path: 'svm0:ref' }, destination: { path: 'svm_dr:ref_dr' }, ...change };
    expect(await array.refusal('POST', RELATIONSHIPS, body)).toBe(refusal);
  });

  test('makes its destination when asked to, and starts at once', async () => {
    await array.newVolume('made', 'svm0', { size: 300 * MIB });
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

describe('deleting', () => {
  test('the destination’s side leaves the source’s, which goes with its snapshots', async () => {
    const { uuid, source, destination } = await array.newMirror('gone');
    await array.transfer(uuid);
    const both = `${RELATIONSHIPS}/${uuid}?destination_only=true&source_only=true`;
    expect(await array.refusal('DELETE', both)).toBe('400 262186');
    expect(await array.refusal('DELETE', `/storage/volumes/${source}`)).toBe('409 8');
    await array.expect(202, 'DELETE', `${RELATIONSHIPS}/${uuid}?destination_only=true`);
    expect(await array.refusal('GET', `${RELATIONSHIPS}/${uuid}?fields=state`)).toBe('404 4');
    expect(await array.refusal('DELETE', `${RELATIONSHIPS}/${uuid}?destination_only=true`)).toBe('404 4');
    expect(await array.list(`${RELATIONSHIPS}?list_destinations_only=true&uuid=${uuid}`)).toHaveLength(1);
    expect(await array.snapshotsOf(source)).toHaveLength(1);
    await array.expect(202, 'DELETE', `${RELATIONSHIPS}/${uuid}?source_only=true`);
    expect(await array.snapshotsOf(source)).toEqual([]);
    expect(await array.refusal('DELETE', `${RELATIONSHIPS}/${uuid}?source_only=true`)).toBe('404 4');
    for (const volume of [source, destination])
      await array.expect(202, 'DELETE', `/storage/volumes/${volume}?force=true`);
  });

  test('only the source’s knowledge leaves its snapshots', async () => {
    const { uuid, source } = await array.newMirror('info');
    await array.transfer(uuid);
    await array.expect(202, 'DELETE', `${RELATIONSHIPS}/${uuid}?source_info_only=true`);
    expect(await array.snapshotsOf(source)).toHaveLength(1);
    expect(await array.list(`${RELATIONSHIPS}?uuid=${uuid}`)).toHaveLength(1);
  });

  test('a source that was released knows the mirror again from its next transfer on', async () => {
    const { uuid, source } = await array.newMirror('again');
    await array.transfer(uuid);
    await array.expect(202, 'DELETE', `${RELATIONSHIPS}/${uuid}?source_info_only=true`);
    expect(await array.list(`${RELATIONSHIPS}?list_destinations_only=true&uuid=${uuid}`)).toEqual([]);
    array.simulator.clock.advance(60_000);
    await array.transfer(uuid);
    expect(await array.list(`${RELATIONSHIPS}?list_destinations_only=true&uuid=${uuid}`)).toHaveLength(1);
    await array.expect(202, 'DELETE', `${RELATIONSHIPS}/${uuid}`);
    expect(await array.list(`${RELATIONSHIPS}?list_destinations_only=true&uuid=${uuid}`)).toEqual([]);
    // Held for nobody, also the one that was left.
    array.simulator.world.verify();
    for (const name of await array.snapshotsOf(source))
      await array.expect(200, 'DELETE', `/storage/volumes/${source}/snapshots?name=${name}`);
    expect(await array.snapshotsOf(source)).toEqual([]);
  });

  test('without a flag takes both sides', async () => {
    const { uuid } = await array.newMirror('both');
    await array.transfer(uuid);
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
    await array.newMirror('user', { policy: { name: 'used' } });
    expect(await array.refusal('DELETE', `/snapmirror/policies/${textAt(used, 'uuid')}`)).toBe('409 8');
  });
});
