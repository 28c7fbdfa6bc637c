/**
 * When clones that keep a snapshot from being deleted are split off (ontap-drivers.md 7.7). The first refused deletion of a
 * snapshot starts a clock; one that is refused after `cloneSplitDelay` starts the split of one clone, and the next split can
 * start an hour and the delay later. The clocks live as long as the open backend, as in stock: with a command of one
 * shot nothing is ever split, and the refusal only names the clones.
 */
export class SplitTimers {
  readonly #delayMs: number;
  readonly #now: () => Date;
  readonly #since = new Map<string, number>();

  constructor(delaySeconds: number, now: () => Date) {
    this.#delayMs = delaySeconds * 1000;
    this.#now = now;
  }

  /** A deletion was refused. Calls `split` when it is time; true when a split was started. */
  async busy(key: string, split: () => Promise<boolean>): Promise<boolean> {
    const now = this.#now().getTime();
    const since = this.#since.get(key);
    if (since === undefined || now - since < this.#delayMs) {
      if (since === undefined) this.#since.set(key, now);
      return false;
    }
    // Set first, so that a second refusal meanwhile starts no second split.
    this.#since.set(key, now + 3_600_000);
    if (await split()) return true;
    this.#since.set(key, now);
    return false;
  }

  forget(key: string): void {
    this.#since.delete(key);
  }
}
