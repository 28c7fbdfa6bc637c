import type { DriverContext } from '../../driver.ts';
import type { Topology } from '../../../orchestrator/model.ts';
import { defaultKeys } from './schema.ts';
import type { GivenPool, OntapConfig, PoolDefaults } from './schema.ts';

/** Every option of a pool, resolved: the pool's own value, else the backend's, else the default. All texts. */
export type PoolOptions = { readonly [Key in keyof Required<PoolDefaults>]: string };

export interface PoolSettings {
  readonly options: PoolOptions;
  readonly labels: Readonly<Record<string, string>>;
  readonly region: string;
  readonly zone: string;
  readonly supportedTopologies: readonly Topology[];
  /** `useBalancedPlacement` as given; empty: as the system has it. */
  readonly balancedPlacement: string;
}

/** How initiators and target prove who they are to each other. */
export interface ChapSecrets {
  readonly username: string;
  readonly initiatorSecret: string;
  readonly targetUsername: string;
  readonly targetInitiatorSecret: string;
}

/** How the economy drivers share FlexVols between volumes. */
export interface PoolingSettings {
  /** Most bytes of one shared FlexVol, as given; empty: no limit of ours. */
  readonly limitVolumePoolSize: string;
  /** No new shared FlexVols: volumes go into those that are there. */
  readonly denyNewVolumePools: string;
  readonly qtreesPerFlexvol: string;
  readonly lunsPerFlexvol: string;
}

/** A backend with its defaults filled in (ontap-drivers.md 2.2, 2.3, 2.6). */
export interface OntapSettings {
  readonly given: OntapConfig;
  readonly context: DriverContext;
  readonly managementLIF: string;
  readonly dataLIF: string;
  readonly svm: string;
  readonly username: string;
  readonly password: string;
  /** PEM, decoded; empty when absent. */
  readonly clientCertificate: string;
  readonly clientPrivateKey: string;
  readonly trustedCACertificate: string;
  /** The only aggregate to use; empty: all of the SVM. FlexGroups have a list instead. */
  readonly aggregate: string;
  /** Aggregates over which FlexGroups are spread; empty: the array decides. */
  readonly flexgroupAggregates: readonly string[];
  readonly prefix: string;
  readonly nasType: string;
  readonly autoExportPolicy: boolean;
  readonly autoExportCIDRs: readonly string[];
  readonly nfsMountOptions: string;
  /** In lower case. */
  readonly sanType: string;
  /** One igroup for all volumes; only where nodes are not known (Docker). */
  readonly igroupName: string;
  readonly useCHAP: boolean;
  readonly chap: ChapSecrets;
  readonly pooling: PoolingSettings;
  readonly limitVolumeSize: string;
  readonly limitAggregateUsage: string;
  readonly cloneSplitDelaySeconds: number;
  readonly smbShare: string;
  readonly backend: PoolSettings;
  /** Virtual pools in the order given. */
  readonly virtualPools: readonly PoolSettings[];
}

/** Export policy shown when access rules are kept by Trident. */
export const automaticPolicy = '<automatic>';
const defaultCidrs: readonly string[] = ['0.0.0.0/0', '::/0'];

const defaultPrefix = { csi: 'trident_', docker: 'netappdvp_', direct: '' } as const;
const defaultMountOptions = { csi: '', docker: '-o nfsvers=3', direct: '' } as const;

/** True for the driver whose volumes are spread over aggregates. */
export const isFlexGroupDriver = ({ storageDriverName }: OntapConfig): boolean =>
  storageDriverName === 'ontap-nas-flexgroup';

/** True for the drivers that serve LUNs and namespaces. */
export const isSanDriver = (settings: Pick<OntapSettings, 'given'>): boolean =>
  settings.given.storageDriverName.startsWith('ontap-san');

/** True for the drivers that share FlexVols between volumes. */
export const isEconomyDriver = (settings: Pick<OntapSettings, 'given'>): boolean =>
  settings.given.storageDriverName.endsWith('-economy');

/** The default of every option, once the protocol is known. */
const baseOptions = (nasType: string, autoExport: boolean): PoolOptions => ({
  size: '1G',
  nameTemplate: '',
  spaceAllocation: 'true',
  spaceReserve: 'none',
  snapshotPolicy: 'none',
  snapshotReserve: '',
  snapshotDir: 'false',
  unixPermissions: '',
  exportPolicy: autoExport ? automaticPolicy : 'default',
  securityStyle: nasType === 'smb' ? 'ntfs' : 'unix',
  splitOnClone: 'false',
  fileSystemType: 'ext4',
  formatOptions: '',
  encryption: '',
  LUKSEncryption: 'false',
  mirroring: 'false',
  tieringPolicy: '',
  qosPolicy: '',
  adaptiveQosPolicy: '',
  skipRecoveryQueue: 'false',
  adAdminUser: '',
});

/** Values over defaults. An empty text counts as not given, as in stock. */
const overlay = (base: PoolOptions, given: PoolDefaults | null | undefined): PoolOptions => {
  const filled: { -readonly [Key in keyof PoolOptions]: string } = { ...base };
  for (const key of defaultKeys) {
    const value = given?.[key];
    if (value !== undefined && value !== '') filled[key] = value;
  }
  return filled;
};

/** What depends on other options of the same pool. */
const completed = (options: PoolOptions, nasType: string, autoExport: boolean): PoolOptions => ({
  ...options,
  snapshotReserve: options.snapshotReserve === '' && options.snapshotPolicy !== 'none' ? '5' : options.snapshotReserve,
  unixPermissions:
    options.unixPermissions === '' && (nasType !== 'smb' || options.securityStyle === 'mixed')
      ? '---rwxrwxrwx'
      : options.unixPermissions,
  exportPolicy: autoExport ? automaticPolicy : options.exportPolicy,
  snapshotDir: options.snapshotDir.toLowerCase(),
});

const virtualPool = (given: GivenPool, backend: PoolSettings, nasType: string, autoExport: boolean): PoolSettings => ({
  options: completed(overlay(backend.options, given.defaults), nasType, autoExport),
  labels: { ...backend.labels, ...given.labels },
  region: given.region === undefined || given.region === '' ? backend.region : given.region,
  zone: given.zone === undefined || given.zone === '' ? backend.zone : given.zone,
  supportedTopologies: given.supportedTopologies ?? backend.supportedTopologies,
  balancedPlacement: orDefault(given.useBalancedPlacement, backend.balancedPlacement),
});

/** An empty text counts as not given, as in stock. */
const orDefault = (given: string | undefined, usual: string): string =>
  given === undefined || given === '' ? usual : given;

const decodePem = (base64: string | undefined): string =>
  base64 === undefined || base64 === '' ? '' : Buffer.from(base64, 'base64').toString('utf8');

/** Fills in the defaults. Judges nothing; see `rules.ts`. */
export const settingsOf = (given: OntapConfig, context: DriverContext): OntapSettings => {
  const nasType = given.nasType === undefined || given.nasType === '' ? 'nfs' : given.nasType;
  // Docker mounts without nodes that Trident knows, so that rules cannot be kept.
  const autoExport = given.autoExportPolicy === true && context !== 'docker';
  const backend: PoolSettings = {
    options: completed(overlay(baseOptions(nasType, autoExport), given.defaults), nasType, autoExport),
    labels: given.labels ?? {},
    region: given.region ?? '',
    zone: given.zone ?? '',
    supportedTopologies: given.supportedTopologies ?? [],
    balancedPlacement: given.useBalancedPlacement ?? '',
  };
  const flexgroup = isFlexGroupDriver(given);
  const delay = given.cloneSplitDelay === undefined || given.cloneSplitDelay === '' ? '86400' : given.cloneSplitDelay;
  return {
    given,
    context,
    managementLIF: given.managementLIF ?? '',
    dataLIF: given.dataLIF ?? '',
    svm: given.svm ?? '',
    username: given.username ?? '',
    password: given.password ?? '',
    clientCertificate: decodePem(given.clientCertificate),
    clientPrivateKey: decodePem(given.clientPrivateKey),
    trustedCACertificate: decodePem(given.trustedCACertificate),
    // As documented for stock: a FlexGroup lies in many aggregates, so that these two mean nothing for it.
    aggregate: flexgroup ? '' : (given.aggregate ?? ''),
    flexgroupAggregates: flexgroup ? [...new Set(given.flexgroupAggregateList)] : [],
    prefix: typeof given.storagePrefix === 'string' ? given.storagePrefix : defaultPrefix[context],
    nasType,
    autoExportPolicy: autoExport,
    autoExportCIDRs: (given.autoExportCIDRs ?? []).length === 0 ? defaultCidrs : (given.autoExportCIDRs ?? []),
    nfsMountOptions:
      given.nfsMountOptions === undefined || given.nfsMountOptions === ''
        ? defaultMountOptions[context]
        : given.nfsMountOptions,
    sanType: given.sanType === undefined || given.sanType === '' ? 'iscsi' : given.sanType.toLowerCase(),
    igroupName: given.igroupName ?? '',
    useCHAP: given.useCHAP ?? false,
    chap: {
      username: given.chapUsername ?? '',
      initiatorSecret: given.chapInitiatorSecret ?? '',
      targetUsername: given.chapTargetUsername ?? '',
      targetInitiatorSecret: given.chapTargetInitiatorSecret ?? '',
    },
    pooling: {
      limitVolumePoolSize: given.limitVolumePoolSize ?? '',
      denyNewVolumePools: orDefault(given.denyNewVolumePools, 'false'),
      qtreesPerFlexvol: orDefault(given.qtreesPerFlexvol, '200'),
      lunsPerFlexvol: orDefault(given.lunsPerFlexvol, '100'),
    },
    limitVolumeSize: given.limitVolumeSize ?? '',
    limitAggregateUsage: flexgroup ? '' : (given.limitAggregateUsage ?? ''),
    cloneSplitDelaySeconds: Number(delay),
    smbShare: given.smbShare ?? '',
    backend,
    virtualPools: (given.storage ?? []).map((pool) => virtualPool(pool, backend, nasType, autoExport)),
  };
};
