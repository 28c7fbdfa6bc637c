import type { SnapshotHandle, SnapshotOnArray, VolumeHandle } from '../../objects.ts';
import type { Snapshots } from '../parts.ts';

/** Snapshots of the FlexVol around a device. Whoever restores or clones one gets the device, so its size is told. */
export class DeviceSnapshots implements Snapshots {
  readonly #ofVolume: Snapshots;

  constructor(ofVolume: Snapshots) {
    this.#ofVolume = ofVolume;
  }

  async create(volume: VolumeHandle, name: string, signal: AbortSignal): Promise<SnapshotOnArray> {
    return sized(await this.#ofVolume.create(volume, name, signal), volume);
  }

  async find(volume: VolumeHandle, internalName: string, signal: AbortSignal): Promise<SnapshotOnArray | undefined> {
    const found = await this.#ofVolume.find(volume, internalName, signal);
    return found === undefined ? undefined : sized(found, volume);
  }

  async list(volume: VolumeHandle, signal: AbortSignal): Promise<readonly SnapshotOnArray[]> {
    return (await this.#ofVolume.list(volume, signal)).map((snapshot) => sized(snapshot, volume));
  }

  remove(volume: VolumeHandle, snapshot: SnapshotHandle, signal: AbortSignal): Promise<void> {
    return this.#ofVolume.remove(volume, snapshot, signal);
  }
}

const sized = (snapshot: SnapshotOnArray, { config }: VolumeHandle): SnapshotOnArray => ({
  ...snapshot,
  size: config.size,
});
