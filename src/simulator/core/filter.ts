import type { Field } from './declaration.ts';
import type { Stored, StoredObject } from './entry.ts';
import { globPattern, splitAtWildcards, type Piece } from './pattern.ts';
import { invalidValue, notSimulated, Refusal, unexpectedArgument } from './refusal.ts';
import { parseBoolean, parseEnum, parseSize, parseTime } from './scalars.ts';
import { elementsOf, valuesOf, type Schema, type SchemaNode } from './schema.ts';
import type { World } from './world.ts';

/** One filter of a query: `size=>10GB`, `name=a*|b`, `svm.name=!x`. */
export interface Filter {
  readonly node: SchemaNode;
  readonly alternatives: readonly Alternative[];
  /** The texts, when the filter is nothing but exact values: an index can answer it. */
  readonly exact: readonly string[] | undefined;
}

type Alternative =
  | { readonly wants: 'set' }
  | { readonly wants: 'unset' }
  | { readonly wants: 'value'; readonly test: (value: Stored) => boolean; readonly negated: boolean };

type Comparable = string | number | bigint;

/** Where the quotes or braces that open at a place close; -1 when none do. Braces may lie in braces. */
const closingOf = (text: string, from: number): number => {
  const opening = text.charAt(from);
  if (opening === '"') return text.indexOf('"', from + 1);
  if (opening !== '{') return -1;
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    if (text.charAt(at) === '{') depth += 1;
    if (text.charAt(at) === '}') depth -= 1;
    if (depth === 0) return at;
  }
  return -1;
};

/** Splits the text at `|`, keeping quoted and braced parts whole: there are no operators in them. */
const splitAlternatives = (text: string): readonly Piece[][] => {
  const alternatives: Piece[][] = [[]];
  let plain = '';
  const flush = () => {
    if (plain !== '') alternatives.at(-1)?.push({ text: plain, literal: false });
    plain = '';
  };
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    const end = closingOf(text, at);
    if (end >= 0) {
      flush();
      alternatives.at(-1)?.push({ text: text.slice(at + 1, end), literal: true });
      at = end;
    } else if (character === '|') {
      flush();
      alternatives.push([]);
    } else plain += character;
  }
  flush();
  return alternatives;
};

const joined = (pieces: readonly Piece[]) => pieces.map((piece) => piece.text).join('');

const stripPrefix = (pieces: readonly Piece[], prefix: string): readonly Piece[] | undefined => {
  const [first, ...rest] = pieces;
  if (!first || first.literal || !first.text.startsWith(prefix)) return undefined;
  const remaining = first.text.slice(prefix.length);
  return remaining === '' ? rest : [{ text: remaining, literal: false }, ...rest];
};

/** A value of the record, or a literal of the filter, in a form that compares. Undefined: not of the field's kind. */
const toComparable = (field: Field, value: Stored | string): Comparable | undefined => {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') return undefined;
  switch (field.kind) {
    case 'integer':
    case 'size':
    case 'integers':
      return parseSize(value);
    case 'number':
      return value.trim() === '' || Number.isNaN(Number(value)) ? undefined : Number(value);
    case 'time':
      return parseTime(value);
    case 'boolean': {
      const parsed = parseBoolean(value);
      return parsed === undefined ? undefined : String(parsed);
    }
    case 'enum':
      return parseEnum(value, field.values ?? []) ?? value;
    default:
      return value;
  }
};

const literal = (node: SchemaNode, field: Field, text: string): Comparable => {
  const value = toComparable(field, text);
  if (value === undefined) throw invalidValue(text, node.path, field.kind);
  return value;
};

const OPERATORS: readonly (readonly [string, (a: Comparable, b: Comparable) => boolean])[] = [
  ['<=', (a, b) => a <= b],
  ['>=', (a, b) => a >= b],
  ['<', (a, b) => a < b],
  ['>', (a, b) => a > b],
];

const isGlob = (pieces: readonly Piece[]) => pieces.some((piece) => !piece.literal && piece.text.includes('*'));

const parseTerm = (node: SchemaNode, field: Field, pieces: readonly Piece[]): ((value: Stored) => boolean) => {
  for (const [operator, compare] of OPERATORS) {
    const operand = stripPrefix(pieces, operator);
    if (!operand) continue;
    if (operand.length === 0)
      throw new Refusal(400, 262194, `The expression for field "${node.path}" has no value.`, node.path);
    const wanted = literal(node, field, joined(operand));
    return (value) => {
      const have = toComparable(field, value);
      return have !== undefined && compare(have, wanted);
    };
  }
  const range = pieces.length === 1 && !pieces[0]?.literal ? /^(.+?)\.\.(.+)$/.exec(joined(pieces)) : null;
  if (range && isRangeOf(field, range)) {
    const low = literal(node, field, range[1] ?? '');
    const high = literal(node, field, range[2] ?? '');
    return (value) => {
      const have = toComparable(field, value);
      return have !== undefined && have >= low && have <= high;
    };
  }
  if (isGlob(pieces)) {
    const pattern = globPattern(splitAtWildcards(pieces));
    return (value) => typeof value !== 'object' && pattern.test(String(value));
  }
  const wanted = literal(node, field, joined(pieces));
  return (value) => toComparable(field, value) === wanted;
};

/** `a..b` is a range; in a text field `..` may as well be part of a name, unless both sides are plain words. */
const isRangeOf = (field: Field, range: RegExpExecArray): boolean =>
  field.kind !== 'string' || !`${range[1]}${range[2]}`.includes('/');

const parseAlternative = (node: SchemaNode, field: Field, pieces: readonly Piece[]): Alternative => {
  const negated = stripPrefix(pieces, '!');
  const term = negated ?? pieces;
  if (term.length === 0)
    throw new Refusal(400, 262194, `The expression for field "${node.path}" has no value.`, node.path);
  if (term.length === 1 && !term[0]?.literal && term[0]?.text === 'null')
    return negated ? { wants: 'set' } : { wants: 'unset' };
  return { wants: 'value', test: parseTerm(node, field, term), negated: negated !== undefined };
};

/** The field a filter is on; an object stands for its `name`. */
const filterNode = (schema: Schema, path: string): SchemaNode => {
  const node = schema.find(path);
  if (!node) throw unexpectedArgument(path);
  if (node.children.size === 0) return node;
  const name = node.children.get('name');
  if (!name) throw unexpectedArgument(path);
  return name;
};

export const parseFilter = (schema: Schema, path: string, text: string): Filter => {
  const node = filterNode(schema, path);
  const field: Field = node.field ?? { kind: 'string' };
  if (field.unmodelled) throw notSimulated(`The property "${node.path}"`);
  if (field.secret)
    throw new Refusal(400, 262202, `Field "${node.path}" is secret and cannot be used in the URL.`, node.path);
  const alternatives = splitAlternatives(text);
  const parsed = alternatives.map((pieces) => parseAlternative(node, field, pieces));
  const plain = alternatives.every((pieces) => pieces.length === 1 && isPlain(pieces[0]));
  return { node, alternatives: parsed, exact: plain ? alternatives.map(joined) : undefined };
};

const isPlain = (piece: Piece | undefined): boolean =>
  piece !== undefined && (piece.literal || !/^[!<>]|\*|\.\.|^null$/.test(piece.text));

const acceptsValues = (filter: Filter, values: readonly Stored[]): boolean =>
  filter.alternatives.some((alternative) => {
    if (alternative.wants === 'set') return values.length > 0;
    if (alternative.wants === 'unset') return values.length === 0;
    return values.some((value) => alternative.test(value) !== alternative.negated);
  });

export const matches = (filters: readonly Filter[], holder: StoredObject, world: World): boolean =>
  filters.every((filter) => acceptsValues(filter, valuesOf(filter.node, holder, world)));

/** Whether an element of a list is one that the filters on that list are about. */
export const keepsElement = (
  filters: readonly Filter[],
  list: SchemaNode,
  element: StoredObject,
  world: World,
): boolean =>
  filters.every(
    (filter) => !isBelow(filter.node, list) || acceptsValues(filter, valuesBelow(filter.node, list, element, world)),
  );

/** The same for lists of plain values. */
export const keepsValue = (filters: readonly Filter[], list: SchemaNode, value: Stored): boolean =>
  filters.every((filter) => filter.node !== list || acceptsValues(filter, [value]));

const isBelow = (node: SchemaNode, list: SchemaNode): boolean =>
  node.list !== undefined && (node.list === list || isBelow(node.list, list));

const valuesBelow = (node: SchemaNode, list: SchemaNode, element: StoredObject, world: World): readonly Stored[] => {
  if (node.list === list || node.list === undefined) return flatten(node.get(element, world));
  return valuesHolders(node.list, list, element, world).flatMap((holder) => flatten(node.get(holder, world)));
};

const valuesHolders = (
  inner: SchemaNode,
  list: SchemaNode,
  element: StoredObject,
  world: World,
): readonly StoredObject[] => {
  const holders =
    inner.list === list || inner.list === undefined ? [element] : valuesHolders(inner.list, list, element, world);
  return holders.flatMap((holder) => elementsOf(inner, holder, world));
};

const flatten = (value: Stored | undefined): readonly Stored[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];
