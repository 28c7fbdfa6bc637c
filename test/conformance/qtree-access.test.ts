import { describe, expect, test } from 'vitest';
import { emptyVolumeConfig } from '../../src/engine/orchestrator/model.ts';
import type { FaultAction } from '../../src/simulator/core/fault-rules.ts';
import { applyAll, node, signal } from './driver-bench.ts';
import { published } from './driver-operations.ts';
import { economy as auto, economyShown as shown } from './nas-drivers.ts';
import { close, sharedOf } from './qtree-bench.ts';
import { change, makeFlexVol, makeQtree, qtreesOnArray } from './qtrees-on-array.ts';
import { openVaried } from './varied-names.ts';

/** Nodes are let into a qtree through its FlexVol. */

describe('access', () => {
  const own = 'trident-11111111-2222-3333-4444-555555555555';
  const other = 'trident-99999999-2222-3333-4444-555555555555';

  test('leads through the FlexVol, and both policies let nodes in', async () => {
    await using bench = await openVaried(auto);
    const [n1, n2] = [node('n1', '10.0.0.1'), node('n2', '10.0.0.2')];
    const first = await published(bench, await bench.create(), n1, [n1]);
    const second = await published(bench, await bench.create(), n2, [n2]);
    expect(await bench.rules(first.config.internalName)).toEqual(['10.0.0.1']);
    expect(await bench.rules(second.config.internalName)).toEqual(['10.0.0.2']);
    expect((await bench.rules(own))?.toSorted()).toEqual(['10.0.0.1', '10.0.0.2']);
    expect(await sharedOf(bench)).toMatchObject([{ nas: { export_policy: { name: own } } }]);
    await bench.driver.unpublish({ volume: first, node: n1, remaining: [] }, signal());
    expect(await bench.rules(first.config.internalName)).toBeUndefined();
    const expected = [{ volume: second, nodes: [n2] }];
    const changes = await bench.driver.planAccess(expected, [n2], signal());
    expect(changes.map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
      `revoke: remove 10.0.0.1 from export policy ${own} of shared FlexVols`,
    ]);
    await applyAll(changes);
    expect(await bench.rules(own)).toEqual(['10.0.0.2']);
    expect(await bench.driver.planAccess(expected, [n2], signal())).toEqual([]);
    expect(await bench.driver.planAccess([], [], signal())).toEqual([]);
  });

  test('takes no rule for ours that was there first, however late that is noticed', async () => {
    await using bench = await openVaried(auto);
    const [n1, n2] = [node('n1', '10.0.0.1'), node('n2', '10.0.0.2')];
    const [first, second] = [await bench.create(), await bench.create()];
    const kept = await published(bench, first, n1, [n1]);
    // Looked at a moment ago: the driver asks for the rule without another look, and the array refuses a second one.
    await bench.addRule(own, '10.0.0.2', { protocols: ['nfs'], superuser: ['any'] });
    await published(bench, second, n2, [n2]);
    expect(await bench.repair([{ volume: kept, nodes: [n1] }], [n1])).toEqual([
      `rule for 10.0.0.2 in export policy ${own} of shared FlexVols`,
    ]);
    expect(await bench.rules(own)).toEqual(['10.0.0.1', '10.0.0.2']);
  });

  test('takes no rule of another form for ours, beside which one of ours was written for the same address', async () => {
    await using bench = await openVaried(auto);
    const [n1, n2] = [node('n1', '10.0.0.1'), node('n2', '10.0.0.2')];
    const kept = await published(bench, await bench.create(), n1, [n1]);
    await bench.addRule(own, '10.0.0.2', { rw_rule: ['never'] });
    await published(bench, await bench.create(), n2, [n2]);
    expect(await bench.rules(own)).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.2']);
    expect(await bench.repair([{ volume: kept, nodes: [n1] }], [n1])).toEqual([
      `remove 10.0.0.2 from export policy ${own} of shared FlexVols`,
      `rule for 10.0.0.2 in export policy ${own} of shared FlexVols`,
    ]);
    const [left] = await bench.list(`/protocols/nfs/export-policies?name=${own}&fields=rules.rw_rule`);
    expect(left).toMatchObject({ rules: [{ rw_rule: ['any'] }, { rw_rule: ['never'] }] });
  });

  test.each<[string, FaultAction | undefined]>([
    ['its answer was lost', { type: 'drop-reply' }],
    ['its request was lost', { type: 'drop-request' }],
    ['several processes wrote it at once', undefined],
  ])('knows a rule for its own when %s', async (_, loss) => {
    await using bench = await openVaried(auto);
    const [n1, n2] = [node('n1', '10.0.0.1'), node('n2', '10.0.0.2')];
    const kept = await published(bench, await bench.create(), n1, [n1]);
    const volumes = [await bench.create(), await bench.create(), await bench.create()];
    const drivers = [bench.driver, bench.reopen(), bench.reopen()];
    const [policy] = await bench.list(`/protocols/nfs/export-policies?name=${own}&fields=id`);
    const path = `/api/protocols/nfs/export-policies/${String(policy?.['id'])}/rules`;
    if (loss !== undefined) bench.strike({ method: 'POST', path, count: 1 }, loss);
    const request = { node: n2, nodes: [n2], readOnly: false, accessMode: 5 };
    await Promise.all(
      drivers.slice(0, loss === undefined ? 3 : 1).map(async (driver, index) => {
        const volume = volumes[index];
        if (volume !== undefined) await driver.publish({ volume, ...request }, signal());
      }),
    );
    await close(drivers.slice(1));
    expect(await bench.rules(own)).toEqual(['10.0.0.1', '10.0.0.2']);
    expect(await bench.repair([{ volume: kept, nodes: [n1] }], [n1])).toEqual([
      `remove 10.0.0.2 from export policy ${own} of shared FlexVols`,
    ]);
    expect(await bench.rules(own)).toEqual(['10.0.0.1']);
  });

  test('is repaired: FlexVols that lost their policy, policies that lost their rules', async () => {
    await using bench = await openVaried(auto);
    const n1 = node('n1', '10.0.0.1');
    const volume = await published(bench, await bench.create(), n1, [n1]);
    const [shared] = await sharedOf(bench);
    const uuid = bench.array.world.findVolume(shared?.name ?? '')?.uuid ?? '';
    await change(bench, 'PATCH', `/storage/volumes/${uuid}`, { nas: { export_policy: { name: 'trident_empty' } } });
    const [policy] = await bench.list(`/protocols/nfs/export-policies?name=${own}&fields=id`);
    await change(bench, 'DELETE', `/protocols/nfs/export-policies/${String(policy?.['id'])}`);
    const changes = await bench.driver.planAccess([{ volume, nodes: [n1] }], [n1], signal());
    expect(changes).toHaveLength(2);
    await applyAll(changes);
    expect(await bench.rules(own)).toEqual(['10.0.0.1']);
    expect(await sharedOf(bench)).toMatchObject([{ nas: { export_policy: { name: own } } }]);
  });

  test('of another backend is left to it: its FlexVols get no qtrees of ours, and keep their policy', async () => {
    await using bench = await openVaried(auto, { config: { aggregate: 'aggr1_n1' } });
    await bench.array.call('POST', '/protocols/nfs/export-policies', { name: other, svm: { name: 'svm0' } });
    const flexVol = 'trident_qtree_pool_trident_OFANOTHERB';
    await makeFlexVol(bench, flexVol, { nas: { path: `/${flexVol}`, export_policy: { name: other } } });
    const made = await bench.create();
    expect(made.config.internalID).not.toContain(flexVol);
    // One that is ours and lies there all the same is let through beside the others.
    await makeQtree(bench, flexVol, 'trident_pvc_9', 2 ** 30, { export_policy: { name: 'default' } });
    const config = {
      ...emptyVolumeConfig,
      name: 'pvc-9',
      internalName: 'trident_pvc_9',
      exportPolicy: 'trident_pvc_9',
    };
    const n1 = node('n1', '10.0.0.1');
    await bench.array.call('POST', '/protocols/nfs/export-policies', { name: 'trident_pvc_9', svm: { name: 'svm0' } });
    await published(bench, { config, ref: {} }, n1, [n1]);
    expect(await bench.rules(other)).toEqual(['10.0.0.1']);
    expect(await sharedOf(bench)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: flexVol, nas: expect.objectContaining({ export_policy: { name: other } }) }),
      ]),
    );
  });

  test('of a retired backend leaves its FlexVols shut', async () => {
    await using bench = await openVaried(auto);
    const volume = await bench.create();
    await bench.driver.deleteVolume(volume, signal());
    await bench.driver.retire(signal());
    expect(await bench.rules(own)).toBeUndefined();
    expect(await sharedOf(bench)).toMatchObject([{ nas: { export_policy: { name: 'trident_empty' } } }]);
  });

  test('without autoExportPolicy lets everybody through to qtrees with the policy of the user', async () => {
    await using bench = await openVaried(shown);
    const volume = await bench.create();
    expect(await bench.rules('trident_qtree_pool_export_policy')).toEqual(['0.0.0.0/0', '::/0']);
    expect(await sharedOf(bench)).toMatchObject([
      { nas: { export_policy: { name: 'trident_qtree_pool_export_policy' } } },
    ]);
    expect(await qtreesOnArray.look(bench, volume.config.internalName)).toMatchObject({
      found: { export_policy: { name: 'default' } },
    });
  });
});
