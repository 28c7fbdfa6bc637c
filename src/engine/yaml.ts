import {
  constructFromEvents,
  defineMappingTag,
  defineScalarTag,
  defineSequenceTag,
  mergeTag,
  NOT_RESOLVED,
  parseEvents,
  realMapTag,
  Schema,
  seqTag,
  strTag,
  YAMLException,
  type Event,
} from 'js-yaml';
import { escapeAsGo } from './go-json.ts';
import type { JsonValue } from './json.ts';
import { Problem } from './problem.ts';

/**
 * YAML 1.1 as stock reads it (yaml.v2 behind a JSON converter): `yes`, `on` and `y` are booleans, `0755` is octal,
 * dates stay text, the last of two equal keys wins, unknown tags are dropped, the first document counts. JSON is YAML.
 */

const words = new Map<string, boolean | null | number>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((w) => [w, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((w) => [w, false] as const),
  ...['', '~', 'null', 'Null', 'NULL'].map((w) => [w, null] as const),
  ...['.nan', '.NaN', '.NAN'].map((w) => [w, Number.NaN] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((w) => [w, Number.POSITIVE_INFINITY] as const),
  ...['-.inf', '-.Inf', '-.INF'].map((w) => [w, Number.NEGATIVE_INFINITY] as const),
]);

const integerForm = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/;
const floatForm = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const limits = { low: -(2n ** 63n), high: 2n ** 64n - 1n };

/** Digits may be set apart by `_`; what begins with one is a word. */
const withoutGaps = (text: string): string => (text.startsWith('_') ? text : text.replaceAll('_', ''));

/** An integer of 64 bits, signed or not; anything longer is read as a float. */
const readInteger = (text: string): number | bigint | undefined => {
  const match = integerForm.exec(withoutGaps(text));
  const digits = match?.[2];
  if (digits === undefined) return undefined;
  const octal = /^0[oO]?([0-7]+)$/.exec(digits)?.[1];
  const size = BigInt(octal === undefined ? digits.toLowerCase() : `0o${octal}`);
  const value = match?.[1] === '-' ? -size : size;
  if (value < limits.low || value > limits.high) return undefined;
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
};

const readNumber = (text: string): number | bigint | undefined => {
  const whole = readInteger(text);
  if (whole !== undefined) return whole;
  const plain = withoutGaps(text);
  return floatForm.test(plain) ? Number(plain) : undefined;
};

const scalar = (tagName: string, resolve: (source: string) => unknown, implicit = false) =>
  defineScalarTag<unknown>(tagName, {
    implicit,
    identify: () => false,
    resolve: (source) => {
      const value = resolve(source);
      return value === undefined ? NOT_RESOLVED : value;
    },
  });

const wordOfKind = (kind: 'boolean' | 'null') => (source: string) => {
  const value = words.get(source);
  return (value === null ? 'null' : typeof value) === kind ? value : undefined;
};

const decodeBinary = (source: string): string => Buffer.from(source.replace(/\s/g, ''), 'base64').toString('utf8');

const mapOptions = {
  create: () => new Map<unknown, unknown>(),
  addPair: (carrier: Map<unknown, unknown>, key: unknown, value: unknown) => {
    carrier.set(key, value);
    return '';
  },
  has: (carrier: Map<unknown, unknown>, key: unknown) => carrier.has(key),
  keys: (result: Map<unknown, unknown>) => result.keys(),
  get: (result: Map<unknown, unknown>, key: unknown) => result.get(key),
  identify: () => false,
};
const listOptions = {
  create: (): unknown[] => [],
  addItem: (carrier: unknown[], item: unknown) => {
    carrier.push(item);
  },
  identify: () => false,
};

/** Tags nobody knows are dropped, and what they stood on keeps its shape. */
const strangers = ['!', 'tag:'].flatMap((prefix) => [
  defineScalarTag<unknown>(prefix, { matchByTagPrefix: true, identify: () => false, resolve: (source) => source }),
  defineMappingTag<Map<unknown, unknown>>(prefix, { ...mapOptions, matchByTagPrefix: true }),
  defineSequenceTag<unknown[]>(prefix, { ...listOptions, matchByTagPrefix: true }),
]);

const schema = new Schema([
  strTag,
  seqTag,
  realMapTag,
  mergeTag,
  scalar('tag:yaml.org,2002:null', wordOfKind('null'), true),
  scalar('tag:yaml.org,2002:bool', wordOfKind('boolean'), true),
  scalar('tag:yaml.org,2002:int', readInteger, true),
  scalar(
    'tag:yaml.org,2002:float',
    (source) => {
      const word = words.get(source);
      return typeof word === 'number' ? word : readNumber(source);
    },
    true,
  ),
  scalar('tag:yaml.org,2002:binary', decodeBinary),
  scalar('tag:yaml.org,2002:timestamp', (source) => source),
  ...strangers,
]);

/** Documents that are larger once aliases are written out are refused: they are an attack or a mistake. */
const largest = { nodes: 200_000, depth: 200 };

const refuse = (code: string, message: string, cause?: unknown): Problem =>
  new Problem(code, 'invalid', message, cause === undefined ? {} : { cause });

const keyText = (key: unknown): string => {
  if (typeof key === 'string') return key;
  if (typeof key === 'number' || typeof key === 'bigint' || typeof key === 'boolean') return String(key);
  throw refuse(
    'yaml.key',
    `yaml: a key must be text, a number or a boolean, not ${key === null ? 'null' : 'a collection'}`,
  );
};

const numberText = (value: number): string => {
  if (Number.isFinite(value)) return JSON.stringify(value);
  const name = Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  throw refuse('yaml.number', `json: unsupported value: ${name}`);
};

const writeJson = (value: unknown, depth: number, budget: { nodes: number }): string => {
  budget.nodes -= 1;
  if (budget.nodes < 0 || depth > largest.depth)
    throw refuse('yaml.too-large', 'yaml: the document is too deep or too large once its aliases are written out');
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return numberText(value);
  if (Array.isArray(value)) return `[${value.map((one: unknown) => writeJson(one, depth + 1, budget)).join(',')}]`;
  if (value instanceof Map) {
    const pairs = new Map<string, unknown>();
    for (const [key, one] of value) pairs.set(keyText(key), one);
    const sorted = [...pairs].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${sorted.map(([key, one]) => `${JSON.stringify(key)}:${writeJson(one, depth + 1, budget)}`).join(',')}}`;
  }
  return JSON.stringify(value ?? null);
};

/** A text taken apart: without a byte order mark, and what the parser found in it, beginning with the first document. */
export interface ParsedYaml {
  readonly source: string;
  readonly events: Event[];
}

/** @throws Problem `yaml.syntax` */
export const parseYaml = (text: string): ParsedYaml => {
  const source = text.startsWith('\uFEFF') ? text.slice(1) : text;
  try {
    return { source, events: parseEvents(source, {}) };
  } catch (error) {
    throw syntaxProblem(error);
  }
};

const syntaxProblem = (error: unknown): unknown => {
  if (!(error instanceof YAMLException)) return error;
  const line = error.mark === undefined ? '' : `line ${error.mark.line + 1}: `;
  return refuse('yaml.syntax', `yaml: ${line}${error.reason}`, error);
};

/**
 * The first document of a YAML 1.1 (or JSON) text as compact JSON with sorted keys, which is what stock sends to the
 * core. An empty text gives `null`. Integers keep 64 bits.
 * @throws Problem `yaml.syntax`, `yaml.key`, `yaml.number` or `yaml.too-large`, all of kind `invalid`
 */
export const yamlToJson = (text: string): string => {
  const { source, events } = parseYaml(text);
  try {
    const [first] = constructFromEvents(events, { source, schema, json: true });
    return escapeAsGo(writeJson(first ?? null, 0, { nodes: largest.nodes }));
  } catch (error) {
    throw syntaxProblem(error);
  }
};

/** The same as a value; integers beyond 2^53 lose precision, as with any JSON in this program. */
export const readYaml = (text: string): JsonValue => {
  const value: JsonValue = JSON.parse(yamlToJson(text));
  return value;
};
