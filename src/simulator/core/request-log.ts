import type { LoggedRequest, RequestFilter, RequestLog } from '../contract.ts';
import { isObject } from './entry.ts';
import { barePath, pathPattern } from './pattern.ts';

/** How many requests a log keeps unless it is told otherwise. */
export const REQUESTS_KEPT = 200_000;
const SECRET = /password|passphrase|secret/i;

/** A body without its secrets, as a log keeps it; `text` is what it was read from. */
export const loggedBody = (text: string | undefined, body: unknown): unknown =>
  // Mostly no name can be one of a secret, not even one that is written with escapes.
  text === undefined || SECRET.test(text) || text.includes('\\') ? withoutSecrets(body) : body;

const withoutSecrets = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, SECRET.test(key) ? '<hidden>' : withoutSecrets(inner)]),
  );
};

/** Requests in the order of their arrival; the oldest are forgotten beyond a number. */
export class RequestRecorder implements RequestLog {
  #entries: LoggedRequest[] = [];
  #number = 0;
  readonly #kept: number;

  constructor(kept: number) {
    this.#kept = kept;
  }

  nextNumber(): number {
    this.#number += 1;
    return this.#number;
  }

  record(request: LoggedRequest): void {
    if (this.#kept === 0) return;
    this.#entries.push(request);
    if (this.#entries.length > this.#kept) this.#entries = this.#entries.slice(this.#kept / 2);
  }

  list(filter?: RequestFilter): readonly LoggedRequest[] {
    return this.#entries.filter((entry) => fits(entry, filter));
  }

  count(filter?: RequestFilter): number {
    return this.list(filter).length;
  }

  reset(): void {
    this.#entries = [];
  }
}

const fits = (entry: LoggedRequest, filter: RequestFilter | undefined): boolean =>
  (filter?.method === undefined || filter.method === entry.method) &&
  (filter?.status === undefined || filter.status === entry.status) &&
  (filter?.code === undefined || filter.code === entry.code) &&
  (filter?.path === undefined || pathPattern(filter.path).test(barePath(entry.path)));
