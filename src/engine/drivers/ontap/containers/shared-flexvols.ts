import { Problem } from '../../../problem.ts';
import { parseSize } from '../../../sizes.ts';
import type { VolumePlan } from '../../objects.ts';
import type { OntapBackend } from '../backend.ts';
import { isAbsent } from '../client/codes.ts';
import { Limiter } from '../client/waiting.ts';
import { isOfLongerPrefix } from '../pool-names.ts';
import { isDeletedName } from '../qtree-names.ts';
import type { QtreeOnOntap, Qtrees } from './qtrees.ts';
import type { QtreeQuota, QuotaRules } from './quota-rules.ts';
import type { SharedOnOntap } from './shared-flexvol.ts';
import { SharedFlexVol, sharedFields, sharedSchema } from './shared-flexvol.ts';

/** How long what was listed counts as what is there, when it is asked whether a name is free. */
const freshMs = 10_000;
/** Looks for single names in so much time, after which all is listed anew. */
const looksAtMost = 8;
/** After that it is listed anew before a FlexVol is chosen. */
const staleMs = 300_000;

/** The shared FlexVols of one prefix, as this process knows them. Listed in three calls, for all operations together. */
export class SharedFlexVols {
  readonly #backend: OntapBackend;
  readonly #qtrees: Qtrees;
  readonly #quotas: QuotaRules;
  readonly #listing = new Limiter(1);
  readonly #known = new Map<string, SharedFlexVol>();
  #listedAt = Number.NEGATIVE_INFINITY;
  #looks = { since: Number.NEGATIVE_INFINITY, count: 0 };
  #leftOver: readonly QtreeOnOntap[] = [];

  constructor(backend: OntapBackend, qtrees: Qtrees, quotas: QuotaRules) {
    this.#backend = backend;
    this.#qtrees = qtrees;
    this.#quotas = quotas;
  }

  get known(): readonly SharedFlexVol[] {
    return [...this.#known.values()];
  }

  /** Qtrees that waited for their deletion when we listed last, so that somebody has to delete them. */
  takeLeftOver(): readonly QtreeOnOntap[] {
    const taken = this.#leftOver;
    this.#leftOver = [];
    return taken;
  }

  /** Those that may take more, by what was listed lately; listed now if that is long ago. */
  async current(signal: AbortSignal): Promise<readonly SharedFlexVol[]> {
    if (this.#age() > staleMs) await this.refresh(signal);
    return this.known;
  }

  /** What is known of them is not to be relied on any more. */
  expire(): void {
    this.#listedAt = Number.NEGATIVE_INFINITY;
  }

  /** Lists them anew. Who comes while that goes on, shares what it finds out. */
  async refresh(signal: AbortSignal): Promise<void> {
    const asked = this.#now();
    await this.#listing.run(async () => {
      if (this.#listedAt < asked) await this.#list(signal);
    }, signal);
  }

  /** True when a listing says that no qtree in any of them has the name; without one, they may be listed for it. */
  async isFree(name: string, signal: AbortSignal): Promise<boolean> {
    const isNever = this.#listedAt === Number.NEGATIVE_INFINITY;
    if (isNever || (this.#age() > freshMs && this.#isAskedOften())) await this.refresh(signal);
    return this.wasFree(name);
  }

  /** True when a listing of a moment ago says that no qtree in any of them has the name. */
  wasFree(name: string): boolean {
    return this.#age() <= freshMs && !this.known.some((flexVol) => flexVol.has(name));
  }

  /** Counts who has to look for a name by itself: to list all anew costs less than many of them. */
  #isAskedOften(): boolean {
    const now = this.#now();
    if (now - this.#looks.since > freshMs) this.#looks = { since: now, count: 0 };
    this.#looks.count++;
    return this.#looks.count > looksAtMost;
  }

  /** One of them by UUID, read from the array when it is not known yet. Undefined when it is not there. */
  async find(uuid: string, signal: AbortSignal): Promise<SharedFlexVol | undefined> {
    const known = this.#known.get(uuid);
    if (known !== undefined) return known;
    const begun = this.#now();
    const answer = await this.#backend.client.read(
      `/storage/volumes/${uuid}`,
      { fields: `name,${sharedFields}` },
      sharedSchema,
      signal,
    );
    if (answer.kind === 'refused' && isAbsent(answer.refusal)) return undefined;
    const found = this.#backend.must(answer, 'reading a shared FlexVol');
    const quotas = await this.#quotas.list({ uuid }, signal);
    return this.#learn(found, [], quotas, begun);
  }

  /** Looks which qtrees are in a FlexVol now. */
  async lookInto(flexVol: SharedFlexVol, signal: AbortSignal): Promise<void> {
    const begun = this.#now();
    const found = await this.#qtrees.listIn(flexVol, signal);
    flexVol.learnQtrees(
      found.map(({ name }) => name),
      begun,
    );
  }

  /** The FlexVol is not there any more. */
  forget(uuid: string): void {
    this.#known.delete(uuid);
  }

  /** @throws Problem `pool.ineligible` when the FlexVol would be larger than `limitVolumePoolSize` allows */
  checkPoolLimit(flexVol: SharedFlexVol, bytes: number): void {
    const limit = this.#limit;
    const wanted = flexVol.sizeWith(bytes);
    if (wanted <= limit) return;
    throw new Problem(
      'pool.ineligible',
      'limit',
      `FlexVol ${flexVol.name} would have ${wanted} bytes, and limitVolumePoolSize allows ${limit}`,
      { nothingDone: true },
    );
  }

  /** Whether a qtree of that size can go into the FlexVol, by count and size. */
  hasRoom(flexVol: SharedFlexVol, bytes: number): boolean {
    return flexVol.count < this.qtreesPerFlexVol && flexVol.sizeWith(bytes) <= this.#limit;
  }

  /** Bytes it needs, and some more as far as it may be so large. */
  sizeWithSpare(flexVol: SharedFlexVol, spare: number): number {
    const needed = flexVol.sizeWith(0);
    return Math.max(needed, Math.min(needed + spare, this.#limit));
  }

  get qtreesPerFlexVol(): number {
    return Number(this.#backend.settings.pooling.qtreesPerFlexvol);
  }

  /** @throws Problem `volume.too-large` for a qtree that fits in no shared FlexVol */
  checkAlone({ config }: Pick<VolumePlan, 'config'>): void {
    if (config.size <= this.#limit) return;
    throw new Problem(
      'volume.too-large',
      'limit',
      `requested size: ${config.size} > the size limit: ${this.#limit} of a shared FlexVol (limitVolumePoolSize)`,
      { nothingDone: true },
    );
  }

  get #limit(): number {
    const { limitVolumePoolSize } = this.#backend.settings.pooling;
    return limitVolumePoolSize === '' ? Number.POSITIVE_INFINITY : parseSize(limitVolumePoolSize);
  }

  #now(): number {
    return this.#backend.environment.now().getTime();
  }

  #age(): number {
    return this.#now() - this.#listedAt;
  }

  async #list(signal: AbortSignal): Promise<void> {
    const begun = this.#now();
    const { poolPrefix } = this.#qtrees;
    const [volumes, qtrees, quotas] = await Promise.all([
      this.#volumes(signal),
      this.#qtrees.listInPools(signal),
      this.#quotas.list({ poolPrefix }, signal),
    ]);
    const gone = new Set(this.#known.keys());
    for (const found of volumes) {
      gone.delete(found.uuid);
      const names = qtrees.filter(({ volume }) => volume.uuid === found.uuid).map(({ name }) => name);
      const limits = quotas.filter(({ volume }) => volume === found.uuid);
      this.#learn(found, names, limits, begun);
    }
    // One that was made meanwhile is not on the list; reserved places show it.
    for (const uuid of gone) if (this.#known.get(uuid)?.reserved.size === 0) this.#known.delete(uuid);
    this.#leftOver = qtrees.filter(
      ({ name, volume }) => isDeletedName(name) && !isOfLongerPrefix(volume.name, poolPrefix),
    );
    this.#listedAt = begun;
  }

  async #volumes(signal: AbortSignal): Promise<readonly SharedOnOntap[]> {
    const { poolPrefix } = this.#qtrees;
    const query = {
      name: `${poolPrefix}*`,
      'svm.uuid': this.#backend.facts.svm.uuid,
      style: 'flexvol',
      state: 'online',
      fields: sharedFields,
    };
    const answer = await this.#backend.client.list('/storage/volumes', query, sharedSchema, signal);
    const found = this.#backend.must(answer, 'listing the shared FlexVols');
    return found.filter(({ name }) => name.startsWith(poolPrefix));
  }

  #learn(found: SharedOnOntap, names: readonly string[], quotas: readonly QtreeQuota[], begun: number): SharedFlexVol {
    const flexVol = this.#known.get(found.uuid) ?? new SharedFlexVol(found);
    this.#known.set(found.uuid, flexVol);
    flexVol.learn(found, names, quotas, begun);
    return flexVol;
  }

  /** A FlexVol that was just made. */
  add(found: SharedOnOntap): SharedFlexVol {
    return this.#learn(found, [], [], this.#now());
  }
}
