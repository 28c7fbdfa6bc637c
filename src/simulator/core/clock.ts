import { TimerQueue, type Timer } from './timer-queue.ts';

/** ONTAP's form of an instant: seconds and an offset, `2025-05-01T09:30:00+00:00`. */
export const toTimeText = (milliseconds: number): string =>
  `${new Date(milliseconds).toISOString().slice(0, 19)}+00:00`;

/**
 * The simulated clock: the machine's, or one that stands still until it is moved. Timers of a standing clock run when
 * it is moved over them, in order.
 */
export class Clock {
  #frozenAt: number | undefined;
  #order = 0;
  readonly #timers = new TimerQueue();
  readonly #real = new Map<Timer, NodeJS.Timeout>();

  constructor(frozenAt: number | undefined) {
    this.#frozenAt = frozenAt;
  }

  get frozen(): boolean {
    return this.#frozenAt !== undefined;
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return this.#frozenAt ?? Date.now();
  }

  text(): string {
    return toTimeText(this.now());
  }

  /** Runs once when the clock reaches the instant; returns what cancels it. */
  at(milliseconds: number, run: () => void): () => void {
    this.#order += 1;
    const timer: Timer = { at: milliseconds, order: this.#order, run };
    this.#timers.add(timer);
    if (!this.frozen) this.#arm(timer);
    return () => this.#disarm(timer);
  }

  advance(milliseconds: number): void {
    if (this.#frozenAt === undefined) throw new Error('A real clock cannot be advanced; freeze it with set().');
    this.#moveTo(this.#frozenAt + milliseconds);
  }

  /** Milliseconds to the next timer, 0 when it is due; undefined without one. */
  untilNext(): number | undefined {
    const next = this.#timers.next();
    return next && Math.max(0, next.at - this.now());
  }

  /** Stops a real clock where it is; what is due by then is done. A frozen one stays. */
  freeze(): void {
    this.#standAt(this.now());
  }

  set(instant: number): void {
    // Read once: a real clock goes on between two looks.
    const now = this.now();
    if (instant < now) throw new Error('The clock cannot be set back.');
    this.#standAt(now);
    this.#moveTo(instant);
  }

  #standAt(now: number): void {
    if (this.#frozenAt !== undefined) return;
    this.#frozenAt = now;
    for (const handle of this.#real.values()) clearTimeout(handle);
    this.#real.clear();
    this.#moveTo(now);
  }

  /** For a restored state: the clock stands at the instant, or is the machine's. Pending timers are dropped. */
  reset(frozenAt: number | undefined): void {
    this.stop();
    this.#frozenAt = frozenAt;
  }

  stop(): void {
    for (const handle of this.#real.values()) clearTimeout(handle);
    this.#real.clear();
    this.#timers.clear();
  }

  #arm(timer: Timer) {
    const wait = Math.max(0, timer.at - Date.now());
    this.#real.set(
      timer,
      setTimeout(() => this.#fire(timer), Math.min(wait, 2 ** 31 - 1)),
    );
  }

  #disarm(timer: Timer) {
    this.#timers.cancel(timer);
    const handle = this.#real.get(timer);
    if (handle) clearTimeout(handle);
    this.#real.delete(timer);
  }

  #fire(timer: Timer) {
    this.#disarm(timer);
    timer.run();
  }

  #moveTo(instant: number) {
    for (;;) {
      const due = this.#timers.next();
      if (!due || due.at > instant) break;
      this.#frozenAt = Math.max(this.#frozenAt ?? due.at, due.at);
      this.#fire(due);
    }
    this.#frozenAt = instant;
  }
}
