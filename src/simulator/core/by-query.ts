import { envelope } from './collection.ts';
import type { Entry } from './entry.ts';
import { isObject } from './entry.ts';
import { findMatching, parseFilters } from './finding.ts';
import { applyOperation } from './operation.ts';
import { linkAfter, paginate } from './paging.ts';
import { planModification, planRemoval, type Plan } from './planning.ts';
import { errorBody, Refusal } from './refusal.ts';
import type { Answer, ResourceRequest } from './request.ts';
import { failureOf, jobLink, startPlanned } from './request-job.ts';

/** PATCH and DELETE of all records that a query finds, one after another. */

const DEFAULT_WAIT_SECONDS = 15;

type PlanOne = (entry: Entry) => Plan;

/** What became of one record. */
interface Outcome {
  readonly job?: string;
  readonly refusal?: Refusal;
  /** Its job goes on when the time of the request is up. */
  readonly late?: true;
}

export const modifyMatching = (request: ResourceRequest): Promise<Answer> =>
  changeMatching(request, 'modify', (entry) => planModification(request, entry, request.body ?? {}));

export const removeMatching = (request: ResourceRequest): Promise<Answer> =>
  changeMatching(request, 'remove', (entry) => planRemoval(request, entry));

const changeMatching = async (given: ResourceRequest, verb: 'modify' | 'remove', plan: PlanOne): Promise<Answer> => {
  // In its own order, a collection can be gone on with after a record that is not there any more.
  const request = { ...given, query: { ...given.query, orderBy: undefined } };
  const { query, world } = request;
  const filters = parseFilters(request, verb);
  if (filters.length === 0)
    throw new Refusal(400, 262247, `${request.method} on a collection needs at least one filter.`);
  const { entries, next } = paginate(request, findMatching(request, filters, verb));
  const deadline = world.clock.now() + (query.returnTimeout ?? DEFAULT_WAIT_SECONDS) * 1000;
  const jobs: string[] = [];
  let done = 0;
  for (const entry of entries) {
    const { job, refusal, late } = await changeOne(request, entry, plan, deadline);
    if (job !== undefined) jobs.push(job);
    if (!refusal) done += 1;
    else if (!query.continueOnFailure)
      return { status: refusal.status, body: errorBody(refusal, listed(request, jobs)) };
    if (late) return answer(request, jobs, done, entry === entries.at(-1) ? next : linkAfter(request, entry));
  }
  return answer(request, jobs, done, next);
};

const changeOne = async (request: ResourceRequest, entry: Entry, plan: PlanOne, deadline: number): Promise<Outcome> => {
  try {
    const planned = plan(entry);
    if (planned.asynchronous) return await runOne(request, planned, deadline);
    applyOperation(planned.operation, request.world);
    return {};
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    return { refusal: cause };
  }
};

const runOne = async (request: ResourceRequest, plan: Plan, deadline: number): Promise<Outcome> => {
  const { jobs, clock } = request.world;
  const job = startPlanned(request, plan);
  const ended = await request.waitFor(job, Math.max(0, deadline - clock.now()));
  // What ends by being read would never end for a request that waits for it.
  if (!ended) return jobs.endsByItself(job) ? { job, late: true } : { job };
  const refusal = failureOf(job, request.world);
  return refusal ? { job, refusal } : { job };
};

const listed = ({ links }: ResourceRequest, jobs: readonly string[]) =>
  jobs.length === 0 ? {} : { jobs: jobs.map((job) => jobLink(job, links)['job']) };

const answer = (request: ResourceRequest, jobs: readonly string[], count: number, next: string | undefined): Answer => {
  const whole = envelope(request, undefined, count, next);
  return { ...whole, body: { ...listed(request, jobs), ...(isObject(whole.body) ? whole.body : {}) } };
};
