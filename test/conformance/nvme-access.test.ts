import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { VolumeHandle } from '../../src/engine/drivers/objects.ts';
import { nodeRecord } from '../support/lab.ts';
import { Bench, node, problemOf, signal } from './driver-bench.ts';
import {
  byStock,
  installation,
  makeSubsystem,
  mapNamespace,
  namespaceOf,
  publishTo,
  repair,
  sharedName,
  subsystems,
  unpublishFrom,
} from './nvme-bench.ts';
import { asaNvme, nvme } from './nvme-drivers.ts';

const [n1, n2, n3] = [node('n1', '10.0.0.1'), node('n2', '10.0.0.2'), node('n3', '10.0.0.3')];
const [one, many] = [1, 5];
const raw = { volumeMode: 'Block', accessMode: 'ReadWriteMany' } as const;

describe('a volume of one node', () => {
  test('is in the subsystem of that node, with all else that only it has', async () => {
    await using bench = await Bench.open(nvme);
    let [first, second] = [await bench.create(), await bench.create()];
    first = await publishTo(bench, first, n1, one);
    expect(
      await bench.count(async () => {
        second = await publishTo(bench, second, n1, one);
      }),
    ).toBe(2);
    expect(await bench.count(() => publishTo(bench, second, n1, one))).toBe(1);
    expect(await subsystems(bench)).toEqual(['n1_*: n1 > trident_pvc_1 trident_pvc_2']);
    const [subsystem] = await bench.list('/protocols/nvme/subsystems?fields=comment,os_type,target_nqn');
    expect(subsystem).toMatchObject({ comment: `n1_${installation}`, os_type: 'linux' });
    expect(first.config.accessInformation).toMatchObject({
      nvmeSubsystemUUID: subsystem?.['uuid'],
      nvmeSubsystemNqn: subsystem?.['target_nqn'],
      nvmeNamespaceUUID: (await bench.list(`/storage/namespaces?name=${namespaceOf(first)}`))[0]?.['uuid'],
      nvmeTargetIPs: ['192.0.2.31', '192.0.2.32'],
    });
    first = await unpublishFrom(bench, first, n1, []);
    expect(await subsystems(bench)).toEqual(['n1_*: n1 > trident_pvc_2']);
    for (const key of ['nvmeSubsystemUUID', 'nvmeSubsystemNqn', 'nvmeTargetIPs'])
      expect(first.config.accessInformation).not.toHaveProperty(key);
    await unpublishFrom(bench, second, n1, []);
    expect(await subsystems(bench)).toEqual([]);
  });

  test('goes from node to node', async () => {
    await using bench = await Bench.open(nvme);
    const at1 = await publishTo(bench, await bench.create(), n1, one);
    const problem = await problemOf(publishTo(bench, at1, n2, one));
    expect(problem).toMatchObject({ code: 'namespace.mapped-elsewhere', kind: 'conflict' });
    expect(problem.message).toContain(`n1_${installation}, of another node`);
    expect(await subsystems(bench)).toEqual(['n1_*: n1 > trident_pvc_1']);
    // What the orchestrator does to take a refused publication back changes nothing for the first node.
    expect((await unpublishFrom(bench, at1, n2, [n1])).ref).toEqual(at1.ref);
    expect(await subsystems(bench)).toEqual(['n1_*: n1 > trident_pvc_1']);
    const free = await unpublishFrom(bench, at1, n1, []);
    await publishTo(bench, free, n2, one);
    expect(await subsystems(bench)).toEqual(['n2_*: n2 > trident_pvc_1']);
  });

  test('leaves nothing when somebody else has its namespace', async () => {
    await using bench = await Bench.open(nvme);
    const volume = await bench.create();
    await makeSubsystem(bench, 'theirs', { hosts: ['them'] });
    await mapNamespace(bench, namespaceOf(volume), 'theirs');
    const problem = await problemOf(publishTo(bench, volume, n1, one));
    expect(problem).toMatchObject({ code: 'namespace.mapped-elsewhere', kind: 'conflict' });
    expect(problem.message).toContain('theirs, which is not ours');
    await unpublishFrom(bench, volume, n1, []);
    expect(await subsystems(bench)).toEqual(['theirs: them > trident_pvc_1']);
  });

  test('needs an NQN', async () => {
    await using bench = await Bench.open(nvme);
    const volume = await bench.create();
    expect(await problemOf(publishTo(bench, volume, nodeRecord('bare'), one))).toMatchObject({
      code: 'node.no-initiator',
      kind: 'conflict',
      nothingDone: true,
      message: expect.stringContaining('NQN'),
    });
  });

  test.each([
    [27, () => `${'n'.repeat(27)}_${installation}`],
    [28, () => `${'n'.repeat(28)}_mZmZmSIiMzNERFVVVVVVVQ==`],
    [39, () => `${'n'.repeat(39)}_mZmZmSIiMzNERFVVVVVVVQ==`],
    [
      40,
      () =>
        createHash('sha256')
          .update(`${'n'.repeat(40)}_${installation}`)
          .digest('hex'),
    ],
  ])('on a node whose name has %i characters has a subsystem with the name that stock gives', async (length, name) => {
    await using bench = await Bench.open(nvme);
    const far = nodeRecord('n'.repeat(length), { nqn: n1.nqn });
    const volume = await publishTo(bench, await bench.create(), far, one);
    const [found] = await bench.list('/protocols/nvme/subsystems?fields=name,comment');
    expect(found).toMatchObject({ name: name(), comment: `${far.name}_${installation}` });
    const second = await bench.create();
    expect(await bench.count(() => publishTo(bench, second, far, one))).toBe(2);
    await unpublishFrom(bench, volume, far, []);
    expect(await subsystems(bench)).toEqual([`${name().replace(installation, '*')}: n1 > trident_pvc_2`]);
  });
});

describe('a volume of several nodes', () => {
  test.each([
    ['raw device', raw, one],
    ['access mode of the volume', { accessMode: 'ReadOnlyMany' } as const, one],
    ['access mode of the publication', {}, many],
  ])('by its %s is in one subsystem for all of them, until the last of them leaves it', async (_, more, mode) => {
    await using bench = await Bench.open(nvme);
    let volume = await publishTo(bench, await bench.create(more), n1, mode);
    expect(await bench.count(async () => (volume = await publishTo(bench, volume, n2, mode)))).toBe(2);
    expect(await bench.count(() => publishTo(bench, volume, n1, mode))).toBe(1);
    expect(await subsystems(bench)).toEqual(['trident_subsystem_*_1: n1 n2 > trident_pvc_1']);
    const { accessInformation } = volume.config;
    // Once the second is gone, the first still knows where it is.
    volume = await unpublishFrom(bench, volume, n2, [n1]);
    expect(volume.config.accessInformation).toEqual(accessInformation);
    expect(await subsystems(bench)).toEqual(['trident_subsystem_*_1: n1 > trident_pvc_1']);
    volume = await publishTo(bench, volume, n2, mode);
    volume = await unpublishFrom(bench, volume, n1, [n2]);
    volume = await unpublishFrom(bench, volume, n2, []);
    expect(await subsystems(bench)).toEqual([]);
    expect(volume.config.accessInformation).not.toHaveProperty('nvmeSubsystemUUID');
  });

  test('keeps a node in the subsystem as long as any volume in it is published there', async () => {
    const onRecord = new Map<string, VolumeHandle[]>();
    const environment = { publishedTo: async (name: string) => onRecord.get(name) ?? [] };
    await using bench = await Bench.open(nvme, { environment });
    let first = await publishTo(bench, await bench.create(raw), n1, many);
    first = await publishTo(bench, first, n2, many);
    const second = await publishTo(bench, await bench.create(raw), n1, many);
    onRecord.set('n1', [first, second]);
    onRecord.set('n2', [first]);
    first = await unpublishFrom(bench, first, n1, [n2]);
    expect(await subsystems(bench)).toEqual(['trident_subsystem_*_1: n1 n2 > trident_pvc_1 trident_pvc_2']);
    await unpublishFrom(bench, first, n2, []);
    expect(await subsystems(bench)).toEqual(['trident_subsystem_*_1: n1 > trident_pvc_2']);
    // One that is on record and not yet on the array may be on its way into this subsystem.
    const third = await bench.create(raw);
    const fourth = await publishTo(bench, await bench.create(raw), n2, many);
    onRecord.set('n2', [fourth, third]);
    await unpublishFrom(bench, fourth, n2, []);
    expect(await subsystems(bench)).toEqual(['trident_subsystem_*_1: n1 n2 > trident_pvc_2']);
  });

  test('is let in by many at once, each seen by its node', async () => {
    await using bench = await Bench.open(nvme);
    const volumes = await Promise.all(Array.from({ length: 20 }, () => bench.create(raw)));
    await Promise.all(
      volumes.map(async (volume, index) => publishTo(bench, volume, node(`m${index}`, '10.0.1.1'), many)),
    );
    const [only, ...others] = await subsystems(bench);
    expect(others).toEqual([]);
    for (let index = 0; index < 20; index++) expect(only).toContain(`m${index} `);
  });

  test('goes to another subsystem when one has 1,024, also when two come at once', { timeout: 60_000 }, async () => {
    await using bench = await Bench.open(nvme);
    await makeSubsystem(bench, sharedName(1));
    const host = await bench.create();
    for (let n = 0; n < 1023; n++) {
      const name = `/vol/${host.config.internalName}/extra${n}`;
      const body = { name, svm: { name: 'svm0' }, os_type: 'linux', space: { size: 4 * 2 ** 20 } };
      await bench.array.call('POST', '/storage/namespaces', body);
      await mapNamespace(bench, name, sharedName(1));
    }
    const volumes = await Promise.all(Array.from({ length: 3 }, () => bench.create(raw)));
    await Promise.all(volumes.map((volume, index) => publishTo(bench, volume, node(`m${index}`, '10.0.1.1'), many)));
    const counts = await Promise.all(
      [1, 2].map(async (n) => {
        const maps = await bench.list(
          `/protocols/nvme/subsystem-maps?subsystem.name=${sharedName(n)}&max_records=5000`,
        );
        return maps.length;
      }),
    );
    expect(counts).toEqual([1024, 2]);
    const found = await subsystems(bench);
    expect(found.map((line) => line.replace(/ > .*/, ''))).toEqual([
      expect.stringMatching(/^trident_subsystem_\*_1: m\d$/),
      expect.stringMatching(/^trident_subsystem_\*_2: m\d m\d$/),
    ]);
    // The next one finds room in the first place where there is some.
    await bench.driver.publish(
      { volume: await bench.create(raw), node: n1, nodes: [n1], readOnly: false, accessMode: many },
      signal(),
    );
    expect((await subsystems(bench))[1]).toContain('n1');
  });

  test('stays in the subsystem that an older version of stock made for it, which goes with it', async () => {
    await using bench = await Bench.open(nvme);
    let volume = await bench.create(raw);
    await makeSubsystem(bench, `s_${volume.config.internalName}`);
    volume = await publishTo(bench, volume, n1, many);
    volume = await publishTo(bench, volume, n2, many);
    expect(await subsystems(bench)).toEqual(['s_trident_pvc_1: n1 n2 > trident_pvc_1']);
    volume = await unpublishFrom(bench, volume, n1, [n2]);
    expect(await subsystems(bench)).toEqual(['s_trident_pvc_1: n2 > trident_pvc_1']);
    await unpublishFrom(bench, volume, n2, []);
    expect(await subsystems(bench)).toEqual([]);
  });
});

describe('a volume that stock made', () => {
  test('is published by what its namespace tells', async () => {
    await using bench = await Bench.open(nvme);
    const volume = await publishTo(bench, await byStock(bench), n1, one);
    expect(volume.config).toMatchObject({ fileSystem: 'xfs' });
    expect(volume.config.accessInformation).toMatchObject({ mountOptions: 'nouuid' });
    expect(volume.ref).toMatchObject({ namespace: { name: '/vol/trident_stock/namespace0' } });
    await unpublishFrom(bench, volume, n1, []);
    expect(await subsystems(bench)).toEqual([]);
  });

  test('and published is found where it is', async () => {
    await using bench = await Bench.open(nvme);
    const stock = await byStock(bench);
    const uuid = await makeSubsystem(bench, `n1_${installation}`, { hosts: ['n1'], comment: `n1_${installation}` });
    await mapNamespace(bench, '/vol/trident_stock/namespace0', `n1_${installation}`);
    const accessInformation = { nvmeSubsystemUUID: uuid, nvmeSubsystemNqn: 'nqn', nvmeTargetIPs: ['192.0.2.31'] };
    const known = { ...stock, config: { ...stock.config, accessInformation } };
    const again = await publishTo(bench, known, n1, one);
    expect(again.config.accessInformation.nvmeSubsystemUUID).toBe(uuid);
    expect((await unpublishFrom(bench, known, n1, [])).config.accessInformation).toEqual({});
    expect(await subsystems(bench)).toEqual([]);
  });
});

test('Docker has one subsystem for everything', async () => {
  const onRecord: VolumeHandle[] = [];
  const environment = { context: 'docker', publishedTo: async () => onRecord } as const;
  await using bench = await Bench.open(nvme, { environment });
  const volume = await publishTo(bench, await bench.create({ name: 'v1' }), n1, one);
  onRecord.push(await publishTo(bench, await bench.create({ name: 'v2' }), n1, one));
  expect(await subsystems(bench)).toEqual(['netappdvp__subsystem: n1 > netappdvp_v1 netappdvp_v2']);
  await unpublishFrom(bench, volume, n1, []);
  expect(await subsystems(bench)).toEqual(['netappdvp__subsystem: n1 > netappdvp_v2']);
  expect(await bench.driver.planAccess([], [], signal())).toEqual([]);
});

test('on ASA r2 subsystems of nodes begin with an_', async () => {
  await using bench = await Bench.open(asaNvme);
  const volume = await publishTo(bench, await bench.create(), n1, one);
  expect(await subsystems(bench)).toEqual(['an_n1_*: n1 > trident_pvc_1']);
  expect((await bench.list('/protocols/nvme/subsystems?fields=comment'))[0]).toMatchObject({
    comment: `an_n1_${installation}`,
  });
  await unpublishFrom(bench, volume, n1, []);
  await publishTo(bench, await bench.create(raw), n1, one);
  expect(await subsystems(bench)).toEqual(['trident_subsystem_*_1: n1 > trident_pvc_2']);
});

describe('repair of access', () => {
  test('adds what is missing, then removes what is ours and not needed, and nothing else', async () => {
    await using bench = await Bench.open(nvme);
    const alone = await publishTo(bench, await bench.create(), n1, one);
    const among = await publishTo(bench, await bench.create(raw), n1, many);
    expect(
      await repair(bench, [
        [alone, [n1]],
        [among, [n1]],
      ]),
    ).toEqual([]);
    const unmapped = await bench.create();
    await makeSubsystem(bench, 'theirs', { hosts: ['them'] });
    await makeSubsystem(bench, `gone_${installation}`, { hosts: ['gone'], comment: `gone_${installation}` });
    await makeSubsystem(bench, 'f'.repeat(64), { hosts: ['long'], comment: `${'long'.repeat(20)}_${installation}` });
    await makeSubsystem(bench, 'gone_00000000-2222-3333-4444-555555555555');
    await makeSubsystem(bench, sharedName(7));
    await makeSubsystem(bench, `s_${among.config.internalName}`);
    await makeSubsystem(bench, 's_other');
    const changes = await repair(bench, [
      [alone, [n1]],
      [among, [n1, n2]],
      [unmapped, [n1]],
    ]);
    expect(changes.slice(0, 2)).toEqual([
      `grant: add host ${n2.nqn} to subsystem ${sharedName(1)}`,
      'grant: map namespace /vol/trident_pvc_3/namespace0 for node n1',
    ]);
    expect(changes.slice(2).toSorted()).toEqual(
      [
        `revoke: remove subsystem gone_${installation}, which no namespace is mapped to`,
        `revoke: remove subsystem ${'f'.repeat(64)}, which no namespace is mapped to`,
        `revoke: remove subsystem ${sharedName(7)}, which no namespace is mapped to`,
        'revoke: remove subsystem s_trident_pvc_2, which no namespace is mapped to',
      ].toSorted(),
    );
    expect(await subsystems(bench)).toEqual(
      [
        'gone_00000000-2222-3333-4444-555555555555:  > ',
        'n1_*: n1 > trident_pvc_1 trident_pvc_3',
        's_other:  > ',
        'theirs: them > ',
        'trident_subsystem_*_1: n1 n2 > trident_pvc_2',
      ].toSorted(),
    );
    expect(
      await repair(bench, [
        [alone, [n1]],
        [among, [n1, n2]],
        [unmapped, [n1]],
      ]),
    ).toEqual([]);
  });

  test('moves what is left at a node that does not need it', async () => {
    await using bench = await Bench.open(nvme);
    const volume = await publishTo(bench, await bench.create(), n1, one);
    expect(await repair(bench, [[volume, [n2]]])).toEqual([
      `grant: move namespace ${namespaceOf(volume)} from subsystem n1_${installation} to node n2`,
    ]);
    expect(await repair(bench, [[volume, [n2]]])).toEqual([
      `revoke: remove subsystem n1_${installation}, which no namespace is mapped to`,
    ]);
    expect(await subsystems(bench)).toEqual(['n2_*: n2 > trident_pvc_1']);
  });

  test('shuts out hosts that it let in and nobody needs, unless others may need them', async () => {
    await using bench = await Bench.open(nvme);
    let volume = await publishTo(bench, await bench.create(raw), n1, many);
    volume = await publishTo(bench, volume, n2, many);
    const other = await publishTo(bench, await bench.create(raw), n3, many);
    expect(await repair(bench, [[volume, [n1]]])).toEqual([]);
    expect(
      await repair(bench, [
        [volume, [n1]],
        [other, [n3]],
      ]),
    ).toEqual([`revoke: remove host ${n2.nqn} from subsystem ${sharedName(1)}`]);
    expect(await subsystems(bench)).toEqual(['trident_subsystem_*_1: n1 n3 > trident_pvc_1 trident_pvc_2']);
  });

  test('without nodes nobody loses access', async () => {
    await using bench = await Bench.open(nvme);
    const volume = await publishTo(bench, await bench.create(), n1, one);
    expect(await repair(bench, [])).toEqual([]);
    expect(await repair(bench, [[volume, []]])).toEqual([]);
    expect(await subsystems(bench)).toEqual(['n1_*: n1 > trident_pvc_1']);
  });
});
