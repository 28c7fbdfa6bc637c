import type { JsonObject, JsonValue } from '../../../json.ts';
import { isJsonObject } from '../../../json.ts';
import type { GivenPool, OntapConfig, PoolDefaults } from './schema.ts';
import { defaultKeys } from './schema.ts';
import { poolPrefix } from '../pool-names.ts';
import { redacted } from '../../../redacted.ts';
import { isEconomyDriver, isFlexGroupDriver, isSanDriver } from './settings.ts';
import type { OntapSettings } from './settings.ts';

/** What only the array could tell. */
export interface FoundForShow {
  readonly dataLIF: string;
  readonly svm: string;
  readonly svmUUID: string;
  readonly aggregates: readonly string[];
  readonly serialNumbers: readonly string[];
  readonly sanOptimized: boolean;
  readonly disaggregated: boolean;
}

const personality = (found: FoundForShow): string =>
  found.disaggregated ? (found.sanOptimized ? 'ASAr2' : 'AFX') : 'Unified';

const listOrNull = (list: readonly JsonValue[] | null | undefined): JsonValue =>
  list === null || list === undefined || list.length === 0 ? null : list;

const mapOrNull = (map: Readonly<Record<string, JsonValue>> | null | undefined): JsonValue =>
  map === null || map === undefined || Object.keys(map).length === 0 ? null : map;

const shownDefaults = (options: PoolDefaults): JsonObject =>
  Object.fromEntries(defaultKeys.map((key) => [key, options[key] ?? '']));

/** An entry of `storage`, with what it sets itself; the rest is empty, as in stock. */
const shownPool = (pool: GivenPool): JsonObject => ({
  labels: mapOrNull(pool.labels),
  region: pool.region ?? '',
  zone: pool.zone ?? '',
  supportedTopologies: listOrNull(pool.supportedTopologies),
  smbShare: pool.smbShare ?? '',
  useBalancedPlacement: pool.useBalancedPlacement ?? '',
  defaults: shownDefaults(pool.defaults ?? {}),
});

const textOf = (given: OntapConfig, key: keyof OntapConfig): string => {
  const value = given[key];
  return typeof value === 'string' ? value : '';
};

/** Base64 JSON descriptors by which the core sees that two backends use the same space. */
const backendPools = (settings: OntapSettings, found: FoundForShow): readonly string[] => {
  const encoded = (descriptor: object) => Buffer.from(JSON.stringify(descriptor)).toString('base64');
  const flexVolPrefix = poolPrefix(isSanDriver(settings) ? 'lun' : 'qtree', settings.context, settings.prefix);
  // What lies in no single aggregate is told apart by its SVM alone.
  if ((found.disaggregated && found.sanOptimized) || isFlexGroupDriver(settings.given))
    return [encoded({ svmUUID: found.svmUUID })];
  return ['managed_storage_pool', ...found.aggregates].map((aggregate) =>
    encoded({ svmUUID: found.svmUUID, aggregate, ...(isEconomyDriver(settings) ? { flexVolPrefix } : {}) }),
  );
};

/**
 * The running configuration as `get backend` shows it (rest-api.md 5.2): every key, defaults applied, what the array
 * told filled in, secrets replaced whether they were given or not.
 */
export const shownConfig = (settings: OntapSettings, found: FoundForShow): JsonObject => {
  const { given, backend } = settings;
  const traceFlags: unknown = given.debugTraceFlags ?? null;
  return {
    version: given.version,
    storageDriverName: given.storageDriverName,
    backendName: given.backendName ?? '',
    debug: given.debug ?? false,
    debugTraceFlags: isJsonObject(traceFlags) ? traceFlags : null,
    disableDelete: given.disableDelete ?? false,
    storagePrefix: settings.prefix,
    ...(found.serialNumbers.length === 0 ? {} : { serialNumbers: found.serialNumbers }),
    flags: {
      personality: personality(found),
      disaggregated: String(found.disaggregated),
      sanOptimized: String(found.sanOptimized),
    },
    backendPools: backendPools(settings, found),
    limitVolumeSize: settings.limitVolumeSize,
    credentials: { name: redacted, type: redacted },
    userState: given.userState ?? '',
    managementLIF: settings.managementLIF,
    dataLIF: found.dataLIF,
    igroupName: textOf(given, 'igroupName'),
    svm: found.svm,
    username: redacted,
    password: redacted,
    aggregate: settings.aggregate,
    usageHeartbeat: textOf(given, 'usageHeartbeat'),
    qtreePruneFlexvolsPeriod: textOf(given, 'qtreePruneFlexvolsPeriod'),
    qtreeQuotaResizePeriod: textOf(given, 'qtreeQuotaResizePeriod'),
    qtreesPerFlexvol: textOf(given, 'qtreesPerFlexvol'),
    lunsPerFlexvol: textOf(given, 'lunsPerFlexvol'),
    emptyFlexvolDeferredDeletePeriod: textOf(given, 'emptyFlexvolDeferredDeletePeriod'),
    cloneSplitDelay: String(settings.cloneSplitDelaySeconds),
    nfsMountOptions: settings.nfsMountOptions,
    limitAggregateUsage: settings.limitAggregateUsage,
    limitVolumePoolSize: textOf(given, 'limitVolumePoolSize'),
    denyNewVolumePools: given.denyNewVolumePools ?? 'false',
    autoExportPolicy: settings.autoExportPolicy,
    autoExportCIDRs: settings.autoExportCIDRs,
    nasType: settings.nasType,
    sanType: settings.sanType,
    labels: mapOrNull(given.labels),
    region: backend.region,
    zone: backend.zone,
    supportedTopologies: listOrNull(given.supportedTopologies),
    smbShare: settings.smbShare,
    useBalancedPlacement: given.useBalancedPlacement ?? 'false',
    defaults: shownDefaults(backend.options),
    storage: listOrNull((given.storage ?? []).map(shownPool)),
    useCHAP: given.useCHAP ?? false,
    useREST: given.useREST ?? null,
    chapUsername: redacted,
    chapInitiatorSecret: redacted,
    chapTargetUsername: redacted,
    chapTargetInitiatorSecret: redacted,
    clientPrivateKey: redacted,
    clientCertificate: textOf(given, 'clientCertificate'),
    trustedCACertificate: textOf(given, 'trustedCACertificate'),
    replicationPolicy: textOf(given, 'replicationPolicy'),
    replicationSchedule: textOf(given, 'replicationSchedule'),
    flexgroupAggregateList: listOrNull(given.flexgroupAggregateList),
  };
};
