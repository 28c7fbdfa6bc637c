import { array, assert, asyncProperty, constantFrom } from 'fast-check';
import { expect, it } from 'vitest';
import type { Core } from '../src/client/contract.ts';
import { openEmbeddedCore } from '../src/client/embedded.ts';
import { CoreRefusal } from '../src/client/failure.ts';
import { openHttpCore } from '../src/client/http.ts';
import type { operations } from '../src/client/operations.ts';
import { driverKind } from '../src/engine/drivers/registry.ts';
import { openEngine } from '../src/engine/engine.ts';
import { Problem } from '../src/engine/problem.ts';
import { serve } from '../src/engine/server/http-server.ts';
import { openMemoryStore } from '../src/engine/store/memory.ts';
import { seededRandom } from './support/seeded-random.ts';

/** A command cannot tell a core in this process from one behind HTTP: same answers, same Problems. */

type AnyCore = Core<typeof operations>;
const { signal } = new AbortController();

const fake = (more: object) => ({
  version: 1,
  storageDriverName: 'fake',
  backendName: 'b1',
  instanceName: 'i1',
  protocol: 'file',
  pools: {
    ssd: {
      attributes: { media: { offer: ['ssd'] }, snapshots: { offer: true }, clones: { offer: true } },
      sizeBytes: 1e12,
    },
  },
  ...more,
});
const volume = { params: { volume: 'v1' }, signal };
const bareVolume = { name: 'v1', size: '1Gi', storageClass: 'gold', accessMode: 'ReadWriteOnce' };
const claim = Buffer.from(JSON.stringify({ spec: { storageClassName: 'gold', accessModes: ['ReadWriteOnce'] } }));

/** Calls with what they are called in a failure report. */
const samples: Readonly<Record<string, (core: AnyCore) => Promise<unknown>>> = {
  version: (core) => core.call.getVersion({ params: {}, signal }),
  health: (core) => core.call.health({ params: {}, signal }),
  'add backend': (core) => core.call.addBackend({ params: {}, body: fake({}), signal }),
  'add backend, nonsense': (core) => core.call.addBackend({ params: {}, body: 'x', signal }),
  'add backend, null': (core) => core.call.addBackend({ params: {}, body: null, signal }),
  'add backend, bad limit': (core) =>
    core.call.addBackend({ params: {}, body: fake({ limitVolumeSize: 'abc' }), signal }),
  'update backend': (core) =>
    core.call.updateBackend({ params: { backend: 'b1' }, body: fake({ region: 'r' }), signal }),
  'suspend backend': (core) =>
    core.call.updateBackendState({ params: { backend: 'b1' }, body: { userState: 'suspended' }, signal }),
  'resume backend': (core) =>
    core.call.updateBackendState({ params: { backend: 'b1' }, body: { userState: 'normal' }, signal }),
  'get backend': (core) => core.call.getBackend({ params: { backend: 'b1' }, signal }),
  'list backends': (core) => core.call.listBackends({ params: {}, signal }),
  'backend details': (core) => core.call.listBackendDetails({ params: {}, signal }),
  'delete backend': (core) => core.call.deleteBackend({ params: { backend: 'b1' }, signal }),
  'add class': (core) =>
    core.call.addStorageClass({ params: {}, body: { name: 'gold', attributes: { media: 'ssd' } }, signal }),
  'add class, bad attribute': (core) =>
    core.call.addStorageClass({ params: {}, body: { name: 'bad', attributes: { IOPS: 'lots' } }, signal }),
  'get class': (core) => core.call.getStorageClass({ params: { storageClass: 'gold' }, signal }),
  'class details': (core) => core.call.listStorageClassDetails({ params: {}, signal }),
  'delete class': (core) => core.call.deleteStorageClass({ params: { storageClass: 'gold' }, signal }),
  'add volume': (core) =>
    core.call.addVolume({ params: {}, body: { ...bareVolume, volumeMode: 'Filesystem' }, signal }),
  'add volume, no mode': (core) => core.call.addVolume({ params: {}, body: bareVolume, signal }),
  'add volume, nothing said': (core) => core.call.addVolume({ params: {}, signal }),
  'get volume': (core) => core.call.getVolume(volume),
  'get volume, impossible name': (core) => core.call.getVolume({ params: { volume: 'a/b' }, signal }),
  'list volumes': (core) => core.call.listVolumes({ params: {}, signal }),
  'list subordinates': (core) => core.call.listVolumes({ params: {}, query: { subordinateOf: 'v1' }, signal }),
  'volume details': (core) => core.call.listVolumeDetails({ params: {}, signal }),
  'update volume': (core) => core.call.updateVolume({ ...volume, body: { snapshotDirectory: 'true' } }),
  'LUKS names': (core) => core.call.updateVolumeLUKSPassphraseNames({ ...volume, body: ['a'] }),
  'no LUKS names': (core) => core.call.updateVolumeLUKSPassphraseNames({ ...volume, body: [] }),
  'resize volume': (core) => core.call.resizeVolume({ ...volume, body: { size: '2Gi' } }),
  'shrink volume': (core) => core.call.resizeVolume({ ...volume, body: { size: '1Mi' } }),
  'resize volume, no size': (core) => core.call.resizeVolume({ ...volume, body: {} }),
  'clone volume': (core) => core.call.cloneVolume({ ...volume, body: { name: 'c1', snapshot: 's1' } }),
  'import volume': (core) =>
    core.call.importVolume({ params: {}, body: { backend: 'b1', internalName: 'old', storageClass: 'gold' }, signal }),
  'import volume, claim': (core) =>
    core.call.importVolume({
      params: {},
      body: { backend: 'b1', internalName: 'old', pvcData: claim.toString('base64') },
      signal,
    }),
  'import volume, bad claim': (core) =>
    core.call.importVolume({ params: {}, body: { backend: 'b1', internalName: 'old', pvcData: '%%' }, signal }),
  'delete volume': (core) => core.call.deleteVolume(volume),
  CHAP: (core) => core.call.getCHAP({ params: { volume: 'v1', node: 'n1' }, signal }),
  'add snapshot': (core) => core.call.addSnapshot({ params: {}, body: { name: 's1', volumeName: 'v1' }, signal }),
  'get snapshot': (core) => core.call.getSnapshot({ params: { volume: 'v1', snapshot: 's1' }, signal }),
  'list snapshots': (core) => core.call.listSnapshots({ params: {}, query: { volume: 'v1' }, signal }),
  'snapshot details': (core) => core.call.listSnapshotDetails({ params: {}, signal }),
  'restore snapshot': (core) => core.call.restoreSnapshot({ params: { volume: 'v1', snapshot: 's1' }, signal }),
  'delete snapshot': (core) => core.call.deleteSnapshot({ params: { volume: 'v1', snapshot: 's1' }, signal }),
  'add node': (core) =>
    core.call.addOrUpdateNode({ params: { node: 'n1' }, body: { name: 'n1', ips: ['10.0.0.1'] }, signal }),
  'add node, no name': (core) => core.call.addOrUpdateNode({ params: { node: 'n1' }, body: {}, signal }),
  'node state': (core) => core.call.updateNode({ params: { node: 'n1' }, body: { provisionerReady: true }, signal }),
  'get node': (core) => core.call.getNode({ params: { node: 'n1' }, signal }),
  'node details': (core) => core.call.listNodeDetails({ params: {}, signal }),
  'delete node': (core) => core.call.deleteNode({ params: { node: 'n1' }, signal }),
  publish: (core) => core.call.publishVolume({ params: { volume: 'v1', node: 'n1' }, body: {}, signal }),
  publications: (core) => core.call.listVolumePublications({ params: {}, signal }),
  unpublish: (core) => core.call.unpublishVolume({ params: { volume: 'v1', node: 'n1' }, signal }),
  'plan of a deletion': (core) =>
    core.call.planOperation({ params: { operation: 'deleteVolume' }, body: { params: { volume: 'v1' } }, signal }),
  'plan of a volume': (core) =>
    core.call.planOperation({
      params: { operation: 'addVolume' },
      body: { params: {}, body: { name: 'v7', size: '1Gi', storageClass: 'gold' } },
      signal,
    }),
  'plan without a name': (core) => core.call.planOperation({ params: { operation: 'deleteVolume' }, body: {}, signal }),
  'plan of a read': (core) => core.call.planOperation({ params: { operation: 'getVolume' }, body: {}, signal }),
  operations: (core) => core.call.listOperations({ params: {}, signal }),
  'unknown operation': (core) => core.call.getOperation({ params: { operation: 'x' }, signal }),
  recover: (core) => core.call.recoverOperations({ params: {}, signal }),
  groups: (core) => core.call.listGroupSnapshots({ params: {}, signal }),
  group: (core) => core.call.getGroupSnapshot({ params: { group: 'groupsnapshot-1' }, signal }),
  'autogrow policy': (core) => core.call.getAutogrowPolicy({ params: { autogrowPolicy: 'p' }, signal }),
  'set level': (core) => core.call.setLogLevel({ params: { level: 'debug' }, signal }),
  'set layers': (core) => core.call.setLoggingLayers({ params: {}, body: { logLayers: 'core,bogus' }, signal }),
  'get level': (core) => core.call.getCurrentLogLevel({ params: {}, signal }),
};

/** What an answer or a Problem looks like to a command, without what differs between two engines. */
const outcomeOf = async (call: Promise<unknown>): Promise<unknown> => {
  let outcome: unknown;
  try {
    outcome = { answer: await call };
  } catch (error) {
    if (!Problem.is(error)) throw error;
    const { code, kind, hint, path, array: refusal, nothingDone } = error;
    const message = error instanceof CoreRefusal ? error.said : error.message;
    outcome = { message, code, kind, hint, path, refusal, nothingDone };
  }
  return JSON.parse(
    JSON.stringify(outcome)
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uuid>')
      .replace(/"(id|owner)":"[^"]*"/g, '"$1":""'),
  );
};

const fixed = {
  driverKind,
  context: 'direct',
  version: '26.06.0',
  hostName: 'test',
  now: () => new Date('2026-01-02T03:04:05Z'),
} as const;

/** The outcomes of the same calls, over HTTP and in this process. */
const runBoth = async (names: readonly string[]) => {
  const outcomes: { http: unknown[]; embedded: unknown[] } = { http: [], embedded: [] };
  const store = openMemoryStore();
  await using engine = await openEngine({ ...fixed, store, random: seededRandom(7) });
  const server = await serve({
    orchestrator: () => engine.orchestrator,
    address: '127.0.0.1',
    port: 0,
    version: '26.06.0',
    runtime: 'node',
    shutdownMs: 1000,
  });
  try {
    await using remote = openHttpCore({ server: server.url, timeoutMs: 10_000, connections: 2 });
    await using embedded = openEmbeddedCore({
      ...fixed,
      random: seededRandom(7),
      openStore: async () => openMemoryStore(),
      runtime: 'node',
      description: 'embedded engine',
    });
    for (const name of names) {
      const sample = samples[name];
      if (sample === undefined) throw new Error(`no sample ${name}`);
      outcomes.http.push([name, await outcomeOf(sample(remote))]);
      outcomes.embedded.push([name, await outcomeOf(sample(embedded))]);
    }
  } finally {
    await server.close();
    await store[Symbol.asyncDispose]();
  }
  return outcomes;
};

it.each([
  ['in order', Object.keys(samples)],
  ['in reverse', Object.keys(samples).toReversed()],
])('all operations %s give the same over HTTP and in this process', async (_how, names) => {
  const { http, embedded } = await runBoth(names);
  expect(http).toEqual(embedded);
});

it('any sequence of operations gives the same over HTTP and in this process', async () => {
  const start = ['add backend', 'add class', 'add volume', 'add node'];
  const sequences = array(constantFrom(...Object.keys(samples)), { minLength: 5, maxLength: 25 });
  await assert(
    asyncProperty(sequences, async (names) => {
      const { http, embedded } = await runBoth([...start, ...names]);
      expect(http).toEqual(embedded);
    }),
    { numRuns: 25 },
  );
}, 60_000);
