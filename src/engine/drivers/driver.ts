import type { JsonObject } from '../json.ts';
import type { NodeRecord, PoolRecord, Protocol, VolumeConfig } from '../orchestrator/model.ts';
import type { GroupSnapshots } from './group-snapshots.ts';
import type { Mirrors } from './mirrors.ts';
import type { Moves } from './moves.ts';
import type {
  ClassRequest,
  VolumePlan,
  ClonePlan,
  ImportPlan,
  VolumeOnArray,
  VolumeHandle,
  SnapshotHandle,
  ImportCandidate,
  PublishRequest,
  UnpublishRequest,
  Published,
  Settled,
  AccessExpectation,
  AccessFinding,
  SnapshotOnArray,
} from './objects.ts';

/**
 * The contract between the orchestrator and a storage product. A driver knows its array's API and this file; it does
 * not know the orchestrator, its records' life or its store. Everything a driver is told is plain data, everything it
 * answers is plain data that may be journalled.
 *
 * Rules that hold for every method with a signal:
 * - it ends when the signal aborts, with the signal's reason;
 * - success means that the array has finished, not that it has accepted;
 * - a reply that was lost is settled by asking the array, never by guessing;
 * - a refusal is a Problem that carries the array's own code and message, with `nothingDone` when that is certain.
 */

/** What a driver can do; the orchestrator refuses the rest before anything is journalled. */
export interface DriverManifest {
  readonly name: string;
  readonly snapshots: boolean;
  readonly clones: boolean;
  /** Clones that are a view of the source's snapshot and no object of their own. */
  readonly readOnlyClones: boolean;
  readonly restore: boolean;
  /** Restoring a snapshot may take others of its volume along, those that are newer; `listSnapshots` tells what is left. */
  readonly restoreTakesOthers: boolean;
  readonly groupSnapshots: boolean;
  readonly mirrors: boolean;
  readonly chap: boolean;
  /** What an import names: a volume, `flexvol/qtree`, `flexvol/lun`. */
  readonly import: 'volume' | 'qtree' | 'lun' | 'none';
  readonly rename: boolean;
  readonly publish: boolean;
  /** Access is granted node by node, so a node must be clean before it may publish. */
  readonly enforcesAccess: boolean;
  /** `update volume` of the snapshot directory after creation. */
  readonly volumeUpdate: boolean;
  /** Bytes by which a device may be smaller than asked for and still count as resized. */
  readonly resizeDelta: number;
}

/** Where Trident runs; decides default prefixes and whether access is granted per node. */
export type DriverContext = 'csi' | 'docker' | 'direct';

export interface DriverEnvironment {
  readonly context: DriverContext;
  readonly backendUUID: string;
  readonly installationUUID: string;
  /** Version sent to arrays, `26.06.0`. */
  readonly version: string;
  readonly hostName: string;
  readonly trace?: Trace;
  readonly now: () => Date;
  /**
   * Does something while no other process that shares our records does anything under the same name: making what
   * several volumes share, say. Taken inside an operation, so that `action` must not wait for another operation.
   * `isWanted` tells whether somebody else waits for the end of it. Absent: this process is the only one.
   */
  readonly exclusively?: <T>(
    name: string,
    action: (isWanted: () => Promise<boolean>) => Promise<T>,
    signal: AbortSignal,
  ) => Promise<T>;
  /**
   * Every volume on record that is published to a node, whatever its backend, at the moment of asking. A publication is on
   * record before its access is granted, and until after it is revoked. Absent: nobody knows.
   */
  readonly publishedTo?: (node: string) => Promise<readonly VolumeHandle[]>;
  /** Absent: nothing is kept beyond this process. */
  readonly notes?: DriverNotes;
  /** A dry run: `discover` changes nothing on the array, and says what it would have to. */
  readonly looksOnly?: true;
}

/** Small things that a driver wants to know again, also in another process. They go with their backend. */
export interface DriverNotes {
  get(key: string): Promise<string | undefined>;
  put(key: string, text: string): Promise<void>;
  /** Removing what is not there succeeds. */
  remove(key: string): Promise<void>;
  /** The keys that begin with this. */
  keys(prefix: string): Promise<readonly string[]>;
}

/** Receives what a driver says to its array, secrets already replaced. Used by `-d`. */
export type Trace = (line: string) => void;

/** What opening a backend for the first time, or again on update, finds out. */
export interface Discovery {
  /** The name to use when the configuration names none. */
  readonly defaultName: string;
  readonly protocol: Protocol;
  readonly pools: readonly PoolRecord[];
  readonly shownConfig: JsonObject;
  readonly facts: JsonObject;
  /** What has to be changed on the array and was not, since it was only to be looked at; in words an operator knows. */
  readonly pending?: readonly string[];
  /** What is worth knowing and prevents nothing, in words for whoever gave the configuration. */
  readonly warnings?: readonly string[];
}

export type ConfigChange =
  | 'invalid'
  | 'accessInformation'
  | 'prefix'
  | 'rename'
  | 'username'
  | 'password'
  | 'credentials';

/** Words to an array that it is in use, and by whom. The engine decides when they are due. */
export interface UsageReports {
  /** Hours between two of them, by the configuration; 0: none. */
  everyHours(config: JsonObject): number;
  send(
    config: JsonObject,
    found: Pick<Discovery, 'facts'>,
    environment: DriverEnvironment,
    signal: AbortSignal,
  ): Promise<void>;
}

/** A kind of backend. Loaded by name when a configuration asks for it. */
export interface DriverKind {
  readonly name: string;
  /**
   * Checks a configuration without asking the array: types, ranges, unknown keys (with a suggestion), combinations.
   * @throws Problem of kind `invalid` whose `path` is the key
   */
  check(config: JsonObject, context: DriverContext): void;
  /** Connects, checks what only the array knows, and reports. Opens at most as many calls as the product needs. */
  discover(config: JsonObject, environment: DriverEnvironment, signal: AbortSignal): Promise<Discovery>;
  /** A driver over what an earlier discovery found; makes no array call. */
  open(config: JsonObject, found: Pick<Discovery, 'pools' | 'facts'>, environment: DriverEnvironment): Driver;
  /** Absent: the product takes no word of who uses it. */
  readonly usage?: UsageReports;
  /** What differs between two configurations of one backend, for `update backend`. */
  changes(before: JsonObject, after: JsonObject): ReadonlySet<ConfigChange>;
}

/** An open backend. All methods may be called concurrently; the orchestrator excludes two operations on one volume. */
export interface Driver extends AsyncDisposable {
  readonly manifest: DriverManifest;

  /**
   * Resolves names, sizes and options for a pool. No array call.
   * @throws Problem `pool.ineligible` (kind `unsupported`) when another pool or backend should be tried,
   *   `limit` for sizes outside the limits
   */
  planVolume(request: VolumeConfig, storageClass: ClassRequest, pool: PoolRecord): VolumePlan;
  /**
   * Looks at the array for what the plan needs to know of it, and answers the plan with that: that the name is free, say,
   * where objects do not tell when they were made. Changes nothing. The orchestrator journals the answer before it calls
   * `createVolume` with it. Absent: there is nothing to look at.
   */
  prepareVolume?(plan: VolumePlan, signal: AbortSignal): Promise<VolumePlan>;
  /**
   * Creates the volume. A name that is taken on the array is a Problem `volume.exists-on-array` (kind `exists`,
   * `nothingDone`) that tells what was found there; it is never adopted and never deleted.
   * When every place refuses for want of space or by limit: `pool.ineligible` with the causes.
   */
  createVolume(plan: VolumePlan, signal: AbortSignal): Promise<VolumeOnArray>;
  /**
   * Takes back an interrupted `createVolume` of this plan, begun at `since`: removes what that create left, and leaves
   * alone an object that this plan does not explain (older, or with other properties).
   */
  discardVolume(plan: VolumePlan, since: Date, signal: AbortSignal): Promise<Settled>;

  planClone(
    request: VolumeConfig,
    source: VolumeHandle,
    snapshot: SnapshotHandle | undefined,
    pool: PoolRecord | undefined,
  ): ClonePlan;
  cloneVolume(plan: ClonePlan, signal: AbortSignal): Promise<VolumeOnArray>;
  discardClone(plan: ClonePlan, since: Date, signal: AbortSignal): Promise<Settled>;

  /** The object an import names, or undefined. */
  findForImport(originalName: string, signal: AbortSignal): Promise<ImportCandidate | undefined>;
  /** Every check that can be made before the first change; throws a Problem that names what is wrong. */
  planImport(request: VolumeConfig, originalName: string, candidate: ImportCandidate): ImportPlan;
  importVolume(plan: ImportPlan, signal: AbortSignal): Promise<VolumeOnArray>;
  /** Gives an imported object back its name and the settings that were changed; never deletes it. */
  undoImport(plan: ImportPlan, signal: AbortSignal): Promise<void>;

  /** True when the array answered that the volume is there, false when it answered that it is not. Throws otherwise. */
  volumeExists(volume: VolumeHandle, signal: AbortSignal): Promise<boolean>;
  /** Removing what is gone succeeds. What is orphaned is looked for first. */
  deleteVolume(volume: VolumeHandle, signal: AbortSignal): Promise<void>;
  /** Grows (or, where the product allows it, shrinks) to `bytes`; repeating it succeeds. */
  resizeVolume(volume: VolumeHandle, bytes: number, signal: AbortSignal): Promise<VolumeOnArray>;

  publish(request: PublishRequest, signal: AbortSignal): Promise<Published>;
  /** Revoking what was never granted succeeds. */
  unpublish(request: UnpublishRequest, signal: AbortSignal): Promise<Published>;
  /**
   * What a node that a volume is published to logs in with. It comes from the backend's configuration, where it is
   * sealed, and is never part of a volume's record. Undefined, or absent: nodes need none.
   */
  chap?(): ChapCredentials | undefined;
  /**
   * Looks at the access rules of this backend and says what brings them in line: adding what is missing, and removing
   * what the driver itself wrote and nobody needs. An empty or failed list never empties a policy. What looks unneeded and
   * is not known to be the driver's is named and left alone. Changes nothing; the orchestrator makes the changes in their
   * order, or shows them.
   */
  planAccess(
    expected: readonly AccessExpectation[],
    nodes: readonly NodeRecord[],
    signal: AbortSignal,
  ): Promise<readonly AccessFinding[]>;

  /** Taking a snapshot that is there already (same name, by us, interrupted) returns it. */
  createSnapshot(volume: VolumeHandle, name: string, signal: AbortSignal): Promise<SnapshotOnArray>;
  findSnapshot(volume: VolumeHandle, internalName: string, signal: AbortSignal): Promise<SnapshotOnArray | undefined>;
  listSnapshots(volume: VolumeHandle, signal: AbortSignal): Promise<readonly SnapshotOnArray[]>;
  /** Removing what is gone succeeds; a busy one is a Problem `snapshot.busy` that names the clones holding it. */
  deleteSnapshot(volume: VolumeHandle, snapshot: SnapshotHandle, signal: AbortSignal): Promise<void>;
  /**
   * Puts the volume back to what a snapshot holds. One that is older than a resize leaves the volume as large as its record
   * says nevertheless. Answers its usable bytes, which are what is to be recorded.
   */
  restoreSnapshot(volume: VolumeHandle, snapshot: SnapshotHandle, signal: AbortSignal): Promise<number>;

  /** Present when the manifest says that volumes can be updated after their creation. */
  readonly updates?: VolumeUpdates | undefined;
  /** Present when the manifest says that group snapshots can be taken. */
  readonly groups?: GroupSnapshots | undefined;
  /** Present when the manifest says that volumes can be mirrored. */
  readonly mirrors?: Mirrors | undefined;
  /** Present when volumes can be moved to another place of the backend. */
  readonly moves?: Moves | undefined;

  /** Looks at the array's health; an empty reason means online. `discovery` is set when pools or facts changed. */
  checkHealth(signal: AbortSignal): Promise<{ readonly reason: string; readonly discovery?: Discovery }>;
  /** Removes what the backend itself keeps on the array (a backend-wide export policy, say) when it is deleted. */
  retire(signal: AbortSignal): Promise<void>;
}

/** What can be changed of a volume that is there. */
export interface VolumeChange {
  readonly snapshotDirectory: 'true' | 'false';
  /** Also of the volumes that share what is changed. */
  readonly poolLevel: boolean;
}
export interface VolumeUpdates {
  /** Every check that needs no array call. @throws Problem of kind `invalid` */
  check(volume: VolumeHandle, change: VolumeChange): void;
  /** Makes the change; repeating it succeeds. Answers which other volumes of the backend changed with it. */
  apply(volume: VolumeHandle, change: VolumeChange, signal: AbortSignal): Promise<(other: VolumeHandle) => boolean>;
}

/** How a node and the iSCSI target prove who they are; keys as in stock's VolumeAccessInfo. */
export interface ChapCredentials {
  readonly iscsiUsername: string;
  readonly iscsiInitiatorSecret: string;
  readonly iscsiTargetUsername: string;
  readonly iscsiTargetSecret: string;
}
