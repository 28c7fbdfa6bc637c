import type { LoggedRequest, RequestFilter, RequestLog } from '../contract.ts';
import { isObject } from './entry.ts';
import { parseJson } from './json.ts';
import { barePath, pathPattern } from './pattern.ts';

/** How many requests a log keeps unless it is told otherwise. */
export const REQUESTS_KEPT = 200_000;
const SECRET = /password|passphrase|secret/i;

/** What is kept of a body: its text where that may be shown, since a log has many and one text is less than its parts. */
type Kept = { readonly text: string } | { readonly value: unknown };

const keep = (text: string | undefined, body: unknown): Kept => {
  // A name that is written with escapes may be one of a secret, too.
  const isPlain = text !== undefined && !SECRET.test(text) && !text.includes('\\');
  return body !== undefined && isPlain ? { text } : { value: withoutSecrets(body) };
};

/** A body without its secrets. */
const withoutSecrets = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, SECRET.test(key) ? '<hidden>' : withoutSecrets(inner)]),
  );
};

type Described = Omit<LoggedRequest, 'body'>;

interface Recorded {
  readonly request: Described;
  readonly body: Kept;
}

/** Requests in the order of their arrival; the oldest are forgotten beyond a number. */
export class RequestRecorder implements RequestLog {
  #entries: Recorded[] = [];
  #number = 0;
  readonly #kept: number;

  constructor(kept: number) {
    this.#kept = kept;
  }

  nextNumber(): number {
    this.#number += 1;
    return this.#number;
  }

  /** `text` is what the body was read from. */
  record(request: Described, text: string | undefined, body: unknown): void {
    if (this.#kept === 0) return;
    this.#entries.push({ request, body: keep(text, body) });
    if (this.#entries.length > this.#kept) this.#entries = this.#entries.slice(this.#kept / 2);
  }

  list(filter?: RequestFilter): readonly LoggedRequest[] {
    return this.#entries
      .filter(({ request }) => fits(request, filter))
      .map(({ request, body }) => ({ ...request, body: 'text' in body ? parseJson(body.text) : body.value }));
  }

  count(filter?: RequestFilter): number {
    return this.#entries.filter(({ request }) => fits(request, filter)).length;
  }

  reset(): void {
    this.#entries = [];
  }
}

const fits = (entry: Described, filter: RequestFilter | undefined): boolean =>
  (filter?.method === undefined || filter.method === entry.method) &&
  (filter?.status === undefined || filter.status === entry.status) &&
  (filter?.code === undefined || filter.code === entry.code) &&
  (filter?.path === undefined || pathPattern(filter.path).test(barePath(entry.path)));
