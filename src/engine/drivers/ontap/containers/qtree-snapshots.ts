import { Problem } from '../../../problem.ts';
import type { SnapshotHandle, SnapshotOnArray, VolumeHandle } from '../../objects.ts';
import type { OntapBackend } from '../backend.ts';
import { parseFlag } from '../config/rules.ts';
import type { Snapshots } from '../parts.ts';
import { qtreeRef } from './qtree-ref.ts';
import type { Qtrees } from './qtrees.ts';
import { VolumeSnapshots } from './snapshots.ts';
import type { SplitTimers } from './split-timers.ts';

/**
 * Snapshots of the whole FlexVol around a qtree, for read-only clones (ontap-drivers.md 9.10). Qtrees of one FlexVol share
 * its names for snapshots, so that a comment says whose each is.
 */
export class QtreeSnapshots implements Snapshots {
  readonly #snapshots: VolumeSnapshots;

  constructor(backend: OntapBackend, qtrees: Qtrees, timers: SplitTimers) {
    const findUuidOf = async (volume: VolumeHandle, signal: AbortSignal) => {
      const known = volume.orphaned === true ? undefined : qtreeRef(volume.ref);
      return (known ?? (await qtrees.findOf(volume, signal)))?.volume.uuid;
    };
    this.#snapshots = new VolumeSnapshots(
      backend,
      {
        path: '/storage/volumes',
        findUuidOf,
        async uuidOf(volume, signal) {
          const uuid = await findUuidOf(volume, signal);
          if (uuid === undefined) throw qtrees.missing(volume.config.internalName);
          return uuid;
        },
        clonesOf: (uuid, snapshot) => ({
          'clone.parent_volume.uuid': uuid,
          'clone.parent_snapshot.name': snapshot,
        }),
        ownerOf: ({ config }) => `Trident: ${config.internalName}`,
        missing: (name) => qtrees.missing(name),
      },
      timers,
    );
  }

  async create(volume: VolumeHandle, name: string, signal: AbortSignal): Promise<SnapshotOnArray> {
    const { config } = volume;
    if (parseFlag(config.snapshotDirectory) !== true)
      throw new Problem(
        'snapshot.no-directory',
        'unsupported',
        `volume ${config.name} hides its snapshots, so that one could not be used`,
        {
          hint: 'create the volume with snapshotDirectory true (snapshotDir in the backend); snapshots are read through it',
          nothingDone: true,
        },
      );
    return this.#snapshots.create(volume, name, signal);
  }

  find(volume: VolumeHandle, internalName: string, signal: AbortSignal): Promise<SnapshotOnArray | undefined> {
    return this.#snapshots.find(volume, internalName, signal);
  }

  list(volume: VolumeHandle, signal: AbortSignal): Promise<readonly SnapshotOnArray[]> {
    return this.#snapshots.list(volume, signal);
  }

  remove(volume: VolumeHandle, snapshot: SnapshotHandle, signal: AbortSignal): Promise<void> {
    return this.#snapshots.remove(volume, snapshot, signal);
  }
}
