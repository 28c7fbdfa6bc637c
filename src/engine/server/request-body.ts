import type { IncomingMessage } from 'node:http';
import type { AnyOperation } from '../../client/contract.ts';
import { nothing } from '../../client/wire/codec.ts';
import { parseJson } from '../../client/wire/json-text.ts';
import { messageOf, Problem } from '../problem.ts';
import { readYaml } from '../yaml.ts';

/** Stock reads no more than this of a request; the rest counts as not sent. */
export const bodyLimit = 40_960;

export interface RequestBody {
  readonly text: string;
  /** True when more was sent than is read. */
  readonly isCut: boolean;
}

/** Reads a body up to the limit, and drains the rest so that the connection stays usable. */
export const readBody = async (request: IncomingMessage): Promise<RequestBody> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    if (size < bodyLimit) chunks.push(chunk.subarray(0, bodyLimit - size));
    size += chunk.length;
  }
  return { text: Buffer.concat(chunks).toString('utf8'), isCut: size > bodyLimit };
};

const tooLong = `a request of more than ${bodyLimit} bytes is cut there`;

const badJson = (error: unknown, body: RequestBody): Problem =>
  new Problem('request.json', 'invalid', `invalid JSON: ${messageOf(error)}`, {
    cause: error,
    nothingDone: true,
    ...(body.isCut ? { hint: tooLong } : {}),
    ...(Problem.is(error) && error.path !== undefined ? { path: error.path } : {}),
  });

/** A document that was cut may still read as YAML, and would then mean something else. */
const readDocument = (body: RequestBody): unknown => {
  if (body.isCut)
    throw new Problem('request.document', 'invalid', `invalid config format: ${tooLong}`, { nothingDone: true });
  try {
    return readYaml(body.text);
  } catch (error) {
    throw new Problem('request.document', 'invalid', `invalid config format: ${messageOf(error)}`, {
      cause: error,
      nothingDone: true,
    });
  }
};

/**
 * The request of an operation.
 * @throws Problem `request.json` or `request.document`, both of kind `invalid`
 */
export const parseBody = (operation: AnyOperation, body: RequestBody): unknown => {
  if (operation.request === nothing) return undefined;
  if (operation.requestForm === 'document') return operation.request.parse(readDocument(body));
  try {
    return operation.request.parse(parseJson(body.text));
  } catch (error) {
    throw badJson(error, body);
  }
};

/** The same for a request that was never text, so that the embedded client refuses what the server refuses. */
export const checkBody = (operation: AnyOperation, body: unknown): unknown => {
  try {
    return operation.request.parse(body);
  } catch (error) {
    throw badJson(error, { text: '', isCut: false });
  }
};
