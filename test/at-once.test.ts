import { describe, expect, it } from 'vitest';
import { withDriverLab } from '../bench/driver-lab.ts';
import { drivers, type BenchDriver } from '../bench/drivers.ts';
import { anyClass, patient } from '../bench/lab.ts';
import { benchNode } from '../bench/nodes.ts';
import type { Orchestrator } from '../src/engine/orchestrator/orchestrator.ts';
import type { Simulator } from '../src/simulator/contract.ts';
import { cloneRequest, endOf } from './support/lab.ts';

/** Operations on one volume that come at the same moment, through the whole engine, for every driver. */

const onSimulator = (
  driver: BenchDriver,
  use: (o: Orchestrator, simulator: Simulator) => Promise<void>,
): Promise<void> =>
  withDriverLab(driver, async ({ simulator, orchestrator, backend }) => {
    await orchestrator.backends.add(backend, patient());
    await orchestrator.storageClasses.add(anyClass);
    for (const [node, ip] of Object.entries({ n1: '10.0.0.1', n2: '10.0.0.2' }))
      await orchestrator.nodes.register(benchNode(node, ip), patient());
    await use(orchestrator, simulator);
    simulator.world.verify();
  });

const ends = (actions: readonly Promise<unknown>[]) => Promise.all(actions.map(endOf));

describe.each(drivers)('$name', (driver) => {
  // Several nodes may have a raw device at once.
  const volumeMode = driver.name.startsWith('ontap-nas') ? 'Filesystem' : 'Block';
  const request = { name: 'v1', size: '1Gi', storageClass: 'any', accessMode: 'ReadWriteMany', volumeMode } as const;

  /** A volume by three who ask at once, and then all that can be done with it. */
  const work = async (o: Orchestrator): Promise<void> => {
    const made = await ends([1, 2, 3].map(() => o.volumes.create(request, patient())));
    expect(made.toSorted()).toEqual(['done', 'exists', 'exists']);
    const publish = (node: string) =>
      o.publications.publish({ volume: 'v1', node, readOnly: false, accessMode: 5 }, patient());
    const snap = () => o.snapshots.create({ volume: 'v1', name: 's1', version: '1' }, patient());
    const copy = () => o.volumes.clone(cloneRequest('c1', 'v1'), patient());
    const [larger, smaller, ...others] = await ends([
      o.volumes.resize('v1', '3Gi', patient()),
      o.volumes.resize('v1', '2Gi', patient()),
      ...['n1', 'n2', 'n1'].map(publish),
      snap(),
      snap(),
      copy(),
      copy(),
    ]);
    expect([larger, smaller]).toEqual(['done', expect.stringMatching(/^(?:done|limit)$/)]);
    expect(others.slice(0, 3)).toEqual(['done', 'done', 'done']);
    // Qtrees have neither snapshots nor clones here.
    for (const pair of [others.slice(3, 5), others.slice(5)])
      expect(['done and exists', 'unsupported and unsupported']).toContain(pair.toSorted().join(' and '));
  };

  it('does one after the other, and keeps records and array in step', { timeout: 60_000 }, () =>
    onSimulator(driver, async (o, simulator) => {
      await work(o);
      expect((await o.volumes.get('v1')).config.size).toBe(3 * 2 ** 30);
      expect((await o.publications.list({ volume: 'v1' })).map(({ node }) => node).toSorted()).toEqual(['n1', 'n2']);
      const shut = await ends(['n1', 'n2', 'n1'].map((node) => o.publications.unpublish('v1', node, patient())));
      expect(shut).toEqual(['done', 'done', 'done']);
      if ((await o.volumes.names()).includes('c1')) await o.volumes.remove('c1', patient());
      for (const { volume, name } of await o.snapshots.list()) await o.snapshots.remove(volume, name, patient());
      const gone = await ends([1, 2].map(() => o.volumes.remove('v1', patient())));
      expect(gone.toSorted()).toEqual(['done', expect.stringMatching(/^(?:done|notFound)$/)]);
      expect(await o.volumes.list()).toEqual([]);
      const outcomes = (await o.operations.list()).map(({ outcome }) => outcome);
      expect(outcomes).not.toContain('open');
      expect(outcomes).not.toContain('stuck');
      const left = simulator.world.volumes().map(({ name }) => name);
      expect(left.filter((name) => !/_root$|^trident_qtree_pool_/.test(name))).toEqual([]);
    }),
  );
});
