import { describe, expect, test } from 'vitest';
import { applyAll, Bench, node, problemOf, signal } from './driver-bench.ts';
import { published } from './driver-operations.ts';
import { nas as nasAuto, plainNas as nas } from './nas-drivers.ts';

/** Each volume lets in the nodes it is published to, and no others. */

describe('export rules', () => {
  const publish = (bench: Bench, volume: Parameters<typeof published>[1], to: ReturnType<typeof node>, all = [to]) =>
    published(bench, volume, to, all);

  test('follow the nodes', async () => {
    await using bench = await Bench.open(nasAuto, { config: { autoExportCIDRs: ['10.0.0.0/8', 'fd00::/8'] } });
    const [n1, n2] = [node('n1', '10.0.0.1', '192.168.0.1', 'FD00:0::1'), node('n2', '10.0.0.2')];
    let volume = await bench.create();
    const name = volume.config.internalName;
    expect(bench.array.world.findVolume(name)?.exportPolicy).toBe('trident_empty');
    volume = await publish(bench, volume, n1);
    expect(await bench.rules(name)).toEqual(['10.0.0.1', 'fd00::1']);
    expect(bench.array.world.findVolume(name)?.exportPolicy).toBe(name);
    volume = await publish(bench, volume, n2, [n1, n2]);
    expect((await bench.rules(name))?.toSorted()).toEqual(['10.0.0.1', '10.0.0.2', 'fd00::1']);
    expect(await bench.count(() => publish(bench, volume, n2, [n1, n2]))).toBe(1);
    const first = await bench.driver.unpublish({ volume, node: n1, remaining: [n2] }, signal());
    expect(await bench.rules(name)).toEqual(['10.0.0.2']);
    const last = await bench.driver.unpublish(
      { volume: { ...volume, ref: first.ref }, node: n2, remaining: [] },
      signal(),
    );
    expect(last.config.exportPolicy).toBe('trident_empty');
    expect(await bench.rules(name)).toBeUndefined();
    expect(bench.array.world.findVolume(name)?.exportPolicy).toBe('trident_empty');
  });

  test('of others are left alone, and keep the policy', async () => {
    await using bench = await Bench.open(nasAuto);
    const n1 = node('n1', '10.0.0.1');
    const volume = await publish(bench, await bench.create(), n1);
    const name = volume.config.internalName;
    await bench.addRule(name, '172.16.0.0/12');
    await bench.driver.unpublish({ volume, node: n1, remaining: [] }, signal());
    expect(await bench.rules(name)).toEqual(['172.16.0.0/12']);
    expect(bench.array.world.findVolume(name)?.exportPolicy).toBe(name);
  });

  test('that vanished are no trouble, and neither is a policy that vanished', async () => {
    await using bench = await Bench.open(nasAuto);
    const [n1, n2] = [node('n1', '10.0.0.1'), node('n2', '10.0.0.2')];
    const volume = await publish(bench, await bench.create(), n1);
    const name = volume.config.internalName;
    const other = bench.reopen();
    await other.unpublish({ volume, node: n1, remaining: [] }, signal());
    await other[Symbol.asyncDispose]();
    expect(await bench.rules(name)).toBeUndefined();
    const again = await publish(bench, volume, n2, [n1, n2]);
    expect(await bench.rules(name)).toEqual(['10.0.0.2']);
    expect(bench.array.world.findVolume(name)?.exportPolicy).toBe(name);
    await bench.driver.unpublish({ volume: again, node: n1, remaining: [n2] }, signal());
    expect(await bench.rules(name)).toEqual(['10.0.0.2']);
  });

  test('of two processes at once are all there', async () => {
    await using bench = await Bench.open(nasAuto);
    const nodes = Array.from({ length: 8 }, (_, index) => node(`n${index}`, `10.0.0.${index}`));
    const volume = await bench.create();
    const others = nodes.map(() => bench.reopen());
    await Promise.all(
      nodes.map((to, index) =>
        others[index]?.publish({ volume, node: to, nodes, readOnly: false, accessMode: 5 }, signal()),
      ),
    );
    for (const other of others) await other[Symbol.asyncDispose]();
    expect((await bench.rules(volume.config.internalName))?.toSorted()).toEqual(nodes.map(({ ips }) => ips[0]));
  });

  test('are not made for a node without a fitting address', async () => {
    await using bench = await Bench.open(nasAuto, { config: { autoExportCIDRs: ['10.0.0.0/8'] } });
    const n1 = node('n1', '192.168.0.1');
    const volume = await bench.create();
    const request = { volume, node: n1, nodes: [n1], readOnly: false, accessMode: 5 };
    const problem = await problemOf(bench.driver.publish(request, signal()));
    expect(problem).toMatchObject({ code: 'node.no-export-address', nothingDone: true });
    expect(problem.message).toContain('10.0.0.0/8');
  });

  test('are repaired: what is missing is added, what is stale goes, nothing is emptied', async () => {
    await using bench = await Bench.open(nasAuto);
    const [n1, n2, n3] = [node('n1', '10.0.0.1'), node('n2', '10.0.0.2'), node('n3', '10.0.0.3')];
    const first = await publish(bench, await bench.create(), n1);
    const both = await publish(bench, first, n3, [n1, n3]);
    const second = await publish(bench, await bench.create(), n1);
    const [a, b] = [both.config.internalName, second.config.internalName];
    const nodes = [n1, n2, n3];
    expect(
      await bench.repair(
        [
          { volume: both, nodes: [n1, n2] },
          { volume: second, nodes: [] },
        ],
        nodes,
      ),
    ).toEqual([`add 10.0.0.2 to export policy ${a}`, `remove 10.0.0.3 from export policy ${a}`]);
    expect((await bench.rules(a))?.toSorted()).toEqual(['10.0.0.1', '10.0.0.2']);
    expect(await bench.repair([], [])).toEqual([]);
    expect(await bench.rules(b)).toEqual(['10.0.0.1']);
    await bench.modify(b, { nas: { export_policy: { name: 'default' } } });
    expect(await bench.repair([{ volume: second, nodes: [n1] }], nodes)).toEqual([
      `assign export policy ${b} to volume ${b}`,
    ]);
  });

  test('are planned without a change, and made anew where the policy is gone', async () => {
    await using bench = await Bench.open(nasAuto);
    const [n1, n2] = [node('n1', '10.0.0.1'), node('n2', '10.0.0.2')];
    const volume = await publish(bench, await bench.create(), n1);
    const name = volume.config.internalName;
    const expected = [{ volume, nodes: [n1, n2] }];
    const before = bench.array.requests.count();
    const plan = await bench.driver.planAccess(expected, [n1, n2], signal());
    expect(plan.map(({ kind, text }) => [kind, text])).toEqual([['grant', `add 10.0.0.2 to export policy ${name}`]]);
    expect(bench.array.requests.count() - before).toBe(2);
    expect(await bench.rules(name)).toEqual(['10.0.0.1']);
    // Somebody takes the policy away between the plan and the change.
    await bench.modify(name, { nas: { export_policy: { name: 'default' } } });
    await bench.removePolicy(name);
    await applyAll(plan);
    expect(await bench.rules(name)).toEqual(['10.0.0.2']);
    expect(await bench.repair(expected, [n1, n2])).toEqual([
      `add 10.0.0.1 to export policy ${name}`,
      `assign export policy ${name} to volume ${name}`,
    ]);
  });

  test('for an address that a node had before go once the new one is there, rules that nobody of ours wrote stay', async () => {
    await using bench = await Bench.open(nasAuto);
    const volume = await publish(bench, await bench.create(), node('n1', '10.0.0.1'));
    const name = volume.config.internalName;
    const [moved, other] = [node('n1', '10.0.0.9'), node('n2', '10.0.0.2')];
    // The address of a node that we know, and did not let in: another Trident did.
    await bench.addRule(name, '10.0.0.2', { protocols: ['nfs'], superuser: ['any'] });
    await bench.addRule(name, '172.16.0.0/12');
    expect(await bench.repair([{ volume, nodes: [moved] }], [moved, other])).toEqual([
      `add 10.0.0.9 to export policy ${name}`,
      `remove 10.0.0.1 from export policy ${name}`,
    ]);
    expect((await bench.rules(name))?.toSorted()).toEqual(['10.0.0.2', '10.0.0.9', '172.16.0.0/12']);
    // A volume of another Trident does not say whom that let in: the known nodes are taken for its own.
    const adopted = { ...volume, ref: {} };
    expect(await bench.repair([{ volume: adopted, nodes: [moved] }], [moved, other])).toEqual([
      `remove 10.0.0.2 from export policy ${name}`,
    ]);
  });

  test('go with a volume that is deleted while published', async () => {
    await using bench = await Bench.open(nasAuto);
    const volume = await publish(bench, await bench.create(), node('n1', '10.0.0.1'));
    await bench.driver.deleteVolume(volume, signal());
    expect(await bench.inventory()).toMatchObject({ volumes: [], snapshots: [], policies: ['trident_empty'] });
  });

  test('stay out of the way of volumes on a policy of their own', async () => {
    await using bench = await Bench.open(nas);
    const made = await bench.create();
    const driver = bench.reopen({ ...bench.config, autoExportPolicy: true });
    const n1 = node('n1', '10.0.0.1');
    await driver.publish({ volume: made, node: n1, nodes: [n1], readOnly: false, accessMode: 5 }, signal());
    await driver[Symbol.asyncDispose]();
    expect(bench.array.world.findVolume(made.config.internalName)?.exportPolicy).toBe('default');
  });
});
