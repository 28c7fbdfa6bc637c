import type { JsonObject } from '../../json.ts';
import type { Discovery, DriverEnvironment, UsageReports } from '../driver.ts';
import { openClient } from './client/open.ts';
import { problemOf } from './client/problems.ts';
import type { ClientSettings } from './client/settings.ts';
import { parseConfig } from './config/schema.ts';
import { settingsOf } from './config/settings.ts';
import type { OntapSettings } from './config/settings.ts';
import { parseFacts } from './facts.ts';

const defaultHours = 24;

/** What stock writes into the event (ontap-drivers.md 4.8). There is no cluster of nodes around us to tell of. */
const descriptionOf = (settings: OntapSettings, svm: string, environment: DriverEnvironment): string =>
  JSON.stringify({
    version: environment.version,
    backendUUID: environment.backendUUID,
    platform: environment.context === 'csi' ? 'kubernetes' : environment.context,
    platformVersion: '',
    platformUID: '',
    platformNodeCount: 0,
    tridentProtectVersion: '',
    tridentProtectConnectorPresent: false,
    plugin: settings.given.storageDriverName,
    svm,
    storagePrefix: settings.prefix,
  });

/** Events in the array's own log that tell who uses it; `event log show -severity NOTICE` lists them. */
export const usageReports = (clientSettings: ClientSettings): UsageReports => ({
  everyHours(config: JsonObject): number {
    const given = parseConfig(config).usageHeartbeat ?? '';
    const hours = Number(given);
    // As in stock, what is no number stands for the default; zero and less, which crash stock, switch it off.
    return given === '' || Number.isNaN(hours) ? defaultHours : Math.max(hours, 0);
  },

  async send(
    config: JsonObject,
    found: Pick<Discovery, 'facts'>,
    environment: DriverEnvironment,
    signal: AbortSignal,
  ): Promise<void> {
    const settings = settingsOf(parseConfig(config), environment.context);
    const { svm } = parseFacts(found.facts);
    await using client = openClient(settings, svm.name, environment, clientSettings);
    const outcome = await client.change(
      {
        method: 'POST',
        path: '/support/ems/application-logs',
        body: {
          app_version: '1',
          autosupport_required: false,
          category: 'heartbeat',
          computer_name: environment.hostName === '' ? 'unknown' : environment.hostName,
          event_description: descriptionOf(settings, svm.name, environment),
          event_id: 1,
          event_source: 'trident',
          severity: 'notice',
        },
      },
      signal,
    );
    // An answer that was lost is not asked for: one event more or less does no harm.
    if (outcome.kind === 'ok' || outcome.kind === 'lost') return;
    throw problemOf(outcome, 'writing a message to the event log of the array', {
      host: client.host,
      username: settings.username,
      svm: svm.name,
    });
  },
});
