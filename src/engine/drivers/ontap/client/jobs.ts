import { Problem } from '../../../problem.ts';
import type { Job } from './answers.ts';
import { jobSchema, refusalOfJob } from './answers.ts';
import type { OntapClient } from './client.ts';
import type { Asked, Lost, Ok, Refused } from './outcome.ts';
import { ok } from './outcome.ts';
import { growingDelays, pause } from './waiting.ts';

const jobFields = 'state,code,message,error,description,start_time';

/**
 * Follows a job to its end. `lost` when the array no longer knows the job, cannot be asked, or has not ended it in
 * time; in the last case `runningJob` names it.
 */
export const awaitJob = async (
  client: OntapClient,
  uuid: string,
  asked: Asked,
  signal: AbortSignal,
): Promise<Ok<undefined> | Refused | Lost> => {
  const { jobTimeoutMs, firstJobDelayMs, longestJobDelayMs, random } = client.options.settings;
  const until = client.options.now().getTime() + jobTimeoutMs;
  const delay = growingDelays(firstJobDelayMs, longestJobDelayMs, random);
  let trouble: unknown;
  while (client.options.now().getTime() < until) {
    await pause(delay(), signal);
    const seen = await lookAtJob(client, uuid, signal);
    if (seen.kind === 'gone') return { kind: 'lost', asked, reason: `the array no longer knows job ${uuid}` };
    if (seen.kind === 'trouble') {
      trouble = seen.cause;
      continue;
    }
    if (seen.job.state === 'success') return ok(undefined);
    if (seen.job.state === 'failure') return { kind: 'refused', asked, refusal: refusalOfJob(seen.job) };
    trouble = undefined;
  }
  const seconds = Math.round(jobTimeoutMs / 1000);
  return trouble === undefined
    ? { kind: 'lost', asked, reason: `job ${uuid} has not ended within ${seconds} s`, runningJob: uuid }
    : { kind: 'lost', asked, reason: `job ${uuid} could not be followed for ${seconds} s`, cause: trouble };
};

type Seen = { kind: 'job'; job: Job } | { kind: 'gone' } | { kind: 'trouble'; cause: unknown };

/** One look; failures of the look itself are no news about the job. */
const lookAtJob = async (client: OntapClient, uuid: string, signal: AbortSignal): Promise<Seen> => {
  try {
    const answer = await client.read(`/cluster/jobs/${uuid}`, { fields: jobFields }, jobSchema, signal);
    if (answer.kind === 'ok') return { kind: 'job', job: answer.value };
    if (answer.kind === 'refused' && answer.refusal.status === 404) return { kind: 'gone' };
    return { kind: 'trouble', cause: answer };
  } catch (error) {
    signal.throwIfAborted();
    if (Problem.is(error) && error.kind === 'unavailable') return { kind: 'trouble', cause: error };
    throw error;
  }
};

/**
 * The jobs that a request of ours may have started: those whose description is that request, begun at `since` (in the
 * array's clock) or not begun yet. Descriptions read `POST /api/storage/volumes/?name=v1`, `PATCH /api/storage/volumes/<uuid>`.
 */
export const listJobsOf = async (
  client: OntapClient,
  asked: Asked,
  name: string | undefined,
  since: Date,
  signal: AbortSignal,
): Promise<readonly Job[]> => {
  const start = `${asked.method} /api${asked.path}`;
  const query = { description: `${start}*`, fields: jobFields };
  const answer = await client.list('/cluster/jobs', query, jobSchema, signal);
  if (answer.kind !== 'ok') return [];
  return answer.value.filter((job) => {
    const [path, parameters] = job.description.slice(asked.method.length + 1).split('?');
    const below = path?.replace(/\/$/, '').slice(`/api${asked.path}`.length);
    // What lies in a volume has it in its path: `/api/storage/qtrees/<uuid>/?name=q1`.
    if (below !== '' && !(name !== undefined && below !== undefined && /^\/[^/]+$/.test(below))) return false;
    if (name !== undefined && new URLSearchParams(parameters ?? '').get('name') !== name) return false;
    const begun = Date.parse(job.start_time);
    return Number.isNaN(begun) || begun >= since.getTime();
  });
};
