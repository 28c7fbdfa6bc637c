import { afterWork, Problem } from '../../../problem.ts';
import type { VolumeHandle } from '../../objects.ts';
import type { OntapBackend } from '../backend.ts';
import { isAbsent } from '../client/codes.ts';
import { baseOf, pathOf, snapshotIn } from '../lun-names.ts';
import type { LunPool } from './lun-pool.ts';
import type { LunPoolSizes } from './lun-pool-sizes.ts';
import type { LunPools } from './lun-pools.ts';
import { lunRef } from './lun-ref.ts';
import type { LunRemover } from './lun-removal.ts';
import { madeSince } from './origin.ts';
import type { PooledLookup } from './pooled-lookup.ts';
import { volumeRef } from './volumes.ts';

interface RemovalParts {
  readonly backend: OntapBackend;
  readonly pools: LunPools;
  readonly sizes: LunPoolSizes;
  readonly lookup: PooledLookup;
  readonly remover: LunRemover;
}

/** Removes LUNs from shared FlexVols, and FlexVols after their last LUN. */
export class PooledLunRemoval {
  readonly #parts: RemovalParts;

  constructor(parts: RemovalParts) {
    this.#parts = parts;
  }

  /** The LUN, what is left of its snapshots, and the FlexVol after its last LUN. */
  async remove(volume: VolumeHandle, signal: AbortSignal): Promise<void> {
    const known = volume.orphaned === true ? undefined : lunRef(volume.ref);
    const lun = known ?? (await this.#parts.lookup.find(volume, signal));
    if (lun === undefined) return this.#tidyAfter(volume, signal);
    const pool = await this.#parts.pools.find(await this.#parts.lookup.poolUuid(volume, lun, signal), signal);
    using arriving = pool?.gathering.begin();
    await this.removeLun(lun, signal);
    try {
      await arriving?.arrive(signal);
      await this.fitAfter(pool, baseOf(lun.name), signal);
    } catch (error) {
      throw afterWork(error);
    }
  }

  /** After a LUN that is gone already: what is left of it on the SVM. */
  async #tidyAfter({ ref }: VolumeHandle, signal: AbortSignal): Promise<void> {
    const { pools } = this.#parts;
    await pools.refresh(signal);
    const lun = lunRef(ref);
    const pool = pools.own.find(({ uuid }) => uuid === volumeRef(ref)?.uuid);
    if (lun !== undefined) await this.fitAfter(pool, baseOf(lun.name), signal);
    return this.reapHidden(signal);
  }

  /** The LUN alone. Clones have blocks of their own, so that none holds it. */
  removeLun(lun: { readonly uuid: string; readonly name: string }, signal: AbortSignal): Promise<void> {
    return this.#parts.remover.remove(lun, async () => [], signal);
  }

  /** After a LUN was removed: its FlexVol goes, or is fitted; what is left of its snapshots goes too. */
  async fitAfter(pool: LunPool | undefined, name: string, signal: AbortSignal): Promise<void> {
    const { pools, sizes } = this.#parts;
    if (pool === undefined) return;
    pool.drop(name);
    if (pool.isEmpty) await pools.look(pool, signal);
    else await this.#fit(pool, signal);
    const left = [...pool.luns.values()].filter((lun) => snapshotIn(name, lun.name) !== undefined);
    for (const snapshot of left) {
      await this.removeLun({ uuid: snapshot.uuid, name: pathOf(pool.name, snapshot.name) }, signal);
      pool.drop(snapshot.name);
    }
    if (pool.isEmpty || pool.isHidden) await sizes.reap(pool, signal);
    else if (left.length > 0) await this.#fit(pool, signal);
  }

  /** A FlexVol that has gone with its last LUN meanwhile needs no size. */
  async #fit(pool: LunPool, signal: AbortSignal): Promise<void> {
    try {
      await this.#parts.sizes.fit(pool, undefined, signal);
    } catch (error) {
      if (!Problem.is(error) || error.array === undefined || !isAbsent(error.array)) throw error;
      this.#parts.pools.forget(pool.uuid);
    }
  }

  /** FlexVols that an interrupted create made and did not use. */
  async reapSince(since: Date, signal: AbortSignal): Promise<void> {
    const { backend, pools, sizes } = this.#parts;
    await pools.refresh(signal);
    for (const pool of pools.own)
      if (pool.isEmpty && madeSince(backend, pool.found, since)) await sizes.reap(pool, signal);
    await this.reapHidden(signal);
  }

  /** Ends the removals of FlexVols that were interrupted, as far as the last listing shows them. */
  async reapHidden(signal: AbortSignal): Promise<void> {
    for (const pool of this.#parts.pools.hidden) await this.#parts.sizes.reap(pool, signal);
  }

  /** @throws Problem `array.job-unfinished` when the array may still be making a LUN of that name */
  refuseRunningCreation(name: string, since: Date, signal: AbortSignal): Promise<void> {
    return this.#parts.remover.refuseRunningCreation(pathOf('*', name), since, signal);
  }
}
