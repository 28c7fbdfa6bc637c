import { Problem, messageOf } from '../../../problem.ts';
import type { VolumePlan } from '../../objects.ts';
import type { OntapBackend } from '../backend.ts';
import { Limiter } from '../client/waiting.ts';
import { parseFlag } from '../config/rules.ts';
import { isOfLongerPrefix } from '../pool-names.ts';
import type { Member } from '../exclusive-session.ts';
import { ExclusiveSession } from '../exclusive-session.ts';
import { aggregatesOverLimit } from './aggregate-usage.ts';
import type { SharedFlexVol } from './shared-flexvol.ts';
import type { SharedFlexVols } from './shared-flexvols.ts';
import type { SharedMaking } from './shared-making.ts';

/** A place for one qtree. While it is held, nobody else in this process gets it. */
export interface QtreePlace extends Disposable, Held {
  /** The qtree is there for everybody to count, so that other processes may look for places. */
  taken(): void;
}

interface Held {
  readonly flexVol: SharedFlexVol;
  /** The FlexVol was made for this qtree: what is refused there is refused everywhere. */
  readonly isNew: boolean;
}

/** A look at the array: in which session, and when, in milliseconds. */
interface Look {
  readonly session: number;
  readonly at: number;
}
/** How long a look counts in its session. */
const currentMs = 30_000;

/** FlexVols that this create has tried in vain, and why. */
export type Tried = Map<string, string>;

/**
 * Gives qtrees their places: in a shared FlexVol with room, or in a new one. Places are given in sessions that no other
 * process of ours shares, so that nobody counts on a place which somebody else is taking, and many who come at once
 * share a new FlexVol instead of making one each.
 */
export class QtreePlaces {
  readonly #poolPrefix: string;
  readonly #backend: OntapBackend;
  readonly #shared: SharedFlexVols;
  readonly #making: SharedMaking;
  readonly #session: ExclusiveSession;
  readonly #turn = new Limiter(1);
  /** When each FlexVol was looked at last, and when all of them were listed. */
  readonly #looked = new Map<string, Look>();
  #listed: Look | undefined;
  readonly #looking = new Limiter(1);

  constructor(backend: OntapBackend, poolPrefix: string, shared: SharedFlexVols, making: SharedMaking) {
    this.#backend = backend;
    this.#poolPrefix = poolPrefix;
    this.#shared = shared;
    this.#making = making;
    this.#session = new ExclusiveSession(backend, `${backend.facts.svm.uuid}/${poolPrefix}`);
  }

  /** @throws Problem `pool.ineligible` that says why neither an old nor a new FlexVol will do */
  async reserve(plan: VolumePlan, bytes: number, tried: Tried, signal: AbortSignal): Promise<QtreePlace> {
    const thick = plan.config.spaceReserve === 'volume' ? bytes : 0;
    const full = await aggregatesOverLimit(this.#backend, plan.placement, thick, signal);
    const open = { ...plan, placement: plan.placement.filter((aggregate) => !full.has(aggregate)) };
    if (open.placement.length === 0) throw this.ineligible(plan, [...full.values()]);
    await this.#shared.current(signal);
    const member = await this.#session.enter(signal);
    try {
      const held =
        (await this.#find(open, bytes, tried, member, signal)) ??
        (await this.#findOrMake(open, bytes, tried, member, signal));
      const release = () => {
        held.flexVol.reserved.delete(plan.config.internalName);
        member[Symbol.dispose]();
      };
      try {
        await this.#making.makeReady(held.flexVol, held.isNew, signal);
        return { ...held, taken: () => member[Symbol.dispose](), [Symbol.dispose]: release };
      } catch (error) {
        release();
        throw error;
      }
    } catch (error) {
      member[Symbol.dispose]();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  /** The fullest one with room, as it is now: few FlexVols, and room left in the others. */
  async #find(
    plan: VolumePlan,
    bytes: number,
    tried: Tried,
    member: Member,
    signal: AbortSignal,
  ): Promise<Held | undefined> {
    for (;;) {
      const [flexVol] = this.#shared.known
        .filter((each) => !tried.has(each.uuid) && this.#suits(each, plan) && this.#shared.hasRoom(each, bytes))
        .toSorted((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
      if (flexVol === undefined) return undefined;
      if (this.#isKnown(flexVol, member)) return this.#hold(flexVol, plan.config.internalName, bytes, false);
      await this.#look(flexVol, member, signal);
    }
  }

  /** True when no process of ours can have put a qtree there since we looked, and others had little time to. */
  #isKnown(flexVol: SharedFlexVol, member: Member): boolean {
    return !this.#session.isShared || this.#isCurrent(this.#looked.get(flexVol.uuid), member);
  }

  #isCurrent(look: Look | undefined, { number }: Member): boolean {
    return look?.session === number && this.#now() - look.at < currentMs;
  }

  /** One look for all who wait for it. */
  async #look(flexVol: SharedFlexVol, member: Member, signal: AbortSignal): Promise<void> {
    await this.#looking.run(async () => {
      if (this.#isKnown(flexVol, member)) return;
      const look = { session: member.number, at: this.#now() };
      await this.#shared.lookInto(flexVol, signal);
      this.#looked.set(flexVol.uuid, look);
    }, signal);
  }

  #findOrMake(plan: VolumePlan, bytes: number, tried: Tried, member: Member, signal: AbortSignal): Promise<Held> {
    return this.#turn.run(async () => {
      // Who had the turn before has made one.
      const found = await this.#find(plan, bytes, tried, member, signal);
      if (found !== undefined) return found;
      // Nothing is refused by what was listed a while ago.
      if (this.#mayNotMake || !this.#isCurrent(this.#listed, member)) await this.#list(member, signal);
      return (
        (await this.#find(plan, bytes, tried, member, signal)) ?? (await this.#make(plan, bytes, tried, member, signal))
      );
    }, signal);
  }

  async #list({ number }: Member, signal: AbortSignal): Promise<void> {
    const look = { session: number, at: this.#now() };
    await this.#shared.refresh(signal);
    for (const { uuid } of this.#shared.known) this.#looked.set(uuid, look);
    this.#listed = look;
  }

  #suits(flexVol: SharedFlexVol, plan: VolumePlan): boolean {
    return !isOfLongerPrefix(flexVol.name, this.#poolPrefix) && flexVol.suits(plan) && this.#making.admits(flexVol);
  }

  #hold(flexVol: SharedFlexVol, name: string, bytes: number, isNew: boolean): Held {
    if (this.#shared.known.some((each) => each.reserved.has(name)))
      throw new Problem('volume.in-creation', 'conflict', `qtree ${name} is being created already`, {
        hint: 'wait until that has ended',
        nothingDone: true,
      });
    flexVol.reserved.set(name, bytes);
    return { flexVol, isNew };
  }

  async #make(plan: VolumePlan, bytes: number, tried: Tried, member: Member, signal: AbortSignal): Promise<Held> {
    const suiting = this.#shared.known.filter((each) => this.#suits(each, plan));
    const reasons = [
      ...tried.values(),
      ...suiting
        .filter((each) => !tried.has(each.uuid))
        .map((each) => `FlexVol ${each.name} has ${each.count} qtrees and ${each.size} bytes, and no room for another`),
    ];
    if (this.#mayNotMake)
      throw this.ineligible(plan, [...reasons, 'new shared FlexVols are not allowed (denyNewVolumePools)']);
    try {
      const made = this.#shared.add(await this.#making.make(plan, this.#poolPrefix, signal));
      this.#looked.set(made.uuid, { session: member.number, at: this.#now() });
      return this.#hold(made, plan.config.internalName, bytes, true);
    } catch (error) {
      if (!Problem.is(error) || error.code !== 'pool.ineligible') throw error;
      throw this.ineligible(plan, [...tried.values(), messageOf(error)]);
    }
  }

  get #mayNotMake(): boolean {
    return parseFlag(this.#backend.settings.pooling.denyNewVolumePools) === true;
  }

  #now(): number {
    return this.#backend.environment.now().getTime();
  }

  /** @param reasons why each FlexVol was no place */
  ineligible({ config, pool }: VolumePlan, reasons: readonly string[]): Problem {
    return new Problem(
      'pool.ineligible',
      'limit',
      `no shared FlexVol of pool ${pool.name} can take qtree ${config.internalName}: ${reasons.join('; ')}`,
      { nothingDone: true },
    );
  }
}
