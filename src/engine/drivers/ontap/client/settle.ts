import { Problem } from '../../../problem.ts';
import type { Change, Changed, OntapClient } from './client.ts';
import { isDuplicate } from './codes.ts';
import { awaitJob, listJobsOf } from './jobs.ts';
import type { Lost, Ok, Refused, Unreadable } from './outcome.ts';
import { ok } from './outcome.ts';
import { growingDelays, pause } from './waiting.ts';

export interface SettledChange extends Change {
  /** Looks at the array: is what this change wants there now, or does something else stand in its place? */
  readonly done: (signal: AbortSignal) => Promise<boolean | 'other'>;
  /** How to find the job of this change: not at all, by its path, or by path and the name in its query. */
  readonly job: 'none' | 'byPath' | { readonly name: string };
}

/** The array's clock has whole seconds and the offset is measured to about a second. */
const clockToleranceMs = 2_000;
const requestsAtMost = 3;
const looksBeforeRepeating = 3;

/** Our `now` in the array's clock, less what the two may disagree by. */
export const arrayTime = (client: OntapClient, at: Date): Date =>
  new Date(at.getTime() + (client.clockOffsetMs ?? 0) - clockToleranceMs);

/**
 * Makes a change and finds out its end even when the reply is lost: by looking at the object, then for a job that the
 * request started. Only when neither shows any trace is the request sent again, and a refusal of that one is checked
 * against the object once more, because the first may have come through late.
 * `lost` remains when a job is still running at its deadline, or the array shows no end within the settling time.
 */
export const settle = async (
  client: OntapClient,
  change: SettledChange,
  signal: AbortSignal,
): Promise<Ok<Changed> | Refused | Unreadable | Lost> => {
  const { now, settings } = client.options;
  const begun = now();
  const first = await client.change(change, signal);
  if (first.kind === 'ok' || first.kind === 'refused') return first;
  if (first.kind === 'lost' && first.runningJob !== undefined) return first;
  const delay = growingDelays(settings.firstJobDelayMs, settings.longestJobDelayMs, settings.random);
  let requests = 1;
  let looks = 0;
  let refused: Refused | undefined;
  while (now().getTime() - begun.getTime() < settings.settleTimeoutMs + settings.requestTimeoutMs) {
    const seen = await change.done(signal);
    if (seen === true) return ok([]);
    if (seen === 'other' && refused !== undefined) return refused;
    const end = await endOfJob(client, change, begun, signal);
    if (end?.kind === 'refused' || (end?.kind === 'lost' && end.runningJob !== undefined)) return end;
    looks++;
    // A job that ended well may be somebody else's, or an older one of ours on the same object. What cannot make a second
    // object may then be sent again: anything but a creation, and a creation whose place is taken.
    const harmless = change.method !== 'POST' && looks >= 2 * looksBeforeRepeating;
    const traceless = end === undefined || harmless || seen === 'other';
    if (traceless && looks >= looksBeforeRepeating && requests < requestsAtMost) {
      looks = 0;
      requests++;
      const again = await sendAgain(client, change, signal);
      if (again.kind === 'ok' || (again.kind === 'lost' && again.runningJob !== undefined)) return again;
      if (again.kind === 'refused') {
        if ((await change.done(signal)) === true) return ok([]);
        refused = { ...again, afterLoss: true };
        // What the first sending made may not be seen yet; it is looked for a while longer.
        if (!isDuplicate(again.refusal)) return refused;
      }
    }
    await pause(delay(), signal);
  }
  return refused ?? first;
};

/** Not reaching the array this time says nothing about the first time. */
const sendAgain = async (client: OntapClient, change: SettledChange, signal: AbortSignal) => {
  try {
    return await client.change(change, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!Problem.is(error) || error.kind !== 'unavailable') throw error;
    const asked = { method: change.method, path: change.path };
    return { kind: 'lost', asked, reason: error.message, cause: error } satisfies Lost;
  }
};

/** The end of the job that this change started; undefined when there is no such job. */
const endOfJob = async (client: OntapClient, change: SettledChange, begun: Date, signal: AbortSignal) => {
  if (change.job === 'none') return undefined;
  const asked = { method: change.method, path: change.path };
  const name = change.job === 'byPath' ? undefined : change.job.name;
  const jobs = await listJobsOf(client, asked, name, arrayTime(client, begun), signal);
  const [job] = jobs.toSorted((a, b) => b.start_time.localeCompare(a.start_time));
  return job === undefined ? undefined : awaitJob(client, job.uuid, asked, signal);
};
