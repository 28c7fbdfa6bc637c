import { expect, it } from 'vitest';
import { actionsOf, describeOnStores } from '../../../test/support/lab-site.ts';
import { cloneRequest, expectAgreement, patient, storageClass } from '../../../test/support/lab.ts';
import { DryRun } from './dry-run.ts';

const uuid = '13f0c2aa-1d2e-4b3c-9a8f-77b6a5c4d3e2';
const name = `groupsnapshot-${uuid}`;
const member = `snapshot-${uuid}`;

describeOnStores('group snapshots', (lab) => {
  const { create, snap } = actionsOf(lab);
  const group = (volumes: readonly string[], called = name) =>
    lab.core.groupSnapshots.create({ name: called, volumes, version: '1' }, patient);

  it('are taken of several volumes at one instant, and read back', async () => {
    await create('v1');
    await create('v2');
    await create('v3');
    const made = await group(['v2', 'v1', 'v1']);
    expect(made).toMatchObject({ name, volumes: ['v1', 'v2'], snapshots: [`v1/${member}`, `v2/${member}`] });
    expect(await lab.core.groupSnapshots.get(name)).toEqual(made);
    expect(await lab.core.groupSnapshots.names()).toEqual([name]);
    const members = await lab.core.snapshots.list({ group: name });
    expect(members.map(({ volume, groupSnapshotName, state }) => [volume, groupSnapshotName, state])).toEqual([
      ['v1', name, 'online'],
      ['v2', name, 'online'],
    ]);
    expect(new Set(members.map(({ created }) => created)).size).toBe(1);
    await expect(group(['v3'])).rejects.toMatchObject({
      kind: 'exists',
      message: `group snapshot ${name} already exists`,
    });
    await expectAgreement(lab.core, lab.array);
    await lab.core.groupSnapshots.remove(name, patient);
    expect(await lab.core.groupSnapshots.names()).toEqual([]);
    expect(await lab.core.snapshots.list()).toEqual([]);
    await expectAgreement(lab.core, lab.array);
    await expect(lab.core.groupSnapshots.get(name)).rejects.toThrow(`group snapshot ${name} was not found`);
    await expect(lab.core.groupSnapshots.remove(name, patient)).rejects.toThrow(`group snapshot '${name}' not found`);
  });

  it('are called by a UUID, or by another text that is good for a name', async () => {
    await create('v1');
    expect((await group(['v1'], 'groupsnapshot-nightly')).snapshots).toEqual(['v1/snapshot-nightly']);
    for (const wrong of ['', 'nightly', 'groupsnapshot-', 'groupsnapshot-a/b', 'groupsnapshot-groupsnapshot-a'])
      await expect(group(['v1'], wrong)).rejects.toMatchObject({ code: 'groupsnapshot.name', kind: 'invalid' });
  });

  it('are refused before anything is taken when a volume cannot be in them', async () => {
    await create('v1');
    await create('v2');
    await snap('v2', member);
    await expect(group([])).rejects.toThrow('group snapshot must have at least one source volume');
    await expect(group(['v1', 'v9'])).rejects.toThrow('source volume v9 not found');
    await expect(group(['v1', 'v2'])).rejects.toThrow(`snapshot v2/${member} already exists`);
    await lab.core.volumes.remove('v2', patient);
    await expect(group(['v1', 'v2'], 'groupsnapshot-other')).rejects.toMatchObject({
      kind: 'conflict',
      message: 'source volume v2 is deleting',
    });
    expect(lab.array.calls.filter((call) => call.endsWith('Group'))).toEqual([]);
    expect(await lab.core.groupSnapshots.names()).toEqual([]);
  });

  it('are planned without being taken', async () => {
    await create('v1');
    const plan = lab.core.groupSnapshots.create({ name, volumes: ['v1'], version: '' }, { ...patient, dryRun: true });
    await expect(plan).rejects.toBeInstanceOf(DryRun);
    await expect(plan).rejects.toMatchObject({ steps: [`take snapshot ${member} of volumes v1 at one instant`] });
    expect(await lab.core.snapshots.list()).toEqual([]);
  });

  it('span backends of one target only, and backends that can take them', async () => {
    const backends = { same: { svm: 'a' }, other: { svm: 'b' }, unable: { groups: false } };
    for (const [backendName, more] of Object.entries(backends)) {
      const config = { version: 1, storageDriverName: 'lab', backendName, ...more };
      await lab.core.backends.add(config, patient);
      await lab.core.storageClasses.add(
        storageClass(backendName, { storagePools: { [backendName]: ['.*'] }, attributesGiven: true }),
      );
      await lab.core.volumes.create(
        {
          name: `on-${backendName}`,
          size: '1Gi',
          storageClass: backendName,
          volumeMode: 'Filesystem',
          accessMode: 'ReadWriteMany',
        },
        patient,
      );
    }
    await create('v1');
    const backend = (await lab.core.volumes.get('v1')).backendUUID;
    const first = (await lab.core.backends.get(backend)).backend.name;
    const together = first === 'other' ? 'on-other' : 'on-same';
    if (first !== 'unable') expect((await group(['v1', together])).snapshots).toHaveLength(2);
    await expect(group(['on-same', 'on-other'], 'groupsnapshot-x')).rejects.toMatchObject({
      kind: 'invalid',
      code: 'groupsnapshot.targets',
    });
    await expect(group(['on-same', 'on-unable'], 'groupsnapshot-x')).rejects.toMatchObject({
      kind: 'unsupported',
      message: 'group snapshots are not supported by backend type lab',
    });
    expect(await lab.core.snapshots.list()).toHaveLength(first === 'unable' ? 0 : 2);
  });

  it('keep their members together', async () => {
    await create('v1');
    await create('v2');
    await group(['v1', 'v2']);
    await expect(lab.core.snapshots.remove('v1', member, patient)).rejects.toMatchObject({
      kind: 'conflict',
      message: `unable to delete snapshot: 'v1/${member}' while group: '${name}' exists`,
    });
    await lab.core.volumes.clone(cloneRequest('c1', 'v2', { snapshot: member, readOnly: true }), patient);
    await expect(lab.core.groupSnapshots.remove(name, patient)).rejects.toMatchObject({ kind: 'conflict' });
    expect(await lab.core.snapshots.list()).toHaveLength(2);
    await lab.core.volumes.remove('c1', patient);
    await lab.core.groupSnapshots.remove(name, patient);
    await expectAgreement(lab.core, lab.array);
  });

  it('let a volume go that only waited for them', async () => {
    await create('v1');
    await create('v2');
    await group(['v1', 'v2']);
    await lab.core.volumes.remove('v1', patient);
    expect((await lab.core.volumes.get('v1')).state).toBe('deleting');
    await lab.core.groupSnapshots.remove(name, patient);
    expect(await lab.core.volumes.names()).toEqual(['v2']);
    await expectAgreement(lab.core, lab.array);
  });

  it('stay, with the members that could not be deleted, and go when asked again', async () => {
    await create('v1');
    await create('v2');
    await group(['v1', 'v2']);
    let deletions = 0;
    lab.array.fault = (call) => (call === 'deleteSnapshot' && ++deletions === 1 ? 'refused' : undefined);
    await expect(lab.core.groupSnapshots.remove(name, patient)).rejects.toMatchObject({ kind: 'conflict' });
    expect((await lab.core.snapshots.list({ group: name })).map(({ volume }) => volume)).toEqual(['v1']);
    expect(await lab.core.groupSnapshots.names()).toEqual([name]);
    lab.array.fault = undefined;
    await lab.core.groupSnapshots.remove(name, patient);
    expect(await lab.core.groupSnapshots.names()).toEqual([]);
    await expectAgreement(lab.core, lab.array);
  });

  it('leave nothing when they cannot be taken of all', async () => {
    await create('v1');
    await create('v2');
    lab.array.fault = (call) => (call === 'collectGroup' ? 'refused' : undefined);
    await expect(group(['v1', 'v2'])).rejects.toMatchObject({
      kind: 'conflict',
      message: `failed to create group snapshot ${name}: the array refuses`,
    });
    expect(await lab.core.groupSnapshots.names()).toEqual([]);
    await expectAgreement(lab.core, lab.array);
  });
});
