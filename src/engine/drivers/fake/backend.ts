import { Problem } from '../../problem.ts';
import type { Driver, DriverEnvironment, DriverManifest } from '../driver.ts';
import type { VolumeHandle } from '../objects.ts';
import { findVolume, forgetArray, getVolume, meetSnapshot, openArray, removeVolume } from './array.ts';
import { internalNameOf } from './config.ts';
import type { FakeConfig } from './config.ts';
import type { PhysicalPool } from './pools.ts';
import {
  candidateOf,
  cloneVolume,
  createSnapshot,
  createVolume,
  deleteSnapshot,
  described,
  discard,
  onArray,
  planImport,
  planVolume,
  rename,
  resizeVolume,
} from './volumes.ts';
import type { Backend } from './volumes.ts';

const manifest: DriverManifest = {
  name: 'fake',
  snapshots: true,
  clones: true,
  readOnlyClones: false,
  restore: true,
  restoreTakesOthers: false,
  groupSnapshots: false,
  mirrors: false,
  chap: false,
  import: 'volume',
  rename: true,
  publish: false,
  enforcesAccess: false,
  volumeUpdate: false,
  resizeDelta: 0,
};

/** The driver calls nobody, but it answers as late as one that does: in a later turn, and not after its signal. */
const answer = async <T>(signal: AbortSignal, act: () => T): Promise<T> => {
  await Promise.resolve();
  signal.throwIfAborted();
  return act();
};

const unchanged = ({ config, ref }: VolumeHandle) => ({ accessInformation: config.accessInformation, ref, config: {} });

export const openFake = (
  config: FakeConfig,
  physical: readonly PhysicalPool[],
  environment: DriverEnvironment,
): Driver => {
  const now = (): string => environment.now().toISOString();
  const backend: Backend = { config, physical, array: openArray(environment.backendUUID, config, now()), now };
  return {
    manifest,
    planVolume: (request, storageClass, pool) => planVolume(backend, request, storageClass, pool),
    createVolume: (plan, signal) => answer(signal, () => createVolume(backend, plan)),
    discardVolume: (plan, since, signal) => answer(signal, () => discard(backend, plan.config.internalName, since)),
    planClone: (request, source, snapshot) => ({
      config: {
        ...request,
        internalName: internalNameOf(config.storagePrefix, request.name),
        size: request.size === 0 ? source.config.size : request.size,
      },
      source,
      snapshot,
      details: {},
    }),
    cloneVolume: (plan, signal) => answer(signal, () => cloneVolume(backend, plan)),
    discardClone: (plan, since, signal) => answer(signal, () => discard(backend, plan.config.internalName, since)),
    findForImport: (originalName, signal) => answer(signal, () => candidateOf(backend, originalName)),
    planImport: (request, originalName, candidate) => planImport(backend, request, originalName, candidate),
    importVolume: (plan, signal) =>
      answer(signal, () => described(backend, rename(backend, plan.originalName, plan.config.internalName))),
    undoImport: (plan, signal) =>
      answer(signal, () => {
        if (backend.array.volumes.has(plan.config.internalName))
          rename(backend, plan.config.internalName, plan.originalName);
      }),
    volumeExists: (handle, signal) => answer(signal, () => findVolume(backend.array, handle) !== undefined),
    deleteVolume: (handle, signal) => answer(signal, () => removeVolume(backend.array, handle.config.internalName)),
    resizeVolume: (handle, bytes, signal) => answer(signal, () => resizeVolume(backend, handle, bytes)),
    publish: (_request, signal) =>
      answer(signal, () => {
        throw new Problem('volume.publish-unsupported', 'unsupported', 'fake driver does not support Publish', {
          nothingDone: true,
        });
      }),
    unpublish: ({ volume }, signal) => answer(signal, () => unchanged(volume)),
    planAccess: (_expected, _nodes, signal) => answer(signal, () => []),
    createSnapshot: (handle, name, signal) => answer(signal, () => createSnapshot(backend, handle, name)),
    findSnapshot: (handle, internalName, signal) =>
      answer(signal, () => {
        const found = findVolume(backend.array, handle)?.snapshots.get(internalName);
        return found === undefined ? undefined : onArray(found);
      }),
    listSnapshots: (handle, signal) =>
      answer(signal, () => [...getVolume(backend.array, handle).snapshots.values()].map(onArray)),
    deleteSnapshot: (handle, snapshot, signal) => answer(signal, () => deleteSnapshot(backend, handle, snapshot)),
    restoreSnapshot: (handle, snapshot, signal) =>
      answer(signal, () => {
        meetSnapshot(getVolume(backend.array, handle), snapshot);
        return handle.config.size;
      }),
    checkHealth: (signal) => answer(signal, () => ({ reason: '' })),
    retire: (signal) => answer(signal, () => forgetArray(environment.backendUUID)),
    async [Symbol.asyncDispose]() {
      // The array belongs to the process: another driver may be opened over it.
    },
  };
};
