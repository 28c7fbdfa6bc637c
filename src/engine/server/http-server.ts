import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { operations } from '../../client/operations.ts';
import { nothing } from '../../client/wire/codec.ts';
import type { Orchestrator } from '../orchestrator/orchestrator.ts';
import { Problem } from '../problem.ts';
import { dispatch } from './dispatch.ts';
import type { Handlers, Operations } from './handler.ts';
import { bindHandlers } from './handlers.ts';
import { createLogSettings } from './log-settings.ts';
import { expositionType } from './metric-registry.ts';
import { createMetrics, type Metrics, type ProcessStats } from './metrics.ts';
import { createRateLimiter, type RateLimiter } from './rate-limit.ts';
import { parseBody, readBody, type RequestBody } from './request-body.ts';
import { findRoute, type Route } from './router.ts';

/** One answered request, for the log. */
export interface RequestLogEntry {
  readonly requestId: string;
  readonly method: string;
  /** Name of the operation. */
  readonly route: string;
  readonly url: string;
  readonly status: number;
  readonly durationMs: number;
  readonly problem: Problem | undefined;
}

export interface ServeOptions {
  /**
   * The core. May throw `notReady()` while it starts and `startFailed(cause)` when it could not; requests are then
   * answered with 503 and 500.
   */
  readonly orchestrator: () => Orchestrator;
  /** Loopback only, as in stock: `127.0.0.1`, `localhost`, `::1` or `[::1]`. */
  readonly address: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** A second listener for the metrics alone, which answers on every path, as stock's does. */
  readonly metricsPort?: number;
  readonly version: string;
  readonly runtime: string;
  /** How long running requests may take to end after `close`, before they are interrupted. */
  readonly shutdownMs: number;
  readonly processStats?: () => ProcessStats;
  readonly log?: (entry: RequestLogEntry) => void;
}

export interface RunningServer {
  /** `http://127.0.0.1:8000` */
  readonly url: string;
  readonly metricsUrl: string | undefined;
  /** Takes no new requests, waits for those that run, then interrupts them. */
  close(): Promise<void>;
}

/** Time for a request to arrive, and for a connection to stay open unused. */
const idleMs = 90_000;
/** Time for interrupted requests to wind up. */
const graceMs = 2_000;

interface Service {
  readonly handlers: Handlers;
  readonly metrics: Metrics;
  readonly limiter: RateLimiter;
  readonly stopping: AbortSignal;
  readonly running: Set<Promise<void>>;
  readonly log: ((entry: RequestLogEntry) => void) | undefined;
}

const plain404 = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' };

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&#34;');

/** What the router answers by itself. */
const answerUnrouted = (route: Exclude<Route, { type: 'operation' }>, response: ServerResponse): void => {
  switch (route.type) {
    case 'redirect': {
      const type = route.html ? { 'content-type': 'text/html; charset=utf-8' } : {};
      response.writeHead(301, { location: route.location, ...type });
      response.end(route.html ? `<a href="${escapeHtml(route.location)}">Moved Permanently</a>.\n\n` : '');
      return;
    }
    case 'notFound':
      response.writeHead(404, plain404).end('404 page not found\n');
      return;
    case 'methodNotAllowed':
      response.writeHead(405).end();
      return;
    case 'badRequest':
      response.writeHead(400, { 'content-type': 'text/plain; charset=utf-8' }).end('400 Bad Request');
      return;
  }
};

const queryOf = (target: string): Readonly<Record<string, string>> => {
  const at = target.indexOf('?');
  const query: Record<string, string> = {};
  // The first of repeated parameters counts, as in Go.
  for (const [key, value] of new URLSearchParams(at < 0 ? '' : target.slice(at))) query[key] ??= value;
  return query;
};

/**
 * Reads stop when nobody waits for them any more. What changes something goes on without its caller, as in stock: only
 * the end of the server interrupts it.
 */
const signalFor = (service: Service, request: IncomingMessage, response: ServerResponse): AbortSignal => {
  if (request.method !== 'GET') return service.stopping;
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished)
      gone.abort(new Problem('request.gone', 'interrupted', 'the client closed the connection'));
  });
  return AbortSignal.any([service.stopping, gone.signal]);
};

const answerOperation = async (
  service: Service,
  route: { readonly name: keyof Operations; readonly params: Readonly<Record<string, string>> },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const began = performance.now();
  const { url = '', method = '' } = request;
  const operation = operations[route.name];
  const wait = service.limiter.take(route.name);
  let status = 429;
  let problem: Problem | undefined;
  if (wait > 0) response.writeHead(429, { 'retry-after': String(wait) }).end();
  else {
    const isRead = operation.request !== nothing;
    const body: RequestBody = isRead ? await readBody(request) : { text: '', isCut: false };
    if (!isRead) request.resume();
    const answer = await dispatch(service.handlers, route.name, {
      params: route.params,
      query: queryOf(url),
      body: () => parseBody(operation, body),
      signal: signalFor(service, request, response),
    });
    ({ status, problem } = { status: answer.status, problem: answer.problem });
    response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' }).end(answer.json);
  }
  const durationMs = performance.now() - began;
  service.metrics.answered(route.name, method, status, durationMs);
  if (service.log === undefined) return;
  const given = request.headers['x-request-id'];
  const requestId = typeof given === 'string' && given !== '' ? given : randomUUID();
  service.log({ requestId, method, route: route.name, url, status, durationMs, problem });
};

const answerMetrics = async (service: Service, response: ServerResponse): Promise<void> => {
  const text = await service.metrics.read();
  response.writeHead(200, { 'content-type': expositionType }).end(text);
};

/** Metrics have a path of their own beside the API, which stock's API leaves unused. */
const isMetrics = (request: IncomingMessage): boolean =>
  (request.method === 'GET' || request.method === 'POST') && /^\/metrics(\?|$)/.test(request.url ?? '');

const answer = async (service: Service, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  if (isMetrics(request)) return answerMetrics(service, response);
  const route = findRoute(request.method ?? '', request.url ?? '/');
  if (route.type === 'operation') return answerOperation(service, route, request, response);
  request.resume();
  answerUnrouted(route, response);
  return undefined;
};

/** Runs an answer, and keeps it among the running ones until it ended. What breaks a connection breaks only that. */
const track = (service: Service, response: ServerResponse, work: Promise<void>): void => {
  const running = work.catch(() => {
    response.destroy();
  });
  service.running.add(running);
  void running.finally(() => service.running.delete(running));
};

const loopback: Readonly<Record<string, string>> = {
  '127.0.0.1': '127.0.0.1',
  localhost: '127.0.0.1',
  '::1': '::1',
  '[::1]': '::1',
};

const listenProblem = (error: NodeJS.ErrnoException, host: string, port: number, flag: string): Problem => {
  const inUse = error.code === 'EADDRINUSE';
  const why = inUse
    ? `port ${port} of ${host} is in use`
    : `cannot listen on port ${port} of ${host}: ${error.message}`;
  return new Problem(inUse ? 'serve.port-in-use' : 'serve.listen', inUse ? 'conflict' : 'denied', why, {
    cause: error,
    hint: inUse ? `choose another with ${flag}, or ${flag} 0 for a free one` : 'choose another port',
  });
};

/** @param flag for messages: what the port was named with */
const listen = (server: Server, host: string, port: number, flag: string): Promise<string> =>
  new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listenProblem(error, host, port, flag)));
    server.listen(port, host, () => {
      const address = server.address();
      const chosen = isAddressInfo(address) ? address.port : port;
      resolve(`http://${host.includes(':') ? `[${host}]` : host}:${chosen}`);
    });
  });

const isAddressInfo = (address: ReturnType<Server['address']>): address is AddressInfo =>
  typeof address === 'object' && address !== null;

const createListener = (service: Service, handle: typeof answer): Server => {
  const server = createServer((request, response) => track(service, response, handle(service, request, response)));
  server.requestTimeout = idleMs;
  server.headersTimeout = idleMs;
  server.keepAliveTimeout = idleMs;
  return server;
};

const within = async (work: Promise<unknown>, milliseconds: number): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
};

const allEnded = async (service: Service): Promise<void> => {
  while (service.running.size > 0) await Promise.all(service.running);
};

/**
 * Answers the REST API (rest-api.md), and the metrics under `/metrics`, until closed.
 * @throws Problem `serve.address` (kind `usage`), `serve.port-in-use` (`conflict`), `serve.listen` (`denied`)
 */
export const serve = async (options: ServeOptions): Promise<RunningServer> => {
  const host = loopback[options.address];
  if (host === undefined)
    throw new Problem('serve.address', 'usage', `${options.address} is not a loopback address`, {
      hint: 'the REST API has no authentication; use 127.0.0.1 or [::1]',
    });
  const { orchestrator, version, runtime, processStats } = options;
  const stopping = new AbortController();
  const nowMs = () => performance.now();
  const service: Service = {
    handlers: bindHandlers({ orchestrator, version, runtime, logging: createLogSettings() }),
    metrics: createMetrics({ orchestrator, version, nowMs, ...(processStats === undefined ? {} : { processStats }) }),
    limiter: createRateLimiter(nowMs),
    stopping: stopping.signal,
    running: new Set(),
    log: options.log,
  };
  const api = createListener(service, answer);
  const url = await listen(api, host, options.port, '--port');
  const servers = [api];
  let metricsUrl: string | undefined;
  if (options.metricsPort !== undefined) {
    const metrics = createListener(service, (one, request, response) => {
      request.resume();
      return answerMetrics(one, response);
    });
    try {
      metricsUrl = await listen(metrics, host, options.metricsPort, '--metrics-port');
    } catch (error) {
      api.close();
      throw error;
    }
    servers.push(metrics);
  }
  return {
    url,
    metricsUrl,
    close: async () => {
      for (const server of servers) {
        server.close();
        server.closeIdleConnections();
      }
      await within(allEnded(service), options.shutdownMs);
      stopping.abort(new Problem('serve.stopping', 'interrupted', 'the server is shutting down'));
      await within(allEnded(service), graceMs);
      for (const server of servers) server.closeAllConnections();
    },
  };
};
