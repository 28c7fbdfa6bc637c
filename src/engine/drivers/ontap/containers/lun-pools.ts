import { Problem, messageOf } from '../../../problem.ts';
import { parseSize } from '../../../sizes.ts';
import type { VolumePlan } from '../../driver.ts';
import type { OntapBackend } from '../backend.ts';
import { isAbsent } from '../client/codes.ts';
import { Limiter } from '../client/waiting.ts';
import { parseFlag } from '../config/rules.ts';
import { ExclusiveSession } from '../exclusive-session.ts';
import type { Member } from '../exclusive-session.ts';
import { baseOf } from '../lun-names.ts';
import { parsePlanDetails } from '../plan.ts';
import { hiddenPoolName, newPoolName, shownPoolName } from '../pool-names.ts';
import { aggregatesOverLimit } from './aggregate-usage.ts';
import { FlexVolCreation } from './flexvol-create.ts';
import { LunPool, poolFields, poolSchema } from './lun-pool.ts';
import type { PoolOnOntap } from './lun-pool.ts';
import type { LunOnOntap } from './lun-record.ts';
import type { Luns } from './luns.ts';
import { Rounds } from './rounds.ts';
import { VolumeRemover } from './volume-removal.ts';
import { Volumes, volumeRef } from './volumes.ts';

/** Size of a new shared FlexVol; it follows its LUNs as soon as it has one. */
const firstBytes = 2 ** 30;
/** After that, what was listed is listed anew before a FlexVol is chosen. */
const staleMs = 300_000;
/** More would make a query longer than a URL should be. */
const pathsInOne = 20;
const pooledFields = 'space.size,create_time,location.volume.uuid';

/** A place for one LUN. While it is held, nobody else in this process gets it. */
export interface LunPlace extends Disposable {
  readonly pool: LunPool;
  /** The FlexVol was made for this LUN: what is refused there is refused everywhere. */
  readonly isNew: boolean;
}

/** FlexVols that a create has tried in vain, and why. */
export type Tried = Map<string, string>;

/** The FlexVols of one prefix that LUNs share, as this process knows them. Listed in two calls, for all operations together. */
export class LunPools {
  readonly prefix: string;
  readonly #backend: OntapBackend;
  readonly #luns: Luns;
  readonly #creation: FlexVolCreation;
  readonly #listing = new Limiter(1);
  readonly #making = new Limiter(1);
  readonly #looking = new Limiter(1);
  readonly #looks = new Rounds<void>();
  readonly #session: ExclusiveSession;
  readonly #known = new Map<string, LunPool>();
  #listedAt = Number.NEGATIVE_INFINITY;
  /** Session in which the FlexVols were looked at last. */
  #lookedIn = 0;

  constructor(backend: OntapBackend, luns: Luns, prefix: string) {
    this.prefix = prefix;
    this.#backend = backend;
    this.#luns = luns;
    this.#session = new ExclusiveSession(backend, `${backend.facts.svm.uuid}/${prefix}`);
    const volumes = new Volumes(backend, 'flexvol');
    this.#creation = new FlexVolCreation(backend, volumes, new VolumeRemover(backend, volumes));
  }

  get known(): readonly LunPool[] {
    return [...this.#known.values()];
  }

  /** Those whose removal somebody began: it goes on, or was interrupted. */
  get hidden(): readonly LunPool[] {
    return this.known.filter(({ isHidden }) => isHidden);
  }

  /** Query for the paths of LUNs of that name, or pattern, in whichever FlexVol of ours. */
  pathsOf(name: string): string {
    return [this.prefix, hiddenPoolName(this.prefix)].map((prefix) => `/vol/${prefix}*/${name}`).join('|');
  }

  get lunsPerFlexVol(): number {
    return Number(this.#backend.settings.pooling.lunsPerFlexvol);
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

  /** One by UUID, read from the array when it is not known yet. Undefined when it is not there. */
  async find(uuid: string, signal: AbortSignal): Promise<LunPool | undefined> {
    const known = this.#known.get(uuid);
    if (known !== undefined) return known;
    const path = `/storage/volumes/${uuid}`;
    const answer = await this.#backend.client.read(path, { fields: `name,${poolFields}` }, poolSchema, signal);
    if (answer.kind === 'refused' && isAbsent(answer.refusal)) return undefined;
    const pool = this.#learn(this.#backend.must(answer, 'reading a shared FlexVol'));
    const begun = this.#now();
    const inside = await this.#luns.listIn(pool.name, 'space.size,create_time', signal);
    pool.learn(inside.map(pooled), begun, this.#patienceMs);
    return pool;
  }

  forget(uuid: string): void {
    this.#known.delete(uuid);
  }

  /**
   * A place for a LUN of that size: in the fullest FlexVol with room, or in a new one. Places are given in sessions that no
   * other process of ours shares, so that nobody counts on a place which somebody else is taking.
   * @throws Problem `pool.ineligible` that says why neither will do
   */
  async reserve(plan: VolumePlan, bytes: number, tried: Tried, signal: AbortSignal): Promise<LunPlace> {
    const thick = plan.config.spaceReserve === 'volume' ? bytes : 0;
    const full = await aggregatesOverLimit(this.#backend, plan.placement, thick, signal);
    const open = { ...plan, placement: plan.placement.filter((aggregate) => !full.has(aggregate)) };
    if (open.placement.length === 0) throw this.ineligible(plan, [...full.values()]);
    const member = await this.#session.enter(signal);
    try {
      await this.#lookIn(member, signal);
      const name = plan.config.internalName;
      const old = this.#place(open, bytes, tried);
      const { pool, isNew } =
        old === undefined ? await this.#placeOrMake(open, bytes, tried, member, signal) : { pool: old, isNew: false };
      return {
        pool,
        isNew,
        [Symbol.dispose]: () => {
          pool.reserved.delete(name);
          member[Symbol.dispose]();
        },
      };
    } catch (error) {
      member[Symbol.dispose]();
      throw error;
    }
  }

  /** Ends the right to give places, if this process has it. */
  close(): Promise<void> {
    return this.#session.close();
  }

  /** @throws Problem `pool.ineligible` when the FlexVol would be larger than `limitVolumePoolSize` allows */
  checkPoolLimit(pool: LunPool, more: number): void {
    const wanted = pool.sizeWith(more);
    if (wanted <= this.#limit) return;
    throw new Problem(
      'pool.too-large',
      'limit',
      `FlexVol ${pool.name} would have ${wanted} bytes, and limitVolumePoolSize allows ${this.#limit}`,
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

  /** One look for all who take part in a session; what it shows holds until the session's end. */
  async #lookIn(member: Member, signal: AbortSignal): Promise<void> {
    const isKnown = () =>
      this.#session.isShared ? this.#lookedIn === member.number : this.#now() - this.#listedAt <= staleMs;
    if (isKnown()) return;
    await this.#looking.run(async () => {
      if (isKnown()) return;
      await this.refresh(signal);
      this.#lookedIn = member.number;
    }, signal);
  }

  /** The pool in which the place is reserved now. */
  #place(plan: VolumePlan, bytes: number, tried: Tried): LunPool | undefined {
    const hasRoom = (pool: LunPool) => pool.count < this.lunsPerFlexVol && pool.sizeWith(bytes) <= this.#limit;
    const [pool] = this.known
      .filter((each) => !each.isHidden && !tried.has(each.uuid) && each.suits(plan) && hasRoom(each))
      .toSorted((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
    return pool === undefined ? undefined : this.#hold(pool, plan.config.internalName, bytes);
  }

  /** One at a time, so that many who come at once share the first new FlexVol. */
  #placeOrMake(
    plan: VolumePlan,
    bytes: number,
    tried: Tried,
    member: Member,
    signal: AbortSignal,
  ): Promise<Pick<LunPlace, 'pool' | 'isNew'>> {
    const asked = this.#now();
    return this.#making.run(async () => {
      if (this.#listedAt < asked) await this.refresh(signal);
      this.#lookedIn = member.number;
      const old = this.#place(plan, bytes, tried);
      return old === undefined
        ? { pool: await this.#make(plan, bytes, tried, signal), isNew: true }
        : { pool: old, isNew: false };
    }, signal);
  }

  async #make(plan: VolumePlan, bytes: number, tried: Tried, signal: AbortSignal): Promise<LunPool> {
    const reasons = [
      ...tried.values(),
      ...this.known
        .filter((each) => !tried.has(each.uuid) && each.suits(plan))
        .map((each) => `FlexVol ${each.name} has ${each.count} LUNs and ${each.size} bytes, and no room for another`),
    ];
    if (parseFlag(this.#backend.settings.pooling.denyNewVolumePools) === true)
      throw this.ineligible(plan, [...reasons, 'new shared FlexVols are not allowed (denyNewVolumePools)']);
    const name = newPoolName(this.prefix, this.#backend.client.options.settings.random);
    const { exportPolicy, securityStyle } = plan.config;
    const details = { ...parsePlanDetails(plan.details), volumeBytes: firstBytes };
    const config = { ...plan.config, internalName: name, size: firstBytes };
    try {
      const wish = { fields: { exportPolicy, securityStyle }, repair: async () => false };
      const made = await this.#creation.create({ ...plan, config, details: { ...details } }, wish, signal);
      const pool = await this.find(volumeRef(made.ref)?.uuid ?? '', signal);
      if (pool === undefined) throw this.ineligible(plan, [`FlexVol ${name} was made and is not there`]);
      return this.#hold(pool, plan.config.internalName, bytes);
    } catch (error) {
      if (!Problem.is(error) || error.code !== 'pool.ineligible') throw error;
      throw this.ineligible(plan, [...tried.values(), messageOf(error)]);
    }
  }

  #hold(pool: LunPool, name: string, bytes: number): LunPool {
    if (this.known.some((each) => each.reserved.has(name)))
      throw new Problem('volume.in-creation', 'conflict', `LUN ${name} is being created already`, {
        hint: 'wait until that has ended',
        nothingDone: true,
      });
    pool.reserved.set(name, bytes);
    return pool;
  }

  /** @param reasons why each FlexVol was no place */
  ineligible({ config, pool }: VolumePlan, reasons: readonly string[]): Problem {
    return new Problem(
      'pool.ineligible',
      'unsupported',
      `no shared FlexVol of pool ${pool.name} can take LUN ${config.internalName}: ${reasons.join('; ')}`,
      { nothingDone: true },
    );
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
