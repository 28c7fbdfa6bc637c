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
import type { NasContainer } from './accesses/exports.ts';
import { FileAccess } from './accesses/file.ts';
import { nfsPresentation } from './accesses/nfs.ts';
import type { Passage } from './accesses/pool-exports.ts';
import { smbPresentation } from './accesses/smb.ts';
import { SmbShares } from './accesses/smb-shares.ts';
import { OntapBackend } from './backend.ts';
import type { OntapClient } from './client/client.ts';
import { openClient } from './client/open.ts';
import type { ClientSettings } from './client/settings.ts';
import type { Planning } from './compose.ts';
import { ComposedDriver } from './compose.ts';
import { configChanges } from './config/changes.ts';
import { readSettings } from './config/rules.ts';
import { parseConfig } from './config/schema.ts';
import type { OntapSettings } from './config/settings.ts';
import type { NasFields } from './containers/nas-fields.ts';
import { backendNameOf, discovered, usualName } from './discovered.ts';
import { ArrayDiscovery } from './discovery.ts';
import { parseFacts } from './facts.ts';
import { lookAtHealth } from './health.ts';
import type { Container } from './parts.ts';
import { nasProbe } from './probes/nas.ts';
import type { ProtocolProbe } from './probes/probe.ts';
import { usageReports } from './telemetry.ts';

/** The parts of an open backend that differ from one NAS product to the next. */
export interface NasParts {
  readonly container: Container<NasFields, NasFields> & NasContainer;
  /** What nodes pass through on their way, where volumes share something. */
  readonly passage?: Passage;
  close?(): Promise<void>;
  readonly plans: Pick<Planning<NasFields>, 'planVolume' | 'planClone' | 'planImport' | 'facetOf'>;
}

/** A driver for files: which container its volumes live in, and how they are planned. Access and care are the same for all. */
export interface NasProduct {
  readonly manifest: DriverManifest;
  /** Begins the default name of a backend: `ontapnas` (ontap-drivers.md 4.7). */
  readonly backendName: string;
  openParts(backend: OntapBackend): NasParts;
}

const probeFor = (product: NasProduct, settings: OntapSettings): ProtocolProbe => ({
  ...nasProbe(settings),
  mirrors: product.manifest.name === 'ontap-nas',
});

const discoverWith = async (
  product: NasProduct,
  client: OntapClient,
  settings: OntapSettings,
  signal: AbortSignal,
): Promise<Discovery> => {
  const discovery = new ArrayDiscovery(client, settings, probeFor(product, settings));
  const found = await discovery.run(signal);
  return discovered(settings, found, 'file', usualName(product, found.facts.dataLIF));
};

/** A fresh look costs up to six more calls, and is taken only when the short one saw a change. */
const checkHealth = async (product: NasProduct, backend: OntapBackend, signal: AbortSignal) => {
  const health = await lookAtHealth(backend, probeFor(product, backend.settings), signal);
  if (health.reason !== '' || !health.changed) return { reason: health.reason };
  return { reason: '', discovery: await discoverWith(product, backend.client, backend.settings, signal) };
};

/** A kind of backend for files. The client's patience is a parameter so that tests need not share ours. */
export const nasKind =
  (product: NasProduct) =>
  (clientSettings: ClientSettings): DriverKind => ({
    name: product.manifest.name,

    check(config: JsonObject, context: DriverContext): void {
      readSettings(config, context);
    },

    async discover(config: JsonObject, environment: DriverEnvironment, signal: AbortSignal): Promise<Discovery> {
      const settings = readSettings(config, environment.context);
      await using client = openClient(settings, settings.svm, environment, clientSettings);
      return await discoverWith(product, client, settings, signal);
    },

    open(config: JsonObject, found: Pick<Discovery, 'pools' | 'facts'>, environment: DriverEnvironment): Driver {
      const settings = readSettings(config, environment.context);
      const facts = parseFacts(found.facts);
      const client = openClient(settings, facts.svm.name, environment, clientSettings);
      const backendName = backendNameOf(settings, usualName(product, facts.dataLIF));
      const backend = new OntapBackend({ client, settings, facts, environment, backendName });
      const parts = product.openParts(backend);
      const { container, plans, passage } = parts;
      const presentation =
        settings.nasType === 'smb'
          ? smbPresentation(backend, new SmbShares(backend), passage !== undefined)
          : nfsPresentation(backend);
      const access = new FileAccess(backend, container, presentation, passage);
      return new ComposedDriver<NasFields>(product.manifest, container, access, {
        ...plans,
        checkHealth: (signal) => checkHealth(product, backend, signal),
        async close() {
          await parts.close?.();
          await client[Symbol.asyncDispose]();
        },
      });
    },

    usage: usageReports(clientSettings),

    changes(before: JsonObject, after: JsonObject): ReadonlySet<ConfigChange> {
      return configChanges(parseConfig(before), parseConfig(after));
    },
  });
