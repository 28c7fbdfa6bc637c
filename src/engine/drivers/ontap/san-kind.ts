import type { JsonObject } from '../../json.ts';
import type { ConfigChange, Discovery, Driver, DriverContext, DriverEnvironment, DriverKind } from '../driver.ts';
import { OntapBackend } from './backend.ts';
import type { OntapClient } from './client/client.ts';
import { openClient } from './client/open.ts';
import { defaultClientSettings } from './client/settings.ts';
import type { ClientSettings } from './client/settings.ts';
import { asaSettings, checkAsa } from './config/asa.ts';
import { configChanges } from './config/changes.ts';
import { readSettings } from './config/rules.ts';
import { parseConfig } from './config/schema.ts';
import type { OntapSettings } from './config/settings.ts';
import { backendNameOf, discovered, usualName } from './discovered.ts';
import { ArrayDiscovery } from './discovery.ts';
import type { Facts } from './facts.ts';
import { parseFacts } from './facts.ts';
import { lookAtHealth } from './health.ts';
import { setUpChap } from './probes/chap.ts';
import { fcpProbe } from './probes/fcp.ts';
import { iscsiProbe } from './probes/iscsi.ts';
import { nvmeProbe } from './probes/nvme.ts';
import type { ProtocolProbe } from './probes/probe.ts';
import { usageReports } from './telemetry.ts';
import { asaNvmeProduct, nvmeProduct } from './san-nvme.ts';
import { isAsaR2 } from './san-product.ts';
import type { Personality, SanProduct } from './san-product.ts';
import { asaScsiProduct, scsiProduct } from './san-scsi.ts';

/** The drivers that one `storageDriverName` stands for. */
interface SanFamily {
  readonly name: string;
  /** Volumes can be mirrored, so that peers of the SVM matter. */
  readonly mirrors: boolean;
  /** @throws Problem when there is no product for that array */
  productFor(settings: OntapSettings, facts: Personality): SanProduct;
}

/** The protocol is the configuration's choice. */
const probeFor = ({ mirrors }: SanFamily, { sanType }: OntapSettings): ProtocolProbe => {
  if (sanType === 'fcp') return fcpProbe(mirrors);
  if (sanType === 'nvme') return nvmeProbe(mirrors);
  return iscsiProbe(mirrors);
};

/** The product is chosen by protocol, and by what the array says that it is. */
const productFor = (settings: OntapSettings, facts: Personality): SanProduct => {
  if (settings.sanType === 'nvme') return isAsaR2(facts) ? asaNvmeProduct : nvmeProduct;
  return isAsaR2(facts) ? asaScsiProduct : scsiProduct;
};

/** ASA r2 has other defaults than the rest. */
const settingsFor = (base: OntapSettings, facts: Personality): OntapSettings =>
  isAsaR2(facts) ? asaSettings(base) : base;

/** The LIF that a backend is usually named after. */
const firstLif = ({ lifs }: Pick<Facts, 'lifs'>): string => lifs[0] ?? 'noLIFs';

const discoverWith = async (
  family: SanFamily,
  client: OntapClient,
  base: OntapSettings,
  signal: AbortSignal,
): Promise<Discovery> => {
  const found = await new ArrayDiscovery(client, base, probeFor(family, base)).run(signal);
  const { facts } = found;
  if (isAsaR2(facts)) checkAsa(base);
  const settings = settingsFor(base, facts);
  const usual = usualName(family.productFor(settings, facts), firstLif(facts));
  return discovered(settings, found, 'block', usual);
};

/** A fresh look costs more calls, and is taken only when the short one saw a change. */
const checkHealth = async (family: SanFamily, backend: OntapBackend, signal: AbortSignal) => {
  const { client, settings } = backend;
  const health = await lookAtHealth(backend, probeFor(family, settings), signal);
  if (health.reason !== '' || !health.changed) return { reason: health.reason };
  return { reason: '', discovery: await discoverWith(family, client, settings, signal) };
};

/** A kind of backend for blocks. The client's patience is a parameter so that tests need not share ours. */
export const sanKind =
  (family: SanFamily) =>
  (clientSettings: ClientSettings): DriverKind => ({
    name: family.name,

    check(config: JsonObject, context: DriverContext): void {
      readSettings(config, context);
    },

    /** Sets CHAP up as configured when everything else is found to be in order. */
    async discover(config: JsonObject, environment: DriverEnvironment, signal: AbortSignal): Promise<Discovery> {
      const settings = readSettings(config, environment.context);
      await using client = openClient(settings, settings.svm, environment, clientSettings);
      const discovery = await discoverWith(family, client, settings, signal);
      if (!settings.useCHAP) return discovery;
      const { svm } = parseFacts(discovery.facts);
      if (environment.looksOnly === true) {
        const { username, targetUsername } = settings.chap;
        return { ...discovery, pending: [`set up CHAP on SVM ${svm.name} for ${username} and ${targetUsername}`] };
      }
      await setUpChap(client, settings, svm, signal);
      return { ...discovery, facts: { ...discovery.facts, chap: 'chap' } };
    },

    open(config: JsonObject, found: Pick<Discovery, 'pools' | 'facts'>, environment: DriverEnvironment): Driver {
      const facts = parseFacts(found.facts);
      const settings = settingsFor(readSettings(config, environment.context), facts);
      const client = openClient(settings, facts.svm.name, environment, clientSettings);
      const product = family.productFor(settings, facts);
      const backendName = backendNameOf(settings, usualName(product, firstLif(facts)));
      const backend = new OntapBackend({ client, settings, facts, environment, backendName });
      return product.openDriver(backend, {
        checkHealth: (signal) => checkHealth(family, backend, signal),
        close: () => client[Symbol.asyncDispose](),
      });
    },

    usage: usageReports(clientSettings),

    changes(before: JsonObject, after: JsonObject): ReadonlySet<ConfigChange> {
      return configChanges(parseConfig(before), parseConfig(after));
    },
  });

/** LUNs and namespaces, each in a place of its own. */
export const ontapSanWith = sanKind({ name: 'ontap-san', mirrors: true, productFor });
export const ontapSan: DriverKind = ontapSanWith(defaultClientSettings);
