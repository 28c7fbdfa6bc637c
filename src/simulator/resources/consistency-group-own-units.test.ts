import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { GROUPS, SVM } from '../../../test/support/group-session.ts';
import { at, textAt } from '../../../test/support/ontap-session.ts';
import {
  count,
  namesAt,
  openProvisionSession,
  pathOf,
  type ProvisionSession,
} from '../../../test/support/provision-session.ts';
import { defaultTopology } from '../core/topology.ts';

const MIB = 1024 ** 2;

let session: ProvisionSession;
beforeAll(async () => {
  session = await openProvisionSession({
    topology: { cluster: { ...defaultTopology.cluster, personality: 'asa-r2' } },
  });
});
afterEach(() => session.array.simulator.world.verify());
afterAll(() => session.array.close());

const unit = (name: string, more: Record<string, unknown> = {}) => ({
  name,
  os_type: 'linux',
  space: { size: 20 * MIB },
  ...more,
});
const unitPath = async (name: string) =>
  `/storage/storage-units/${textAt((await session.array.list(`/storage/storage-units?name=${name}`))[0], 'uuid')}`;
const snapshotsOf = async (name: string) =>
  (await session.array.list(`${await unitPath(name)}/snapshots`)).map((each) => at(each, 'name'));

describe('a group on ASA r2', () => {
  test('has units that are made with it, and shows no volumes', async () => {
    const group = await session.made({ name: 'g', luns: [unit('l', count(2)), unit('m')], namespaces: [unit('n')] });
    expect(namesAt(group, 'luns')).toEqual(['l_1', 'l_2', 'm']);
    expect(namesAt(group, 'namespaces')).toEqual(['n']);
    expect(at(group, 'volumes')).toBeUndefined();
    expect(at(group, 'space', 'size')).toBe(80 * MIB);
    const units = await session.array.list('/storage/storage-units?name=l_1|n&fields=consistency_group');
    expect(units.map((each) => at(each, 'consistency_group', 'name'))).toEqual(['g', 'g']);
    const more = { luns: [unit('later'), { name: 'm', comment: 'c', space: { size: 40 * MIB } }] };
    await session.done('PATCH', pathOf(group), more);
    const shown = await session.show(textAt(group, 'uuid'));
    expect(namesAt(shown, 'luns')).toEqual(['l_1', 'l_2', 'later', 'm']);
    expect(at(shown, 'space', 'size')).toBe(120 * MIB);
    const refusal = (body: unknown) => session.array.refusal('PATCH', pathOf(group), body);
    expect(await refusal({ volumes: [] })).toBe('400 262179');
    expect(await refusal({ luns: [unit('/vol/a/b')] })).toMatch(/^400 /);
    expect(await refusal({ luns: [{ os_type: 'linux', space: { size: MIB } }] })).toBe('400 262212');
    expect(await session.array.refusal('POST', GROUPS, { ...SVM, luns: [unit('only')] })).toBe('400 262212');
    expect(await session.array.refusal('POST', GROUPS, { ...SVM, name: 'x' })).toBe('400 53411864');
  });

  test('changes units of the kind that the body says alone', async () => {
    const group = await session.made({ name: 'kinds', namespaces: [unit('ns')] });
    const refusal = await session.array.refusal('PATCH', pathOf(group), { luns: [{ name: 'ns', comment: 'c' }] });
    expect(refusal).toBe('400 5374884');
    expect(await session.array.refusal('PATCH', pathOf(group), { luns: [unit('ns')] })).toMatch(/^409 /);
  });

  test('loses a unit that is deleted, and goes with the last', async () => {
    const group = await session.made({ name: 'brief', luns: [unit('b1'), unit('b2')] });
    const remove = async (name: string) =>
      session.array.expect(200, 'DELETE', `/storage/luns?name=${name}&return_timeout=10`);
    await remove('b1');
    expect(namesAt(await session.show(textAt(group, 'uuid')), 'luns')).toEqual(['b2']);
    await remove('b2');
    expect(await session.array.refusal('GET', pathOf(group))).toBe('404 53411842');
  });

  test('is snapshotted, set back and deleted as one', async () => {
    const group = await session.made({ name: 'snapped', luns: [unit('s1'), unit('s2')] });
    for (const name of ['old', 'new']) await session.done('POST', `${pathOf(group)}/snapshots`, { name });
    expect(await snapshotsOf('s1')).toEqual(['old', 'new']);
    const [record] = await session.array.list(`${pathOf(group)}/snapshots?name=old&fields=luns,is_partial`);
    expect(record).toMatchObject({ is_partial: false });
    expect(namesAt(record, 'luns')).toEqual(['s1', 's2']);
    await session.done('PATCH', pathOf(group), { luns: [{ name: 's1', space: { size: 40 * MIB } }] });
    await session.done('PATCH', pathOf(group), { restore_to: { snapshot: { name: 'old' } } });
    expect(await snapshotsOf('s1')).toEqual(['old']);
    expect(await snapshotsOf('s2')).toEqual(['old']);
    expect(await session.array.list('/storage/luns?name=s1&fields=space.size')).toMatchObject([
      { space: { size: 20 * MIB } },
    ]);
    await session.done('DELETE', `${pathOf(group)}/snapshots/${textAt(record, 'uuid')}`);
    expect(await snapshotsOf('s2')).toEqual([]);
    await session.done('DELETE', pathOf(group));
    expect(await session.array.list('/storage/luns?name=s1|s2')).toHaveLength(2);
  });

  test('is nested, promoted and demoted', async () => {
    const parent = await session.made({
      name: 'app',
      consistency_groups: [
        { name: 'app_data', luns: [unit('data', count(2))] },
        { name: 'app_logs', luns: [unit('logs')] },
      ],
    });
    expect(namesAt(parent, 'consistency_groups')).toEqual(['app_data', 'app_logs']);
    expect(namesAt(parent, 'luns')).toEqual(['data_1', 'data_2', 'logs']);
    await session.done('PATCH', pathOf(parent), { provisioning_options: { action: 'demote' } });
    await session.done('PATCH', pathOf(parent), {
      provisioning_options: { action: 'promote' },
      consistency_groups: [{ name: 'heir' }],
    });
    const after = await session.show(textAt(parent, 'uuid'));
    expect(namesAt(after, 'consistency_groups')).toEqual(['heir']);
    expect(namesAt(after, 'luns')).toEqual(['data_1', 'data_2', 'logs']);
  });

  test('is mapped and unmapped as one', async () => {
    await session.array.expect(201, 'POST', '/protocols/san/igroups', { name: 'hosts', ...SVM, os_type: 'linux' });
    const group = await session.made({ name: 'mapped', luns: [unit('m1'), unit('m2')] });
    const maps = () => session.array.list('/protocols/san/lun-maps?igroup.name=hosts&fields=logical_unit_number');
    await session.done('PATCH', pathOf(group), { map_to: { name: 'hosts' } });
    expect((await maps()).map((each) => at(each, 'logical_unit_number')).toSorted()).toEqual([0, 1]);
    const refusal = (body: unknown) => session.array.refusal('PATCH', pathOf(group), body);
    expect(await refusal({ map_to: { name: 'none' } })).toBe('404 5374878');
    await session.done('PATCH', pathOf(group), { unmap_from: { name: 'hosts' } });
    expect(await maps()).toEqual([]);
    expect(await refusal({ unmap_from: { name: 'hosts' } })).toBe('400 53411853');
    const mixed = await session.made({ name: 'mixed', luns: [unit('x1')], namespaces: [unit('x2')] });
    expect(await session.array.refusal('PATCH', pathOf(mixed), { map_to: { name: 'hosts' } })).toBe('400 53412058');
    await session.array.expect(201, 'POST', '/protocols/nvme/subsystems', { name: 'sub', ...SVM, os_type: 'linux' });
    const namespaces = await session.made({ name: 'nvme', namespaces: [unit('y', count(2))] });
    await session.done('PATCH', pathOf(namespaces), { map_to: { name: 'sub' } });
    expect(await session.array.list('/protocols/nvme/subsystem-maps?subsystem.name=sub')).toHaveLength(2);
  });

  test('is cloned, and split', async () => {
    const source = await session.made({ name: 'origin', luns: [unit('o1'), unit('o2')] });
    await session.done('POST', `${pathOf(source)}/snapshots`, { name: 'base' });
    const clone = (more: Record<string, unknown>) => ({
      clone: { parent_consistency_group: { name: 'origin' }, storage_unit: { suffix: '_copy' }, ...more },
    });
    const group = await session.made({ name: 'copy', ...clone({ parent_snapshot: { name: 'base' } }) });
    expect(namesAt(group, 'luns')).toEqual(['o1_copy', 'o2_copy']);
    expect(group).toMatchObject({
      clone: { is_flexclone: true, parent_snapshot: { name: 'base' }, storage_unit: { suffix: '_copy' } },
    });
    await session.done('PATCH', pathOf(group), { clone: { split_initiated: true } });
    expect(await session.show(textAt(group, 'uuid'))).toMatchObject({ clone: { is_flexclone: false } });
    const unnamed = { name: 'z', ...SVM, ...clone({ storage_unit: {} }) };
    expect(await session.array.refusal('POST', GROUPS, unnamed)).toBe('501 3');
  });
});
