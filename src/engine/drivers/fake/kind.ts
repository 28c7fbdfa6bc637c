import type { JsonObject } from '../../json.ts';
import { withKnownSpelling } from '../common-config.ts';
import type { ConfigChange, Discovery, DriverContext, DriverEnvironment, DriverKind } from '../driver.ts';
import { checkInitialVolumes } from './array.ts';
import { openFake } from './backend.ts';
import { readFakeConfig } from './config.ts';
import type { FakeConfig } from './config.ts';
import { physicalPools, poolRecords, shownPools } from './pools.ts';

const redacted = (secret: string): string => (secret === '' ? '' : '<REDACTED>');

/** The running configuration as stock shows it, but never a password. */
const shownConfig = (config: JsonObject, read: FakeConfig): JsonObject => {
  const { given } = read;
  const common = withKnownSpelling(config, [
    'debug',
    'debugTraceFlags',
    'disableDelete',
    'limitVolumeSize',
    'userState',
  ]);
  return {
    version: 1,
    storageDriverName: 'fake',
    backendName: read.backendName,
    debug: common['debug'] ?? false,
    debugTraceFlags: common['debugTraceFlags'] ?? null,
    disableDelete: common['disableDelete'] ?? false,
    storagePrefix: read.storagePrefix,
    serialNumbers: [`${given.instanceName}_SN`],
    flags: { concurrent: 'false' },
    limitVolumeSize: common['limitVolumeSize'] ?? '',
    credentials: null,
    userState: common['userState'] ?? '',
    protocol: given.protocol,
    pools: shownPools(read, physicalPools(read)),
    volumes: given.volumes.length === 0 ? null : given.volumes,
    instanceName: given.instanceName,
    storage:
      given.storage.length === 0
        ? null
        : given.storage.map((pool) => ({
            labels: pool.labels,
            region: pool.region,
            zone: pool.zone,
            supportedTopologies: pool.supportedTopologies.length === 0 ? null : pool.supportedTopologies,
            defaults: pool.defaults,
          })),
    username: given.username,
    password: redacted(given.password),
    volumeAccess: given.volumeAccess,
    labels: Object.keys(given.labels).length === 0 ? null : given.labels,
    region: given.region,
    zone: given.zone,
    supportedTopologies: given.supportedTopologies.length === 0 ? null : given.supportedTopologies,
    defaults: { size: read.defaultSize, nameTemplate: given.defaults.nameTemplate },
  };
};

const check = (config: JsonObject, context: DriverContext): FakeConfig => {
  const read = readFakeConfig(config, context);
  checkInitialVolumes(read, physicalPools(read));
  return read;
};

const discover = async (
  config: JsonObject,
  { context }: DriverEnvironment,
  signal: AbortSignal,
): Promise<Discovery> => {
  signal.throwIfAborted();
  const read = check(config, context);
  return {
    defaultName: read.given.instanceName === '' ? 'fake' : read.given.instanceName,
    // A backend without protocol serves files, as its volumes' access information says.
    protocol: read.given.protocol === '' ? 'file' : read.given.protocol,
    pools: poolRecords(read, physicalPools(read)),
    shownConfig: shownConfig(config, read),
    facts: {},
  };
};

const differs = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) !== JSON.stringify(b ?? null);

/** FK-13. Contexts do not change between two configurations of a backend, so which one is of no matter here. */
const changes = (before: JsonObject, after: JsonObject): ReadonlySet<ConfigChange> => {
  const keys = ['storageDriverName', 'backendName', 'storagePrefix', 'credentials', 'protocol', 'volumeAccess'];
  const [old, next] = [withKnownSpelling(before, keys), withKnownSpelling(after, keys)];
  const found = new Set<ConfigChange>();
  if (old['storageDriverName'] !== next['storageDriverName'] || differs(old['protocol'] ?? '', next['protocol'] ?? ''))
    found.add('invalid');
  if (differs(old['volumeAccess'] ?? '192.0.2.1', next['volumeAccess'] ?? '192.0.2.1')) found.add('accessInformation');
  if (differs(prefixOf(old), prefixOf(next))) found.add('prefix');
  if (differs(old['backendName'] ?? '', next['backendName'] ?? '')) found.add('rename');
  if (differs(old['credentials'], next['credentials'])) found.add('credentials');
  return found;
};

const prefixOf = (config: JsonObject): string | null =>
  typeof config['storagePrefix'] === 'string' ? config['storagePrefix'] : null;

/** The driver without an array behind it: for trying the command out and for tests (orchestrator.md 24). */
export const fake: DriverKind = {
  name: 'fake',
  check: (config, context) => void check(config, context),
  discover,
  open(config, _found, environment) {
    const read = readFakeConfig(config, environment.context);
    return openFake(read, physicalPools(read), environment);
  },
  changes,
};
