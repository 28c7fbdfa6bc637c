import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openMirrorSession, RELATIONSHIPS, TRANSFER_MS } from '../../../test/support/mirror-session.ts';
import type { MirrorSession } from '../../../test/support/mirror-session.ts';
import { textAt } from '../../../test/support/ontap-session.ts';

const MIB = 1024 ** 2;

let array: MirrorSession;
beforeAll(async () => {
  array = await openMirrorSession();
});
afterEach(() => array.simulator.world.verify());
afterAll(() => array.close());

describe('the states of a relationship', () => {
  test('pause and go on, break and come back', async () => {
    const { uuid, source, destination } = await array.newMirror('states');
    expect(await array.patchMirror(uuid, { state: 'paused' })).toMatchObject({ state: 'success' });
    expect(await array.stateOf(uuid)).toBe('uninitialized');
    expect(await array.patchMirror(uuid, { state: 'broken_off' })).toMatchObject({ state: 'failure', code: 13303808 });
    await array.patchMirror(uuid, { state: 'snapmirrored' });
    array.simulator.clock.advance(TRANSFER_MS);
    expect(await array.stateOf(uuid)).toBe('snapmirrored');
    expect(await array.refusal('PATCH', `${RELATIONSHIPS}/${uuid}`, { state: 'snapmirrored' })).toBe('400 13303832');
    await array.patchMirror(uuid, { state: 'paused' });
    expect(await array.stateOf(uuid)).toBe('paused');
    expect(await array.refusal('POST', `${RELATIONSHIPS}/${uuid}/transfers`, {})).toBe('409 13303844');
    await array.patchMirror(uuid, { state: 'snapmirrored' });
    await array.expect(202, 'POST', `/storage/volumes/${source}/snapshots`, { name: 'good' });
    await array.transfer(uuid);
    array.simulator.world.setUsedBytes('states', 50 * MIB);
    await array.transfer(uuid);
    await array.patchMirror(uuid, { state: 'broken_off', restore_to_snapshot: 'good' });
    expect(await array.stateOf(uuid)).toBe('broken_off');
    expect((await array.snapshotsOf(destination)).at(-1)).toBe('good');
    expect(await array.list('/storage/volumes?name=states_dr&fields=type,space.used')).toMatchObject([
      { type: 'rw', space: { used: 0 } },
    ]);
    await array.patchMirror(uuid, { state: 'snapmirrored' });
    expect(await array.showMirror(uuid)).toMatchObject({ transfer: { type: 'resync', state: 'transferring' } });
    array.simulator.clock.advance(TRANSFER_MS);
    expect(await array.showMirror(uuid)).toMatchObject({ state: 'snapmirrored', last_transfer_type: 'resync' });
    expect(await array.list('/storage/volumes?name=states_dr&fields=type,space.used')).toMatchObject([
      { type: 'dp', space: { used: 50 * MIB } },
    ]);
  });

  test('are not left while a transfer runs', async () => {
    const { uuid } = await array.newMirror('busy');
    await array.transfer(uuid);
    await array.expect(201, 'POST', `${RELATIONSHIPS}/${uuid}/transfers`, {});
    const busy = 'Another transfer is in progress';
    expect(await array.patchMirror(uuid, { state: 'paused' })).toMatchObject({ code: 13303809, message: busy });
    expect(await array.patchMirror(uuid, { state: 'broken_off' })).toMatchObject({ code: 13303808, message: busy });
    expect(await array.refusal('DELETE', `${RELATIONSHIPS}/${uuid}`)).toBe('409 13303822');
    array.simulator.clock.advance(TRANSFER_MS);
  });

  test('are of the kind of the policy', async () => {
    const { uuid } = await array.newMirror('sync', { policy: { name: 'Sync' } });
    expect(await array.refusal('PATCH', `${RELATIONSHIPS}/${uuid}`, { state: 'snapmirrored' })).toBe('400 13303829');
    await array.patchMirror(uuid, { state: 'in_sync' });
    array.simulator.clock.advance(TRANSFER_MS);
    expect(await array.showMirror(uuid)).toMatchObject({ state: 'in_sync', policy: { type: 'sync' } });
    array.simulator.world.setUsedBytes('sync', 70 * MIB);
    await array.patchMirror(uuid, { state: 'broken_off' });
    expect(array.simulator.world.findVolume('sync_dr')?.usedBytes).toBe(70 * MIB);
    const other = await array.newMirror('async');
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
    const { uuid, destination } = await array.newMirror('apart');
    await array.transfer(uuid);
    await array.patchMirror(uuid, { state: 'broken_off' });
    for (const each of await array.list(`/storage/volumes/${destination}/snapshots`))
      await array.expect(202, 'DELETE', `/storage/volumes/${destination}/snapshots/${textAt(each, 'uuid')}`);
    expect(await array.patchMirror(uuid, { state: 'snapmirrored' })).toMatchObject({
      state: 'failure',
      code: 13303810,
    });
    expect(await array.stateOf(uuid)).toBe('broken_off');
  });

  test('survive a dump and a restore in the middle of a transfer', async () => {
    const { uuid } = await array.newMirror('dumped');
    await array.expect(201, 'POST', `${RELATIONSHIPS}/${uuid}/transfers`, {});
    array.simulator.clock.advance(TRANSFER_MS / 2);
    const state = array.simulator.dump();
    array.simulator.restore(state);
    expect(array.simulator.dump()).toBe(state);
    array.simulator.clock.advance(TRANSFER_MS / 2);
    expect(await array.stateOf(uuid)).toBe('snapmirrored');
  });
});
