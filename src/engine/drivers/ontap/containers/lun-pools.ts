import { Problem } from '../../../problem.ts';
import { parseSize } from '../../../sizes.ts';
import type { OntapBackend } from '../backend.ts';
import { isAbsent } from '../client/codes.ts';
import { Limiter } from '../client/waiting.ts';
import { baseOf } from '../lun-names.ts';
import { hiddenPoolName, isOfLongerPrefix, shownPoolName } from '../pool-names.ts';
import { LunPool, poolFields, poolSchema } from './lun-pool.ts';
import type { PoolOnOntap } from './lun-pool.ts';
import type { LunOnOntap } from './lun-record.ts';
import { onOwnSvm } from './own-svm.ts';
import type { Luns } from './luns.ts';
import { Rounds } from './rounds.ts';

/** More would make a query longer than a URL should be. */
const pathsInOne = 20;
const pooledFields = 'space.size,create_time,location.volume.uuid';

/** The FlexVols of one prefix that LUNs share, as this process knows them. Listed in two calls, for all operations together. */
export class LunPools {
  readonly prefix: string;
  readonly #backend: OntapBackend;
  readonly #luns: Luns;
  readonly #listing = new Limiter(1);
  readonly #looks = new Rounds<void>();
  readonly #known = new Map<string, LunPool>();
  #listedAt = Number.NEGATIVE_INFINITY;

  constructor(backend: OntapBackend, luns: Luns, prefix: string) {
    this.prefix = prefix;
    this.#backend = backend;
    this.#luns = luns;
  }

  get known(): readonly LunPool[] {
    return [...this.#known.values()];
  }

  /** Those that are for LUNs of this prefix alone. */
  get own(): readonly LunPool[] {
    return this.known.filter(({ name }) => !isOfLongerPrefix(name, this.prefix));
  }

  /** Those whose removal somebody began: it goes on, or was interrupted. */
  get hidden(): readonly LunPool[] {
    return this.own.filter(({ isHidden }) => isHidden);
  }

  /** Query for the paths of LUNs of that name, or pattern, in whichever FlexVol of ours. */
  pathsOf(name: string): string {
    return [this.prefix, hiddenPoolName(this.prefix)].map((prefix) => `/vol/${prefix}*/${name}`).join('|');
  }

  get lunsPerFlexVol(): number {
    return Number(this.#backend.settings.pooling.lunsPerFlexvol);
  }

  /** When the last listing of everything was begun, in milliseconds. */
  get listedAt(): number {
    return this.#listedAt;
  }

  /** FlexVols and LUNs anew. Who comes while that goes on, shares what it finds out. */
  async refresh(signal: AbortSignal): Promise<void> {
    const asked = this.#now();
    await this.#listing.run(async () => {
      if (this.#listedAt >= asked) return;
      const begun = this.#now();
      const [volumes, luns] = await Promise.all([this.#listVolumes(signal), this.#listLuns(signal)]);
      this.#learnVolumes(volumes);
      this.#learnLuns(luns, begun);
      this.#listedAt = begun;
    }, signal);
  }

  /** The LUNs of one FlexVol anew. Who comes while that goes on, shares what the next look finds out. */
  look(pool: LunPool, signal: AbortSignal): Promise<void> {
    return this.#looks.join(pool.uuid, undefined, (_, inner) => this.#lookInto(pool, inner), signal);
  }

  /**
   * The LUNs of one FlexVol anew in which LUNs of these names were just made, and in which others there are LUNs of these
   * names; in one call, whose answer grows with the LUNs of the one FlexVol.
   */
  async lookFor(pool: LunPool, names: readonly string[], signal: AbortSignal): Promise<void> {
    const begun = this.#now();
    // A path is good here: the FlexVol had its name a moment ago.
    const paths = [`/vol/${pool.name}/*`, ...names.map((name) => this.pathsOf(name))];
    const parts = Array.from({ length: Math.ceil(paths.length / pathsInOne) }, (_, index) =>
      paths.slice(index * pathsInOne, (index + 1) * pathsInOne).join('|'),
    );
    const found = parts.map((name) => this.#luns.list({ name }, pooledFields, 'listing the LUNs', signal));
    const luns = (await Promise.all(found)).flat();
    pool.learn(insideOf(pool, luns), begun, this.#patienceMs);
    // Others may have made FlexVols since these were listed.
    const around = new Set(luns.flatMap((lun) => lun.location?.volume?.uuid ?? []));
    for (const uuid of around) await this.find(uuid, signal);
    for (const other of this.known) {
      if (other === pool) continue;
      const seen = new Map(insideOf(other, luns).map((lun) => [lun.name, lun]));
      for (const name of names) other.see(name, seen.get(name));
    }
  }

  /** One by UUID, read from the array when it is not known yet. Undefined when it is not there, or is on another SVM. */
  async find(uuid: string, signal: AbortSignal): Promise<LunPool | undefined> {
    const known = this.#known.get(uuid);
    // One that is being removed may have its name back by now.
    if (known?.isHidden === false) return known;
    const path = `/storage/volumes/${uuid}`;
    const answer = await this.#backend.client.read(path, { fields: `name,svm.uuid,${poolFields}` }, poolSchema, signal);
    if (answer.kind === 'refused' && isAbsent(answer.refusal)) return undefined;
    const found = onOwnSvm(this.#backend, this.#backend.must(answer, 'reading a shared FlexVol'));
    if (found === undefined) return undefined;
    const pool = this.#learn(found);
    const begun = this.#now();
    const inside = await this.#luns.listIn(pool.name, 'space.size,create_time', signal);
    pool.learn(inside.map(pooled), begun, this.#patienceMs);
    return pool;
  }

  forget(uuid: string): void {
    this.#known.delete(uuid);
  }

  /** Whether `limitVolumePoolSize` allows a FlexVol to hold so many bytes more. */
  isWithinLimit(pool: LunPool, more: number): boolean {
    return pool.sizeWith(more) <= this.#limit;
  }

  /** @throws Problem `pool.too-large` when it does not */
  checkPoolLimit(pool: LunPool, more: number): void {
    if (this.isWithinLimit(pool, more)) return;
    throw new Problem(
      'pool.too-large',
      'limit',
      `FlexVol ${pool.name} would have ${pool.sizeWith(more)} bytes, and limitVolumePoolSize allows ${this.#limit}`,
      { nothingDone: true },
    );
  }

  get #patienceMs(): number {
    return this.#backend.client.options.settings.settleTimeoutMs;
  }

  get #limit(): number {
    const { limitVolumePoolSize } = this.#backend.settings.pooling;
    return limitVolumePoolSize === '' ? Number.POSITIVE_INFINITY : parseSize(limitVolumePoolSize);
  }

  async #lookInto(pool: LunPool, signal: AbortSignal): Promise<void> {
    const begun = this.#now();
    const query = { 'location.volume.uuid': pool.uuid };
    const luns = await this.#luns.list(query, pooledFields, `listing the LUNs in FlexVol ${pool.name}`, signal);
    pool.learn(insideOf(pool, luns), begun, this.#patienceMs);
  }

  async #listVolumes(signal: AbortSignal): Promise<readonly PoolOnOntap[]> {
    const query = {
      name: [this.prefix, hiddenPoolName(this.prefix)].map((prefix) => `${prefix}*`).join('|'),
      'svm.uuid': this.#backend.facts.svm.uuid,
      style: 'flexvol',
      state: 'online',
      fields: poolFields,
    };
    const answer = await this.#backend.client.list('/storage/volumes', query, poolSchema, signal);
    const found = this.#backend.must(answer, 'listing the shared FlexVols');
    return found.filter(({ name }) => shownPoolName(name).startsWith(this.prefix));
  }

  #learnVolumes(volumes: readonly PoolOnOntap[]): void {
    const gone = new Set(this.#known.keys());
    for (const found of volumes) {
      gone.delete(found.uuid);
      this.#learn(found);
    }
    // One that was made meanwhile is not on the list; reserved places show it.
    for (const uuid of gone) if (this.#known.get(uuid)?.reserved.size === 0) this.#known.delete(uuid);
  }

  #learn(found: PoolOnOntap): LunPool {
    const pool = this.#known.get(found.uuid) ?? new LunPool(found);
    pool.found = found;
    pool.size = found.size;
    this.#known.set(found.uuid, pool);
    return pool;
  }

  #listLuns(signal: AbortSignal): Promise<readonly LunOnOntap[]> {
    return this.#luns.list({ name: this.pathsOf('*') }, pooledFields, 'listing the LUNs', signal);
  }

  #learnLuns(luns: readonly LunOnOntap[], begun: number): void {
    const byFlexVol = Map.groupBy(luns, (lun) => lun.location?.volume?.uuid);
    for (const pool of this.known) pool.learn((byFlexVol.get(pool.uuid) ?? []).map(pooled), begun, this.#patienceMs);
  }

  #now(): number {
    return this.#backend.environment.now().getTime();
  }
}

const insideOf = (pool: LunPool, luns: readonly LunOnOntap[]) =>
  luns.filter((lun) => lun.location?.volume?.uuid === pool.uuid).map(pooled);

const pooled = (lun: LunOnOntap) => ({
  uuid: lun.uuid,
  name: baseOf(lun.name),
  bytes: lun.space?.size ?? 0,
  created: lun.create_time ?? '',
});
