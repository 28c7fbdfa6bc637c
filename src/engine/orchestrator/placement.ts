import type { VolumePlan } from '../drivers/objects.ts';
import { messageOf, Problem } from '../problem.ts';
import type { Stored } from '../store/store.ts';
import { poolsOfClass } from './classes.ts';
import type { Core } from './core.ts';
import type { BackendRecord, StorageClassRecord, VolumeConfig } from './model.ts';
import type { Candidate } from './pools.ts';
import { filterPools, orderPools } from './pools.ts';
import { combineProblems, notFound, wrapProblem } from './problems.ts';
import { getBackend } from './records.ts';
import { lookAgain, requireBackend } from './states.ts';
import { requireFreeOnArray } from './volume-records.ts';

/** A pool to try, by what survives in a journal. */
export interface Place {
  readonly backendUUID: string;
  readonly pool: string;
}

/** One try: everything that taking it back needs. */
export interface Attempt {
  readonly backendUUID: string;
  readonly plan: VolumePlan;
  /** When it began; an older object of that name is not ours. */
  readonly since: string;
}

/** What is to be placed. */
export interface Wanted {
  readonly name: string;
  readonly request: VolumeConfig;
  readonly attributes: Readonly<Record<string, string>>;
}

const whereToLook = (backends: readonly Stored<BackendRecord>[]): string => {
  const offline = backends.find(({ value }) => value.state === 'offline')?.value.name;
  return offline === undefined
    ? 'see `get storageclass` and `get backend`'
    : `backend ${offline} is offline, and ${lookAgain(offline)}`;
};

/** Pools of a class that could take the request, in the order in which to try them. @throws Problem `volume.no-backend` */
export const choosePools = async (
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
          ? `no pool of an online backend satisfies the class; ${whereToLook(backends)}`
          : `${matching.length} pools satisfy the class, none of them this protocol, topology or NAS type`,
      nothingDone: true,
    },
  );
};

/** A place that did not take a volume. */
export interface Failure {
  readonly backend: string;
  readonly pool: string;
  readonly cause: unknown;
}

const attemptText = (volume: string, pools: readonly string[], backend: string, reason: string): string =>
  `Failed to create volume ${volume} on storage pool${pools.length === 1 ? '' : 's'} ${pools.join(', ')} from backend ${backend}: ${reason}`;

/** Why one place did not take the volume, in stock's words. */
export const attemptFailure = (volume: string, { backend, pool, cause }: Failure): Problem =>
  wrapProblem('volume.attempt', (text) => attemptText(volume, [pool], backend, text), cause);

/** The same for all places; pools of a backend that have one reason are told together. */
const attemptTexts = (volume: string, failures: readonly Failure[]): readonly string[] => {
  const alike = Map.groupBy(failures, ({ backend, cause }) => JSON.stringify([backend, messageOf(cause)]));
  return [...alike.values()].flatMap((group) => {
    const [first] = group;
    const pools = group.map(({ pool }) => pool);
    return first === undefined ? [] : [attemptText(volume, pools, first.backend, messageOf(first.cause))];
  });
};

/** Plans the volume on the first place that can take it; `failures` receives why others cannot. No array call. */
export const planNext = async (
  core: Core,
  { request, attributes }: Wanted,
  places: readonly Place[],
  failures: Failure[],
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
      await requireFreeOnArray(core, place.backendUUID, plan.config.internalName);
      const attempt = { backendUUID: place.backendUUID, plan, since: core.now().toISOString() };
      return { attempt, places: places.slice(index + 1) };
    } catch (cause) {
      failures.push({ backend: backendName, pool: place.pool, cause });
    }
  }
  return undefined;
};

/** Why no place took the volume (VOL-11). Nothing is left of the attempts. */
export const allFailed = ({ name, request }: Wanted, failures: readonly Failure[]): Problem => {
  if (failures.length === 0)
    return new Problem(
      'volume.no-backend',
      'unsupported',
      `no suitable ${request.protocol} backend with "${request.storageClass}" storage class and ${request.size} of free space was found`,
      { nothingDone: true },
    );
  const text = attemptTexts(name, failures).join(', ');
  const problems = failures.map((failure) => attemptFailure(name, failure));
  return combineProblems('volume.create-failed', `encountered error(s) in creating the volume: [${text}]`, problems, {
    nothingDone: true,
  });
};
