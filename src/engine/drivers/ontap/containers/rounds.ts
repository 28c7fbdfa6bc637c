interface Round<Result> {
  readonly names: Set<string>;
  readonly controller: AbortController;
  waiting: number;
  readonly end: Promise<Result>;
}

/**
 * Work that is done once for all who ask for it while an earlier round of it is under way: each gets the end of a round
 * that began after it had asked.
 */
export class Rounds<Result> {
  readonly #running = new Map<string, Promise<unknown>>();
  readonly #next = new Map<string, Round<Result>>();

  /**
   * @param key rounds of one key follow each other
   * @param name who asks; the round is told all of them
   */
  async join(
    key: string,
    name: string | undefined,
    run: (names: ReadonlySet<string>, signal: AbortSignal) => Promise<Result>,
    signal: AbortSignal,
  ): Promise<Result> {
    signal.throwIfAborted();
    const round = this.#next.get(key) ?? this.#begin(key, run);
    if (name !== undefined) round.names.add(name);
    round.waiting++;
    return await new Promise<Result>((resolve, reject) => {
      const leave = () => {
        // Nobody is left to profit from it.
        if (--round.waiting === 0) round.controller.abort(signal.reason);
        reject(signal.reason);
      };
      signal.addEventListener('abort', leave, { once: true });
      round.end.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
    });
  }

  #begin(key: string, run: (names: ReadonlySet<string>, signal: AbortSignal) => Promise<Result>): Round<Result> {
    const names = new Set<string>();
    const controller = new AbortController();
    const before = this.#running.get(key) ?? Promise.resolve();
    const end = before
      .catch(() => undefined)
      .then(() => {
        this.#next.delete(key);
        return run(names, controller.signal);
      });
    this.#running.set(key, end);
    const round: Round<Result> = { names, controller, waiting: 0, end };
    this.#next.set(key, round);
    return round;
  }
}
