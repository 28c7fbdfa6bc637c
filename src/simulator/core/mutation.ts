import { changeRecords, isBulk } from './bulk.ts';
import { modifyMatching, removeMatching } from './by-query.ts';
import { readCollection, readInstance, readTree, renderChanged } from './collection.ts';
import { findInstance, schemaOf } from './finding.ts';
import type { Verb } from './declaration.ts';
import { text } from './entry.ts';
import { applyOperation } from './operation.ts';
import { planCreation, planModification, planRemoval, type Plan } from './planning.ts';
import { errorBody, notSimulated, Refusal, unexpectedArgument, wrongMethod } from './refusal.ts';
import type { Answer, ResourceRequest } from './request.ts';
import { failureOf, jobLink, startPlanned } from './request-job.ts';

const VERBS: Readonly<Record<string, Verb>> = { POST: 'create', PATCH: 'modify', DELETE: 'remove' };

const allowedMethods = (
  request: Pick<ResourceRequest, 'resource'>,
  level: 'collection' | 'instance' | 'singleton',
): readonly string[] => {
  const { create, modify, remove, writeOnly, tree } = request.resource;
  const methods = writeOnly ? ['OPTIONS'] : ['GET', 'HEAD', 'OPTIONS'];
  if ((level === 'collection') !== (tree !== undefined) && create) methods.push('POST');
  if (modify) methods.push('PATCH');
  if (level !== 'singleton' && remove) methods.push('DELETE');
  return methods;
};

/** Answers a request to a resource. */
export const answerResource = async (
  request: ResourceRequest,
  level: 'collection' | 'instance' | 'singleton',
): Promise<Answer> => {
  const allowed = allowedMethods(request, level);
  const verb = VERBS[request.method];
  if (verb && request.resource.notSimulated?.includes(verb))
    throw notSimulated(`${request.method} ${request.query.received}`);
  if (request.method === 'OPTIONS') return { status: 200, body: {}, headers: { Allow: allowed.join(', ') } };
  if (!allowed.includes(request.method)) throw wrongMethod(request.method, allowed);
  if (verb && request.query.search)
    throw new Refusal(400, 262277, 'The "query" and "query_fields" parameters are for GET.');
  if (request.resource.tree) {
    if (request.method === 'GET' || request.method === 'HEAD') return readTree(request);
    if (request.method === 'POST') return createAt(request);
  }
  if (request.method === 'GET' || request.method === 'HEAD')
    return level === 'collection' ? readCollection(request) : readInstance(request);
  return level === 'collection' ? changeCollection(request) : changeInstance(request);
};

const changeCollection = async (request: ResourceRequest): Promise<Answer> => {
  if (isBulk(request.body)) return changeRecords(request);
  switch (request.method) {
    case 'POST':
      return create(request);
    case 'PATCH':
      return modifyMatching(request);
    default:
      return removeMatching(request);
  }
};

const changeInstance = async (request: ResourceRequest): Promise<Answer> => {
  const entry = findInstance(request);
  if (request.method === 'DELETE') return carryOut(request, planRemoval(request, entry));
  return carryOut(request, planModification(request, entry, request.body ?? {}));
};

const create = async (request: ResourceRequest): Promise<Answer> => {
  const schema = schemaOf(request);
  for (const name of request.query.rest.keys()) {
    if (schema.parameters.create.includes(name)) continue;
    throw schema.find(name)
      ? new Refusal(400, 262211, `POST does not take the filter "${name}".`, name)
      : unexpectedArgument(name);
  }
  return carryOut(request, planCreation(request, request.body ?? {}));
};

/** POST to a place in a tree: the path is the key of what is made. */
const createAt = (request: ResourceRequest): Promise<Answer> => {
  const [key = ''] = request.resource.keys;
  return create({ ...request, body: { ...request.body, [key]: request.path[key] ?? '' } });
};

/** Does what was planned, at once or by a job, and answers in ONTAP's form. */
const carryOut = async (request: ResourceRequest, plan: Plan): Promise<Answer> => {
  if (!plan.asynchronous) {
    applyOperation(plan.operation, request.world);
    hideNew(request, plan);
    return answerDone(request, plan, {});
  }
  return answerJob(request, plan, startPlanned(request, plan));
};

const hideNew = ({ world, fate, resource }: ResourceRequest, plan: Plan) => {
  if (fate.hideMs !== undefined && plan.operation.verb === 'create') {
    world.hidden.set(`${resource.kind}/${plan.entry.$id}`, world.clock.now() + fate.hideMs);
  }
};

const answerJob = async (request: ResourceRequest, plan: Plan, job: string): Promise<Answer> => {
  const wait = (request.query.returnTimeout ?? 0) * 1000;
  const link = jobLink(job, request.links);
  const ended = wait > 0 && (await request.waitFor(job, wait));
  if (!ended) return answerAccepted(request, plan, link);
  const refusal = failureOf(job, request.world);
  return refusal ? { status: refusal.status, body: errorBody(refusal, link) } : answerDone(request, plan, link);
};

const answerAccepted = (request: ResourceRequest, plan: Plan, link: Record<string, unknown>): Answer => {
  const creating = plan.operation.verb === 'create';
  const records = request.query.returnRecords && creating ? pendingRecords(request, plan) : {};
  return {
    status: 202,
    body: { ...link, ...records },
    ...(creating ? { headers: { Location: pendingLocation(request, plan) } } : {}),
  };
};

/** Before the job has ended the key of a record found by name is not told. */
const pendingRecords = (request: ResourceRequest, plan: Plan) => {
  const record = renderChanged(request, plan.entry);
  if (request.resource.create?.location !== 'query') return { num_records: 1, records: [record] };
  const { uuid: _uuid, ...rest } = record;
  const links = request.links ? { _links: { self: { href: pendingLocation(request, plan) } } } : {};
  return { num_records: 1, records: [{ ...rest, ...links }] };
};

const pendingLocation = (request: ResourceRequest, plan: Plan): string => {
  const own = request.world.href(request.resource.kind, plan.entry);
  if (request.resource.create?.location !== 'query') return own;
  const svm = request.world.store.find('svm', text(plan.entry, 'svm'));
  const scope = svm && !request.resource.path.includes('{') ? `&svm.name=${encodeURIComponent(text(svm, 'name'))}` : '';
  return `${own.slice(0, own.lastIndexOf('/'))}/?name=${encodeURIComponent(text(plan.entry, 'name'))}${scope}`;
};

const answerDone = (request: ResourceRequest, plan: Plan, link: Record<string, unknown>): Answer => {
  const { verb, kind, id } = plan.operation;
  const entry = request.world.store.find(kind, id) ?? plan.entry;
  const records =
    request.query.returnRecords && verb !== 'remove'
      ? { num_records: 1, records: [renderChanged(request, entry)] }
      : {};
  return verb === 'create'
    ? { status: 201, body: { ...link, ...records }, headers: { Location: request.world.href(kind, entry) } }
    : { status: 200, body: { ...link, ...records } };
};
