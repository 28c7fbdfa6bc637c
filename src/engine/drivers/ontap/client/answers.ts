import * as v from 'valibot';
import type { ArrayRefusal } from '../../../problem.ts';

/** What ONTAP answers around its records. Only what we use; everything else is ignored. */

const errorSchema = v.object({
  error: v.object({
    message: v.optional(v.string(), ''),
    code: v.optional(v.union([v.string(), v.number()]), ''),
    target: v.optional(v.string()),
  }),
});

const jobReferenceSchema = v.object({ job: v.object({ uuid: v.string() }) });

export const jobSchema = v.object({
  uuid: v.string(),
  state: v.picklist(['queued', 'running', 'paused', 'success', 'failure']),
  description: v.optional(v.string(), ''),
  start_time: v.optional(v.string(), ''),
  message: v.optional(v.string(), ''),
  code: v.optional(v.number(), 0),
  error: v.optional(
    v.object({ message: v.optional(v.string(), ''), code: v.optional(v.union([v.string(), v.number()]), '') }),
  ),
});
export type Job = v.InferOutput<typeof jobSchema>;

const pageSchema = v.object({
  records: v.optional(v.array(v.unknown()), []),
  _links: v.optional(v.object({ next: v.optional(v.object({ href: v.string() })) })),
});
export type Page = v.InferOutput<typeof pageSchema>;

export const parsePage = (body: unknown): Page | undefined => {
  const result = v.safeParse(pageSchema, body);
  return result.success ? result.output : undefined;
};

/** A first look: to let the schema find that something is not there costs ten times as much. */
const hasMember = (body: unknown, name: string): boolean => typeof body === 'object' && body !== null && name in body;

/** The array's own refusal in an answer's body, if it holds one. */
export const findRefusal = (status: number, body: unknown): ArrayRefusal | undefined => {
  if (!hasMember(body, 'error')) return undefined;
  const result = v.safeParse(errorSchema, body);
  if (!result.success) return undefined;
  const { message, code, target } = result.output.error;
  return { status, code: String(code), message, ...(target === undefined ? {} : { target }) };
};

export const findJobUuid = (body: unknown): string | undefined => {
  if (!hasMember(body, 'job')) return undefined;
  const result = v.safeParse(jobReferenceSchema, body);
  return result.success ? result.output.job.uuid : undefined;
};

/** Why a job failed, as if the array had refused the request itself. Jobs put the code in two places. */
export const refusalOfJob = (job: Job): ArrayRefusal => {
  const ownCode = job.code === 0 ? '' : String(job.code);
  const code = job.error === undefined || String(job.error.code) === '' ? ownCode : String(job.error.code);
  const message = job.error?.message !== undefined && job.error.message !== '' ? job.error.message : job.message;
  return { status: 200, code, message: message === '' ? 'the job failed without saying why' : message };
};

/** JSON, or undefined when the text is none. An empty body counts as an empty object. */
export const parseJson = (text: string): { readonly body: unknown } | undefined => {
  if (text.trim() === '') return { body: {} };
  try {
    const body: unknown = JSON.parse(text);
    return { body };
  } catch {
    return undefined;
  }
};
