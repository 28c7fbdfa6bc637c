import { errorCode, errorField, isTrustError } from '../../../node-errors.ts';
import { roundTrip } from '../../../round-trip.ts';
import type { Trace } from '../../driver.ts';
import type { Connection } from './connection.ts';
import type { Asked } from './outcome.ts';
import { redactText, redactValue, redacted } from './redaction.ts';
import type { ClientSettings } from './settings.ts';

export type Query = Readonly<Record<string, string | number | boolean>>;

export interface Exchange extends Asked {
  readonly query: Query;
  /** JSON body; undefined sends none. */
  readonly body: unknown;
}

export interface Reply {
  readonly kind: 'reply';
  readonly status: number;
  readonly text: string;
  /** What the server asks us to wait before the next try. */
  readonly retryAfterMs: number | undefined;
}
/** The request certainly did not reach the array: no connection, no trust. */
export interface Unsent {
  readonly kind: 'unsent';
  readonly cause: unknown;
}
/** The request may have reached the array, and no whole answer came back. */
export interface Silent {
  readonly kind: 'silent';
  readonly cause: unknown;
}

export interface TransportOptions {
  readonly connection: Connection;
  readonly settings: ClientSettings;
  readonly username: string;
  readonly password: string;
  /** `Trident/26.06.0`. */
  readonly clientApp: string;
  /** Texts that must never be written anywhere. */
  readonly secrets: readonly string[];
  readonly trace: Trace | undefined;
  readonly now: () => Date;
}

const unsentCodes = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_INVALID_ARG',
]);

const neverSent = (error: unknown): boolean =>
  unsentCodes.has(errorCode(error)) ||
  errorField(error, 'syscall') === 'connect' ||
  errorField(error, 'message').includes('before secure TLS connection was established') ||
  isTrustError(error);

const retryAfter = (header: string | string[] | undefined, now: Date): number | undefined => {
  if (typeof header !== 'string') return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const until = Date.parse(header);
  return Number.isNaN(until) ? undefined : Math.max(0, until - now.getTime());
};

const targetOf = (exchange: Exchange): string => {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(exchange.query)) query.set(key, String(value));
  const text = query.toString();
  return `/api${exchange.path}${text === '' ? '' : `?${text}`}`;
};

const describeBody = (text: string): string => {
  try {
    return JSON.stringify(redactValue(JSON.parse(text)));
  } catch {
    return text.slice(0, 500);
  }
};

/** Sends one request once and reads its answer. Waits for a free place among the requests under way. */
export class Transport {
  readonly #options: TransportOptions;
  readonly #headers: Record<string, string>;

  constructor(options: TransportOptions) {
    this.#options = options;
    const { username, password } = options;
    this.#headers = {
      accept: 'application/json, application/hal+json',
      'x-dot-client-app': options.clientApp,
      ...(username === '' || password === ''
        ? {}
        : { authorization: `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}` }),
    };
  }

  send(exchange: Exchange, timeoutMs: number, signal: AbortSignal): Promise<Reply | Unsent | Silent> {
    return this.#options.connection.limiter.run(() => this.#sendNow(exchange, timeoutMs, signal), signal);
  }

  async #sendNow(exchange: Exchange, timeoutMs: number, signal: AbortSignal): Promise<Reply | Unsent | Silent> {
    const { connection, now } = this.#options;
    const pool = await connection.pool();
    const target = targetOf(exchange);
    const body = exchange.body === undefined ? undefined : JSON.stringify(exchange.body);
    this.#trace(
      () =>
        `> ${exchange.method} ${connection.origin}${target}${body === undefined ? '' : ` ${describeBody(body)}`}` +
        ('authorization' in this.#headers ? ` (Authorization: ${redacted})` : ''),
    );
    const begun = now().getTime();
    try {
      const headers = body === undefined ? this.#headers : { ...this.#headers, 'content-type': 'application/json' };
      const request = { method: exchange.method, path: target, headers, body: body ?? null };
      const { status, text, headers: answered } = await roundTrip(pool, request, timeoutMs, signal);
      const date = Date.parse(String(answered['date'] ?? ''));
      if (!Number.isNaN(date)) connection.clockOffsetMs = date - now().getTime();
      this.#trace(() => `< ${status} in ${now().getTime() - begun} ms ${describeBody(text)}`);
      return { kind: 'reply', status, text, retryAfterMs: retryAfter(answered['retry-after'], now()) };
    } catch (cause) {
      signal.throwIfAborted();
      this.#trace(() => `< no answer after ${now().getTime() - begun} ms: ${errorField(cause, 'message')}`);
      return { kind: neverSent(cause) ? 'unsent' : 'silent', cause };
    }
  }

  /** The line is made only when somebody listens: redacting bodies costs more than sending them. */
  #trace(line: () => string): void {
    this.#options.trace?.(redactText(line(), this.#options.secrets));
  }
}
