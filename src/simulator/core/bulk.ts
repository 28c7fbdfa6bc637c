import { expandDottedKeys } from './body.ts';
import { coerceBody } from './coercion.ts';
import { answerPage, envelope, renderChanged } from './collection.ts';
import { isObject, objects, text } from './entry.ts';
import { findInstance, parseFilters, schemaOf } from './finding.ts';
import { matches } from './filter.ts';
import { JOB } from './jobs.ts';
import { toJson } from './json.ts';
import { applyOperation } from './operation.ts';
import { planCreation, planModification, planRemoval, type Plan } from './planning.ts';
import { recordFailed } from './record-failures.ts';
import { errorBody, invalidValue, missingValue, noEntry, Refusal } from './refusal.ts';
import type { Answer, ResourceRequest } from './request.ts';
import { failureOf, jobLink } from './request-job.ts';

/** Requests that bring many records in one body. */

type Body = Readonly<Record<string, unknown>>;

/** One record of the body, read as far as it can be without looking at others. */
interface Given {
  /** `svm.name: svm1, name: vol1`. */
  readonly label: string;
  readonly plan: () => Plan;
}

export const isBulk = (body: Body | undefined): boolean => Array.isArray(body?.['records']);

/** POST, PATCH or DELETE of the records in the body: by one job, or at once where the API documents such a body. */
export const changeRecords = async (request: ResourceRequest): Promise<Answer> => {
  const records = request.body?.['records'];
  const given = (Array.isArray(records) ? records : []).map((record: unknown) => readRecord(request, record));
  return request.resource.takesRecords ? doAtOnce(request, given) : startJob(request, given);
};

/** What cannot be read is refused at once, for all records. */
const readRecord = (request: ResourceRequest, record: unknown): Given => {
  if (!isObject(record)) throw invalidValue(toJson(record), 'records', 'object');
  const body = expandDottedKeys(record);
  if (request.method === 'POST') {
    coerceBody(schemaOf(request), body, 'create');
    return {
      label: labelOf(body, ['svm.name', 'svm.uuid', 'volume.name', 'name']),
      plan: () => planCreation(request, body),
    };
  }
  const { keys } = request.resource;
  const rest = withoutKeys(body, keys);
  if (request.method === 'PATCH') coerceBody(schemaOf(request), rest, 'modify');
  const path = { ...request.path, ...Object.fromEntries(keys.map((key) => [key, keyIn(body, key)])) };
  const find = () => findInstance({ ...request, path });
  return {
    label: labelOf(body, keys),
    plan: () => (request.method === 'PATCH' ? planModification(request, find(), rest) : planRemoval(request, find())),
  };
};

const valueAt = (body: Body, path: string): unknown =>
  path.split('.').reduce<unknown>((value, name) => (isObject(value) ? value[name] : undefined), body);

const keyIn = (body: Body, key: string): string => {
  const value = valueAt(body, key);
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint') throw missingValue(key);
  return String(value);
};

const labelOf = (body: Body, paths: readonly string[]): string =>
  paths
    .flatMap((path) => (valueAt(body, path) === undefined ? [] : `${path}: ${String(valueAt(body, path))}`))
    .join(', ');

/** The record without what names it: the first members of its keys (`lun` of `lun.uuid`). */
const withoutKeys = (body: Body, keys: readonly string[]): Body => {
  const naming = new Set(['_links', ...keys.map((key) => key.split('.')[0])]);
  return Object.fromEntries(Object.entries(body).filter(([name]) => !naming.has(name)));
};

const doAtOnce = (request: ResourceRequest, given: readonly Given[]): Answer => {
  const { world, method, query } = request;
  const plans = world.store.transaction(() =>
    given.map(({ plan }) => {
      const planned = plan();
      applyOperation(planned.operation, world);
      return planned;
    }),
  );
  const records =
    query.returnRecords && method !== 'DELETE'
      ? { records: plans.map(({ entry }) => renderChanged(request, entry)) }
      : {};
  return { status: method === 'POST' ? 201 : 200, body: { num_records: plans.length, ...records } };
};

interface Plans {
  readonly planned: readonly { readonly label: string; readonly plan: Plan }[];
  /** What was wrong with the other records. */
  readonly refused: readonly string[];
}

/** Plans each record for a world in which those before it are done: two new LUN maps have two numbers. */
const planAll = ({ world, method }: ResourceRequest, given: readonly Given[]): Plans =>
  world.store.rehearse(() => {
    const planned: { readonly label: string; readonly plan: Plan }[] = [];
    const refused: string[] = [];
    for (const each of given) {
      const label = `${method} of record "${each.label}"`;
      const plan = unlessRefused(each.plan, (refusal) => refused.push(recordFailed(label, refusal).message));
      if (!plan) continue;
      planned.push({ label, plan });
      // What is refused now is refused again in the job, and told there.
      unlessRefused(
        () => applyOperation(plan.operation, world),
        () => undefined,
      );
    }
    return { planned, refused };
  });

const unlessRefused = <T>(work: () => T, otherwise: (refusal: Refusal) => void): T | undefined => {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    otherwise(cause);
    return undefined;
  }
};

/** One job for all; its results are read from the collection with `job_results_uuid`. */
const startJob = async (request: ResourceRequest, given: readonly Given[]): Promise<Answer> => {
  const { world, resource, links, query } = request;
  const { planned, refused } = planAll(request, given);
  const collection = query.path;
  const job = world.jobs.start({
    operations: planned.map(({ plan }) => plan.operation),
    description: `${request.method} ${collection}`,
    svm: request.svm,
    fate: request.fate,
    continueOnFailure: query.continueOnFailure || request.method === 'DELETE',
    bulk: { kind: resource.kind, labels: planned.map(({ label }) => label), refused },
  });
  const results = `${collection}?job_results_uuid=${job}`;
  const body = links
    ? { job: { uuid: job, _links: { self: { href: `/api/cluster/jobs/${job}` }, results: { href: results } } } }
    : jobLink(job, false);
  const ended = query.returnTimeout ? await request.waitFor(job, query.returnTimeout * 1000) : false;
  const refusal = ended ? failureOf(job, world) : undefined;
  if (refusal) return { status: refusal.status, body: errorBody(refusal, body) };
  return { status: ended ? (request.method === 'POST' ? 201 : 200) : 202, body, headers: { Location: results } };
};

/** What a job of many records left: those that exist, and what went wrong. */
export const bulkResults = (request: ResourceRequest, job: string): Answer => {
  const { world, resource, query } = request;
  const entry = world.store.find(JOB, job);
  if (!entry) throw noEntry('job_results_uuid');
  if (text(entry, '$bulk') !== resource.kind)
    throw new Refusal(400, 262294, 'The job is not one of this API.', 'job_results_uuid');
  if (!world.jobs.isEnded(job)) throw new Refusal(400, 262293, 'The job is still running.', 'job_results_uuid');
  const filters = parseFilters(request, 'get');
  const left = objects(entry, '$results')
    .flatMap((result) => world.store.find(resource.kind, text(result, 'id')) ?? [])
    .filter((found) => matches(filters, found, world));
  const { body } =
    query.fields === undefined
      ? envelope(
          request,
          left.map((found) => renderChanged(request, found)),
          left.length,
          undefined,
        )
      : answerPage(request, filters, left);
  const errors = objects(entry, '$failures').map((failure) => ({
    message: text(failure, 'message'),
    code: text(failure, 'code'),
  }));
  return { status: 200, body: { ...(isObject(body) ? body : {}), ...(errors.length > 0 ? { errors } : {}) } };
};
