import type { Driver } from '../drivers/driver.ts';
import type { ImportPlan, VolumeOnArray } from '../drivers/objects.ts';
import type { JsonObject } from '../json.ts';
import { Problem } from '../problem.ts';
import { parseSize } from '../sizes.ts';
import type { Stored } from '../store/store.ts';
import { poolsOfClass } from './classes.ts';
import type { Core } from './core.ts';
import { locks } from './core.ts';
import { readState } from './json-state.ts';
import type { BackendRecord, VolumeConfig, VolumeRecord } from './model.ts';
import { emptyVolumeConfig } from './model.ts';
import type { CallOptions, ImportRequest } from './orchestrator.ts';
import { notFound, wrapProblem } from './problems.ts';
import { resolveProtocol } from './protocols.ts';
import { getBackend, getVolume } from './records.ts';
import type { Saga } from './saga.ts';
import { requireBackend } from './states.ts';
import { decodeMade, getClassFor, recordOf, requireFreeOnArray, requireNewName, takeBack } from './volume-records.ts';

export interface ImportState {
  readonly name: string;
  readonly backendUUID: string;
  readonly originalName: string;
  readonly plan: ImportPlan;
  readonly made?: VolumeOnArray;
}

const decodePlan = (json: JsonObject): ImportPlan => {
  const plan = readState(json);
  return {
    config: plan.volumeConfig('config'),
    originalName: plan.text('originalName'),
    details: plan.object('details'),
  };
};

const importLocks = ({
  name,
  backendUUID,
  originalName,
}: Pick<ImportState, 'name' | 'backendUUID' | 'originalName'>) => ({
  exclusive: [locks.volume(name), locks.arrayObject(backendUUID, originalName)],
  shared: [locks.backend(backendUUID)],
});

export const volumeImportSaga = (core: Core): Saga<ImportState> => ({
  kind: 'volume.import',
  subject: ({ name }) => `volume ${name}`,
  locks: importLocks,
  decode(json) {
    const state = readState(json);
    const made = state.optionalObject('made');
    return {
      name: state.text('name'),
      backendUUID: state.text('backendUUID'),
      originalName: state.text('originalName'),
      plan: decodePlan(state.object('plan')),
      ...(made === undefined ? {} : { made: decodeMade(made) }),
    };
  },
  steps: [
    {
      name: 'import',
      describe: ({ name, plan }) =>
        plan.config.importNotManaged
          ? `record ${plan.originalName} as volume ${name}, leaving it as it is`
          : `take over ${plan.originalName} as volume ${name} (${plan.config.internalName} on the array)`,
      async run({ backendUUID, plan }, { signal }) {
        const backend = await getBackend(core.store, backendUUID);
        return { made: await core.drivers.use(backend, (driver) => driver.importVolume(plan, signal)) };
      },
      async records({ backendUUID, plan, made }) {
        if (made === undefined) return [];
        // IMP-8: no pool, and the reserve is what the array has.
        const config: VolumeConfig = { ...plan.config, snapshotReserve: '' };
        return [
          { kind: 'volume', put: recordOf(config, made, { backendUUID, pool: '', poolKey: '' }), revision: 'new' },
        ];
      },
      undo: ({ backendUUID, plan }, signal) =>
        takeBack(core, backendUUID, plan.config, async (driver) => {
          await driver.undoImport(plan, signal);
          return undefined;
        }),
    },
  ],
});

const findBackend = async (core: Core, nameOrUuid: string): Promise<Stored<BackendRecord>> => {
  if (nameOrUuid === '')
    throw new Problem('volume.import-backend', 'invalid', 'no backend specified for import', { nothingDone: true });
  const found = (await core.store.find('backend', 'name', nameOrUuid)) ?? (await core.store.get('backend', nameOrUuid));
  if (found !== undefined) return found;
  throw notFound('backend.not-found', `could not find backend ${nameOrUuid}; backend ${nameOrUuid} was not found`);
};

/** IMP-2: nothing else on record is this object. */
const refuseKnown = async (core: Core, backend: BackendRecord, originalName: string): Promise<void> => {
  const known = await core.store.find('volume', 'object', `${backend.uuid}/${originalName}`);
  if (known === undefined) return;
  throw new Problem(
    'volume.already-managed',
    'exists',
    `PV ${known.value.config.name} already exists for volume ${originalName}`,
    { nothingDone: true },
  );
};

const requireClass = async (core: Core, request: ImportRequest, backend: BackendRecord): Promise<void> => {
  if (request.storageClass === '') return;
  const storageClass = await getClassFor(core, request.storageClass);
  if (poolsOfClass(storageClass, backend).length > 0) return;
  throw new Problem(
    'volume.import-class',
    'invalid',
    `storageClass ${request.storageClass} does not match any storage pools for backend ${backend.name}`,
    { nothingDone: true },
  );
};

const protocolFor = (request: ImportRequest, backend: BackendRecord): VolumeConfig['protocol'] => {
  const { volumeMode, accessMode, protocol } = request;
  const resolved = resolveProtocol(volumeMode, accessMode, protocol);
  if (resolved !== '' && resolved !== backend.protocol)
    throw new Problem(
      'volume.import-protocol',
      'invalid',
      `incompatible volume mode (${volumeMode}), access mode (${accessMode}) and protocol (${backend.protocol})`,
      { hint: `backend ${backend.name} serves protocol ${backend.protocol}`, nothingDone: true },
    );
  const fileSystem = request.overrides.fileSystem ?? '';
  if (volumeMode === 'Block' && fileSystem !== '' && fileSystem !== 'raw')
    throw new Problem(
      'volume.import-raw',
      'invalid',
      `cannot create raw-block volume with the filesystem ${fileSystem}`,
      {
        hint: 'leave fileSystem out, or import with volumeMode Filesystem',
        nothingDone: true,
      },
    );
  return backend.protocol;
};

const seek = async (driver: Driver, originalName: string, signal: AbortSignal) => {
  try {
    return await driver.findForImport(originalName, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw wrapProblem('volume.import-seek', (text) => `error seeking volume for import: ${text}`, error);
  }
};

const planImport = async (
  core: Core,
  request: ImportRequest,
  name: string,
  backend: Stored<BackendRecord>,
  signal: AbortSignal,
): Promise<ImportPlan> =>
  core.drivers.use(backend, async (driver) => {
    if (driver.manifest.import === 'none')
      throw new Problem(
        'volume.import-unsupported',
        'unsupported',
        `volume import is not supported by backend type ${backend.value.driver}`,
        { nothingDone: true },
      );
    const candidate = await seek(driver, request.originalName, signal);
    if (candidate === undefined) throw notFound('volume.not-found', `volume ${request.originalName} was not found`);
    const wanted = request.size === '' ? 0 : parseSize(request.size);
    if (wanted > candidate.size)
      throw new Problem(
        'volume.import-size',
        'limit',
        'unsupported capacity range; requested size is more than actual size',
        {
          hint: `requested ${wanted} bytes, ${request.originalName} has ${candidate.size}`,
          nothingDone: true,
        },
      );
    await refuseKnown(core, backend.value, request.originalName);
    await requireClass(core, request, backend.value);
    const config: VolumeConfig = {
      ...emptyVolumeConfig,
      ...request.overrides,
      name,
      size: wanted,
      internalName: '',
      internalID: '',
      accessInformation: {},
      protocol: protocolFor(request, backend.value),
      storageClass: request.storageClass,
      accessMode: request.accessMode,
      volumeMode: request.volumeMode,
      importOriginalName: request.originalName,
      importBackendUUID: backend.value.uuid,
      importNotManaged: request.noManage,
      importNoRename: request.noRename,
    };
    return driver.planImport(config, request.originalName, candidate);
  });

/** Takes over a volume that exists on the array (IMP-1 to IMP-10); every check comes before the first change. */
export const importVolume = async (
  core: Core,
  saga: Saga<ImportState>,
  request: ImportRequest,
  options: CallOptions,
): Promise<VolumeRecord> => {
  const backendUUID = (await findBackend(core, request.backend)).value.uuid;
  if (request.originalName === '')
    throw new Problem('volume.import-name', 'invalid', 'original name not specified', { nothingDone: true });
  const name = request.name === '' ? request.originalName.replaceAll('/', '-') : request.name;
  const check = async (signal: AbortSignal): Promise<ImportState> => {
    const backend = await getBackend(core.store, backendUUID);
    requireBackend(backend.value, 'provision');
    if (backend.value.userState === 'suspended')
      throw new Problem(
        'backend.suspended',
        'conflict',
        `volume is not imported because the backend ${backend.value.name} is suspended`,
        { nothingDone: true },
      );
    await requireNewName(core, name);
    const plan = await planImport(core, request, name, backend, signal);
    await requireFreeOnArray(core, backendUUID, plan.config.internalName);
    return { name, backendUUID, originalName: request.originalName, plan };
  };
  await core.runner.run(saga, importLocks({ name, backendUUID, originalName: request.originalName }), check, options);
  return (await getVolume(core.store, name, (volume) => `volume ${volume} was not found`)).value;
};
