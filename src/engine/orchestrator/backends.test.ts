import { expect, it } from 'vitest';
import { actionsOf, describeOnStores, gib, labConfig } from '../../../test/support/lab-site.ts';
import { expectAgreement, patient, storageClass } from '../../../test/support/lab.ts';

describeOnStores('backends', (lab) => {
  const { create, publish } = actionsOf(lab);

  it('are updated when added again, and keep their identity', async () => {
    const { backend } = await lab.core.backends.get('lab');
    expect((await lab.core.backends.add(labConfig, patient)).uuid).toBe(backend.uuid);
    expect((await lab.core.backends.get(backend.uuid)).backend.name).toBe('lab');
    await expect(lab.core.backends.get(backend.uuid.toUpperCase())).rejects.toThrow(/^backend uuid .* was not found$/);
    await expect(lab.core.backends.get('nope')).rejects.toThrow('backend nope was not found');
  });

  it.each([
    [{}, 'input failed validation: missing storage driver name in configuration file'],
    [
      { version: 2, storageDriverName: 'lab' },
      'input failed validation: unexpected config file version; found 2, expected 1',
    ],
    [{ version: 1, storageDriverName: 'bogus' }, 'unknown storage driver: bogus'],
    [
      { ...labConfig, userState: 'zzz' },
      'invalid user backend state provided: zzz, allowed are: `normal`, `suspended`',
    ],
  ])('are refused for %j', async (config, text) => {
    await expect(lab.core.backends.add(config, patient)).rejects.toThrow(text);
  });

  it('that do not initialise are not kept, whatever their user state', async () => {
    lab.array.fault = () => 'unreachable';
    await expect(
      lab.core.backends.add({ ...labConfig, backendName: 'new', userState: 'suspended' }, patient),
    ).rejects.toMatchObject({
      kind: 'unavailable',
      message: "problem initializing storage driver 'lab': the array does not answer",
    });
    expect(await lab.core.backends.names()).toEqual(['lab']);
  });

  it('are renamed, but not to a name in use', async () => {
    await create('v1');
    await lab.core.backends.add({ ...labConfig, backendName: 'second' }, patient);
    const second = (await lab.core.backends.get('second')).backend;
    await expect(lab.core.backends.update('lab', { ...labConfig, backendName: 'second' }, patient)).rejects.toThrow(
      `backend name second is already in use by ${second.uuid}`,
    );
    await lab.core.backends.update('lab', { ...labConfig, backendName: 'first' }, patient);
    expect((await lab.core.backends.get('first')).volumes).toEqual(['v1']);
    await expect(lab.core.backends.update('lab', labConfig, patient)).rejects.toThrow('backend lab was not found');
  });

  it('find out which volumes are gone, and only by an answer', async () => {
    await create('v1');
    await create('v2');
    lab.array.volumes.delete('lab_v1');
    lab.array.fault = (call) => (call === 'volumeExists' ? 'unreachable' : undefined);
    await lab.core.backends.update('lab', labConfig, patient);
    expect((await lab.core.volumes.list()).map(({ orphaned }) => orphaned)).toEqual([false, false]);
    lab.array.fault = undefined;
    await lab.core.backends.update('lab', labConfig, patient);
    expect((await lab.core.volumes.list()).map(({ orphaned }) => orphaned)).toEqual([true, false]);
    lab.array.plant('lab_v1', gib);
    await lab.core.backends.update('lab', labConfig, patient);
    expect((await lab.core.volumes.list()).map(({ orphaned }) => orphaned)).toEqual([false, false]);
  });

  it('say which pools were dropped with volumes in them', async () => {
    const volume = await create('v1');
    const other = volume.pool === 'p1' ? 'p2' : 'p1';
    const lines: string[] = [];
    await lab.core.backends.update(
      'lab',
      { ...labConfig, pools: [other] },
      { ...patient, warn: (line) => lines.push(line) },
    );
    expect(lines).toContain(`pool ${volume.pool} is gone from the backend but holds 1 volumes: v1`);
    expect((await lab.core.backends.get('lab')).backend.pools.map(({ name }) => name)).toEqual([other]);
  });

  it.each([
    [{ state: '', userState: '' }, 'exactly one of backendState or userBackendState must be set'],
    [{ state: 'failed', userState: 'normal' }, 'exactly one of backendState or userBackendState must be set'],
    [{ state: 'online', userState: '' }, 'unsupported backend state: online'],
    [{ state: 'xyz', userState: '' }, 'unsupported backend state: unknown'],
    [{ state: '', userState: 'x' }, 'invalid user backend state provided: x, allowed are: `normal`, `suspended`'],
  ])('do not take the state %j', async (change, text) => {
    await expect(lab.core.backends.updateState('lab', change, patient)).rejects.toThrow(text);
  });

  it('forget what their configuration says of the user state when that is set', async () => {
    await lab.core.backends.update('lab', { ...labConfig, userState: 'normal' }, patient);
    await lab.core.backends.updateState('lab', { state: '', userState: 'suspended' }, patient);
    await lab.core.poll(patient);
    const { userState, config } = (await lab.core.backends.get('lab')).backend;
    expect({ userState, configured: config['userState'] }).toEqual({ userState: 'suspended', configured: '' });
    await lab.core.backends.update('lab', labConfig, patient);
    expect((await lab.core.backends.get('lab')).backend.userState).toBe('suspended');
  });

  it('that failed serve nothing until they are updated', async () => {
    await create('v1');
    await publish('v1', 'n1');
    await lab.core.backends.updateState('lab', { state: 'FAILED', userState: '' }, patient);
    expect((await lab.core.storageClasses.get('any')).storage).toEqual({});
    await expect(lab.core.volumes.resize('v1', '2Gi', patient)).rejects.toThrow('backend lab is not Online');
    await expect(lab.core.publications.unpublish('v1', 'n1', patient)).rejects.toThrow(
      'backend lab is not Online or Deleting',
    );
    await lab.core.poll(patient);
    expect((await lab.core.backends.get('lab')).backend.state).toBe('failed');
    await lab.core.backends.update('lab', labConfig, patient);
    expect((await lab.core.backends.get('lab')).backend.state).toBe('online');
  });

  it('with volumes are marked, serve what is left, and go with the last one', async () => {
    await create('v1');
    await create('v2');
    await lab.core.backends.remove('lab', patient);
    await lab.core.backends.remove('lab', patient);
    const view = await lab.core.backends.get('lab');
    expect(view.backend.state).toBe('deleting');
    expect(view.poolClasses).toEqual({ p1: [], p2: [] });
    await expect(lab.core.backends.updateState('lab', { state: '', userState: 'suspended' }, patient)).rejects.toThrow(
      "the backend 'lab' is currently not in any of the expected states: offline, online, or failed. Its current state is 'deleting'",
    );
    await expect(create('v3')).rejects.toThrow('no available backends for storage class any');
    await publish('v1', 'n1');
    await lab.core.backends.update('lab', labConfig, patient);
    await lab.core.poll(patient);
    expect((await lab.core.backends.get('lab')).backend.state).toBe('deleting');
    await Promise.all([lab.core.volumes.remove('v1', patient), lab.core.volumes.remove('v2', patient)]);
    expect(await lab.core.backends.names()).toEqual([]);
    await expect(lab.core.backends.remove('lab', patient)).rejects.toThrow('backend lab was not found');
  });

  it('that were away are used again when a repair of their access finds them back', async () => {
    await create('v1');
    lab.array.ill = 'SVM is not reachable';
    await lab.core.poll(patient);
    const repair = (more: object = {}) => lab.core.backends.repairAccess('lab', { ...patient, ...more });
    await expect(repair()).rejects.toMatchObject({
      message: 'backend lab is not Online or Deleting',
      hint: expect.stringContaining('its state is offline: SVM is not reachable; that is how it was found last'),
    });
    lab.array.ill = '';
    await expect(lab.core.volumes.resize('v1', '2Gi', patient)).rejects.toMatchObject({
      hint: expect.stringContaining('`repair access --backend lab` looks again'),
    });
    await expect(repair({ dryRun: true })).rejects.toThrow('backend lab is not Online or Deleting');
    expect((await lab.core.backends.get('lab')).backend.state).toBe('offline');
    await repair();
    expect((await lab.core.backends.get('lab')).backend).toMatchObject({ state: 'online', stateReason: '' });
    await create('v2');
  });

  it('are polled: offline with a reason, online again, and access repaired', async () => {
    await create('v1');
    await publish('v1', 'n1');
    lab.array.ill = 'data LIFs down';
    await lab.core.poll(patient);
    expect((await lab.core.backends.get('lab')).backend).toMatchObject({
      state: 'offline',
      stateReason: 'data LIFs down',
    });
    await expect(create('v2')).rejects.toMatchObject({
      message: 'no available backends for storage class any',
      hint: expect.stringContaining('backend lab is offline'),
    });
    await lab.core.publications.unpublish('v1', 'n1', patient);
    lab.array.ill = '';
    await lab.core.poll(patient);
    expect((await lab.core.backends.get('lab')).backend).toMatchObject({ state: 'online', stateReason: '' });
    await publish('v1', 'n1');
    lab.array.volumes.get('lab_v1')?.grants.clear();
    await lab.core.poll(patient);
    await expectAgreement(lab.core, lab.array);
  });
});

describeOnStores('storage classes', (lab) => {
  it('are added once, in canonical form, and list their pools', async () => {
    const view = await lab.core.storageClasses.add(
      storageClass('gold', { version: '', attributes: { snapshots: '1' }, storagePools: { 'l.*': ['2'] } }),
    );
    expect(view).toMatchObject({
      storageClass: { version: '1', attributes: { snapshots: 'true' } },
      storage: { lab: ['p2'] },
    });
    await expect(lab.core.storageClasses.add(storageClass('gold'))).rejects.toMatchObject({
      kind: 'exists',
      message: 'storage class gold already exists',
    });
    expect((await lab.core.backends.get('lab')).poolClasses).toEqual({ p1: ['any'], p2: ['any', 'gold'] });
    await lab.core.storageClasses.remove('gold', patient);
    await expect(lab.core.storageClasses.remove('gold', patient)).rejects.toThrow('storage class gold not found');
    await expect(lab.core.storageClasses.get('gold')).rejects.toThrow('storage class gold was not found');
  });
});
