import * as v from 'valibot';
import type { VolumePlan } from '../../objects.ts';
import { looksLikeSnapshot } from '../lun-names.ts';
import { isHiddenPool } from '../pool-names.ts';
import { Gathering } from './gathering.ts';
import { svmSchema } from './own-svm.ts';
import { poolBytes, poolEntries, poolFieldNames, suitsPlan } from './pool-record.ts';

export const poolFields = `${poolFieldNames},autosize.mode,create_time`;

export const poolSchema = v.object({
  ...poolEntries,
  svm: svmSchema,
  create_time: v.optional(v.string()),
  autosize: v.optional(v.object({ mode: v.optional(v.string()) })),
});
export type PoolOnOntap = v.InferOutput<typeof poolSchema>;

/** A LUN in a shared FlexVol; snapshots of LUNs are LUNs too. */
export interface PooledLun {
  readonly uuid: string;
  /** Last part of its path. */
  readonly name: string;
  readonly bytes: number;
  /** As the array tells it. */
  readonly created: string;
}

/**
 * What this process knows of a FlexVol that LUNs share: what it read last, what it made since, and what it is about to
 * make. Other processes change it too, so that this is where to begin and never the last word.
 */
export class LunPool {
  found: PoolOnOntap;
  /** Bytes it has, as far as we know. */
  size: number;
  luns: ReadonlyMap<string, PooledLun> = new Map();
  /** Bytes of LUNs that this process is about to make, by name. */
  readonly reserved = new Map<string, number>();
  /** What this process has just made or changed, and is about to fit the FlexVol to. */
  readonly due = new Set<string>();
  /** LUNs that this process is making or removing, after each of which the FlexVol is fitted. */
  readonly gathering = new Gathering();
  /** When this process made a LUN that no listing has shown yet, in milliseconds. */
  readonly #made = new Map<string, number>();

  constructor(found: PoolOnOntap) {
    this.found = found;
    this.size = found.size;
  }

  get uuid(): string {
    return this.found.uuid;
  }

  get name(): string {
    return this.found.name;
  }

  /** Somebody is removing it, or died over that. */
  get isHidden(): boolean {
    return isHiddenPool(this.name);
  }

  /** Volumes there are or will be, without snapshots. */
  get count(): number {
    return [...new Set([...this.luns.keys(), ...this.reserved.keys()])].filter((name) => !looksLikeSnapshot(name))
      .length;
  }

  get isEmpty(): boolean {
    return this.luns.size === 0 && this.reserved.size === 0;
  }

  has(name: string): boolean {
    return this.luns.has(name) || this.reserved.has(name);
  }

  /** Bytes it needs for what there is and will be, and for `more`. */
  sizeWith(more: number): number {
    let bytes = more;
    for (const [name, reserved] of this.reserved) if (!this.luns.has(name)) bytes += reserved;
    return this.#sizeFor(bytes);
  }

  /**
   * Bytes it needs for what there is, less what this process has just made and fits by itself, unless it is among `names`.
   */
  neededFor(names: ReadonlySet<string>): number {
    let later = 0;
    for (const name of this.due) if (!names.has(name)) later += this.luns.get(name)?.bytes ?? 0;
    return this.#sizeFor(-later);
  }

  /** ontap-drivers.md 6.4, 12 */
  #sizeFor(more: number): number {
    let bytes = more;
    for (const lun of this.luns.values()) bytes += lun.bytes;
    const fitting = poolBytes(this.found, bytes);
    // An array that makes the FlexVol larger by itself, and not smaller, is not worked against.
    return this.found.autosize?.mode === 'grow' ? Math.max(fitting, this.size) : fitting;
  }

  /**
   * A listing of its LUNs that was begun at `begun`, in milliseconds. What was made a moment ago may not be on it yet.
   * @param patienceMs for how long something the array made may stay invisible
   */
  learn(luns: readonly PooledLun[], begun: number, patienceMs: number): void {
    const known = new Map(luns.map((lun) => [lun.name, lun]));
    for (const [name, at] of this.#made) {
      const lun = this.luns.get(name);
      if (known.has(name) || lun === undefined || begun - at >= patienceMs) this.#made.delete(name);
      else known.set(name, lun);
    }
    this.luns = known;
  }

  /** Whether a LUN of that name is in it, as a look has just shown. */
  see(name: string, lun: PooledLun | undefined): void {
    if (lun !== undefined) this.luns = new Map([...this.luns, [name, lun]]);
    else if (this.luns.has(name) && !this.#made.has(name)) this.drop(name);
  }

  /** A LUN was made or changed; a fit must follow. */
  add(lun: PooledLun, at: Date): void {
    this.due.add(lun.name);
    this.luns = new Map([...this.luns, [lun.name, lun]]);
    this.#made.set(lun.name, at.getTime());
  }

  drop(name: string): void {
    this.luns = new Map([...this.luns].filter(([other]) => other !== name));
    this.#made.delete(name);
    this.due.delete(name);
  }

  /** True when it has the properties that the plan asks of the FlexVol around a LUN (ontap-drivers.md 9.4, 12). */
  suits(plan: VolumePlan): boolean {
    return suitsPlan(this.found, plan);
  }
}
