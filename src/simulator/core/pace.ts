/** How long the work takes that goes on behind finished requests, on the simulated clock. */
export interface Pace {
  /** Milliseconds in which quotas are switched on (`initializing`) or changed (`resizing`). */
  readonly quotaMs: number;
  /** Milliseconds in which a clone is split from its parent. */
  readonly splitMs: number;
  /** Milliseconds in which a volume is moved to another aggregate, or a LUN to another volume. */
  readonly moveMs: number;
  /** Milliseconds of a mirror's transfer, whatever it moves. */
  readonly transferMs: number;
  /** Bytes a second of a transfer beside that; undefined: the size does not matter. */
  readonly transferBytesPerSecond: number | undefined;
  /** Whether schedules run on a clock that runs by itself; on one that is moved they always do. */
  readonly schedulesRun: boolean;
}
