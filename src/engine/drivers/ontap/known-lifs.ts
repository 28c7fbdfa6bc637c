import { Limiter } from './client/waiting.ts';
import type { Facts } from './facts.ts';
import type { Lif } from './probes/probe.ts';

/** How long what was seen of LIFs counts. */
const freshMs = 600_000;

/** The LIFs that are up, as whoever looked last has seen them: the discovery, a look at the backend's health, or a publication. */
export class KnownLifs {
  readonly #now: () => Date;
  readonly #looking = new Limiter(1);
  #lifs: readonly Lif[];
  #seenAt: number;

  constructor({ lifs, lifNodes, foundAt }: Pick<Facts, 'lifs' | 'lifNodes' | 'foundAt'>, now: () => Date) {
    this.#now = now;
    this.#lifs = lifs.map((address) => ({ address, node: lifNodes[address] ?? '' }));
    this.#seenAt = foundAt;
  }

  get all(): readonly Lif[] {
    return this.#lifs;
  }

  get addresses(): readonly string[] {
    return this.#lifs.map(({ address }) => address);
  }

  learn(lifs: readonly Lif[]): void {
    this.#lifs = lifs;
    this.#seenAt = this.#now().getTime();
  }

  /** Looks anew, unless somebody has not long ago. */
  async renew(look: () => Promise<readonly Lif[]>, signal: AbortSignal): Promise<void> {
    await this.#looking.run(async () => {
      if (this.#now().getTime() - this.#seenAt >= freshMs) this.learn(await look());
    }, signal);
  }
}
