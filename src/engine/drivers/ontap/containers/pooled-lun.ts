import type {
  ClonePlan,
  ImportCandidate,
  ImportPlan,
  Settled,
  SnapshotHandle,
  VolumeHandle,
  VolumePlan,
} from '../../objects.ts';
import { afterWork } from '../../../problem.ts';
import type { OntapBackend } from '../backend.ts';
import { baseOf } from '../lun-names.ts';
import type { Contained, Container, Wish } from '../parts.ts';
import { lunPoolPrefix } from '../plans/pooled-lun-import-plan.ts';
import { deviceBytes, overheadOf, sanResizeTolerance } from '../san-sizing.ts';
import { checkVolumeLimit } from '../sizing.ts';
import { checkAggregateForGrowth } from './aggregate-usage.ts';
import { shrinkRefused } from './device.ts';
import type { LunFields } from './lun-fields.ts';
import { LunPlaces } from './lun-places.ts';
import { LunPoolSizes } from './lun-pool-sizes.ts';
import { LunPools } from './lun-pools.ts';
import type { LunOnOntap } from './lun-record.ts';
import { lunRef } from './lun-ref.ts';
import type { LunRef } from './lun-ref.ts';
import { LunRemover } from './lun-removal.ts';
import type { LunRelease } from './lun-removal.ts';
import { Luns } from './luns.ts';
import { PooledLookup } from './pooled-lookup.ts';
import { PooledLunImport } from './pooled-lun-adoption.ts';
import { PooledLunCloning } from './pooled-lun-clone.ts';
import { PooledLunCreation } from './pooled-lun-create.ts';
import { PooledLunGroups } from './pooled-lun-groups.ts';
import { PooledLunRemoval } from './pooled-lun-removal.ts';
import { PooledLunSnapshots } from './pooled-lun-snapshots.ts';
import type { PooledParts } from './pooled-parts.ts';
import { VolumeSnapshots } from './snapshots.ts';
import { SplitTimers } from './split-timers.ts';
import { VolumeRemover } from './volume-removal.ts';
import { Volumes } from './volumes.ts';

/** A LUN for each volume, many of them in one FlexVol. Clones and snapshots are LUNs beside it. */
export class PooledLunContainer implements Container<LunFields, LunOnOntap> {
  readonly snapshots: PooledLunSnapshots;
  readonly groups: PooledLunGroups;
  readonly #parts: PooledParts;
  readonly #creation: PooledLunCreation;
  readonly #cloning: PooledLunCloning;
  readonly #import: PooledLunImport;

  constructor(backend: OntapBackend, release: LunRelease) {
    const luns = new Luns(backend);
    const pools = new LunPools(backend, luns, lunPoolPrefix(backend));
    const volumes = new Volumes(backend, 'flexvol');
    const sizes = new LunPoolSizes(backend, pools, new VolumeRemover(backend, volumes));
    const lookup = new PooledLookup(backend, luns, pools);
    const remover = new LunRemover(backend, luns, release);
    const removal = new PooledLunRemoval({ backend, pools, sizes, lookup, remover });
    const places = new LunPlaces(backend, pools);
    this.#parts = { backend, luns, pools, places, sizes, lookup, removal };
    this.snapshots = new PooledLunSnapshots(this.#parts);
    const timers = new SplitTimers(backend.settings, backend.environment);
    this.groups = new PooledLunGroups(backend, this.snapshots, new VolumeSnapshots(backend, volumes, timers));
    this.#creation = new PooledLunCreation(this.#parts);
    this.#cloning = new PooledLunCloning(this.#parts);
    this.#import = new PooledLunImport(this.#parts, volumes);
  }

  create(plan: VolumePlan, wish: Wish<LunFields>, signal: AbortSignal): Promise<Contained> {
    return this.#creation.create(plan, wish, signal);
  }

  discard(plan: VolumePlan, since: Date, signal: AbortSignal): Promise<Settled> {
    return this.#creation.discard(plan, since, signal);
  }

  clone(plan: ClonePlan, _wish: Wish<LunFields>, signal: AbortSignal): Promise<Contained> {
    return this.#cloning.clone(plan, signal);
  }

  discardClone(plan: ClonePlan, since: Date, signal: AbortSignal): Promise<Settled> {
    return this.#cloning.discard(plan, since, signal);
  }

  find(volume: VolumeHandle, signal: AbortSignal): Promise<LunOnOntap | undefined> {
    return this.#parts.lookup.find(volume, signal);
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

  remove(volume: VolumeHandle, signal: AbortSignal): Promise<void> {
    return this.#parts.removal.remove(volume, signal);
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
    const pool = await this.#parts.lookup.poolOf({ ...volume, ref: { ...volume.ref, lun: { ...lun } } }, signal);
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

  restore(volume: VolumeHandle, snapshot: SnapshotHandle, signal: AbortSignal): Promise<number> {
    return this.snapshots.restore(volume, snapshot, signal);
  }

  /** Lets other processes go on at once. */
  close(): Promise<void> {
    return this.#parts.places.close();
  }
}

const refOf = (lun: LunOnOntap): LunRef => ({ uuid: lun.uuid, name: lun.name, serial: lun.serial_number });
