import type { JsonObject } from '../../json.ts';
import type { AccessInformation, NodeRecord, VolumeConfig } from '../../orchestrator/model.ts';
import type { ChapCredentials, VolumeUpdates } from '../driver.ts';
import type {
  AccessExpectation,
  AccessFinding,
  ClonePlan,
  ImportCandidate,
  ImportPlan,
  Published,
  PublishRequest,
  Settled,
  SnapshotHandle,
  SnapshotOnArray,
  UnpublishRequest,
  VolumeHandle,
  VolumePlan,
} from '../objects.ts';
import type { GroupSnapshots } from '../group-snapshots.ts';
import type { Mirrors } from '../mirrors.ts';
import type { VolumeMoves } from './containers/volume-moves.ts';
import type { Refused } from './client/outcome.ts';

/**
 * An ONTAP driver is a container (where the bytes live: a FlexVol, a FlexGroup, a qtree in a shared FlexVol, a LUN or namespace in a
 * FlexVol, a storage unit) and an access (how nodes get at them: NFS export, SMB share, iSCSI or FC map, NVMe subsystem).
 * `compose.ts` makes a driver of the two; neither knows the other, only what they exchange here.
 */

/**
 * What an access wants in the request that makes the volume, so that one POST does both. `Fields` is what the
 * container's resource takes: for volumes the `nas` object, for LUNs the OS type and attributes.
 */
export interface Wish<Fields> {
  readonly fields: Fields;
  /**
   * Called when the array refuses a request that carries these fields. True when the refusal was about something the
   * access has now put right (an export policy that was missing), so that the request should be sent again.
   */
  repair(refused: Refused, signal: AbortSignal): Promise<boolean>;
}

/** Where a refusal is about nothing that could be put right. */
export const noRepair: Pick<Wish<unknown>, 'repair'> = { repair: async () => false };

/** A wish for these fields, without a way to put right why they are refused. */
export const plainWish = <Fields>(fields: Fields): Wish<Fields> => ({ fields, ...noRepair });

/** What a container knows about an object it made or found. */
export interface Contained {
  /** The container's part of the volume's handle. */
  readonly ref: JsonObject;
  /** Usable bytes. */
  readonly size: number;
  readonly config: Partial<VolumeConfig>;
}

export interface Container<Fields, Facet> {
  /** See `Driver.prepareVolume`. */
  prepare?(plan: VolumePlan, signal: AbortSignal): Promise<VolumePlan>;
  create(plan: VolumePlan, wish: Wish<Fields>, signal: AbortSignal): Promise<Contained>;
  discard(plan: VolumePlan, since: Date, signal: AbortSignal): Promise<Settled>;
  clone(plan: ClonePlan, wish: Wish<Fields>, signal: AbortSignal): Promise<Contained>;
  discardClone(plan: ClonePlan, since: Date, signal: AbortSignal): Promise<Settled>;
  /** Facts of an object and what the access recorded on it; undefined when the array says that there is none. */
  find(volume: VolumeHandle, signal: AbortSignal): Promise<Facet | undefined>;
  findForImport(originalName: string, signal: AbortSignal): Promise<ImportCandidate | undefined>;
  adopt(plan: ImportPlan, wish: Wish<Fields>, signal: AbortSignal): Promise<Contained>;
  giveBack(plan: ImportPlan, wish: Wish<Fields>, signal: AbortSignal): Promise<void>;
  remove(volume: VolumeHandle, signal: AbortSignal): Promise<void>;
  resize(volume: VolumeHandle, bytes: number, signal: AbortSignal): Promise<Contained>;
  /**
   * Refuses what nodes could only read: a mirror that is not promoted. Absent: nodes may have whatever there is.
   * @throws Problem `mirror.read-only`
   */
  requireWritable?(volume: VolumeHandle, signal: AbortSignal): Promise<void>;
  /** See `Driver.restoreSnapshot`. */
  restore(volume: VolumeHandle, snapshot: SnapshotHandle, signal: AbortSignal): Promise<number>;
  /** The fields as they are when the container had a say in them: a qtree's path depends on the FlexVol it lies in. */
  settled?(fields: Fields, ref: JsonObject): Fields;
  readonly snapshots: Snapshots;
  /** Snapshots of several volumes at one instant, where the container can take them. */
  readonly groups?: GroupSnapshots;
  /** Changes of volumes that are there, where the container can make them. */
  readonly updates?: VolumeUpdates;
  /** Moves of volumes to another aggregate, where the container's volumes have one of their own. */
  readonly moves?: VolumeMoves;
  /** Copies kept of volumes on another array, where the container's volumes can be such. */
  readonly mirrors?: Mirrors;
}

/** Snapshots of whatever the container keeps a volume in. */
export interface Snapshots {
  create(volume: VolumeHandle, name: string, signal: AbortSignal): Promise<SnapshotOnArray>;
  find(volume: VolumeHandle, internalName: string, signal: AbortSignal): Promise<SnapshotOnArray | undefined>;
  list(volume: VolumeHandle, signal: AbortSignal): Promise<readonly SnapshotOnArray[]>;
  remove(volume: VolumeHandle, snapshot: SnapshotHandle, signal: AbortSignal): Promise<void>;
}

export interface Access<Fields, Facet> {
  /** What a new volume of this plan gets at creation. */
  atCreation(config: VolumeConfig): Wish<Fields>;
  /** What a clone gets when it has been made from its source. */
  atClone(config: VolumeConfig): Wish<Fields>;
  /** What an imported object gets; fields that stay as they are found are left out by giving what was found. */
  atImport(config: VolumeConfig, found: Facet): Wish<Fields>;
  /** The access's part of a new volume's handle and what the core records about it. */
  made(
    config: VolumeConfig,
    fields: Fields,
    contained: JsonObject,
  ): { readonly ref: JsonObject; readonly access: AccessInformation; readonly config: Partial<VolumeConfig> };
  /** What follows creation, clone or import, beyond the fields: an SMB share. */
  finish(config: VolumeConfig, fields: Fields, signal: AbortSignal): Promise<void>;
  grant(request: PublishRequest, signal: AbortSignal): Promise<Published>;
  revoke(request: UnpublishRequest, signal: AbortSignal): Promise<Published>;
  /** What nodes need to follow a volume that goes to that node of the array. Absent: nothing. */
  beforeMove?(volume: VolumeHandle, targetNode: string, signal: AbortSignal): Promise<void>;
  /** See `Driver.chap`. */
  chap?(): ChapCredentials | undefined;
  /** What brings the rules in line with who needs access; see the driver contract. */
  plan(
    expected: readonly AccessExpectation[],
    nodes: readonly NodeRecord[],
    signal: AbortSignal,
  ): Promise<readonly AccessFinding[]>;
  /** Takes back what `finish` may have made for a volume that is taken back. */
  abandon?(config: VolumeConfig, fields: Fields, signal: AbortSignal): Promise<void>;
  /** Removes what belongs to a volume that is gone. */
  forget(volume: VolumeHandle, signal: AbortSignal): Promise<void>;
  /** Removes what the backend itself keeps. */
  retire(signal: AbortSignal): Promise<void>;
}
