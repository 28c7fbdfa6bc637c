import { expect, it } from 'vitest';
import { actionsOf, describeOnStores, gib } from '../../../test/support/lab-site.ts';
import { expectAgreement, patient, storageClass } from '../../../test/support/lab.ts';
import type { CloneRequest, ImportRequest } from './orchestrator.ts';

describeOnStores('copies of a snapshot that clones inherited', (lab) => {
  const { create, snap, clone } = actionsOf(lab);
  const inherit = (clones: string, snapshot: string, created?: string) => {
    const source = lab.array.volumes.get('lab_v1')?.snapshots.get(snapshot);
    if (source === undefined) throw new Error('no such snapshot');
    lab.array.volumes.get(`lab_${clones}`)?.snapshots.set(snapshot, { ...source, created: created ?? source.created });
  };
  const left = (volume: string) => [...(lab.array.volumes.get(`lab_${volume}`)?.snapshots.keys() ?? [])];

  it('go with it, as far as nobody has them on record and they are of that instant', async () => {
    await create('v1');
    await create('other');
    await snap('v1', 's1');
    for (const name of ['c1', 'c2', 'c3']) await clone('v1', name, { snapshot: 's1' });
    await clone('other', 'c4', {});
    inherit('c1', 's1');
    inherit('c2', 's1', '2020-01-01T00:00:00Z');
    inherit('c3', 's1');
    await snap('c3', 's1');
    inherit('c4', 's1');
    await lab.core.snapshots.remove('v1', 's1', patient);
    expect([left('v1'), left('c1'), left('c2'), left('c3'), left('c4')]).toEqual([[], [], ['s1'], ['s1'], ['s1']]);
    expect((await lab.core.snapshots.list()).map(({ volume }) => volume)).toEqual(['c3']);
  });

  it('are no reason for the deletion to fail, and go with a group, too', async () => {
    await create('v1');
    await snap('v1', 's1');
    await clone('v1', 'c1', { snapshot: 's1' });
    inherit('c1', 's1');
    let deletions = 0;
    lab.array.fault = (call) => (call === 'deleteSnapshot' && ++deletions === 2 ? 'refused' : undefined);
    await lab.core.snapshots.remove('v1', 's1', patient);
    expect(left('c1')).toEqual(['s1']);
    lab.array.fault = undefined;
    const name = 'groupsnapshot-g';
    await lab.core.groupSnapshots.create({ name, volumes: ['v1'], version: '' }, patient);
    await clone('v1', 'c2', { snapshot: 'snapshot-g' });
    inherit('c2', 'snapshot-g');
    await lab.core.groupSnapshots.remove(name, patient);
    expect(left('c2')).toEqual([]);
  });
});

describeOnStores('clones', (lab) => {
  const { create, snap, clone, take } = actionsOf(lab);

  it('have the size of their source and what was asked of themselves', async () => {
    await create('v1', '2Gi');
    await snap('v1', 's1');
    await lab.core.storageClasses.add(storageClass('other'));
    const made = await clone('v1', 'c1', {
      snapshot: 's1',
      size: '1Gi',
      storageClass: 'other',
      overrides: { qos: 'q' },
    });
    expect(made.config).toMatchObject({
      size: 2 * gib,
      storageClass: 'other',
      cloneSourceVolume: 'v1',
      cloneSourceVolumeInternal: 'lab_v1',
      cloneSourceSnapshot: 's1',
      cloneSourceSnapshotInternal: 's1',
      qos: 'q',
    });
    expect(made.pool).toBe((await lab.core.volumes.get('v1')).pool);
  });

  it.each<[Partial<CloneRequest>, string, string]>([
    [{ source: 'nope' }, 'notFound', 'source volume not found: nope'],
    [{ name: 'v1' }, 'exists', 'volume v1 already exists'],
    [{ size: '3Gi' }, 'limit', `requested PVC size '${3 * gib}' is too large for the clone source '${gib}'`],
    [{ snapshot: 'nope' }, 'notFound', 'could not find source snapshot for volume'],
    [
      { storageClass: 'none' },
      'invalid',
      'clone volume c1 from source volume v1 with different storage classes is not allowed',
    ],
    [{ overrides: { volumeMode: 'Block' } }, 'notFound', 'incompatible'],
  ])('with %j are refused', async (more, problem, text) => {
    await create('v1');
    await lab.core.storageClasses.add(storageClass('none', { attributes: { media: 'hdd' } }));
    await expect(clone('v1', 'c1', more)).rejects.toMatchObject({
      kind: problem,
      message: expect.stringContaining(text),
    });
  });

  it('of an unmanaged volume need a snapshot', async () => {
    lab.array.plant('legacy', gib);
    await take('legacy', 'v1', { noManage: true });
    await expect(clone('v1', 'c1')).rejects.toThrow('cannot clone an unmanaged volume without a snapshot');
  });

  it('that are read-only keep the snapshot they show', async () => {
    await create('v1');
    await snap('v1', 's1');
    await clone('v1', 'r1', { snapshot: 's1', readOnly: true });
    await expect(lab.core.snapshots.remove('v1', 's1', patient)).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining('read-only clone r1'),
    });
    await lab.core.volumes.remove('r1', patient);
    await lab.core.snapshots.remove('v1', 's1', patient);
  });
});

describeOnStores('imports', (lab) => {
  const { snap, take } = actionsOf(lab);

  it('are renamed and managed, or left as they are', async () => {
    lab.array.plant('managed', 2 * gib);
    lab.array.plant('kept', gib);
    lab.array.plant('foreign', gib);
    expect((await take('managed', 'v1')).config).toMatchObject({
      internalName: 'lab_v1',
      size: 2 * gib,
      importOriginalName: 'managed',
    });
    expect((await take('kept', 'v2', { noRename: true })).config.internalName).toBe('kept');
    const unmanaged = await take('foreign', 'v3', { noManage: true });
    expect(unmanaged).toMatchObject({ pool: '', config: { internalName: 'foreign', importNotManaged: true } });
    await expect(lab.core.volumes.resize('v3', '5Gi', patient)).rejects.toThrow('not managed');
    await expect(snap('v3', 's')).rejects.toThrow('not managed');
    for (const name of ['v1', 'v2', 'v3']) await lab.core.volumes.remove(name, patient);
    expect([...lab.array.volumes.keys()]).toEqual(['foreign']);
  });

  it.each<[Partial<ImportRequest>, string, string]>([
    [{ backend: '' }, 'invalid', 'no backend specified for import'],
    [{ backend: 'nope' }, 'notFound', 'could not find backend nope; backend nope was not found'],
    [{ originalName: '' }, 'invalid', 'original name not specified'],
    [{ originalName: 'nope' }, 'notFound', 'volume nope was not found'],
    [{ size: '2Gi' }, 'limit', 'requested size is more than actual size'],
    [{ storageClass: 'nope' }, 'notFound', 'unknown storage class: nope'],
    [{ storageClass: 'none' }, 'invalid', 'storageClass none does not match any storage pools for backend lab'],
    [{ volumeMode: 'Block', accessMode: 'ReadWriteOnce' }, 'invalid', 'incompatible volume mode'],
    [{ originalName: 'taken' }, 'exists', 'PV v0 already exists for volume taken'],
    [{ name: 'v0' }, 'exists', 'volume v0 already exists'],
  ])('with %j are refused before anything changes', async (more, problem, text) => {
    lab.array.plant('legacy', gib);
    lab.array.plant('taken', gib);
    await lab.core.storageClasses.add(storageClass('none', { attributes: { media: 'hdd' } }));
    await take('taken', 'v0', { noRename: true });
    await expect(take('legacy', 'v1', more)).rejects.toMatchObject({
      kind: problem,
      message: expect.stringContaining(text),
    });
    await expectAgreement(lab.core, lab.array, ['legacy']);
  });

  it('are refused on a suspended backend', async () => {
    lab.array.plant('legacy', gib);
    await lab.core.backends.updateState('lab', { state: '', userState: 'suspended' }, patient);
    await expect(take('legacy', 'v1')).rejects.toThrow('volume is not imported because the backend lab is suspended');
  });

  it('take their name from the array when none is given', async () => {
    lab.array.plant('flexvol/qtree', gib);
    expect((await take('flexvol/qtree', '')).config.name).toBe('flexvol-qtree');
  });
});
