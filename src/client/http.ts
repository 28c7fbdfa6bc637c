import { STATUS_CODES } from 'node:http';
import { Pool } from 'undici';
import { isTrustError } from '../engine/node-errors.ts';
import { isJsonObject } from '../engine/json.ts';
import { messageOf, Problem } from '../engine/problem.ts';
import { roundTrip } from '../engine/round-trip.ts';
import { bindCalls, type UntypedCall } from './bind.ts';
import type { AnyOperation, Core } from './contract.ts';
import { CoreRefusal, kindOfStatus } from './failure.ts';
import { operations } from './operations.ts';
import { fillPath, queryText } from './path.ts';
import { nothing } from './wire/codec.ts';
import { parseJson } from './wire/json-text.ts';
import { problemFromWire } from './wire/problem.ts';

/** One message on the wire, for people who ask to see them. */
export type HttpTrace = (
  message:
    | { readonly direction: 'request'; readonly method: string; readonly url: string; readonly body: string }
    | { readonly direction: 'response'; readonly url: string; readonly statusLine: string; readonly body: string },
) => void;

export interface HttpCoreOptions {
  /** `HOST`, `HOST:PORT`, `:PORT` of this machine, `[IPv6]:PORT` or a URL of http or https; a path in it is kept in front of `/trident/v1`. */
  readonly server: string;
  /** For one request, from connecting to the last byte. */
  readonly timeoutMs: number;
  /** How many connections may be open at once. */
  readonly connections: number;
  readonly trace?: HttpTrace;
}

/** Whatever may be a password in the address is not shown again. */
const badServer = (server: string): Problem => {
  const shown = server.replace(/^([^/@]*:\/\/)?.*@/s, '$1…@');
  return new Problem('server.address', 'usage', `${JSON.stringify(shown)} is not the address of a server`, {
    hint: 'write HOST:PORT, [IPV6]:PORT or a URL of http or https, without user and password',
  });
};

/**
 * The base URL a server address means, without a slash at its end.
 * @throws Problem `server.address` of kind `usage`
 */
export const serverUrl = (server: string): URL => {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(server)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== 'http' && scheme !== 'https') throw badServer(server);
  let url: URL;
  try {
    // Go takes an address without a host for this machine.
    const address = /^:\d/.test(server) ? `127.0.0.1${server}` : server;
    url = new URL(scheme === undefined ? `http://${address}` : address);
  } catch {
    throw badServer(server);
  }
  if (url.hostname === '' || url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw badServer(server);
  // The URL that `serve` prints is that of the API itself.
  url.pathname = url.pathname.replace(/\/+$/, '').replace(/\/trident\/v1$/, '');
  return url;
};

interface Answer {
  readonly status: number;
  readonly statusLine: string;
  readonly body: string;
}

interface Connection {
  readonly pool: Pool;
  readonly base: URL;
  readonly options: HttpCoreOptions;
}

/** Node's errors name the port and the system's code; an empty message (several addresses tried) hides them. */
const reasonOf = (error: unknown): string => {
  if (error instanceof AggregateError) {
    const reasons = new Set(error.errors.map((one: unknown) => messageOf(one)));
    if (reasons.size > 0) return [...reasons].join('; ');
  }
  return messageOf(error);
};

const transportProblem = (connection: Connection, error: unknown, signal: AbortSignal): unknown => {
  if (signal.aborted) {
    return Problem.is(signal.reason)
      ? signal.reason
      : new Problem('interrupted', 'interrupted', 'interrupted before the server answered', { cause: error });
  }
  const timedOut = error instanceof DOMException && error.name === 'TimeoutError';
  const hint = isTrustError(error)
    ? 'NODE_EXTRA_CA_CERTS names a file with certificates to trust; plain http is http://HOST:PORT'
    : 'check the address, and that the core listens there';
  const reason = timedOut ? `no answer within ${connection.options.timeoutMs / 1000} s` : reasonOf(error);
  return new Problem(
    timedOut ? 'server.timeout' : 'server.unreachable',
    'unavailable',
    `could not communicate with the Trident REST API at ${connection.base.origin}: ${reason}`,
    { cause: error, hint },
  );
};

const exchange = async (
  connection: Connection,
  request: { readonly method: AnyOperation['method']; readonly path: string; readonly body: string | undefined },
  signal: AbortSignal,
): Promise<Answer> => {
  const { pool, base, options } = connection;
  const path = `${base.pathname === '/' ? '' : base.pathname}${request.path}`;
  const url = `${base.origin}${path}`;
  signal.throwIfAborted();
  options.trace?.({ direction: 'request', method: request.method, url, body: request.body ?? '' });
  try {
    const sent = {
      method: request.method,
      path,
      headers: { 'content-type': 'application/json' },
      body: request.body ?? null,
    };
    const { status, text: body } = await roundTrip(pool, sent, options.timeoutMs, signal);
    const words = STATUS_CODES[status];
    const statusLine = words === undefined ? `${status}` : `${status} ${words}`;
    options.trace?.({ direction: 'response', url, statusLine, body });
    return { status, statusLine, body };
  } catch (error) {
    throw transportProblem(connection, error, signal);
  }
};

/** What an answer other than success says. */
const refusal = (answer: Answer): CoreRefusal => {
  let said: string | undefined;
  let known: ReturnType<typeof problemFromWire>;
  try {
    const body = parseJson(answer.body);
    if (isJsonObject(body)) {
      const error = body['error'] ?? '';
      if (typeof error === 'string') said = error;
      known = problemFromWire(body['problem']);
      // It was the core that was stopped, not this command.
      if (known?.kind === 'interrupted') known = { ...known, kind: 'unavailable' };
    }
  } catch {
    // Not JSON, so not from a core: the status line has to do.
  }
  const plain = { code: 'core.refused', kind: kindOfStatus(answer.status), details: {} };
  return new CoreRefusal({ status: answer.status, statusLine: answer.statusLine, said }, known ?? plain);
};

const send = async (connection: Connection, operation: AnyOperation, call: UntypedCall): Promise<unknown> => {
  const path = `/trident/v1${fillPath(operation.path, call.params)}${queryText(call.query ?? {})}`;
  // An operation that takes a request is always sent one: null stands for "nothing said".
  const body = operation.request === nothing ? undefined : JSON.stringify(call.body ?? null);
  const answer = await exchange(connection, { method: operation.method, path, body }, call.signal);
  const isSuccess = answer.status === operation.success || operation.alsoSuccess?.includes(answer.status) === true;
  if (!isSuccess) throw refusal(answer);
  try {
    return operation.response.parse(parseJson(answer.body));
  } catch (error) {
    if (!Problem.is(error)) throw error;
    throw new Problem('core.unreadable', 'unavailable', error.message, {
      cause: error,
      hint: `${connection.base.origin} does not answer as a Trident core does`,
    });
  }
};

/**
 * A core behind HTTP: stock's, or ours run by `serve`. Nothing is sent before the first call.
 * @throws Problem `server.address`; calls reject with CoreRefusal, or with Problems `server.unreachable`,
 *   `server.timeout`, `core.unreadable` (kind `unavailable`) and `request.name` (kind `usage`)
 */
export const openHttpCore = (options: HttpCoreOptions): Core<typeof operations> => {
  const base = serverUrl(options.server);
  const connection: Connection = {
    base,
    options,
    // The signal of each request is the only clock: the pool's own limits would cut long operations short.
    pool: new Pool(base.origin, { connections: options.connections, headersTimeout: 0, bodyTimeout: 0 }),
  };
  return {
    call: bindCalls(operations, (name, call) => send(connection, operations[name], call)),
    description: `server ${base.href.replace(/\/$/, '')}`,
    mode: 'server',
    [Symbol.asyncDispose]: () => connection.pool.close(),
  };
};
