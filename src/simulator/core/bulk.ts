import { envelope, renderChanged } from './collection.ts';
import { findMatching, parseFilters } from './finding.ts';
import { isObject, objects, text, type Entry } from './entry.ts';
import { JOB } from './jobs.ts';
import { failureOf, jobLink } from './job-answers.ts';
import { applyOperation } from './operation.ts';
import { describePlan, planCreation, planModification, planRemoval, type Plan } from './planning.ts';
import { paginate } from './paging.ts';
import { missingValue, noEntry, Refusal } from './refusal.ts';
import type { Answer, ResourceRequest } from './request.ts';

/** Requests on many records: `records` in the body, or a PATCH or DELETE by query. */

const DEFAULT_WAIT_SECONDS = 15;

type Body = Readonly<Record<string, unknown>>;

export const isBulk = (body: Body | undefined): boolean => Array.isArray(body?.['records']);

const recordsOf = (request: ResourceRequest): readonly Body[] => {
  const records = request.body?.['records'];
  return Array.isArray(records) ? records.filter(isObject) : [];
};

export const bulkCreate = async (request: ResourceRequest): Promise<Answer> => {
  const plans = recordsOf(request).map((body) => planCreation(request, body));
  if (plans.some((plan) => plan.asynchronous)) return startBulk(request, plans);
  request.world.store.transaction(() => plans.forEach((plan) => applyOperation(plan.operation, request.world)));
  const records = request.query.returnRecords
    ? { records: plans.map((plan) => renderChanged(request, plan.entry)) }
    : {};
  return { status: 201, body: { num_records: plans.length, ...records } };
};

export const bulkModify = async (request: ResourceRequest): Promise<Answer> =>
  startBulk(
    request,
    recordsOf(request).map((body) => {
      const { keys, rest } = splitKeys(request, body);
      return planModification(request, findByKeys(request, keys), rest);
    }),
  );

export const bulkRemove = async (request: ResourceRequest): Promise<Answer> =>
  startBulk(
    request,
    recordsOf(request).map((body) => planRemoval(request, findByKeys(request, splitKeys(request, body).keys))),
  );

const splitKeys = ({ resource }: ResourceRequest, body: Body) => {
  const [key = 'uuid'] = resource.keys;
  const { [key]: value, _links: _ignored, ...rest } = body;
  if (typeof value !== 'string' && typeof value !== 'number') throw missingValue(key);
  return { keys: { [key]: String(value) }, rest };
};

const findByKeys = ({ world, resource }: ResourceRequest, keys: Readonly<Record<string, string>>): Entry => {
  const found = world.store
    .all(resource.kind)
    .find((entry) => Object.entries(keys).every(([key, value]) => String(entry[key]) === value));
  if (!found) throw noEntry(resource.keys[0]);
  return found;
};

/** One job for all; its results are read from the collection with `job_results_uuid`. */
const startBulk = async (request: ResourceRequest, plans: readonly Plan[]): Promise<Answer> => {
  const { world, resource, links, query } = request;
  const collection = `/api${resource.path}`;
  const job = world.jobs.start({
    operations: plans.map((plan) => plan.operation),
    description: `${request.method} ${collection}`,
    svm: request.svm,
    fate: request.fate,
    continueOnFailure: query.continueOnFailure || request.method === 'DELETE',
  });
  const results = `${collection}?job_results_uuid=${job}`;
  const body = links
    ? { job: { uuid: job, _links: { self: { href: `/api/cluster/jobs/${job}` }, results: { href: results } } } }
    : jobLink(job, false);
  const ended = await request.waitFor(job, (query.returnTimeout ?? 0) * 1000);
  const record = world.store.find(JOB, job);
  if (ended && record && text(record, 'state') === 'failure' && query.returnTimeout) {
    const { status, code, message } = failureOf(record);
    return { status, body: { error: { message, code }, ...body } };
  }
  const done = ended && query.returnTimeout ? (request.method === 'POST' ? 201 : 200) : 202;
  return { status: done, body, headers: { Location: results } };
};

/** What a bulk job left: the records that exist, and what went wrong. */
export const bulkResults = (request: ResourceRequest, job: string): Answer => {
  const { world, resource } = request;
  const entry = world.store.find(JOB, job);
  if (!entry) throw noEntry('job_results_uuid');
  if (!world.jobs.isEnded(job)) throw new Refusal(400, 262293, 'The job is still running.', 'job_results_uuid');
  const records = objects(entry, '$results')
    .flatMap((result) =>
      text(result, 'kind') === resource.kind ? (world.store.find(resource.kind, text(result, 'id')) ?? []) : [],
    )
    .map((found) => renderChanged(request, found));
  const errors = objects(entry, '$failures').map((failure) => ({
    error: { message: text(failure, 'message'), code: '262287' },
  }));
  return { status: 200, body: { records, num_records: records.length, ...(errors.length > 0 ? { errors } : {}) } };
};

type PlanOne = (entry: Entry) => Plan;

export const modifyMatching = (request: ResourceRequest): Promise<Answer> =>
  changeMatching(request, 'modify', (entry) => planModification(request, entry, request.body ?? {}));

export const removeMatching = (request: ResourceRequest): Promise<Answer> =>
  changeMatching(request, 'remove', (entry) => planRemoval(request, entry));

const changeMatching = async (request: ResourceRequest, verb: 'modify' | 'remove', plan: PlanOne): Promise<Answer> => {
  const filters = parseFilters(request, verb);
  if (filters.length === 0)
    throw new Refusal(400, 262247, `${request.method} on a collection needs at least one filter.`);
  const matching = paginate(request, findMatching(request, filters, verb));
  const jobs: string[] = [];
  for (const entry of matching.entries) {
    try {
      const planned = plan(entry);
      if (planned.asynchronous) jobs.push(await runOne(request, planned));
      else applyOperation(planned.operation, request.world);
    } catch (cause) {
      if (!(cause instanceof Refusal) || !request.query.continueOnFailure) throw cause;
    }
  }
  const answer = envelope(request, undefined, matching.entries.length, matching.next);
  const links = jobs.map((job) => jobLink(job, request.links)['job']);
  return {
    ...answer,
    body: { ...(jobs.length > 0 ? { jobs: links } : {}), ...(isObject(answer.body) ? answer.body : {}) },
  };
};

/** One after another, each for at most the time that is left. */
const runOne = async (request: ResourceRequest, plan: Plan): Promise<string> => {
  const { world } = request;
  const job = world.jobs.start({
    operations: [plan.operation],
    description: describePlan(request.method, plan, world),
    svm: world.svmOf(request.resource.kind, plan.entry),
    fate: request.fate,
    continueOnFailure: false,
  });
  await request.waitFor(job, (request.query.returnTimeout ?? DEFAULT_WAIT_SECONDS) * 1000);
  return job;
};
