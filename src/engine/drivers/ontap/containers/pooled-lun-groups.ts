import { afterWork, Problem } from '../../../problem.ts';
import type { SnapshotOnArray, VolumeHandle } from '../../objects.ts';
import type { GroupHolder, GroupSnapshots } from '../../group-snapshots.ts';
import type { OntapBackend } from '../backend.ts';
import { growingDelays, pause } from '../client/waiting.ts';
import type { Snapshots } from '../parts.ts';
import { VolumeGroups, flexVolHandle } from './volume-groups.ts';
import { madeSince } from './origin.ts';
import type { PooledLunSnapshots } from './pooled-lun-snapshots.ts';

/** How long clones out of a snapshot may keep it busy. */
const busyTimeoutMs = 60_000;

/**
 * Snapshots of LUNs in shared FlexVols at one instant: of the FlexVols first, then each LUN is cloned out of that, and the
 * snapshots of the FlexVols, which hold the neighbours too, go again.
 */
export class PooledLunGroups implements GroupSnapshots {
  readonly target: string;
  readonly #backend: OntapBackend;
  readonly #flexVols: VolumeGroups;
  readonly #luns: PooledLunSnapshots;
  readonly #holderSnapshots: Snapshots;

  constructor(backend: OntapBackend, luns: PooledLunSnapshots, holderSnapshots: Snapshots) {
    this.#backend = backend;
    this.#luns = luns;
    this.#holderSnapshots = holderSnapshots;
    this.#flexVols = new VolumeGroups({
      backend,
      holderOf: (volume, signal) => luns.holderOf(volume, signal),
      snapshots: luns,
      holderSnapshots,
      handleOf: flexVolHandle,
    });
    this.target = this.#flexVols.target;
  }

  holders(volumes: readonly VolumeHandle[], signal: AbortSignal): Promise<readonly GroupHolder[]> {
    return this.#flexVols.holders(volumes, signal);
  }

  take(holders: readonly GroupHolder[], name: string, signal: AbortSignal): Promise<void> {
    return this.#flexVols.take(holders, name, signal);
  }

  async collect(
    volumes: readonly VolumeHandle[],
    name: string,
    signal: AbortSignal,
  ): Promise<readonly SnapshotOnArray[]> {
    try {
      const made: SnapshotOnArray[] = [];
      for (const volume of volumes) made.push(await this.#luns.createFrom(volume, name, name, signal));
      const holders = await this.holders(volumes, signal);
      for (const holder of new Map(holders.map((each) => [each.uuid, each])).values())
        await this.#removeFlexVolSnapshot(holder, name, signal);
      return made;
    } catch (error) {
      throw afterWork(error);
    }
  }

  async discard(
    volumes: readonly VolumeHandle[],
    name: string,
    since: Date,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    const remarks: string[] = [];
    for (const volume of volumes) {
      if ((await this.#luns.holderOf(volume, signal)) === undefined) continue;
      const found = await this.#luns.find(volume, name, signal);
      if (found === undefined) continue;
      if (madeSince(this.#backend, { create_time: found.created }, since))
        await this.#luns.remove(volume, { name, internalName: name, ref: found.ref }, signal);
      else
        remarks.push(
          `snapshot ${name} of LUN ${volume.config.internalName} was on the array before and was left alone`,
        );
    }
    return [...remarks, ...(await this.#flexVols.discard(volumes, name, since, signal))];
  }

  async #removeFlexVolSnapshot(holder: GroupHolder, name: string, signal: AbortSignal): Promise<void> {
    const { settings, now } = this.#backend.client.options;
    const delay = growingDelays(settings.firstJobDelayMs, 5_000, settings.random);
    const until = now().getTime() + busyTimeoutMs;
    const handle = flexVolHandle(holder);
    for (;;) {
      try {
        return await this.#holderSnapshots.remove(handle, { name, internalName: name, ref: {} }, signal);
      } catch (error) {
        if (!Problem.is(error) || error.code !== 'snapshot.busy' || now().getTime() >= until) throw error;
      }
      await pause(delay(), signal);
    }
  }
}
