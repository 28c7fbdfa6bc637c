import type { ClonePlan, SnapshotHandle, VolumeHandle, VolumeOnArray } from '../drivers/objects.ts';
import { snapshotHandle } from '../drivers/objects.ts';
import type { JsonObject } from '../json.ts';
import { Problem } from '../problem.ts';
import type { Stored } from '../store/store.ts';
import { parseSize } from '../sizes.ts';
import { poolsOfClass } from './classes.ts';
import type { Core } from './core.ts';
import { locks } from './core.ts';
import { readState } from './json-state.ts';
import type { BackendRecord, PoolRecord, SnapshotRecord, VolumeConfig, VolumeRecord } from './model.ts';
import type { CallOptions, CloneRequest } from './orchestrator.ts';
import { notFound } from './problems.ts';
import { getBackend, getVolume, handleOf } from './records.ts';
import type { Saga } from './saga.ts';
import { refuseView } from './snapshot-records.ts';
import { requireBackend } from './states.ts';
import {
  decodeMade,
  getClassFor,
  recordOf,
  remarkOf,
  requireFreeOnArray,
  requireNewName,
  takeBack,
} from './volume-records.ts';

export interface CloneState {
  readonly name: string;
  readonly backendUUID: string;
  readonly source: string;
  readonly snapshot: string;
  readonly pool: string;
  readonly poolKey: string;
  readonly plan: ClonePlan;
  readonly since: string;
  readonly made?: VolumeOnArray;
}

const decodeHandle = (json: JsonObject): VolumeHandle => {
  const handle = readState(json);
  return { config: handle.volumeConfig('config'), ref: handle.object('ref') };
};

const decodeSnapshotHandle = (json: JsonObject): SnapshotHandle => {
  const handle = readState(json);
  return { name: handle.text('name'), internalName: handle.text('internalName'), ref: handle.object('ref') };
};

const decodePlan = (json: JsonObject): ClonePlan => {
  const plan = readState(json);
  const snapshot = plan.optionalObject('snapshot');
  return {
    config: plan.volumeConfig('config'),
    source: decodeHandle(plan.object('source')),
    snapshot: snapshot === undefined ? undefined : decodeSnapshotHandle(snapshot),
    details: plan.object('details'),
  };
};

const cloneLocks = ({
  name,
  backendUUID,
  source,
  snapshot,
}: Omit<CloneState, 'plan' | 'since' | 'made' | 'pool' | 'poolKey'>) => ({
  exclusive: [locks.volume(name)],
  shared: [
    locks.backend(backendUUID),
    locks.volume(source),
    ...(snapshot === '' ? [] : [locks.snapshot(source, snapshot)]),
  ],
});

export const volumeCloneSaga = (core: Core): Saga<CloneState> => ({
  kind: 'volume.clone',
  subject: ({ name }) => `volume ${name}`,
  locks: cloneLocks,
  decode(json) {
    const state = readState(json);
    const made = state.optionalObject('made');
    return {
      name: state.text('name'),
      backendUUID: state.text('backendUUID'),
      source: state.text('source'),
      snapshot: state.text('snapshot'),
      pool: state.text('pool'),
      poolKey: state.text('poolKey'),
      plan: decodePlan(state.object('plan')),
      since: state.text('since'),
      ...(made === undefined ? {} : { made: decodeMade(made) }),
    };
  },
  steps: [
    {
      name: 'clone',
      describe: ({ source, snapshot, plan }) =>
        `clone ${plan.config.internalName} from ${snapshot === '' ? source : `snapshot ${source}/${snapshot}`}`,
      async run({ backendUUID, plan }, { signal }) {
        const backend = await getBackend(core.store, backendUUID);
        return { made: await core.drivers.use(backend, (driver) => driver.cloneVolume(plan, signal)) };
      },
      async records({ backendUUID, pool, poolKey, plan, made }) {
        if (made === undefined) return [];
        return [{ kind: 'volume', put: recordOf(plan.config, made, { backendUUID, pool, poolKey }), revision: 'new' }];
      },
      undo: ({ backendUUID, plan, since }, signal) =>
        takeBack(core, backendUUID, plan.config, async (driver, backend) =>
          remarkOf(await driver.discardClone(plan, new Date(since), signal), plan.config, backend),
        ),
    },
  ],
});

/** CLN-3 */
const refuseLarger = (request: CloneRequest, source: VolumeConfig): void => {
  if (request.size === '') return;
  const wanted = parseSize(request.size);
  if (wanted > source.size)
    throw new Problem(
      'volume.clone-size',
      'limit',
      `requested PVC size '${wanted}' is too large for the clone source '${source.size}'`,
      { hint: 'clone without a size and resize the clone afterwards', nothingDone: true },
    );
};

/** CLN-2: another class than the source's must hold the source's backend. */
const requireClass = async (core: Core, request: CloneRequest, source: VolumeRecord, backend: BackendRecord) => {
  if (request.storageClass === '' || request.storageClass === source.config.storageClass) return;
  if (poolsOfClass(await getClassFor(core, request.storageClass), backend).length > 0) return;
  throw new Problem(
    'volume.mismatched-storage-class',
    'invalid',
    `clone volume ${request.name} from source volume ${request.source} with different storage classes is not allowed`,
    {
      hint: `storage class ${request.storageClass} has no pool of backend ${backend.name}, where the source is`,
      nothingDone: true,
    },
  );
};

/** CLN-4 */
const requireSameMode = (request: CloneRequest, source: VolumeConfig): void => {
  const wanted = request.overrides.volumeMode;
  if (wanted === undefined || wanted === source.volumeMode) return;
  throw notFound(
    'volume.clone-mode',
    `source volume's volume-mode (${source.volumeMode}) is incompatible with requested clone's volume-mode (${wanted})`,
  );
};

/** The source's configuration with what is the clone's own (CLN-6; class and modes are the request's where given, CLN-7). */
const cloneConfig = (
  request: CloneRequest,
  source: VolumeConfig,
  snapshot: SnapshotRecord | undefined,
): VolumeConfig => {
  const { overrides } = request;
  const given = (value: string | undefined, inherited: string): string =>
    value === undefined || value === '' ? inherited : value;
  return {
    ...source,
    name: request.name,
    internalName: '',
    internalID: '',
    accessInformation: {},
    exportPolicy: overrides.exportPolicy ?? '',
    storageClass: given(request.storageClass, source.storageClass),
    accessMode: overrides.accessMode ?? source.accessMode,
    mountOptions: given(overrides.mountOptions, source.mountOptions),
    cloneSourceVolume: source.name,
    cloneSourceVolumeInternal: source.internalName,
    cloneSourceSnapshot: request.snapshot,
    cloneSourceSnapshotInternal: snapshot?.internalName ?? '',
    readOnlyClone: request.readOnly,
    splitOnClone: given(request.splitOnClone, source.splitOnClone),
    skipRecoveryQueue: given(overrides.skipRecoveryQueue, source.skipRecoveryQueue),
    tieringPolicy: given(overrides.tieringPolicy, source.tieringPolicy),
    tieringMinimumCoolingDays: given(overrides.tieringMinimumCoolingDays, source.tieringMinimumCoolingDays),
    qos: overrides.qos ?? '',
    type: overrides.type ?? '',
    namespace: overrides.namespace ?? '',
    requestName: overrides.requestName ?? '',
    requestedAutogrowPolicy: overrides.requestedAutogrowPolicy ?? '',
    ...(overrides.secureSMBEnabled === true
      ? { secureSMBEnabled: true, smbShareACL: overrides.smbShareACL ?? {} }
      : {}),
    luksPassphraseNames:
      snapshot !== undefined && source.LUKSEncryption === 'true'
        ? snapshot.luksPassphraseNames
        : source.luksPassphraseNames,
    shareSourceVolume: '',
    importOriginalName: '',
    importBackendUUID: '',
    importNotManaged: false,
    importNoRename: false,
    mirrorDestination: false,
    requiredPeerVolumeHandle: '',
  };
};

const getSource = async (core: Core, request: CloneRequest): Promise<Stored<VolumeRecord>> => {
  const source = await getVolume(core.store, request.source, (name) => `source volume not found: ${name}`);
  if (source.value.state === 'subordinate')
    throw notFound('volume.clone-subordinate', `cloning subordinate volume ${request.source} is not allowed`);
  return source;
};

const findSnapshot = async (core: Core, request: CloneRequest): Promise<SnapshotRecord | undefined> => {
  if (request.snapshot === '') return undefined;
  const found = await core.store.get('snapshot', `${request.source}/${request.snapshot}`);
  if (found === undefined)
    throw notFound(
      'snapshot.not-found',
      `could not find source snapshot for volume ${request.source}: ${request.snapshot}`,
    );
  return found.value;
};

const requireAbilities = (
  request: CloneRequest,
  backend: BackendRecord,
  manifest: { readonly clones: boolean; readonly readOnlyClones: boolean },
): void => {
  const can = request.readOnly ? manifest.readOnlyClones : manifest.clones;
  if (can) return;
  throw new Problem(
    'volume.clone-unsupported',
    'unsupported',
    `${request.readOnly ? 'read-only clones' : 'clones'} are not supported by backend type ${backend.driver}`,
    {
      nothingDone: true,
      ...(manifest.readOnlyClones
        ? { hint: 'make a read-only clone of a snapshot, or use a backend of another type' }
        : {}),
    },
  );
};

const poolOf = (source: VolumeRecord, backend: BackendRecord): PoolRecord | undefined =>
  backend.pools.find((pool) => pool.key === source.poolKey && source.poolKey !== '') ??
  backend.pools.find((pool) => pool.name === source.pool);

/** Clones a volume, from a snapshot or from what it holds now (CLN-1 to CLN-14). */
export const cloneVolume = async (
  core: Core,
  saga: Saga<CloneState>,
  request: CloneRequest,
  options: CallOptions,
): Promise<VolumeRecord> => {
  await requireNewName(core, request.name);
  const { backendUUID } = (await getSource(core, request)).value;
  const check = async (): Promise<CloneState> => {
    await requireNewName(core, request.name);
    const source = (await getSource(core, request)).value;
    const backend = await getBackend(core.store, backendUUID);
    await requireClass(core, request, source, backend.value);
    refuseLarger(request, source.config);
    requireSameMode(request, source.config);
    refuseView(
      source,
      'cannot be cloned',
      ({ cloneSourceVolume, cloneSourceSnapshot }) =>
        `clone snapshot ${cloneSourceSnapshot} of volume ${cloneSourceVolume} instead`,
    );
    const snapshot = await findSnapshot(core, request);
    if (source.config.importNotManaged && snapshot === undefined)
      throw new Problem('volume.not-managed', 'unsupported', 'cannot clone an unmanaged volume without a snapshot', {
        nothingDone: true,
      });
    requireBackend(backend.value, 'provision');
    const pool = poolOf(source, backend.value);
    const config = cloneConfig(request, source.config, snapshot);
    const plan = await core.drivers.use(backend, (driver) => {
      requireAbilities(request, backend.value, driver.manifest);
      const from = snapshot === undefined ? undefined : snapshotHandle(snapshot);
      return driver.planClone(config, handleOf(source), from, pool);
    });
    await requireFreeOnArray(core, backendUUID, plan.config.internalName);
    return {
      name: request.name,
      backendUUID,
      source: request.source,
      snapshot: request.snapshot,
      pool: pool?.name ?? '',
      poolKey: pool?.key ?? '',
      plan,
      since: core.now().toISOString(),
    };
  };
  await core.runner.run(saga, cloneLocks({ ...request, backendUUID }), check, options);
  return (await getVolume(core.store, request.name, (name) => `volume ${name} was not found`)).value;
};
