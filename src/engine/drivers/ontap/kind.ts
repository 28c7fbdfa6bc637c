import type { JsonObject } from '../../json.ts';
import type {
  ConfigChange,
  Discovery,
  Driver,
  DriverContext,
  DriverEnvironment,
  DriverKind,
  DriverManifest,
} from '../driver.ts';
import { FileAccess } from './accesses/file.ts';
import { nfsPresentation } from './accesses/nfs.ts';
import { OntapBackend } from './backend.ts';
import type { OntapClient } from './client/client.ts';
import { openClient } from './client/open.ts';
import { defaultClientSettings } from './client/settings.ts';
import type { ClientSettings } from './client/settings.ts';
import { planClone } from './clone-plan.ts';
import { ComposedDriver } from './compose.ts';
import { configChanges } from './config/changes.ts';
import { checkSettings } from './config/rules.ts';
import { parseConfig } from './config/schema.ts';
import { settingsOf } from './config/settings.ts';
import type { OntapSettings } from './config/settings.ts';
import { shownConfig } from './config/shown.ts';
import { FlexVolContainer } from './containers/flexvol.ts';
import { nasFieldsOf } from './containers/nas-fields.ts';
import type { NasFields } from './containers/nas-fields.ts';
import { SplitTimers } from './containers/split-timers.ts';
import { ArrayDiscovery } from './discovery.ts';
import { parseFacts } from './facts.ts';
import { lookAtHealth } from './health.ts';
import { parseImportDetails, planImport } from './import-plan.ts';
import { planVolume } from './plan.ts';
import { poolsOf } from './pools.ts';
import { nasProbe } from './probes/nas.ts';

const name = 'ontap-nas';

const manifest: DriverManifest = {
  name,
  snapshots: true,
  clones: true,
  readOnlyClones: true,
  restore: true,
  groupSnapshots: false,
  mirrors: false,
  chap: false,
  import: 'volume',
  rename: true,
  publish: true,
  enforcesAccess: true,
  volumeUpdate: false,
  resizeDelta: 0,
};

const readSettings = (config: JsonObject, context: DriverContext): OntapSettings => {
  const settings = settingsOf(parseConfig(config), context);
  checkSettings(settings);
  return settings;
};

/** `ontapnas_<dataLIF>` without brackets and with dots for colons (ontap-drivers.md 4.7). */
const defaultName = (dataLIF: string): string => `ontapnas_${dataLIF.replaceAll(/[[\]]/g, '').replaceAll(':', '.')}`;

const discoverWith = async (client: OntapClient, settings: OntapSettings, signal: AbortSignal): Promise<Discovery> => {
  const { peered, ...facts } = await new ArrayDiscovery(client, settings, nasProbe(settings)).run(signal);
  const usual = defaultName(facts.dataLIF);
  const given = settings.given.backendName ?? '';
  return {
    defaultName: usual,
    protocol: 'file',
    pools: poolsOf(settings, facts, given === '' ? usual : given, peered),
    shownConfig: shownConfig(settings, {
      dataLIF: facts.dataLIF,
      svm: facts.svm.name,
      svmUUID: facts.svm.uuid,
      aggregates: facts.aggregates.map((aggregate) => aggregate.name),
      serialNumbers: facts.serialNumbers,
      sanOptimized: facts.sanOptimized,
      disaggregated: facts.disaggregated,
    }),
    facts: { ...facts },
  };
};

/** A fresh look costs up to six more calls, and is taken only when the short one saw a change. */
const checkHealth = async (backend: OntapBackend, signal: AbortSignal) => {
  const health = await lookAtHealth(backend, nasProbe(backend.settings), signal);
  if (health.reason !== '' || !(health.poolsChanged || health.lifsChanged)) return { reason: health.reason };
  return { reason: '', discovery: await discoverWith(backend.client, backend.settings, signal) };
};

/** FlexVol containers with NFS access. The client's patience is a parameter so that tests need not share ours. */
export const ontapNasWith = (clientSettings: ClientSettings): DriverKind => ({
  name,

  check(config: JsonObject, context: DriverContext): void {
    readSettings(config, context);
  },

  async discover(config: JsonObject, environment: DriverEnvironment, signal: AbortSignal): Promise<Discovery> {
    const settings = readSettings(config, environment.context);
    await using client = openClient(settings, settings.svm, environment, clientSettings);
    return await discoverWith(client, settings, signal);
  },

  open(config: JsonObject, found: Pick<Discovery, 'pools' | 'facts'>, environment: DriverEnvironment): Driver {
    const settings = readSettings(config, environment.context);
    const facts = parseFacts(found.facts);
    const client = openClient(settings, facts.svm.name, environment, clientSettings);
    const given = settings.given.backendName ?? '';
    const backendName = given === '' ? defaultName(facts.dataLIF) : given;
    const backend = new OntapBackend({ client, settings, facts, environment, backendName });
    const container = new FlexVolContainer(backend, new SplitTimers(settings.cloneSplitDelaySeconds, environment.now));
    return new ComposedDriver<NasFields>(
      manifest,
      container,
      new FileAccess(backend, container, nfsPresentation(backend)),
      {
        planVolume: (request, storageClass, pool) =>
          planVolume(request, storageClass, pool, settings, facts, backendName),
        planClone: (request, source, snapshot, pool) =>
          planClone(request, source, snapshot, pool, {
            settings,
            backendName,
            now: environment.now(),
            random: clientSettings.random,
          }),
        planImport: (request, originalName, candidate) =>
          planImport(request, originalName, candidate, settings, backendName),
        facetOf: (plan) => nasFieldsOf(parseImportDetails(plan.details).found),
        checkHealth: (signal) => checkHealth(backend, signal),
        close: () => client[Symbol.asyncDispose](),
      },
    );
  },

  changes(before: JsonObject, after: JsonObject): ReadonlySet<ConfigChange> {
    return configChanges(parseConfig(before), parseConfig(after));
  },
});

export const ontapNas: DriverKind = ontapNasWith(defaultClientSettings);
