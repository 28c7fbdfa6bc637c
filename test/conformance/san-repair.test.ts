import { describe, expect, test } from 'vitest';
import type { AccessExpectation, VolumeHandle } from '../../src/engine/drivers/objects.ts';
import { applyAll, Bench, node, signal } from './driver-bench.ts';
import { published } from './driver-operations.ts';
import { igroups, installation, makeIgroup, mapLun, mapped, n1, n2 } from './san-bench.ts';
import { fcp, iscsi } from './san-drivers.ts';

/** Maps and igroups are brought in line with what is on record. */

describe('repair of access', () => {
  const plan = async (bench: Bench, expected: readonly [VolumeHandle, readonly ReturnType<typeof node>[]][]) => {
    const nodes = expected.flatMap(([, each]) => each);
    return bench.driver.planAccess(
      expected.map(([volume, each]) => ({ volume, nodes: each })),
      nodes,
      signal(),
    );
  };
  const repair = async (bench: Bench, expected: Parameters<typeof plan>[1]) => {
    const changes = await plan(bench, expected);
    await applyAll(changes);
    return changes.map(({ kind, text }) => `${kind}: ${text}`);
  };

  test('adds what is missing, then removes what is ours and not needed, and nothing else', async () => {
    await using bench = await Bench.open(iscsi);
    const volume = await published(bench, await bench.create(), n1, [n1]);
    const lun = `/vol/${volume.config.internalName}/lun0`;
    expect(await repair(bench, [[volume, [n1]]])).toEqual([]);
    await makeIgroup(bench, 'theirs', ['iqn.1994-05.com.redhat:them']);
    await mapLun(bench, lun, 'theirs');
    await makeIgroup(bench, `gone-${installation}`, ['iqn.1994-05.com.redhat:gone']);
    await makeIgroup(bench, `unused-${installation}`, []);
    await makeIgroup(bench, `n9-fcp-${installation}`, [], 'fcp');
    await makeIgroup(bench, 'n1-00000000-2222-3333-4444-555555555555', []);
    await mapLun(bench, lun, `gone-${installation}`);
    const changes = await repair(bench, [[volume, [n1, n2]]]);
    expect(changes).toEqual([
      `grant: map LUN ${lun} to igroup n2-${installation}`,
      `revoke: unmap LUN ${lun} from igroup gone-${installation}`,
      `revoke: remove igroup unused-${installation}, which no LUN is mapped to`,
    ]);
    expect(await mapped(bench)).toEqual([`${lun} n1-${installation}`, `${lun} n2-${installation}`, `${lun} theirs`]);
    expect(await igroups(bench)).toEqual(
      [
        'n1-00000000-2222-3333-4444-555555555555',
        `n1-${installation}`,
        `n2-${installation}`,
        `n9-fcp-${installation}`,
        'theirs',
      ].toSorted(),
    );
    expect(await repair(bench, [[volume, [n1, n2]]])).toEqual([]);
  });

  test('looks once, however many volumes there are', async () => {
    await using bench = await Bench.open(iscsi);
    const volumes = [await bench.create(), await bench.create(), await bench.create()];
    const expected: AccessExpectation[] = [];
    for (const volume of volumes) expected.push({ volume: await published(bench, volume, n1, [n1]), nodes: [n1] });
    const look = async () => expect(await bench.driver.planAccess(expected, [n1], signal())).toEqual([]);
    expect(await bench.count(look)).toBe(1);
  });

  test('without nodes nobody loses access', async () => {
    await using bench = await Bench.open(iscsi);
    const volume = await published(bench, await bench.create(), n1, [n1]);
    expect(await repair(bench, [])).toEqual([]);
    expect(await repair(bench, [[volume, []]])).toEqual([]);
    expect(await mapped(bench)).toHaveLength(1);
  });

  test('over FC leaves the igroups of published nodes alone', async () => {
    await using bench = await Bench.open(fcp);
    const volume = await published(bench, await bench.create(), n1, [n1]);
    expect(await repair(bench, [[volume, [n1]]])).toEqual([]);
    await bench.driver.unpublish({ volume, node: n1, remaining: [] }, signal());
    await makeIgroup(bench, `n3-fcp-${installation}`, [], 'fcp');
    await makeIgroup(bench, `n3-${installation}`, []);
    expect(await repair(bench, [])).toEqual([
      `revoke: remove igroup n3-fcp-${installation}, which no LUN is mapped to`,
    ]);
  });
});
