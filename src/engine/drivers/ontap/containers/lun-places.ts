import { messageOf, Problem } from '../../../problem.ts';
import type { VolumePlan } from '../../objects.ts';
import type { OntapBackend } from '../backend.ts';
import { Limiter } from '../client/waiting.ts';
import { parseFlag } from '../config/rules.ts';
import { ExclusiveSession } from '../exclusive-session.ts';
import type { Member } from '../exclusive-session.ts';
import { plainWish } from '../parts.ts';
import { parsePlanDetails } from '../plans/plan.ts';
import { newPoolName } from '../pool-names.ts';
import { aggregatesOverLimit } from './aggregate-usage.ts';
import { FlexVolCreation } from './flexvol-create.ts';
import type { LunPool } from './lun-pool.ts';
import type { LunPools } from './lun-pools.ts';
import { VolumeRemover } from './volume-removal.ts';
import { Volumes, volumeRef } from './volumes.ts';

/** Size of a new shared FlexVol; it follows its LUNs as soon as it has one. */
const firstBytes = 2 ** 30;
/** After that, what was listed is listed anew before a FlexVol is chosen. */
const staleMs = 300_000;

/** A place for one LUN. While it is held, nobody else in this process gets it. */
export interface LunPlace extends Disposable {
  readonly pool: LunPool;
  /** The FlexVol was made for this LUN: what is refused there is refused everywhere. */
  readonly isNew: boolean;
}

/** FlexVols that a create has tried in vain, and why. */
export type Tried = Map<string, string>;

/** Gives LUNs their places in the shared FlexVols, and makes FlexVols when there is none. */
export class LunPlaces {
  readonly #backend: OntapBackend;
  readonly #pools: LunPools;
  readonly #creation: FlexVolCreation;
  readonly #making = new Limiter(1);
  readonly #looking = new Limiter(1);
  readonly #session: ExclusiveSession;
  /** Session in which the FlexVols were looked at last. */
  #lookedIn = 0;

  constructor(backend: OntapBackend, pools: LunPools) {
    this.#backend = backend;
    this.#pools = pools;
    this.#session = new ExclusiveSession(backend, `${backend.facts.svm.uuid}/${pools.prefix}`);
    const volumes = new Volumes(backend, 'flexvol');
    this.#creation = new FlexVolCreation(backend, volumes, new VolumeRemover(backend, volumes));
  }

  /**
   * A place for a LUN of that size: in the fullest FlexVol with room, or in a new one. Places are given in sessions that no
   * other process of ours shares, so that nobody counts on a place which somebody else is taking.
   * @throws Problem `pool.ineligible` that says why neither will do
   */
  async reserve(plan: VolumePlan, bytes: number, tried: Tried, signal: AbortSignal): Promise<LunPlace> {
    const thick = plan.config.spaceReserve === 'volume' ? bytes : 0;
    const full = await aggregatesOverLimit(this.#backend, plan.placement, thick, signal);
    const open = { ...plan, placement: plan.placement.filter((aggregate) => !full.has(aggregate)) };
    if (open.placement.length === 0) throw this.ineligible(plan, [...full.values()]);
    const member = await this.#session.enter(signal);
    try {
      await this.#lookIn(member, signal);
      const name = plan.config.internalName;
      const old = this.#place(open, bytes, tried);
      const { pool, isNew } =
        old === undefined ? await this.#placeOrMake(open, bytes, tried, member, signal) : { pool: old, isNew: false };
      return {
        pool,
        isNew,
        [Symbol.dispose]: () => {
          pool.reserved.delete(name);
          member[Symbol.dispose]();
        },
      };
    } catch (error) {
      member[Symbol.dispose]();
      throw error;
    }
  }

  /** Ends the right to give places, if this process has it. */
  close(): Promise<void> {
    return this.#session.close();
  }

  /** One look for all who take part in a session; what it shows holds until the session's end. */
  async #lookIn(member: Member, signal: AbortSignal): Promise<void> {
    const isKnown = () =>
      this.#session.isShared ? this.#lookedIn === member.number : this.#now() - this.#pools.listedAt <= staleMs;
    if (isKnown()) return;
    await this.#looking.run(async () => {
      if (isKnown()) return;
      await this.#pools.refresh(signal);
      this.#lookedIn = member.number;
    }, signal);
  }

  /** The pool in which the place is reserved now. */
  #place(plan: VolumePlan, bytes: number, tried: Tried): LunPool | undefined {
    const hasRoom = (pool: LunPool) =>
      pool.count < this.#pools.lunsPerFlexVol && this.#pools.isWithinLimit(pool, bytes);
    const [pool] = this.#pools.own
      .filter((each) => !each.isHidden && !tried.has(each.uuid) && each.suits(plan) && hasRoom(each))
      .toSorted((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
    return pool === undefined ? undefined : this.#hold(pool, plan.config.internalName, bytes);
  }

  /** One at a time, so that many who come at once share the first new FlexVol. */
  #placeOrMake(
    plan: VolumePlan,
    bytes: number,
    tried: Tried,
    member: Member,
    signal: AbortSignal,
  ): Promise<Pick<LunPlace, 'pool' | 'isNew'>> {
    const asked = this.#now();
    return this.#making.run(async () => {
      if (this.#pools.listedAt < asked) await this.#pools.refresh(signal);
      this.#lookedIn = member.number;
      const old = this.#place(plan, bytes, tried);
      return old === undefined
        ? { pool: await this.#make(plan, bytes, tried, signal), isNew: true }
        : { pool: old, isNew: false };
    }, signal);
  }

  async #make(plan: VolumePlan, bytes: number, tried: Tried, signal: AbortSignal): Promise<LunPool> {
    const reasons = [
      ...tried.values(),
      ...this.#pools.own
        .filter((each) => !tried.has(each.uuid) && each.suits(plan))
        .map((each) => `FlexVol ${each.name} has ${each.count} LUNs and ${each.size} bytes, and no room for another`),
    ];
    if (parseFlag(this.#backend.settings.pooling.denyNewVolumePools) === true)
      throw this.ineligible(plan, [...reasons, 'new shared FlexVols are not allowed (denyNewVolumePools)']);
    const name = newPoolName(this.#pools.prefix, this.#backend.client.options.settings.random);
    const { exportPolicy, securityStyle } = plan.config;
    const details = { ...parsePlanDetails(plan.details), volumeBytes: firstBytes };
    const config = { ...plan.config, internalName: name, size: firstBytes };
    try {
      const wish = plainWish({ exportPolicy, securityStyle });
      const made = await this.#creation.create({ ...plan, config, details: { ...details } }, wish, signal);
      const pool = await this.#pools.find(volumeRef(made.ref)?.uuid ?? '', signal);
      if (pool === undefined) throw this.ineligible(plan, [`FlexVol ${name} was made and is not there`]);
      return this.#hold(pool, plan.config.internalName, bytes);
    } catch (error) {
      if (!Problem.is(error) || error.code !== 'pool.ineligible') throw error;
      throw this.ineligible(plan, [...tried.values(), messageOf(error)]);
    }
  }

  #hold(pool: LunPool, name: string, bytes: number): LunPool {
    if (this.#pools.known.some((each) => each.reserved.has(name)))
      throw new Problem('volume.in-creation', 'conflict', `LUN ${name} is being created already`, {
        hint: 'wait until that has ended',
        nothingDone: true,
      });
    pool.reserved.set(name, bytes);
    return pool;
  }

  /** @param reasons why each FlexVol was no place */
  ineligible({ config, pool }: VolumePlan, reasons: readonly string[]): Problem {
    return new Problem(
      'pool.ineligible',
      'limit',
      `no shared FlexVol of pool ${pool.name} can take LUN ${config.internalName}: ${reasons.join('; ')}`,
      { nothingDone: true },
    );
  }

  #now(): number {
    return this.#backend.environment.now().getTime();
  }
}
