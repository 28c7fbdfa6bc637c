import type { Entry } from './entry.ts';
import { Refusal } from './refusal.ts';
import type { World } from './world.ts';

/** Records of a kind that an alarm goes by: by all of a record, or by one member alone. */
export interface Watch {
  readonly kind: string;
  readonly member?: string;
}

/** What a record does by itself when the simulated clock reaches an instant. */
export interface Alarm {
  /** The instant (milliseconds); undefined: nothing is to come. */
  readonly due: (entry: Entry, world: World) => number | undefined;
  /** Other records on which it depends whether something is to come. */
  readonly watches?: readonly Watch[];
  /** Part of one transaction. It changes the record so that `due` moves on, or `due` is a matter of the clock. */
  readonly ring: (entry: Entry, world: World) => void;
  /** Rings for ever, as a schedule does: on a clock that runs by itself only where the pace says so. */
  readonly recurring?: true;
}

/** Keeps one timer for each record that has something to come. */
export class Agenda {
  readonly #world: World;
  readonly #cancels = new Map<string, () => void>();

  constructor(world: World) {
    this.#world = world;
  }

  /** A record was put, changed or taken away. */
  follow(kind: string, id: string, after: Entry | undefined, alarm: Alarm): void {
    const key = `${kind}/${id}`;
    this.#cancels.get(key)?.();
    this.#cancels.delete(key);
    if (after) this.#arm(key, kind, after, alarm);
  }

  /** A record that an alarm watches has changed: those of its kind that had nothing to come may have now. */
  look(kind: string, alarm: Alarm): void {
    for (const entry of this.#world.store.all(kind)) {
      const key = `${kind}/${entry.$id}`;
      if (!this.#cancels.has(key)) this.#arm(key, kind, entry, alarm);
    }
  }

  #arm(key: string, kind: string, entry: Entry, alarm: Alarm) {
    const due = alarm.due(entry, this.#world);
    if (due === undefined) return;
    this.#cancels.set(
      key,
      this.#world.clock.at(due, () => this.#ring(key, kind, entry, alarm, due)),
    );
  }

  #ring(key: string, kind: string, entry: Entry, alarm: Alarm, due: number) {
    const { clock, store, pace } = this.#world;
    this.#cancels.delete(key);
    // Timers of the machine reach 24 days; a later one comes here on its way.
    const early = clock.now() < due;
    const silent = alarm.recurring === true && !clock.frozen && !pace.schedulesRun;
    if (!early && !silent) {
      try {
        store.transaction(() => alarm.ring(entry, this.#world));
      } catch (cause) {
        if (!(cause instanceof Refusal)) throw cause;
      }
    }
    const current = store.find(kind, entry.$id);
    if (!current || this.#cancels.has(key)) return;
    const next = alarm.due(current, this.#world);
    if (next !== undefined && (early || next > due)) this.#arm(key, kind, current, alarm);
  }
}
