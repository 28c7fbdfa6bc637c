import { messageOf } from '../problem.ts';
import type { Stored } from '../store/store.ts';
import type { Core } from './core.ts';
import type { BackendRecord } from './model.ts';
import type { CallOptions } from './orchestrator.ts';

const hourMs = 3_600_000;

export interface Telemetry {
  /**
   * Tells the arrays of backends whose time has come that they are in use; when that was last is remembered while the
   * engine is open. Failing to is told to `progress` and is no failure.
   */
  send(options: CallOptions): Promise<void>;
}

export const createTelemetry = (core: Core): Telemetry => {
  /** When a backend was last reported, in milliseconds. */
  const reported = new Map<string, number>();

  const sendOne = async (
    { value: backend }: Stored<BackendRecord>,
    { signal, progress }: CallOptions,
  ): Promise<void> => {
    const { uuid, name, driver, state, config, facts } = backend;
    if (state !== 'online') return;
    const { usage } = await core.drivers.kind(driver);
    const hours = usage?.everyHours(config) ?? 0;
    const now = core.now().getTime();
    if (usage === undefined || hours === 0 || now - (reported.get(uuid) ?? -Infinity) < hours * hourMs) return;
    // Also when it fails: a log that cannot be written is not tried again each minute.
    reported.set(uuid, now);
    try {
      await usage.send(config, { facts }, core.drivers.environment(uuid), signal);
    } catch (error) {
      signal.throwIfAborted();
      progress?.(`the array of backend ${name} was not told that it is in use: ${messageOf(error)}`);
    }
  };

  return {
    async send(options) {
      await Promise.all((await core.store.list('backend')).map((backend) => sendOne(backend, options)));
    },
  };
};
