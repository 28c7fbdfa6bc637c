import { Problem } from '../../../problem.ts';
import type { VolumeChange, VolumeUpdates } from '../../driver.ts';
import type { VolumeHandle } from '../../objects.ts';
import type { OntapBackend } from '../backend.ts';
import { noRepair } from '../parts.ts';
import { FlexVolChanges } from './flexvol-changes.ts';

interface Holder {
  readonly uuid: string;
  readonly name: string;
}

export interface SnapshotDirectoryOptions {
  /** The FlexVol of a volume; undefined when it is gone. */
  readonly holderOf: (volume: VolumeHandle, signal: AbortSignal) => Promise<Holder | undefined>;
  /** The same of what a handle says; undefined for volumes of another Trident. */
  readonly knownHolderOf: (volume: VolumeHandle) => string | undefined;
  /** Volumes lie together in one FlexVol, so that all of them change. */
  readonly isShared: boolean;
}

/** Whether nodes see `.snapshot` in a volume; it is a property of the FlexVol. */
export class SnapshotDirectory implements VolumeUpdates {
  readonly #changes: FlexVolChanges;
  readonly #options: SnapshotDirectoryOptions;

  constructor(backend: OntapBackend, options: SnapshotDirectoryOptions) {
    this.#changes = new FlexVolChanges(backend);
    this.#options = options;
  }

  check(volume: VolumeHandle, { poolLevel }: VolumeChange): void {
    const { name, readOnlyClone, cloneSourceVolume } = volume.config;
    if (readOnlyClone)
      throw new Problem(
        'volume.read-only-clone',
        'invalid',
        `volume ${name} is a view of volume ${cloneSourceVolume} and has no snapshot directory of its own`,
        { nothingDone: true },
      );
    if (this.#options.isShared && !poolLevel)
      throw new Problem(
        'volume.pool-level',
        'invalid',
        `pool level must be set to true for updating the snapshot directory of volume ${name}, which shares its FlexVol with others`,
        { hint: 'add --pool-level to change all volumes in that FlexVol', path: ['poolLevel'], nothingDone: true },
      );
  }

  async apply(
    volume: VolumeHandle,
    { snapshotDirectory }: VolumeChange,
    signal: AbortSignal,
  ): Promise<(other: VolumeHandle) => boolean> {
    const holder = await this.#options.holderOf(volume, signal);
    const body = { snapshot_directory_access_enabled: snapshotDirectory === 'true' };
    const what = `${snapshotDirectory === 'true' ? 'showing' : 'hiding'} the snapshot directory of volume ${volume.config.name}`;
    const done = holder !== undefined && (await this.#changes.patch(holder, body, noRepair, what, signal));
    if (holder === undefined || !done)
      throw new Problem('volume.not-on-array', 'notFound', `${what}: the volume is not there`, { nothingDone: true });
    // As stock tells them apart: by what the record says of where the volume is.
    return (other) =>
      this.#options.isShared &&
      (this.#options.knownHolderOf(other) === holder.uuid ||
        other.config.internalID.includes(`/flexvol/${holder.name}/`));
  }
}
