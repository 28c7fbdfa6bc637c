import { givenTwice, Refusal } from './refusal.ts';
import { parseBoolean } from './scalars.ts';
import { parseSearch, type Search } from './search.ts';
import { decodeUrl } from './target.ts';

/** Parameters with a meaning of their own on every endpoint; anything else is a filter, or an endpoint's parameter. */
export interface RequestQuery {
  readonly path: string;
  /** Path and query as they were received, for self links. */
  readonly received: string;
  /** Raw pairs in their order, for `next` links. */
  readonly pairs: readonly (readonly [string, string])[];
  readonly fields: string | undefined;
  readonly ignoreUnknownFields: boolean;
  readonly returnRecords: boolean | undefined;
  /** Seconds. */
  readonly returnTimeout: number | undefined;
  readonly maxRecords: number | undefined;
  readonly orderBy: string | undefined;
  readonly offset: number;
  readonly continueOnFailure: boolean;
  readonly wholeArrays: boolean;
  readonly jobResults: string | undefined;
  /** The answer is to be read by people. */
  readonly pretty: boolean;
  readonly search: Search | undefined;
  /** `start.*` of a page token, without the prefix. */
  readonly start: ReadonlyMap<string, string>;
  /** Everything else. */
  readonly rest: ReadonlyMap<string, string>;
}

const decode = (text: string): string => decodeUrl(text.replaceAll('+', ' '));

export const splitQuery = (search: string): readonly (readonly [string, string])[] =>
  search
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const at = pair.indexOf('=');
      return at < 0 ? [decode(pair), ''] : [decode(pair.slice(0, at)), decode(pair.slice(at + 1))];
    });

const RESERVED = new Set([
  'fields',
  'ignore_unknown_fields',
  'return_records',
  'return_timeout',
  'max_records',
  'order_by',
  '$orderBy',
  'offset',
  'pretty',
  'continue_on_failure',
  'serial_records',
  // Sent by Terraform beside return_timeout; it adds nothing to that.
  'synchronous',
  'query',
  'query_fields',
  'return_unmatched_nested_array_objects',
  'job_results_uuid',
]);

const boolean = (values: ReadonlyMap<string, string>, name: string): boolean | undefined => {
  const value = values.get(name);
  if (value === undefined) return undefined;
  const parsed = parseBoolean(value);
  if (parsed === undefined)
    throw new Refusal(400, 262197, `The value "${value}" is invalid for field "${name}" (<true|false>)`, name);
  return parsed;
};

const whole = (values: ReadonlyMap<string, string>, name: string, from: number, to: number): number | undefined => {
  const value = values.get(name);
  if (value === undefined) return undefined;
  const parsed = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (!(parsed >= from && parsed <= to)) {
    throw new Refusal(
      400,
      262197,
      `The value "${value}" is invalid for field "${name}" (<integer ${from}..${to}>)`,
      name,
    );
  }
  return parsed;
};

/** Sorts the parameters of a request; a bad value of a reserved one is refused. */
export const parseQuery = (path: string, search: string): RequestQuery => {
  const pairs = splitQuery(search);
  const reserved = new Map<string, string>();
  const rest = new Map<string, string>();
  const start = new Map<string, string>();
  const fields: string[] = [];
  for (const [name, value] of pairs) {
    if (name === 'fields') fields.push(value);
    else if (name.startsWith('start.')) start.set(name.slice('start.'.length), value);
    else if (RESERVED.has(name)) reserved.set(name, value);
    else if (rest.has(name) && rest.get(name) !== value) throw givenTwice(name);
    else rest.set(name, value);
  }
  return {
    path,
    received: search === '' ? path : `${path}?${search}`,
    pairs,
    start,
    rest,
    fields: fields.length === 0 ? undefined : fields.join(','),
    ignoreUnknownFields: boolean(reserved, 'ignore_unknown_fields') ?? false,
    returnRecords: boolean(reserved, 'return_records'),
    returnTimeout: whole(reserved, 'return_timeout', 0, 120),
    maxRecords: whole(reserved, 'max_records', 1, Number.MAX_SAFE_INTEGER),
    orderBy: reserved.get('order_by') ?? reserved.get('$orderBy'),
    offset: whole(reserved, 'offset', 0, Number.MAX_SAFE_INTEGER) ?? 0,
    continueOnFailure: boolean(reserved, 'continue_on_failure') ?? false,
    wholeArrays: boolean(reserved, 'return_unmatched_nested_array_objects') ?? false,
    jobResults: reserved.get('job_results_uuid'),
    pretty: boolean(reserved, 'pretty') ?? false,
    search: parseSearch(reserved.get('query'), reserved.get('query_fields')),
  };
};
