import type { DriverEnvironment, DriverNotes } from '../../driver.ts';
import { notesOfProcess } from '../../process-notes.ts';

const hourMs = 3_600_000;

/**
 * When clones that keep a snapshot from being deleted are split off (ontap-drivers.md 7.7). The first refused deletion of a
 * snapshot starts a clock; one that is refused after `cloneSplitDelay` starts the split of one clone, and the next split can
 * start an hour and the delay later. The clocks are kept with the backend's records, so that they run on when the process
 * ends: a command that is repeated the next day splits.
 */
export class SplitTimers {
  readonly #delayMs: number;
  readonly #now: () => Date;
  readonly #notes: DriverNotes;

  constructor(
    { cloneSplitDelaySeconds }: { readonly cloneSplitDelaySeconds: number },
    { now, notes }: Pick<DriverEnvironment, 'now' | 'notes'>,
  ) {
    this.#delayMs = cloneSplitDelaySeconds * 1000;
    this.#now = now;
    this.#notes = notes ?? notesOfProcess();
  }

  /**
   * A deletion was refused. Calls `split` when it is time; true when a split was started.
   * @param key `<volume uuid>/<snapshot uuid>`
   */
  async busy(key: string, split: () => Promise<boolean>): Promise<boolean> {
    const now = this.#now().getTime();
    const since = await this.#since(key);
    if (since === undefined || now - since < this.#delayMs) {
      if (since === undefined) await this.#begin(key, now);
      return false;
    }
    // Set first, so that a second refusal meanwhile starts no second split.
    await this.#begin(key, now + hourMs);
    if (await split()) return true;
    await this.#begin(key, now);
    return false;
  }

  /** The snapshot is gone. */
  forget(key: string): Promise<void> {
    return this.#notes.remove(noteOf(key));
  }

  /** Undefined for a clock that never ran, or whose note nobody can read as a time. */
  async #since(key: string): Promise<number | undefined> {
    const since = Date.parse((await this.#notes.get(noteOf(key))) ?? '');
    return Number.isNaN(since) ? undefined : since;
  }

  #begin(key: string, since: number): Promise<void> {
    return this.#notes.put(noteOf(key), new Date(since).toISOString());
  }
}

const noteOf = (key: string): string => `clone-split/${key}`;
