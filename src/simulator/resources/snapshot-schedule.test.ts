import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { at, openOntapSession, textAt, type OntapSession } from '../../../test/support/ontap-session.ts';

const HOUR = 3_600_000;
const POLICIES = '/storage/snapshot-policies';
const SCHEDULES = '/cluster/schedules';
let array: OntapSession;

const newVolume = async (name: string, more: Record<string, unknown>): Promise<string> => {
  const body = { name, svm: { name: 'svm0' }, size: 1024 ** 3, aggregates: [{ name: 'aggr1_n1' }], ...more };
  await array.expect(202, 'POST', '/storage/volumes', body);
  const [volume] = await array.list(`/storage/volumes?name=${name}`);
  return textAt(volume, 'uuid');
};
const snapshots = async (volume: string): Promise<readonly string[]> =>
  (await array.list(`/storage/volumes/${volume}/snapshots`)).map((each) => textAt(each, 'name'));
const uuidOf = async (path: string, name: string) => textAt((await array.list(`${path}?name=${name}`))[0], 'uuid');

beforeAll(async () => {
  array = await openOntapSession({ clock: { frozenAt: new Date('2026-01-01T00:00:00Z') } });
});
afterEach(() => array.simulator.world.verify());
afterAll(() => array.close());

describe('snapshot policies', () => {
  test('take snapshots on the simulated clock, and keep as many as they say', async () => {
    const volume = await newVolume('plain', { snapshot_policy: { name: 'default' } });
    expect(await snapshots(volume)).toEqual([]);
    array.simulator.clock.advance(3 * HOUR);
    expect(await snapshots(volume)).toEqual([
      'hourly.2026-01-01_0005',
      'daily.2026-01-01_0010',
      'hourly.2026-01-01_0105',
      'hourly.2026-01-01_0205',
    ]);
    array.simulator.clock.advance(10 * 24 * HOUR);
    expect(await snapshots(volume)).toEqual(
      [
        'weekly.2026-01-04_0015',
        'daily.2026-01-10_0010',
        'daily.2026-01-11_0010',
        'weekly.2026-01-11_0015',
        ...['2105', '2205', '2305'].map((time) => `hourly.2026-01-10_${time}`),
        ...['0005', '0105', '0205'].map((time) => `hourly.2026-01-11_${time}`),
      ].sort((a, b) => a.slice(a.indexOf('.')).localeCompare(b.slice(b.indexOf('.')))),
    );
    const [daily] = await array.list(
      `/storage/volumes/${volume}/snapshots?name=daily*&fields=snapmirror_label,create_time`,
    );
    expect(daily).toMatchObject({ snapmirror_label: 'daily', create_time: '2026-01-10T00:10:00+00:00' });
  });

  test('leave alone what a client made, and what a clone stands on', async () => {
    const volume = await newVolume('held', { snapshot_policy: { name: 'default' } });
    await array.expect(202, 'POST', `/storage/volumes/${volume}/snapshots`, { name: 'hourly.mine' });
    array.simulator.clock.advance(HOUR);
    const oldest = (await snapshots(volume))[1] ?? '';
    const clone = { is_flexclone: true, parent_volume: { name: 'held' }, parent_snapshot: { name: oldest } };
    await array.expect(202, 'POST', '/storage/volumes', { name: 'heir', svm: { name: 'svm0' }, clone });
    array.simulator.clock.advance(12 * HOUR);
    const kept = await snapshots(volume);
    expect(kept).toContain('hourly.mine');
    expect(kept).toContain(oldest);
    expect(kept.filter((name) => name.startsWith('hourly.2026'))).toHaveLength(7);
  });

  test('number snapshots where the volume wants it', async () => {
    const volume = await newVolume('ordinal', {
      snapshot_policy: { name: 'default' },
      scheduled_snapshot_naming_scheme: 'ordinal',
    });
    array.simulator.clock.advance(3 * HOUR);
    expect(await snapshots(volume)).toEqual(['hourly.2', 'hourly.1', 'hourly.0']);
    const [newest] = await array.list(`/storage/volumes/${volume}/snapshots?name=hourly.0&fields=create_time`);
    expect(textAt(newest, 'create_time')).toMatch(/T\d\d:05:00/);
  });

  test('take none while disabled, in volumes that are not online, and without copies', async () => {
    const copies = [{ count: 3, schedule: { name: 'hourly' } }];
    await array.expect(201, 'POST', POLICIES, { name: 'mine', svm: { name: 'svm0' }, enabled: false, copies });
    const none = await newVolume('none', { snapshot_policy: { name: 'none' } });
    const mine = await newVolume('mine', { snapshot_policy: { name: 'mine' } });
    array.simulator.clock.advance(2 * HOUR);
    expect([...(await snapshots(none)), ...(await snapshots(mine))]).toEqual([]);
    const policy = await uuidOf(POLICIES, 'mine');
    await array.expect(200, 'PATCH', `${POLICIES}/${policy}`, { enabled: true });
    array.simulator.clock.advance(2 * HOUR);
    expect(await snapshots(mine)).toHaveLength(2);
    await array.expect(202, 'PATCH', `/storage/volumes/${mine}`, { state: 'offline' });
    array.simulator.clock.advance(2 * HOUR);
    expect(await snapshots(mine)).toHaveLength(2);
  });

  test('have their copies as records of their own too', async () => {
    const copies = [{ count: 5, schedule: { name: 'daily' }, prefix: 'nightly', snapmirror_label: 'night' }];
    await array.expect(201, 'POST', POLICIES, { name: 'many', copies });
    const schedules = `${POLICIES}/${await uuidOf(POLICIES, 'many')}/schedules`;
    await array.expect(201, 'POST', schedules, { schedule: { name: 'weekly' }, count: 2 });
    expect(await array.list(`${POLICIES}?name=many&scope=cluster&fields=copies,scope`)).toMatchObject([
      {
        scope: 'cluster',
        copies: [
          { count: 5, prefix: 'nightly', snapmirror_label: 'night', schedule: { name: 'daily' } },
          { count: 2, prefix: 'weekly', schedule: { name: 'weekly' } },
        ],
      },
    ]);
    const [daily] = await array.list(`${schedules}?schedule.name=daily&fields=count`);
    const own = `${schedules}/${textAt(daily, 'schedule', 'uuid')}`;
    await array.expect(200, 'PATCH', own, { count: 9 });
    expect(await array.expect(200, 'GET', own)).toMatchObject({ count: 9, prefix: 'nightly' });
    const twice = { schedule: { name: 'weekly' }, count: 2 };
    expect(await array.refusal('POST', schedules, twice)).toBe('400 1638508');
    expect(await array.refusal('POST', schedules, { ...twice, prefix: 'other' })).toBe('409 1');
    expect(await array.refusal('PATCH', own, { count: 1023 })).toBe('400 1638451');
    await array.expect(200, 'DELETE', own);
    expect(await array.list(schedules)).toHaveLength(1);
  });

  test.each([
    ['too many', [{ count: 1024, schedule: { name: 'daily' } }], '400 1638451'],
    ['no schedule', [{ count: 1 }], '400 1638407'],
    ['no count', [{ schedule: { name: 'daily' } }], '400 1638408'],
    ['an unknown schedule', [{ count: 1, schedule: { name: 'x' } }], '400 1638413'],
    [
      'one prefix twice',
      [
        { count: 1, prefix: 'a', schedule: { name: 'daily' } },
        { count: 1, prefix: 'a', schedule: { name: 'hourly' } },
      ],
      '400 1638508',
    ],
  ])('refuse %s', async (_what, copies, refusal) => {
    expect(await array.refusal('POST', POLICIES, { name: 'bad', copies })).toBe(refusal);
  });
});

describe('schedules', () => {
  test('run by intervals too', async () => {
    await array.expect(201, 'POST', SCHEDULES, { name: 'often', interval: 'PT20M' });
    await array.expect(201, 'POST', POLICIES, { name: 'often', copies: [{ count: 100, schedule: { name: 'often' } }] });
    const volume = await newVolume('often', { snapshot_policy: { name: 'often' } });
    array.simulator.clock.advance(HOUR);
    expect(await snapshots(volume)).toHaveLength(3);
    const schedule = await uuidOf(SCHEDULES, 'often');
    await array.expect(200, 'PATCH', `${SCHEDULES}/${schedule}`, { interval: 'PT30M' });
    array.simulator.clock.advance(HOUR);
    expect(await snapshots(volume)).toHaveLength(5);
    expect(await array.refusal('DELETE', `${SCHEDULES}/${schedule}`)).toBe('409 459758');
  });

  test('stay while a mirror policy makes its common snapshots by them', async () => {
    await array.expect(201, 'POST', SCHEDULES, { name: 'common', interval: 'PT1H' });
    const policy = { type: 'sync', sync_type: 'sync', sync_common_snapshot_schedule: { name: 'common' } };
    const body = { name: 'in_step', svm: { name: 'svm0' }, ...policy };
    await array.expect(201, 'POST', '/snapmirror/policies?return_timeout=10', body);
    expect(await array.refusal('DELETE', `${SCHEDULES}/${await uuidOf(SCHEDULES, 'common')}`)).toBe('409 459758');
  });

  test('have the time of their own kind', async () => {
    expect(await array.refusal('POST', SCHEDULES, { name: 'x' })).toBe('400 458788');
    expect(await array.refusal('POST', SCHEDULES, { name: 'x', interval: 'soon' })).toBe('400 458788');
    expect(await array.refusal('POST', SCHEDULES, { name: 'x', cron: { minutes: [60] } })).toBe('400 262197');
    const daily = await uuidOf(SCHEDULES, 'daily');
    expect(await array.refusal('DELETE', `${SCHEDULES}/${daily}`)).toBe('409 459762');
    expect(await array.list(`${SCHEDULES}?name=hourly`)).toEqual([
      { uuid: expect.any(String), name: 'hourly', _links: expect.anything() },
    ]);
  });

  test('go on after a dump and a restore', async () => {
    const volume = await newVolume('later', { snapshot_policy: { name: 'often' } });
    array.simulator.restore(array.simulator.dump());
    array.simulator.clock.advance(HOUR);
    expect(await snapshots(volume)).toHaveLength(2);
    expect(at((await array.list('/storage/volumes?name=later&fields=snapshot_count'))[0], 'snapshot_count')).toBe(2);
  });
});
