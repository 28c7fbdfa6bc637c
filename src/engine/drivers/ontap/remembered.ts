import { Limiter } from './client/waiting.ts';

/** How long something counts as it was seen last. */
const freshMs = 600_000;

/** A thing on the array that others change, and seldom: it is looked at once in a while, by one for all who need it. */
export class Remembered<T> {
  readonly #now: () => Date;
  readonly #looking = new Limiter(1);
  #seen: { readonly value: T; readonly at: number } | undefined;

  constructor(now: () => Date) {
    this.#now = now;
  }

  /** As it was seen last, however long ago. */
  get last(): T | undefined {
    return this.#seen?.value;
  }

  /** @param at when it was seen, in milliseconds of our clock */
  learn(value: T, at: number): void {
    this.#seen = { value, at };
  }

  forget(): void {
    this.#seen = undefined;
  }

  /** As it was seen not long ago, by whomever, else as `look` sees it now. */
  async get(look: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const known = this.#fresh();
    if (known !== undefined) return known.value;
    return this.#looking.run(async () => {
      const meanwhile = this.#fresh();
      if (meanwhile !== undefined) return meanwhile.value;
      const at = this.#now().getTime();
      const value = await look();
      this.learn(value, at);
      return value;
    }, signal);
  }

  #fresh(): { readonly value: T } | undefined {
    // What was seen later than now was seen before the clock was set back.
    return this.#seen !== undefined && Math.abs(this.#now().getTime() - this.#seen.at) < freshMs
      ? this.#seen
      : undefined;
  }
}
