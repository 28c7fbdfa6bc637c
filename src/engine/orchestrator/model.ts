import type { JsonObject } from '../json.ts';

/**
 * The persistent records of the engine. Wire forms live in `client/wire`, views in `cli`; none of the three is used
 * for another's job. Sizes are bytes as safe integers, times are RFC 3339 strings in UTC.
 */

export type Protocol = 'file' | 'block';
export type BackendState = 'unknown' | 'online' | 'offline' | 'deleting' | 'failed';
export type UserState = 'normal' | 'suspended';
export type VolumeState = 'unknown' | 'online' | 'deleting' | 'missing_backend' | 'subordinate';
type SnapshotState = 'creating' | 'uploading' | 'online' | 'missing_backend' | 'missing_volume';
export type PublicationState = 'clean' | 'cleanable' | 'dirty';
export type AccessMode = '' | 'ReadWriteOnce' | 'ReadWriteOncePod' | 'ReadOnlyMany' | 'ReadWriteMany';
export type VolumeMode = 'Filesystem' | 'Block';

/** A pool attribute as offered for storage-class matching (orchestrator.md §6.1). */
export type Offer =
  | { readonly type: 'int'; readonly min: number; readonly max: number }
  | { readonly type: 'bool'; readonly offer: boolean }
  | { readonly type: 'string'; readonly offer: readonly string[] }
  | { readonly type: 'label'; readonly offer: Readonly<Record<string, string>> };

export type Topology = Readonly<Record<string, string>>;

/** A pool as discovered when the backend was opened; stored inside its backend. */
export interface PoolRecord {
  /** Shown and stored with volumes: aggregate name, or `<backend>_pool_<index>` as in stock. */
  readonly name: string;
  /** Stable identity: aggregate name, or a key made of the virtual pool's own settings; list position does not matter. */
  readonly key: string;
  readonly offers: Readonly<Record<string, Offer>>;
  readonly supportedTopologies: readonly Topology[];
  /** Settings the driver needs to provision here (defaults merged with the pool's own). */
  readonly settings: JsonObject;
}

export interface BackendRecord {
  readonly uuid: string;
  readonly name: string;
  /** `storageDriverName`. */
  readonly driver: string;
  readonly protocol: Protocol;
  /** The configuration as given, secrets included; sealed by the store. */
  readonly config: JsonObject;
  /** The running configuration with defaults applied and secrets replaced; what `get backend` shows. */
  readonly shownConfig: JsonObject;
  readonly pools: readonly PoolRecord[];
  /** What the driver learnt of the array (SVM UUID, LIFs, version …): lets the next process open it without a call. */
  readonly facts: JsonObject;
  readonly state: BackendState;
  readonly userState: UserState;
  readonly stateReason: string;
  readonly configRef: string;
}

/** What a node needs to reach a volume. Keys as in stock's VolumeAccessInfo (rest-api.md §5.1). */
export interface AccessInformation {
  readonly nfsServerIp?: string;
  readonly nfsPath?: string;
  readonly nfsUniqueID?: string;
  readonly smbServer?: string;
  readonly smbPath?: string;
  readonly iscsiTargetPortal?: string;
  readonly iscsiPortals?: readonly string[];
  readonly iscsiTargetIqn?: string;
  readonly iscsiLunNumber?: number;
  readonly iscsiInterface?: string;
  readonly iscsiIgroup?: string;
  readonly iscsiVags?: readonly number[];
  readonly iscsiLunSerial?: string;
  readonly useCHAP?: boolean;
  readonly iscsiUsername?: string;
  readonly iscsiInitiatorSecret?: string;
  readonly iscsiTargetUsername?: string;
  readonly iscsiTargetSecret?: string;
  readonly fcTargetWWNN?: string;
  readonly fcpLunNumber?: number;
  readonly fcpIgroup?: string;
  readonly fcpLunSerial?: string;
  readonly nvmeTargetIPs?: readonly string[];
  readonly nvmeSubsystemNqn?: string;
  readonly nvmeSubsystemUUID?: string;
  readonly nvmeNamespaceUUID?: string;
  readonly mountOptions?: string;
  readonly formatOptions?: string;
  readonly publishEnforcement?: boolean;
  readonly readOnly?: boolean;
  readonly accessMode?: number;
}

/** What a volume is: asked for by the user, filled in by the chosen pool. Keys as in stock (orchestrator.md §1.1). */
export interface VolumeConfig {
  readonly name: string;
  readonly internalName: string;
  /** Bytes. 0 in a request means "the pool's default size". */
  readonly size: number;
  readonly protocol: Protocol | '';
  readonly storageClass: string;
  readonly accessMode: AccessMode;
  readonly volumeMode: VolumeMode;
  readonly accessInformation: AccessInformation;
  readonly fileSystem: string;
  readonly spaceReserve: string;
  readonly securityStyle: string;
  readonly encryption: string;
  readonly splitOnClone: string;
  readonly skipRecoveryQueue: string;
  readonly snapshotPolicy: string;
  readonly snapshotReserve: string;
  readonly snapshotDirectory: string;
  readonly exportPolicy: string;
  readonly unixPermissions: string;
  readonly blockSize: string;
  readonly formatOptions: string;
  readonly LUKSEncryption: string;
  readonly qosPolicy: string;
  readonly adaptiveQosPolicy: string;
  readonly qos: string;
  readonly type: string;
  readonly tieringPolicy: string;
  readonly tieringMinimumCoolingDays: string;
  readonly mountOptions: string;
  readonly namespace: string;
  readonly requestName: string;
  readonly cloneSourceVolume: string;
  readonly cloneSourceVolumeInternal: string;
  readonly cloneSourceSnapshot: string;
  readonly cloneSourceSnapshotInternal: string;
  readonly readOnlyClone: boolean;
  readonly importOriginalName: string;
  readonly importBackendUUID: string;
  readonly importNotManaged: boolean;
  readonly importNoRename: boolean;
  readonly requisiteTopologies: readonly Topology[];
  readonly preferredTopologies: readonly Topology[];
  readonly allowedTopologies: readonly Topology[];
  readonly luksPassphraseNames: readonly string[];
  readonly mirrorDestination: boolean;
  readonly requiredPeerVolumeHandle: string;
  readonly internalID: string;
  readonly shareSourceVolume: string;
  readonly smbShareACL: Readonly<Record<string, string>>;
  readonly secureSMBEnabled: boolean;
  readonly requestedAutogrowPolicy: string;
  readonly serviceLevel: string;
  readonly cvsStorageClass: string;
  readonly network: string;
  readonly zone: string;
}

export interface VolumeRecord {
  readonly config: VolumeConfig;
  readonly backendUUID: string;
  /** Pool name as shown. */
  readonly pool: string;
  /** Stable key of that pool; empty when it is not known (imports). */
  readonly poolKey: string;
  readonly orphaned: boolean;
  readonly state: VolumeState;
  /** The driver's own handle on the object (UUIDs and the like), so that later operations need no look-up. */
  readonly ref: JsonObject;
}

export interface SnapshotRecord {
  readonly volume: string;
  readonly name: string;
  readonly internalName: string;
  readonly volumeInternalName: string;
  readonly created: string;
  readonly size: number;
  readonly state: SnapshotState;
  readonly version: string;
  readonly importNotManaged: boolean;
  readonly groupSnapshotName: string;
  readonly luksPassphraseNames: readonly string[];
  readonly ref: JsonObject;
}

/** Snapshots of several volumes that were taken at one instant; each of them has its own record, too. */
export interface GroupSnapshotRecord {
  /** `groupsnapshot-<uuid>`; the members are then called `snapshot-<uuid>`. */
  readonly name: string;
  readonly version: string;
  readonly volumes: readonly string[];
  /** `volume/snapshot` of each member as it was taken; members may have been deleted since. */
  readonly snapshots: readonly string[];
  readonly created: string;
}

export interface StorageClassRecord {
  readonly name: string;
  readonly version: string;
  /** Requested attributes in canonical text form, `{ media: 'ssd', snapshots: 'true' }`. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly storagePools: Readonly<Record<string, readonly string[]>>;
  readonly additionalStoragePools: Readonly<Record<string, readonly string[]>>;
  readonly excludeStoragePools: Readonly<Record<string, readonly string[]>>;
  readonly autogrowPolicy: string;
  /** True when `attributes` was given, even empty: the wire form tells the two apart. */
  readonly attributesGiven: boolean;
}

export interface NodeRecord {
  readonly name: string;
  readonly iqn: string;
  readonly nqn: string;
  readonly hostWWPNMap: Readonly<Record<string, readonly string[]>>;
  readonly ips: readonly string[];
  readonly topologyLabels: Topology;
  readonly hostInfo: JsonObject;
  readonly deleted: boolean;
  readonly publicationState: PublicationState;
  readonly logLevel: string;
  readonly logWorkflows: string;
  readonly logLayers: string;
}

export interface PublicationRecord {
  readonly volume: string;
  readonly node: string;
  readonly readOnly: boolean;
  /** CSI access-mode number (rest-api.md §6.4). */
  readonly accessMode: number;
  readonly storageClass: string;
  readonly backendUUID: string;
  readonly pool: string;
}

/** One entry of the journal: an operation that was begun, and how far it came. */
export interface OperationRecord {
  readonly id: string;
  /** Name of the saga, `volume.create`. */
  readonly kind: string;
  /** What it is about, for people: `volume v1`. */
  readonly subject: string;
  /** Number of steps that ended. */
  readonly step: number;
  /** Everything recovery needs; sealed by the store, and still never holds a backend's secrets. */
  readonly state: JsonObject;
  readonly outcome: 'open' | 'done' | 'undone' | 'stuck';
  readonly begun: string;
  readonly ended: string;
  /** Process that runs it; recovery takes over only from a process that is gone. */
  readonly owner: string;
  /** Why it was undone or is stuck. */
  readonly reason: string;
}

/** Something that the driver of a backend wants to know again, also in another process. */
export interface DriverNoteRecord {
  readonly backendUUID: string;
  readonly key: string;
  readonly text: string;
}

export const driverNoteId = ({ backendUUID, key }: Pick<DriverNoteRecord, 'backendUUID' | 'key'>): string =>
  `${backendUUID}/${key}`;

/** `volume/snapshot`, as everywhere in Trident. */
export const snapshotId = (snapshot: { readonly volume: string; readonly name: string }): string =>
  `${snapshot.volume}/${snapshot.name}`;

interface Pair {
  readonly volume: string;
  readonly node: string;
}

/** No name has a slash, so no two publications have one id. */
export const publicationId = ({ volume, node }: Pair): string => `${volume}/${node}`;

/** `volume.node`, as everywhere in Trident. Names may have dots, so that two publications may be called the same. */
export const publicationName = ({ volume, node }: Pair): string => `${volume}.${node}`;

/** A volume configuration in which nothing is asked for. */
export const emptyVolumeConfig: VolumeConfig = {
  name: '',
  internalName: '',
  size: 0,
  protocol: '',
  storageClass: '',
  accessMode: '',
  volumeMode: 'Filesystem',
  accessInformation: {},
  fileSystem: '',
  spaceReserve: '',
  securityStyle: '',
  encryption: '',
  splitOnClone: '',
  skipRecoveryQueue: '',
  snapshotPolicy: '',
  snapshotReserve: '',
  snapshotDirectory: '',
  exportPolicy: '',
  unixPermissions: '',
  blockSize: '',
  formatOptions: '',
  LUKSEncryption: '',
  qosPolicy: '',
  adaptiveQosPolicy: '',
  qos: '',
  type: '',
  tieringPolicy: '',
  tieringMinimumCoolingDays: '',
  mountOptions: '',
  namespace: '',
  requestName: '',
  cloneSourceVolume: '',
  cloneSourceVolumeInternal: '',
  cloneSourceSnapshot: '',
  cloneSourceSnapshotInternal: '',
  readOnlyClone: false,
  importOriginalName: '',
  importBackendUUID: '',
  importNotManaged: false,
  importNoRename: false,
  requisiteTopologies: [],
  preferredTopologies: [],
  allowedTopologies: [],
  luksPassphraseNames: [],
  mirrorDestination: false,
  requiredPeerVolumeHandle: '',
  internalID: '',
  shareSourceVolume: '',
  smbShareACL: {},
  secureSMBEnabled: false,
  requestedAutogrowPolicy: '',
  serviceLevel: '',
  cvsStorageClass: '',
  network: '',
  zone: '',
};
