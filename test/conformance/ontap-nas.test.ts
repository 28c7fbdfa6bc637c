import { describe, expect, test } from 'vitest';
import { emptyVolumeConfig } from '../../src/engine/orchestrator/model.ts';
import { defaultTopology } from '../../src/simulator/core/topology.ts';
import { driverConformance, published } from './driver.ts';
import { Bench, applyAll, handleOf, journalled, node, password, problemOf, signal } from './driver-bench.ts';
import { nas as nasAuto, plainNas as nas } from './nas-drivers.ts';
import { makeForeign } from './volumes-on-array.ts';

driverConformance(nas);
driverConformance(nasAuto);

describe('what a volume gets', () => {
  test('everything in the request that makes it', async () => {
    await using bench = await Bench.open(nas, {
      config: {
        labels: { tier: 'gold', who: '{{.volume.Name}}' },
        defaults: {
          snapshotPolicy: 'default',
          snapshotReserve: '10',
          unixPermissions: '0750',
          spaceReserve: 'volume',
          encryption: 'true',
        },
      },
    });
    const volume = await bench.create({ size: 900_000_000 });
    const [found] = await bench.list('/storage/volumes?name=trident_pvc_1&fields=**');
    expect(found).toMatchObject({
      name: 'trident_pvc_1',
      size: 1_000_000_000,
      type: 'rw',
      style: 'flexvol',
      guarantee: { type: 'volume' },
      comment: '{"provisioning":{"tier":"gold","who":"pvc-1"}}',
      snapshot_policy: { name: 'default' },
      space: { snapshot: { reserve_percent: 10 } },
      snapshot_directory_access_enabled: false,
      encryption: { enabled: true },
      nas: {
        path: '/trident_pvc_1',
        export_policy: { name: 'default' },
        security_style: 'unix',
        unix_permissions: 750,
      },
    });
    expect(volume.config).toMatchObject({
      size: 900_000_000,
      internalName: 'trident_pvc_1',
      fileSystem: 'nfs',
      exportPolicy: 'default',
      snapshotPolicy: 'default',
    });
    expect(volume.config.accessInformation).toMatchObject({
      nfsServerIp: '192.0.2.11',
      nfsPath: '/trident_pvc_1',
      mountOptions: '',
    });
  });

  test('a release that takes the snapshot directory only later gets it later', async () => {
    await using bench = await Bench.open(nas, { settings: { returnTimeoutSeconds: 15 } });
    bench.strike(
      { method: 'POST', path: '/api/storage/volumes', body: { snapshot_directory_access_enabled: '*' } },
      {
        type: 'refuse',
        status: 400,
        code: '262196',
        message: 'Field "snapshot_directory_access_enabled" cannot be set in this operation',
        target: 'snapshot_directory_access_enabled',
      },
    );
    const volume = await bench.create();
    const [found] = await bench.list(
      `/storage/volumes?name=${volume.config.internalName}&fields=snapshot_directory_access_enabled`,
    );
    expect(found).toMatchObject({ snapshot_directory_access_enabled: false });
    expect(await bench.count(() => bench.create())).toBeLessThanOrEqual(3);
  });

  test('limitAggregateUsage keeps volumes off full aggregates', async () => {
    await using bench = await Bench.open(nas, { config: { limitAggregateUsage: '50%', storage: [{}] } });
    bench.array.world.setAggregateAvailable('aggr1_n1', 2 ** 40);
    for (let n = 0; n < 4; n++) expect((await bench.create()).ref).toMatchObject({ aggregate: 'aggr1_n2' });
    bench.array.world.setAggregateAvailable('aggr1_n2', 2 ** 40);
    const problem = await problemOf(bench.driver.createVolume(bench.plan(), signal()));
    expect(problem).toMatchObject({ code: 'pool.ineligible', nothingDone: true });
    expect(problem.message).toContain('limitAggregateUsage');
  });

  test.each([
    ['snapshotPolicy', { snapshotPolicy: 'nope' }, '917551'],
    ['exportPolicy', { exportPolicy: 'nope' }, '918271'],
  ])('an unknown %s is refused with the words of the array', async (_, more, code) => {
    await using bench = await Bench.open(nas);
    const problem = await problemOf(bench.driver.createVolume(bench.plan(more), signal()));
    expect(problem).toMatchObject({ kind: 'invalid', nothingDone: true, array: { code } });
    expect(problem.message).toContain('nope');
  });

  test('there is no room for it on any aggregate, or in its own', async () => {
    await using bench = await Bench.open(nas, { config: { storage: [{}] } });
    const volume = await bench.create();
    bench.strike({ method: 'POST', path: '/api/storage/volumes' }, { type: 'aggregate-full' });
    bench.strike({ method: 'POST', path: '/api/storage/volumes' }, { type: 'aggregate-full' });
    expect(await problemOf(bench.driver.createVolume(bench.plan(), signal()))).toMatchObject({
      code: 'pool.ineligible',
      kind: 'limit',
      nothingDone: true,
      message: expect.stringContaining('There is not enough space in aggregate'),
    });
    bench.strike({ method: 'PATCH', path: '/api/storage/volumes/*' }, { type: 'aggregate-full' });
    expect(await problemOf(bench.driver.resizeVolume(volume, 2 ** 31, signal()))).toMatchObject({
      code: 'array.limit',
      kind: 'limit',
      array: { code: '460770' },
    });
  });

  test('a volume is larger than ONTAP makes them', async () => {
    await using bench = await Bench.open(nas);
    expect(await problemOf(bench.driver.createVolume(bench.plan({ size: 2 ** 49 }), signal()))).toMatchObject({
      kind: 'limit',
      array: { code: '917534' },
    });
  });

  test('a volume is not made smaller', async () => {
    await using bench = await Bench.open(nas);
    const volume = await bench.create();
    expect(await problemOf(bench.driver.resizeVolume(volume, 2 ** 29, signal()))).toMatchObject({
      code: 'volume.shrink',
      kind: 'limit',
    });
  });
});

test('a volume takes no more snapshots than ONTAP allows', async () => {
  await using bench = await Bench.open(nas);
  const volume = await bench.create();
  const refusal = { type: 'refuse', status: 400, code: '525062', message: 'Too many Snapshot copies.' } as const;
  bench.strike({ method: 'POST', path: '/api/storage/volumes/*/snapshots' }, refusal);
  const problem = await problemOf(bench.driver.createSnapshot(volume, 's', signal()));
  expect(problem).toMatchObject({ code: 'snapshot.limit', kind: 'limit', nothingDone: true });
});

test('a volume that is in use is deleted as soon as it is not, and said to be in use after a minute', async () => {
  let shift = 0;
  await using bench = await Bench.open(nas, { environment: { now: () => new Date(Date.now() + shift) } });
  const [volume, other] = [await bench.create(), await bench.create()];
  const refusal = { type: 'refuse', status: 409, code: '524486', message: 'Volume is busy.' } as const;
  const busy = () => bench.strike({ method: 'DELETE', path: '/api/storage/volumes/*' }, refusal);
  const tried = async (times: number) => {
    await expect
      .poll(() => bench.array.requests.count({ method: 'DELETE', path: '/api/storage/volumes/*' }), { timeout: 10_000 })
      .toBe(times);
  };
  busy();
  const removed = bench.driver.deleteVolume(volume, signal());
  await tried(1);
  bench.array.faults.clear();
  await removed;
  busy();
  const refused = problemOf(bench.driver.deleteVolume(other, signal()));
  await tried(3);
  shift = 60_000;
  expect(await refused).toMatchObject({ code: 'array.busy', kind: 'conflict', array: { code: '524486' } });
  // It is used where it was.
  expect(bench.array.world.findVolume(other.config.internalName)?.junctionPath).toBe('/trident_pvc_2');
});

test('the trace tells what was said, without credentials', async () => {
  await using bench = await Bench.open(nas);
  await bench.create();
  const posted = bench.trace.filter((line) => line.startsWith('> POST'));
  expect(posted).toEqual([expect.stringContaining(`${bench.array.url}/api/storage/volumes?`)]);
  expect(posted[0]).toContain('"name":"trident_pvc_1"');
  expect(bench.trace.join(' ')).not.toContain(Buffer.from(`admin:${password}`).toString('base64'));
  const [request] = bench.array.requests.list({ method: 'POST' });
  expect(request?.headers['x-dot-client-app']).toBe('Trident/26.06.0');
});

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

describe('clones', () => {
  test('are mounted, labelled and shut to everybody before they can be reached', async () => {
    await using bench = await Bench.open(nasAuto, { config: { labels: { for: '{{.volume.Name}}' } } });
    const n1 = node('n1', '10.0.0.1');
    const source = await published(bench, await bench.create(), n1, [n1]);
    const plan = bench.clonePlan(source, await bench.snapshot(source, 's1'));
    const clone = handleOf(plan.config, await bench.driver.cloneVolume(plan, signal()));
    expect(bench.array.world.findVolume(clone.config.internalName)).toMatchObject({
      junctionPath: `/${clone.config.internalName}`,
      exportPolicy: 'trident_empty',
      comment: `{"provisioning":{"for":"${clone.config.name}"}}`,
    });
  });

  test('that are read-only are a view of the snapshot, and need it to be visible', async () => {
    await using bench = await Bench.open(nasAuto);
    const hidden = await bench.create();
    const refused = bench.clonePlan(hidden, await bench.snapshot(hidden, 's1'), { readOnlyClone: true });
    expect(await problemOf(bench.driver.cloneVolume(refused, signal()))).toMatchObject({
      code: 'clone.no-snapshot-directory',
    });
    const source = await bench.create({ snapshotDirectory: 'true' });
    const plan = bench.clonePlan(source, await bench.snapshot(source, 's1'), { readOnlyClone: true });
    const before = await bench.inventory();
    const view = handleOf(plan.config, await bench.driver.cloneVolume(plan, signal()));
    expect(await bench.inventory()).toEqual(before);
    expect(view.config.accessInformation.nfsPath).toBe(`/${source.config.internalName}/.snapshot/s1`);
    expect(await bench.driver.volumeExists(view, signal())).toBe(true);
    const n1 = node('n1', '10.0.0.1');
    const granted = await published(bench, view, n1, [n1]);
    expect(await bench.rules(source.config.internalName)).toEqual(['10.0.0.1']);
    await bench.driver.unpublish({ volume: granted, node: n1, remaining: [] }, signal());
    expect(await bench.rules(source.config.internalName)).toBeUndefined();
    await bench.driver.deleteVolume(view, signal());
    expect((await bench.inventory()).volumes).toEqual(before.volumes);
  });
});

describe('import', () => {
  const find = async (bench: Bench, name: string) => {
    const found = await bench.driver.findForImport(name, signal());
    if (found === undefined) throw new Error(`${name} was not found`);
    return journalled(found);
  };

  test('renames, keeps the junction, and takes over access', async () => {
    await using bench = await Bench.open(nasAuto, { config: { labels: { tier: 'gold' } } });
    await makeForeign(bench, 'old', { comment: '{"provisioning":{}}' });
    const plan = bench.driver.planImport({ ...emptyVolumeConfig, name: 'pvc-9' }, 'old', await find(bench, 'old'));
    const volume = handleOf(plan.config, await bench.driver.importVolume(journalled(plan), signal()));
    expect(bench.array.world.findVolume('trident_pvc_9')).toMatchObject({
      junctionPath: '/old_path',
      exportPolicy: 'trident_empty',
      comment: '{"provisioning":{"tier":"gold"}}',
    });
    expect(volume.config).toMatchObject({
      size: 2 ** 30,
      importOriginalName: 'old',
      accessInformation: { nfsPath: '/old_path' },
    });
    await bench.driver.deleteVolume(volume, signal());
    expect((await bench.inventory()).volumes).toEqual([]);
  });

  test('without renaming and without management leaves the name, or everything', async () => {
    await using bench = await Bench.open(nas);
    await makeForeign(bench, 'kept');
    const before = bench.array.world.findVolume('kept');
    const unmanaged = bench.driver.planImport(
      { ...emptyVolumeConfig, name: 'a', importNotManaged: true },
      'kept',
      await find(bench, 'kept'),
    );
    expect(await bench.count(() => bench.driver.importVolume(unmanaged, signal()))).toBe(0);
    expect(bench.array.world.findVolume('kept')).toEqual(before);
    const noRename = bench.driver.planImport(
      { ...emptyVolumeConfig, name: 'b', importNoRename: true },
      'kept',
      await find(bench, 'kept'),
    );
    await bench.driver.importVolume(noRename, signal());
    expect(bench.array.world.findVolume('kept')?.junctionPath).toBe('/kept_path');
  });

  test('refuses mirrors, and unmounted volumes that it may not mount', async () => {
    await using bench = await Bench.open(nas);
    await makeForeign(bench, 'mirror', { type: 'dp', nas: undefined });
    await makeForeign(bench, 'unmounted', { nas: undefined });
    const mirror = await find(bench, 'mirror');
    expect(() => bench.driver.planImport({ ...emptyVolumeConfig, name: 'a' }, 'mirror', mirror)).toThrow(
      'its type is dp',
    );
    const unmounted = await find(bench, 'unmounted');
    expect(() =>
      bench.driver.planImport({ ...emptyVolumeConfig, name: 'a', importNotManaged: true }, 'unmounted', unmounted),
    ).toThrow('no junction path');
    const plan = bench.driver.planImport({ ...emptyVolumeConfig, name: 'pvc-1' }, 'unmounted', unmounted);
    await bench.driver.importVolume(plan, signal());
    expect(bench.array.world.findVolume('trident_pvc_1')?.junctionPath).toBe('/trident_pvc_1');
  });
});

describe('opening a backend', () => {
  const refusal = (config: Record<string, string>, array: Parameters<typeof Bench.open>[1] = {}) =>
    problemOf(Bench.open(nas, { ...array, config }).then(async (bench) => bench[Symbol.asyncDispose]()));

  test.each<[string, Record<string, string>, string, string]>([
    ['a wrong password', { password: 'wrong-Password-1' }, 'denied', 'does not accept user admin'],
    ['an unknown SVM', { svm: 'svm9' }, 'invalid', 'there is no SVM svm9'],
    ['no SVM where there are two', { svm: '' }, 'invalid', 'the user sees 2 of them: svm0, svm_dr'],
    ['an aggregate of nobody', { aggregate: 'aggr9' }, 'invalid', 'do not include the configured aggregate aggr9'],
    ['a foreign data LIF', { dataLIF: '192.0.2.99' }, 'invalid', '192.0.2.99 is no LIF of SVM svm0 that is up'],
    [
      'an untrusted certificate',
      { trustedCACertificate: '', managementLIF: '127.0.0.1:1' },
      'unavailable',
      'cannot be reached',
    ],
    ['a name nobody knows', { managementLIF: 'no-such-array.invalid' }, 'unavailable', 'cannot be resolved'],
  ])('fails with %s', async (_, config, kind, message) => {
    const problem = await refusal(config);
    expect(problem.kind).toBe(kind);
    expect(problem.message).toContain(message);
  });

  test('checks the certificate when it is told whom to trust', async () => {
    await using other = await Bench.open(nas);
    const problem = await refusal({ trustedCACertificate: Buffer.from(other.array.certificate).toString('base64') });
    expect(problem).toMatchObject({ code: 'array.untrusted', kind: 'unavailable' });
    expect(problem.hint).toContain('trustedCACertificate');
  });

  test.each([
    [
      'a stopped SVM',
      { svms: defaultTopology.svms.map((svm) => ({ ...svm, state: 'stopped' as const })) },
      "is not in 'running' state",
    ],
    [
      'NFS switched off',
      { svms: defaultTopology.svms.map((svm) => ({ ...svm, protocols: ['iscsi' as const] })) },
      'does not serve NFS',
    ],
    [
      'LIFs down',
      {
        svms: defaultTopology.svms.map((svm) => ({
          ...svm,
          interfaces: svm.interfaces.map((lif) => ({ ...lif, enabled: false })),
        })),
      },
      'no data LIF',
    ],
    ['an old release', { cluster: { ...defaultTopology.cluster, version: '9.11.1' } }, '9.12.1 or later is needed'],
  ])('fails with %s', async (_, topology, message) => {
    const problem = await refusal({}, { array: { topology } });
    expect(problem.message).toContain(message);
  });

  test('works for a user of the SVM alone, and with a certificate', async () => {
    await using scoped = await Bench.open(nas, { config: { username: 'vsadmin', svm: '' } });
    expect(scoped.discovery.facts['svm']).toMatchObject({ name: 'svm0' });
    await scoped.create();
    const { certificate, privateKey } = scoped.array.issueClientCertificate('admin');
    const config = {
      ...scoped.config,
      username: '',
      password: '',
      svm: 'svm0',
      clientCertificate: Buffer.from(certificate).toString('base64'),
      clientPrivateKey: Buffer.from(privateKey).toString('base64'),
    };
    const found = await scoped.kind.discover(config, scoped.environment, signal());
    expect(found.defaultName).toBe('ontapnas_192.0.2.11');
  });

  test('shows pools with their media, and the configuration without secrets', async () => {
    await using bench = await Bench.open(nas);
    expect(bench.discovery.pools.map(({ name, offers }) => [name, offers['media'], offers['replication']])).toEqual([
      ['aggr1_n1', { type: 'string', offer: ['ssd'] }, { type: 'bool', offer: true }],
      ['aggr1_n2', { type: 'string', offer: ['ssd'] }, { type: 'bool', offer: true }],
    ]);
    expect(JSON.stringify([bench.discovery.shownConfig, bench.discovery.facts])).not.toContain(password);
    expect(bench.discovery.shownConfig).toMatchObject({ svm: 'svm0', dataLIF: '192.0.2.11', password: '<REDACTED>' });
  });

  test('sees within an hour that the array has been upgraded', async () => {
    let shift = 0;
    await using bench = await Bench.open(nas, { environment: { now: () => new Date(Date.now() + shift) } });
    bench.array.reconfigure({ version: '9.19.1' });
    expect(await bench.driver.checkHealth(signal())).toEqual({ reason: '' });
    shift = 3_600_000;
    const { discovery } = await bench.driver.checkHealth(signal());
    expect(discovery?.facts['version']).toEqual({ generation: 9, major: 19, minor: 1 });
    // Looked at, and as it was.
    expect(await bench.count(() => bench.driver.checkHealth(signal()))).toBe(2);
  });

  test('tells when the array is not well, and when it has changed', async () => {
    await using bench = await Bench.open(nas);
    const svm = (await bench.list('/svm/svms?name=svm0'))[0]?.['uuid'];
    await bench.array.call('PATCH', `/svm/svms/${String(svm)}?return_timeout=5`, { state: 'stopped' });
    expect((await bench.driver.checkHealth(signal())).reason).toBe("SVM is not in 'running' state");
    await bench.array.call('PATCH', `/svm/svms/${String(svm)}?return_timeout=5`, {
      state: 'running',
      aggregates: [{ name: 'aggr1_n1' }],
    });
    const { reason, discovery } = await bench.driver.checkHealth(signal());
    expect(reason).toBe('');
    expect(discovery?.pools.map(({ name }) => name)).toEqual(['aggr1_n1']);
  });
});
