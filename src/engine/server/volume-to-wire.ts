import { accessInformation, type AccessInformationWire, type VolumeExternal } from '../../client/wire/volume.ts';
import type { AccessInformation, VolumeConfig, VolumeRecord } from '../orchestrator/model.ts';
import { Problem } from '../problem.ts';
import { redacted } from '../redacted.ts';

/**
 * Volumes in the form of the wire. There are thousands of them in one answer, so that the keys of their configurations,
 * of which few are set, are put by hand, in the order of the wire's table: five times as fast as by the table itself. A
 * test holds the two to each other.
 */

/** What a node needs to attach; CHAP names and secrets are replaced whenever CHAP is used, as in stock. */
export const accessToWire = (access: AccessInformation): AccessInformationWire =>
  accessInformation.write({
    useCHAP: false,
    ...access,
    ...(access.useCHAP === true
      ? {
          iscsiUsername: redacted,
          iscsiInitiatorSecret: redacted,
          iscsiTargetUsername: redacted,
          iscsiTargetSecret: redacted,
        }
      : {}),
  });

type ConfigWire = VolumeExternal['Config'];
type Draft = { -readonly [Key in keyof ConfigWire]?: ConfigWire[Key] };

const hasKeys = (map: object): boolean => Object.keys(map).length > 0;

const putNamesAndPolicies = (wire: Draft, config: VolumeConfig): void => {
  wire.version = '1';
  wire.name = config.name;
  wire.internalName = config.internalName;
  wire.size = String(config.size);
  wire.protocol = config.protocol;
  wire.spaceReserve = config.spaceReserve;
  wire.securityStyle = config.securityStyle;
  if (config.snapshotPolicy !== '') wire.snapshotPolicy = config.snapshotPolicy;
  if (config.snapshotReserve !== '') wire.snapshotReserve = config.snapshotReserve;
  if (config.snapshotDirectory !== '') wire.snapshotDirectory = config.snapshotDirectory;
  if (config.exportPolicy !== '') wire.exportPolicy = config.exportPolicy;
  if (config.unixPermissions !== '') wire.unixPermissions = config.unixPermissions;
  if (config.storageClass !== '') wire.storageClass = config.storageClass;
  if (config.accessMode !== '') wire.accessMode = config.accessMode;
  wire.volumeMode = config.volumeMode;
};

const putFormAndOrigin = (wire: Draft, config: VolumeConfig): void => {
  wire.accessInformation = accessToWire(config.accessInformation);
  wire.blockSize = config.blockSize;
  wire.fileSystem = config.fileSystem;
  if (config.formatOptions !== '') wire.formatOptions = config.formatOptions;
  wire.encryption = config.encryption;
  if (config.LUKSEncryption !== '') wire.LUKSEncryption = config.LUKSEncryption;
  wire.cloneSourceVolume = config.cloneSourceVolume;
  wire.cloneSourceVolumeInternal = config.cloneSourceVolumeInternal;
  wire.cloneSourceSnapshot = config.cloneSourceSnapshot;
  wire.cloneSourceSnapshotInternal = config.cloneSourceSnapshotInternal;
  wire.splitOnClone = config.splitOnClone;
  wire.readOnlyClone = config.readOnlyClone;
};

const putService = (wire: Draft, config: VolumeConfig): void => {
  if (config.qosPolicy !== '') wire.qosPolicy = config.qosPolicy;
  if (config.adaptiveQosPolicy !== '') wire.adaptiveQosPolicy = config.adaptiveQosPolicy;
  if (config.qos !== '') wire.qos = config.qos;
  if (config.type !== '') wire.type = config.type;
  if (config.serviceLevel !== '') wire.serviceLevel = config.serviceLevel;
  if (config.cvsStorageClass !== '') wire.cvsStorageClass = config.cvsStorageClass;
  if (config.network !== '') wire.network = config.network;
  if (config.zone !== '') wire.zone = config.zone;
};

const putRest = (wire: Draft, config: VolumeConfig): void => {
  if (config.importOriginalName !== '') wire.importOriginalName = config.importOriginalName;
  if (config.importBackendUUID !== '') wire.importBackendUUID = config.importBackendUUID;
  if (config.importNotManaged) wire.importNotManaged = config.importNotManaged;
  if (config.importNoRename) wire.importNoRename = config.importNoRename;
  if (config.mountOptions !== '') wire.mountOptions = config.mountOptions;
  if (config.requisiteTopologies.length > 0) wire.requisiteTopologies = config.requisiteTopologies;
  if (config.preferredTopologies.length > 0) wire.preferredTopologies = config.preferredTopologies;
  if (config.allowedTopologies.length > 0) wire.allowedTopologies = config.allowedTopologies;
  if (config.luksPassphraseNames.length > 0) wire.luksPassphraseNames = config.luksPassphraseNames;
  if (config.mirrorDestination) wire.mirrorDestination = config.mirrorDestination;
  if (config.requiredPeerVolumeHandle !== '') wire.requiredPeerVolumeHandle = config.requiredPeerVolumeHandle;
  if (config.internalID !== '') wire.internalID = config.internalID;
  wire.shareSourceVolume = config.shareSourceVolume;
  wire.namespace = config.namespace;
  wire.requestName = config.requestName;
  wire.skipRecoveryQueue = config.skipRecoveryQueue;
  if (hasKeys(config.smbShareACL)) wire.smbShareACL = config.smbShareACL;
  if (config.secureSMBEnabled) wire.secureSMBEnabled = config.secureSMBEnabled;
  if (config.tieringPolicy !== '') wire.tieringPolicy = config.tieringPolicy;
  if (config.tieringMinimumCoolingDays !== '') wire.tieringMinimumCoolingDays = config.tieringMinimumCoolingDays;
  if (config.requestedAutogrowPolicy !== '') wire.requestedAutogrowPolicy = config.requestedAutogrowPolicy;
};

/** The last of the keys that are always there. */
const isWhole = (wire: Draft): wire is ConfigWire => wire.skipRecoveryQueue !== undefined;

const configToWire = (config: VolumeConfig): ConfigWire => {
  const wire: Draft = {};
  putNamesAndPolicies(wire, config);
  putFormAndOrigin(wire, config);
  putService(wire, config);
  putRest(wire, config);
  if (isWhole(wire)) return wire;
  throw new Problem('wire.volume', 'bug', 'a volume lacks keys of the wire');
};

/** Why a volume has no autogrow policy in effect (rest-api.md §6.8); there are no policies in this core. */
const autogrowReason = (policy: string): string => {
  if (policy === '') return 'No autogrow policy configured';
  return policy.toLowerCase() === 'none'
    ? "Autogrow explicitly disabled via 'none' annotation"
    : 'Configured autogrow policy does not exist';
};

export const volumeToWire = (volume: VolumeRecord): VolumeExternal => ({
  Config: configToWire(volume.config),
  backend: '',
  backendUUID: volume.backendUUID,
  pool: volume.pool,
  orphaned: volume.orphaned,
  state: volume.state,
  effectiveAutogrowPolicy: { PolicyName: '', Reason: autogrowReason(volume.config.requestedAutogrowPolicy) },
});
