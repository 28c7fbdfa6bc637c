import { randomUUID } from 'node:crypto';
import type { Driver, DriverKind } from '../../src/engine/drivers/driver.ts';
import type {
  AccessChange,
  Settled,
  SnapshotOnArray,
  VolumeHandle,
  VolumeOnArray,
} from '../../src/engine/drivers/objects.ts';
import type { GroupSnapshots } from '../../src/engine/drivers/group-snapshots.ts';
import type { JsonObject } from '../../src/engine/json.ts';
import type { PoolRecord } from '../../src/engine/orchestrator/model.ts';
import { Problem } from '../../src/engine/problem.ts';

/**
 * A small array with a driver over it, for tests of the orchestrator: it can do everything the contract has (the fake
 * driver cannot publish), keeps its objects apart from every engine that uses it, and fails on demand.
 */

interface LabVolume {
  readonly uuid: string;
  name: string;
  size: number;
  readonly created: string;
  readonly snapshots: Map<string, SnapshotOnArray>;
  readonly grants: Set<string>;
}

/** What a call to the array is to do instead of working: `lost` works and loses the answer. */
export type Fault = 'unreachable' | 'lost' | 'refused';

export interface LabArray {
  readonly volumes: Map<string, LabVolume>;
  /** Calls made so far, by method. */
  readonly calls: string[];
  /** Asked at each call that changes something. */
  fault: ((call: string) => Fault | undefined) | undefined;
  /** Why the array is not healthy; empty: it is. */
  ill: string;
  readonly kind: DriverKind;
  /** A volume that nobody recorded, as an administrator makes one. */
  plant(name: string, size: number): void;
}

export interface LabOptions {
  readonly pools: readonly PoolRecord[];
  readonly enforcesAccess: boolean;
  readonly now: () => Date;
}

export const labPool = (name: string, more: Partial<PoolRecord> = {}): PoolRecord => ({
  name,
  key: name,
  offers: { media: { type: 'string', offer: ['ssd'] }, snapshots: { type: 'bool', offer: true } },
  supportedTopologies: [],
  settings: {},
  ...more,
});

/** Arrays take no hyphens. */
const internalNameOf = (name: string): string => `lab_${name.replaceAll('-', '_')}`;

const unreachable = (): Problem => new Problem('lab.unreachable', 'unavailable', 'the array does not answer');

export const openLabArray = ({ pools, enforcesAccess, now }: LabOptions): LabArray => {
  const volumes = new Map<string, LabVolume>();
  const calls: string[] = [];

  const call = async <T>(name: string, signal: AbortSignal, work: () => T): Promise<T> => {
    calls.push(name);
    await Promise.resolve();
    signal.throwIfAborted();
    const fault = array.fault?.(name);
    if (fault === 'unreachable') throw unreachable();
    if (fault === 'refused') throw new Problem('lab.refused', 'conflict', 'the array refuses', { nothingDone: true });
    const result = work();
    if (fault === 'lost') throw unreachable();
    return result;
  };

  const get = ({ config }: VolumeHandle): LabVolume => {
    const found = volumes.get(config.internalName);
    if (found !== undefined) return found;
    throw new Problem('lab.not-found', 'notFound', `volume ${config.internalName} not found`, { nothingDone: true });
  };
  const make = (name: string, size: number): LabVolume => {
    if (volumes.has(name))
      throw new Problem('volume.exists-on-array', 'exists', `volume ${name} is on the array`, { nothingDone: true });
    const volume = {
      uuid: randomUUID(),
      name,
      size,
      created: now().toISOString(),
      snapshots: new Map(),
      grants: new Set<string>(),
    };
    volumes.set(name, volume);
    return volume;
  };
  const onArray = ({ uuid, name, size }: LabVolume): VolumeOnArray => ({
    ref: { uuid },
    size,
    accessInformation: { nfsServerIp: '192.0.2.9', nfsPath: `/${name}` },
    config: {},
  });
  const discard = (name: string, since: Date): Settled => {
    const found = volumes.get(name);
    if (found === undefined) return 'absent';
    if (Date.parse(found.created) < since.getTime()) return 'foreign';
    volumes.delete(name);
    return 'removed';
  };
  const published = (volume: LabVolume) => {
    const { ref, accessInformation, config } = onArray(volume);
    return { ref, accessInformation, config };
  };
  const snapshotsOf = (handle: VolumeHandle) => get(handle).snapshots;

  const take = (handle: VolumeHandle, name: string): SnapshotOnArray => {
    const known = snapshotsOf(handle).get(name);
    if (known !== undefined) return known;
    const { size } = get(handle);
    const snapshot = { internalName: name, created: now().toISOString(), size, ref: { uuid: randomUUID() } };
    snapshotsOf(handle).set(name, snapshot);
    return snapshot;
  };
  const byUuid = (uuid: string): LabVolume | undefined => [...volumes.values()].find((volume) => volume.uuid === uuid);

  /** Group snapshots of backends with the same `svm`. */
  const groupsOf = (svm: string): GroupSnapshots => ({
    target: `lab/${svm}`,
    holders: (handles, signal) =>
      call('holders', signal, () => handles.map((handle) => ({ uuid: get(handle).uuid, name: get(handle).name }))),
    take: (holders, name, signal) =>
      call('takeGroup', signal, () => {
        const created = now().toISOString();
        for (const { uuid } of holders) {
          const volume = byUuid(uuid);
          volume?.snapshots.set(name, { internalName: name, created, size: volume.size, ref: { uuid: randomUUID() } });
        }
      }),
    collect: (handles, name, signal) =>
      call('collectGroup', signal, () => handles.flatMap((handle) => snapshotsOf(handle).get(name) ?? [])),
    discard: (handles, name, since, signal) =>
      call('discardGroup', signal, () =>
        handles.flatMap((handle) => {
          const found = snapshotsOf(handle).get(name);
          if (found === undefined) return [];
          if (Date.parse(found.created) < since.getTime()) return [`${name} is older`];
          snapshotsOf(handle).delete(name);
          return [];
        }),
      ),
  });

  const open = (given: JsonObject): Driver => ({
    manifest: {
      name: 'lab',
      snapshots: true,
      clones: true,
      readOnlyClones: true,
      restore: true,
      restoreTakesOthers: true,
      groupSnapshots: given['groups'] !== false,
      mirrors: false,
      chap: false,
      import: 'volume',
      rename: true,
      publish: true,
      enforcesAccess,
      volumeUpdate: false,
      resizeDelta: 0,
    },
    planVolume: (request, _class, pool) => {
      if (pool.settings['full'] === true)
        throw new Problem('pool.ineligible', 'unsupported', `pool ${pool.name} is full`, { nothingDone: true });
      const size = request.size === 0 ? 1_073_741_824 : request.size;
      if (size < 1_048_576) throw new Problem('volume.too-small', 'limit', 'too small', { nothingDone: true });
      return {
        config: { ...request, internalName: internalNameOf(request.name), size },
        pool,
        placement: [pool.name],
        details: {},
      };
    },
    createVolume: (plan, signal) =>
      call(`createVolume ${plan.pool.name}`, signal, () => onArray(make(plan.config.internalName, plan.config.size))),
    discardVolume: (plan, since, signal) =>
      call('discardVolume', signal, () => discard(plan.config.internalName, since)),
    planClone: (request, source, snapshot) => ({
      config: { ...request, internalName: internalNameOf(request.name) },
      source,
      snapshot,
      details: {},
    }),
    cloneVolume: (plan, signal) =>
      call('cloneVolume', signal, () => onArray(make(plan.config.internalName, get(plan.source).size))),
    discardClone: (plan, since, signal) => call('discardClone', signal, () => discard(plan.config.internalName, since)),
    findForImport: (name, signal) =>
      call('findForImport', signal, () => {
        const found = volumes.get(name);
        return found === undefined ? undefined : { size: found.size, facts: {}, details: {} };
      }),
    planImport: (request, originalName, { size }) => ({
      config: {
        ...request,
        size,
        internalName: request.importNotManaged || request.importNoRename ? originalName : internalNameOf(request.name),
      },
      originalName,
      details: {},
    }),
    importVolume: (plan, signal) =>
      call('importVolume', signal, () => onArray(rename(plan.originalName, plan.config.internalName))),
    undoImport: (plan, signal) =>
      call('undoImport', signal, () => {
        if (volumes.has(plan.config.internalName)) rename(plan.config.internalName, plan.originalName);
      }),
    volumeExists: ({ config }, signal) => call('volumeExists', signal, () => volumes.has(config.internalName)),
    deleteVolume: ({ config }, signal) => call('deleteVolume', signal, () => void volumes.delete(config.internalName)),
    resizeVolume: (handle, bytes, signal) =>
      call('resizeVolume', signal, () => {
        const volume = get(handle);
        if (bytes < volume.size) throw new Problem('volume.shrink', 'limit', 'cannot shrink', { nothingDone: true });
        volume.size = bytes;
        return onArray(volume);
      }),
    publish: ({ volume, node }, signal) =>
      call('publish', signal, () => {
        get(volume).grants.add(node.name);
        return published(get(volume));
      }),
    unpublish: ({ volume, node }, signal) =>
      call('unpublish', signal, () => {
        get(volume).grants.delete(node.name);
        return published(get(volume));
      }),
    planAccess: (expected, _nodes, signal) =>
      call('planAccess', signal, () =>
        expected.flatMap(({ volume, nodes }) => {
          const { grants } = get(volume);
          const change = (kind: 'grant' | 'revoke', name: string): AccessChange => ({
            kind,
            text: kind === 'grant' ? `add ${name}` : `remove ${name}`,
            apply: (inner) => call(kind, inner, () => void (kind === 'grant' ? grants.add(name) : grants.delete(name))),
          });
          const needed = nodes.map(({ name }) => name);
          return [
            ...[...grants].filter((name) => !needed.includes(name)).map((name) => change('revoke', name)),
            ...needed.filter((name) => !grants.has(name)).map((name) => change('grant', name)),
          ];
        }),
      ),
    createSnapshot: (handle, name, signal) => call('createSnapshot', signal, () => take(handle, name)),
    groups: given['groups'] === false ? undefined : groupsOf(String(given['svm'] ?? 'a')),
    findSnapshot: (handle, name, signal) => call('findSnapshot', signal, () => snapshotsOf(handle).get(name)),
    listSnapshots: (handle, signal) => call('listSnapshots', signal, () => [...snapshotsOf(handle).values()]),
    deleteSnapshot: (handle, { internalName }, signal) =>
      call('deleteSnapshot', signal, () => void snapshotsOf(handle).delete(internalName)),
    restoreSnapshot: (handle, { internalName }, signal) =>
      call('restoreSnapshot', signal, () => {
        const snapshots = snapshotsOf(handle);
        const names = [...snapshots.keys()];
        if (!snapshots.has(internalName)) throw new Problem('lab.not-found', 'notFound', 'no such snapshot');
        // They are in the order in which they were taken.
        for (const newer of names.slice(names.indexOf(internalName) + 1)) snapshots.delete(newer);
        return get(handle).size;
      }),
    checkHealth: (signal) => call('checkHealth', signal, () => ({ reason: array.ill })),
    retire: (signal) => call('retire', signal, () => undefined),
    async [Symbol.asyncDispose]() {
      // The array outlives its drivers.
    },
  });

  const rename = (from: string, to: string): LabVolume => {
    const volume = volumes.get(from) ?? volumes.get(to);
    if (volume === undefined)
      throw new Problem('lab.not-found', 'notFound', `volume ${from} not found`, { nothingDone: true });
    volumes.delete(from);
    volume.name = to;
    volumes.set(to, volume);
    return volume;
  };

  const names = (list: unknown, name: string): boolean => Array.isArray(list) && list.includes(name);

  const array: LabArray = {
    volumes,
    calls,
    fault: undefined,
    ill: '',
    kind: {
      name: 'lab',
      check: () => undefined,
      discover: (config, _environment, signal) =>
        call('discover', signal, () => ({
          defaultName: 'lab',
          protocol: 'file',
          pools: pools
            .filter(({ name }) => config['pools'] === undefined || names(config['pools'], name))
            .map((pool) => ({ ...pool, settings: { full: names(config['full'], pool.name) } })),
          shownConfig: { version: 1, storageDriverName: 'lab' },
          facts: {},
        })),
      open,
      changes: () => new Set(),
    },
    plant(name, size) {
      make(name, size);
    },
  };
  return array;
};
