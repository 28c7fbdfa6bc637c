import { longestTimer } from './sleep.ts';
import { TimerQueue, type Timer } from './timer-queue.ts';

/** The last second that was written out: most are asked for many times in a row. */
let written = { second: Number.NaN, text: '' };

/** ONTAP's form of an instant: seconds and an offset, `2025-05-01T09:30:00+00:00`. */
export const toTimeText = (milliseconds: number): string => {
  const second = Math.floor(milliseconds / 1000);
  if (written.second !== second)
    written = { second, text: `${new Date(second * 1000).toISOString().slice(0, 19)}+00:00` };
  return written.text;
};

/** What a clock shows and how it goes on, as it is kept. Neither: it is the machine's. */
export interface ClockState {
  /** It stands still at this instant (milliseconds). */
  readonly frozenAt?: number | undefined;
  /** It goes on from `now`, so many times as fast as the machine's. */
  readonly running?: { readonly now: number; readonly speed: number } | undefined;
}

/** A running clock showed `simulated` when the machine's showed `real`. */
interface Run {
  readonly real: number;
  readonly simulated: number;
  readonly speed: number;
}

const MACHINE: Run = { real: 0, simulated: 0, speed: 1 };

/**
 * The simulated clock: the machine's, one that is ahead of it or faster, or one that stands still until it is moved.
 * Timers of a standing clock run when it is moved over them, in order.
 */
export class Clock {
  #frozenAt: number | undefined;
  #run = MACHINE;
  /** What a fast clock shows to a timer that it runs: the instant that it was set for, not the next look's. */
  #shown: number | undefined;
  #order = 0;
  readonly #timers = new TimerQueue();
  readonly #real = new Map<Timer, NodeJS.Timeout>();

  constructor({ frozenAt, running }: ClockState) {
    this.#frozenAt = frozenAt;
    if (running) this.#run = { real: Date.now(), simulated: running.now, speed: running.speed };
  }

  /** How it would be started again. */
  state(): ClockState {
    if (this.#frozenAt !== undefined) return { frozenAt: this.#frozenAt };
    return this.#run === MACHINE ? {} : { running: { now: this.now(), speed: this.#run.speed } };
  }

  get frozen(): boolean {
    return this.#frozenAt !== undefined;
  }

  /** How many times as fast as the machine's it runs, when it runs. */
  get speed(): number {
    return this.#run.speed;
  }

  /** Milliseconds since the epoch. */
  now(): number {
    const { real, simulated, speed } = this.#run;
    return this.#frozenAt ?? this.#shown ?? Math.floor(simulated + (Date.now() - real) * speed);
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

  /** Moves it forward; one that runs goes on from there. */
  advance(milliseconds: number): void {
    const running = !this.frozen;
    const now = this.now();
    this.#standAt(now);
    this.#moveTo(now + milliseconds);
    if (running) this.run(this.#run.speed);
  }

  /** Lets it run from where it is, so many times as fast as the machine's. */
  run(speed: number): void {
    this.#run = { real: Date.now(), simulated: this.now(), speed };
    this.#frozenAt = undefined;
    this.#forgetReal();
    for (const timer of this.#timers.all()) this.#arm(timer);
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
    this.#forgetReal();
    this.#moveTo(now);
  }

  /** Drops what is to come. */
  stop(): void {
    this.#forgetReal();
    this.#timers.clear();
  }

  #forgetReal() {
    for (const handle of this.#real.values()) clearTimeout(handle);
    this.#real.clear();
  }

  #arm(timer: Timer) {
    const wait = Math.max(0, (timer.at - this.now()) / this.#run.speed);
    this.#real.set(
      timer,
      setTimeout(() => this.#fire(timer), Math.min(wait, longestTimer)),
    );
  }

  #disarm(timer: Timer) {
    this.#timers.cancel(timer);
    const handle = this.#real.get(timer);
    if (handle) clearTimeout(handle);
    this.#real.delete(timer);
  }

  #fire(timer: Timer) {
    // The machine's timers go by another clock and may be a little early; none waits longer than 25 days.
    if (!this.frozen && this.now() < timer.at) return this.#arm(timer);
    this.#disarm(timer);
    if (!this.frozen && this.speed > 1) this.#shown = timer.at;
    try {
      timer.run();
    } finally {
      this.#shown = undefined;
    }
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
