import { Problem } from '../../../problem.ts';
import type { VolumeConfig } from '../../../orchestrator/model.ts';
import type { VolumeHandle } from '../../driver.ts';
import type { OntapBackend } from '../backend.ts';
import type { Contained } from '../parts.ts';
import { checkVolumeLimit, volumeBytesFor } from '../sizing.ts';
import { deviceBytes, flexVolBytesFor, overheadOf, sanResizeTolerance } from '../san-sizing.ts';
import { checkAggregateForGrowth } from './aggregate-usage.ts';
import { lunPath, lunRef } from './lun-ref.ts';
import type { LunRef } from './lun-ref.ts';
import type { Luns } from './luns.ts';
import type { VolumeOnOntap } from './volume-record.ts';
import type { Volumes } from './volumes.ts';

/** Makes LUNs larger, and the FlexVols around them first. */
export class LunResize {
  readonly #backend: OntapBackend;
  readonly #volumes: Volumes;
  readonly #luns: Luns;

  constructor(backend: OntapBackend, volumes: Volumes, luns: Luns) {
    this.#backend = backend;
    this.#volumes = volumes;
    this.#luns = luns;
  }

  /**
   * Within the tolerance of what is there nothing is done, and the size of the LUN is what is recorded. The FlexVol only
   * grows. Three calls when both grow: the size on record is trusted, and the array refuses what contradicts it.
   */
  async resize(volume: VolumeHandle, bytes: number, signal: AbortSignal): Promise<Contained> {
    const { config } = volume;
    const device = deviceBytes(bytes, config);
    checkVolumeLimit(device, this.#backend.settings.limitVolumeSize);
    if (bytes < config.size - sanResizeTolerance) throw shrinkRefused(config.internalName, bytes, config.size);
    const found = await this.#volumes.getOf(
      volume,
      'size,space.snapshot.reserve_percent,aggregates.name,guarantee.type',
      signal,
    );
    const target = flexVolBytesFor(volumeBytesFor(device, found.space?.snapshot?.reserve_percent ?? 0));
    const known = lunRef(volume.ref);
    const atVolume = { volume: { uuid: found.uuid, name: found.name } };
    if (known !== undefined && Math.abs(bytes - config.size) > sanResizeTolerance) {
      await this.#growVolume(found, target, signal);
      const size = await this.#growLun(known, config, bytes, signal);
      return { ref: atVolume, size, config: {} };
    }
    const lun = known ?? (await this.#lunIn(config.internalName, signal));
    const size = await this.#sizeOf(lun, config, signal);
    const ref = { ...atVolume, lun: { ...lun } };
    const fits = (found.size ?? 0) >= target - sanResizeTolerance;
    if (fits && Math.abs(bytes - size) <= sanResizeTolerance) return { ref, size, config: {} };
    await this.#growVolume(found, target, signal);
    return { ref, size: bytes <= size ? size : await this.#growLun(lun, config, bytes, signal), config: {} };
  }

  /** Makes the LUN larger; returns what the user has then. */
  async #growLun(lun: LunRef, config: VolumeConfig, bytes: number, signal: AbortSignal): Promise<number> {
    const grown = await this.#luns.grow(lun, deviceBytes(bytes, config), signal);
    if (grown) return bytes;
    const size = await this.#sizeOf(lun, config, signal);
    if (bytes >= size - sanResizeTolerance) return size;
    throw shrinkRefused(config.internalName, bytes, size);
  }

  async #growVolume(volume: VolumeOnOntap, target: number, signal: AbortSignal): Promise<void> {
    if ((volume.size ?? 0) >= target) return;
    const growth = volume.guarantee?.type === 'volume' ? target - (volume.size ?? 0) : 0;
    const aggregates = volume.aggregates.map((aggregate) => aggregate.name);
    await checkAggregateForGrowth(this.#backend, aggregates, growth, signal);
    const outcome = await this.#backend.change(
      {
        method: 'PATCH',
        path: `/storage/volumes/${volume.uuid}`,
        body: { size: target },
        job: 'byPath',
        done: async (inner) => ((await this.#volumes.findByUuid(volume.uuid, 'size', inner))?.size ?? 0) >= target,
      },
      signal,
    );
    this.#backend.must(outcome, `resizing volume ${volume.name} to ${target} bytes`);
  }

  /** Usable bytes of the LUN as it is. */
  async #sizeOf(lun: LunRef, config: VolumeConfig, signal: AbortSignal): Promise<number> {
    const found = await this.#luns.findByUuid(lun.uuid, 'space.size', signal);
    if (found === undefined) throw this.#luns.missing(lun.name);
    return (found.space?.size ?? 0) - overheadOf(config);
  }

  async #lunIn(volume: string, signal: AbortSignal): Promise<LunRef> {
    const found = await this.#luns.findOnly(volume, signal);
    if (found === undefined) throw this.#luns.missing(lunPath(volume));
    return { uuid: found.uuid, name: found.name, serial: found.serial_number };
  }
}

const shrinkRefused = (name: string, bytes: number, size: number): Problem =>
  new Problem(
    'volume.shrink',
    'limit',
    `requested size ${bytes} is less than existing volume size ${size}; the LUN of ${name} is not made smaller`,
    { nothingDone: true },
  );
