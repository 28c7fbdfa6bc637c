import { integer, text, type Entry } from './entry.ts';
import { Refusal } from './refusal.ts';

/** What answers say of the job that a request started. */
export const jobLink = (job: string, links: boolean): Record<string, unknown> => ({
  job: { uuid: job, ...(links ? { _links: { self: { href: `/api/cluster/jobs/${job}` } } } : {}) },
});

/** The failure of a job as the answer of the request that waited for it. */
export const failureOf = (job: Entry): Refusal =>
  new Refusal(integer(job, '$status') || 500, text(job, 'error.code'), text(job, 'error.message'));
