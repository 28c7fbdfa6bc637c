import type { Entry } from '../core/entry.ts';
import type { World } from '../core/world.ts';
import { uptimeOf } from './node.ts';

/** The counter tables that are there: their schemas, and the rows that they have. */

type Unit = 'per_sec' | 'b_per_sec' | 'kb_per_sec' | 'percent' | 'microsec' | 'sec' | 'none';

export interface Counter {
  readonly name: string;
  readonly type: 'average' | 'rate' | 'raw' | 'percent';
  readonly unit: Unit;
  readonly description: string;
  /** Of averages and percentages: the counter that they are divided by. */
  readonly denominator?: string;
  /** Its value in a row. Absent: 0, as no data ever move in a simulated array. */
  readonly value?: (subject: Entry, world: World) => number;
}

export interface CounterTable {
  readonly name: string;
  readonly description: string;
  /** Texts that a row has beside its counters. */
  readonly properties: Readonly<Record<string, string>>;
  readonly counters: readonly Counter[];
}

const rate = (name: string, description: string, unit: Unit = 'per_sec'): Counter => ({
  name,
  type: 'rate',
  unit,
  description,
});

const raw = (name: string, description: string, more: Partial<Counter> = {}): Counter => ({
  name,
  type: 'raw',
  unit: 'none',
  description,
  ...more,
});

const latency = (name: string, denominator: string, description: string): Counter => ({
  name,
  type: 'average',
  unit: 'microsec',
  description,
  denominator,
});

/** Operations, data and latencies of one protocol. */
const protocolCounters = (protocol: string, shown: string): readonly Counter[] =>
  ['read', 'write', 'other'].flatMap((kind) => [
    ...(kind === 'other'
      ? []
      : [rate(`${protocol}.${kind}_data`, `Bytes of ${shown} ${kind} requests per second`, 'b_per_sec')]),
    latency(`${protocol}.${kind}_latency`, `${protocol}.${kind}_ops`, `Mean latency of ${shown} ${kind} requests`),
    rate(`${protocol}.${kind}_ops`, `${shown} ${kind} requests per second`),
  ]);

const VOLUME_COUNTERS: readonly Counter[] = [
  latency('average_latency', 'total_ops', 'Mean latency of all requests to the volume'),
  rate('bytes_read', 'Bytes read per second', 'b_per_sec'),
  rate('bytes_written', 'Bytes written per second', 'b_per_sec'),
  latency('read_latency', 'total_read_ops', 'Mean latency of read requests'),
  latency('write_latency', 'total_write_ops', 'Mean latency of write requests'),
  latency('other_latency', 'total_other_ops', 'Mean latency of other requests'),
  rate('total_ops', 'Requests per second'),
  rate('total_read_ops', 'Read requests per second'),
  rate('total_write_ops', 'Write requests per second'),
  rate('total_other_ops', 'Other requests per second'),
  ...protocolCounters('cifs', 'CIFS'),
  ...protocolCounters('fcp', 'FC'),
  ...protocolCounters('iscsi', 'iSCSI'),
  ...protocolCounters('nfs', 'NFS'),
  rate('nfs.total_ops', 'NFS requests per second'),
  ...['access', 'getattr', 'lookup', 'punch_hole', 'setattr'].flatMap((call) => [
    latency(`nfs.${call}_latency`, `nfs.${call}_ops`, `Mean latency of NFS ${call} requests`),
    rate(`nfs.${call}_ops`, `NFS ${call} requests per second`),
  ]),
  rate('nfs.punch_hole_data', 'Bytes of NFS punch_hole requests per second', 'b_per_sec'),
];

const LUN_COUNTERS: readonly Counter[] = [
  latency('average_read_latency', 'read_ops', 'Mean latency of reads'),
  latency('average_write_latency', 'write_ops', 'Mean latency of writes'),
  latency('average_xcopy_latency', 'xcopy_requests', 'Mean latency of XCOPY requests'),
  raw('caw_requests', 'COMPARE AND WRITE requests'),
  rate('queue_full', 'Requests per second that met a full queue'),
  rate('read_data', 'Bytes read per second', 'b_per_sec'),
  rate('read_ops', 'Reads per second'),
  rate('remote_bytes', 'Bytes per second that came through another node', 'b_per_sec'),
  rate('remote_ops', 'Requests per second that came through another node'),
  raw('unmap_requests', 'UNMAP requests'),
  rate('write_data', 'Bytes written per second', 'b_per_sec'),
  rate('write_ops', 'Writes per second'),
  raw('writesame_requests', 'WRITE SAME requests'),
  raw('writesame_unmap_requests', 'WRITE SAME requests that unmap'),
  raw('xcopy_requests', 'XCOPY requests'),
];

const elapsed = (node: Entry, world: World): number => uptimeOf(node, world) * 1_000_000;

const busy = (name: string, description: string): Counter => ({
  name,
  type: 'percent',
  unit: 'percent',
  description,
  denominator: 'cpu_elapsed_time',
});

const NODE_COUNTERS: readonly Counter[] = [
  busy('average_processor_busy_percent', 'Mean part of the time in which processors are busy'),
  busy('cpu_busy', 'Part of the time in which a processor is busy'),
  busy('total_processor_busy', 'Time in which processors are busy, all together'),
  raw('cpu_elapsed_time', 'Time since boot', { unit: 'microsec', value: elapsed }),
  raw('time', 'Seconds since the Unix epoch', {
    unit: 'sec',
    value: (_, { clock }) => Math.floor(clock.now() / 1000),
  }),
  raw('uptime', 'Seconds since boot', { unit: 'sec', value: uptimeOf }),
  ...['cifs', 'fcp', 'iscsi', 'nfs', 'nvme_fc', 'nvme_roce', 'nvme_tcp'].map((protocol) =>
    rate(`${protocol}_ops`, `${protocol} requests per second`),
  ),
  ...['disk', 'hdd', 'ssd'].flatMap((medium) => [
    rate(`${medium}_data_read`, `Kilobytes per second read from ${medium}`, 'kb_per_sec'),
    rate(`${medium}_data_written`, `Kilobytes per second written to ${medium}`, 'kb_per_sec'),
  ]),
  ...['fcp', 'iscsi', 'network', 'nvme_fc', 'nvme_roce', 'nvme_tcp'].flatMap((path) => [
    rate(`${path}_data_received`, `Kilobytes per second received by ${path}`, 'kb_per_sec'),
    rate(`${path}_data_sent`, `Kilobytes per second sent by ${path}`, 'kb_per_sec'),
  ]),
  ...['read', 'write', 'other', 'total'].flatMap((kind) => [
    rate(`${kind}_data`, `Bytes of ${kind} requests per second`, 'b_per_sec'),
    latency(`${kind}_latency`, `${kind}_ops`, `Mean latency of ${kind} requests`),
    rate(`${kind}_ops`, `Requests per second (${kind})`),
  ]),
];

const OWNER = { 'svm.name': 'Name of the SVM', 'svm.uuid': 'UUID of the SVM' };

export const COUNTER_TABLES: readonly CounterTable[] = [
  {
    name: 'lun',
    description: 'Requests to mapped LUNs.',
    properties: { 'node.name': 'Name of the node', ...OWNER, uuid: 'UUID of the LUN' },
    counters: LUN_COUNTERS,
  },
  {
    name: 'system:node',
    description: 'What each node does.',
    properties: {
      'node.name': 'Name of the node',
      system_model: 'Model of the node',
      ontap_version: 'Release that it runs',
      serial_no: 'Serial number',
      system_id: 'System ID',
      hostname: 'Host name',
      name: 'Name of the node',
      uuid: 'UUID of the node',
    },
    counters: NODE_COUNTERS,
  },
  {
    name: 'volume',
    description: 'Requests to volumes, and to the constituents of FlexGroups.',
    properties: {
      'node.name': 'Name of the node',
      'node.uuid': 'UUID of the node',
      ...OWNER,
      parent_aggregate: 'Name of the aggregate',
      name: 'Name of the volume',
      uuid: 'UUID of the volume',
    },
    counters: VOLUME_COUNTERS,
  },
  {
    name: 'volume:node',
    description: 'Requests to the volumes of each node.',
    properties: { 'node.name': 'Name of the node', 'node.uuid': 'UUID of the node' },
    counters: VOLUME_COUNTERS,
  },
  {
    name: 'volume:svm',
    description: 'Requests to the volumes of each SVM.',
    properties: OWNER,
    counters: VOLUME_COUNTERS,
  },
];
