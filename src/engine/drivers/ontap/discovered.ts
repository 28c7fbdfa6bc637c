import type { Discovery } from '../driver.ts';
import type { OntapSettings } from './config/settings.ts';
import { shownConfig } from './config/shown.ts';
import type { Facts } from './facts.ts';
import { poolsOf } from './pools.ts';

/** The usual name of a backend, `<product>_<LIF>`: without brackets and with dots for colons (ontap-drivers.md 4.7). */
export const usualName = ({ backendName }: { readonly backendName: string }, lif: string): string =>
  `${backendName}_${lif.replaceAll(/[[\]]/g, '').replaceAll(':', '.')}`;

/** The name a backend was given, else its usual one. */
export const backendNameOf = ({ given }: OntapSettings, usual: string): string =>
  given.backendName === undefined || given.backendName === '' ? usual : given.backendName;

/**
 * What the core gets to know of a discovery.
 * @param usual name of the backend unless it was given one
 * @param peered the SVM has a peer, so that volumes can be mirrored
 */
export const discovered = (
  settings: OntapSettings,
  facts: Facts,
  protocol: Discovery['protocol'],
  usual: string,
  peered: boolean,
): Discovery => ({
  defaultName: usual,
  protocol,
  pools: poolsOf(settings, facts, backendNameOf(settings, usual), peered),
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
});
