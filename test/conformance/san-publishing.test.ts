import { describe, expect, test } from 'vitest';
import type { VolumeHandle } from '../../src/engine/drivers/objects.ts';
import { defaultTopology } from '../../src/simulator/core/topology.ts';
import { nodeRecord } from '../support/lab.ts';
import { Bench, node, problemOf, signal } from './driver-bench.ts';
import { published } from './driver-operations.ts';
import { igroups, installation, makeIgroup, mapLun, mapped, n1, n2, requestFor } from './san-bench.ts';
import { fcp, iscsi } from './san-drivers.ts';

/** LUNs are let into nodes: maps, igroups, and what a node is told. */

describe('publishing', () => {
  test('tells portals on the nodes that report the LUN, and no others', async () => {
    const extra = ['03', '04'].map((number, index) => ({
      name: `sim-cluster-${number}`,
      model: 'AFF-A400',
      serialNumber: `7218020000${number}`,
      managementAddress: `192.0.2.${4 + index}`,
    }));
    const topology = {
      ...defaultTopology,
      nodes: [...defaultTopology.nodes, ...extra],
      svms: defaultTopology.svms.map((svm) => ({
        ...svm,
        interfaces: [
          ...svm.interfaces,
          ...(svm.name === 'svm0'
            ? extra.map(({ name }, index) => ({
                name: `iscsi_far${index}`,
                address: `192.0.2.${90 + index}`,
                node: name,
                services: ['data_core', 'data_iscsi'],
                enabled: true,
              }))
            : []),
        ],
      })),
    };
    await using bench = await Bench.open(iscsi, { array: { topology } });
    expect(bench.discovery.facts['lifs']).toHaveLength(4);
    const volume = await bench.create();
    const { accessInformation } = await bench.driver.publish(requestFor(volume), signal());
    expect(accessInformation).toMatchObject({
      iscsiTargetPortal: '192.0.2.21',
      iscsiPortals: ['192.0.2.22'],
      iscsiTargetIqn: expect.stringMatching(/^iqn\.1992-08\.com\.netapp:/),
      iscsiLunNumber: 0,
      iscsiLunSerial: expect.stringMatching(/^.{12}$/),
      iscsiIgroup: `n1-${installation}`,
      useCHAP: false,
    });
    expect(accessInformation).not.toHaveProperty('iscsiInterface');
    const far = { ...bench.discovery, facts: { ...bench.discovery.facts, lifNodes: { '192.0.2.21': 'elsewhere' } } };
    await using apart = bench.kind.open(bench.config, far, bench.environment);
    expect(await problemOf(apart.publish(requestFor(volume), signal()))).toMatchObject({
      code: 'lun.no-portal',
      message: expect.stringContaining('sim-cluster-01'),
    });
  });

  test('gives each node an igroup, numbers per igroup, and takes back what was given', async () => {
    await using bench = await Bench.open(iscsi);
    const [a, b] = [await bench.create(), await bench.create()];
    const first = await published(bench, a, n1, [n1]);
    const second = await published(bench, b, n1, [n1]);
    expect([first, second].map(({ config }) => config.accessInformation.iscsiLunNumber)).toEqual([0, 1]);
    const both = await published(bench, second, n2, [n1, n2]);
    expect(both.config.accessInformation).toMatchObject({
      iscsiLunNumber: 0,
      iscsiIgroup: `n1-${installation},n2-${installation}`,
    });
    const left = await bench.driver.unpublish({ volume: both, node: n1, remaining: [n2] }, signal());
    expect(left.accessInformation.iscsiIgroup).toBe(`n2-${installation}`);
    expect(await igroups(bench)).toEqual([`n1-${installation}`, `n2-${installation}`]);
    await bench.driver.unpublish({ volume: first, node: n1, remaining: [] }, signal());
    await bench.driver.unpublish({ volume: { ...both, ref: left.ref }, node: n2, remaining: [] }, signal());
    expect(await igroups(bench)).toEqual([]);
    expect(await mapped(bench)).toEqual([]);
  });

  test('costs one call more in a process that is new to the target, and none for igroups on record', async () => {
    const onRecord: VolumeHandle[] = [];
    await using bench = await Bench.open(iscsi, { environment: { publishedTo: async () => onRecord } });
    const [first, second, third] = [await bench.create(), await bench.create(), await bench.create()];
    const publish = (driver: typeof bench.driver, volume: VolumeHandle) =>
      bench.count(async () => {
        const { ref } = await driver.publish(requestFor(volume), signal());
        onRecord.push({ ...volume, ref });
      });
    expect(await publish(bench.driver, first)).toBe(4);
    expect(await publish(bench.driver, second)).toBe(2);
    await using other = bench.reopen();
    expect(await publish(other, third)).toBe(3);
  });

  test('that fails leaves no igroup', async () => {
    await using bench = await Bench.open(iscsi);
    const gone = await bench.create();
    await bench.driver.deleteVolume(gone, signal());
    expect(await problemOf(bench.driver.publish(requestFor(gone), signal()))).toMatchObject({
      code: 'volume.not-on-array',
    });
    expect(await igroups(bench)).toEqual([]);
  });

  test('is repeated when the igroup on record has vanished', async () => {
    const onRecord: VolumeHandle[] = [];
    await using bench = await Bench.open(iscsi, { environment: { publishedTo: async () => onRecord } });
    const gone = await published(bench, await bench.create(), n1, [n1]);
    onRecord.push(gone);
    await bench.driver.deleteVolume(gone, signal());
    const [igroup] = await bench.list('/protocols/san/igroups?fields=uuid');
    await bench.array.call('DELETE', `/protocols/san/igroups/${String(igroup?.['uuid'])}`);
    await published(bench, await bench.create(), n1, [n1]);
    expect(await igroups(bench)).toEqual([`n1-${installation}`]);
  });

  test('to 20 nodes at once, and 20 volumes to one node', async () => {
    await using bench = await Bench.open(iscsi);
    const volumes = await Promise.all(Array.from({ length: 20 }, () => bench.create()));
    const nodes = Array.from({ length: 20 }, (_, index) => node(`worker-${index}`, `10.0.1.${index}`));
    const [shared] = volumes;
    if (shared === undefined) throw new Error('no volume');
    await Promise.all(volumes.map((volume) => bench.driver.publish(requestFor(volume, n1), signal())));
    await Promise.all(nodes.map((each) => bench.driver.publish(requestFor(shared, each, nodes), signal())));
    expect(await mapped(bench)).toHaveLength(40);
    // All of them share one look at the target.
    expect(bench.array.requests.count({ path: '/api/protocols/san/iscsi/services' })).toBe(1);
    await Promise.all(
      volumes.slice(1).map((volume) => bench.driver.unpublish({ volume, node: n1, remaining: [] }, signal())),
    );
    expect(await igroups(bench)).toContain(`n1-${installation}`);
  });

  test('a node that got another IQN is let in by that', async () => {
    await using bench = await Bench.open(iscsi);
    const volume = await published(bench, await bench.create(), n1, [n1]);
    const renewed = { ...n1, iqn: 'iqn.1994-05.com.redhat:renewed' };
    await bench.driver.publish(requestFor(volume, renewed), signal());
    const [igroup] = await bench.list('/protocols/san/igroups?fields=initiators.name');
    expect(JSON.stringify(igroup)).toContain('renewed');
  });

  test('says what a node lacks', async () => {
    await using bench = await Bench.open(iscsi);
    const volume = await bench.create();
    const bare = nodeRecord('bare');
    const problem = await problemOf(bench.driver.publish(requestFor(volume, bare), signal()));
    expect(problem).toMatchObject({ code: 'node.no-initiator', message: expect.stringContaining('bare has no IQN') });
    await using channel = await Bench.open(fcp);
    const other = { ...bare, hostWWPNMap: { '10:00:00:00:c9:00:00:01': ['20:00:00:00:00:00:00:99'], nonsense: ['x'] } };
    expect(await problemOf(channel.driver.publish(requestFor(await channel.create(), other), signal()))).toMatchObject({
      message: expect.stringContaining('no FC port that is zoned'),
    });
  });

  test('understands world wide names in every spelling', async () => {
    await using bench = await Bench.open(fcp);
    const [[target] = []] = Object.values(n1.hostWWPNMap);
    const spelt = `0x${String(target).replaceAll(':', '').toUpperCase()}`;
    const host = { ...n1, hostWWPNMap: { '0X10000000C9000001': [spelt], '10:00:00:00:c9:00:00:01': [spelt] } };
    const { accessInformation } = await bench.driver.publish(requestFor(await bench.create(), host), signal());
    expect(accessInformation).toMatchObject({
      fcTargetWWNN: target,
      fcpIgroup: `n1-fcp-${installation}`,
      fcpLunNumber: 0,
    });
    expect(JSON.stringify(await bench.list('/protocols/san/igroups?fields=initiators.name'))).toContain(
      '10:00:00:00:c9:00:00:01',
    );
  });

  test('an igroup that is for something else is refused, and left as it was', async () => {
    await using bench = await Bench.open(iscsi);
    const volume = await bench.create();
    await makeIgroup(bench, `n1-${installation}`, ['10:00:00:00:c9:00:00:07'], 'fcp');
    const problem = await problemOf(bench.driver.publish(requestFor(volume), signal()));
    expect(problem).toMatchObject({ code: 'igroup.foreign', message: expect.stringContaining('its protocol is fcp') });
    expect(await mapped(bench)).toEqual([]);
    expect(await igroups(bench)).toEqual([`n1-${installation}`]);
  });

  test('nodes whose names are cut to one do not let each other in', async () => {
    await using bench = await Bench.open(iscsi);
    const long = (end: string) => ({ ...node(`${'x'.repeat(70)}${end}`), iqn: `iqn.1994-05.com.redhat:${end}` });
    await bench.driver.publish(requestFor(await bench.create(), long('a')), signal());
    const problem = await problemOf(bench.driver.publish(requestFor(await bench.create(), long('b')), signal()));
    expect(problem).toMatchObject({ code: 'igroup.foreign', message: expect.stringContaining('too long') });
    expect(await mapped(bench)).toHaveLength(1);
  });

  test('a LUN that a node sees through another igroup is told so', async () => {
    await using bench = await Bench.open(iscsi);
    const volume = await bench.create();
    await makeIgroup(bench, 'theirs', [n1.iqn]);
    await mapLun(bench, `/vol/${volume.config.internalName}/lun0`, 'theirs');
    const problem = await problemOf(bench.driver.publish(requestFor(volume), signal()));
    expect(problem).toMatchObject({ code: 'lun.mapped-elsewhere', message: expect.stringContaining('theirs') });
  });

  test('a LUN that is gone is told so, and unpublishing it succeeds', async () => {
    await using bench = await Bench.open(iscsi);
    const volume = await published(bench, await bench.create(), n1, [n1]);
    await bench.driver.deleteVolume(volume, signal());
    expect(await problemOf(bench.driver.publish(requestFor(volume), signal()))).toMatchObject({
      code: 'volume.not-on-array',
    });
    await bench.driver.unpublish({ volume, node: n1, remaining: [] }, signal());
    expect(await igroups(bench)).toEqual([]);
  });
});
