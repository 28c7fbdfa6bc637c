import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Orchestrator } from '../src/engine/orchestrator/orchestrator.ts';
import { defaultTopology } from '../src/simulator/core/topology.ts';
import { startSimulator } from '../src/simulator/simulator.ts';
import type { Simulator } from '../src/simulator/contract.ts';
import { cloneRequest, endOf, importRequest, nodeRecord, patient, storageClass, volumeRequest } from './support/lab.ts';
import { expectAllEnded, mortalEngines } from './support/mortal-engines.ts';

/**
 * Operations on LUNs of the simulator, cut off at every point where a process could die, and with answers of the array that
 * get lost. Each time another process recovers; then records and array must say the same: LUNs, sizes, maps, igroups.
 */

interface Product {
  readonly name: string;
  readonly driver: string;
  readonly personality: 'unified' | 'asa-r2';
  /** Makes a LUN that somebody else has, and tells what an import calls it. */
  readonly legacy: (simulator: Simulator, id: string) => Promise<string>;
}

const svm = { name: 'svm0' };
const call = async (simulator: Simulator, path: string, body: unknown): Promise<void> => {
  expect((await simulator.call('POST', `${path}?return_timeout=15`, body)).status).toBeLessThan(300);
};
const legacyVolume = async (simulator: Simulator, id: string, lun: string): Promise<void> => {
  const size = 2 ** 30;
  await call(simulator, '/storage/volumes', { name: `legacy_${id}`, size, svm, aggregates: [{ name: 'aggr1_n1' }] });
  await call(simulator, '/storage/luns', { name: `/vol/legacy_${id}/${lun}`, svm, os_type: 'linux', space: { size } });
};

const products: readonly Product[] = [
  {
    name: 'LUNs in FlexVols of their own',
    driver: 'ontap-san',
    personality: 'unified',
    async legacy(simulator, id) {
      await legacyVolume(simulator, id, 'data');
      return `legacy_${id}`;
    },
  },
  {
    name: 'LUNs in shared FlexVols',
    driver: 'ontap-san-economy',
    personality: 'unified',
    async legacy(simulator, id) {
      await legacyVolume(simulator, id, 'data');
      return `legacy_${id}/data`;
    },
  },
  {
    name: 'LUNs of ASA r2',
    driver: 'ontap-san',
    personality: 'asa-r2',
    async legacy(simulator, id) {
      await call(simulator, '/storage/luns', { name: `legacy_${id}`, svm, os_type: 'linux', space: { size: 2 ** 30 } });
      return `legacy_${id}`;
    },
  },
];

interface Case {
  readonly name: string;
  /** Makes what the act needs; `id` sets one round apart from the others. */
  readonly before?: (orchestrator: Orchestrator, id: string) => Promise<unknown>;
  readonly act: (orchestrator: Orchestrator, id: string, original: string) => Promise<unknown>;
  readonly imports?: true;
}

const create = ({ volumes }: Orchestrator, name: string) =>
  volumes.create({ ...volumeRequest(name), accessMode: 'ReadWriteMany', volumeMode: 'Block' }, patient);
const snap = ({ snapshots }: Orchestrator, volume: string) =>
  snapshots.create({ volume, name: 's1', version: '' }, patient);
const publish = ({ publications }: Orchestrator, volume: string, node: string) =>
  publications.publish({ volume, node, readOnly: false, accessMode: 0 }, patient);
const clone = (orchestrator: Orchestrator, id: string, snapshot: string) =>
  orchestrator.volumes.clone(cloneRequest(`${id}clone`, id, { snapshot }), patient);

const cases: readonly Case[] = [
  { name: 'create', act: (o, id) => create(o, id) },
  {
    name: 'clone from a snapshot',
    async before(o, id) {
      await create(o, id);
      await snap(o, id);
    },
    act: (o, id) => clone(o, id, 's1'),
  },
  { name: 'clone from a volume', before: create, act: (o, id) => clone(o, id, '') },
  {
    name: 'import',
    imports: true,
    act: (o, id, originalName) =>
      o.volumes.import(importRequest('san', originalName, id, { accessMode: 'ReadWriteOnce' }), patient),
  },
  { name: 'resize', before: create, act: (o, id) => o.volumes.resize(id, '2Gi', patient) },
  { name: 'delete', before: create, act: (o, id) => o.volumes.remove(id, patient) },
  {
    name: 'publish',
    async before(o, id) {
      await create(o, id);
      await publish(o, id, 'n2');
    },
    act: (o, id) => publish(o, id, 'n1'),
  },
  {
    name: 'unpublish',
    async before(o, id) {
      await create(o, id);
      await publish(o, id, 'n1');
    },
    act: (o, id) => o.publications.unpublish(id, 'n1', patient),
  },
  { name: 'snapshot', before: create, act: (o, id) => snap(o, id) },
  {
    name: 'snapshot delete',
    async before(o, id) {
      await create(o, id);
      await snap(o, id);
    },
    act: (o, id) => o.snapshots.remove(id, 's1', patient),
  },
  {
    name: 'restore',
    async before(o, id) {
      await create(o, id);
      await snap(o, id);
    },
    act: (o, id) => o.snapshots.restore(id, 's1', patient),
  },
];

const recordsOf = (body: unknown): readonly unknown[] =>
  typeof body === 'object' && body !== null && 'records' in body && Array.isArray(body.records) ? body.records : [];

const lunSchema = v.object({
  name: v.string(),
  space: v.object({ size: v.number() }),
  lun_maps: v.optional(v.array(v.object({ igroup: v.object({ name: v.string() }) })), []),
});

describe.each(products)('$name', ({ driver, personality, legacy }) => {
  let simulator: Simulator;
  let rounds = 0;

  const engines = mortalEngines('direct');
  const { withEngine } = engines;

  beforeAll(async () => {
    const cluster = { ...defaultTopology.cluster, personality };
    simulator = await startSimulator({ topology: { ...defaultTopology, cluster } });
    const { name, password } = simulator.user('admin');
    await withEngine(async ({ backends, storageClasses, nodes }) => {
      await backends.add(
        {
          version: 1,
          storageDriverName: driver,
          backendName: 'san',
          managementLIF: simulator.host,
          svm: 'svm0',
          username: name,
          password,
          trustedCACertificate: Buffer.from(simulator.certificate).toString('base64'),
        },
        patient,
      );
      await storageClasses.add(storageClass('any'));
      for (const node of ['n1', 'n2'])
        await nodes.register(nodeRecord(node, { iqn: `iqn.1994-05.com.redhat:${node}` }), patient);
    });
  });
  afterAll(() => simulator.stop());

  const list = async (path: string) => recordsOf((await simulator.call('GET', path)).body);

  /** Every LUN by its last name, with the nodes that see it. */
  const luns = async () =>
    new Map(
      (await list('/storage/luns?fields=space.size,lun_maps.igroup.name')).map((record) => {
        const { name, space, lun_maps: maps } = v.parse(lunSchema, record);
        const base = name.replace(/^\/vol\/([^/]+)\/lun0$/, '$1').replace(/^.*\//, '');
        const nodes = maps.map(({ igroup }) => igroup.name.replace(/-.*/, '')).toSorted();
        return [base, { size: space.size, nodes }] as const;
      }),
    );

  const expectAgreement = async (orchestrator: Orchestrator, foreign: readonly string[]): Promise<void> => {
    const real = await luns();
    const recorded = await orchestrator.volumes.list();
    const snapshots = await orchestrator.snapshots.list();
    for (const { config } of recorded) {
      const published = await orchestrator.publications.list({ volume: config.name });
      expect(real.get(config.internalName)).toEqual({
        size: config.size,
        nodes: published.map(({ node }) => node).toSorted(),
      });
    }
    const beside =
      driver === 'ontap-san-economy' ? snapshots.map(({ volume, name }) => `${volume}_snapshot_${name}`) : [];
    const known = [...recorded.map(({ config }) => config.internalName), ...beside];
    expect([...real.keys()].filter((name) => !foreign.includes(name)).toSorted()).toEqual(known.toSorted());
    await expectAllEnded(orchestrator);
    simulator.world.verify();
  };

  /** Recovers, checks, does it again, checks, tidies up, and looks that nothing is left. */
  const expectRecovery = (one: Case, id: string, original: string): Promise<void> =>
    withEngine(async (orchestrator) => {
      await orchestrator.operations.recover(patient);
      await expectAgreement(orchestrator, [`legacy_${id}`, 'data']);
      expect(['done', 'exists', 'notFound']).toContain(await endOf(one.act(orchestrator, id, original)));
      await expectAgreement(orchestrator, []);
      const volumes = (await orchestrator.volumes.names()).toReversed();
      for (const { volume, node } of await orchestrator.publications.list())
        await orchestrator.publications.unpublish(volume, node, patient);
      for (const name of volumes.filter((each) => each.endsWith('clone')))
        await orchestrator.volumes.remove(name, patient);
      for (const { volume, name } of await orchestrator.snapshots.list())
        await orchestrator.snapshots.remove(volume, name, patient);
      for (const name of volumes.filter((each) => !each.endsWith('clone')))
        await orchestrator.volumes.remove(name, patient);
      expect(await orchestrator.volumes.names()).toEqual([]);
      expect([...(await luns()).keys()]).toEqual([]);
      expect(await list('/protocols/san/igroups')).toEqual([]);
      expect(simulator.world.volumes().filter(({ name }) => !name.endsWith('root'))).toEqual([]);
    });

  const prepare = async (one: Case, id: string): Promise<string> => {
    await withEngine(async (orchestrator) => {
      await one.before?.(orchestrator, id);
    });
    return one.imports === true ? legacy(simulator, id) : '';
  };

  const newId = (): string => `v${++rounds}`;

  it.each(cases)('$name survives the death of its process at every point', async (one) => {
    let points = 0;
    for (let n = 1; ; n++) {
      const id = newId();
      const original = await prepare(one, id);
      const where = await engines.runUntil(n, (orchestrator) => one.act(orchestrator, id, original));
      await expectRecovery(one, id, original);
      if (where === undefined) break;
      points++;
    }
    expect(points).toBeGreaterThanOrEqual(6);
  });

  it.each(cases)('$name survives answers that get lost', async (one) => {
    const id = newId();
    const original = await prepare(one, id);
    // oxlint-disable-next-line unicorn/no-thenable -- a rule is data with this member, and nobody awaits it
    simulator.faults.add({ when: { method: ['POST', 'PATCH', 'DELETE'], count: 1 }, then: { type: 'drop-reply' } });
    await withEngine(async (orchestrator) => {
      await endOf(one.act(orchestrator, id, original));
    });
    simulator.faults.clear();
    await expect(expectRecovery(one, id, original)).resolves.toBeUndefined();
  });
});
