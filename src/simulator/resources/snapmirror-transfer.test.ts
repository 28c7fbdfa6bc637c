import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openMirrorSession, RELATIONSHIPS, TRANSFER_MS } from '../../../test/support/mirror-session.ts';
import type { MirrorSession } from '../../../test/support/mirror-session.ts';
import { at, textAt } from '../../../test/support/ontap-session.ts';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const HOUR = 3_600_000;

let array: MirrorSession;
beforeAll(async () => {
  array = await openMirrorSession();
});
afterEach(() => array.simulator.world.verify());
afterAll(() => array.close());

describe('transfers', () => {
  test('run on the simulated clock and show how far they are', async () => {
    const { uuid, source } = await array.newMirror('run');
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
    expect(await array.showMirror(uuid)).toMatchObject({
      state: 'uninitialized',
      transfer: { state: 'transferring', type: 'initialize' },
    });
    expect(await array.refusal('POST', `${RELATIONSHIPS}/${uuid}/transfers`, {})).toBe('409 13303812');
    array.simulator.clock.advance(TRANSFER_MS / 2);
    expect(await array.showMirror(uuid)).toMatchObject({
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
    const removal = await array.jobOf(
      await array.expect(202, 'DELETE', `/storage/volumes/${source}/snapshots/${textAt(base, 'uuid')}`),
    );
    expect(removal).toMatchObject({ state: 'failure', code: 1638555 });
    array.simulator.clock.advance(25 * HOUR);
    expect(await array.list(`${RELATIONSHIPS}/${uuid}/transfers`)).toEqual([]);
  });

  test('bring the source’s snapshots, qtrees and LUNs, and take along what has gone', async () => {
    const { uuid, source, destination } = await array.newMirror('full');
    await array.expect(202, 'POST', '/storage/qtrees', { name: 'q', svm: { name: 'svm0' }, volume: { name: 'full' } });
    await array.expect(201, 'POST', '/storage/luns', {
      name: '/vol/full/q/l',
      svm: { name: 'svm0' },
      os_type: 'linux',
      space: { size: 10 * MIB },
    });
    await array.expect(202, 'POST', `/storage/volumes/${source}/snapshots`, { name: 's1' });
    await array.transfer(uuid);
    const copies = async () => array.list('/storage/luns?svm.name=svm_dr&fields=name,serial_number,location.qtree');
    const [before] = await copies();
    expect(before).toMatchObject({ name: '/vol/full_dr/q/l', location: { qtree: { id: 1, name: 'q' } } });
    const [s1] = await array.list(`/storage/volumes/${source}/snapshots?name=s1&fields=version_uuid`);
    expect(
      await array.list(`/storage/volumes/${destination}/snapshots?name=s1&fields=version_uuid,provenance_volume`),
    ).toMatchObject([{ version_uuid: textAt(s1, 'version_uuid'), provenance_volume: { uuid: source } }]);
    await array.expect(202, 'DELETE', `/storage/volumes/${source}/snapshots/${textAt(s1, 'uuid')}`);
    await array.expect(202, 'POST', `/storage/volumes/${source}/snapshots`, { name: 's2' });
    await array.transfer(uuid);
    expect((await array.snapshotsOf(destination)).filter((name) => /^s\d/.test(name))).toEqual(['s2']);
    expect((await copies())[0]).toEqual(before);
    expect(await array.refusal('POST', `/storage/volumes/${destination}/snapshots`, { name: 'x' })).toBe('400 1638461');
  });

  test('keep what the policy says of labelled snapshots', async () => {
    await array.expect(202, 'POST', '/snapmirror/policies', {
      name: 'vault2',
      create_snapshot_on_source: false,
      retention: [{ label: 'keep', count: '2' }],
    });
    const { uuid, source, destination } = await array.newMirror('vault', { policy: { name: 'vault2' } });
    await array.transfer(uuid);
    for (const name of ['k1', 'other', 'k2', 'k3']) {
      const snapmirror_label = name.startsWith('k') ? 'keep' : undefined;
      await array.expect(202, 'POST', `/storage/volumes/${source}/snapshots`, { name, snapmirror_label });
      await array.transfer(uuid);
    }
    expect((await array.snapshotsOf(destination)).filter((name) => !name.startsWith('snapmirror.'))).toEqual([
      'k2',
      'k3',
    ]);
  });

  test('are aborted, and start anew', async () => {
    const { uuid, source } = await array.newMirror('abort');
    const { headers } = await array.send('POST', `${RELATIONSHIPS}/${uuid}/transfers`, {});
    const own = String(headers['location']).slice('/api'.length);
    expect(await array.refusal('PATCH', own, { state: 'success' })).toBe('400 13303849');
    await array.expect(200, 'PATCH', own, { state: 'aborted' });
    expect(await array.refusal('PATCH', own, { state: 'aborted' })).toBe('404 4');
    expect(await array.showMirror(uuid)).toMatchObject({ state: 'uninitialized', transfer: { state: 'aborted' } });
    expect(await array.snapshotsOf(source)).toEqual([]);
    await array.transfer(uuid);
    expect(await array.stateOf(uuid)).toBe('snapmirrored');
    expect(await array.refusal('PATCH', `${RELATIONSHIPS}/${uuid}/transfers/none`, { state: 'aborted' })).toBe('404 4');
  });

  test('fail when the destination has no space, and say why', async () => {
    const { uuid } = await array.newMirror('large');
    array.simulator.world.setUsedBytes('large', 150 * MIB);
    await array.expect(201, 'POST', `${RELATIONSHIPS}/${uuid}/transfers`, {});
    array.simulator.world.setAggregateAvailable('aggr1_n1', 100 * MIB);
    array.simulator.clock.advance(TRANSFER_MS);
    expect(await array.showMirror(uuid)).toMatchObject({
      state: 'uninitialized',
      healthy: false,
      unhealthy_reason: [{ code: '460770' }],
      transfer: { state: 'failed' },
    });
    array.simulator.world.setAggregateAvailable('aggr1_n1', 5 * 1024 * GIB);
    await array.transfer(uuid);
    expect(await array.showMirror(uuid)).toMatchObject({ state: 'snapmirrored', healthy: true });
    expect(at(await array.showMirror(uuid), 'unhealthy_reason')).toBeUndefined();
  });

  test('to an unknown snapshot are refused', async () => {
    const { uuid } = await array.newMirror('named');
    const path = `${RELATIONSHIPS}/${uuid}/transfers`;
    expect(await array.refusal('POST', path, { source_snapshot: 'none' })).toBe('400 13303812');
    expect(await array.list(path)).toEqual([]);
    await array.transfer(uuid);
    expect(await array.refusal('POST', path, { source_snapshot: 'none' })).toBe('400 13303844');
  });

  test('go by the schedule of the relationship, or of its policy', async () => {
    const { uuid, source, destination } = await array.newMirror('timed', { transfer_schedule: { name: '10min' } });
    const plain = await array.newMirror('policy', { policy: { name: 'Asynchronous' } });
    for (const each of [uuid, plain.uuid]) await array.transfer(each);
    await array.expect(202, 'POST', `/storage/volumes/${source}/snapshots`, { name: 'soon' });
    array.simulator.clock.advance(11 * 60_000);
    expect(await array.snapshotsOf(destination)).toContain('soon');
    array.simulator.clock.advance(HOUR);
    expect(at(await array.showMirror(plain.uuid), 'last_transfer_type')).toBe('update');
    await array.expect(202, 'PATCH', `${RELATIONSHIPS}/${uuid}`, { transfer_schedule: null });
    expect(at(await array.showMirror(uuid), 'transfer_schedule')).toBeUndefined();
  });
});
