import * as v from 'valibot';
import { checkInput, InputError, checkTopology, topologyEntries } from './input.ts';
import {
  dataInterfaces,
  defaultTopology,
  type AggregateTopology,
  type NodeTopology,
  type SvmTopology,
  type Topology,
} from './topology.ts';

/** A lab file: a topology in which only what matters is written, and the rest follows from it. */

const text = v.pipe(v.string(), v.minLength(1, 'must not be empty'));
const UNITS = { '': 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, TiB: 1024 ** 4, PiB: 1024 ** 5 };

/** Bytes, or a text such as `10TiB`. */
const size = v.union(
  [
    v.pipe(v.number(), v.integer(), v.minValue(1)),
    v.pipe(
      v.string(),
      v.regex(/^[1-9]\d{0,9}(?:[KMGTP]iB)?$/),
      v.transform((written) => {
        const [, digits = '', unit = ''] = /^(\d+)(.*)$/.exec(written) ?? [];
        return Number(digits) * (Object.entries(UNITS).find(([name]) => name === unit)?.[1] ?? 1);
      }),
    ),
  ],
  'a size is a number of bytes or a text such as 10TiB',
);

const clusterEntries = topologyEntries.cluster.entries;
const nodeEntries = topologyEntries.nodes.item.entries;
const svmEntries = topologyEntries.svms.item.entries;
const lifEntries = svmEntries.interfaces.item.entries;
const userEntries = topologyEntries.users.item.entries;

const labFile = v.strictObject({
  cluster: v.exactOptional(
    v.strictObject({
      name: v.exactOptional(clusterEntries.name),
      version: v.exactOptional(clusterEntries.version),
      personality: v.exactOptional(clusterEntries.personality),
      managementAddress: v.exactOptional(clusterEntries.managementAddress),
      location: v.exactOptional(clusterEntries.location),
      contact: v.exactOptional(clusterEntries.contact),
      timeZone: v.exactOptional(clusterEntries.timeZone),
    }),
  ),
  nodes: v.exactOptional(
    v.pipe(
      v.array(
        v.strictObject({
          name: text,
          model: v.exactOptional(nodeEntries.model),
          serialNumber: v.exactOptional(nodeEntries.serialNumber),
          managementAddress: v.exactOptional(nodeEntries.managementAddress),
        }),
      ),
      v.minLength(1, 'a cluster has at least one node'),
    ),
  ),
  aggregates: v.exactOptional(
    v.array(
      v.strictObject({
        name: text,
        node: v.exactOptional(text),
        size: v.exactOptional(size),
        sizeBytes: v.exactOptional(size),
        storageType: v.exactOptional(topologyEntries.aggregates.item.entries.storageType),
      }),
    ),
  ),
  licences: v.exactOptional(topologyEntries.licences),
  svms: v.exactOptional(
    v.array(
      v.strictObject({
        name: text,
        aggregates: v.exactOptional(svmEntries.aggregates),
        protocols: v.exactOptional(svmEntries.protocols),
        state: v.exactOptional(svmEntries.state),
        defaultExportClients: v.exactOptional(svmEntries.defaultExportClients),
        interfaces: v.exactOptional(
          v.array(
            v.strictObject({
              name: text,
              address: lifEntries.address,
              node: v.exactOptional(text),
              services: lifEntries.services,
              enabled: v.exactOptional(lifEntries.enabled),
            }),
          ),
        ),
      }),
    ),
  ),
  peers: v.exactOptional(
    v.array(v.strictObject({ svm: text, peer: text, applications: v.exactOptional(v.array(text)) })),
  ),
  users: v.exactOptional(
    v.array(
      v.strictObject({
        name: text,
        password: v.exactOptional(text),
        token: v.exactOptional(userEntries.token),
        locked: v.exactOptional(userEntries.locked),
        role: v.exactOptional(userEntries.role),
        svm: v.exactOptional(text),
      }),
    ),
  ),
});

type Lab = v.InferOutput<typeof labFile>;

/** What flags say about the cluster, whatever the file says. */
export interface LabChoice {
  readonly personality: Topology['cluster']['personality'] | undefined;
  /** `9.16.1` */
  readonly version: string | undefined;
}

const nodesOf = ({ nodes, cluster }: Lab): readonly NodeTopology[] =>
  (nodes ?? defaultTopology.nodes.map(({ name }) => ({ name: renamed(name, cluster?.name) }))).map((node, index) => ({
    model: 'AFF-A400',
    serialNumber: String(721_802_000_001 + index),
    managementAddress: `192.0.2.${2 + index}`,
    ...node,
  }));

/** Nodes that the file does not name are called as their cluster is. */
const renamed = (node: string, cluster: string | undefined): string =>
  cluster === undefined ? node : node.replace(defaultTopology.cluster.name, cluster);

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
): readonly SvmTopology[] => {
  const given: NonNullable<Lab['svms']> = svms ?? [
    { name: 'svm0' },
    { name: 'svm_dr', protocols: ['nfs'], interfaces: [dataInterface(nodes[0]?.name ?? '')] },
  ];
  return given.map((svm, index) => ({
    name: svm.name,
    aggregates: svm.aggregates ?? aggregates.map(({ name }) => name),
    protocols: svm.protocols ?? ['nfs', 'iscsi', 'nvme'],
    state: svm.state ?? 'running',
    defaultExportClients: svm.defaultExportClients ?? ['0.0.0.0/0'],
    interfaces: (svm.interfaces ?? nodes.flatMap(({ name }, at) => dataInterfaces(name, at + 1, network(index)))).map(
      (lif) => ({ ...lif, node: lif.node ?? nodes[0]?.name ?? '', enabled: lif.enabled ?? true }),
    ),
  }));
};

/** Each SVM has a network of its own, so that no address is used twice. */
const network = (svm: number): string => (svm === 0 ? '192.0.2' : `10.${Math.floor(svm / 250)}.${svm % 250}`);

const dataInterface = (node: string) => ({
  name: 'nas_dr_n1',
  address: '192.0.2.41',
  node,
  services: ['data_core', 'data_nfs', 'data_cifs'],
});

const complete = (lab: Lab, choice: LabChoice): Topology => {
  const nodes = nodesOf(lab);
  const aggregates = aggregatesOf(lab, nodes);
  const svms = svmsOf(lab, nodes, aggregates);
  const [first] = svms;
  return {
    cluster: {
      ...defaultTopology.cluster,
      ...lab.cluster,
      ...(choice.personality === undefined ? {} : { personality: choice.personality }),
      ...(choice.version === undefined ? {} : { version: choice.version }),
    },
    nodes,
    aggregates,
    licences: lab.licences ?? defaultTopology.licences,
    svms,
    peers: (lab.peers ?? (lab.svms === undefined ? defaultTopology.peers : [])).map((peer) => ({
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

/** The whole cluster that a lab file describes; an empty one is the default. Throws an InputError. */
export const parseLab = (value: unknown, choice: LabChoice): Topology => {
  const topology = complete(checkInput(labFile, value, 'topology'), choice);
  checkVersion(topology.cluster.version);
  checkTopology(topology);
  return topology;
};
