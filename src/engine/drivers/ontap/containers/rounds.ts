type Run<Result> = (names: ReadonlySet<string>, signal: AbortSignal, letFollow: () => void) => Promise<Result>;

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
  readonly #running = new Map<string, Promise<void>>();
  readonly #next = new Map<string, Round<Result>>();

  /**
   * @param key rounds of one key follow each other
   * @param name who asks; the round is told all of them
   * @param run may let the next round begin before its own end
   */
  async join(key: string, name: string | undefined, run: Run<Result>, signal: AbortSignal): Promise<Result> {
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

  #begin(key: string, run: Run<Result>): Round<Result> {
    const names = new Set<string>();
    const controller = new AbortController();
    const before = this.#running.get(key) ?? Promise.resolve();
    const { promise: mayFollow, resolve: letFollow } = Promise.withResolvers<void>();
    const end = before
      .then(() => {
        this.#next.delete(key);
        return run(names, controller.signal, letFollow);
      })
      .finally(letFollow);
    this.#running.set(key, mayFollow);
    const round: Round<Result> = { names, controller, waiting: 0, end };
    this.#next.set(key, round);
    return round;
  }
}
