import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { at, openOntapSession, textAt, type OntapSession } from '../../../test/support/ontap-session.ts';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const QUOTA_MS = 2000;
let array: OntapSession;
let pool: string;

const svm = { name: 'svm0' };
const QTREES = '/storage/qtrees';
const RULES = '/storage/quota/rules';

const newVolume = async (name: string, more: Record<string, unknown> = {}): Promise<string> => {
  const body = { name, svm, size: 10 * GIB, aggregates: [{ name: 'aggr1_n1' }], 'guarantee.type': 'none', ...more };
  await array.expect(202, 'POST', '/storage/volumes', body);
  const [volume] = await array.list(`/storage/volumes?name=${name}`);
  return textAt(volume, 'uuid');
};
const newQtree = (name: string, more: Record<string, unknown> = {}, volume = 'pool') =>
  array.expect(202, 'POST', QTREES, { name, svm, volume: { name: volume }, ...more });
const jobOf = async (body: unknown) => array.expect(200, 'GET', `/cluster/jobs/${textAt(body, 'job', 'uuid')}`);
const newRule = (more: Record<string, unknown>) =>
  array.expect(202, 'POST', RULES, { svm, volume: { name: 'pool' }, ...more });
const ruleFor = async (qtree: string) => (await array.list(`${RULES}?qtree.name=${qtree}&fields=*`))[0];

beforeAll(async () => {
  array = await openOntapSession({
    clock: { frozenAt: new Date('2026-01-01T00:00:00Z') },
    pace: { quotaMs: QUOTA_MS },
  });
  pool = await newVolume('pool', { 'nas.path': '/pool', 'nas.unix_permissions': 711 });
});
afterEach(() => array.simulator.world.verify());
afterAll(() => array.close());

describe('qtrees', () => {
  test('take what they are not given from their volume', async () => {
    await newQtree('q1', { unix_permissions: '777', security_style: 'mixed' });
    await newQtree('q2');
    expect(await array.expect(200, 'GET', `${QTREES}/${pool}/1`)).toMatchObject({
      id: 1,
      name: 'q1',
      path: '/pool/q1',
      nas: { path: '/pool/q1' },
      unix_permissions: 777,
      security_style: 'mixed',
      export_policy: { name: 'default' },
      svm: { name: 'svm0' },
      volume: { name: 'pool', uuid: pool },
      _links: { self: { href: `/api/storage/qtrees/${pool}/1` } },
    });
    expect(await array.expect(200, 'GET', `${QTREES}/${pool}/2`)).toMatchObject({
      unix_permissions: 711,
      security_style: 'unix',
    });
  });

  test('are listed with the volume itself as number 0, and found by object and by quoted name', async () => {
    expect(await array.list(`${QTREES}?volume.name=pool&fields=`)).toMatchObject([
      { id: 0, name: '', svm: { name: 'svm0' }, volume: { uuid: pool } },
      { id: 1, name: 'q1' },
      { id: 2, name: 'q2' },
    ]);
    const found = await array.list(`${QTREES}?svm.name=svm0&volume=pool&name="q1"&fields=export_policy,volume`);
    expect(found).toMatchObject([{ id: 1, export_policy: { name: 'default' } }]);
    expect(await array.list(`${QTREES}?volume.name=po*&id=>0`)).toHaveLength(2);
    expect(await array.list(`${QTREES}?volume.name=svm0_root`)).toMatchObject([{ id: 0 }]);
  });

  test.each([
    ['no volume', { volume: undefined }, '400 918232'],
    ['an unknown volume', { volume: { name: 'none' } }, '404 917927'],
    ['no name', { name: undefined }, '400 5242953'],
    ['an empty name', { name: '' }, '400 5242894'],
    ['a name with a slash', { name: 'a/b' }, '400 5242886'],
    ['a name that is taken', { name: 'q1' }, '409 5242886'],
    ['no SVM', { svm: undefined }, '400 2621707'],
    ['an unknown property', { colour: 'red' }, '400 262179'],
    ['a read-only property', { id: 7 }, '400 262196'],
  ])('refuse %s', async (_what, change, refusal) => {
    expect(await array.refusal('POST', QTREES, { name: 'x', svm, volume: { name: 'pool' }, ...change })).toBe(refusal);
  });

  test('can be renamed, not onto another, and the volume itself neither renamed nor deleted', async () => {
    await array.expect(202, 'PATCH', `${QTREES}/${pool}/2`, { name: 'q3' });
    expect(await array.refusal('PATCH', `${QTREES}/${pool}/2`, { name: 'q1' })).toBe('409 5242972');
    expect(await array.refusal('PATCH', `${QTREES}/${pool}/0`, { name: 'root' })).toBe('400 5242894');
    expect(await array.refusal('DELETE', `${QTREES}/${pool}/0`)).toBe('400 5242894');
    expect(await array.refusal('DELETE', `${QTREES}/${pool}/9`)).toBe('404 4');
    await array.expect(202, 'DELETE', `${QTREES}/${pool}/2`);
    await newQtree('q4');
    expect(await array.list(`${QTREES}?name=q4`)).toMatchObject([{ id: 2 }]);
  });

  test('name an export policy that is not there: the job says so, of a new qtree too', async () => {
    const failed = await jobOf(await newQtree('q9', { export_policy: { name: 'none' } }));
    expect(failed).toMatchObject({ state: 'failure', code: 1703954 });
    expect(await array.list(`${QTREES}?name=q9`)).toEqual([]);
  });

  test('hold LUNs, which follow a new name and keep them from being deleted', async () => {
    const lun = { name: '/vol/pool/q4/l1', svm, os_type: 'linux', space: { size: 10 * MIB } };
    await array.expect(201, 'POST', '/storage/luns', lun);
    expect(await array.refusal('DELETE', `${QTREES}/${pool}/2`)).toBe('409 5242916');
    await array.expect(202, 'PATCH', `${QTREES}/${pool}/2`, { name: 'q5' });
    const [found] = await array.list('/storage/luns?name=/vol/pool/q5/l1&fields=location');
    expect(found).toMatchObject({ location: { qtree: { id: 2, name: 'q5' } } });
    await array.expect(200, 'DELETE', `/storage/luns/${textAt(found, 'uuid')}`);
  });

  test('are in clones and come back with a restore', async () => {
    await array.expect(202, 'POST', `/storage/volumes/${pool}/snapshots`, { name: 's1' });
    await array.expect(202, 'DELETE', `${QTREES}/${pool}/1`);
    const clone = await newVolume('copy', {
      size: undefined,
      aggregates: undefined,
      'guarantee.type': undefined,
      clone: { is_flexclone: true, parent_volume: { name: 'pool' }, parent_snapshot: { name: 's1' } },
    });
    expect(await array.list(`${QTREES}?volume.uuid=${clone}&fields=path`)).toMatchObject([
      { id: 0, path: '/copy' },
      { id: 1, path: '/copy/q1' },
      { id: 2, path: '/copy/q5' },
    ]);
    await array.expect(202, 'DELETE', `/storage/volumes/${clone}?force=true`);
    expect(await array.list(`${QTREES}?volume.uuid=${clone}`)).toEqual([]);
    await array.expect(202, 'PATCH', `/storage/volumes/${pool}?restore_to.snapshot.name=s1`);
    expect(await array.list(`${QTREES}?volume.name=pool`)).toMatchObject([{ id: 0 }, { name: 'q1' }, { name: 'q5' }]);
  });

  test('come back without the policies that have gone since', async () => {
    const volume = await newVolume('then');
    await array.expect(201, 'POST', '/protocols/nfs/export-policies', { name: 'brief', svm });
    await array.expect(202, 'POST', '/storage/qos/policies', { name: 'brief', svm, fixed: { max_throughput_iops: 5 } });
    await newQtree('q1', { export_policy: { name: 'brief' }, qos_policy: { name: 'brief' } }, 'then');
    await array.expect(202, 'POST', `/storage/volumes/${volume}/snapshots`, { name: 's1' });
    await array.expect(200, 'DELETE', `${QTREES}?name=q1&volume.name=then`);
    for (const path of ['/protocols/nfs/export-policies', '/storage/qos/policies'])
      await array.expect(200, 'DELETE', `${path}?name=brief`);
    await array.expect(202, 'PATCH', `/storage/volumes/${volume}?restore_to.snapshot.name=s1`);
    const [found] = await array.list(`${QTREES}?name=q1&volume.name=then&fields=export_policy,qos_policy`);
    expect([at(found, 'export_policy', 'name'), at(found, 'qos_policy')]).toEqual(['default', undefined]);
    const clone = { is_flexclone: true, parent_volume: { name: 'then' }, parent_snapshot: { name: 's1' } };
    await array.expect(202, 'POST', '/storage/volumes', { name: 'now', svm, clone });
    expect(await array.list(`${QTREES}?volume.name=now&export_policy.name=default`)).toHaveLength(2);
  });

  test('are not made in read-only volumes', async () => {
    await newVolume('mirror', { type: 'DP' });
    expect(await array.refusal('POST', QTREES, { name: 'x', svm, volume: { name: 'mirror' } })).toBe('400 5242881');
  });

  test('are not made, changed or deleted while their SVM is stopped', async () => {
    const [found] = await array.list('/svm/svms?name=svm0');
    const turn = (state: string) => array.expect(202, 'PATCH', `/svm/svms/${textAt(found, 'uuid')}`, { state });
    await turn('stopped');
    const refused = '400 2621462';
    expect(await array.refusal('POST', QTREES, { name: 'x', svm, volume: { name: 'pool' } })).toBe(refused);
    expect(await array.refusal('PATCH', `${QTREES}/${pool}/1`, { name: 'x' })).toBe(refused);
    expect(await array.refusal('DELETE', `${QTREES}/${pool}/1`)).toBe(refused);
    await turn('running');
    await array.expect(202, 'PATCH', `${QTREES}/${pool}/1`, { unix_permissions: '700' });
  });
});

describe('quotas', () => {
  test('cannot be switched on without rules', async () => {
    const failed = await jobOf(
      await array.expect(202, 'PATCH', `/storage/volumes/${pool}`, { 'quota.enabled': 'true' }),
    );
    expect(failed).toMatchObject({ state: 'failure' });
    expect(await array.expect(200, 'GET', `/storage/volumes/${pool}?fields=quota`)).toMatchObject({
      quota: { state: 'off' },
    });
  });

  test('have rules for qtrees, with the rule for all others made along', async () => {
    await newRule({
      type: 'tree',
      qtree: { name: 'q1' },
      'space.hard_limit': String(GIB),
      files: { hard_limit: 1000 },
    });
    expect(await array.list(`${RULES}?volume.name=pool&type=tree&fields=qtree,space`)).toHaveLength(2);
    expect(await ruleFor('q1')).toMatchObject({
      type: 'tree',
      qtree: { id: 1, name: 'q1' },
      space: { hard_limit: GIB },
      files: { hard_limit: 1000 },
    });
  });

  test.each([
    ['a tree rule without a qtree', { type: 'tree' }, '400 5308564'],
    ['a tree rule with users', { type: 'tree', qtree: { name: 'q5' }, users: [{ name: 'u' }] }, '400 5308564'],
    ['a user rule without users', { type: 'user' }, '400 5308562'],
    ['a group rule without a group', { type: 'group' }, '400 5308563'],
    ['a user by name and id', { type: 'user', users: [{ name: 'u', id: '1' }] }, '400 5308565'],
    ['a group by name and id', { type: 'group', group: { name: 'g', id: '1' } }, '400 5308566'],
    ['mapping without users', { type: 'group', group: { name: 'g' }, user_mapping: true }, '400 5308469'],
    ['an unknown qtree', { type: 'tree', qtree: { name: 'none' } }, '400 5242927'],
    ['a second rule for a qtree', { type: 'tree', qtree: { name: 'q1' } }, '409 1'],
    ['a negative limit', { type: 'tree', qtree: { name: 'q5' }, space: { hard_limit: -2 } }, '400 5308574'],
    [
      'a soft limit above the hard one',
      { type: 'tree', qtree: { name: 'q5' }, space: { hard_limit: GIB, soft_limit: 2 * GIB } },
      '400 5308575',
    ],
    ['no type', {}, '400 262212'],
  ])('refuse %s', async (_what, change, refusal) => {
    expect(await array.refusal('POST', RULES, { svm, volume: { name: 'pool' }, ...change })).toBe(refusal);
  });

  test('go through initializing and resizing', async () => {
    const state = async () =>
      textAt(await array.expect(200, 'GET', `/storage/volumes/${pool}?fields=quota.state`), 'quota', 'state');
    await array.expect(202, 'PATCH', `/storage/volumes/${pool}`, { quota: { enabled: true } });
    expect(await state()).toBe('initializing');
    expect(await array.list('/storage/quota/reports?volume.name=pool')).toEqual([]);
    array.simulator.clock.advance(QUOTA_MS);
    expect(await state()).toBe('on');
    const uuid = textAt(await ruleFor('q1'), 'uuid');
    await array.expect(202, 'PATCH', `${RULES}/${uuid}`, { space: { hard_limit: 2 * GIB, soft_limit: 100 } });
    expect(await state()).toBe('resizing');
    array.simulator.clock.advance(QUOTA_MS);
    expect(await state()).toBe('on');
    expect(await ruleFor('q1')).toMatchObject({ space: { hard_limit: 2 * GIB, soft_limit: 1024 } });
    array.simulator.world.setQuotaState('pool', 'corrupt');
    expect(await state()).toBe('corrupt');
    array.simulator.world.setQuotaState('pool', undefined);
  });

  test('are reported per qtree, by a number beyond what a double holds', async () => {
    array.simulator.world.setQtreeUsedBytes('pool', 'q1', GIB / 2);
    const raw = await array.expect(200, 'GET', '/storage/quota/reports?show_default_records=false&type=tree&fields=*');
    expect(at(raw, 'records')).toMatchObject([
      {
        svm: { name: 'svm0' },
        volume: { name: 'pool' },
        type: 'tree',
        qtree: { id: 1, name: 'q1' },
        space: { hard_limit: 2 * GIB, used: { total: GIB / 2, hard_limit_percent: 25 } },
        files: { hard_limit: 1000, used: { total: 1 } },
      },
      { qtree: { id: 2, name: 'q5' } },
    ]);
    expect(await array.list('/storage/quota/reports?type=tree')).toHaveLength(3);
    const own = textAt(raw, 'records', 0, '_links', 'self', 'href');
    expect(own).toMatch(new RegExp(`^/api/storage/quota/reports/${pool}/2305843\\d{12}$`));
    expect(await array.expect(200, 'GET', own.slice('/api'.length))).toMatchObject({ qtree: { name: 'q1' } });
  });

  test('hold what is written, while they are on', () => {
    expect(() => array.simulator.world.setQtreeUsedBytes('pool', 'q1', 3 * GIB)).toThrow('quota');
    array.simulator.world.setQtreeUsedBytes('pool', 'q5', 3 * GIB);
    expect(array.simulator.world.findVolume('pool')?.usedBytes).toBe(3.5 * GIB);
  });

  test('follow the name of a qtree and go with it', async () => {
    await array.expect(202, 'PATCH', `${QTREES}/${pool}/1`, { name: 'q7' });
    expect(await ruleFor('q7')).toMatchObject({ qtree: { id: 1, name: 'q7' } });
    await array.expect(202, 'DELETE', `${QTREES}/${pool}/1`);
    expect(await array.list(`${RULES}?volume.name=pool&fields=qtree`)).toMatchObject([{ qtree: { name: '' } }]);
    expect(await array.list('/storage/quota/reports?show_default_records=false&fields=qtree')).toMatchObject([
      { qtree: { name: 'q5' } },
    ]);
  });

  test('take a limit away with -1, and read users and groups back', async () => {
    await newRule({ type: 'tree', qtree: { name: 'q5' }, space: { hard_limit: 5 * GIB } });
    const uuid = textAt(await ruleFor('q5'), 'uuid');
    await array.expect(202, 'PATCH', `${RULES}/${uuid}`, { space: { hard_limit: -1 } });
    expect(at(await ruleFor('q5'), 'space')).toBeUndefined();
    await newRule({ type: 'user', users: [{ name: 'EXAMPLE\\jo' }], user_mapping: 'on', space: { hard_limit: '1GB' } });
    expect(await array.list(`${RULES}?type=user&users.name=EXAMPLE\\jo&fields=*`)).toMatchObject([
      { users: [{ name: 'EXAMPLE\\jo' }], user_mapping: true, space: { hard_limit: GIB } },
    ]);
    await array.expect(202, 'DELETE', `${RULES}/${uuid}`);
    expect(await array.refusal('GET', `${RULES}/${uuid}`)).toBe('404 5308545');
  });

  test('are gone with the volume', async () => {
    await array.expect(202, 'PATCH', `/storage/volumes/${pool}`, { quota: { enabled: false } });
    expect(await array.list('/storage/quota/reports')).toEqual([]);
    await array.expect(202, 'DELETE', `/storage/volumes/${pool}?force=true`);
    expect(await array.list(RULES)).toEqual([]);
    expect(await array.list(`${QTREES}?volume.uuid=${pool}`)).toEqual([]);
  });
});
