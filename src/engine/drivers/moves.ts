import type { VolumeHandle } from './objects.ts';

/** Where a volume is to go. */
export interface MoveWish {
  /** The place on the array, which is a pool's name where pools are places: an aggregate. */
  readonly targetPool: string;
  /** Where the volume must be now; empty: wherever it is. */
  readonly sourcePool: string;
  /** Nodes of the array that must own the places; empty: whichever do. */
  readonly targetNode: string;
  readonly sourceNode: string;
}

/** How a move stands, as the array tells. */
export interface MoveStatus {
  /** `none`: the volume stays where it is. */
  readonly state: 'none' | 'moving' | 'moved' | 'failed';
  /** The place where the volume is now, and the node that owns it if that was asked for. */
  readonly pool: string;
  readonly node: string;
  /** Where it goes, or has gone; empty without a move. */
  readonly targetPool: string;
  readonly targetNode: string;
  /** How much has been copied. */
  readonly percent: number;
}

/** Moves of volumes from one place of their backend to another, while nodes use them. */
export interface Moves {
  /**
   * Starts a move and answers as soon as the array copies; where one to that place is under way, or the volume is there
   * already, that is told. Repeating it goes on where it stands.
   * @throws Problem `move.source`, `move.target`, `move.elsewhere`
   */
  move(volume: VolumeHandle, wish: MoveWish, signal: AbortSignal): Promise<MoveStatus>;
  status(volume: VolumeHandle, signal: AbortSignal): Promise<MoveStatus>;
}
