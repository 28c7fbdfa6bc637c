import type { AccessInformation, PoolRecord, VolumeConfig } from '../../orchestrator/model.ts';
import { Problem } from '../../problem.ts';
import { parseSize } from '../../sizes.ts';
import type {
  ClassRequest,
  ClonePlan,
  ImportCandidate,
  ImportPlan,
  Settled,
  SnapshotHandle,
  SnapshotOnArray,
  VolumeHandle,
  VolumeOnArray,
  VolumePlan,
} from '../objects.ts';
import { addVolume, findVolume, getVolume, meetSnapshot, removeVolume } from './array.ts';
import type { FakeArray, FakeSnapshot, FakeVolume } from './array.ts';
import { internalNameOf, smallestVolumeBytes } from './config.ts';
import type { FakeConfig } from './config.ts';
import { satisfies } from './pools.ts';
import type { PhysicalPool } from './pools.ts';

/** What becomes of volumes and snapshots: each method of the driver is a function of its backend. */

const mostSnapshots = 5;

/** FK-8: a name whose creation begins and then fails on the array. */
const failingName = 'creating-686e-4960-9135-b040c2d54332';

const ineligible = (name: string, causes: readonly string[]): Problem =>
  new Problem(
    'pool.ineligible',
    'unsupported',
    `backend cannot satisfy create request for volume ${name}: (${causes.join(', ')})`,
    { nothingDone: true },
  );

const nameTaken = ({ name, size, pool }: FakeVolume): Problem =>
  new Problem('volume.exists-on-array', 'exists', `volume ${name} already exists`, {
    hint: `a volume of ${size} bytes in pool ${pool} has that name`,
    nothingDone: true,
  });

export const onArray = ({ name, created, size }: FakeSnapshot): SnapshotOnArray => ({
  internalName: name,
  created,
  size,
  ref: { created },
});

/** What a backend is made of; each driver method is a function of it. */
export interface Backend {
  readonly config: FakeConfig;
  readonly physical: readonly PhysicalPool[];
  readonly array: FakeArray;
  readonly now: () => string;
}

const accessOf = ({ config }: Backend, internalName: string): AccessInformation =>
  config.given.protocol === 'block'
    ? {
        iscsiTargetPortal: config.given.volumeAccess,
        iscsiPortals: ['192.0.2.2'],
        iscsiTargetIqn: 'iqn.2017-06.com.netapp:fake',
        iscsiLunNumber: 0,
      }
    : { nfsServerIp: config.given.volumeAccess, nfsPath: `/${internalName}` };

export const described = (backend: Backend, volume: FakeVolume): VolumeOnArray => ({
  ref: { pool: volume.pool, charged: volume.charged, created: volume.created },
  size: volume.size,
  accessInformation: accessOf(backend, volume.name),
  config: {},
});

/** FK-2 */
const requireSize = ({ config }: Backend, bytes: number): void => {
  if (bytes < smallestVolumeBytes)
    throw new Problem(
      'volume.too-small',
      'limit',
      `requested volume size (${bytes} bytes) is too small; the minimum volume size is ${smallestVolumeBytes} bytes`,
      { nothingDone: true },
    );
  const limit = config.limitVolumeSize;
  if (limit !== undefined && bytes > limit)
    throw new Problem('volume.too-large', 'limit', `requested size: ${bytes} > the size limit: ${limit}`, {
      hint: 'the limit is limitVolumeSize of the backend',
      nothingDone: true,
    });
};

export const planVolume = (
  backend: Backend,
  request: VolumeConfig,
  { attributes }: ClassRequest,
  pool: PoolRecord,
): VolumePlan => {
  const { size: defaultSize, virtual } = pool.settings;
  const size = request.size === 0 && typeof defaultSize === 'string' ? parseSize(defaultSize) : request.size;
  const internalName = internalNameOf(backend.config.storagePrefix, request.name);
  requireSize(backend, size);
  const placement =
    virtual === true
      ? backend.physical.filter((candidate) => satisfies(candidate, attributes)).map(({ name }) => name)
      : [pool.name];
  if (placement.length === 0)
    throw ineligible(internalName, [`no physical pool offers what the storage class asks of pool ${pool.name}`]);
  return { config: { ...request, internalName, size }, pool, placement, details: {} };
};

/** FK-4: in the first place that has room. */
export const createVolume = (backend: Backend, { config, placement }: VolumePlan): VolumeOnArray => {
  const { array, physical } = backend;
  const taken = array.volumes.get(config.internalName);
  if (taken !== undefined) throw nameTaken(taken);
  if (config.name === failingName)
    throw new Problem('volume.creation-failed', 'conflict', 'error occurred during creation on backend', {
      nothingDone: true,
    });
  const causes: string[] = [];
  for (const name of placement) {
    const pool = physical.find((candidate) => candidate.name === name);
    const free = (pool?.bytes ?? 0) - (array.used.get(name) ?? 0);
    if (pool === undefined) causes.push(`pool ${name} does not exist`);
    else if (config.size > free)
      causes.push(
        `requested volume is too large, requested ${config.size} bytes, have ${free} available in pool ${name}`,
      );
    else {
      const volume: FakeVolume = {
        name: config.internalName,
        pool: name,
        size: config.size,
        charged: config.size,
        created: backend.now(),
        snapshots: new Map(),
      };
      addVolume(array, volume);
      return described(backend, volume);
    }
  }
  throw ineligible(config.internalName, causes);
};

export const discard = ({ array }: Backend, internalName: string, since: Date): Settled => {
  const found = array.volumes.get(internalName);
  if (found === undefined) return 'absent';
  if (!(Date.parse(found.created) >= since.getTime())) return 'foreign';
  removeVolume(array, internalName);
  return 'removed';
};

export const cloneVolume = (backend: Backend, { config, source, snapshot }: ClonePlan): VolumeOnArray => {
  const { array } = backend;
  const taken = array.volumes.get(config.internalName);
  if (taken !== undefined) throw nameTaken(taken);
  const parent = getVolume(array, source);
  if (snapshot !== undefined) meetSnapshot(parent, snapshot);
  const clone: FakeVolume = {
    name: config.internalName,
    pool: parent.pool,
    size: parent.size,
    charged: 0,
    created: backend.now(),
    snapshots: new Map(),
  };
  addVolume(array, clone);
  return described(backend, clone);
};

export const planImport = (
  { config }: Backend,
  request: VolumeConfig,
  originalName: string,
  found: ImportCandidate,
): ImportPlan => {
  const keepsName = request.importNotManaged || request.importNoRename;
  const internalName = keepsName ? originalName : internalNameOf(config.storagePrefix, request.name);
  return { config: { ...request, internalName, size: found.size }, originalName, details: found.details };
};

export const rename = ({ array }: Backend, from: string, to: string): FakeVolume => {
  const done = array.volumes.get(to);
  const volume = array.volumes.get(from);
  if (volume === undefined || from === to) {
    if (done !== undefined) return done;
    throw new Problem('volume.not-found', 'notFound', `volume ${from} not found`, { nothingDone: true });
  }
  if (done !== undefined) throw nameTaken(done);
  array.volumes.delete(from);
  array.deleted.add(from);
  array.deleted.delete(to);
  volume.name = to;
  array.volumes.set(to, volume);
  return volume;
};

export const resizeVolume = (backend: Backend, handle: VolumeHandle, bytes: number): VolumeOnArray => {
  const volume = getVolume(backend.array, handle);
  if (bytes < volume.size)
    throw new Problem(
      'volume.shrink',
      'limit',
      `requested size ${bytes} is less than existing volume size ${volume.size}`,
      {
        nothingDone: true,
      },
    );
  requireSize(backend, bytes);
  volume.size = bytes;
  return described(backend, volume);
};

/** FK-7 */
export const createSnapshot = (backend: Backend, handle: VolumeHandle, name: string): SnapshotOnArray => {
  const volume = getVolume(backend.array, handle);
  const known = volume.snapshots.get(name);
  if (known !== undefined) return onArray(known);
  if (volume.snapshots.size >= mostSnapshots)
    throw new Problem('snapshot.limit', 'limit', 'could not create snapshot: too many snapshots created for a volume', {
      hint: `the fake driver keeps ${mostSnapshots} snapshots of a volume`,
      nothingDone: true,
    });
  // Whole seconds, as arrays tell them.
  const created = backend.now().replace(/\.\d+Z$/, 'Z');
  const snapshot: FakeSnapshot = { name, created, size: volume.size };
  volume.snapshots.set(name, snapshot);
  return onArray(snapshot);
};

export const deleteSnapshot = (backend: Backend, handle: VolumeHandle, { internalName }: SnapshotHandle): void => {
  findVolume(backend.array, handle)?.snapshots.delete(internalName);
};

export const candidateOf = ({ array }: Backend, originalName: string): ImportCandidate | undefined => {
  const found = array.volumes.get(originalName);
  return found === undefined
    ? undefined
    : { size: found.size, facts: { pool: found.pool, created: found.created }, details: {} };
};
