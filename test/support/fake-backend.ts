import { randomUUID } from 'node:crypto';
import type { Discovery, Driver, DriverEnvironment } from '../../src/engine/drivers/driver.ts';
import { fake } from '../../src/engine/drivers/fake/kind.ts';
import type { JsonObject } from '../../src/engine/json.ts';
import type { PoolRecord } from '../../src/engine/orchestrator/model.ts';

export const GiB = 1024 ** 3;

const offers = (media: string, max: number): JsonObject => ({
  media: { offer: [media] },
  snapshots: { offer: true },
  clones: { offer: true },
  encryption: { offer: false },
  IOPS: { min: 0, max },
  provisioningType: { offer: ['thin', 'thick'] },
});

/** A backend for files with two pools. */
export const fakeNas: JsonObject = {
  version: 1,
  storageDriverName: 'fake',
  backendName: 'fake-nas',
  instanceName: 'inst1',
  protocol: 'file',
  username: 'admin',
  password: 's3cret<&>',
  storagePrefix: 'trident_',
  labels: { tier: 'gold' },
  region: 'dc1',
  zone: 'rackA',
  pools: {
    ssd_pool: { attributes: offers('ssd', 100_000), sizeBytes: 1024 * GiB },
    hdd_pool: { attributes: offers('hdd', 1000), sizeBytes: 4096 * GiB },
  },
};

/** A backend whose two virtual pools stand on two others. */
export const fakeVirtual: JsonObject = {
  version: 1,
  storageDriverName: 'fake',
  instanceName: 'inst3',
  protocol: 'file',
  labels: { dept: 'eng' },
  region: 'us-east',
  pools: {
    phys: { attributes: offers('hybrid', 100_000), sizeBytes: 256 * GiB },
    fast: { attributes: { ...offers('ssd', 5), encryption: { offer: true } }, sizeBytes: 4 * GiB },
  },
  storage: [
    { labels: { tier: 'silver' }, zone: 'z1', defaults: { size: '2G' } },
    { labels: { tier: 'bronze' }, zone: 'z2' },
  ],
};

/** Surroundings of a backend of its own: what is made in one is not seen in another. */
export const fakeEnvironment = (): DriverEnvironment => ({
  context: 'direct',
  backendUUID: randomUUID(),
  installationUUID: randomUUID(),
  version: '26.06.0',
  hostName: 'host',
  now: () => new Date(),
});

/** A driver of the fake kind, with what it found. */
export interface OpenedFake {
  readonly driver: Driver;
  readonly found: Discovery;
  readonly poolNamed: (name: string) => PoolRecord;
}

/** Checks a configuration, looks for its pools and opens the driver, as the engine does. */
export const openFake = async (config: JsonObject, where = fakeEnvironment()): Promise<OpenedFake> => {
  fake.check(config, where.context);
  const found = await fake.discover(config, where, AbortSignal.timeout(60_000));
  const poolNamed = (name: string): PoolRecord => {
    const pool = found.pools.find((candidate) => candidate.name === name);
    if (pool === undefined) throw new Error(`no pool ${name}`);
    return pool;
  };
  return { driver: fake.open(config, found, where), found, poolNamed };
};
