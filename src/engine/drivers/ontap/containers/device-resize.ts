import type { VolumeConfig } from '../../../orchestrator/model.ts';
import type { VolumeHandle } from '../../objects.ts';
import type { OntapBackend } from '../backend.ts';
import type { Contained } from '../parts.ts';
import { checkVolumeLimit, volumeBytesFor } from '../sizing.ts';
import { deviceBytes, flexVolBytesFor, overheadOf, recordedSize, sanResizeTolerance } from '../san-sizing.ts';
import type { Device, DeviceRef, Devices } from './device.ts';
import { onlyDevice, shrinkRefused } from './device.ts';
import { growVolume, growthFields, unlessRefused } from './volume-growth.ts';
import type { VolumeOnOntap } from './volume-record.ts';
import type { Volumes } from './volumes.ts';

/** Makes LUNs and namespaces larger, and the FlexVols around them first. */
export class DeviceResize<Fields, D extends Device> {
  readonly #backend: OntapBackend;
  readonly #volumes: Volumes;
  readonly #devices: Devices<Fields, D>;

  constructor(backend: OntapBackend, volumes: Volumes, devices: Devices<Fields, D>) {
    this.#backend = backend;
    this.#volumes = volumes;
    this.#devices = devices;
  }

  /**
   * Within the tolerance of what is there nothing is done, and the size of the device is what is recorded. The FlexVol
   * only grows. Three calls when both grow: the size on record is trusted, and the array refuses what contradicts it.
   */
  async resize(volume: VolumeHandle, bytes: number, signal: AbortSignal): Promise<Contained> {
    const { config } = volume;
    const device = deviceBytes(bytes, config);
    checkVolumeLimit(device, this.#backend.settings.limitVolumeSize);
    if (bytes < config.size - sanResizeTolerance)
      throw shrinkRefused(this.#devices.noun, config.internalName, bytes, config.size);
    const found = await this.#volumes.getOf(volume, growthFields, signal);
    const target = flexVolBytesAround(device, found);
    const known = this.#devices.read(volume.ref);
    const atVolume = { volume: { uuid: found.uuid, name: found.name } };
    if (known !== undefined && Math.abs(bytes - config.size) > sanResizeTolerance) {
      await this.#growVolume(found, target, signal);
      const size = await this.#growDevice(known, config, bytes, signal);
      return { ref: atVolume, size, config: {} };
    }
    const looked = known === undefined ? await this.#deviceIn(config.internalName, signal) : undefined;
    const here = known ?? looked?.device;
    if (here === undefined) throw this.#devices.missing(this.#devices.pathIn(config.internalName));
    const size = await this.#sizeOf(here, config, signal);
    const ref = { ...atVolume, ...looked?.ref };
    const fits = (found.size ?? 0) >= target - sanResizeTolerance;
    if (fits && Math.abs(bytes - size) <= sanResizeTolerance) return { ref, size, config: {} };
    await this.#growVolume(found, target, signal);
    return { ref, size: bytes <= size ? size : await this.#growDevice(here, config, bytes, signal), config: {} };
  }

  /**
   * Makes a device that has come out of an older snapshot as large again as its record says; the FlexVol around it only if
   * that is needed. Answers the usable bytes.
   */
  async regrow(volume: VolumeHandle, signal: AbortSignal): Promise<number> {
    const { config } = volume;
    const device = this.#devices.read(volume.ref) ?? (await this.#deviceIn(config.internalName, signal)).device;
    const size = await this.#sizeOf(device, config, signal);
    if (size >= config.size) return recordedSize(size, config);
    const found = await this.#volumes.getOf(volume, growthFields, signal);
    await this.#growVolume(found, flexVolBytesAround(deviceBytes(config.size, config), found), signal);
    return this.#growDevice(device, config, config.size, signal);
  }

  /** The same after a promotion, where the device is another than the handle may know, and may stay as it is. */
  async fit(volume: VolumeHandle, signal: AbortSignal): Promise<number> {
    const { config, ref } = volume;
    const path = this.#devices.pathIn(config.internalName);
    const device = onlyDevice(await this.#devices.allIn(config.internalName, signal), path);
    // What was mirrored held none: no reason to fail where it has been promoted.
    if (device === undefined) return config.size;
    const there = { config, ref: { ...ref, ...this.#devices.write(device) } };
    const size = await unlessRefused(() => this.regrow(there, signal));
    return size ?? (device.space?.size ?? 0) - overheadOf(config);
  }

  /** Makes the device larger; returns what the user has then. */
  async #growDevice(device: DeviceRef, config: VolumeConfig, bytes: number, signal: AbortSignal): Promise<number> {
    const grown = await this.#devices.grow(device, deviceBytes(bytes, config), signal);
    if (grown) return bytes;
    const size = await this.#sizeOf(device, config, signal);
    if (bytes >= size - sanResizeTolerance) return size;
    throw shrinkRefused(this.#devices.noun, config.internalName, bytes, size);
  }

  #growVolume(volume: VolumeOnOntap, target: number, signal: AbortSignal): Promise<void> {
    const what = `resizing volume ${volume.name} to ${target} bytes`;
    return growVolume(this.#backend, this.#volumes, volume, target, what, signal);
  }

  /** Usable bytes of the device as it is. */
  async #sizeOf(device: DeviceRef, config: VolumeConfig, signal: AbortSignal): Promise<number> {
    const size = await this.#devices.sizeOf(device.uuid, signal);
    if (size === undefined) throw this.#devices.missing(device.name);
    return size - overheadOf(config);
  }

  async #deviceIn(volume: string, signal: AbortSignal) {
    const path = this.#devices.pathIn(volume);
    const device = onlyDevice(await this.#devices.allIn(volume, signal), path);
    if (device === undefined) throw this.#devices.missing(path);
    return { device, ref: this.#devices.write(device) };
  }
}

/** Size of the FlexVol around a device, with the reserve that it has for snapshots. */
const flexVolBytesAround = (device: number, { space }: VolumeOnOntap): number =>
  flexVolBytesFor(volumeBytesFor(device, space?.snapshot?.reserve_percent ?? 0));
