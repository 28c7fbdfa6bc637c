/**
 * What a simulated cluster consists of before the first request. Everything is data: a lab file may replace any top-level
 * part of the default.
 */

/** unified: AFF and FAS; asa: SAN only; asa-r2: disaggregated SAN; afx: disaggregated NAS. */
export type Personality = 'unified' | 'asa' | 'asa-r2' | 'afx';
export type ProtocolName = 'nfs' | 'cifs' | 'iscsi' | 'fcp' | 'nvme';

export interface Topology {
  readonly cluster: {
    readonly name: string;
    /** `generation.major.minor`, for example `9.17.1`. */
    readonly version: string;
    readonly personality: Personality;
    readonly managementAddress: string;
    readonly location: string;
    readonly contact: string;
    readonly timeZone: string;
    /** The nodes are no cluster yet: a client makes them one. */
    readonly precluster?: boolean;
  };
  readonly nodes: readonly NodeTopology[];
  readonly aggregates: readonly AggregateTopology[];
  readonly licences: readonly string[];
  readonly svms: readonly SvmTopology[];
  readonly peers: readonly { readonly svm: string; readonly peer: string; readonly applications: readonly string[] }[];
  readonly users: readonly UserTopology[];
}

export interface NodeTopology {
  readonly name: string;
  readonly model: string;
  readonly serialNumber: string;
  readonly managementAddress: string;
}

export interface AggregateTopology {
  readonly name: string;
  readonly node: string;
  readonly sizeBytes: number;
  readonly storageType: 'hdd' | 'hybrid' | 'ssd' | 'vmdisk';
}

export interface SvmTopology {
  readonly name: string;
  /** Names of the aggregates delegated to the SVM; the first one holds its root volume. */
  readonly aggregates: readonly string[];
  readonly protocols: readonly ProtocolName[];
  readonly state: 'running' | 'stopped';
  /** Client matches of the one rule of the default export policy; none: the policy has no rules. */
  readonly defaultExportClients: readonly string[];
  readonly interfaces: readonly InterfaceTopology[];
}

export interface InterfaceTopology {
  readonly name: string;
  readonly address: string;
  readonly node: string;
  readonly services: readonly string[];
  readonly enabled: boolean;
}

export type RoleName = 'admin' | 'readonly' | 'vsadmin' | 'vsadmin-volume' | 'vsadmin-readonly';

export interface UserTopology {
  readonly name: string;
  /** A random one is drawn at start when it is not given. */
  readonly password?: string;
  /** Bearer token; none when it is not given. */
  readonly token?: string;
  /** A locked user is turned away like one that is not known. */
  readonly locked?: boolean;
  readonly role: RoleName;
  /** Name of the SVM the user is confined to; a cluster user has none. */
  readonly svm?: string;
}

const TIB = 1024 ** 4;

/** What a node of an SVM serves data through; `network` is the first three numbers of the addresses. */
export const dataInterfaces = (node: string, index: number, network: string): InterfaceTopology[] => [
  {
    name: `nas_n${index}`,
    address: `${network}.${10 + index}`,
    node,
    services: ['data_core', 'data_nfs', 'data_cifs'],
    enabled: true,
  },
  {
    name: `iscsi_n${index}`,
    address: `${network}.${20 + index}`,
    node,
    services: ['data_core', 'data_iscsi'],
    enabled: true,
  },
  {
    name: `nvme_n${index}`,
    address: `${network}.${30 + index}`,
    node,
    services: ['data_core', 'data_nvme_tcp'],
    enabled: true,
  },
];

/** Two nodes, two SSD aggregates of 10 TiB, SVM `svm0` ready for NFS, iSCSI and NVMe, and `svm_dr` peered with it. */
export const defaultTopology: Topology = {
  cluster: {
    name: 'sim-cluster',
    version: '9.17.1',
    personality: 'unified',
    managementAddress: '192.0.2.1',
    location: '',
    contact: '',
    timeZone: 'Etc/UTC',
  },
  nodes: [
    { name: 'sim-cluster-01', model: 'AFF-A400', serialNumber: '721802000001', managementAddress: '192.0.2.2' },
    { name: 'sim-cluster-02', model: 'AFF-A400', serialNumber: '721802000002', managementAddress: '192.0.2.3' },
  ],
  aggregates: [
    { name: 'aggr1_n1', node: 'sim-cluster-01', sizeBytes: 10 * TIB, storageType: 'ssd' },
    { name: 'aggr1_n2', node: 'sim-cluster-02', sizeBytes: 10 * TIB, storageType: 'ssd' },
  ],
  licences: ['nfs', 'cifs', 'iscsi', 'fcp', 'nvme_of', 'snaprestore', 'snapmirror', 'flexclone'],
  svms: [
    {
      name: 'svm0',
      aggregates: ['aggr1_n1', 'aggr1_n2'],
      protocols: ['nfs', 'iscsi', 'nvme'],
      state: 'running',
      defaultExportClients: ['0.0.0.0/0'],
      interfaces: [
        ...dataInterfaces('sim-cluster-01', 1, '192.0.2'),
        ...dataInterfaces('sim-cluster-02', 2, '192.0.2'),
      ],
    },
    {
      name: 'svm_dr',
      aggregates: ['aggr1_n1', 'aggr1_n2'],
      protocols: ['nfs'],
      state: 'running',
      defaultExportClients: ['0.0.0.0/0'],
      interfaces: [
        {
          name: 'nas_dr_n1',
          address: '192.0.2.41',
          node: 'sim-cluster-01',
          services: ['data_core', 'data_nfs', 'data_cifs'],
          enabled: true,
        },
      ],
    },
  ],
  peers: [{ svm: 'svm0', peer: 'svm_dr', applications: ['snapmirror'] }],
  users: [
    { name: 'admin', role: 'admin' },
    { name: 'vsadmin', role: 'vsadmin', svm: 'svm0' },
  ],
};

/** Packages that a licence can be for. */
export const LICENCE_PACKAGES: readonly string[] = (
  'base cifs cloud data_protection_optimized fabricpool fcp flexcache flexclone insight_balance iscsi nfs nvme_of s3 ' +
  'security_privacy snaplock snapmanagersuite snapmirror snapmirror_sync snapprotectapp snaprestore snapvault ve'
).split(' ');

const MANAGEMENT = [
  'core',
  'autosupport',
  'bgp',
  'ems',
  'https',
  'http',
  'ssh',
  'portmap',
  'ntp_client',
  'dns_client',
  'ad_client',
  'ldap_client',
  'nis_client',
  'snmp_server',
  'rsh_server',
  'telnet_server',
  'ntp_server',
  'log_forwarding',
];
const DATA = ['core', 'nfs', 'cifs', 'flexcache', 'iscsi', 'dns_server', 'fpolicy_client', 'nvme_tcp'];
/** What an interface can serve. */
export const INTERFACE_SERVICES: readonly string[] = [
  'cluster_core',
  'intercluster_core',
  ...MANAGEMENT.map((name) => `management_${name}`),
  ...DATA.map((name) => `data_${name}`),
  'backup_ndmp_control',
];
