import type { VolumeOnArray, VolumePlan } from '../drivers/driver.ts';
import type { JsonObject } from '../json.ts';
import { messageOf, Problem } from '../problem.ts';
import { parseSize } from '../sizes.ts';
import { poolsOfClass } from './classes.ts';
import type { Core } from './core.ts';
import { locks } from './core.ts';
import { readPool, readState } from './json-state.ts';
import type { StorageClassRecord, VolumeConfig, VolumeRecord } from './model.ts';
import { emptyVolumeConfig } from './model.ts';
import type { CallOptions, VolumeRequest } from './orchestrator.ts';
import type { Candidate } from './pools.ts';
import { filterPools, orderPools } from './pools.ts';
import { combineProblems, notFound, wrapProblem } from './problems.ts';
import { resolveProtocol } from './protocols.ts';
import { getBackend, getVolume } from './records.ts';
import type { Saga, StepContext } from './saga.ts';
import { requireBackend } from './states.ts';

/** A pool to try, by what survives in a journal. */
interface Place {
  readonly backendUUID: string;
  readonly pool: string;
}

/** One try: everything that taking it back needs. */
interface Attempt {
  readonly backendUUID: string;
  readonly plan: VolumePlan;
  /** When it began; an older object of that name is not ours. */
  readonly since: string;
}

interface CreateState {
  readonly name: string;
  readonly request: VolumeConfig;
  readonly attributes: Readonly<Record<string, string>>;
  readonly attempt: Attempt;
  /** What is left to try after this one. */
  readonly places: readonly Place[];
  /** Why places before the first try were passed over. */
  readonly skipped: readonly string[];
  readonly made?: VolumeOnArray;
}

const textsOf = (object: JsonObject): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(object).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));

const decodePlan = (json: JsonObject): VolumePlan => {
  const plan = readState(json);
  return {
    config: plan.volumeConfig('config'),
    pool: readPool(plan.object('pool')),
    placement: plan.texts('placement'),
    details: plan.object('details'),
  };
};

/** What the driver said it made, from a journal. */
export const decodeMade = (json: JsonObject): VolumeOnArray => {
  const made = readState(json);
  return {
    ref: made.object('ref'),
    size: made.integer('size'),
    accessInformation: made.object('accessInformation'),
    config: made.object('config'),
  };
};

/** A record of a volume that the driver has just made or taken over. */
export const recordOf = (
  config: VolumeConfig,
  made: VolumeOnArray,
  place: { readonly backendUUID: string; readonly pool: string; readonly poolKey: string },
): VolumeRecord => ({
  config: { ...config, ...made.config, size: made.size, accessInformation: made.accessInformation },
  ...place,
  orphaned: false,
  state: 'online',
  ref: made.ref,
});

/** Refuses a name that a volume has already (VOL-2). @throws Problem `volume.exists` */
export const requireNewName = async ({ store }: Core, name: string): Promise<void> => {
  const existing = await store.get('volume', name);
  if (existing === undefined) return;
  const text =
    existing.value.state === 'subordinate'
      ? `volume ${name} exists but is a subordinate volume`
      : `volume ${name} already exists`;
  throw new Problem('volume.exists', 'exists', text, { nothingDone: true });
};

/** @throws Problem `storageclass.not-found` (kind `notFound`) with the text of VOL-4 */
export const getClassFor = async ({ store }: Core, name: string): Promise<StorageClassRecord> => {
  const found = await store.get('storageClass', name);
  if (found === undefined) throw notFound('storageclass.not-found', `unknown storage class: ${name}`);
  return found.value;
};

/** Pools of a class that could take the request, in the order in which to try them. @throws Problem `volume.no-backend` */
const choosePools = async (
  { store, random }: Core,
  storageClass: StorageClassRecord,
  request: VolumeConfig,
): Promise<readonly Candidate[]> => {
  const backends = await store.list('backend');
  const matching = backends.flatMap(({ value: backend }) =>
    poolsOfClass(storageClass, backend).map((pool): Candidate => ({ backend, pool })),
  );
  const fitting = filterPools(matching, { ...request, nasType: storageClass.attributes['nasType'] });
  if (fitting.length > 0) return orderPools(fitting, request.preferredTopologies, random);
  throw new Problem(
    'volume.no-backend',
    'unsupported',
    `no available backends for storage class ${storageClass.name}`,
    {
      hint:
        matching.length === 0
          ? 'no pool of an online backend satisfies the class; see `get storageclass` and `get backend`'
          : `${matching.length} pools satisfy the class, none of them this protocol, topology or NAS type`,
      nothingDone: true,
    },
  );
};

const failure = (volume: string, pool: string, backend: string, cause: unknown): Problem =>
  wrapProblem(
    'volume.attempt',
    (text) => `Failed to create volume ${volume} on storage pool ${pool} from backend ${backend}: ${text}`,
    cause,
  );

/** Plans the volume on the first place that can take it; `failures` receives why others cannot. No array call. */
const planNext = async (
  core: Core,
  { name, request, attributes }: Pick<CreateState, 'name' | 'request' | 'attributes'>,
  places: readonly Place[],
  failures: Problem[],
): Promise<{ readonly attempt: Attempt; readonly places: readonly Place[] } | undefined> => {
  for (const [index, place] of places.entries()) {
    const backend = await getBackend(core.store, place.backendUUID);
    const { name: backendName, pools, userState } = backend.value;
    try {
      requireBackend(backend.value, 'provision');
      if (userState === 'suspended')
        throw new Problem(
          'backend.suspended',
          'conflict',
          `volume is not created because the backend ${backendName} is suspended`,
          { nothingDone: true },
        );
      const pool = pools.find((candidate) => candidate.name === place.pool);
      if (pool === undefined) throw notFound('pool.not-found', `pool ${place.pool} is gone`);
      const plan = await core.drivers.use(backend, (driver) => {
        if (request.mirrorDestination && !driver.manifest.mirrors)
          throw new Problem('backend.no-mirror', 'unsupported', `backend ${backendName} cannot mirror`);
        return driver.planVolume(request, { attributes }, pool);
      });
      if ((await core.store.find('volume', 'object', `${place.backendUUID}/${plan.config.internalName}`)) !== undefined)
        throw new Problem(
          'volume.internal-name',
          'exists',
          `the name ${plan.config.internalName} on the array belongs to another volume`,
          { hint: 'choose a name that differs in more than punctuation' },
        );
      const attempt = { backendUUID: place.backendUUID, plan, since: core.now().toISOString() };
      return { attempt, places: places.slice(index + 1) };
    } catch (error) {
      failures.push(failure(name, place.pool, backendName, error));
    }
  }
  return undefined;
};

const allFailed = (request: VolumeConfig, skipped: readonly string[], failures: readonly Problem[]): Problem => {
  if (failures.length === 0)
    return new Problem(
      'volume.no-backend',
      'unsupported',
      `no suitable ${request.protocol} backend with "${request.storageClass}" storage class and ${request.size} of free space was found`,
      { nothingDone: true },
    );
  const text = [...skipped, ...failures.map((problem) => problem.message)].join(', ');
  return combineProblems('volume.create-failed', `encountered error(s) in creating the volume: [${text}]`, failures, {
    nothingDone: true,
  });
};

const discard = async (core: Core, attempt: Attempt, signal: AbortSignal): Promise<string | undefined> => {
  const backend = await getBackend(core.store, attempt.backendUUID);
  const settled = await core.drivers.use(backend, (driver) =>
    driver.discardVolume(attempt.plan, new Date(attempt.since), signal),
  );
  return settled === 'foreign'
    ? `${attempt.plan.config.internalName} on backend ${backend.value.name} is not what this operation made and was left alone`
    : undefined;
};

export const volumeCreateSaga = (core: Core): Saga<CreateState> => ({
  kind: 'volume.create',
  subject: ({ name }) => `volume ${name}`,
  locks: ({ name, attempt, places }) => ({
    exclusive: [locks.volume(name)],
    shared: [...new Set([attempt.backendUUID, ...places.map((place) => place.backendUUID)])].map(locks.backend),
  }),
  decode(json) {
    const state = readState(json);
    const attempt = readState(state.object('attempt'));
    const made = state.optionalObject('made');
    return {
      name: state.text('name'),
      request: state.volumeConfig('request'),
      attributes: textsOf(state.object('attributes')),
      attempt: {
        backendUUID: attempt.text('backendUUID'),
        plan: decodePlan(attempt.object('plan')),
        since: attempt.text('since'),
      },
      places: state.objects('places').map((place) => {
        const read = readState(place);
        return { backendUUID: read.text('backendUUID'), pool: read.text('pool') };
      }),
      skipped: state.texts('skipped'),
      ...(made === undefined ? {} : { made: decodeMade(made) }),
    };
  },
  steps: [
    {
      name: 'create',
      describe: ({ attempt: { plan } }) =>
        `create ${plan.config.internalName} (${plan.config.size} bytes) in pool ${plan.pool.name}`,
      run: (state, context) => createSomewhere(core, state, context),
      async records({ attempt: { backendUUID, plan }, made }) {
        if (made === undefined) return [];
        const { protocol } = (await getBackend(core.store, backendUUID)).value;
        const record = recordOf(plan.config, made, { backendUUID, pool: plan.pool.name, poolKey: plan.pool.key });
        const config: VolumeConfig = {
          ...record.config,
          protocol: record.config.protocol === '' ? protocol : record.config.protocol,
          // SC-35
          allowedTopologies:
            record.config.allowedTopologies.length === 0
              ? plan.pool.supportedTopologies
              : record.config.allowedTopologies,
        };
        return [{ kind: 'volume', put: { ...record, config }, revision: 'new' }];
      },
      undo: ({ attempt }, signal) => discard(core, attempt, signal),
    },
  ],
});

/** Tries the planned place and then the others; each plan is in the journal before the array is touched (VOL-7, VOL-9). */
const createSomewhere = async (
  core: Core,
  start: CreateState,
  { signal, checkpoint, note }: StepContext<CreateState>,
): Promise<Partial<CreateState>> => {
  const failures: Problem[] = [];
  let { attempt, places } = start;
  for (;;) {
    const { plan, backendUUID } = attempt;
    const backend = await getBackend(core.store, backendUUID);
    try {
      return { attempt, places, made: await core.drivers.use(backend, (driver) => driver.createVolume(plan, signal)) };
    } catch (error) {
      signal.throwIfAborted();
      const nothingDone = Problem.is(error) && error.nothingDone;
      if (!nothingDone) {
        const remark = await discard(core, attempt, signal).catch((discardError: unknown) => {
          note(`taking back failed: ${messageOf(discardError)}`);
          // Undoing tries once more; what it cannot take back stays in the journal.
          throw failure(start.name, plan.pool.name, backend.value.name, error);
        });
        if (remark !== undefined) note(remark);
      }
      failures.push(failure(start.name, plan.pool.name, backend.value.name, error));
      note(failures.at(-1)?.message ?? '');
      const next = await planNext(core, start, places, failures);
      if (next === undefined) throw allFailed(start.request, start.skipped, failures);
      ({ attempt, places } = next);
      await checkpoint({ attempt, places });
    }
  }
};

/** The request with the protocol its modes need; nothing that is not the caller's to decide is taken over. */
const configOf = (request: VolumeRequest): VolumeConfig => ({
  ...emptyVolumeConfig,
  ...request,
  size: 0,
  protocol: resolveProtocol(request.volumeMode ?? '', request.accessMode ?? '', request.protocol ?? ''),
  internalName: '',
  internalID: '',
  accessInformation: {},
});

const refuseIncomplete = (request: VolumeRequest): void => {
  if (request.name === '' || request.size === '')
    throw new Problem('volume.incomplete', 'invalid', 'the following fields for "Volume" are mandatory: name and size');
  if ((request.shareSourceVolume ?? '') !== '')
    throw new Problem('volume.subordinate', 'unsupported', 'volumes that share another volume are not supported yet', {
      hint: 'leave shareSourceVolume out; publish the source volume instead',
      nothingDone: true,
    });
};

/**
 * Creates a volume in the first pool of its class that takes it (VOL-1 to VOL-14).
 * @throws Problem with stock's texts: name taken, class unknown, no backend, every pool failed
 */
export const createVolume = async (
  core: Core,
  saga: Saga<CreateState>,
  request: VolumeRequest,
  options: CallOptions,
): Promise<VolumeRecord> => {
  refuseIncomplete(request);
  await requireNewName(core, request.name);
  const sizeless = configOf(request);
  const storageClass = await getClassFor(core, sizeless.storageClass);
  const pools = await choosePools(core, storageClass, sizeless);
  const config = { ...sizeless, size: parseSize(request.size) };
  const places = pools.map(({ backend, pool }): Place => ({ backendUUID: backend.uuid, pool: pool.name }));
  const wanted = {
    exclusive: [locks.volume(request.name)],
    shared: [...new Set(places.map(({ backendUUID }) => backendUUID))].map(locks.backend),
  };
  const check = async (): Promise<CreateState> => {
    await requireNewName(core, request.name);
    const state = { name: request.name, request: config, attributes: storageClass.attributes };
    const failures: Problem[] = [];
    const first = await planNext(core, state, places, failures);
    if (first === undefined) throw allFailed(config, [], failures);
    return { ...state, ...first, skipped: failures.map((problem) => problem.message) };
  };
  await core.runner.run(saga, wanted, check, options);
  return (await getVolume(core.store, request.name, (name) => `volume ${name} was not found`)).value;
};
