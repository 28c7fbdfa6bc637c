import type { Facts } from './facts.ts';
import type { Lif } from './probes/probe.ts';
import { Remembered } from './remembered.ts';

/** The LIFs that are up, as whoever looked last has seen them: the discovery, a look at the backend's health, or a publication. */
export class KnownLifs {
  readonly #now: () => Date;
  readonly #lifs: Remembered<readonly Lif[]>;

  constructor({ lifs, lifNodes, foundAt }: Pick<Facts, 'lifs' | 'lifNodes' | 'foundAt'>, now: () => Date) {
    this.#now = now;
    this.#lifs = new Remembered(now);
    this.#lifs.learn(
      lifs.map((address) => ({ address, node: lifNodes[address] ?? '' })),
      foundAt,
    );
  }

  get all(): readonly Lif[] {
    return this.#lifs.last ?? [];
  }

  get addresses(): readonly string[] {
    return this.all.map(({ address }) => address);
  }

  /** Where none is up, nobody goes by that: the next publication looks itself. */
  learn(lifs: readonly Lif[]): void {
    if (lifs.length === 0) this.#lifs.forget();
    else this.#lifs.learn(lifs, this.#now().getTime());
  }

  /** Looks anew, unless somebody has not long ago. */
  async renew(look: () => Promise<readonly Lif[]>, signal: AbortSignal): Promise<void> {
    await this.#lifs.get(look, signal);
  }
}
