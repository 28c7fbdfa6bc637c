import { coerceBody } from './coercion.ts';
import type { Action, Context } from './declaration.ts';
import { jobLink } from './request-job.ts';
import { wrongMethod } from './refusal.ts';
import { resolveReferences } from './references.ts';
import type { Answer, ResourceRequest } from './request.ts';
import { compileSchema } from './schema.ts';

/** Answers a verb with a path of its own: the work is done by a job, and the answer is 202 unless the job is awaited. */
export const answerAction = async (action: Action, request: Omit<ResourceRequest, 'resource'>): Promise<Answer> => {
  if (request.method !== action.method) throw wrongMethod(request.method, ['OPTIONS', action.method]);
  const { world, query } = request;
  const resource = { kind: 'action', path: action.path, keys: [], fields: action.fields };
  const schema = compileSchema(resource, world.version, world.personality);
  const body = coerceBody(schema, { ...Object.fromEntries(query.rest), ...request.body }, 'create');
  const context: Context = { world, parameters: {}, ...request.facts };
  const { operation, svm } = action.plan(resolveReferences(resource, body, {}, world), context);
  const job = world.jobs.start({
    operations: [operation],
    description: `${action.method} /api${action.path}`,
    svm,
    fate: request.fate,
    continueOnFailure: false,
  });
  const ended = query.returnTimeout !== undefined && (await request.waitFor(job, query.returnTimeout * 1000));
  const done = action.method === 'POST' ? 201 : 200;
  return { status: ended ? done : 202, body: jobLink(job, request.links) };
};
