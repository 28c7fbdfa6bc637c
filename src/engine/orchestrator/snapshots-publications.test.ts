import { expect, it } from 'vitest';
import { actionsOf, describeOnStores } from '../../../test/support/lab-site.ts';
import { expectAgreement, nodeRecord, patient } from '../../../test/support/lab.ts';

describeOnStores('snapshots', (lab) => {
  const { create, snap, publish } = actionsOf(lab);

  it('are taken once, listed and restored', async () => {
    await create('v1');
    await snap('v1', 's2');
    await snap('v1', 's1');
    await expect(snap('v1', 's1')).rejects.toMatchObject({
      kind: 'exists',
      message: 'snapshot v1/s1 already exists',
    });
    await expect(snap('nope', 's')).rejects.toMatchObject({
      kind: 'notFound',
      message: 'source volume nope not found',
    });
    expect((await lab.core.snapshots.list({ volume: 'v1' })).map(({ name }) => name)).toEqual(['s1', 's2']);
    await expect(lab.core.snapshots.list({ volume: 'nope' })).rejects.toThrow('volume nope not found');
    await expect(lab.core.snapshots.list({ group: 'g' })).rejects.toThrow("no snapshots found for group snapshot 'g'");
    await lab.core.snapshots.restore('v1', 's1', patient);
    await publish('v1', 'n1');
    await expect(lab.core.snapshots.restore('v1', 's1', patient)).rejects.toMatchObject({
      kind: 'conflict',
      message: 'cannot restore attached volume to snapshot',
    });
    await expect(lab.core.snapshots.get('v1', 'nope')).rejects.toThrow('snapshot nope was not found');
    await expect(lab.core.snapshots.remove('v1', 'nope', patient)).rejects.toThrow(
      'snapshot nope not found on volume v1',
    );
  });

  it('are restored with the size that the volume has then', async () => {
    await create('v1');
    await snap('v1', 's1');
    const { internalName, size } = (await lab.core.volumes.get('v1')).config;
    const onArray = lab.array.volumes.get(internalName);
    if (onArray === undefined) throw new Error('v1 is not on the array');
    onArray.size = size * 2;
    await lab.core.snapshots.restore('v1', 's1', patient);
    expect((await lab.core.volumes.get('v1')).config.size).toBe(size * 2);
  });

  it('go from the records when the array takes them along with what a restore undoes', async () => {
    await create('v1');
    for (const name of ['s1', 's2', 's3']) await snap('v1', name);
    const notes: string[] = [];
    await lab.core.snapshots.restore('v1', 's2', { ...patient, progress: (text) => void notes.push(text) });
    expect((await lab.core.snapshots.list({ volume: 'v1' })).map(({ name }) => name)).toEqual(['s1', 's2']);
    expect(notes).toContain('snapshot s3 of volume v1 went with what was written since');
    await expectAgreement(lab.core, lab.array);
  });

  it('are not restored once more when it cannot be seen which of them are left', async () => {
    await create('v1');
    for (const name of ['s1', 's2']) await snap('v1', name);
    lab.array.fault = (call) => (call === 'listSnapshots' ? 'unreachable' : undefined);
    await expect(lab.core.snapshots.restore('v1', 's1', patient)).rejects.toMatchObject({
      code: 'operation.unfinished',
    });
    lab.array.fault = undefined;
    lab.array.calls.length = 0;
    expect(await lab.core.operations.recover(patient)).toMatchObject([{ kind: 'snapshot.restore', outcome: 'done' }]);
    expect(lab.array.calls).toEqual(['listSnapshots']);
    await expectAgreement(lab.core, lab.array);
  });

  it('keep the kind of the refusal', async () => {
    await create('v1');
    lab.array.fault = () => 'refused';
    await expect(snap('v1', 's1')).rejects.toMatchObject({
      kind: 'conflict',
      message: 'failed to create snapshot s1 for volume v1 on backend lab: the array refuses',
    });
  });
});

describeOnStores('nodes', (lab) => {
  it('register while their publication state changes', async () => {
    const flags = { orchestratorReady: false, administratorReady: false };
    const hostInfo = { os: { distro: 'ubuntu', version: '24.04' } };
    // A little later each time, so that it comes at every moment.
    for (let turns = 0; turns < 60; turns++) {
      const name = `n-${turns}`;
      await lab.core.nodes.register(nodeRecord(name), patient);
      const registered = lab.core.nodes.register(nodeRecord(name, { hostInfo }), patient);
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      await Promise.all([registered, lab.core.nodes.updateState(name, flags)]);
      expect(await lab.core.nodes.get(name)).toMatchObject({ publicationState: 'dirty', hostInfo });
    }
  });
});

describeOnStores('publications', (lab) => {
  const { create, publish } = actionsOf(lab);

  it('repeat with the same options only', async () => {
    await create('v1');
    expect(await publish('v1', 'n1')).toMatchObject({ accessMode: 5, readOnly: false, storageClass: 'any' });
    await publish('v1', 'n1');
    await expect(publish('v1', 'n1', true)).rejects.toThrow(
      'this volume is already published to this node with different options',
    );
    expect((await lab.core.volumes.get('v1')).config.accessInformation).toMatchObject({ nfsPath: '/lab_v1' });
    await expectAgreement(lab.core, lab.array);
  });

  it('need a node that is known and clean', async () => {
    await create('v1');
    await expect(publish('v1', 'nope')).rejects.toThrow('node nope was not found');
    await lab.core.nodes.updateState('n1', { orchestratorReady: false, administratorReady: false });
    await expect(publish('v1', 'n1')).rejects.toThrow('not safe to publish lab volume to node n1');
    await lab.core.nodes.register(nodeRecord('n1'), patient);
    expect((await lab.core.nodes.get('n1')).publicationState).toBe('dirty');
    await expectAgreement(lab.core, lab.array);
  });

  it('that fail leave nothing', async () => {
    await create('v1');
    let isFirst = true;
    lab.array.fault = (call) => {
      if (call !== 'publish' || !isFirst) return undefined;
      isFirst = false;
      return 'lost';
    };
    await expect(publish('v1', 'n1')).rejects.toMatchObject({ kind: 'unavailable' });
    lab.array.fault = undefined;
    expect(await lab.core.publications.list()).toEqual([]);
    await expectAgreement(lab.core, lab.array);
  });

  it('go once, and take a deleted node with them', async () => {
    await create('v1');
    await publish('v1', 'n1');
    await lab.core.nodes.remove('n1', patient);
    expect((await lab.core.nodes.get('n1')).deleted).toBe(true);
    await lab.core.publications.unpublish('v1', 'n1', patient);
    await lab.core.publications.unpublish('v1', 'n1', patient);
    await expect(lab.core.nodes.get('n1')).rejects.toThrow('node n1 was not found');
    await expect(lab.core.nodes.remove('n1', patient)).rejects.toThrow('node n1 not found');
    await expectAgreement(lab.core, lab.array);
  });

  it('go with their volume', async () => {
    await create('v1');
    await publish('v1', 'n1');
    await lab.core.volumes.remove('v1', patient);
    expect(await lab.core.publications.list()).toEqual([]);
  });

  it('take a deleted node with them when they go with their volumes', async () => {
    await create('v1');
    await create('v2');
    await publish('v1', 'n1');
    await publish('v2', 'n1');
    await publish('v2', 'n2');
    await lab.core.nodes.remove('n1', patient);
    await lab.core.volumes.remove('v1', patient);
    expect((await lab.core.nodes.get('n1')).deleted).toBe(true);
    await lab.core.volumes.remove('v2', patient);
    expect((await lab.core.nodes.list()).map(({ name }) => name)).toEqual(['n2']);
    await expectAgreement(lab.core, lab.array);
  });

  it('take a deleted node with them when they go with a volume whose backend is gone', async () => {
    await create('v1');
    await publish('v1', 'n1');
    await lab.core.nodes.remove('n1', patient);
    const { uuid } = (await lab.core.backends.get('lab')).backend;
    await lab.store.commit([{ kind: 'backend', remove: uuid }]);
    await expect(lab.core.volumes.remove('v1', { ...patient, dryRun: true })).rejects.toMatchObject({
      steps: ['remove the record of volume v1, whose backend is gone'],
    });
    await lab.core.volumes.remove('v1', patient);
    expect(await lab.core.volumes.names()).toEqual([]);
    expect(await lab.core.publications.list()).toEqual([]);
    expect((await lab.core.nodes.list()).map(({ name }) => name)).toEqual(['n2']);
  });

  it('are kept apart whose names make the same text', async () => {
    await lab.core.nodes.register(nodeRecord('b.c'), patient);
    await lab.core.nodes.register(nodeRecord('c'), patient);
    await create('a');
    await create('a.b');
    await publish('a', 'b.c');
    await expect(lab.core.publications.get('a.b', 'c')).rejects.toThrow('volume publication a.b.c was not found');
    await publish('a.b', 'c', true);
    expect(await lab.core.publications.get('a', 'b.c')).toMatchObject({ volume: 'a', readOnly: false });
    await expectAgreement(lab.core, lab.array);
    await lab.core.publications.unpublish('a.b', 'c', patient);
    expect((await lab.core.publications.list()).map(({ volume }) => volume)).toEqual(['a']);
    await expectAgreement(lab.core, lab.array);
  });
});
