import type { ChapCredentials } from '../drivers/driver.ts';
import type { MirrorStatus } from '../drivers/mirrors.ts';
import type { MoveStatus, MoveWish } from '../drivers/moves.ts';
import type { JsonObject } from '../json.ts';
import type {
  AccessMode,
  BackendRecord,
  GroupSnapshotRecord,
  NodeRecord,
  OperationRecord,
  Protocol,
  PublicationRecord,
  SnapshotRecord,
  StorageClassRecord,
  VolumeConfig,
  VolumeMode,
  VolumeRecord,
} from './model.ts';

/** What every use case is given beside its own arguments. */
export interface CallOptions {
  readonly signal: AbortSignal;
  /** Told each step as it begins. */
  readonly progress?: (step: string) => void;
  /** Told what is worth knowing and prevents nothing. */
  readonly warn?: (text: string) => void;
  /** Plan, describe, change nothing: the promise rejects with `DryRun` holding the plan. */
  readonly dryRun?: boolean;
}

/** A request with sizes still as the user wrote them (`5Gi`); everything else as in the record. */
export type VolumeRequest = Omit<Partial<VolumeConfig>, 'size'> & { readonly name: string; readonly size: string };

export interface VolumeUpdateRequest {
  /** `true`, `false`; empty: left as it is. */
  readonly snapshotDirectory: string;
  /** Also for the volumes that share what is changed. */
  readonly poolLevel: boolean;
}

export interface CloneRequest {
  readonly name: string;
  readonly source: string;
  /** Name of a snapshot of the source; empty for the present contents. */
  readonly snapshot: string;
  /** Empty: the source's. Never larger than the source. */
  readonly size: string;
  readonly storageClass: string;
  readonly readOnly: boolean;
  readonly splitOnClone: string;
  readonly overrides: Partial<VolumeConfig>;
}

export interface ImportRequest {
  readonly backend: string;
  /** Name on the array: a volume, `flexvol/qtree`, `flexvol/lun`. */
  readonly originalName: string;
  /** Name to give; empty: derived from the original name. */
  readonly name: string;
  readonly noManage: boolean;
  readonly noRename: boolean;
  readonly size: string;
  readonly storageClass: string;
  readonly accessMode: AccessMode;
  readonly volumeMode: VolumeMode;
  readonly protocol: Protocol | '';
  readonly overrides: Partial<VolumeConfig>;
}

export interface GroupSnapshotRequest {
  /** `groupsnapshot-<uuid>` */
  readonly name: string;
  readonly volumes: readonly string[];
  readonly version: string;
}

export interface MirrorRequest {
  /** `svm:volume` to mirror; empty: the one on record. */
  readonly remote: string;
  /** Empty: what the backend is configured with. */
  readonly policy: string;
  readonly schedule: string;
}

/** A mirror as the array tells of it. */
export interface MirrorView extends Omit<MirrorStatus, 'ref'> {
  readonly volume: string;
  /** The snapshot to promote at has not come over yet. */
  readonly waiting: boolean;
}

/** A move of a volume as the array tells of it. */
export interface MoveView extends MoveStatus {
  readonly volume: string;
}

export interface PublicationRequest {
  readonly volume: string;
  readonly node: string;
  readonly readOnly: boolean;
  /** CSI access-mode number; 0 derives it from the volume. */
  readonly accessMode: number;
}

export interface SnapshotRequest {
  readonly volume: string;
  readonly name: string;
  readonly version: string;
}

export interface NodeStateFlags {
  readonly orchestratorReady?: boolean;
  readonly administratorReady?: boolean;
  readonly provisionerReady?: boolean;
}

/** A backend with what belongs to it in listings. */
export interface BackendView {
  readonly backend: BackendRecord;
  /** Names of its volumes, sorted. */
  readonly volumes: readonly string[];
  /** For each pool name, the sorted names of the storage classes it satisfies. */
  readonly poolClasses: Readonly<Record<string, readonly string[]>>;
}

/** A storage class with the pools that satisfy it: backend name to sorted pool names. */
export interface StorageClassView {
  readonly storageClass: StorageClassRecord;
  readonly storage: Readonly<Record<string, readonly string[]>>;
}

/** What a repair of access changes, and what it leaves since somebody else may have written it; one line each. */
export interface AccessRepair {
  readonly changes: readonly string[];
  readonly leftAlone: readonly string[];
}

/**
 * The use cases of the core. Reads never wait for writers. Every method rejects with a Problem; texts of refusals are
 * stock's (orchestrator.md), since callers match on them. Lists are sorted by id.
 */
export interface Orchestrator {
  readonly backends: {
    /** Adds, or updates the backend that has this name or is this one already. */
    add(config: JsonObject, options: CallOptions): Promise<BackendRecord>;
    update(name: string, config: JsonObject, options: CallOptions): Promise<BackendRecord>;
    /** Exactly one of the two must be non-empty. */
    updateState(
      name: string,
      change: { readonly state: string; readonly userState: string },
      options: CallOptions,
    ): Promise<BackendRecord>;
    /** By UUID when the text is one, else by name. */
    get(nameOrUuid: string): Promise<BackendView>;
    list(): Promise<readonly BackendView[]>;
    names(): Promise<readonly string[]>;
    /** Removes it, or marks it deleting while it has volumes. */
    remove(name: string, options: CallOptions): Promise<void>;
    /** Brings the access rules on the array in line with the publications on record, or with `dryRun` says how. */
    repairAccess(name: string, options: CallOptions): Promise<AccessRepair>;
  };
  readonly storageClasses: {
    /** One commit, which nothing waits for: there is only a plan to ask for. */
    add(storageClass: StorageClassRecord, options?: Pick<CallOptions, 'dryRun'>): Promise<StorageClassView>;
    get(name: string): Promise<StorageClassView>;
    list(): Promise<readonly StorageClassView[]>;
    names(): Promise<readonly string[]>;
    remove(name: string, options: CallOptions): Promise<void>;
  };
  readonly volumes: {
    create(request: VolumeRequest, options: CallOptions): Promise<VolumeRecord>;
    clone(request: CloneRequest, options: CallOptions): Promise<VolumeRecord>;
    import(request: ImportRequest, options: CallOptions): Promise<VolumeRecord>;
    resize(name: string, size: string, options: CallOptions): Promise<VolumeRecord>;
    update(name: string, request: VolumeUpdateRequest, options: CallOptions): Promise<VolumeRecord>;
    /** Records names that a node reports; answers the volume as it was before. */
    setPassphraseNames(name: string, names: readonly string[], options: CallOptions): Promise<VolumeRecord>;
    remove(name: string, options: CallOptions): Promise<void>;
    get(name: string): Promise<VolumeRecord>;
    list(): Promise<readonly VolumeRecord[]>;
    names(): Promise<readonly string[]>;
    /** What nodes log in with, secrets included; undefined when they need nothing. */
    chap(name: string): Promise<ChapCredentials | undefined>;
  };
  readonly snapshots: {
    create(request: SnapshotRequest, options: CallOptions): Promise<SnapshotRecord>;
    restore(volume: string, name: string, options: CallOptions): Promise<SnapshotRecord>;
    remove(volume: string, name: string, options: CallOptions): Promise<void>;
    get(volume: string, name: string): Promise<SnapshotRecord>;
    list(filter?: { readonly volume?: string; readonly group?: string }): Promise<readonly SnapshotRecord[]>;
  };
  readonly groupSnapshots: {
    create(request: GroupSnapshotRequest, options: CallOptions): Promise<GroupSnapshotRecord>;
    /** Deletes the members, then the group. */
    remove(name: string, options: CallOptions): Promise<void>;
    get(name: string): Promise<GroupSnapshotRecord>;
    names(): Promise<readonly string[]>;
  };
  readonly mirrors: {
    establish(volume: string, request: MirrorRequest, options: CallOptions): Promise<MirrorView>;
    /** What was written to the volume since it was promoted is lost. */
    reestablish(volume: string, request: MirrorRequest, options: CallOptions): Promise<MirrorView>;
    promote(
      volume: string,
      request: { readonly remote: string; readonly snapshot: string },
      options: CallOptions,
    ): Promise<MirrorView>;
    update(volume: string, snapshot: string, options: CallOptions): Promise<MirrorView>;
    /** Asks the array. */
    get(volume: string, options: CallOptions): Promise<MirrorView>;
    /** Of a source: forgets its copies, all or one. Returns those that were forgotten. */
    release(volume: string, remote: string, options: CallOptions): Promise<readonly string[]>;
  };
  readonly moves: {
    /** Starts it, or tells how one that was started stands; answers before the volume is there. */
    move(volume: string, wish: MoveWish, options: CallOptions): Promise<MoveView>;
    /** Asks the array. */
    get(volume: string, options: CallOptions): Promise<MoveView>;
  };
  readonly nodes: {
    /** Adds or refreshes; the publication state of a known node is kept. */
    register(node: NodeRecord, options: CallOptions): Promise<NodeRecord>;
    updateState(name: string, flags: NodeStateFlags): Promise<NodeRecord>;
    get(name: string): Promise<NodeRecord>;
    list(): Promise<readonly NodeRecord[]>;
    /** Removes it, or marks it deleted while volumes are published to it. */
    remove(name: string, options: CallOptions): Promise<void>;
  };
  readonly publications: {
    publish(request: PublicationRequest, options: CallOptions): Promise<PublicationRecord>;
    /** Unpublishing what is not published succeeds. */
    unpublish(volume: string, node: string, options: CallOptions): Promise<void>;
    get(volume: string, node: string): Promise<PublicationRecord>;
    list(filter?: { readonly volume?: string; readonly node?: string }): Promise<readonly PublicationRecord[]>;
  };
  readonly operations: {
    /** The journal, newest first: running, interrupted, done. */
    list(): Promise<readonly OperationRecord[]>;
    get(id: string): Promise<OperationRecord>;
    /** Finishes or undoes what processes that are gone left behind; one failing record does not stop the others. */
    recover(options: CallOptions): Promise<readonly OperationRecord[]>;
  };
  /** Tells arrays that they are in use, when that is due; `serve` calls it on a timer. Failures are told to `progress`. */
  reportUsage(options: CallOptions): Promise<void>;
  /**
   * One pass over all backends: health, pools, and access rules where records about them have changed or a quarter of an hour
   * is over. `serve` calls it on a timer.
   */
  poll(options: CallOptions): Promise<void>;
}
