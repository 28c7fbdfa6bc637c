import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallOptions, Orchestrator } from '../src/engine/orchestrator/orchestrator.ts';
import type { FaultAction } from '../src/simulator/core/fault-rules.ts';
import { startSimulator } from '../src/simulator/simulator.ts';
import type { Simulator } from '../src/simulator/contract.ts';
import { cloneRequest, endOf, importRequest, nodeRecord, patient, storageClass, volumeRequest } from './support/lab.ts';
import { expectAllEnded, mortalEngines } from './support/mortal-engines.ts';
import { at } from './support/ontap-session.ts';

/**
 * Operations on qtrees that share FlexVols, cut off at every point where a process could die, and with array calls whose answers
 * are lost. Each time another process recovers; then records and array must say the same.
 */

let simulator: Simulator;

const engines = mortalEngines('csi');
const { withEngine } = engines;

beforeAll(async () => {
  simulator = await startSimulator({});
  const { name, password } = simulator.user('admin');
  await withEngine(async ({ backends, storageClasses, nodes }) => {
    await backends.add(
      {
        version: 1,
        storageDriverName: 'ontap-nas-economy',
        backendName: 'economy',
        managementLIF: simulator.host,
        svm: 'svm0',
        username: name,
        password,
        trustedCACertificate: Buffer.from(simulator.certificate).toString('base64'),
        autoExportPolicy: true,
        defaults: { snapshotDir: 'true' },
      },
      patient,
    );
    await storageClasses.add(storageClass('any'));
    await nodes.register(nodeRecord('n1', { ips: ['10.0.0.1'] }), patient);
  });
});
afterAll(() => simulator.stop());

interface Case {
  readonly name: string;
  readonly before?: (orchestrator: Orchestrator, id: string) => Promise<unknown>;
  readonly act: (orchestrator: Orchestrator, id: string, call: CallOptions) => Promise<unknown>;
}

const create = ({ volumes }: Orchestrator, name: string, call = patient) => volumes.create(volumeRequest(name), call);
const snap = ({ snapshots }: Orchestrator, volume: string, call = patient) =>
  snapshots.create({ volume, name: `s-${volume}`, version: '' }, call);
const publish = ({ publications }: Orchestrator, volume: string, call = patient) =>
  publications.publish({ volume, node: 'n1', readOnly: false, accessMode: 0 }, call);
const clone = ({ volumes }: Orchestrator, source: string, call: CallOptions) =>
  volumes.clone(cloneRequest(`${source}view`, source, { snapshot: `s-${source}`, readOnly: true }), call);

/** A FlexVol of somebody else with one qtree, quotas on. */
const makeLegacy = async (id: string): Promise<void> => {
  const name = `legacy_fv_${id}`;
  const where = { volume: { name }, svm: { name: 'svm0' } };
  const call = (method: 'POST' | 'PATCH', path: string, body: unknown) =>
    simulator.call(method, `${path}?return_timeout=15`, body);
  await call('POST', '/storage/volumes', {
    name,
    svm: { name: 'svm0' },
    aggregates: [{ name: 'aggr1_n1' }],
    size: 2 ** 32,
    nas: { path: `/${name}` },
  });
  await call('POST', '/storage/qtrees', { ...where, name: `legacy_${id}` });
  const rule = { ...where, type: 'tree', qtree: { name: `legacy_${id}` }, space: { hard_limit: 2 ** 30 } };
  await call('POST', '/storage/quota/rules', rule);
  const uuid = simulator.world.findVolume(name)?.uuid ?? '';
  await call('PATCH', `/storage/volumes/${uuid}`, { quota: { enabled: true } });
};

const cases: readonly Case[] = [
  { name: 'create', act: create },
  { name: 'resize', before: create, act: (o, id, call) => o.volumes.resize(id, '2Gi', call) },
  { name: 'delete', before: create, act: (o, id, call) => o.volumes.remove(id, call) },
  { name: 'publish', before: create, act: publish },
  {
    name: 'unpublish',
    async before(o, id) {
      await create(o, id);
      await publish(o, id);
    },
    act: (o, id, call) => o.publications.unpublish(id, 'n1', call),
  },
  { name: 'snapshot', before: create, act: snap },
  {
    name: 'import',
    before: (_o, id) => makeLegacy(id),
    act: (o, id, call) => o.volumes.import(importRequest('economy', `legacy_fv_${id}/legacy_${id}`, id), call),
  },
  {
    name: 'read-only clone',
    async before(o, id) {
      await create(o, id);
      await snap(o, id);
    },
    act: clone,
  },
];

const recordsOf = async (path: string): Promise<readonly unknown[]> => {
  const records = at((await simulator.call('GET', path)).body, 'records');
  return Array.isArray(records) ? records : [];
};

/** The qtree that a FlexVol itself is, and those that nobody has imported yet. */
const isOthers = (name: string): boolean => name === '' || name.startsWith('legacy_');

const expectAgreement = async (orchestrator: Orchestrator): Promise<void> => {
  const recorded = (await orchestrator.volumes.list()).filter(({ config }) => !config.readOnlyClone);
  const rules = await recordsOf('/storage/quota/rules?type=tree&fields=volume,qtree.name,space.hard_limit');
  const limits = rules.map((rule) => [String(at(rule, 'qtree', 'name')), at(rule, 'space', 'hard_limit')] as const);
  expect(limits.filter(([name]) => !isOthers(name)).toSorted()).toEqual(
    recorded.map(({ config }) => [config.internalName, config.size]).toSorted(),
  );
  const qtrees = (await recordsOf('/storage/qtrees?fields=name,export_policy.name')).filter(
    (qtree) => !isOthers(String(at(qtree, 'name'))),
  );
  expect(qtrees.map((qtree) => String(at(qtree, 'name'))).toSorted()).toEqual(
    recorded.map(({ config }) => config.internalName).toSorted(),
  );
  for (const { config } of recorded) {
    const published = (await orchestrator.publications.list({ volume: config.name })).length > 0;
    const qtree = qtrees.find((each) => at(each, 'name') === config.internalName);
    expect(at(qtree, 'export_policy', 'name')).toBe(published ? config.internalName : 'trident_empty');
  }
  for (const volume of await recordsOf('/storage/volumes?name=trident_qtree_pool*&fields=size,quota.state')) {
    expect(at(volume, 'quota', 'state')).toBe('on');
    const inside = rules.filter((rule) => at(rule, 'volume', 'name') === at(volume, 'name'));
    const sum = inside.reduce<number>((bytes, rule) => bytes + Number(at(rule, 'space', 'hard_limit') ?? 0), 0);
    expect(at(volume, 'size')).toBeGreaterThanOrEqual(sum);
  }
  await expectAllEnded(orchestrator);
  simulator.world.verify();
};

/** Runs the act in a process that dies while it waits for the answer to its n-th array call; false when it made fewer. */
const runUntilCall = async (one: Case, id: string, n: number): Promise<boolean> => {
  const store = engines.openStore();
  const engine = await engines.open(store);
  // oxlint-disable-next-line unicorn/no-thenable -- the simulator's own word in its fault files
  simulator.faults.add({ when: { path: '/api/**', nth: n }, then: { type: 'delay-reply', milliseconds: 120_000 } });
  const caller = new AbortController();
  let ended = false;
  const act = one
    .act(engine.orchestrator, id, { signal: caller.signal })
    .catch(() => undefined)
    .finally(() => (ended = true));
  const isStruck = () => simulator.faults.list().some(({ hits }) => hits > 0);
  await expect.poll(() => ended || isStruck(), { timeout: 20_000 }).toBe(true);
  const died = !ended;
  // Nothing that it still does is recorded; what waits for an answer gets none.
  await store[Symbol.asyncDispose]();
  caller.abort(new Error('dead'));
  await act;
  simulator.faults.clear();
  await engine[Symbol.asyncDispose]();
  return died;
};

/** Recovers, checks, does it again, checks, and tidies up. */
const expectRecovery = (one: Case, id: string): Promise<void> =>
  withEngine(async (orchestrator) => {
    await orchestrator.operations.recover(patient);
    await expectAgreement(orchestrator);
    expect(['done', 'exists', 'notFound']).toContain(await endOf(one.act(orchestrator, id, patient)));
    await expectAgreement(orchestrator);
    for (const name of (await orchestrator.volumes.names()).toReversed()) {
      for (const { node } of await orchestrator.publications.list({ volume: name }))
        await orchestrator.publications.unpublish(name, node, patient);
    }
    for (const { config } of (await orchestrator.volumes.list()).filter((volume) => volume.config.readOnlyClone))
      await orchestrator.volumes.remove(config.name, patient);
    for (const { volume, name } of await orchestrator.snapshots.list())
      await orchestrator.snapshots.remove(volume, name, patient);
    for (const name of await orchestrator.volumes.names()) await orchestrator.volumes.remove(name, patient);
    expect(await orchestrator.volumes.names()).toEqual([]);
    await expectAgreement(orchestrator);
  });

const prepare = (one: Case, id: string): Promise<void> =>
  withEngine(async (orchestrator) => {
    await one.before?.(orchestrator, id);
  });

let rounds = 0;
const newId = (): string => `v${++rounds}`;

const losses: readonly FaultAction[] = [{ type: 'drop-reply' }, { type: 'drop-request' }, { type: 'job-vanish' }];

describe.each(cases)('$name of qtrees', (one) => {
  it('survives the death of its process at every point', async () => {
    let points = 0;
    for (let n = 1; ; n++) {
      const id = newId();
      await prepare(one, id);
      const where = await engines.runUntil(n, (orchestrator) => one.act(orchestrator, id, patient));
      await expectRecovery(one, id);
      if (where === undefined) break;
      points++;
    }
    expect(points).toBeGreaterThan(1);
  }, 60_000);

  it('survives the death of its process after each array call', async () => {
    for (let n = 1; ; n++) {
      const id = newId();
      await prepare(one, id);
      const died = await runUntilCall(one, id, n);
      await expectRecovery(one, id);
      if (!died) break;
    }
  }, 60_000);

  it('survives the loss of each array call', async () => {
    for (let nth = 1; nth <= 4; nth++)
      for (const action of losses) {
        const id = newId();
        await prepare(one, id);
        // oxlint-disable-next-line unicorn/no-thenable -- the simulator's own word in its fault files
        simulator.faults.add({
          when: { path: '/api/storage/**', method: ['POST', 'PATCH', 'DELETE'], nth },
          then: action,
        });
        await withEngine(async (orchestrator) => {
          await endOf(one.act(orchestrator, id, patient));
        });
        simulator.faults.clear();
        await expectRecovery(one, id);
      }
  }, 120_000);
});
