import type { JsonObject } from '../json.ts';
import type { VolumeHandle } from './objects.ts';

/** Which remote volume a volume shall mirror, and how. */
export interface MirrorWish {
  /** `svm:volume` on the other side. */
  readonly remote: string;
  /** Empty: what the backend is configured with, else the array's own. */
  readonly policy: string;
  readonly schedule: string;
}
/**
 * `none`: no mirror, and nothing was ever promoted. `establishing`: data has never been complete. `promoted`: writable,
 * and on its own.
 */
export type MirrorState = 'none' | 'establishing' | 'established' | 'promoting' | 'promoted';
export interface MirrorStatus {
  readonly state: MirrorState;
  readonly healthy: boolean;
  /** Why it is not healthy, in the array's words. */
  readonly reason: string;
  /** This volume as the other side names it: `svm:volume`. */
  readonly local: string;
  /** Empty when there is no mirror. */
  readonly remote: string;
  readonly policy: string;
  readonly schedule: string;
  readonly transfer: {
    readonly state: 'none' | 'running' | 'done' | 'failed';
    /** RFC 3339, UTC; empty: none has ended. */
    readonly ended: string;
  };
  /** The volume's handle from now on. */
  readonly ref: JsonObject;
}

/**
 * Volumes that are kept as copies of volumes on another array. The volume is the copy, except where said otherwise. Every
 * verb converges: made again, it goes on from where it stands.
 */
export interface Mirrors {
  /**
   * Makes a volume that was created as a mirror destination the copy, and starts the first transfer; its end is seen in the
   * status. @throws Problem `mirror.not-destination` for a volume that has data of its own
   */
  establish(volume: VolumeHandle, wish: MirrorWish, signal: AbortSignal): Promise<MirrorStatus>;
  /** Makes a volume that was promoted the copy again. What was written to it since it was promoted is lost. */
  reestablish(volume: VolumeHandle, wish: MirrorWish, signal: AbortSignal): Promise<MirrorStatus>;
  /**
   * Makes the copy a volume of its own, with the contents of `snapshot` or, when that is empty, of the last transfer.
   * `waiting`: that snapshot has not come over yet, and nothing was done. A copy is as large as its source: it is made as
   * large as its record says, and `size` tells how many usable bytes it has then, fewer where the array refuses more.
   */
  promote(
    volume: VolumeHandle,
    remote: string,
    snapshot: string,
    signal: AbortSignal,
  ): Promise<{ readonly waiting: boolean; readonly status: MirrorStatus; readonly size: number }>;
  /** @param remote empty: whatever the volume mirrors */
  status(volume: VolumeHandle, remote: string, signal: AbortSignal): Promise<MirrorStatus>;
  /** Starts a transfer, up to a snapshot of the source or (empty) of its present contents. */
  update(volume: VolumeHandle, snapshot: string, signal: AbortSignal): Promise<MirrorStatus>;
  /** The volume is the source: forgets its copies (all, or the one named). Returns those that were forgotten. */
  release(volume: VolumeHandle, remote: string, signal: AbortSignal): Promise<readonly string[]>;
}
