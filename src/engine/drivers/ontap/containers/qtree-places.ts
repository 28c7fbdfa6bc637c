import { Problem, messageOf } from '../../../problem.ts';
import type { VolumePlan } from '../../driver.ts';
import type { OntapBackend } from '../backend.ts';
import { Limiter } from '../client/waiting.ts';
import { parseFlag } from '../config/rules.ts';
import { aggregatesOverLimit } from './aggregate-usage.ts';
import type { SharedFlexVol } from './shared-flexvol.ts';
import type { SharedFlexVols } from './shared-flexvols.ts';
import type { SharedMaking } from './shared-making.ts';

/** A place for one qtree. While it is held, nobody else in this process gets it. */
export interface QtreePlace extends Disposable {
  readonly flexVol: SharedFlexVol;
}

/** FlexVols that this create has tried in vain, and why. */
export type Tried = Map<string, string>;

/**
 * Gives qtrees their places: in a shared FlexVol with room, or in a new one. New ones are made one at a time, between
 * processes too, so that many who come at once share the first instead of making one each.
 */
export class QtreePlaces {
  readonly #backend: OntapBackend;
  readonly #poolPrefix: string;
  readonly #shared: SharedFlexVols;
  readonly #making: SharedMaking;
  readonly #turn = new Limiter(1);

  constructor(backend: OntapBackend, poolPrefix: string, shared: SharedFlexVols, making: SharedMaking) {
    this.#backend = backend;
    this.#poolPrefix = poolPrefix;
    this.#shared = shared;
    this.#making = making;
  }

  /** @throws Problem `pool.ineligible` that says why neither an old nor a new FlexVol will do */
  async reserve(plan: VolumePlan, bytes: number, tried: Tried, signal: AbortSignal): Promise<QtreePlace> {
    const thick = plan.config.spaceReserve === 'volume' ? bytes : 0;
    const full = await aggregatesOverLimit(this.#backend, plan.placement, thick, signal);
    const open = { ...plan, placement: plan.placement.filter((aggregate) => !full.has(aggregate)) };
    if (open.placement.length === 0) throw this.#ineligible(plan, [...full.values()]);
    await this.#shared.current(signal);
    const place = this.#find(open, bytes, tried) ?? (await this.#findOrMake(open, bytes, tried, signal));
    try {
      await this.#making.makeReady(place.flexVol, signal);
    } catch (error) {
      place[Symbol.dispose]();
      throw error;
    }
    return place;
  }

  /** The fullest one with room: few FlexVols, and room left in the others. */
  #find(plan: VolumePlan, bytes: number, tried: Tried): QtreePlace | undefined {
    const [flexVol] = this.#shared.known
      .filter((each) => !tried.has(each.uuid) && this.#suits(each, plan) && this.#shared.hasRoom(each, bytes))
      .toSorted((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
    return flexVol === undefined ? undefined : this.#hold(flexVol, plan.config.internalName, bytes);
  }

  #suits(flexVol: SharedFlexVol, plan: VolumePlan): boolean {
    return flexVol.suits(plan) && this.#making.admits(flexVol);
  }

  #hold(flexVol: SharedFlexVol, name: string, bytes: number): QtreePlace {
    if (this.#shared.known.some((each) => each.reserved.has(name)))
      throw new Problem('volume.in-creation', 'conflict', `qtree ${name} is being created already`, {
        hint: 'wait until that has ended',
        nothingDone: true,
      });
    flexVol.reserved.set(name, bytes);
    return {
      flexVol,
      [Symbol.dispose]: () => {
        flexVol.reserved.delete(name);
      },
    };
  }

  #findOrMake(plan: VolumePlan, bytes: number, tried: Tried, signal: AbortSignal): Promise<QtreePlace> {
    return this.#turn.run(async () => {
      // Who had the turn before has made one.
      const found = this.#find(plan, bytes, tried);
      if (found !== undefined) return found;
      return this.#exclusively(async () => {
        await this.#shared.refresh(signal);
        return this.#find(plan, bytes, tried) ?? (await this.#make(plan, bytes, tried, signal));
      }, signal);
    }, signal);
  }

  #exclusively<T>(action: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const { environment, facts } = this.#backend;
    const name = `${facts.svm.uuid}/${this.#poolPrefix}`;
    return environment.exclusively === undefined ? action() : environment.exclusively(name, action, signal);
  }

  async #make(plan: VolumePlan, bytes: number, tried: Tried, signal: AbortSignal): Promise<QtreePlace> {
    const suiting = this.#shared.known.filter((each) => this.#suits(each, plan));
    const reasons = [
      ...tried.values(),
      ...suiting
        .filter((each) => !tried.has(each.uuid))
        .map((each) => `FlexVol ${each.name} has ${each.count} qtrees and ${each.size} bytes, and no room for another`),
    ];
    if (parseFlag(this.#backend.settings.pooling.denyNewVolumePools) === true)
      throw this.#ineligible(plan, [...reasons, 'new shared FlexVols are not allowed (denyNewVolumePools)']);
    try {
      return this.#hold(
        this.#shared.add(await this.#making.make(plan, this.#poolPrefix, signal)),
        plan.config.internalName,
        bytes,
      );
    } catch (error) {
      if (!Problem.is(error) || error.code !== 'pool.ineligible') throw error;
      throw this.#ineligible(plan, [...tried.values(), messageOf(error)]);
    }
  }

  #ineligible({ config, pool }: VolumePlan, reasons: readonly string[]): Problem {
    return new Problem(
      'pool.ineligible',
      'unsupported',
      `no shared FlexVol of pool ${pool.name} can take qtree ${config.internalName}: ${reasons.join('; ')}`,
      { nothingDone: true },
    );
  }
}
