import { integer, text, type Entry, type StoredObject } from './entry.ts';
import type { JobRequest } from './job-data.ts';
import type { JobModel } from './jobs.ts';
import type { World } from './world.ts';

/**
 * When a job ends, and how far it is. One that was made to stand still keeps what it has `$left`, when that was
 * (`$held`), and all that it takes (`$span`), in milliseconds.
 */

export const NOT_HELD = { $left: undefined, $held: undefined } as const;

type Durations = Pick<JobModel, 'minMs' | 'maxMs'>;

/** What jobs of the model take, or the work itself where that is longer. */
const durationOf = ({ operations }: JobRequest, { minMs, maxMs }: Durations, world: World): number => {
  const usual = minMs === maxMs ? minMs : world.random.between('job/duration', minMs, maxMs);
  return operations.reduce((longest, { kind, verb, values }) => {
    const lasts = verb === 'modify' ? world.resource(kind).modify?.lasts?.(values, world) : undefined;
    return Math.max(longest, lasts ?? 0);
  }, usual);
};

/** The instant at which a job that is started now ends by itself; undefined: it does not. */
export const dueOf = (request: JobRequest, model: Durations, world: World): number | undefined => {
  const { stall } = request.fate;
  const ends = world.clock.now() + durationOf(request, model, world);
  if (stall === undefined) return ends;
  return stall.milliseconds === undefined ? undefined : ends + stall.milliseconds;
};

/** Whether a request made the job stand still; a fault leaves no such mark. */
export const isHeld = (job: Entry): boolean => job['$held'] !== undefined;

/** Milliseconds of work that a job still has. */
export const leftOf = (job: Entry, now: number): number => {
  if (job['$left'] === undefined) return Math.max(0, integer(job, '$due') - now);
  const since = text(job, 'state') === 'paused' ? 0 : now - integer(job, '$held');
  return Math.max(0, integer(job, '$left') - since);
};

const spanOf = (job: Entry): number =>
  integer(job, '$span') || integer(job, '$due') - Date.parse(text(job, 'start_time'));

/** How much of the work is done, 0 to 99; 0 for a job of which nobody knows when it ends. */
export const percentDone = (job: Entry, now: number): number => {
  const span = spanOf(job);
  return span > 0 ? Math.min(99, Math.floor(((span - leftOf(job, now)) * 100) / span)) : 0;
};

/** What makes a job stand still: `paused`, or `running` where its work goes on and does not end. */
export const holding = (job: Entry, state: 'running' | 'paused', now: number): StoredObject => ({
  state,
  $due: undefined,
  $span: spanOf(job),
  $left: leftOf(job, now),
  $held: now,
});

/** What lets it go on from there. */
export const goingOn = (job: Entry, now: number): StoredObject => ({
  ...NOT_HELD,
  state: 'running',
  $due: now + leftOf(job, now),
});
