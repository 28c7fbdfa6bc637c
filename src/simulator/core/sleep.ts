import { setTimeout as timeout } from 'node:timers/promises';

/** Waits in real time; ends early, without an error, when the signal aborts. */
export const sleep = async (milliseconds: number, signal: AbortSignal): Promise<void> => {
  if (milliseconds <= 0) return;
  await timeout(milliseconds, undefined, { signal }).catch(() => undefined);
};
