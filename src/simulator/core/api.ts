import { answerAction } from './actions.ts';
import { bulkResults } from './bulk.ts';
import { isObject } from './entry.ts';
import type { ReplyEnding } from './fault-rules.ts';
import type { FaultTable, Strike } from './faults.ts';
import { answerData, isAboutData } from './data.ts';
import { isMultipart, noForms } from './multipart.ts';
import { jsonTexts, prettyTexts } from './long-list.ts';
import { answerResource } from './mutation.ts';
import { parseQuery, splitQuery } from './query.ts';
import { methodNow } from './precluster.ts';
import { errorBody, forbidden, notSimulated, Refusal, unauthorized, unknownPath } from './refusal.ts';
import type { Answer, ResourceRequest } from './request.ts';
import { readBody } from './request-body.ts';
import type { RequestRecorder } from './request-log.ts';
import { mayUse } from './roles.ts';
import type { Route, Router } from './router.ts';
import { checkScope, scopeOf } from './scope.ts';
import { factsOf, fateOf, pagingOf, refusalBy, skewed, skewOf, withoutField } from './strikes.ts';
import { splitTarget } from './target.ts';
import type { User } from './users.ts';
import type { World } from './world.ts';

/** A request as it came off the wire, or from `call`. */
export interface Incoming {
  /** When its head was read, by `performance.now()`. */
  readonly arrived: number;
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Undefined when it is not UTF-8; of a form (`multipart/…`) each character is a byte. */
  readonly body: string | undefined;
  /** CN of a client certificate that this simulator signed. */
  readonly commonName: string | undefined;
  readonly signal: AbortSignal;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** In pieces, to be taken once: a long one is made as it is sent. */
  readonly texts: Iterable<string>;
  /** Each character of the texts is a byte. */
  readonly bytes?: true;
  /** Ends the connection in this way instead of a whole answer. */
  readonly ending?: ReplyEnding;
  /** Waits so many milliseconds between headers and body. */
  readonly bodyDelayMs?: number;
}

export interface ApiParts {
  readonly world: () => World;
  readonly router: () => Router;
  /** Who an Authorization header, or else a verified certificate, stands for. */
  readonly login: (authorization: string | undefined, commonName: string | undefined) => User | undefined;
  readonly faults: FaultTable;
  readonly log: RequestRecorder;
  /** What a call takes at least, from its coming to its answer; waiting for jobs and faults comes on top. */
  readonly latencyMs: number;
  /** Waits in real time; ends early when the signal aborts. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

const STANDING_HEADERS = {
  Server: 'libzapid-httpd',
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-cache,no-store,must-revalidate',
  'Content-Security-Policy': "default-src 'self'; frame-ancestors 'self'",
  Vary: 'Accept-Encoding',
};

const wantsLinks = (accept: string | undefined): boolean =>
  accept === undefined ||
  accept.split(',').some((type) => type.split(';')[0]?.trim().toLowerCase() !== 'application/json');

/** Commands of the CLI passthrough also say how many records they have done. */
const errorAnswer = (refusal: Refusal, path: string): Answer => ({
  status: refusal.status,
  body: errorBody(refusal, path.startsWith('/api/private/cli/') ? { num_records: 0 } : {}),
  headers: {
    ...refusal.headers,
    ...(refusal.status === 401 ? { 'WWW-Authenticate': 'Basic realm="Administrative Access"' } : {}),
  },
});

const isLogged = (name: string): boolean => name === 'accept' || name === 'content-type' || name.startsWith('x-dot-');

const loggedHeaders = (headers: Incoming['headers']): Record<string, string> => {
  const logged: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) if (value !== undefined && isLogged(name)) logged[name] = value;
  return logged;
};

/** The REST API of one simulated cluster, from the request's text to the reply's. */
export class Api {
  readonly #parts: ApiParts;

  constructor(parts: ApiParts) {
    this.#parts = parts;
  }

  async handle(incoming: Incoming): Promise<Reply> {
    const number = this.#parts.log.nextNumber();
    const time = this.#parts.world().clock.text();
    const { path, search } = splitTarget(incoming.target);
    const handling = await this.#attempt(incoming, path, search);
    const now = this.#parts.world().clock.now() + (skewOf(handling.strikes)?.milliseconds ?? 0);
    const reply = toReply(handling, incoming, new Date(now));
    const body =
      isObject(handling.answer.body) && isObject(handling.answer.body['error'])
        ? handling.answer.body['error']['code']
        : undefined;
    const described = {
      number,
      time,
      user: handling.user?.name,
      method: incoming.method,
      path,
      query: search,
      headers: loggedHeaders(incoming.headers),
      status: reply.ending === undefined ? reply.status : 0,
      code: body === undefined ? undefined : String(body),
      faults: handling.strikes.map(({ name }) => name),
    };
    this.#parts.log.record(described, incoming.body, handling.body);
    const due = incoming.arrived + handling.waitedMs + this.#parts.latencyMs;
    await this.#parts.sleep(due - performance.now(), incoming.signal);
    return reply;
  }

  async #attempt(incoming: Incoming, path: string, search: string): Promise<Handling> {
    const handling: Handling = {
      answer: { status: 500, body: {} },
      strikes: [],
      body: undefined,
      user: undefined,
      ending: undefined,
      bodyDelayMs: 0,
      waitedMs: 0,
      text: undefined,
      pretty: false,
    };
    try {
      const { authorization } = incoming.headers;
      handling.user = this.#parts.login(authorization, incoming.commonName);
      if (!handling.user) throw unauthorized();
      handling.body = readBody(incoming);
      handling.strikes = this.#parts.faults.strike(
        { method: incoming.method, path, query: splitQuery(search), body: handling.body, user: handling.user.name },
        this.#parts.world().random,
        this.#parts.world().clock.now(),
      );
      if (await this.#strikeBefore(handling, path, incoming.signal)) return handling;
      handling.answer = await this.#answer(incoming, handling, path, search);
    } catch (cause) {
      if (!(cause instanceof Refusal)) throw cause;
      handling.answer = errorAnswer(cause, path);
    }
    await this.#strikeAfter(handling, incoming.signal);
    return handling;
  }

  /** True when the work is not to be done. */
  async #strikeBefore(handling: Handling, path: string, signal: AbortSignal): Promise<boolean> {
    for (const { action, name } of handling.strikes) {
      if (action.type === 'delay') await this.#pause(handling, this.#delay(name, action), signal);
      if (action.type === 'drop-request') {
        handling.ending = action.how ?? 'close';
        return true;
      }
      if (action.type === 'refuse') {
        handling.text =
          action.text === undefined ? undefined : { text: action.text, type: action.contentType ?? 'text/html' };
        handling.answer = errorAnswer(refusalBy(action), path);
        return true;
      }
    }
    return false;
  }

  async #strikeAfter(handling: Handling, signal: AbortSignal): Promise<void> {
    for (const { action, name } of handling.strikes) {
      if (action.type === 'delay-reply') await this.#pause(handling, this.#delay(name, action), signal);
      if (action.type === 'delay-body') handling.bodyDelayMs += this.#delay(name, action);
      if (action.type === 'drop-reply') handling.ending = action.how ?? 'close';
      if (action.type === 'drop-field')
        handling.answer = { ...handling.answer, body: withoutField(handling.answer.body, action.field) };
    }
    const skew = skewOf(handling.strikes);
    if (skew) handling.answer = { ...handling.answer, body: skewed(handling.answer.body, skew) };
  }

  async #pause(handling: Handling, milliseconds: number, signal: AbortSignal): Promise<void> {
    await waiting(handling, () => this.#parts.sleep(milliseconds, signal));
  }

  #delay(name: string, action: { readonly milliseconds: number; readonly jitterMilliseconds?: number }): number {
    const jitter = action.jitterMilliseconds ?? 0;
    return action.milliseconds + (jitter === 0 ? 0 : this.#parts.world().random.fraction(`delay/${name}`) * jitter);
  }

  async #answer(incoming: Incoming, handling: Handling, path: string, search: string): Promise<Answer> {
    const route = path.startsWith('/api/') ? this.#parts.router().find(path.slice('/api'.length)) : undefined;
    if (!route) throw unknownPath();
    const method = methodNow(this.#parts.world(), incoming.method, path.slice('/api'.length));
    if (route.target.type === 'not-simulated') throw notSimulated(`${incoming.method} ${path}`);
    const { user } = handling;
    if (!user || !mayUse(user, incoming.method, path.slice('/api'.length))) throw forbidden();
    return this.#answerRoute(route, { ...incoming, method }, handling, user, path, search);
  }

  async #answerRoute(
    route: Route,
    incoming: Incoming,
    handling: Handling,
    user: User,
    path: string,
    search: string,
  ): Promise<Answer> {
    const { target } = route;
    const world = this.#parts.world();
    world.jobs.purge();
    const svm = scopeOf(world, user, incoming.headers);
    const query = parseQuery(path, search);
    handling.pretty = query.pretty;
    const common = {
      world,
      method: incoming.method,
      path: route.parameters,
      query,
      body: handling.body,
      svm,
      links: wantsLinks(incoming.headers['accept']),
      fate: fateOf(handling.strikes),
      facts: factsOf(handling.strikes, world),
      paging: pagingOf(handling.strikes, world),
      waitFor: (job: string, milliseconds: number) =>
        waiting(handling, () => world.jobs.wait(job, milliseconds, incoming.signal)),
    };
    if (target.type === 'action') {
      if (isMultipart(incoming.headers['content-type'])) throw noForms();
      if (user.svm !== undefined && target.action.clusterOnly) throw forbidden();
      return answerAction(target.action, common);
    }
    if (target.type === 'not-simulated') throw notSimulated(path);
    checkScope(target.resource.clusterOnly, user, incoming.method);
    const request: ResourceRequest = { ...common, resource: target.resource };
    if (request.query.jobResults !== undefined && target.type === 'collection' && incoming.method === 'GET')
      return bulkResults(request, request.query.jobResults);
    if (isAboutData(request, target.type, incoming)) return answerData(request, incoming);
    return answerResource(request, target.type);
  }
}

interface Handling {
  answer: Answer;
  strikes: readonly Strike[];
  body: Readonly<Record<string, unknown>> | undefined;
  user: User | undefined;
  ending: ReplyEnding | undefined;
  bodyDelayMs: number;
  /** Real time that went by waiting for jobs and faults: the latency comes on top of it. */
  waitedMs: number;
  /** Sent instead of JSON. */
  text: { readonly text: string; readonly type: string } | undefined;
  /** With line breaks and indentation. */
  pretty: boolean;
}

const waiting = async <T>(handling: Handling, wait: () => Promise<T>): Promise<T> => {
  const begun = performance.now();
  const result = await wait();
  handling.waitedMs += performance.now() - begun;
  return result;
};

const toReply = (handling: Handling, incoming: Incoming, date: Date): Reply => {
  const { answer, ending, bodyDelayMs, pretty } = handling;
  const text = handling.text ?? answer.raw;
  return {
    status: answer.status,
    headers: {
      ...STANDING_HEADERS,
      // The cluster's clock: clients compare it with times in bodies.
      Date: date.toUTCString(),
      'Content-Type':
        text?.type ?? (wantsLinks(incoming.headers['accept']) ? 'application/hal+json' : 'application/json'),
      ...answer.headers,
    },
    texts: text === undefined ? (pretty ? prettyTexts : jsonTexts)(answer.body) : [text.text],
    ...(answer.raw === undefined ? {} : { bytes: true }),
    ...(ending === undefined ? {} : { ending }),
    ...(bodyDelayMs === 0 ? {} : { bodyDelayMs }),
  };
};
