import { afterWork, Problem } from '../../../problem.ts';
import type { Settled, VolumePlan } from '../../objects.ts';
import { isAbsent, isDuplicate } from '../client/codes.ts';
import type { Refused } from '../client/outcome.ts';
import { baseOf, pathOf } from '../lun-names.ts';
import type { Contained, Wish } from '../parts.ts';
import { parseLunPlan } from '../plans/san-plan.ts';
import { attributesFor, lunAttribute } from './lun-fields.ts';
import type { LunFields } from './lun-fields.ts';
import type { LunPool } from './lun-pool.ts';
import type { LunPlace, Tried } from './lun-places.ts';
import { lunFieldNames } from './lun-record.ts';
import type { LunOnOntap } from './lun-record.ts';
import type { LunRef } from './lun-ref.ts';
import type { LunDraft } from './luns.ts';
import type { PooledParts } from './pooled-parts.ts';

const volumeGone = ({ refusal }: Refused): boolean =>
  isAbsent(refusal) || ['917525', '917927', '5374866'].includes(refusal.code);

/** Makes LUNs in shared FlexVols. */
export class PooledLunCreation {
  readonly #parts: PooledParts;

  constructor(parts: PooledParts) {
    this.#parts = parts;
  }

  /** The LUN, then the size of its FlexVol, then a look at what is there: the last two are shared by all who create at once. */
  async create(plan: VolumePlan, wish: Wish<LunFields>, signal: AbortSignal): Promise<Contained> {
    const { bytes } = parseLunPlan(plan.details);
    const { pools, places } = this.#parts;
    const name = plan.config.internalName;
    if (pools.known.some((pool) => pool.luns.has(name))) await this.#refuseTaken(name, signal);
    const tried: Tried = new Map();
    for (;;) {
      const { place, end } = await this.#createIn(plan, bytes, wish, tried, signal);
      if (typeof end !== 'string') return end;
      tried.set(place.pool.uuid, end);
      if (place.isNew) throw places.ineligible(plan, [...tried.values()]);
    }
  }

  /** Removes what an interrupted creation left; see `Driver.discardVolume`. */
  async discard(plan: VolumePlan, since: Date, signal: AbortSignal): Promise<Settled> {
    const { backend, luns, pools } = this.#parts;
    const name = plan.config.internalName;
    const found = await this.#parts.lookup.findAll(name, signal);
    const attributes = attributesFor(plan.config, backend.environment.context);
    const [only, ...others] = found.filter((lun) =>
      luns.isDraft(lun, draftOf(plan, { osType: 'linux', attributes }, lun.name), since),
    );
    if (found.length === 0) {
      await this.#parts.removal.refuseRunningCreation(name, since, signal);
      await this.#parts.removal.reapSince(since, signal);
      return 'absent';
    }
    if (only === undefined || others.length > 0) return 'foreign';
    await this.#parts.removal.removeLun(only, signal);
    await this.#parts.removal.fitAfter(await pools.find(only.location?.volume?.uuid ?? '', signal), name, signal);
    return 'removed';
  }

  async #createIn(
    plan: VolumePlan,
    bytes: number,
    wish: Wish<LunFields>,
    tried: Tried,
    signal: AbortSignal,
  ): Promise<{ readonly place: LunPlace; readonly end: Contained | string }> {
    const place = await this.#parts.places.reserve(plan, bytes, tried, signal);
    try {
      return { place, end: await this.#make(place.pool, plan, wish, signal) };
    } finally {
      place[Symbol.dispose]();
      if (!signal.aborted) await this.#tidyUp(place.pool, signal);
    }
  }

  /** FlexVols that are of no use are in nobody's way: that they cannot go now is told to nobody, and tried again by the next. */
  async #tidyUp(pool: LunPool, signal: AbortSignal): Promise<void> {
    const { sizes, removal } = this.#parts;
    try {
      // One that was made for a LUN which it did not get.
      if (pool.isEmpty) await sizes.reap(pool, signal);
      await removal.reapHidden(signal);
    } catch {
      signal.throwIfAborted();
    }
  }

  /** The volume when it is made; otherwise why not there. */
  async #make(
    pool: LunPool,
    plan: VolumePlan,
    wish: Wish<LunFields>,
    signal: AbortSignal,
  ): Promise<Contained | string> {
    const { backend, luns, pools, sizes } = this.#parts;
    const name = plan.config.internalName;
    const draft = draftOf(plan, wish.fields, pathOf(pool.name, name));
    using arriving = pool.gathering.begin();
    const outcome = await luns.create(draft, backend.environment.now(), signal);
    if (outcome.kind === 'refused' && isDuplicate(outcome.refusal))
      throw luns.taken(draft.name, await luns.find(draft.name, lunFieldNames, signal), outcome.refusal);
    if (outcome.kind === 'refused' && volumeGone(outcome)) {
      pools.forget(pool.uuid);
      return `FlexVol ${pool.name} is gone`;
    }
    if (outcome.kind !== 'ok') throw backend.problem(outcome, `creating LUN ${draft.name}`);
    const lun = outcome.value ?? (await this.#parts.lookup.getMade(draft.name, signal));
    pool.add({ uuid: lun.uuid, name, bytes: draft.bytes, created: lun.create_time ?? '' }, backend.environment.now());
    try {
      await arriving.arrive(signal);
      if ((await sizes.fit(pool, name, signal)).has(name)) {
        await this.#stepBack(pool, lun, signal);
        return `FlexVol ${pool.name} was filled by others`;
      }
    } catch (error) {
      signal.throwIfAborted();
      await this.#stepBack(pool, lun, signal);
      // A size that is refused here may be had in another FlexVol.
      if (!Problem.is(error) || error.array === undefined || error.kind === 'denied') throw afterWork(error);
      return error.message;
    }
    await this.#refuseTwin(pool, lun, name, signal);
    return this.#parts.lookup.contained(plan.config, lun, pool);
  }

  /** Another LUN of the name that was there before in another FlexVol: this one goes again. */
  async #refuseTwin(pool: LunPool, lun: LunOnOntap, name: string, signal: AbortSignal): Promise<void> {
    const twin = this.#parts.pools.known.find((each) => each.uuid !== pool.uuid && each.luns.has(name))?.luns.get(name);
    if (twin === undefined) return;
    const [own, other] = [lun.create_time ?? '', twin.created].map((time) => Date.parse(time));
    if (own !== undefined && other !== undefined && own < other) return;
    await this.#stepBack(pool, lun, signal);
    await this.#refuseTaken(name, signal);
  }

  /** @throws Problem `volume.exists-on-array` when there is a LUN of that name */
  async #refuseTaken(name: string, signal: AbortSignal): Promise<void> {
    const [found] = await this.#parts.lookup.findAll(name, signal);
    if (found === undefined) return;
    const refusal = { status: 409, code: '', message: `LUN ${found.name} exists` };
    throw this.#parts.luns.taken(found.name, found, refusal);
  }

  async #stepBack(pool: LunPool, lun: LunRef | LunOnOntap, signal: AbortSignal): Promise<void> {
    await this.#parts.removal.removeLun(lun, signal);
    pool.drop(baseOf(lun.name));
  }
}

const draftOf = (plan: VolumePlan, { osType, attributes }: LunFields, path: string): LunDraft => {
  const { bytes, spaceAllocation, qosPolicy, poolName } = parseLunPlan(plan.details);
  return {
    name: path,
    bytes,
    spaceAllocation,
    qosPolicy,
    comment: undefined,
    fields: { osType, attributes: { ...attributes, [lunAttribute.poolName]: poolName } },
  };
};
