import { expect, it } from 'vitest';
import { actionsOf, describeOnStores, gib, labConfig } from '../../../test/support/lab-site.ts';
import { endOf, expectAgreement, patient, storageClass, volumeRequest } from '../../../test/support/lab.ts';
import { messageOf } from '../problem.ts';

describeOnStores('volumes', (lab) => {
  const { create, snap, publish, clone } = actionsOf(lab);

  it('are created in a pool of their class', async () => {
    const volume = await create('v1', '2gi');
    expect(volume).toMatchObject({
      state: 'online',
      orphaned: false,
      config: { name: 'v1', internalName: 'lab_v1', size: 2 * gib, protocol: 'file', storageClass: 'any' },
    });
    expect(['p1', 'p2']).toContain(volume.pool);
    expect(await lab.core.volumes.names()).toEqual(['v1']);
    await expectAgreement(lab.core, lab.array);
  });

  it.each([
    [{ name: 'v1' }, 'exists', 'volume v1 already exists'],
    [{ name: 'a/b' }, 'invalid', '"a/b" cannot be the name of a volume'],
    [{ storageClass: 'nope' }, 'notFound', 'unknown storage class: nope'],
    [{ storageClass: '' }, 'notFound', 'unknown storage class: '],
    [{ storageClass: 'none' }, 'unsupported', 'no available backends for storage class none'],
    [
      { protocol: 'block' as const, accessMode: 'ReadWriteOnce' as const },
      'unsupported',
      'no available backends for storage class any',
    ],
    [
      { accessMode: 'ReadWriteMany' as const, protocol: 'block' as const },
      'invalid',
      'incompatible volume mode (Filesystem), access mode (ReadWriteMany) and protocol (block)',
    ],
    [{ size: 'lots' }, 'invalid', '"lots" is not a valid size'],
    [{ size: '' }, 'invalid', 'the following fields for "Volume" are mandatory: name and size'],
    [
      { size: '1' },
      'limit',
      /^encountered error\(s\) in creating the volume: \[Failed to create volume new on storage pools (p1, p2|p2, p1) from backend lab: too small\]$/,
    ],
    [{ shareSourceVolume: 'v1' }, 'unsupported', 'volumes that share another volume are not supported yet'],
  ])('with %j are refused', async (more, problem, text) => {
    await create('v1');
    await lab.core.storageClasses.add(storageClass('none', { attributes: { media: 'hdd' } }));
    const before = await lab.core.operations.list();
    const attempt = () => lab.core.volumes.create({ ...volumeRequest('new'), ...more }, patient);
    await expect(attempt()).rejects.toThrow(text);
    expect(await endOf(attempt())).toBe(problem);
    expect(await lab.core.operations.list()).toEqual(before);
  });

  it('go to the next pool when one fails, and its remains are taken away', async () => {
    let first: string | undefined;
    lab.array.fault = (call) => {
      if (!call.startsWith('createVolume')) return undefined;
      first ??= call;
      return call === first ? 'lost' : undefined;
    };
    const volume = await create('v1');
    expect(`createVolume ${volume.pool}`).not.toBe(first);
    expect(lab.array.calls).toContain('discardVolume');
    await expectAgreement(lab.core, lab.array);
  });

  it('go to another pool of a backend that cannot take them in one', async () => {
    await lab.core.backends.update('lab', { ...labConfig, full: ['p1'] }, patient);
    for (const name of ['v1', 'v2', 'v3', 'v4']) expect((await create(name)).pool).toBe('p2');
  });

  it('that fail in every pool name every cause once and leave nothing', async () => {
    lab.array.fault = (call) => (call.startsWith('createVolume') ? 'refused' : undefined);
    await expect(create('v1')).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringMatching(
        /^encountered error\(s\) in creating the volume: \[Failed to create volume v1 on storage pools (p1, p2|p2, p1) from backend lab: the array refuses\]$/,
      ),
    });
    const faults = new Map([
      ['createVolume p1', 'refused'],
      ['createVolume p2', 'unreachable'],
    ] as const);
    lab.array.fault = (call) => [...faults].find(([name]) => name === call)?.[1];
    const refused = 'Failed to create volume v1 on storage pool p1 from backend lab: the array refuses';
    const away = 'Failed to create volume v1 on storage pool p2 from backend lab: the array does not answer';
    const problem = await create('v1').catch(messageOf);
    expect([`${refused}, ${away}`, `${away}, ${refused}`].map((text) => `[${text}]`)).toContain(
      String(problem).replace(/^encountered error\(s\) in creating the volume: /, ''),
    );
    lab.array.fault = undefined;
    await expectAgreement(lab.core, lab.array);
    await create('v1');
  });

  it('never take over or delete what is on the array under their name', async () => {
    lab.array.plant('lab_v1', gib);
    await expect(create('v1')).rejects.toMatchObject({
      kind: 'exists',
      message: expect.stringContaining('volume lab_v1 is on the array'),
    });
    await expectAgreement(lab.core, lab.array, ['lab_v1']);
  });

  it('are not created on a suspended backend', async () => {
    await lab.core.backends.updateState('lab', { state: '', userState: 'Suspended' }, patient);
    await expect(create('v1')).rejects.toThrow(
      /\[Failed to create volume v1 on storage pools (p1, p2|p2, p1) from backend lab: volume is not created because the backend lab is suspended\]$/,
    );
    await lab.core.backends.updateState('lab', { state: '', userState: 'normal' }, patient);
    await create('v1');
  });

  it('are resized, once', async () => {
    await create('v1');
    expect((await lab.core.volumes.resize('v1', '3Gi', patient)).config.size).toBe(3 * gib);
    const calls = lab.array.calls.length;
    await lab.core.volumes.resize('v1', String(3 * gib), patient);
    expect(lab.array.calls).toHaveLength(calls);
    await expect(lab.core.volumes.resize('v1', '1Gi', patient)).rejects.toMatchObject({
      kind: 'limit',
      message: 'unable to resize the volume: cannot shrink',
    });
    await expect(lab.core.volumes.resize('nope', '1Gi', patient)).rejects.toMatchObject({
      kind: 'notFound',
      message: 'volume nope not found',
    });
    await expectAgreement(lab.core, lab.array);
  });

  it('with snapshots are only marked, and go with the last of them', async () => {
    await create('v1');
    await snap('v1', 's1');
    await snap('v1', 's2');
    await lab.core.volumes.remove('v1', patient);
    expect((await lab.core.volumes.get('v1')).state).toBe('deleting');
    await lab.core.volumes.remove('v1', patient);
    await expect(snap('v1', 's3')).rejects.toThrow('source volume v1 is deleting');
    await expect(lab.core.volumes.resize('v1', '2Gi', patient)).rejects.toThrow('volume v1 is deleting');
    await expect(publish('v1', 'n1')).rejects.toThrow('volume v1 is deleting');
    await lab.core.snapshots.remove('v1', 's1', patient);
    expect(await lab.core.volumes.names()).toEqual(['v1']);
    await lab.core.snapshots.remove('v1', 's2', patient);
    expect(await lab.core.volumes.names()).toEqual([]);
    await expectAgreement(lab.core, lab.array);
  });

  it('stay as they were when the array refuses to delete them', async () => {
    await create('v1');
    lab.array.fault = () => 'refused';
    await expect(lab.core.volumes.remove('v1', patient)).rejects.toThrow('the array refuses');
    lab.array.fault = undefined;
    expect((await lab.core.volumes.get('v1')).state).toBe('online');
    await expectAgreement(lab.core, lab.array);
    await expect(lab.core.volumes.remove('nope', patient)).rejects.toMatchObject({
      kind: 'notFound',
      message: 'volume nope not found',
    });
  });

  it('take a source that only waited for them along', async () => {
    await create('v1');
    await snap('v1', 's1');
    await clone('v1', 'c1', { snapshot: 's1' });
    await lab.core.volumes.remove('v1', patient);
    await lab.core.snapshots.remove('v1', 's1', patient);
    expect(await lab.core.volumes.names()).toEqual(['c1']);
    await lab.core.volumes.remove('c1', patient);
    await expectAgreement(lab.core, lab.array);
  });

  it('are left by a plan as they are', async () => {
    const plan = { ...patient, dryRun: true };
    await expect(lab.core.volumes.create(volumeRequest('v1'), plan)).rejects.toMatchObject({
      name: 'DryRun',
      steps: [expect.stringMatching(/^create lab_v1 \(1073741824 bytes\) in pool p\d$/)],
    });
    await create('v1');
    await expect(lab.core.volumes.remove('v1', plan)).rejects.toMatchObject({
      steps: ['mark volume v1 as deleting', 'delete volume v1'],
    });
    await expect(lab.core.backends.remove('lab', plan)).rejects.toMatchObject({ name: 'DryRun' });
    await expect(lab.core.nodes.remove('n1', plan)).rejects.toMatchObject({ name: 'DryRun' });
    await expectAgreement(lab.core, lab.array);
    expect((await lab.core.backends.get('lab')).backend.state).toBe('online');
    expect(await lab.core.nodes.list()).toHaveLength(2);
  });
});
