import * as v from 'valibot';
import { afterWork, Problem } from '../../../problem.ts';
import type { Settled, VolumePlan } from '../../objects.ts';
import type { OntapBackend } from '../backend.ts';
import { isDenied, isDuplicate, ontapCode } from '../client/codes.ts';
import type { Refused } from '../client/outcome.ts';
import type { Contained, Wish } from '../parts.ts';
import { parsePlanDetails } from '../plans/plan.ts';
import { parsePool } from '../pools.ts';
import { parseFlag } from '../config/rules.ts';
import { aggregatesOverLimit } from './aggregate-usage.ts';
import { FlexVolChanges } from './flexvol-changes.ts';
import type { NasFields } from './nas-fields.ts';
import { nasBody } from './nas-fields.ts';
import { madeSince } from './origin.ts';
import { placedBody, placedPath } from './placed-volume.ts';
import type { VolumeRemover } from './volume-removal.ts';
import type { VolumeOnOntap } from './volume-record.ts';
import { describeVolume, identityFields } from './volume-record.ts';
import type { Volumes } from './volumes.ts';

const madeSchema = v.object({ uuid: v.string(), name: v.string() });

/** UUID in the record that came with a POST, if the array knew it already. */
export const uuidIn = (records: readonly unknown[], name: string): string | undefined => {
  for (const record of records) {
    const result = v.safeParse(madeSchema, record);
    if (result.success && result.output.name === name) return result.output.uuid;
  }
  return undefined;
};

/**
 * Refusals that no other aggregate would change: names, policies, options, and whatever is wrong with the request itself.
 * Everything else (no space, aggregate offline, limits of a node) may be different elsewhere.
 */
const finalCodes = new Set<string>([
  '917551',
  '1638587',
  '918271',
  '1703954',
  '917886',
  '917887',
  '917888',
  '918252',
  '917505',
  ontapCode.volumeSizeOutOfRange,
  '917835',
  '2621462',
  '2621706',
  '2621707',
  '8454210',
  '524849',
]);
const isFinal = ({ refusal }: Refused): boolean =>
  isDenied(refusal) ||
  finalCodes.has(refusal.code) ||
  /^262\d{3}$/.test(refusal.code) ||
  /^8454\d{3}$/.test(refusal.code);

/** Makes FlexVols of their own, in one POST each. */
export class FlexVolCreation {
  readonly #backend: OntapBackend;
  readonly #volumes: Volumes;
  readonly #remover: VolumeRemover;
  readonly #changes: FlexVolChanges;
  /** Learnt from a refusal: this release takes the snapshot directory only in a PATCH. */
  #directoryInPatch = false;

  constructor(backend: OntapBackend, volumes: Volumes, remover: VolumeRemover) {
    this.#backend = backend;
    this.#volumes = volumes;
    this.#remover = remover;
    this.#changes = new FlexVolChanges(backend);
  }

  async create(plan: VolumePlan, wish: Wish<NasFields>, signal: AbortSignal): Promise<Contained> {
    const { config } = plan;
    const details = parsePlanDetails(plan.details);
    const thick = config.spaceReserve === 'volume' ? details.volumeBytes : 0;
    const full = await aggregatesOverLimit(this.#backend, plan.placement, thick, signal);
    const reasons = [...full.values()];
    let isFull = full.size > 0;
    const since = this.#backend.environment.now();
    for (const aggregate of plan.placement.filter((name) => !full.has(name))) {
      const outcome = await this.#post(plan, wish, aggregate, since, signal);
      if (outcome.kind === 'ok') {
        const known = uuidIn(outcome.value, config.internalName);
        try {
          return await this.#made(plan, wish, known, aggregate, signal);
        } catch (error) {
          throw afterWork(error);
        }
      }
      if (outcome.kind !== 'refused') throw this.#backend.problem(outcome, `creating volume ${config.internalName}`);
      if (isDuplicate(outcome.refusal)) throw await this.#taken(config.internalName, outcome, signal);
      // A job that failed half-way leaves a volume, whose name would be taken at the next place.
      if (outcome.refusal.status < 400) await this.discard(plan, since, signal);
      const problem = this.#backend.problem(
        outcome,
        `creating volume ${config.internalName}${aggregate === '' ? '' : ` on aggregate ${aggregate}`}`,
      );
      if (isFinal(outcome)) throw problem;
      reasons.push(problem.message);
      isFull ||= problem.kind === 'limit';
    }
    throw new Problem(
      'pool.ineligible',
      isFull ? 'limit' : 'unsupported',
      `no aggregate of pool ${plan.pool.name} can take volume ${config.internalName}: ${reasons.join('; ')}`,
      { nothingDone: true },
    );
  }

  /** Removes what an interrupted creation left; see `Driver.discardVolume`. */
  async discard(plan: VolumePlan, since: Date, signal: AbortSignal): Promise<Settled> {
    const name = plan.config.internalName;
    const found = await this.#volumes.findAny(name, identityFields, signal);
    if (found === undefined) {
      // The description of a job that places a volume does not say which.
      if (parsePool(plan.pool).balanced) await this.#remover.refuseRunning(placedPath, undefined, name, since, signal);
      else await this.#remover.refuseRunningCreation(name, since, signal);
      return 'absent';
    }
    if (!this.#isOurs(found, plan, since)) return 'foreign';
    await this.#remover.remove(found.uuid, name, true, signal);
    return 'removed';
  }

  async #post(plan: VolumePlan, wish: Wish<NasFields>, aggregate: string, since: Date, signal: AbortSignal) {
    for (let repairs = 0; ; repairs++) {
      const outcome = await this.#backend.change(
        {
          method: 'POST',
          ...this.#request(plan, wish.fields, aggregate),
          done: async (inner) => {
            const found = await this.#volumes.findAny(plan.config.internalName, identityFields, inner);
            if (found === undefined) return false;
            return this.#isOurs(found, plan, since) ? true : 'other';
          },
        },
        signal,
      );
      if (outcome.kind !== 'refused' || repairs >= 2) return outcome;
      if (this.#refusesDirectory(outcome, wish.fields)) {
        this.#directoryInPatch = true;
        continue;
      }
      if (!(await wish.repair(outcome, signal))) return outcome;
    }
  }

  #request(plan: VolumePlan, fields: NasFields, aggregate: string) {
    const body = this.#body(plan, fields, aggregate);
    // The description of its job does not name the volume; a second one is refused for its name.
    if (parsePool(plan.pool).balanced) return { path: placedPath, body: placedBody(body), job: 'none' } as const;
    const job = { name: plan.config.internalName };
    return { path: '/storage/volumes', query: { return_records: true }, body, job } as const;
  }

  #body({ config, details }: VolumePlan, fields: NasFields, aggregate: string) {
    const { volumeBytes, reservePercent, comment, tieringPolicy, qosPolicy } = parsePlanDetails(details);
    const { snapshotDirectory, ...rest } = fields;
    return {
      name: config.internalName,
      svm: { uuid: this.#backend.facts.svm.uuid },
      style: this.#volumes.style,
      ...(config.mirrorDestination ? { type: 'dp' } : {}),
      size: volumeBytes,
      ...this.#places(aggregate),
      guarantee: { type: config.spaceReserve },
      snapshot_policy: { name: config.snapshotPolicy },
      space: { snapshot: { reserve_percent: reservePercent } },
      comment,
      ...(config.encryption === '' ? {} : { encryption: { enabled: parseFlag(config.encryption) === true } }),
      ...(qosPolicy === '' ? {} : { qos: { policy: { name: qosPolicy } } }),
      ...(tieringPolicy === '' ? {} : { tiering: { policy: tieringPolicy } }),
      ...nasBody(this.#directoryInPatch ? rest : { ...rest, snapshotDirectory }),
    };
  }

  /** A place is an aggregate, or several with commas between them for a FlexGroup. */
  #places(aggregate: string) {
    if (aggregate === '') return {};
    const aggregates = aggregate.split(',').map((name) => ({ name }));
    // As many parts on each aggregate as stock makes.
    return { aggregates, ...(this.#volumes.style === 'flexgroup' ? { constituents_per_aggregate: 4 } : {}) };
  }

  #refusesDirectory({ refusal }: Refused, fields: NasFields): boolean {
    const unsettable = [ontapCode.fieldNotSettableHere, ontapCode.unexpectedArgument].some(
      (code) => code === refusal.code,
    );
    const named = `${refusal.target ?? ''} ${refusal.message}`.includes('snapshot_directory_access_enabled');
    return unsettable && named && fields.snapshotDirectory !== undefined && !this.#directoryInPatch;
  }

  async #made(
    { config, pool }: VolumePlan,
    wish: Wish<NasFields>,
    known: string | undefined,
    aggregate: string,
    signal: AbortSignal,
  ): Promise<Contained> {
    const name = config.internalName;
    const uuid = known ?? (await this.#volumes.getMade(name, 'uuid', signal)).uuid;
    if (parsePool(pool).balanced) await this.#complete({ uuid, name }, wish, signal);
    else if (this.#directoryInPatch && parseFlag(config.snapshotDirectory) === false)
      await this.#hideDirectory(uuid, name, signal);
    return { ref: { volume: { uuid, name }, aggregate }, size: config.size, config: {} };
  }

  /** What the request that lets the system choose the place does not take. */
  async #complete(volume: { uuid: string; name: string }, wish: Wish<NasFields>, signal: AbortSignal): Promise<void> {
    const { path, snapshotDirectory } = wish.fields;
    const body = nasBody({ path, snapshotDirectory });
    if (Object.keys(body).length === 0) return;
    const what = `mounting volume ${volume.name}`;
    if (!(await this.#changes.patch(volume, body, wish, what, signal))) throw this.#volumes.missing(volume.name);
  }

  async #hideDirectory(uuid: string, name: string, signal: AbortSignal): Promise<void> {
    const outcome = await this.#backend.change(
      {
        method: 'PATCH',
        path: `/storage/volumes/${uuid}`,
        body: nasBody({ snapshotDirectory: false }),
        job: 'byPath',
        done: async (inner) =>
          (await this.#volumes.findByUuid(uuid, 'snapshot_directory_access_enabled', inner))
            ?.snapshot_directory_access_enabled === false,
      },
      signal,
    );
    this.#backend.must(outcome, `hiding the snapshot directory of volume ${name}`);
  }

  /** Made since, and in everything such as this plan makes it. */
  #isOurs(found: VolumeOnOntap, { config, details }: VolumePlan, since: Date): boolean {
    const { volumeBytes, comment } = parsePlanDetails(details);
    // A value that is not told, or not set yet while the array works, speaks against nothing.
    const same = (value: string | undefined, wanted: string) => value === undefined || value === '' || value === wanted;
    return (
      madeSince(this.#backend, found, since) &&
      found.name === config.internalName &&
      found.style === this.#volumes.style &&
      found.type === (config.mirrorDestination ? 'dp' : 'rw') &&
      found.clone?.is_flexclone !== true &&
      found.size !== undefined &&
      Math.abs(found.size - volumeBytes) < this.#volumes.roundingBytes &&
      found.comment === comment &&
      same(found.guarantee?.type, config.spaceReserve) &&
      same(found.snapshot_policy?.name, config.snapshotPolicy) &&
      same(found.nas?.path, `/${config.internalName}`) &&
      same(found.nas?.export_policy?.name, config.exportPolicy)
    );
  }

  /** The name is taken: tells by what, in one look. */
  async #taken(name: string, refused: Refused, signal: AbortSignal): Promise<Problem> {
    const found = await this.#volumes.findAny(name, identityFields, signal);
    const what =
      found === undefined ? 'the array does not show what has that name; it may be in creation' : describeVolume(found);
    return new Problem(
      'volume.exists-on-array',
      'exists',
      `volume ${name} is already on SVM ${this.#backend.facts.svm.name}, and it is not ours: ${what}`,
      {
        array: refused.refusal,
        nothingDone: true,
        hint: 'import it, rename it on the array, or choose another name or storagePrefix',
      },
    );
  }
}
