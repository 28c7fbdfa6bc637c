import * as v from 'valibot';
import type { Offer, PoolRecord } from '../../orchestrator/model.ts';
import { validate } from '../../validation.ts';
import { virtualPoolKeys } from '../pool-keys.ts';
import { parseFlag } from './config/rules.ts';
import { defaultKeys } from './config/schema.ts';
import { isFlexGroupDriver, isSanDriver } from './config/settings.ts';
import type { OntapSettings, PoolOptions, PoolSettings } from './config/settings.ts';
import type { AggregateFact, Facts } from './facts.ts';
import { isBalanced } from './placement.ts';

/** Pool of systems that choose the aggregate themselves. */
const managedPool = 'managed_storage_pool';

const text = v.optional(v.string(), '');
const settingsSchema = v.object({
  options: v.object({
    size: text,
    nameTemplate: text,
    spaceAllocation: text,
    spaceReserve: text,
    snapshotPolicy: text,
    snapshotReserve: text,
    snapshotDir: text,
    unixPermissions: text,
    exportPolicy: text,
    securityStyle: text,
    splitOnClone: text,
    fileSystemType: text,
    formatOptions: text,
    encryption: text,
    LUKSEncryption: text,
    mirroring: text,
    tieringPolicy: text,
    qosPolicy: text,
    adaptiveQosPolicy: text,
    skipRecoveryQueue: text,
    adAdminUser: text,
  }),
  labels: v.record(v.string(), v.string()),
  /** Where volumes may go, with the media there; empty when the system chooses. */
  aggregates: v.array(v.object({ name: v.string(), media: v.string() })),
  /** The system places volumes by a request of its own (`/application/containers`). */
  balanced: v.optional(v.boolean(), false),
});
/** What the driver keeps in a pool's record to provision there. */
export type StoredPool = v.InferOutput<typeof settingsSchema>;

/** Records do not change, so that each is checked once. */
const checked = new WeakMap<PoolRecord, StoredPool>();

/**
 * @throws Problem `pool.settings` when a stored pool is not ours
 */
export const parsePool = (pool: PoolRecord): StoredPool => {
  const known = checked.get(pool);
  if (known !== undefined) return known;
  const stored = validate(settingsSchema, pool.settings, { code: 'pool.settings', what: `stored pool ${pool.name}` });
  checked.set(pool, stored);
  return stored;
};

const copyOptions = (options: PoolOptions): Record<string, string> =>
  Object.fromEntries(defaultKeys.map((key) => [key, options[key]]));

interface Traits {
  readonly driver: string;
  readonly peered: boolean;
  /** Snapshots and writable clones of single volumes; qtrees have none of their own. */
  readonly copies: boolean;
  /** `nasType` or `sanType`, with its value. */
  readonly access: Readonly<Record<string, Offer>>;
  readonly provisioning: readonly string[];
}

const offersOf = (
  pool: PoolSettings,
  media: readonly string[],
  encryption: boolean,
  traits: Traits,
): Readonly<Record<string, Offer>> => {
  const known = [...new Set(media)].filter((medium) => medium !== '').toSorted();
  return {
    backendType: { type: 'string', offer: [traits.driver] },
    clones: { type: 'bool', offer: traits.copies },
    encryption: { type: 'bool', offer: encryption },
    labels: { type: 'label', offer: pool.labels },
    ...(known.length === 0 ? {} : { media: { type: 'string', offer: known } }),
    ...traits.access,
    provisioningType: { type: 'string', offer: traits.provisioning },
    ...(pool.region === '' ? {} : { region: { type: 'string', offer: [pool.region] } }),
    replication: { type: 'bool', offer: traits.peered },
    snapshots: { type: 'bool', offer: traits.copies },
    ...(pool.zone === '' ? {} : { zone: { type: 'string', offer: [pool.zone] } }),
  };
};

const record = (
  name: string,
  key: string,
  pool: PoolSettings,
  aggregates: readonly AggregateFact[],
  encryption: boolean,
  traits: Traits,
  media: readonly string[],
  balanced: boolean,
): PoolRecord => ({
  name,
  key,
  offers: offersOf(pool, media, encryption, traits),
  supportedTopologies: pool.supportedTopologies,
  settings: {
    options: copyOptions(pool.options),
    labels: pool.labels,
    aggregates: balanced ? [] : aggregates.map((aggregate) => ({ ...aggregate })),
    ...(balanced ? { balanced } : {}),
  },
});

/**
 * The pools reported to the core (ontap-drivers.md 5.2): the virtual ones if there are any, else one per aggregate, or
 * the managed pool where the system places volumes itself.
 */
export const poolsOf = (
  settings: OntapSettings,
  facts: Facts,
  backendName: string,
  peered: boolean,
): readonly PoolRecord[] => {
  const traits: Traits = {
    driver: settings.given.storageDriverName,
    peered,
    copies: settings.given.storageDriverName !== 'ontap-nas-economy',
    access: isSanDriver(settings)
      ? { sanType: { type: 'string', offer: [settings.sanType] } }
      : { nasType: { type: 'string', offer: [settings.nasType] } },
    provisioning: facts.disaggregated && facts.sanOptimized ? ['thin'] : ['thick', 'thin'],
  };
  const media = facts.disaggregated ? ['ssd'] : facts.aggregates.map((aggregate) => aggregate.media);
  const given = settings.given.storage ?? [];
  // A FlexGroup lies in many aggregates at once: one pool stands for all of them.
  const spread = isFlexGroupDriver(settings.given);
  const places = spread ? [] : facts.aggregates;
  if (settings.virtualPools.length > 0) {
    const keys = virtualPoolKeys(given);
    return settings.virtualPools.map((pool, index) => {
      const own = given[index]?.defaults?.encryption ?? '';
      const encryption = own === '' ? true : parseFlag(own) === true;
      return record(
        `${backendName}_pool_${index}`,
        keys[index] ?? '',
        pool,
        places,
        encryption,
        traits,
        media,
        isBalanced(pool, facts),
      );
    });
  }
  const balanced = isBalanced(settings.backend, facts);
  if (facts.disaggregated || spread || balanced)
    return [record(managedPool, managedPool, settings.backend, [], true, traits, media, balanced)];
  return facts.aggregates.map((aggregate) =>
    record(aggregate.name, aggregate.name, settings.backend, [aggregate], true, traits, [aggregate.media], false),
  );
};
