import { setTimeout as timeout } from 'node:timers/promises';

/** Waits in real time, never too short; ends early, without an error, when the signal aborts. */
export const sleep = async (milliseconds: number, signal: AbortSignal): Promise<void> => {
  const end = performance.now() + milliseconds;
  // Timers count from when the event loop last looked at the clock, which may have been a while ago.
  for (let left = milliseconds; left > 0 && !signal.aborted; left = end - performance.now())
    await timeout(Math.ceil(left), undefined, { signal }).catch(() => undefined);
};
