import { Problem } from '../../../problem.ts';
import type { VolumeHandle } from '../../objects.ts';
import type { OntapBackend } from '../backend.ts';
import { baseOf, flexVolOfLunId, pathOf, pooledLunId } from '../lun-names.ts';
import type { Contained } from '../parts.ts';
import type { LunPool } from './lun-pool.ts';
import type { LunPools } from './lun-pools.ts';
import { lunFieldNames } from './lun-record.ts';
import type { LunOnOntap } from './lun-record.ts';
import { lunRef, refOfLun } from './lun-ref.ts';
import type { LunRef } from './lun-ref.ts';
import type { Luns } from './luns.ts';
import { untilSeen } from './until-seen.ts';
import { volumeRef } from './volumes.ts';

/** Finds LUNs in shared FlexVols, and the FlexVols around them. */
export class PooledLookup {
  readonly #backend: OntapBackend;
  readonly #luns: Luns;
  readonly #pools: LunPools;

  constructor(backend: OntapBackend, luns: Luns, pools: LunPools) {
    this.#backend = backend;
    this.#luns = luns;
    this.#pools = pools;
  }

  /** The LUN of a handle; undefined when the array says that there is none. */
  async find(volume: VolumeHandle, signal: AbortSignal): Promise<LunOnOntap | undefined> {
    const known = lunRef(volume.ref);
    if (known !== undefined) return this.#luns.findOwn(known.uuid, signal);
    const { internalName, internalID } = volume.config;
    const flexVol = flexVolOfLunId(internalID);
    const there =
      flexVol === undefined ? undefined : await this.#luns.find(pathOf(flexVol, internalName), lunFieldNames, signal);
    if (there !== undefined) return there;
    // Its FlexVol may have got another name since.
    const [found, ...others] = await this.findAll(internalName, signal);
    if (others.length === 0) return found;
    throw new Problem(
      'volume.ambiguous',
      'conflict',
      `there are ${others.length + 1} LUNs of the name ${volume.config.internalName} in shared FlexVols`,
      { hint: 'rename those that are not of this volume' },
    );
  }

  /** @throws Problem `volume.not-on-array` */
  async poolOf(volume: VolumeHandle, signal: AbortSignal): Promise<LunPool> {
    const lun = lunRef(volume.ref) ?? (await this.find(volume, signal));
    const pool =
      lun === undefined ? undefined : await this.#pools.find(await this.poolUuid(volume, lun, signal), signal);
    if (pool === undefined) throw this.#luns.missing(volume.config.internalName);
    return pool;
  }

  /** UUID of the FlexVol around a LUN; empty when the LUN is gone. */
  async poolUuid(volume: VolumeHandle, lun: LunRef | LunOnOntap, signal: AbortSignal): Promise<string> {
    const known = volumeRef(volume.ref)?.uuid;
    if (known !== undefined) return known;
    const found = 'location' in lun ? lun : await this.#luns.findByUuid(lun.uuid, lunFieldNames, signal);
    return found?.location?.volume?.uuid ?? '';
  }

  /** The LUNs of that name, in whichever FlexVol of ours. */
  findAll(name: string, signal: AbortSignal): Promise<readonly LunOnOntap[]> {
    // In a query some characters would mean more than themselves.
    if (!/^\w[\w.-]*$/.test(name)) return Promise.resolve([]);
    return this.#luns.list({ name: this.#pools.pathsOf(name) }, lunFieldNames, `looking for LUN ${name}`, signal);
  }

  /** A LUN that the array says it made; it may take a moment until it can be seen. */
  async getMade(path: string, signal: AbortSignal): Promise<LunOnOntap> {
    const found = await untilSeen(this.#backend, (inner) => this.#luns.find(path, lunFieldNames, inner), signal);
    if (found === undefined) throw this.#luns.missing(path);
    return found;
  }

  /** The volume that a LUN is. */
  contained({ size }: { readonly size: number }, lun: LunOnOntap, pool: LunPool): Contained {
    const { facts } = this.#backend;
    return {
      ref: { ...refOfLun(lun), volume: { uuid: pool.uuid, name: pool.name } },
      size,
      config: { internalID: pooledLunId(facts.svm.name, pool.name, baseOf(lun.name)) },
    };
  }
}
