import { Problem, afterWork } from '../../../problem.ts';
import type { Settled, VolumePlan } from '../../objects.ts';
import type { OntapBackend } from '../backend.ts';
import { isAbsent, isPolicyMissing } from '../client/codes.ts';
import { refuseWhileRunning } from '../client/running-jobs.ts';
import type { Refused } from '../client/outcome.ts';
import { pause } from '../client/waiting.ts';
import type { Contained, Wish } from '../parts.ts';
import { permissionsOf } from '../permissions.ts';
import { parsePlanDetails } from '../plans/plan.ts';
import { qtreeId } from '../qtree-names.ts';
import { checkedAt, withChecked } from '../plans/qtree-plan.ts';
import type { NasFields } from './nas-fields.ts';
import type { QtreePlace, QtreePlaces, Tried } from './qtree-places.ts';
import { withQtreeRef } from './qtree-ref.ts';
import type { QtreeOnOntap, Qtrees } from './qtrees.ts';
import { describeQtree, isQtreeTaken } from './qtrees.ts';
import type { QuotaRules } from './quota-rules.ts';
import { quotaBytes } from './quota-rules.ts';
import type { SharedFlexVol } from './shared-flexvol.ts';
import type { SharedFlexVols } from './shared-flexvols.ts';
import type { SharedSizes } from './shared-sizes.ts';

export interface QtreeParts {
  readonly backend: OntapBackend;
  readonly qtrees: Qtrees;
  readonly quotas: QuotaRules;
  readonly shared: SharedFlexVols;
  readonly places: QtreePlaces;
  readonly sizes: SharedSizes;
}

/** Places in which one create tries its luck. */
const attemptsAtMost = 20;

/** How it ended in one FlexVol: it may be different in another, or be worth another try. */
type End =
  | { readonly kind: 'made' }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'outpaced'; readonly why: string };

const volumeGone = (refused: Refused): boolean =>
  isAbsent(refused.refusal) || ['917525', '917927'].includes(refused.refusal.code);

/**
 * Makes qtrees: the qtree and its quota, then the FlexVol around it is fitted to its quotas. Four calls, the last two of
 * them shared by all who create at the same time.
 */
export class QtreeCreation {
  readonly #parts: QtreeParts;

  constructor(parts: QtreeParts) {
    this.#parts = parts;
  }

  /**
   * Puts it into the plan that the name was free. Qtrees do not tell when they were made; this does.
   * @throws Problem `volume.exists-on-array`
   */
  async prepare(plan: VolumePlan, signal: AbortSignal): Promise<VolumePlan> {
    const { backend, qtrees, shared } = this.#parts;
    const name = plan.config.internalName;
    shared.checkAlone(plan);
    const now = backend.environment.now();
    if (!(await shared.isFree(name, signal))) {
      const [found] = await qtrees.findTogether(name, signal);
      if (found !== undefined) throw await this.#taken(found, undefined, signal);
    }
    return withChecked(plan, now);
  }

  async create(plan: VolumePlan, wish: Wish<NasFields>, signal: AbortSignal): Promise<Contained> {
    if (checkedAt(plan) === undefined) return this.create(await this.prepare(plan, signal), wish, signal);
    const { backend, places, shared } = this.#parts;
    const { random } = backend.client.options.settings;
    const bytes = quotaBytes(plan.config.size);
    const tried: Tried = new Map();
    for (let attempt = 1; ; attempt++) {
      using place = await places.reserve(plan, bytes, tried, signal);
      const end = await this.#createIn(place, plan, bytes, wish, signal);
      if (end.kind === 'made') return this.#made(place.flexVol, plan);
      if (end.kind === 'refused') tried.set(place.flexVol.uuid, end.why);
      if ((end.kind === 'refused' && place.isNew) || attempt >= attemptsAtMost)
        throw places.ineligible(plan, [...tried.values(), end.why]);
      if (end.kind === 'refused') continue;
      // An installation that knows nothing of ours was quicker. Not all who step back come again at the same time.
      await pause(random() * 100 * attempt, signal);
      await shared.lookInto(place.flexVol, signal);
    }
  }

  /** Removes what an interrupted creation left; see `Driver.discardVolume`. */
  async discard(plan: VolumePlan, since: Date, signal: AbortSignal): Promise<Settled> {
    const name = plan.config.internalName;
    const found = await this.#parts.qtrees.findInPools(name, signal);
    const [only, ...others] = found;
    if (only === undefined) {
      await this.#refuseRunning(name, since, signal);
      return 'absent';
    }
    const checked = checkedAt(plan);
    const claimed = checked !== undefined && checked.getTime() >= since.getTime();
    if (!claimed || others.length > 0 || !(await this.#isExplained(only, plan, signal))) return 'foreign';
    await this.#remove(only, signal);
    return 'removed';
  }

  /** In everything that can be told such as this plan makes it, its quota included; that may not be there yet. */
  async #isExplained(found: QtreeOnOntap, plan: VolumePlan, signal: AbortSignal): Promise<boolean> {
    const { config } = plan;
    const mode = config.unixPermissions === '' ? undefined : permissionsOf(config.unixPermissions);
    const { unix_permissions: has } = found;
    if (!this.#isAsPlanned(found, plan) || (mode !== undefined && has !== undefined && has !== mode)) return false;
    const quota = await this.#parts.quotas.findFor(found.volume.uuid, found.name, signal);
    return quota === undefined || quota.bytes === quotaBytes(config.size);
  }

  async #createIn(
    { flexVol, taken }: QtreePlace,
    plan: VolumePlan,
    bytes: number,
    wish: Wish<NasFields>,
    signal: AbortSignal,
  ): Promise<End> {
    const name = plan.config.internalName;
    if (!(await this.#post(flexVol, plan, wish, signal)))
      return { kind: 'refused', why: `FlexVol ${flexVol.name} is gone` };
    taken();
    const { backend, quotas, sizes } = this.#parts;
    try {
      await quotas.create(flexVol.uuid, name, bytes, signal);
      flexVol.setQuota({ uuid: '', qtree: name, bytes, volume: flexVol.uuid });
      flexVol.add(name, backend.environment.now());
    } catch (error) {
      await this.#stepBack(flexVol, name, signal);
      throw afterWork(error);
    }
    try {
      if (!(await sizes.fit(flexVol, name, signal)).has(name)) return { kind: 'made' };
    } catch (error) {
      signal.throwIfAborted();
      await this.#stepBack(flexVol, name, signal);
      // A size that is refused here may be had in another FlexVol.
      if (!Problem.is(error) || error.array === undefined || error.kind === 'denied') throw afterWork(error);
      return { kind: 'refused', why: error.message };
    }
    await this.#stepBack(flexVol, name, signal);
    return { kind: 'outpaced', why: `FlexVol ${flexVol.name} was filled by others` };
  }

  /** False when the FlexVol is not there any more. */
  async #post(flexVol: SharedFlexVol, plan: VolumePlan, wish: Wish<NasFields>, signal: AbortSignal): Promise<boolean> {
    const { backend, qtrees, shared } = this.#parts;
    const name = plan.config.internalName;
    const what = `creating qtree ${name} in FlexVol ${flexVol.name}`;
    const { exportPolicy, securityStyle, unixPermissions } = wish.fields;
    const { qosPolicy } = parsePlanDetails(plan.details);
    const body = {
      ...(exportPolicy === undefined || exportPolicy === '' ? {} : { export_policy: { name: exportPolicy } }),
      ...(securityStyle === undefined ? {} : { security_style: securityStyle }),
      ...(unixPermissions === undefined ? {} : { unix_permissions: unixPermissions }),
      ...(qosPolicy === '' ? {} : { qos_policy: { name: qosPolicy } }),
    };
    for (let repairs = 0; ; repairs++) {
      const outcome = await qtrees.post(flexVol, name, body, (found) => this.#isAsPlanned(found, plan), signal);
      if (outcome.kind === 'ok') return true;
      if (outcome.kind !== 'refused') throw backend.problem(outcome, what);
      if (isQtreeTaken(outcome)) {
        const found = await qtrees.findIn(flexVol, name, signal);
        throw await this.#taken(found, outcome, signal);
      }
      if (volumeGone(outcome)) {
        shared.forget(flexVol.uuid);
        return false;
      }
      // A job that failed half-way leaves a qtree.
      if (outcome.refusal.status < 400) await this.#stepBack(flexVol, name, signal);
      if (repairs < 2 && isPolicyMissing(outcome.refusal) && (await wish.repair(outcome, signal))) continue;
      throw backend.problem(outcome, what);
    }
  }

  /** Takes back what this create has made a moment ago. */
  async #stepBack(flexVol: SharedFlexVol, name: string, signal: AbortSignal): Promise<void> {
    const found = await this.#parts.qtrees.findIn(flexVol, name, signal);
    if (found !== undefined) await this.#remove(found, signal);
    flexVol.drop(name);
  }

  async #remove(qtree: QtreeOnOntap, signal: AbortSignal): Promise<void> {
    const { backend, qtrees } = this.#parts;
    backend.must(await qtrees.delete(qtree, signal), `taking back qtree ${qtree.name}`);
  }

  #made(flexVol: SharedFlexVol, { config }: VolumePlan): Contained {
    const name = config.internalName;
    const { uuid } = flexVol;
    return {
      ref: withQtreeRef({ volume: { uuid, name: flexVol.name }, name, path: `${flexVol.path}/${name}` }),
      size: config.size,
      config: { internalID: qtreeId(this.#parts.backend.facts.svm.name, flexVol.name, name) },
    };
  }

  /** In everything as this plan makes it. */
  #isAsPlanned(found: QtreeOnOntap, { config }: VolumePlan): boolean {
    const same = (value: string | undefined, wanted: string) => value === undefined || value === '' || value === wanted;
    return (
      found.name === config.internalName &&
      same(found.export_policy?.name, config.exportPolicy) &&
      same(found.security_style, config.securityStyle)
    );
  }

  /** For a qtree that is not there: the array may still be making it. */
  #refuseRunning(name: string, since: Date, signal: AbortSignal): Promise<void> {
    const posted = { path: '/storage/qtrees', named: name, since };
    return refuseWhileRunning(this.#parts.backend.client, posted, `creating qtree ${name}`, signal);
  }

  async #taken(found: QtreeOnOntap | undefined, refused: Refused | undefined, signal: AbortSignal): Promise<Problem> {
    const { backend, quotas } = this.#parts;
    const quota = found === undefined ? undefined : await quotas.findFor(found.volume.uuid, found.name, signal);
    const facts =
      found === undefined ? 'the array does not show it; it may be in creation' : describeQtree(found, quota?.bytes);
    return new Problem(
      'volume.exists-on-array',
      'exists',
      `a qtree of that name is already on SVM ${backend.facts.svm.name}, and it is not ours: ${found?.name ?? ''} ${facts}`,
      {
        ...(refused === undefined ? {} : { array: refused.refusal }),
        nothingDone: true,
        hint: 'import it, rename it on the array, or choose another name or storagePrefix',
      },
    );
  }
}
