import * as v from 'valibot';
import type { VolumePlan } from '../../objects.ts';
import { Limiter } from '../client/waiting.ts';
import { parseFlag } from '../config/rules.ts';
import { isSame, poolBytes, poolEntries, poolFieldNames, suitsPlan } from './pool-record.ts';
import type { QtreeQuota } from './quota-rules.ts';

export const sharedFields = `${poolFieldNames},snapshot_directory_access_enabled,nas.path,nas.export_policy.name,quota.state`;

export const sharedSchema = v.object({
  ...poolEntries,
  snapshot_directory_access_enabled: v.optional(v.boolean()),
  nas: v.optional(
    v.object({
      path: v.optional(v.string(), ''),
      export_policy: v.optional(v.object({ name: v.optional(v.string(), '') })),
    }),
  ),
  quota: v.optional(v.object({ state: v.optional(v.string()) })),
});
export type SharedOnOntap = v.InferOutput<typeof sharedSchema>;

/**
 * What this process knows of one shared FlexVol: what it read last, what it made since, and what it is about to make.
 * Other processes change the FlexVol too, so that this is where to begin and never the last word.
 */
export class SharedFlexVol {
  /** As last read. */
  found: SharedOnOntap;
  /** Bytes it has, as far as we know. */
  size: number;
  /** Qtrees by name, those under a deleted name included. */
  qtrees: ReadonlySet<string> = new Set();
  quotas: ReadonlyMap<string, QtreeQuota> = new Map();
  /** Bytes of qtrees that this process is about to make, by name. */
  readonly reserved = new Map<string, number>();
  /** When this process made a qtree, in milliseconds; a listing begun before does not know it. */
  readonly #made = new Map<string, number>();
  /** Its size is set by one at a time, so that what comes later knows more. */
  readonly sizing = new Limiter(1);
  #looks = 0;
  #told = 0;

  constructor(found: SharedOnOntap) {
    this.found = found;
    this.size = found.size;
  }

  get uuid(): string {
    return this.found.uuid;
  }

  get name(): string {
    return this.found.name;
  }

  /** Junction path; empty: not mounted. */
  get path(): string {
    return this.found.nas?.path ?? '';
  }

  get exportPolicy(): string {
    return this.found.nas?.export_policy?.name ?? '';
  }

  get aggregates(): readonly string[] {
    return this.found.aggregates.map(({ name }) => name);
  }

  /** True when snapshots may take space, so that how much has to be asked. */
  get mayHoldSnapshots(): boolean {
    const policy = this.found.snapshot_policy?.name ?? 'none';
    return policy !== 'none' || this.found.snapshot_directory_access_enabled !== false;
  }

  has(name: string): boolean {
    return this.qtrees.has(name) || this.quotas.has(name) || this.reserved.has(name);
  }

  /** Qtrees there are or will be. */
  get count(): number {
    return new Set([...this.qtrees, ...this.quotas.keys(), ...this.reserved.keys()]).size;
  }

  /** Bytes it needs for what there is and will be, and for `more`. */
  sizeWith(more: number): number {
    return this.#sizeFor(more, () => false);
  }

  /** Bytes it needs for all qtrees but some. */
  sizeWithout(isLeftOut: (name: string) => boolean): number {
    return this.#sizeFor(0, isLeftOut);
  }

  #sizeFor(more: number, isLeftOut: (name: string) => boolean): number {
    let bytes = more;
    for (const [name, quota] of this.quotas) if (!isLeftOut(name)) bytes += quota.bytes;
    for (const [name, reserved] of this.reserved) if (!this.quotas.has(name) && !isLeftOut(name)) bytes += reserved;
    return poolBytes(this.found, bytes);
  }

  /** A listing that was begun at `begun`, in milliseconds. */
  learn(found: SharedOnOntap, qtrees: readonly string[], quotas: readonly QtreeQuota[], begun: number): void {
    const known = new Map(quotas.map((quota) => [quota.qtree, quota]));
    for (const name of this.#madeSince(begun)) {
      const quota = this.quotas.get(name);
      if (quota !== undefined && !known.has(name)) known.set(name, quota);
    }
    this.found = found;
    this.size = found.size;
    this.learnQtrees(qtrees, begun);
    this.quotas = known;
  }

  /** Its qtrees as listed from `begun` on; the quotas of those that are gone went with them. */
  learnQtrees(names: readonly string[], begun: number): void {
    this.qtrees = new Set([...names, ...this.#madeSince(begun)]);
    this.quotas = new Map([...this.quotas].filter(([name]) => this.qtrees.has(name)));
  }

  /** Tells one look at the quotas from later ones. */
  beginLook(): number {
    return ++this.#looks;
  }

  /**
   * Its quotas as just read, unless a later look has been told already. Those of `own`, which have just been made, are
   * there whether they show or not.
   */
  learnQuotas(quotas: readonly QtreeQuota[], own: ReadonlySet<string>, look: number): void {
    if (look < this.#told) return;
    this.#told = look;
    const known = new Map(quotas.map((quota) => [quota.qtree, quota]));
    for (const name of own) {
      const quota = this.quotas.get(name);
      if (quota !== undefined && !known.has(name)) known.set(name, quota);
    }
    this.quotas = known;
  }

  setQuota(quota: QtreeQuota): void {
    this.quotas = new Map([...this.quotas, [quota.qtree, quota]]);
  }

  /** A qtree was made. */
  add(name: string, at: Date): void {
    this.qtrees = new Set([...this.qtrees, name]);
    this.#made.set(name, at.getTime());
  }

  /** A qtree is gone, or has another name. */
  drop(name: string): void {
    this.qtrees = new Set([...this.qtrees].filter((other) => other !== name));
    this.quotas = new Map([...this.quotas].filter(([other]) => other !== name));
    this.#made.delete(name);
  }

  #madeSince(begun: number): readonly string[] {
    return [...this.#made].filter(([, at]) => at >= begun).map(([name]) => name);
  }

  /** True when it has the properties that the plan asks of the FlexVol around a qtree (ontap-drivers.md 9.4). */
  suits(plan: VolumePlan): boolean {
    const { found } = this;
    return (
      suitsPlan(found, plan) &&
      isSame(found.snapshot_directory_access_enabled, parseFlag(plan.config.snapshotDirectory) === true) &&
      found.quota?.state !== 'corrupt'
    );
  }
}
