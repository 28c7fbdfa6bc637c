import { expect, it } from 'vitest';
import { actionsOf, describeOnStores, labConfig } from '../../../test/support/lab-site.ts';
import { expectAgreement, nodeRecord, patient } from '../../../test/support/lab.ts';

/** Operations that can be neither finished nor taken back for the time being, and what must be possible meanwhile. */
describeOnStores('while an operation is unsettled', (lab) => {
  const { create, publish, clone, take } = actionsOf(lab);
  const away = (call: string) => (call === 'discover' ? undefined : 'unreachable');
  const unsettled = async () =>
    (await lab.core.operations.list()).filter(({ outcome }) => outcome === 'stuck').map(({ kind }) => kind);

  it('its backend gets another configuration, by which it is settled', async () => {
    // As with a password that is not the right one any more: what the update asks is asked with the new one.
    lab.array.fault = (call) => (/^(create|discard)Volume/.test(call) ? 'unreachable' : undefined);
    await expect(create('v1')).rejects.toMatchObject({ code: 'operation.unfinished' });
    expect(await unsettled()).toEqual(['volume.create']);
    await lab.core.backends.update('lab', { ...labConfig, pools: ['p1'] }, patient);
    expect((await lab.core.backends.get('lab')).backend.pools.map(({ name }) => name)).toEqual(['p1']);
    lab.array.fault = undefined;
    await create('v1');
    await expectAgreement(lab.core, lab.array);
  });

  it('its backend can be deleted, and what may be left there is named', async () => {
    lab.array.fault = away;
    await expect(create('v1')).rejects.toMatchObject({ code: 'operation.unfinished' });
    await lab.core.backends.remove('lab', patient);
    expect(await lab.core.backends.names()).toEqual([]);
    const [after] = await lab.core.operations.recover(patient);
    expect(after).toMatchObject({
      kind: 'volume.create',
      outcome: 'undone',
      reason: expect.stringContaining(
        'its backend was deleted before it could be seen whether lab_v1 is there, and there it was left',
      ),
    });
    expect(await unsettled()).toEqual([]);
  });

  it.each([
    ['a clone', () => clone('source', 'v1'), 'volume.clone'],
    ['an import', () => take('there', 'v1'), 'volume.import'],
  ])('%s of a backend that is gone is given up', async (_what, begin, kind) => {
    await create('source');
    lab.array.plant('there', 1024 ** 3);
    const [onRecord] = await lab.store.list('volume');
    lab.array.fault = (call) => (['findForImport', 'deleteVolume'].includes(call) ? undefined : away(call));
    await expect(begin()).rejects.toMatchObject({ code: 'operation.unfinished' });
    expect(await unsettled()).toEqual([kind]);
    // As an administrator might, by hand: a source that is being cloned is not deleted otherwise.
    await lab.store.commit([{ kind: 'volume', remove: onRecord?.value.config.name ?? '' }]);
    await lab.core.backends.remove('lab', patient);
    expect(await lab.core.operations.recover(patient)).toMatchObject([{ kind, outcome: 'undone' }]);
  });

  it('a volume that has its name on the array by now is not taken for what it made', async () => {
    lab.array.fault = away;
    await expect(create('a-b')).rejects.toMatchObject({ code: 'operation.unfinished' });
    lab.array.fault = undefined;
    await create('a_b');
    expect(await lab.core.operations.recover(patient)).toMatchObject([
      {
        kind: 'volume.create',
        outcome: 'undone',
        reason: expect.stringContaining('lab_a_b belongs to volume a_b and was left alone'),
      },
    ]);
    const taken = {
      code: 'volume.internal-name',
      message: 'the name lab_a_b on the array belongs to another volume, a_b',
    };
    await expect(clone('a_b', 'a-b')).rejects.toMatchObject(taken);
    lab.array.plant('there', 1024 ** 3);
    await expect(take('there', 'a-b')).rejects.toMatchObject(taken);
    await expectAgreement(lab.core, lab.array, ['there']);
  });

  it('its node registers again', async () => {
    await create('v1');
    await publish('v1', 'n1');
    lab.array.fault = away;
    await expect(lab.core.publications.unpublish('v1', 'n1', patient)).rejects.toMatchObject({
      code: 'operation.unfinished',
    });
    const hostInfo = { os: { distro: 'ubuntu', version: '24.04' } };
    await lab.core.nodes.register(nodeRecord('n1', { hostInfo }), patient);
    expect((await lab.core.nodes.get('n1')).hostInfo).toEqual(hostInfo);
    await expect(publish('v1', 'n1')).rejects.toMatchObject({ code: 'operation.preexisting' });
    lab.array.fault = undefined;
    await lab.core.operations.recover(patient);
    expect(await lab.core.publications.list()).toEqual([]);
    await expectAgreement(lab.core, lab.array);
  });

  it('is done without a reason when it is done in the end', async () => {
    await create('v1');
    lab.array.fault = () => 'lost';
    await expect(lab.core.volumes.remove('v1', patient)).rejects.toMatchObject({ code: 'operation.unfinished' });
    lab.array.fault = undefined;
    expect(await lab.core.operations.recover(patient)).toMatchObject([
      { kind: 'volume.delete', outcome: 'done', reason: '' },
    ]);
  });
});
