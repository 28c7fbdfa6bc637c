import * as v from 'valibot';
import { errorCode, isTrustError } from '../../../node-errors.ts';
import type { Trace } from '../../driver.ts';
import { findJobUuid, findRefusal, parseJson, parsePage } from './answers.ts';
import type { Connection, Endpoint } from './connection.ts';
import { joinConnection } from './connection.ts';
import { awaitJob } from './jobs.ts';
import type { Answer, Asked, Outcome, Refused, Unreadable } from './outcome.ts';
import { ok } from './outcome.ts';
import { unanswered, unreachable } from './problems.ts';
import type { ClientSettings } from './settings.ts';
import type { Exchange, Query, Reply, Silent, Unsent } from './transport.ts';
import { Transport } from './transport.ts';
import { growingDelays, pause } from './waiting.ts';

/** A request that changes something on the array. */
export interface Change {
  readonly method: 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Query;
  readonly body?: unknown;
  /** Its job may last for hours: it is enough that the array has agreed. */
  readonly unfollowed?: true;
}

/** The records that came with a change's answer, not yet checked; empty when there were none. */
export type Changed = readonly unknown[];

export interface OntapClientOptions {
  readonly endpoint: Endpoint;
  readonly settings: ClientSettings;
  /** Trident version, `26.06.0`. */
  readonly version: string;
  /** SVM named in messages about missing rights; empty when not known yet. */
  readonly svm: string;
  readonly trace: Trace | undefined;
  readonly now: () => Date;
}

/** Answers that say "not now" without having looked at the request. */
const isBusy = (reply: Reply): boolean =>
  reply.status === 429 || (reply.status === 503 && reply.retryAfterMs !== undefined);
/** Failures of a read that are worth another try. */
const isPassing = (reply: Reply): boolean => isBusy(reply) || [502, 503, 504].includes(reply.status);

const stopsAtOnce = (cause: unknown): boolean =>
  isTrustError(cause) || ['ENOTFOUND', 'UND_ERR_INVALID_ARG'].includes(errorCode(cause));
const timedOut = (cause: unknown): boolean => cause instanceof Error && cause.name === 'TimeoutError';

/**
 * ONTAP's REST interface, typed. Reads are repeated when they fail in passing; changes only when it is certain that
 * the array has not taken them up. Every method ends with the signal's reason when the signal aborts, and throws a
 * Problem of kind `unavailable` when the array cannot be reached; whatever the array itself answers is returned.
 */
export class OntapClient implements AsyncDisposable {
  readonly options: OntapClientOptions;
  readonly #connection: Connection;
  readonly #transport: Transport;

  constructor(options: OntapClientOptions) {
    this.options = options;
    this.#connection = joinConnection(options.endpoint, options.settings);
    const { username, password, clientPrivateKey } = options.endpoint;
    this.#transport = new Transport({
      connection: this.#connection,
      settings: options.settings,
      username,
      password,
      clientApp: `Trident/${options.version}`,
      secrets: [password, clientPrivateKey],
      trace: options.trace,
      now: options.now,
    });
  }

  get host(): string {
    return new URL(this.#connection.origin).host;
  }

  /** Milliseconds by which the array's clock is ahead of ours, as far as known. */
  get clockOffsetMs(): number | undefined {
    return this.#connection.clockOffsetMs;
  }

  /** One object, or one page of a collection. */
  async read<S extends v.GenericSchema>(
    path: string,
    query: Query,
    schema: S,
    signal: AbortSignal,
  ): Promise<Answer<v.InferOutput<S>>> {
    const asked: Asked = { method: 'GET', path };
    const body = await this.#readBody({ ...asked, query, body: undefined }, signal);
    if (body.kind !== 'ok') return body;
    const result = v.safeParse(schema, body.value);
    if (result.success) return ok(result.output);
    const [issue] = result.issues;
    const where = v.getDotPath(issue);
    const reason = `${where === null ? 'the answer' : where}: ${issue.message}`;
    return { kind: 'unreadable', asked, status: 200, reason };
  }

  /** All records of a collection, page by page. */
  async list<S extends v.GenericSchema>(
    path: string,
    query: Query,
    record: S,
    signal: AbortSignal,
  ): Promise<Answer<readonly v.InferOutput<S>[]>> {
    const asked: Asked = { method: 'GET', path };
    const records: v.InferOutput<S>[] = [];
    let next: Query = query;
    for (;;) {
      const body = await this.#readBody({ ...asked, query: next, body: undefined }, signal);
      if (body.kind !== 'ok') return body;
      const page = parsePage(body.value);
      if (page === undefined) return { kind: 'unreadable', asked, status: 200, reason: 'the answer is no collection' };
      for (const [index, found] of page.records.entries()) {
        const result = v.safeParse(record, found);
        if (!result.success) {
          const where = v.getDotPath(result.issues[0]) ?? 'record';
          const reason = `records[${index}].${where}: ${result.issues[0].message}`;
          return { kind: 'unreadable', asked, status: 200, reason };
        }
        records.push(result.output);
      }
      const href = page['_links']?.next?.href;
      if (href === undefined) return ok(records);
      const overlaid = { ...query, ...Object.fromEntries(new URL(href, 'https://array').searchParams) };
      // A link that leads to where we are would be followed for ever.
      if (JSON.stringify(overlaid) === JSON.stringify(next)) return ok(records);
      next = overlaid;
    }
  }

  /**
   * Makes a change and waits for its end: the array is asked to answer when its job has ended, and a job that takes
   * longer is followed. `lost` when the end is not known; `settle` finds it out.
   */
  async change(change: Change, signal: AbortSignal): Promise<Outcome<Changed>> {
    const asked: Asked = { method: change.method, path: change.path };
    const { unfollowed = false } = change;
    const patience = unfollowed ? 0 : this.options.settings.returnTimeoutSeconds;
    const query = { return_timeout: patience, ...change.query };
    const reply = await this.#send({ ...asked, query, body: change.body }, isBusy, signal);
    if (reply.kind === 'unsent') throw unreachable(this.host, reply.cause, { nothingDone: true });
    if (reply.kind === 'silent')
      return { kind: 'lost', asked, reason: 'the connection ended before the answer came', cause: reply.cause };
    const answer = interpret(asked, reply);
    if (answer.kind !== 'ok') return answer;
    const job = findJobUuid(answer.value);
    if (reply.status === 202 && job !== undefined && !unfollowed) {
      const end = await awaitJob(this, job, asked, signal);
      return end.kind === 'ok' ? ok([]) : end;
    }
    return ok(parsePage(answer.value)?.records ?? []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }

  async #readBody(exchange: Exchange, signal: AbortSignal): Promise<Answer<unknown>> {
    const reply = await this.#send(exchange, isPassing, signal);
    if (reply.kind === 'unsent') throw unreachable(this.host, reply.cause, { nothingDone: false });
    if (reply.kind === 'silent') throw unanswered(this.host, exchange, reply.cause);
    return interpret(exchange, reply);
  }

  /** Repeats what may be repeated: what never left, what the array put off, and reads that failed in passing. */
  async #send(
    exchange: Exchange,
    passing: (reply: Reply) => boolean,
    signal: AbortSignal,
  ): Promise<Reply | Unsent | Silent> {
    const { retries, firstRetryDelayMs, longestRetryDelayMs, requestTimeoutMs, random } = this.options.settings;
    const delay = growingDelays(firstRetryDelayMs, longestRetryDelayMs, random);
    for (let attempt = 0; ; attempt++) {
      const reply = await this.#transport.send(exchange, requestTimeoutMs, signal);
      if (attempt >= retries || !mayRepeat(exchange, reply, passing)) return reply;
      const asked = reply.kind === 'reply' ? reply.retryAfterMs : undefined;
      await pause(Math.min(asked ?? delay(), requestTimeoutMs), signal);
    }
  }
}

const mayRepeat = (exchange: Exchange, reply: Reply | Unsent | Silent, passing: (reply: Reply) => boolean): boolean => {
  if (reply.kind === 'reply') return passing(reply);
  if (reply.kind === 'unsent') return !stopsAtOnce(reply.cause);
  return exchange.method === 'GET' && !timedOut(reply.cause);
};

/** Sorts an answer into a body, a refusal of the array, or something no array says. */
const interpret = (asked: Asked, reply: Reply): Answer<unknown> => {
  const { method, path } = asked;
  const parsed = parseJson(reply.text);
  // What is read may itself tell of an error: a job does.
  const mayRefuse = parsed !== undefined && (reply.status >= 300 || method !== 'GET');
  const refusal = mayRefuse ? findRefusal(reply.status, parsed.body) : undefined;
  if (refusal !== undefined) return { kind: 'refused', asked: { method, path }, refusal } satisfies Refused;
  if ([401, 403, 404, 405].includes(reply.status))
    // The web server in front of ONTAP answers these itself, with HTML or nothing.
    return {
      kind: 'refused',
      asked: { method, path },
      refusal: { status: reply.status, code: '', message: `HTTP status ${reply.status}` },
    };
  if (parsed !== undefined && reply.status >= 200 && reply.status < 300) return ok(parsed.body);
  const reason =
    parsed === undefined
      ? `HTTP status ${reply.status} with a body that is not JSON`
      : `HTTP status ${reply.status} without an error of ONTAP`;
  return { kind: 'unreadable', asked: { method, path }, status: reply.status, reason } satisfies Unreadable;
};
