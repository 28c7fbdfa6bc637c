import { isObject } from './entry.ts';
import { checkInput, InputError } from './input.ts';
import { checkTopology } from './topology-check.ts';
import { labFile, UNITS, type Lab } from './lab-file.ts';
import {
  dataInterfaces,
  defaultTopology,
  type AggregateTopology,
  type NodeTopology,
  type SvmTopology,
  type Topology,
} from './topology.ts';

/** Completes what a lab file does not say. */

/** What flags say about the cluster, whatever the file says. */
export interface LabChoice {
  readonly personality: Topology['cluster']['personality'] | undefined;
  /** `9.16.1` */
  readonly version: string | undefined;
}

/** What differs between clusters of which nothing is said. */
export interface LabDefaults {
  readonly cluster: string;
  /** First three numbers of the addresses of the cluster, its nodes and its first SVM. */
  readonly network: string;
  /** The first two numbers of the networks of further SVMs are 10 and this, and more. */
  readonly networks: number;
  readonly serialNumber: number;
  readonly svms: (nodes: readonly NodeTopology[]) => NonNullable<Lab['svms']>;
  readonly peers: Topology['peers'];
}

const alone: LabDefaults = {
  cluster: defaultTopology.cluster.name,
  network: '192.0.2',
  networks: 0,
  serialNumber: 721_802_000_001,
  svms: (nodes) => [
    { name: 'svm0' },
    { name: 'svm_dr', protocols: ['nfs'], interfaces: [dataInterface(nodes[0]?.name ?? '')] },
  ],
  peers: defaultTopology.peers,
};

/** Each of a pair has one SVM, with which it is the other's peer. */
export const ofPair: { readonly first: LabDefaults; readonly second: LabDefaults } = {
  first: { ...alone, svms: () => [{ name: 'svm0' }], peers: [] },
  second: {
    cluster: 'sim-cluster-dr',
    network: '198.51.100',
    networks: 128,
    serialNumber: 721_803_000_001,
    svms: () => [{ name: 'svm1' }],
    peers: [],
  },
};

/** Nodes that the file does not name are called as their cluster is. */
const nodesOf = ({ nodes, cluster }: Lab, defaults: LabDefaults): readonly NodeTopology[] =>
  (nodes ?? ['01', '02'].map((number) => ({ name: `${cluster?.name ?? defaults.cluster}-${number}` }))).map(
    (node, index) => ({
      model: 'AFF-A400',
      serialNumber: String(defaults.serialNumber + index),
      managementAddress: `${defaults.network}.${2 + index}`,
      ...node,
    }),
  );

const aggregatesOf = ({ aggregates }: Lab, nodes: readonly NodeTopology[]): readonly AggregateTopology[] => {
  const given: NonNullable<Lab['aggregates']> =
    aggregates ?? nodes.map((_, index) => ({ name: `aggr1_n${index + 1}` }));
  return given.map((aggregate, index) => ({
    name: aggregate.name,
    node: aggregate.node ?? nodes[index % nodes.length]?.name ?? '',
    sizeBytes: aggregate.size ?? aggregate.sizeBytes ?? UNITS.TiB * 10,
    storageType: aggregate.storageType ?? 'ssd',
  }));
};

const svmsOf = (
  { svms }: Lab,
  nodes: readonly NodeTopology[],
  aggregates: readonly AggregateTopology[],
  defaults: LabDefaults,
): readonly SvmTopology[] => {
  const given = svms ?? defaults.svms(nodes);
  return given.map((svm, index) => ({
    name: svm.name,
    aggregates: svm.aggregates ?? aggregates.map(({ name }) => name),
    protocols: svm.protocols ?? ['nfs', 'iscsi', 'nvme'],
    state: svm.state ?? 'running',
    defaultExportClients: svm.defaultExportClients ?? ['0.0.0.0/0'],
    interfaces: (
      svm.interfaces ?? nodes.flatMap(({ name }, at) => dataInterfaces(name, at + 1, network(index, defaults)))
    ).map((lif) => ({ ...lif, node: lif.node ?? nodes[0]?.name ?? '', enabled: lif.enabled ?? true })),
  }));
};

/** Each SVM has a network of its own, so that no address is used twice. */
const network = (svm: number, { network: first, networks }: LabDefaults): string =>
  svm === 0 ? first : `10.${networks + Math.floor(svm / 250)}.${svm % 250}`;

const dataInterface = (node: string) => ({
  name: 'nas_dr_n1',
  address: '192.0.2.41',
  node,
  services: ['data_core', 'data_nfs', 'data_cifs'],
});

const complete = (lab: Lab, choice: LabChoice, defaults: LabDefaults): Topology => {
  const nodes = nodesOf(lab, defaults);
  const aggregates = aggregatesOf(lab, nodes);
  const svms = svmsOf(lab, nodes, aggregates, defaults);
  const [first] = svms;
  return {
    cluster: {
      ...defaultTopology.cluster,
      name: defaults.cluster,
      managementAddress: `${defaults.network}.1`,
      ...lab.cluster,
      ...(choice.personality === undefined ? {} : { personality: choice.personality }),
      ...(choice.version === undefined ? {} : { version: choice.version }),
    },
    nodes,
    aggregates,
    licences: lab.licences ?? defaultTopology.licences,
    svms,
    peers: (lab.peers ?? (lab.svms === undefined ? defaults.peers : [])).map((peer) => ({
      applications: ['snapmirror'],
      ...peer,
    })),
    users: (
      lab.users ?? [
        { name: 'admin' },
        ...(first === undefined ? [] : [{ name: 'vsadmin', role: 'vsadmin' as const, svm: first.name }]),
      ]
    ).map((user) => ({ role: user.svm === undefined ? ('admin' as const) : ('vsadmin' as const), ...user })),
  };
};

const OLDEST = [9, 11, 1] as const;

const checkVersion = (version: string) => {
  const parts = version.split('.').map(Number);
  const first = OLDEST.findIndex((least, index) => (parts[index] ?? 0) !== least);
  if (first >= 0 && (parts[first] ?? 0) < (OLDEST[first] ?? 0))
    throw new InputError('topology', 'cluster.version', `releases before ${OLDEST.join('.')} are not simulated`);
};

/** The whole cluster that a lab file describes. Throws an InputError. */
export const completeLab = (lab: Lab, choice: LabChoice, defaults: LabDefaults): Topology => {
  const topology = complete(lab, choice, defaults);
  checkVersion(topology.cluster.version);
  checkTopology(topology);
  return topology;
};

/** The whole cluster that a lab file describes; an empty one is the default. Throws an InputError. */
export const parseLab = (value: unknown, choice: LabChoice): Topology => {
  if (isObject(value) && 'clusters' in value)
    throw new InputError('topology', 'clusters', 'a file with two clusters is for --pair');
  return completeLab(checkInput(labFile, value, 'topology'), choice, alone);
};
