import type { BackendView, Orchestrator } from '../orchestrator/orchestrator.ts';
import type { VolumeRecord } from '../orchestrator/model.ts';
import { Problem } from '../problem.ts';
import type { Operations } from './handler.ts';
import { createCounter, createSummary, writeExposition, type Family, type Sample } from './metric-registry.ts';

/** What only the process knows; `process_*` metrics are left out where it does not say. */
export interface ProcessStats {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  readonly virtualBytes?: number;
  /** Seconds since 1970. */
  readonly startTime: number;
  readonly openFiles?: number;
  readonly maxFiles?: number;
}

/** Names of the use cases whose duration is measured; the first two are stock's own. */
const timed: Partial<Record<keyof Operations, string>> = {
  addBackend: 'backend_add',
  addSnapshot: 'snapshot_create',
  updateBackend: 'backend_update',
  updateBackendState: 'backend_update_state',
  deleteBackend: 'backend_delete',
  addVolume: 'volume_add',
  cloneVolume: 'volume_clone',
  importVolume: 'volume_import',
  resizeVolume: 'volume_resize',
  deleteVolume: 'volume_delete',
  publishVolume: 'volume_publish',
  unpublishVolume: 'volume_unpublish',
  deleteSnapshot: 'snapshot_delete',
  restoreSnapshot: 'snapshot_restore',
  getCHAP: 'get_chap',
  addStorageClass: 'storageclass_add',
  deleteStorageClass: 'storageclass_delete',
  addOrUpdateNode: 'node_add',
  deleteNode: 'node_delete',
};

export interface Metrics {
  /** Counts an answered request. */
  answered(name: keyof Operations, method: string, status: number, milliseconds: number): void;
  /** The exposition document; what needs the core is left out while it is not ready. */
  read(): Promise<string>;
}

export interface MetricsOptions {
  orchestrator(): Orchestrator;
  readonly version: string;
  readonly nowMs: () => number;
  readonly processStats?: () => ProcessStats;
}

const gauge = (name: string, help: string, samples: readonly Sample[]): Family => ({
  name,
  help,
  type: 'gauge',
  samples,
});
const single = (value: number): readonly Sample[] => [{ labels: {}, value }];

/** Sums `value` over items that share labels. */
const group = <T>(
  items: readonly T[],
  labels: (item: T) => Readonly<Record<string, string>>,
  value: (item: T) => number,
): readonly Sample[] => {
  const sums = new Map<string, { readonly labels: Readonly<Record<string, string>>; value: number }>();
  for (const item of items) {
    const set = labels(item);
    const key = JSON.stringify(set);
    const sum = sums.get(key) ?? { labels: set, value: 0 };
    sum.value += value(item);
    sums.set(key, sum);
  }
  return [...sums.values()];
};

const backendFamilies = (views: readonly BackendView[]): readonly Family[] => [
  gauge(
    'trident_backend_count',
    'The total number of backends',
    group(
      views,
      ({ backend }) => ({ backend_type: backend.driver, backend_state: backend.state }),
      () => 1,
    ),
  ),
  gauge(
    'trident_backend_info',
    'Backends by type, name and UUID',
    views.map(({ backend }) => ({
      labels: { backend_type: backend.driver, backend_name: backend.name, backend_uuid: backend.uuid },
      value: 1,
    })),
  ),
];

const volumeFamilies = (volumes: readonly VolumeRecord[], driverOf: (uuid: string) => string): readonly Family[] => {
  const labels = (volume: VolumeRecord) => ({
    backend_type: driverOf(volume.backendUUID),
    backend_uuid: volume.backendUUID,
    volume_state: volume.state,
    volume_type: volume.config.volumeMode,
  });
  return [
    gauge(
      'trident_volume_count',
      'The total number of volumes',
      group(volumes, labels, () => 1),
    ),
    gauge(
      'trident_volume_allocated_bytes',
      'The total number of allocated bytes over volumes',
      group(volumes, labels, (volume) => volume.config.size),
    ),
    gauge(
      'trident_volume_total_bytes',
      'The total number of allocated bytes over all volumes',
      single(volumes.reduce((sum, volume) => sum + volume.config.size, 0)),
    ),
  ];
};

/** Everything that is counted in the core's own records. */
const coreFamilies = async (orchestrator: Orchestrator): Promise<readonly Family[]> => {
  const [views, volumes, snapshots, classes, nodes] = await Promise.all([
    orchestrator.backends.list(),
    orchestrator.volumes.list(),
    orchestrator.snapshots.list(),
    orchestrator.storageClasses.names(),
    orchestrator.nodes.list(),
  ]);
  const drivers = new Map(views.map(({ backend }) => [backend.uuid, backend.driver]));
  const driverOf = (uuid: string): string => drivers.get(uuid) ?? '';
  const backendOf = new Map(volumes.map((volume) => [volume.config.name, volume.backendUUID]));
  const snapshotLabels = (snapshot: { readonly volume: string }) => {
    const uuid = backendOf.get(snapshot.volume) ?? '';
    return { backend_type: driverOf(uuid), backend_uuid: uuid };
  };
  return [
    ...backendFamilies(views),
    ...volumeFamilies(volumes, driverOf),
    gauge(
      'trident_snapshot_count',
      'The total number of snapshots',
      group(snapshots, snapshotLabels, () => 1),
    ),
    gauge(
      'trident_snapshot_allocated_bytes',
      'The total number of allocated bytes over snapshots',
      group(snapshots, snapshotLabels, (snapshot) => snapshot.size),
    ),
    gauge('trident_storageclass_count', 'The total number of storage classes', single(classes.length)),
    gauge('trident_node_count', 'The total number of nodes', single(nodes.length)),
    gauge('trident_autogrow_policy_count', 'The total number of autogrow policies', single(0)),
  ];
};

const processFamilies = (stats: ProcessStats): readonly Family[] => {
  const optional = (name: string, help: string, value: number | undefined): readonly Family[] =>
    value === undefined ? [] : [gauge(name, help, single(value))];
  return [
    {
      name: 'process_cpu_seconds_total',
      help: 'Total user and system CPU time spent in seconds.',
      type: 'counter',
      samples: single(stats.cpuSeconds),
    },
    gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', single(stats.residentBytes)),
    gauge(
      'process_start_time_seconds',
      'Start time of the process since unix epoch in seconds.',
      single(stats.startTime),
    ),
    ...optional('process_virtual_memory_bytes', 'Virtual memory size in bytes.', stats.virtualBytes),
    ...optional('process_open_fds', 'Number of open file descriptors.', stats.openFiles),
    ...optional('process_max_fds', 'Maximum number of open file descriptors.', stats.maxFiles),
  ];
};

/** `GetVolume`, as stock labels its routes. */
const routeLabel = (name: string): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}`;

const readCore = async (options: MetricsOptions): Promise<readonly Family[]> => {
  try {
    return await coreFamilies(options.orchestrator());
  } catch (error) {
    if (Problem.is(error)) return [];
    throw error;
  }
};

/** Stock's metrics (rest-api.md §1.7), without those of the Go run time. */
export const createMetrics = (options: MetricsOptions): Metrics => {
  const { version, nowMs, processStats } = options;
  const requests = createCounter('trident_rest_ops_total', 'The total number of REST operations');
  const requestTimes = createSummary(
    'trident_rest_ops_seconds_total',
    'The duration of REST operations (in milliseconds, whatever the name says, as in stock)',
    nowMs,
  );
  const operationTimes = createSummary(
    'trident_operation_duration_milliseconds',
    'The duration of operations in milliseconds',
    nowMs,
  );
  const [release = '', revision = ''] = version.split('+');
  const build = {
    trident_version: version,
    trident_revision: revision,
    build_type: release.includes('-') ? 'custom' : 'stable',
  };
  return {
    answered: (name, method, status, milliseconds) => {
      const labels = { op: method, route: routeLabel(name), status_code: String(status) };
      requests.add(labels);
      requestTimes.observe(labels, milliseconds);
      const operation = timed[name];
      if (operation !== undefined) operationTimes.observe({ operation, success: String(status < 400) }, milliseconds);
    },
    read: async () =>
      writeExposition([
        gauge('trident_build_info', 'The Trident build information', [{ labels: build, value: 1 }]),
        requests.read(),
        requestTimes.read(),
        operationTimes.read(),
        ...(await readCore(options)),
        ...(processStats === undefined ? [] : processFamilies(processStats())),
      ]),
  };
};
