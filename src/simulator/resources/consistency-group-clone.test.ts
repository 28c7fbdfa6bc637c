import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { add, GROUPS, SVM } from '../../../test/support/group-session.ts';
import { at } from '../../../test/support/ontap-session.ts';
import {
  namesAt,
  openProvisionSession,
  pathOf,
  unit,
  type ProvisionSession,
} from '../../../test/support/provision-session.ts';

const MIB = 1024 ** 2;

let session: ProvisionSession;
beforeAll(async () => {
  session = await openProvisionSession();
});
afterEach(() => session.array.simulator.world.verify());
afterAll(() => session.array.close());

describe('a clone of a group', () => {
  const SOURCE = 'clone_source';
  const cloneOf = (name: string, more: Record<string, unknown> = {}) => ({
    name,
    ...SVM,
    clone: { parent_consistency_group: { name: SOURCE }, volume: { prefix: `${name}_`, suffix: '_x' }, ...more },
  });
  beforeAll(async () => {
    const source = await session.made({
      name: SOURCE,
      volumes: ['ca', 'cb'].map((name) => ({ name, space: { size: 100 * MIB } })),
      luns: [unit('/vol/ca/l', { lun_maps: [{ igroup: { name: 'cloned', os_type: 'linux' } }] })],
    });
    await session.done('POST', `${pathOf(source)}/snapshots`, { name: 'base' });
  });

  test('has clones of its volumes, with their LUNs and without maps', async () => {
    const group = await session.made(cloneOf('now', { guarantee: { type: 'none' } }));
    expect(group).toMatchObject({
      clone: {
        is_flexclone: true,
        parent_consistency_group: { name: SOURCE },
        parent_svm: { name: 'svm0' },
        volume: { prefix: 'now_', suffix: '_x' },
        guarantee: { type: 'none' },
        split_complete_percent: 0,
      },
      luns: [{ name: '/vol/now_ca_x/l', lun_maps: [] }],
    });
    expect(at(group, 'clone', 'parent_snapshot')).toBeUndefined();
    expect(namesAt(group, 'volumes')).toEqual(['now_ca_x', 'now_cb_x']);
    const volumes = await session.array.list('/storage/volumes?name=now_*&fields=clone,guarantee,nas.path');
    expect(volumes).toMatchObject([
      { clone: { is_flexclone: true }, guarantee: { type: 'none' } },
      { clone: { is_flexclone: true } },
    ]);
  });

  test('stands on a snapshot of the group, and is split from it later', async () => {
    const group = await session.made(cloneOf('later', { parent_snapshot: { name: 'base' } }));
    expect(group).toMatchObject({ clone: { is_flexclone: true, parent_snapshot: { name: 'base' } } });
    const parent = (await session.array.list('/storage/volumes?name=later_ca_x&fields=clone.parent_snapshot.name'))[0];
    expect(parent).toMatchObject({ clone: { parent_snapshot: { name: 'base' } } });
    await session.done('PATCH', pathOf(group), { clone: { split_initiated: true } });
    session.array.simulator.clock.advance(3_600_000);
    const after = await session.array.expect(200, 'GET', `${pathOf(group)}?fields=**`);
    expect(after).toMatchObject({ clone: { is_flexclone: false } });
    expect(await session.array.refusal('PATCH', pathOf(group), { clone: { split_initiated: true } })).toBe(
      '400 53412056',
    );
  });

  test('is split when it is made', async () => {
    const group = await session.made(cloneOf('apart', { split_initiated: true }));
    session.array.simulator.clock.advance(3_600_000);
    const after = await session.array.expect(200, 'GET', `${pathOf(group)}?fields=**`);
    expect(after).toMatchObject({ clone: { is_flexclone: false, parent_consistency_group: { name: SOURCE } } });
  });

  test('is refused without a source, and on a snapshot that is not of all volumes that the group has', async () => {
    const post = (body: unknown) => session.array.refusal('POST', GROUPS, body);
    expect(await post(cloneOf('x', { parent_consistency_group: { name: 'none' } }))).toBe('400 53411844');
    expect(await post(cloneOf('x', { parent_snapshot: { name: 'none' } }))).toBe('404 4');
    expect(await post({ ...cloneOf('x'), volumes: [] })).toBe('400 53411853');
    expect(await post(cloneOf('x', { volume: {} }))).toBe('501 3');
    expect(await post(cloneOf(SOURCE))).toBe('409 53411860');
    const source = await session.groupUuid(SOURCE);
    await session.done('PATCH', `${GROUPS}/${source}`, { volumes: [add(await session.newVolume())] });
    expect(await post(cloneOf('x', { parent_snapshot: { name: 'base' } }))).toBe('400 53411918');
    await session.done('PATCH', `${GROUPS}/${source}`, {
      provisioning_options: { action: 'promote' },
      consistency_groups: [{ name: 'heir_of_source' }],
    });
    expect(await post(cloneOf('x'))).toBe('501 3');
  });
});
