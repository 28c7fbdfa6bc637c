import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../src/engine/engine.ts';
import type { FaultMatch } from '../src/simulator/core/fault-rules.ts';
import { startSimulator } from '../src/simulator/simulator.ts';
import type { Simulator } from '../src/simulator/contract.ts';
import { cloneRequest, endOf, nodeRecord, patient, storageClass, volumeRequest } from './support/lab.ts';
import { installationIn } from './support/installation.ts';
import { nasBackend, nasBackendFile } from './support/nas-backend.ts';
import { at } from './support/ontap-session.ts';
import { openMemoryEngine } from './support/memory-engine.ts';

/** The array does the first thing an operation asks for and refuses the next: what was done must not stay. */

let simulator: Simulator;
let engine: Engine;

beforeAll(async () => {
  simulator = await startSimulator({});
  engine = await openMemoryEngine();
  await engine.orchestrator.backends.add(nasBackend(simulator), patient);
  await engine.orchestrator.storageClasses.add(storageClass('any'));
  await engine.orchestrator.volumes.create(volumeRequest('source'), patient);
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await simulator.stop();
});
afterEach(() => simulator.faults.clear());

const refuse = (when: FaultMatch) =>
  simulator.faults.add({
    when,
    // oxlint-disable-next-line unicorn/no-thenable -- the simulator's own word in its fault files
    then: { type: 'refuse', status: 400, code: '918703', message: 'not now' },
  });
const volumesThere = () =>
  simulator.world
    .volumes()
    .filter(({ svm, name }) => svm === 'svm0' && !name.endsWith('root'))
    .map(({ name }) => name);
const snapshotsThere = async () => {
  const uuid = simulator.world.findVolume('trident_source')?.uuid ?? '';
  const records = at((await simulator.call('GET', `/storage/volumes/${uuid}/snapshots`)).body, 'records');
  return Array.isArray(records) ? records.length : -1;
};
const expectNothingLeft = async () => {
  simulator.faults.clear();
  expect(volumesThere()).toEqual(['trident_source']);
  expect(await snapshotsThere()).toBe(0);
  expect(await engine.orchestrator.volumes.names()).toEqual(['source']);
  const open = (await engine.orchestrator.operations.list()).filter(({ outcome }) =>
    ['open', 'stuck'].includes(outcome),
  );
  expect(open).toEqual([]);
};

const copy = cloneRequest('copy', 'source');

describe('nothing is left of', () => {
  it('a clone that cannot be set up', async () => {
    refuse({ method: 'PATCH', path: '/api/storage/volumes/*' });
    expect(await endOf(engine.orchestrator.volumes.clone(copy, patient))).toBe('invalid');
    await expectNothingLeft();
  });

  it('a clone that is refused after its snapshot was taken', async () => {
    refuse({ method: 'POST', path: '/api/storage/volumes' });
    expect(await endOf(engine.orchestrator.volumes.clone(copy, patient))).toBe('invalid');
    await expectNothingLeft();
  });

  it('a snapshot that cannot be looked at', async () => {
    refuse({ method: 'GET', path: '/api/storage/volumes/*/snapshots', count: 1 });
    const request = { volume: 'source', name: 's1', version: '1' };
    expect(await endOf(engine.orchestrator.snapshots.create(request, patient))).toBe('invalid');
    await expectNothingLeft();
  });
});

/** What the array refuses, so that a publication cannot be finished. */
const refusals: readonly (readonly [string, string, FaultMatch])[] = [
  ['ontap-nas', 'its volume on the policy', { method: 'PATCH', path: '/api/storage/volumes/*' }],
  ['ontap-nas-flexgroup', 'its volume on the policy', { method: 'PATCH', path: '/api/storage/volumes/*' }],
  ['ontap-nas-economy', 'its qtree on the policy', { method: 'PATCH', path: '/api/storage/qtrees/**' }],
  [
    'ontap-nas-economy',
    'its node into the FlexVol',
    { method: 'POST', path: '/api/protocols/nfs/export-policies/*/rules' },
  ],
];
describe.each(refusals)('%s: an export policy', (storageDriverName, what, when) => {
  it(`does not outlive a publication that cannot put ${what}`, async () => {
    const backendName = `${storageDriverName}-${what.replaceAll(' ', '')}`;
    const backend = { ...nasBackend(simulator), backendName, storageDriverName, storagePrefix: 'p_' };
    await engine.orchestrator.backends.add(backend, patient);
    await engine.orchestrator.storageClasses.add(
      storageClass(backendName, { storagePools: { [backendName]: ['.*'] } }),
    );
    await engine.orchestrator.nodes.register(nodeRecord('n1'), patient);
    await engine.orchestrator.volumes.create({ ...volumeRequest('shown'), storageClass: backendName }, patient);

    refuse(when);
    const publication = { volume: 'shown', node: 'n1', readOnly: false, accessMode: 0 };
    expect(await endOf(engine.orchestrator.publications.publish(publication, patient))).toBe('invalid');
    simulator.faults.clear();
    const { body } = await simulator.call('GET', '/protocols/nfs/export-policies?name=p_shown');
    expect(at(body, 'records')).toEqual([]);
    await engine.orchestrator.volumes.remove('shown', patient);
  });
});

it('a publication leaves nothing to take back when the array is away', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'leftovers-'));
  const away = await startSimulator({});
  try {
    const { run, must } = installationIn(folder, 'state');
    await must(`create backend -f ${nasBackendFile(folder, away)}`);
    await must('create storageclass any');
    await must('create node n1 --ip 10.0.0.1');
    await must('create volume v1 --size 1Gi --storage-class any');
    await away.stop();
    expect(await run('publish volume v1 n1')).toMatchObject({ exit: 1 });
    const [newest] = JSON.parse(await must('get operation -o json')).items;
    expect(newest).toMatchObject({ kind: 'publication.publish', outcome: 'undone' });
  } finally {
    await away.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
