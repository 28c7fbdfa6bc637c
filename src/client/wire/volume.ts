import { anything, flag, integer, list, map, object, optional, request, text, type ObjectOf } from './codec.ts';

/** Keys and order of stock's `VolumeAccessInfo`. */
export const accessInformation = object('models.VolumeAccessInfo', {
  iscsiTargetPortal: optional(text),
  iscsiPortals: optional(list(text)),
  iscsiTargetIqn: optional(text),
  iscsiLunNumber: optional(integer),
  iscsiInterface: optional(text),
  iscsiIgroup: optional(text),
  iscsiVags: optional(list(integer)),
  iscsiLunSerial: optional(text),
  useCHAP: flag,
  iscsiUsername: optional(text),
  iscsiInitiatorSecret: optional(text),
  iscsiTargetUsername: optional(text),
  iscsiTargetSecret: optional(text),
  nvmeTargetIPs: optional(list(text)),
  nvmeSubsystemNqn: optional(text),
  nvmeSubsystemUUID: optional(text),
  nvmeNamespaceUUID: optional(text),
  nfsServerIp: optional(text),
  nfsPath: optional(text),
  nfsUniqueID: optional(text),
  smbServer: optional(text),
  smbPath: optional(text),
  fcTargetWWNN: optional(text),
  fcpLunNumber: optional(integer),
  fcpIgroup: optional(text),
  fcpLunSerial: optional(text),
  mountOptions: optional(text),
  formatOptions: optional(text),
  publishEnforcement: optional(flag),
  readOnly: optional(flag),
  accessMode: optional(integer),
});

export type AccessInformationWire = ReturnType<typeof accessInformation.parse>;

const topologies = optional(list(map(text)));

/** Keys and order of stock's `VolumeConfig`. */
const configFields = {
  version: text,
  name: text,
  internalName: text,
  size: text,
  protocol: text,
  spaceReserve: text,
  securityStyle: text,
  snapshotPolicy: optional(text),
  snapshotReserve: optional(text),
  snapshotDirectory: optional(text),
  exportPolicy: optional(text),
  unixPermissions: optional(text),
  storageClass: optional(text),
  accessMode: optional(text),
  volumeMode: optional(text),
  accessInformation,
  blockSize: text,
  fileSystem: text,
  formatOptions: optional(text),
  encryption: text,
  LUKSEncryption: optional(text),
  cloneSourceVolume: text,
  cloneSourceVolumeInternal: text,
  cloneSourceSnapshot: text,
  cloneSourceSnapshotInternal: text,
  splitOnClone: text,
  readOnlyClone: flag,
  qosPolicy: optional(text),
  adaptiveQosPolicy: optional(text),
  qos: optional(text),
  type: optional(text),
  serviceLevel: optional(text),
  cvsStorageClass: optional(text),
  network: optional(text),
  zone: optional(text),
  importOriginalName: optional(text),
  importBackendUUID: optional(text),
  importNotManaged: optional(flag),
  importNoRename: optional(flag),
  mountOptions: optional(text),
  requisiteTopologies: topologies,
  preferredTopologies: topologies,
  allowedTopologies: topologies,
  luksPassphraseNames: optional(list(text)),
  mirrorDestination: optional(flag),
  requiredPeerVolumeHandle: optional(text),
  internalID: optional(text),
  shareSourceVolume: text,
  namespace: text,
  requestName: text,
  skipRecoveryQueue: text,
  smbShareACL: optional(map(text)),
  secureSMBEnabled: optional(flag),
  tieringPolicy: optional(text),
  tieringMinimumCoolingDays: optional(text),
  requestedAutogrowPolicy: optional(text),
} as const;

export const volumeConfig = object('storage.VolumeConfig', configFields);

/** A volume as asked for, which is some part of a `VolumeConfig`. */
export const volumeConfigRequest = request('storage.VolumeConfig', configFields);
export type VolumeConfigRequest = ReturnType<typeof volumeConfigRequest.parse>;

const volumeFields = {
  Config: volumeConfig,
  backend: text,
  backendUUID: text,
  pool: text,
  orphaned: flag,
  state: text,
  effectiveAutogrowPolicy: object('models.EffectiveAutogrowPolicyInfo', { PolicyName: text, Reason: text }),
  autogrowStatus: optional(anything),
} as const;
export const volumeExternal = object('storage.VolumeExternal', volumeFields);
export type VolumeExternal = ObjectOf<typeof volumeFields>;

export const volumeUpdate = request('models.VolumeUpdateInfo', { snapshotDirectory: text, poolLevel: flag });

/** Stock's import request, and after `pvcData` what only our core understands: it imports without Kubernetes. */
export const importRequest = request('storage.ImportVolumeRequest', {
  backend: text,
  internalName: text,
  noManage: flag,
  noRename: flag,
  pvcData: text,
  name: text,
  size: text,
  storageClass: text,
  accessMode: text,
  volumeMode: text,
  protocol: text,
  config: volumeConfigRequest,
});

/** A clone of the volume in the path; `snapshot` empty means its present contents. */
export const cloneRequest = request('CloneRequest', {
  name: text,
  snapshot: text,
  size: text,
  storageClass: text,
  readOnly: flag,
  splitOnClone: text,
  config: volumeConfigRequest,
});

export const resizeRequest = request('ResizeRequest', { size: text });
export type ImportWire = ReturnType<typeof importRequest.parse>;
export type CloneWire = ReturnType<typeof cloneRequest.parse>;
