import { Problem } from '../../problem.ts';
import type { SnapshotHandle, VolumeHandle } from '../objects.ts';
import type { FakeConfig } from './config.ts';
import type { PhysicalPool } from './pools.ts';

/**
 * The make-believe array of one backend. It lives in the memory of the process, as stock's does, while one-shot
 * commands are a process each. So a volume or snapshot that the engine has on record counts as existing when its
 * handle is given for the first time (stock fills its array from the records at start, to the same effect), and what
 * is known here only, such as a volume that no record names, is gone with the process.
 */
export interface FakeArray {
  readonly volumes: Map<string, FakeVolume>;
  /** Internal names that were deleted in this process: their handles no longer bring them back. */
  readonly deleted: Set<string>;
  /** Bytes in use, by physical pool. */
  readonly used: Map<string, number>;
}

export interface FakeVolume {
  name: string;
  /** Physical pool; empty when it is not known. */
  readonly pool: string;
  size: number;
  /** Bytes taken from the pool: resizing does not change them (FK-6), clones take none. */
  readonly charged: number;
  /** When it was made, RFC 3339. */
  readonly created: string;
  readonly snapshots: Map<string, FakeSnapshot>;
}

export interface FakeSnapshot {
  readonly name: string;
  readonly created: string;
  readonly size: number;
}

const arrays = new Map<string, FakeArray>();

/** @throws Problem `backend.config`: a configured volume names a pool that is not there or has no room */
export const checkInitialVolumes = (config: FakeConfig, physical: readonly PhysicalPool[]): void => {
  const left = new Map(physical.map((pool) => [pool.name, pool.bytes]));
  for (const [index, { name, requestedPool, size }] of config.given.volumes.entries()) {
    const room = left.get(requestedPool);
    if (room === undefined)
      throw new Problem(
        'backend.config',
        'invalid',
        `requested pool ${requestedPool} for volume ${name} does not exist`,
        { path: ['volumes', index, 'requestedPool'], hint: `pools are ${[...left.keys()].join(', ')}` },
      );
    if (size > room)
      throw new Problem('backend.config', 'invalid', `pool ${requestedPool} has no room for volume ${name}`, {
        path: ['volumes', index, 'size'],
      });
    left.set(requestedPool, room - size);
  }
};

/** The array of a backend, filled with the configured volumes when this process first meets it. */
export const openArray = (backendUUID: string, config: FakeConfig, created: string): FakeArray => {
  const known = arrays.get(backendUUID);
  if (known !== undefined) return known;
  const array: FakeArray = { volumes: new Map(), deleted: new Set(), used: new Map() };
  for (const { name, requestedPool, size } of config.given.volumes)
    addVolume(array, { name, pool: requestedPool, size, charged: size, created, snapshots: new Map() });
  arrays.set(backendUUID, array);
  return array;
};

export const forgetArray = (backendUUID: string): void => {
  arrays.delete(backendUUID);
};

const charge = ({ used }: FakeArray, pool: string, bytes: number): void => {
  used.set(pool, (used.get(pool) ?? 0) + bytes);
};

export const addVolume = (array: FakeArray, volume: FakeVolume): void => {
  array.volumes.set(volume.name, volume);
  array.deleted.delete(volume.name);
  charge(array, volume.pool, volume.charged);
};

export const removeVolume = (array: FakeArray, name: string): void => {
  const volume = array.volumes.get(name);
  array.deleted.add(name);
  if (volume === undefined) return;
  array.volumes.delete(name);
  charge(array, volume.pool, -volume.charged);
};

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The volume of a handle; one that this process has not met before counts as existing. */
export const findVolume = (array: FakeArray, { config, ref }: VolumeHandle): FakeVolume | undefined => {
  const { internalName, size } = config;
  const known = array.volumes.get(internalName);
  if (known !== undefined || array.deleted.has(internalName)) return known;
  const { charged } = ref;
  const volume: FakeVolume = {
    name: internalName,
    pool: textOf(ref['pool']),
    size,
    charged: typeof charged === 'number' ? charged : 0,
    created: textOf(ref['created']),
    snapshots: new Map(),
  };
  addVolume(array, volume);
  return volume;
};

/** @throws Problem `volume.not-found` */
export const getVolume = (array: FakeArray, handle: VolumeHandle): FakeVolume => {
  const found = findVolume(array, handle);
  if (found !== undefined) return found;
  throw new Problem('volume.not-found', 'notFound', `volume ${handle.config.internalName} not found`, {
    nothingDone: true,
  });
};

/** Puts a recorded snapshot that this process has not met before in its place. */
export const meetSnapshot = (volume: FakeVolume, { internalName, ref }: SnapshotHandle): FakeSnapshot => {
  const known = volume.snapshots.get(internalName);
  if (known !== undefined) return known;
  const snapshot: FakeSnapshot = { name: internalName, created: textOf(ref['created']), size: volume.size };
  volume.snapshots.set(internalName, snapshot);
  return snapshot;
};
