import { pause } from '../client/waiting.ts';

/** Much longer than a call takes that is not delayed, and not worth mentioning beside one that is. */
const longestMs = 50;

/** A change that is under way. Disposing one that did not come so far lets the others go on without it. */
export interface Arriving extends Disposable {
  /** The change is made: waits for the others that are under way, for a moment at most. */
  arrive(signal: AbortSignal): Promise<void>;
}

/**
 * Changes of which each is followed by a round of the same work (`Rounds`). Those that come at about the same time wait for
 * each other, and share one round: whoever came a moment late would have to wait for the whole of it, and then for their own.
 */
export class Gathering {
  #underWay = 0;
  #gathered: PromiseWithResolvers<void> | undefined;

  begin(): Arriving {
    this.#underWay++;
    let isThere = false;
    const count = () => {
      if (isThere) return;
      isThere = true;
      if (--this.#underWay > 0) return;
      this.#gathered?.resolve();
      this.#gathered = undefined;
    };
    return {
      arrive: async (signal) => {
        const { promise } = (this.#gathered ??= Promise.withResolvers<void>());
        count();
        await Promise.race([promise, pause(longestMs, signal)]);
      },
      [Symbol.dispose]: count,
    };
  }
}
