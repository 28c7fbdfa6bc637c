import type { JsonObject } from '../../json.ts';
import type { Discovery } from '../driver.ts';
import { idleKeys } from './config/idle-keys.ts';
import type { OntapSettings } from './config/settings.ts';
import { shownConfig } from './config/shown.ts';
import type { Found } from './discovery.ts';
import type { Facts } from './facts.ts';
import { poolsOf } from './pools.ts';
import { templateWarnings } from './template-warnings.ts';

/** The usual name of a backend, `<product>_<LIF>`: without brackets and with dots for colons (ontap-drivers.md 4.7). */
export const usualName = ({ backendName }: { readonly backendName: string }, lif: string): string =>
  `${backendName}_${lif.replaceAll(/[[\]]/g, '').replaceAll(':', '.')}`;

/** The name a backend was given, else its usual one. */
export const backendNameOf = ({ given }: OntapSettings, usual: string): string =>
  given.backendName === undefined || given.backendName === '' ? usual : given.backendName;

/** The running configuration, with what the array told. */
export const shownFor = (settings: OntapSettings, facts: Facts): JsonObject =>
  shownConfig(settings, {
    dataLIF: facts.dataLIF,
    svm: facts.svm.name,
    svmUUID: facts.svm.uuid,
    aggregates: facts.aggregates.map((aggregate) => aggregate.name),
    serialNumbers: facts.serialNumbers,
    sanOptimized: facts.sanOptimized,
    disaggregated: facts.disaggregated,
  });

/**
 * What the core gets to know of a discovery.
 * @param usual name of the backend unless it was given one
 */
export const discovered = (
  settings: OntapSettings,
  { facts, peered, warnings }: Found,
  protocol: Discovery['protocol'],
  usual: string,
): Discovery => {
  const { given, context } = settings;
  const backendName = backendNameOf(settings, usual);
  const shown = shownFor(settings, facts);
  return {
    defaultName: usual,
    protocol,
    pools: poolsOf(settings, facts, backendName, peered),
    shownConfig: shown,
    facts: { ...facts },
    warnings: [
      ...idleKeys(given, context === 'docker', facts.disaggregated && facts.sanOptimized),
      ...templateWarnings(given, shown, backendName),
      ...warnings,
    ],
  };
};
