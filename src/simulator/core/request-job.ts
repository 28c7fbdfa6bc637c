import { integer, text } from './entry.ts';
import { JOB } from './jobs.ts';
import { describePlan, type Plan } from './planning.ts';
import { Refusal } from './refusal.ts';
import type { ResourceRequest } from './request.ts';
import type { World } from './world.ts';

/** The job of a request: how it starts, and what answers say of it. */

/** Starts what was planned for one record; gives back the job's UUID. */
export const startPlanned = (request: ResourceRequest, plan: Plan): string =>
  request.world.jobs.start({
    operations: [plan.operation],
    description: describePlan(request.method, plan, request.world),
    svm: request.world.svmOf(request.resource.kind, plan.entry),
    fate: request.fate,
    continueOnFailure: false,
  });

export const jobLink = (job: string, links: boolean): Record<string, unknown> => ({
  job: { uuid: job, ...(links ? { _links: { self: { href: `/api/cluster/jobs/${job}` } } } : {}) },
});

/** The failure of a job as the answer of the request that waited for it; undefined when it did not fail. */
export const failureOf = (job: string, world: World): Refusal | undefined => {
  const record = world.store.find(JOB, job);
  return record && text(record, 'state') === 'failure'
    ? new Refusal(integer(record, '$status') || 500, text(record, 'error.code'), text(record, 'error.message'))
    : undefined;
};
