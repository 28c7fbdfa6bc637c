import type { BulkRequest, JobRequest } from './job-data.ts';
import { Refusal } from './refusal.ts';

/** What is told of records of one body that could not be made, changed or removed. */

const ONE_FAILED = 262287;
const PARTLY_DONE = 262292;

/** `label`: `POST of record "svm.name: svm1, name: vol1"`. */
export const recordFailed = (label: string, reason: Refusal): Refusal =>
  new Refusal(400, ONE_FAILED, `${label} failed. Reason: ${reason.message}`);

/** Those for which there is nothing to do, since they were refused when the request came. */
export const refusedRecords = (bulk: BulkRequest | undefined): Refusal[] =>
  (bulk?.refused ?? []).map((message) => new Refusal(400, ONE_FAILED, message));

/** How a job ends that had failures; undefined when it had none. */
export const summaryOf = (
  failures: readonly Refusal[],
  { bulk, operations, fate, continueOnFailure }: JobRequest,
): Refusal | undefined => {
  const [first] = failures;
  if (!bulk || !first || fate.fail || !continueOnFailure) return first;
  const told = failures.map(({ message }) => message).join(' ');
  return failures.length < operations.length + bulk.refused.length
    ? new Refusal(400, PARTLY_DONE, `The records operation was partially completed. Failures: ${told}`)
    : new Refusal(400, ONE_FAILED, told);
};
