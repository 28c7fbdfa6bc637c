import * as v from 'valibot';
import type { JsonObject } from '../../../json.ts';
import { validate } from '../../../validation.ts';
import type { Path } from './refusals.ts';

/**
 * An ONTAP backend as users write it (ontap-drivers.md 2.1 to 2.4): the keys of every ONTAP driver, with stock's JSON
 * types. Values are not judged here beyond their type; `rules.ts` does that after the defaults are filled in.
 */

const example = (text: string) =>
  v.optional(v.string((issue) => `must be a string like ${JSON.stringify(text)}${quoted(issue.input)}`));
const quoted = (input: unknown): string =>
  typeof input === 'boolean' || typeof input === 'number' ? `; put the value in quotes: "${String(input)}"` : '';

const text = v.optional(v.string((issue) => `must be a string${quoted(issue.input)}`));
const flag = v.optional(v.boolean('must be true or false, without quotes'));
const texts = v.optional(v.nullable(v.array(v.string('must be a string'), 'must be a list of strings')));
const labels = v.optional(
  v.nullable(v.record(v.string(), v.string('must be a string; put the value in quotes'), 'must be a map')),
);
const topologies = v.optional(
  v.nullable(v.array(v.record(v.string(), v.string('must be a string')), 'must be a list of maps')),
);

const defaults = {
  size: example('10Gi'),
  nameTemplate: text,
  spaceAllocation: example('true'),
  spaceReserve: example('none'),
  snapshotPolicy: example('none'),
  snapshotReserve: example('5'),
  snapshotDir: example('false'),
  unixPermissions: example('---rwxr-xr-x'),
  exportPolicy: example('default'),
  securityStyle: example('unix'),
  splitOnClone: example('false'),
  fileSystemType: example('ext4'),
  formatOptions: text,
  encryption: example('true'),
  LUKSEncryption: example('false'),
  mirroring: example('false'),
  tieringPolicy: example('none'),
  qosPolicy: text,
  adaptiveQosPolicy: text,
  skipRecoveryQueue: example('false'),
  adAdminUser: text,
};

const pool = {
  labels,
  region: text,
  zone: text,
  supportedTopologies: topologies,
  smbShare: text,
  useBalancedPlacement: example('false'),
  defaults: v.optional(v.nullable(v.strictObject(defaults, 'must be a map'))),
};

const ontap = {
  version: v.number('must be the number 1'),
  storageDriverName: v.string('must be a string'),
  backendName: text,
  debug: flag,
  debugTraceFlags: v.optional(v.nullable(v.record(v.string(), v.boolean('must be true or false')))),
  disableDelete: flag,
  storagePrefix: v.optional(
    v.nullable(v.union([v.string(), v.strictObject({})], 'must be a string; leave the key out for the default prefix')),
  ),
  serialNumbers: texts,
  flags: v.optional(v.nullable(v.record(v.string(), v.string('must be a string')))),
  backendPools: texts,
  limitVolumeSize: example('500Gi'),
  credentials: v.optional(v.nullable(v.strictObject({ name: text, type: text }, 'must be a map with name and type'))),
  userState: example('normal'),
  managementLIF: text,
  dataLIF: text,
  svm: text,
  username: text,
  password: text,
  clientCertificate: text,
  clientPrivateKey: text,
  trustedCACertificate: text,
  aggregate: text,
  flexgroupAggregateList: texts,
  limitAggregateUsage: example('80%'),
  limitVolumePoolSize: example('10Ti'),
  denyNewVolumePools: example('false'),
  qtreesPerFlexvol: example('200'),
  lunsPerFlexvol: example('100'),
  qtreePruneFlexvolsPeriod: example('600'),
  qtreeQuotaResizePeriod: example('60'),
  emptyFlexvolDeferredDeletePeriod: example('28800'),
  cloneSplitDelay: example('86400'),
  nfsMountOptions: text,
  autoExportPolicy: flag,
  autoExportCIDRs: texts,
  nasType: example('nfs'),
  sanType: example('iscsi'),
  igroupName: text,
  useCHAP: flag,
  chapUsername: text,
  chapInitiatorSecret: text,
  chapTargetUsername: text,
  chapTargetInitiatorSecret: text,
  replicationPolicy: text,
  replicationSchedule: text,
  useREST: v.optional(v.nullable(v.boolean('must be true or false, without quotes'))),
  usageHeartbeat: example('24.0'),
  aws: v.optional(v.nullable(v.record(v.string(), v.unknown()))),
  gcnv: v.optional(v.nullable(v.record(v.string(), v.unknown()))),
  storage: v.optional(v.nullable(v.array(v.strictObject(pool, 'must be a map'), 'must be a list of pools'))),
};

const configSchema = v.strictObject({ ...ontap, ...pool }, 'must be a map');

/** A configuration as given, its types checked. */
export type OntapConfig = v.InferOutput<typeof configSchema>;
export type PoolDefaults = NonNullable<OntapConfig['defaults']>;
export type GivenPool = NonNullable<OntapConfig['storage']>[number];

/** What is said of all pools, and of each virtual one, with its place in the configuration. */
export const placesOfPools = (
  given: OntapConfig,
): readonly { readonly pool: Pick<GivenPool, 'defaults' | 'labels' | 'smbShare'>; readonly path: Path }[] => [
  { pool: given, path: [] },
  ...(given.storage ?? []).map((each, index) => ({ pool: each, path: ['storage', index] })),
];

export const defaultKeys = Object.keys(defaults) as readonly (keyof PoolDefaults)[];
const knownKeys = [...Object.keys(ontap), ...Object.keys(pool), ...defaultKeys];
const places: ReadonlyMap<string, string> = new Map([
  ...Object.keys(ontap).map((key) => [key, 'at the top of the configuration'] as const),
  ...defaultKeys.map((key) => [key, 'under defaults, of the backend or of a pool'] as const),
]);

/**
 * @throws Problem `config.invalid` with the path of the wrong key; an unknown key comes with the closest known one
 */
export const parseConfig = (config: JsonObject): OntapConfig =>
  validate(configSchema, config, { code: 'config.invalid', what: 'backend configuration', knownKeys, places });
