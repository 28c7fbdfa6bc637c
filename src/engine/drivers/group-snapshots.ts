import type { SnapshotOnArray, VolumeHandle } from './objects.ts';

/** Snapshots of several volumes at one instant. */
export interface GroupSnapshots {
  /** Volumes of backends with equal targets can be taken together, whatever their drivers. */
  readonly target: string;
  /**
   * Whether these volumes can be taken together, as far as that needs no array call. Absent: any can.
   * @throws Problem of kind `unsupported` that says why not
   */
  check?(volumes: readonly VolumeHandle[]): void;
  /** What on the array holds the volumes and is snapshotted as a whole; several volumes may share a holder. */
  holders(volumes: readonly VolumeHandle[], signal: AbortSignal): Promise<readonly GroupHolder[]>;
  /** Takes a snapshot of that name of all holders of this target at one instant: all of them or none. */
  take(holders: readonly GroupHolder[], name: string, signal: AbortSignal): Promise<void>;
  /** The snapshots of the volumes, made of those that `take` took; in the order of the volumes. */
  collect(volumes: readonly VolumeHandle[], name: string, signal: AbortSignal): Promise<readonly SnapshotOnArray[]>;
  /**
   * Takes back what an interrupted `take` or `collect`, begun at `since`, left for these volumes; repeating it succeeds.
   * A snapshot of that name that is older is left alone and named.
   */
  discard(volumes: readonly VolumeHandle[], name: string, since: Date, signal: AbortSignal): Promise<readonly string[]>;
}
export interface GroupHolder {
  readonly uuid: string;
  readonly name: string;
}
