import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Core } from '../src/client/contract.ts';
import { openEmbeddedCore } from '../src/client/embedded.ts';
import { openHttpCore } from '../src/client/http.ts';
import type { operations } from '../src/client/operations.ts';
import { driverKind } from '../src/engine/drivers/registry.ts';
import { openEngine } from '../src/engine/engine.ts';
import type { Engine } from '../src/engine/engine.ts';
import { serve } from '../src/engine/server/http-server.ts';
import type { RunningServer } from '../src/engine/server/http-server.ts';
import { newMemoryState, openMemoryStore } from '../src/engine/store/memory.ts';
import type { Store } from '../src/engine/store/store.ts';
import { startSimulator } from '../src/simulator/simulator.ts';
import type { Simulator } from '../src/simulator/contract.ts';
import { nodeRecord, patient, storageClass, volumeRequest } from './support/lab.ts';
import { nasBackend } from './support/nas-backend.ts';

/** What a node logs in with is told by one route, over HTTP and in this process, and nowhere else. */

const secrets = {
  chapUsername: 'planted-nodes',
  chapInitiatorSecret: 'planted-secret-in',
  chapTargetUsername: 'planted-target',
  chapTargetInitiatorSecret: 'planted-secret-out',
};
const told = {
  useCHAP: true,
  iscsiUsername: 'planted-nodes',
  iscsiInitiatorSecret: 'planted-secret-in',
  iscsiTargetUsername: 'planted-target',
  iscsiTargetSecret: 'planted-secret-out',
};

let simulator: Simulator;
let store: Store;
let engine: Engine;
let server: RunningServer;
const state = newMemoryState();
const engineOptions = { driverKind, context: 'csi', version: '26.06.0', hostName: 'test' } as const;

const serveCore = ({ orchestrator }: Engine): Promise<RunningServer> =>
  serve({
    orchestrator: () => orchestrator,
    address: '127.0.0.1',
    port: 0,
    version: '26.06.0',
    runtime: 'node',
    shutdownMs: 1000,
  });

beforeAll(async () => {
  simulator = await startSimulator({});
  store = openMemoryStore({ state });
  engine = await openEngine({ ...engineOptions, store });
  const { backends, storageClasses, volumes, nodes, publications } = engine.orchestrator;
  const { autoExportPolicy: _none, ...onArray } = nasBackend(simulator);
  const blocks = { ...onArray, storageDriverName: 'ontap-san' };
  await backends.add({ ...blocks, backendName: 'chap', useCHAP: true, ...secrets }, patient);
  await backends.add({ ...blocks, backendName: 'namespaces', sanType: 'nvme', storagePrefix: 'n' }, patient);
  await backends.add({ ...onArray, backendName: 'files' }, patient);
  for (const backend of ['chap', 'namespaces', 'files'])
    await storageClasses.add(storageClass(backend, { storagePools: { [backend]: ['.*'] } }));
  for (const name of ['chap', 'namespaces', 'files'])
    await volumes.create({ ...volumeRequest(name), accessMode: 'ReadWriteOnce', storageClass: name }, patient);
  await nodes.register(nodeRecord('n1', { iqn: 'iqn.1994-05.com.redhat:n1' }), patient);
  await publications.publish({ volume: 'chap', node: 'n1', readOnly: false, accessMode: 1 }, patient);
  server = await serveCore(engine);
});
afterAll(async () => {
  await server.close();
  await engine[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
  await simulator.stop();
});

const { signal } = new AbortController();
const cores: readonly (readonly [string, () => Core<typeof operations>])[] = [
  ['over HTTP', () => openHttpCore({ server: server.url, timeoutMs: 10_000, connections: 2 })],
  [
    'in this process',
    () =>
      openEmbeddedCore({
        ...engineOptions,
        openStore: async () => openMemoryStore({ state }),
        runtime: 'node',
        description: 'embedded engine',
      }),
  ],
];

describe.each(cores)('CHAP %s', (_, open) => {
  const ask = async (volume: string) => {
    await using core = open();
    return await core.call.getCHAP({ params: { volume, node: 'whoever' }, signal });
  };

  it('tells the users and secrets of the backend', async () => {
    const before = simulator.requests.count();
    expect(await ask('chap')).toEqual({ chap: told });
    expect(simulator.requests.count()).toBe(before);
  });

  it.each([
    ['files', 'ontap-nas'],
    ['namespaces', 'ontap-san'],
  ])('of %s is refused, which have none', async (volume, driver) => {
    await expect(ask(volume)).rejects.toMatchObject({
      kind: 'unsupported',
      message: expect.stringContaining(`retrieving chap credentials is not supported on backends of type ${driver}`),
    });
  });

  it('of no volume is not found', async () => {
    await expect(ask('nope')).rejects.toMatchObject({
      kind: 'notFound',
      message: expect.stringContaining('volume nope was not found'),
    });
  });

  it('is told nowhere else', async () => {
    await using core = open();
    const said = [
      await core.call.getVolume({ params: { volume: 'chap' }, signal }),
      await core.call.listVolumeDetails({ params: {}, signal }),
      await core.call.getBackend({ params: { backend: 'chap' }, signal }),
      await core.call.listBackendDetails({ params: {}, signal }),
      await core.call.listVolumePublications({ params: {}, signal }),
      await core.call.listOperations({ params: {}, signal }),
    ];
    expect(JSON.stringify(said)).not.toContain('planted');
    expect(JSON.stringify(said)).toContain('"useCHAP":true');
  });
});

it('is not used by a backend over iSCSI that has none, which is said', async () => {
  const plain = await startSimulator({});
  try {
    await using other = openMemoryStore();
    await using own = await openEngine({ ...engineOptions, store: other });
    const { backends, storageClasses, volumes } = own.orchestrator;
    const { autoExportPolicy: _none, ...onArray } = nasBackend(plain);
    await backends.add({ ...onArray, storageDriverName: 'ontap-san' }, patient);
    await storageClasses.add(storageClass('any'));
    await volumes.create({ ...volumeRequest('v1'), accessMode: 'ReadWriteOnce' }, patient);
    const routes = await serveCore(own);
    try {
      const reply = await fetch(`${routes.url}/trident/v1/chap/v1/n1`);
      expect([reply.status, await reply.json()]).toEqual([200, { chap: { useCHAP: false } }]);
    } finally {
      await routes.close();
    }
  } finally {
    await plain.stop();
  }
});
