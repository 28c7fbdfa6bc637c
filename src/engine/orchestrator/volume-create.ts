import type { VolumeOnArray, VolumePlan } from '../drivers/objects.ts';
import type { JsonObject } from '../json.ts';
import { messageOf, Problem } from '../problem.ts';
import { parseSize } from '../sizes.ts';
import { compactConfig } from './compact-config.ts';
import type { Core } from './core.ts';
import { locks } from './core.ts';
import { readPool, readState } from './json-state.ts';
import type { Protocol, VolumeConfig, VolumeRecord } from './model.ts';
import { emptyVolumeConfig } from './model.ts';
import type { CallOptions, VolumeRequest } from './orchestrator.ts';
import { allFailed, attemptFailure, choosePools, planNext } from './placement.ts';
import type { Attempt, Failure, Place, Wanted } from './placement.ts';
import { resolveProtocol } from './protocols.ts';
import { notFound } from './problems.ts';
import { getBackend } from './records.ts';
import type { Saga, StepContext } from './saga.ts';
import { decodeMade, getClassFor, recordOf, remarkOf, requireNewName, takeBack } from './volume-records.ts';

interface CreateState extends Wanted {
  readonly attempt: Attempt;
  /** What is left to try after this one. */
  readonly places: readonly Place[];
  /** Places passed over before the first try; told when all fail, and not journalled, since recovery tries no more. */
  readonly skipped: readonly Failure[];
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

const discard = (core: Core, { backendUUID, plan, since }: Attempt, signal: AbortSignal): Promise<string | undefined> =>
  takeBack(core, backendUUID, plan.config, async (driver, backend) =>
    remarkOf(await driver.discardVolume(plan, new Date(since), signal), plan.config, backend),
  );

/** The record of the volume that was made; undefined before. */
const recordOfState = ({ attempt: { backendUUID, plan }, made }: CreateState): VolumeRecord | undefined => {
  if (made === undefined) return undefined;
  const record = recordOf(plan.config, made, { backendUUID, pool: plan.pool.name, poolKey: plan.pool.key });
  const { allowedTopologies } = record.config;
  // SC-35
  const topologies = allowedTopologies.length === 0 ? plan.pool.supportedTopologies : allowedTopologies;
  return { ...record, config: { ...record.config, allowedTopologies: topologies } };
};

/** What the driver made; its backend's protocol where the request named none. */
const withProtocol = (made: VolumeOnArray, plan: VolumePlan, protocol: Protocol): VolumeOnArray =>
  plan.config.protocol === '' ? { ...made, config: { protocol, ...made.config } } : made;

export const volumeCreateSaga = (core: Core): Saga<CreateState> => ({
  kind: 'volume.create',
  subject: ({ name }) => `volume ${name}`,
  locks: ({ name, attempt, places }) => ({
    exclusive: [locks.volume(name)],
    shared: [...new Set([attempt.backendUUID, ...places.map((place) => place.backendUUID)])].map(locks.backend),
  }),
  encode: ({ skipped: _told, ...state }) => ({
    ...state,
    request: compactConfig(state.request),
    attempt: { ...state.attempt, plan: { ...state.attempt.plan, config: compactConfig(state.attempt.plan.config) } },
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
      skipped: [],
      ...(made === undefined ? {} : { made: decodeMade(made) }),
    };
  },
  steps: [
    {
      name: 'create',
      describe: ({ attempt: { plan } }) =>
        `create ${plan.config.internalName} (${plan.config.size} bytes) in pool ${plan.pool.name}`,
      run: (state, context) => createSomewhere(core, state, context),
      async records(state) {
        const put = recordOfState(state);
        return put === undefined ? [] : [{ kind: 'volume', put, revision: 'new' }];
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
  const failures = [...start.skipped];
  let { attempt, places } = start;
  for (;;) {
    const { backendUUID } = attempt;
    const backend = await getBackend(core.store, backendUUID);
    let failure: unknown;
    const prepared = await core.drivers
      .use(backend, (driver) => driver.prepareVolume?.(attempt.plan, signal))
      .catch((error: unknown) => {
        failure = error;
        return undefined;
      });
    if (prepared !== undefined && prepared !== attempt.plan) {
      attempt = { ...attempt, plan: prepared };
      await checkpoint({ attempt, places });
    }
    const { plan } = attempt;
    try {
      if (failure !== undefined) throw failure;
      const made = await core.drivers.use(backend, (driver) => driver.createVolume(plan, signal));
      return { attempt, places, made: withProtocol(made, plan, backend.value.protocol) };
    } catch (cause) {
      signal.throwIfAborted();
      const failed: Failure = { backend: backend.value.name, pool: plan.pool.name, cause };
      const nothingDone = Problem.is(cause) && cause.nothingDone;
      if (!nothingDone) {
        const remark = await discard(core, attempt, signal).catch((discardError: unknown) => {
          note(`taking back failed: ${messageOf(discardError)}`);
          // Undoing tries once more; what it cannot take back stays in the journal.
          throw attemptFailure(start.name, failed);
        });
        if (remark !== undefined) note(remark);
      }
      failures.push(failed);
      note(attemptFailure(start.name, failed).message);
      const next = await planNext(core, start, places, failures);
      if (next === undefined) throw allFailed(start, failures);
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
  // Before the class is looked for: a size that is none is wrong in any class.
  const config = { ...configOf(request), size: parseSize(request.size) };
  const storageClass = await getClassFor(core, config.storageClass);
  const pools = await choosePools(core, storageClass, config);
  const places = pools.map(({ backend, pool }): Place => ({ backendUUID: backend.uuid, pool: pool.name }));
  const wanted = {
    exclusive: [locks.volume(request.name)],
    shared: [...new Set(places.map(({ backendUUID }) => backendUUID))].map(locks.backend),
  };
  const check = async (): Promise<CreateState> => {
    await requireNewName(core, request.name);
    const state = { name: request.name, request: config, attributes: storageClass.attributes };
    const skipped: Failure[] = [];
    const first = await planNext(core, state, places, skipped);
    if (first === undefined) throw allFailed(state, skipped);
    return { ...state, ...first, skipped };
  };
  const made = recordOfState(await core.runner.run(saga, wanted, check, options));
  if (made === undefined) throw notFound('volume.not-found', `volume ${request.name} was not found`);
  return made;
};
