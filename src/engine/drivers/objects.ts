import type { JsonObject } from '../json.ts';
import type { AccessInformation, NodeRecord, PoolRecord, SnapshotRecord, VolumeConfig } from '../orchestrator/model.ts';

/** What passes between the orchestrator and a driver: plans, handles, and what was found or made on the array. Plain data. */

/** A storage-class request in the form pools are matched by. */
export interface ClassRequest {
  readonly attributes: Readonly<Record<string, string>>;
}

/** Decided before the array is touched: journalled, shown by a dry run, and repeated by recovery. */
export interface VolumePlan {
  /** The request with `internalName`, size in bytes and every option resolved. */
  readonly config: VolumeConfig;
  readonly pool: PoolRecord;
  /** Physical places to try, in order. */
  readonly placement: readonly string[];
  readonly details: JsonObject;
}

export interface ClonePlan {
  readonly config: VolumeConfig;
  readonly source: VolumeHandle;
  /** Undefined when the driver has to take an automatic snapshot first (its name is then in `details`). */
  readonly snapshot: SnapshotHandle | undefined;
  readonly details: JsonObject;
}

export interface ImportPlan {
  readonly config: VolumeConfig;
  readonly originalName: string;
  readonly details: JsonObject;
}

/** A volume as the driver left it on the array. */
export interface VolumeOnArray {
  /** The driver's handle; given back with every later call. */
  readonly ref: JsonObject;
  /** Usable bytes as recorded for the user. */
  readonly size: number;
  readonly accessInformation: AccessInformation;
  /** Configuration values that only the array could decide (`internalID`, `fileSystem`, `allowedTopologies` …). */
  readonly config: Partial<VolumeConfig>;
}

/** A volume the orchestrator has on record. */
export interface VolumeHandle {
  readonly config: VolumeConfig;
  readonly ref: JsonObject;
  /** True when the array did not have it when it was last looked for; then what `ref` names may be another SVM's. */
  readonly orphaned?: true;
}

export interface SnapshotHandle {
  readonly name: string;
  readonly internalName: string;
  readonly ref: JsonObject;
}

/** An object on the array that an import could take over. */
export interface ImportCandidate {
  readonly size: number;
  /** Facts for people: type, junction, aggregate … */
  readonly facts: JsonObject;
  readonly details: JsonObject;
}

export interface PublishRequest {
  readonly volume: VolumeHandle;
  readonly node: NodeRecord;
  /** Every node this volume is published to, the new one included. */
  readonly nodes: readonly NodeRecord[];
  readonly readOnly: boolean;
  readonly accessMode: number;
}

export interface UnpublishRequest {
  readonly volume: VolumeHandle;
  readonly node: NodeRecord;
  /** Nodes that must keep access. */
  readonly remaining: readonly NodeRecord[];
}

export interface Published {
  readonly accessInformation: AccessInformation;
  readonly ref: JsonObject;
  readonly config: Partial<VolumeConfig>;
}

/** How an object found on the array relates to an interrupted operation of ours. */
export type Settled = 'removed' | 'absent' | 'foreign';

export interface AccessExpectation {
  readonly volume: VolumeHandle;
  readonly nodes: readonly NodeRecord[];
}

/** What a change of access changes in the handle of a volume. */
export interface HandleChange {
  readonly volume: string;
  edit(ref: JsonObject): JsonObject;
}

/** A change that brings access in line. */
export interface AccessChange {
  /** Revoking waits until everybody who needs access has it, and is left out when that failed. */
  readonly kind: 'grant' | 'revoke';
  /** For people, as an order: `add 10.0.0.2 to export policy v1`. */
  readonly text: string;
  /** Put on record before something is granted, so that it is known whatever happens, and after something is revoked. */
  readonly handles?: readonly HandleChange[];
  /** Making it twice is as good as once. */
  apply(signal: AbortSignal): Promise<void>;
}

/** What nobody on record needs, and somebody else may have written. */
export interface AccessLeftAlone {
  readonly kind: 'leftAlone';
  /** For people, as a thing: `rule for 10.0.0.2 in export policy v1`. */
  readonly text: string;
}

export type AccessFinding = AccessChange | AccessLeftAlone;

export interface SnapshotOnArray {
  readonly internalName: string;
  /** RFC 3339, UTC, as the array tells it. */
  readonly created: string;
  readonly size: number;
  readonly ref: JsonObject;
}

/** What a snapshot record gives a driver. */
export const snapshotHandle = (record: SnapshotRecord): SnapshotHandle => ({
  name: record.name,
  internalName: record.internalName,
  ref: record.ref,
});
