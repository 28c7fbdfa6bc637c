import { describe, expect, it } from 'vitest';
import { labPool, openLabArray } from '../../../test/support/lab-driver.ts';
import { actionsOf, describeOnStores } from '../../../test/support/lab-site.ts';
import { expectAgreement, furnish, openLabEngine, patient, volumeRequest } from '../../../test/support/lab.ts';
import { storeWith } from '../../../test/support/store-with.ts';
import { openMemoryStore } from '../store/memory.ts';
import type { Orchestrator } from './orchestrator.ts';

describeOnStores('many at once', (lab) => {
  const { create, snap, publish } = actionsOf(lab);

  it('run beside each other on different volumes and after each other on one', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `v${String(index).padStart(2, '0')}`);
    await Promise.all(names.map((name) => create(name)));
    await Promise.all(
      names.flatMap((name) => [
        lab.core.volumes.resize(name, '2Gi', patient),
        snap(name, 's1'),
        publish(name, 'n1'),
        publish(name, 'n2'),
      ]),
    );
    await Promise.all(names.map((name) => lab.core.publications.unpublish(name, 'n1', patient)));
    expect(await lab.core.volumes.names()).toEqual(names);
    await expectAgreement(lab.core, lab.array);
    const taken = await Promise.allSettled(Array.from({ length: 8 }, () => create('same')));
    expect(taken.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expectAgreement(lab.core, lab.array);
  });

  it('end when their signal aborts, leave nothing and say so', async () => {
    const controller = new AbortController();
    lab.array.fault = (call) => {
      if (!call.startsWith('createVolume')) return undefined;
      controller.abort();
      return 'lost';
    };
    await expect(lab.core.volumes.create(volumeRequest('v1'), controller)).rejects.toMatchObject({
      kind: 'interrupted',
    });
    lab.array.fault = undefined;
    await expectAgreement(lab.core, lab.array);
    await expect(lab.core.volumes.create(volumeRequest('v1'), controller)).rejects.toHaveProperty('name', 'AbortError');
  });
});

describeOnStores('the journal', (lab) => {
  const { create } = actionsOf(lab);

  it('tells what happened, newest first, and holds no configuration', async () => {
    await create('v1');
    await lab.core.volumes.remove('v1', patient);
    const [last, before] = await lab.core.operations.list();
    expect(last).toMatchObject({
      kind: 'volume.delete',
      subject: 'volume v1',
      outcome: 'done',
      owner: lab.store.owner,
    });
    expect(before).toMatchObject({ kind: 'volume.create', outcome: 'done' });
    expect(await lab.core.operations.get(last?.id ?? '')).toEqual(last);
    await expect(lab.core.operations.get('nope')).rejects.toMatchObject({ kind: 'notFound' });
  });

  it('keeps a failed deletion and finishes it with the next command on the volume', async () => {
    await create('v1');
    lab.array.fault = () => 'lost';
    await expect(lab.core.volumes.remove('v1', patient)).rejects.toMatchObject({
      kind: 'unavailable',
      hint: expect.stringContaining('will be finished'),
    });
    expect((await lab.core.operations.list())[0]).toMatchObject({
      outcome: 'stuck',
      reason: 'the array does not answer',
    });
    lab.array.fault = () => 'unreachable';
    await expect(lab.core.volumes.resize('v1', '2Gi', patient)).rejects.toThrow(
      'unable to process the preexisting transaction for volume v1:  the array does not answer',
    );
    await lab.core.volumes.get('v1');
    lab.array.fault = undefined;
    await expect(lab.core.volumes.resize('v1', '2Gi', patient)).rejects.toThrow('volume v1 not found');
    await expectAgreement(lab.core, lab.array);
  });

  it('does not grow without end', async () => {
    for (let index = 0; index < 800; index++) {
      const userState = index % 2 === 0 ? 'suspended' : 'normal';
      await lab.core.backends.updateState('lab', { state: '', userState }, patient);
    }
    await create('v1');
    expect((await lab.core.operations.list()).length).toBeLessThanOrEqual(760);
  });
});

describe('a node that is removed while the last volume published to it is deleted', () => {
  const array = () => openLabArray({ pools: [labPool('p1')], enforcesAccess: true, now: () => new Date() });
  const publishOne = async (core: Orchestrator): Promise<void> => {
    await furnish(core);
    await core.volumes.create(volumeRequest('v1'), patient);
    await core.publications.publish({ volume: 'v1', node: 'n1', readOnly: false, accessMode: 0 }, patient);
  };

  it('is gone when the volume goes first', async () => {
    await using store = openMemoryStore();
    const lab = array();
    let isBetween = true;
    const interleaved = storeWith(store, {
      async commit(changes) {
        if (isBetween && changes.some((change) => change.kind === 'node' && 'put' in change && change.put.deleted)) {
          isBetween = false;
          await engine.orchestrator.volumes.remove('v1', patient);
        }
        await store.commit(changes);
      },
    });
    await using engine = await openLabEngine(interleaved, lab);
    const { orchestrator: core } = engine;
    await publishOne(core);
    await core.nodes.remove('n1', patient);
    expect(isBetween).toBe(false);
    expect((await core.nodes.list()).map(({ name }) => name)).toEqual(['n2']);
    await expectAgreement(core, lab);
  });

  it('is gone when the node is marked first', async () => {
    await using store = openMemoryStore();
    const lab = array();
    let isBetween = true;
    await using engine = await openLabEngine(store, lab, {
      async crashPoint(name) {
        if (!isBetween || name !== 'volume.delete:2:before-commit') return;
        isBetween = false;
        await core.nodes.remove('n1', patient);
        expect((await core.nodes.get('n1')).deleted).toBe(true);
      },
    });
    const { orchestrator: core } = engine;
    await publishOne(core);
    await core.volumes.remove('v1', patient);
    expect(isBetween).toBe(false);
    expect((await core.nodes.list()).map(({ name }) => name)).toEqual(['n2']);
    await expectAgreement(core, lab);
  });
});
