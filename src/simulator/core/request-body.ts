import type { Incoming } from './api.ts';
import { isObject } from './entry.ts';
import { findRepeated, isDeeperThan, parseJson } from './json.ts';
import { isMultipart } from './multipart.ts';
import { Refusal } from './refusal.ts';

/** Far more than any property lies in. */
const DEEPEST_BODY = 64;

/** The properties that a request brings; undefined when it brings none. @throws Refusal */
export const readBody = ({ method, body, headers }: Incoming): Readonly<Record<string, unknown>> | undefined => {
  if (body?.trim() === '') return undefined;
  // Bytes for a record, not properties of one.
  if (isMultipart(headers['content-type'])) return undefined;
  if (body === undefined) throw new Refusal(400, 262201, 'The body is not text in UTF-8.');
  let parsed: unknown;
  try {
    parsed = parseJson(body);
  } catch (cause) {
    throw new Refusal(400, 262199, `The body is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  if (!isObject(parsed)) throw new Refusal(400, 262199, 'The body is not a JSON object.');
  if (isDeeperThan(DEEPEST_BODY, parsed)) throw new Refusal(400, 262201, 'The body is nested too deeply.');
  const repeated = findRepeated(body, parsed);
  if (repeated !== undefined)
    throw new Refusal(400, 262282, `Property "${repeated}" was given twice in the body.`, repeated);
  const empty = Object.keys(parsed).length === 0;
  if ((method === 'GET' || method === 'HEAD') && !empty)
    throw new Refusal(400, 262198, `A body is not allowed with ${method}.`);
  if (method === 'DELETE' && !empty && !Array.isArray(parsed['records']))
    throw new Refusal(400, 262198, 'A body is not allowed with DELETE.');
  return parsed;
};
