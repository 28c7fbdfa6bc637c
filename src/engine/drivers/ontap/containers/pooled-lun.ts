import { afterWork, Problem } from '../../../problem.ts';
import type { ClonePlan, ImportCandidate, ImportPlan, Settled, VolumeHandle, VolumePlan } from '../../driver.ts';
import type { OntapBackend } from '../backend.ts';
import { isAbsent, isDuplicate } from '../client/codes.ts';
import type { Refused } from '../client/outcome.ts';
import { baseOf, flexVolOfLunId, pathOf, pooledLunId, snapshotIn, snapshotLun } from '../lun-names.ts';
import type { Contained, Container, Wish } from '../parts.ts';
import { parsePooledClone } from '../pooled-lun-plan.ts';
import { lunPoolPrefix } from '../pooled-lun-import.ts';
import { deviceBytes, overheadOf, sanResizeTolerance } from '../san-sizing.ts';
import { parseLunPlan } from '../san-plan.ts';
import { checkVolumeLimit } from '../sizing.ts';
import { checkAggregateForGrowth } from './aggregate-usage.ts';
import { shrinkRefused } from './device.ts';
import { attributesFor, lunAttribute } from './lun-fields.ts';
import type { LunFields } from './lun-fields.ts';
import type { LunPool } from './lun-pool.ts';
import { LunPoolSizes } from './lun-pool-sizes.ts';
import { LunPools } from './lun-pools.ts';
import type { Tried } from './lun-pools.ts';
import { lunFieldNames } from './lun-record.ts';
import type { LunOnOntap } from './lun-record.ts';
import { lunRef, refOfLun } from './lun-ref.ts';
import type { LunRef } from './lun-ref.ts';
import { LunRemover } from './lun-removal.ts';
import type { LunRelease } from './lun-removal.ts';
import { Luns } from './luns.ts';
import type { LunDraft } from './luns.ts';
import { madeSince } from './origin.ts';
import { PooledLunImport } from './pooled-lun-adoption.ts';
import { PooledLunGroups } from './pooled-lun-groups.ts';
import { PooledLunSnapshots } from './pooled-lun-snapshots.ts';
import { VolumeSnapshots } from './snapshots.ts';
import { SplitTimers } from './split-timers.ts';
import { VolumeRemover } from './volume-removal.ts';
import { Volumes, untilSeen, volumeRef } from './volumes.ts';

/** What works on LUNs in shared FlexVols. */
export interface PooledParts {
  readonly backend: OntapBackend;
  readonly luns: Luns;
  readonly pools: LunPools;
  readonly sizes: LunPoolSizes;
  readonly remover: LunRemover;
  /** The LUN of a handle; undefined when the array says that there is none. */
  find(volume: VolumeHandle, signal: AbortSignal): Promise<LunOnOntap | undefined>;
}

const volumeGone = ({ refusal }: Refused): boolean =>
  isAbsent(refusal) || ['917525', '917927', '5374866'].includes(refusal.code);

/** A LUN for each volume, many of them in one FlexVol. Clones and snapshots are LUNs beside it. */
export class PooledLunContainer implements Container<LunFields, LunOnOntap> {
  readonly snapshots: PooledLunSnapshots;
  readonly groups: PooledLunGroups;
  readonly #parts: PooledParts;
  readonly #import: PooledLunImport;

  constructor(backend: OntapBackend, release: LunRelease) {
    const luns = new Luns(backend);
    const pools = new LunPools(backend, luns, lunPoolPrefix(backend));
    const volumes = new Volumes(backend, 'flexvol');
    this.#parts = {
      backend,
      luns,
      pools,
      sizes: new LunPoolSizes(backend, pools, new VolumeRemover(backend, volumes)),
      remover: new LunRemover(backend, luns, release),
      find: (volume, signal) => this.find(volume, signal),
    };
    this.snapshots = new PooledLunSnapshots(this.#parts);
    const timers = new SplitTimers(backend.settings.cloneSplitDelaySeconds, backend.environment.now);
    this.groups = new PooledLunGroups(backend, this.snapshots, new VolumeSnapshots(backend, volumes, timers));
    this.#import = new PooledLunImport(this.#parts, volumes);
  }

  /** The LUN, then the size of its FlexVol, then a look at what is there: the last two are shared by all who create at once. */
  async create(plan: VolumePlan, wish: Wish<LunFields>, signal: AbortSignal): Promise<Contained> {
    const { bytes } = parseLunPlan(plan.details);
    const { pools } = this.#parts;
    const name = plan.config.internalName;
    if (pools.known.some((pool) => pool.luns.has(name))) await this.#refuseTaken(name, signal);
    const tried: Tried = new Map();
    for (;;) {
      const { pool, end } = await this.#createIn(plan, bytes, wish, tried, signal);
      if (typeof end !== 'string') return end;
      tried.set(pool.uuid, end);
    }
  }

  async discard(plan: VolumePlan, since: Date, signal: AbortSignal): Promise<Settled> {
    const { backend, luns, remover, pools } = this.#parts;
    const name = plan.config.internalName;
    const found = await this.#findAll(name, signal);
    const attributes = attributesFor(plan.config, backend.environment.context);
    const [only, ...others] = found.filter((lun) =>
      luns.isDraft(lun, draftOf(plan, { osType: 'linux', attributes }, lun.name), since),
    );
    if (found.length === 0) {
      await remover.refuseRunningCreation(pathOf('*', name), since, signal);
      await this.#reapSince(since, signal);
      return 'absent';
    }
    if (only === undefined || others.length > 0) return 'foreign';
    await this.#removeLun(only, signal);
    await this.#fitAfter(await pools.find(only.location?.volume?.uuid ?? '', signal), name, signal);
    return 'removed';
  }

  /** A LUN beside its source. It may be larger than the snapshot: the volume has grown since. */
  async clone(plan: ClonePlan, _wish: Wish<LunFields>, signal: AbortSignal): Promise<Contained> {
    const { backend, luns, pools, sizes } = this.#parts;
    const { snapshot, qosPolicy } = parsePooledClone(plan.details);
    const name = plan.config.internalName;
    const pool = await this.#poolOf(plan.source, signal);
    const bytes = deviceBytes(plan.config.size, plan.config);
    pools.checkPoolLimit(pool, bytes);
    const own = lunRef(plan.source.ref)?.name;
    const base = own === undefined ? plan.source.config.internalName : baseOf(own);
    const source = pathOf(pool.name, snapshot === '' ? base : snapshotLun(base, snapshot));
    const draft = { name: pathOf(pool.name, name), source, qosPolicy };
    const outcome = await luns.clone(draft, backend.environment.now(), signal);
    if (outcome.kind === 'refused' && isDuplicate(outcome.refusal))
      throw luns.taken(draft.name, await luns.find(draft.name, lunFieldNames, signal), outcome.refusal);
    if (outcome.kind !== 'ok') throw backend.problem(outcome, `cloning LUN ${source} to ${draft.name}`);
    try {
      const lun = outcome.value ?? (await this.#getMade(draft.name, signal));
      if ((lun.space?.size ?? bytes) < bytes) await luns.grow(lun, bytes, signal);
      pool.add({ uuid: lun.uuid, name, bytes, created: '' }, backend.environment.now());
      await sizes.fit(pool, name, signal);
      return this.#contained(plan.config, lun, pool);
    } catch (error) {
      throw afterWork(error);
    }
  }

  async discardClone(plan: ClonePlan, since: Date, signal: AbortSignal): Promise<Settled> {
    const { backend, remover, pools } = this.#parts;
    const name = plan.config.internalName;
    const found = await this.#findAll(name, signal);
    if (found.length === 0) {
      await remover.refuseRunningCreation(pathOf('*', name), since, signal);
      return 'absent';
    }
    const source = volumeRef(plan.source.ref)?.uuid;
    const [only, ...others] = found.filter(
      (lun) =>
        madeSince(backend, lun, since) &&
        lun.status?.mapped !== true &&
        (source === undefined || lun.location?.volume?.uuid === source),
    );
    if (only === undefined || others.length > 0) return 'foreign';
    await this.#removeLun(only, signal);
    await this.#fitAfter(await pools.find(only.location?.volume?.uuid ?? '', signal), name, signal);
    return 'removed';
  }

  async find(volume: VolumeHandle, signal: AbortSignal): Promise<LunOnOntap | undefined> {
    const known = lunRef(volume.ref);
    if (known !== undefined) return this.#parts.luns.findByUuid(known.uuid, lunFieldNames, signal);
    const { internalName, internalID } = volume.config;
    const flexVol = flexVolOfLunId(internalID);
    const there =
      flexVol === undefined
        ? undefined
        : await this.#parts.luns.find(pathOf(flexVol, internalName), lunFieldNames, signal);
    if (there !== undefined) return there;
    // Its FlexVol may have got another name since.
    const [found, ...others] = await this.#findAll(internalName, signal);
    if (others.length === 0) return found;
    throw new Problem(
      'volume.ambiguous',
      'conflict',
      `there are ${others.length + 1} LUNs of the name ${volume.config.internalName} in shared FlexVols`,
      { hint: 'rename those that are not of this volume' },
    );
  }

  findForImport(originalName: string, signal: AbortSignal): Promise<ImportCandidate | undefined> {
    return this.#import.find(originalName, signal);
  }

  adopt(plan: ImportPlan, _wish: Wish<LunFields>, signal: AbortSignal): Promise<Contained> {
    return this.#import.adopt(plan, signal);
  }

  giveBack(plan: ImportPlan, _wish: Wish<LunFields>, signal: AbortSignal): Promise<void> {
    return this.#import.giveBack(plan, signal);
  }

  /** The LUN, what is left of its snapshots, and the FlexVol after its last LUN. */
  async remove(volume: VolumeHandle, signal: AbortSignal): Promise<void> {
    const known = lunRef(volume.ref);
    const lun = known ?? (await this.find(volume, signal));
    if (lun === undefined) return;
    const pool = await this.#parts.pools.find(await this.#poolUuid(volume, lun, signal), signal);
    await this.#removeLun(lun, signal);
    try {
      await this.#fitAfter(pool, baseOf(lun.name), signal);
    } catch (error) {
      throw afterWork(error);
    }
  }

  async resize(volume: VolumeHandle, bytes: number, signal: AbortSignal): Promise<Contained> {
    const { backend, luns, pools, sizes } = this.#parts;
    const { config } = volume;
    const device = deviceBytes(bytes, config);
    checkVolumeLimit(device, backend.settings.limitVolumeSize);
    if (bytes < config.size - sanResizeTolerance) throw shrinkRefused('LUN', config.internalName, bytes, config.size);
    const near = Math.abs(bytes - config.size) <= sanResizeTolerance;
    const looked = lunRef(volume.ref) === undefined || near ? await this.find(volume, signal) : undefined;
    const lun = lunRef(volume.ref) ?? (looked === undefined ? undefined : refOf(looked));
    if (lun === undefined || (near && looked === undefined)) throw luns.missing(config.internalName);
    const pool = await this.#poolOf({ ...volume, ref: { ...volume.ref, lun: { ...lun } } }, signal);
    const done = (size: number): Contained => ({
      ref: { lun: { ...lun }, volume: { uuid: pool.uuid, name: pool.name } },
      size,
      config: {},
    });
    const now = looked?.space?.size === undefined ? undefined : looked.space.size - overheadOf(config);
    if (now !== undefined && Math.abs(bytes - now) <= sanResizeTolerance) return done(now);
    const growth = device - (pool.luns.get(baseOf(lun.name))?.bytes ?? deviceBytes(config.size, config));
    pools.checkPoolLimit(pool, Math.max(growth, 0));
    const thick = pool.found.guarantee?.type === 'volume' ? Math.max(growth, 0) : 0;
    await checkAggregateForGrowth(
      backend,
      pool.found.aggregates.map(({ name }) => name),
      thick,
      signal,
    );
    if (!(await luns.grow(lun, device, signal))) {
      const found = await luns.findByUuid(lun.uuid, 'space.size', signal);
      throw shrinkRefused('LUN', config.internalName, bytes, (found?.space?.size ?? 0) - overheadOf(config));
    }
    pool.add({ uuid: lun.uuid, name: baseOf(lun.name), bytes: device, created: '' }, backend.environment.now());
    try {
      await sizes.fit(pool, baseOf(lun.name), signal);
    } catch (error) {
      throw afterWork(error);
    }
    return done(bytes);
  }

  /** Lets other processes go on at once. */
  close(): Promise<void> {
    return this.#parts.pools.close();
  }

  async #createIn(
    plan: VolumePlan,
    bytes: number,
    wish: Wish<LunFields>,
    tried: Tried,
    signal: AbortSignal,
  ): Promise<{ readonly pool: LunPool; readonly end: Contained | string }> {
    const { pools, sizes } = this.#parts;
    const place = await pools.reserve(plan, bytes, tried, signal);
    const { pool } = place;
    try {
      return { pool, end: await this.#make(pool, plan, wish, signal) };
    } catch (error) {
      place[Symbol.dispose]();
      if (!signal.aborted && pool.isEmpty) await sizes.reap(pool, signal).catch(() => undefined);
      throw error;
    } finally {
      place[Symbol.dispose]();
    }
  }

  /** The volume when it is made; otherwise why not there. */
  async #make(
    pool: LunPool,
    plan: VolumePlan,
    wish: Wish<LunFields>,
    signal: AbortSignal,
  ): Promise<Contained | string> {
    const { backend, luns, pools, sizes } = this.#parts;
    const name = plan.config.internalName;
    const draft = draftOf(plan, wish.fields, pathOf(pool.name, name));
    const outcome = await luns.create(draft, backend.environment.now(), signal);
    if (outcome.kind === 'refused' && isDuplicate(outcome.refusal))
      throw luns.taken(draft.name, await luns.find(draft.name, lunFieldNames, signal), outcome.refusal);
    if (outcome.kind === 'refused' && volumeGone(outcome)) {
      pools.forget(pool.uuid);
      return `FlexVol ${pool.name} is gone`;
    }
    if (outcome.kind !== 'ok') throw backend.problem(outcome, `creating LUN ${draft.name}`);
    const lun = outcome.value ?? (await this.#getMade(draft.name, signal));
    pool.add({ uuid: lun.uuid, name, bytes: draft.bytes, created: lun.create_time ?? '' }, backend.environment.now());
    try {
      if ((await sizes.fit(pool, name, signal)).has(name)) {
        await this.#stepBack(pool, lun, signal);
        return `FlexVol ${pool.name} was filled by others`;
      }
    } catch (error) {
      signal.throwIfAborted();
      await this.#stepBack(pool, lun, signal);
      // A size that is refused here may be had in another FlexVol.
      if (!Problem.is(error) || error.array === undefined || error.kind === 'denied') throw afterWork(error);
      return error.message;
    }
    await this.#refuseTwin(pool, lun, name, signal);
    return this.#contained(plan.config, lun, pool);
  }

  /** Another LUN of the name that was there before in another FlexVol: this one goes again. */
  async #refuseTwin(pool: LunPool, lun: LunOnOntap, name: string, signal: AbortSignal): Promise<void> {
    const twin = this.#parts.pools.known.find((each) => each.uuid !== pool.uuid && each.luns.has(name))?.luns.get(name);
    if (twin === undefined) return;
    const [own, other] = [lun.create_time ?? '', twin.created].map((time) => Date.parse(time));
    if (own !== undefined && other !== undefined && own < other) return;
    await this.#stepBack(pool, lun, signal);
    await this.#refuseTaken(name, signal);
  }

  /** @throws Problem `volume.exists-on-array` when there is a LUN of that name */
  async #refuseTaken(name: string, signal: AbortSignal): Promise<void> {
    const [found] = await this.#findAll(name, signal);
    if (found === undefined) return;
    const refusal = { status: 409, code: '', message: `LUN ${found.name} exists` };
    throw this.#parts.luns.taken(found.name, found, refusal);
  }

  async #stepBack(pool: LunPool, lun: LunRef | LunOnOntap, signal: AbortSignal): Promise<void> {
    await this.#removeLun(lun, signal);
    pool.drop(baseOf(lun.name));
  }

  #removeLun(lun: { readonly uuid: string; readonly name: string }, signal: AbortSignal): Promise<void> {
    return this.#parts.remover.remove(lun, async () => [], signal);
  }

  /** After a LUN was removed: its FlexVol goes, or is fitted; what is left of its snapshots goes too. */
  async #fitAfter(pool: LunPool | undefined, name: string, signal: AbortSignal): Promise<void> {
    const { pools, sizes } = this.#parts;
    if (pool === undefined) return;
    pool.drop(name);
    if (pool.isEmpty) await pools.refreshLuns(signal);
    else await sizes.fit(pool, undefined, signal);
    const left = [...pool.luns.values()].filter((lun) => snapshotIn(name, lun.name) !== undefined);
    for (const snapshot of left) {
      await this.#removeLun({ uuid: snapshot.uuid, name: pathOf(pool.name, snapshot.name) }, signal);
      pool.drop(snapshot.name);
    }
    if (pool.isEmpty) await sizes.reap(pool, signal);
    else if (left.length > 0) await sizes.fit(pool, undefined, signal);
  }

  /** FlexVols that an interrupted create made and did not use. */
  async #reapSince(since: Date, signal: AbortSignal): Promise<void> {
    const { backend, pools, sizes } = this.#parts;
    await pools.refresh(signal);
    for (const pool of pools.known)
      if (pool.isEmpty && madeSince(backend, pool.found, since)) await sizes.reap(pool, signal);
  }

  async #poolOf(volume: VolumeHandle, signal: AbortSignal): Promise<LunPool> {
    const lun = lunRef(volume.ref) ?? (await this.find(volume, signal));
    const pool =
      lun === undefined ? undefined : await this.#parts.pools.find(await this.#poolUuid(volume, lun, signal), signal);
    if (pool === undefined) throw this.#parts.luns.missing(volume.config.internalName);
    return pool;
  }

  /** UUID of the FlexVol around a LUN; empty when the LUN is gone. */
  async #poolUuid(volume: VolumeHandle, lun: LunRef | LunOnOntap, signal: AbortSignal): Promise<string> {
    const known = volumeRef(volume.ref)?.uuid;
    if (known !== undefined) return known;
    const found = 'location' in lun ? lun : await this.#parts.luns.findByUuid(lun.uuid, lunFieldNames, signal);
    return found?.location?.volume?.uuid ?? '';
  }

  #findAll(name: string, signal: AbortSignal): Promise<readonly LunOnOntap[]> {
    // In a query some characters would mean more than themselves.
    if (!/^\w[\w.-]*$/.test(name)) return Promise.resolve([]);
    const { luns, pools } = this.#parts;
    return luns.list({ name: `/vol/${pools.prefix}*/${name}` }, lunFieldNames, `looking for LUN ${name}`, signal);
  }

  async #getMade(path: string, signal: AbortSignal): Promise<LunOnOntap> {
    const { backend, luns } = this.#parts;
    const found = await untilSeen(backend, (inner) => luns.find(path, lunFieldNames, inner), signal);
    if (found === undefined) throw luns.missing(path);
    return found;
  }

  #contained({ size }: { readonly size: number }, lun: LunOnOntap, pool: LunPool): Contained {
    const { facts } = this.#parts.backend;
    return {
      ref: { ...refOfLun(lun), volume: { uuid: pool.uuid, name: pool.name } },
      size,
      config: { internalID: pooledLunId(facts.svm.name, pool.name, baseOf(lun.name)) },
    };
  }
}

const refOf = (lun: LunOnOntap): LunRef => ({ uuid: lun.uuid, name: lun.name, serial: lun.serial_number });

const draftOf = (plan: VolumePlan, { osType, attributes }: LunFields, path: string): LunDraft => {
  const { bytes, spaceAllocation, qosPolicy, poolName } = parseLunPlan(plan.details);
  return {
    name: path,
    bytes,
    spaceAllocation,
    qosPolicy,
    comment: undefined,
    fields: { osType, attributes: { ...attributes, [lunAttribute.poolName]: poolName } },
  };
};
