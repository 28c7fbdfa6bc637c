import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Orchestrator } from '../src/engine/orchestrator/orchestrator.ts';
import { startSimulator } from '../src/simulator/simulator.ts';
import type { Simulator } from '../src/simulator/contract.ts';
import { cloneRequest, endOf, importRequest, nodeRecord, patient, storageClass, volumeRequest } from './support/lab.ts';
import { expectAllEnded, mortalEngines } from './support/mortal-engines.ts';

/**
 * Operations on ONTAP NAS volumes of the simulator, cut off at every point where a process could die, and with answers
 * of the array that get lost. Each time another process recovers; then records and array must say the same.
 */

let simulator: Simulator;

const engines = mortalEngines('direct');
const { withEngine } = engines;

beforeAll(async () => {
  simulator = await startSimulator({});
  const { name, password } = simulator.user('admin');
  await withEngine(async ({ backends, storageClasses, nodes }) => {
    await backends.add(
      {
        version: 1,
        storageDriverName: 'ontap-nas',
        backendName: 'nas',
        managementLIF: simulator.host,
        svm: 'svm0',
        username: name,
        password,
        trustedCACertificate: Buffer.from(simulator.certificate).toString('base64'),
        autoExportPolicy: true,
      },
      patient,
    );
    await storageClasses.add(storageClass('any'));
    await nodes.register(nodeRecord('n1', { ips: ['10.0.0.1'] }), patient);
    await nodes.register(nodeRecord('n2', { ips: ['10.0.0.2'] }), patient);
  });
});
afterAll(() => simulator.stop());

interface Case {
  readonly name: string;
  /** Makes what the act needs; `id` sets one round apart from the others. */
  readonly before?: (orchestrator: Orchestrator, id: string) => Promise<unknown>;
  readonly act: (orchestrator: Orchestrator, id: string) => Promise<unknown>;
}

const create = ({ volumes }: Orchestrator, name: string) => volumes.create(volumeRequest(name), patient);
const snap = ({ snapshots }: Orchestrator, volume: string) =>
  snapshots.create({ volume, name: 's1', version: '' }, patient);
const group = ({ groupSnapshots }: Orchestrator, id: string) =>
  groupSnapshots.create({ name: `groupsnapshot-${id}`, volumes: [id, `${id}b`], version: '' }, patient);
const publish = ({ publications }: Orchestrator, volume: string, node: string) =>
  publications.publish({ volume, node, readOnly: false, accessMode: 0 }, patient);

const cases: readonly Case[] = [
  { name: 'create', act: (o, id) => create(o, id) },
  {
    name: 'clone',
    async before(o, id) {
      await create(o, id);
      await snap(o, id);
    },
    act: (o, id) => o.volumes.clone(cloneRequest(`${id}clone`, id, { snapshot: 's1' }), patient),
  },
  {
    name: 'import',
    async before(_o, id) {
      const reply = await simulator.call('POST', '/storage/volumes?return_timeout=15', {
        name: `legacy_${id}`,
        size: 1024 ** 3,
        svm: { name: 'svm0' },
        aggregates: [{ name: 'aggr1_n1' }],
        nas: { path: `/legacy_${id}` },
      });
      expect(reply.status).toBeLessThan(300);
    },
    act: (o, id) => o.volumes.import(importRequest('nas', `legacy_${id}`, id), patient),
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
  { name: 'publish first', before: create, act: (o, id) => publish(o, id, 'n1') },
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
      await o.volumes.remove(id, patient);
    },
    act: (o, id) => o.snapshots.remove(id, 's1', patient),
  },
  {
    name: 'group snapshot',
    async before(o, id) {
      await create(o, id);
      await create(o, `${id}b`);
    },
    act: (o, id) => group(o, id),
  },
  {
    name: 'group snapshot delete',
    async before(o, id) {
      await create(o, id);
      await create(o, `${id}b`);
      await group(o, id);
      await o.volumes.remove(id, patient);
    },
    act: (o, id) => o.groupSnapshots.remove(`groupsnapshot-${id}`, patient),
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

const recordsOf = (body: unknown): readonly Record<string, unknown>[] =>
  typeof body === 'object' && body !== null && 'records' in body && Array.isArray(body.records) ? body.records : [];

/** Clients that the export policy of a volume lets in, as the array tells. */
const clientsOf = async (policy: string): Promise<readonly string[]> => {
  const { body } = await simulator.call(
    'GET',
    `/protocols/nfs/export-policies?name=${encodeURIComponent(policy)}&svm.name=svm0&fields=rules`,
  );
  const matches = JSON.stringify(recordsOf(body)).matchAll(/"match":"([^"]+)"/g);
  return [...matches].map((match) => match[1] ?? '').sort();
};

const addresses: Readonly<Record<string, string>> = { n1: '10.0.0.1', n2: '10.0.0.2' };

const expectAgreement = async (orchestrator: Orchestrator, foreign: string): Promise<void> => {
  const recorded = await orchestrator.volumes.list();
  const real = simulator.world.volumes().filter(({ svm, name }) => svm === 'svm0' && !name.endsWith('root'));
  const isForeign = real.some(({ name }) => name === foreign);
  expect(real.map(({ name }) => name).sort()).toEqual(
    [...recorded.map(({ config }) => config.internalName), ...(isForeign ? [foreign] : [])].sort(),
  );
  for (const { config } of recorded) {
    const volume = simulator.world.findVolume(config.internalName);
    expect(volume?.sizeBytes).toBe(config.size);
    const published = await orchestrator.publications.list({ volume: config.name });
    expect(await clientsOf(volume?.exportPolicy ?? '')).toEqual(published.map(({ node }) => addresses[node]));
    const snapshots = await orchestrator.snapshots.list({ volume: config.name });
    const { body } = await simulator.call('GET', `/storage/volumes/${volume?.uuid}/snapshots?fields=name`);
    const names = recordsOf(body).map((record) => String(record['name']));
    expect(names.filter((name) => name === 's1' || name.startsWith('snapshot-')).toSorted()).toEqual(
      snapshots.map(({ internalName }) => internalName).toSorted(),
    );
  }
  const { body: groups } = await simulator.call('GET', '/application/consistency-groups');
  expect(recordsOf(groups)).toEqual([]);
  for (const name of await orchestrator.groupSnapshots.names()) {
    const { snapshots } = await orchestrator.groupSnapshots.get(name);
    const members = await orchestrator.snapshots.list({ group: name });
    expect(members.map(({ volume, name: member }) => `${volume}/${member}`)).toEqual(snapshots);
  }
  await expectAllEnded(orchestrator);
  simulator.world.verify();
};

/** Recovers, checks, does it again, checks, and tidies up. */
const expectRecovery = (one: Case, id: string): Promise<void> =>
  withEngine(async (orchestrator) => {
    await orchestrator.operations.recover(patient);
    await expectAgreement(orchestrator, `legacy_${id}`);
    expect(['done', 'exists', 'notFound']).toContain(await endOf(one.act(orchestrator, id)));
    await expectAgreement(orchestrator, '');
    for (const name of await orchestrator.groupSnapshots.names())
      await orchestrator.groupSnapshots.remove(name, patient);
    for (const { volume, name } of await orchestrator.snapshots.list())
      if (volume !== id || one.name !== 'clone') await orchestrator.snapshots.remove(volume, name, patient);
    for (const name of (await orchestrator.volumes.names()).toReversed())
      await orchestrator.volumes.remove(name, patient);
    for (const { volume, name } of await orchestrator.snapshots.list())
      await orchestrator.snapshots.remove(volume, name, patient);
    expect(await orchestrator.volumes.names()).toEqual([]);
    const { body } = await simulator.call('GET', '/protocols/nfs/export-policies?svm.name=svm0&fields=name');
    const policies = recordsOf(body).map((record) => String(record['name']));
    expect(policies.filter((name) => name !== 'default' && !name.endsWith('empty'))).toEqual([]);
  });

const prepare = (one: Case, id: string): Promise<void> =>
  withEngine(async (orchestrator) => {
    await one.before?.(orchestrator, id);
  });

let rounds = 0;
const newId = (): string => `v${++rounds}`;

describe.each(cases)('$name on ONTAP', (one) => {
  it('survives the death of its process at every point', async () => {
    let points = 0;
    for (let n = 1; ; n++) {
      const id = newId();
      await prepare(one, id);
      const where = await engines.runUntil(n, (orchestrator) => one.act(orchestrator, id));
      await expectRecovery(one, id);
      if (where === undefined) break;
      points++;
    }
    expect(points).toBeGreaterThanOrEqual(6);
  });

  it('survives answers that get lost', async () => {
    const id = newId();
    await prepare(one, id);
    // oxlint-disable-next-line unicorn/no-thenable -- a rule is data with this member, and nobody awaits it
    simulator.faults.add({ when: { method: ['POST', 'PATCH', 'DELETE'], count: 1 }, then: { type: 'drop-reply' } });
    await withEngine(async (orchestrator) => {
      await endOf(one.act(orchestrator, id));
    });
    simulator.faults.clear();
    await expect(expectRecovery(one, id)).resolves.toBeUndefined();
  });
});
