import type { OntapBackend } from '../backend.ts';
import { growingDelays, pause } from '../client/waiting.ts';

/** Looks until what the array said it made can be seen, or the settling time is over. */
export const untilSeen = async <T>(
  backend: OntapBackend,
  look: (signal: AbortSignal) => Promise<T | undefined>,
  signal: AbortSignal,
): Promise<T | undefined> => {
  const { settings, now } = backend.client.options;
  const delay = growingDelays(settings.firstJobDelayMs, settings.longestJobDelayMs, settings.random);
  const until = now().getTime() + settings.settleTimeoutMs;
  for (;;) {
    const found = await look(signal);
    if (found !== undefined || now().getTime() >= until) return found;
    await pause(delay(), signal);
  }
};
