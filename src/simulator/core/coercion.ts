import { expandDottedKeys } from './body.ts';
import type { Field } from './declaration.ts';
import { isObject, type Stored, type StoredObject } from './entry.ts';
import { toJson } from './json.ts';
import {
  givenTwice,
  invalidValue,
  missingValue,
  notInPatch,
  notSimulated,
  notSettable,
  Refusal,
  unexpectedArgument,
} from './refusal.ts';
import { coerceScalar } from './scalars.ts';
import { referenceChildren, type Schema, type SchemaNode } from './schema.ts';

/** A reference as a client gave it: some members of the record it means. */
export interface GivenReference {
  readonly given: Readonly<Record<string, string>>;
}

export type CoercedValue = Stored | GivenReference | readonly GivenReference[] | undefined;

/** Values of a body by path; undefined: the client wants the value taken away. */
export type CoercedBody = ReadonlyMap<string, CoercedValue>;

type Verb = 'create' | 'modify';

/** Reads a body against the schema: unknown, read-only and misshapen properties are refused as ONTAP does. */
export const coerceBody = (schema: Schema, body: Readonly<Record<string, unknown>>, verb: Verb): CoercedBody => {
  const values = new Map<string, CoercedValue>();
  coerceLevel(schema.root, expandDottedKeys(body), verb, values);
  return values;
};

const coerceLevel = (
  level: SchemaNode,
  body: Readonly<Record<string, unknown>>,
  verb: Verb,
  values: Map<string, CoercedValue>,
) => {
  for (const [name, value] of Object.entries(body)) {
    if (name === '_links') continue;
    const shown = level.path === '' ? name : `${level.path}.${name}`;
    const node = level.children.get(name) ?? level.children.get(name.replaceAll('-', '_'));
    if (!node) throw unexpectedArgument(shown);
    if (!node.field) {
      // A name alone stands for what has it, as it does for references.
      const given = typeof value === 'string' && node.children.has('name') ? { name: value } : value;
      if (!isObject(given)) throw invalidValue(toJson(value), shown, 'object');
      coerceLevel(node, given, verb, values);
      continue;
    }
    if (isObject(value) && Object.keys(value).length === 0) continue;
    if (node.field.unmodelled) throw notSimulated(`The property "${node.path}"`);
    checkWritable(node, verb);
    if (values.has(node.path)) throw givenTwice(node.path);
    values.set(node.path, coerceValue(node, node.field, value, verb));
  }
};

const checkWritable = (node: SchemaNode, verb: Verb) => {
  const write = node.field?.write;
  if (write === undefined || write === verb) return;
  throw verb === 'modify' && write === 'create' && node.field?.kind === 'ref'
    ? notInPatch(node.path)
    : notSettable(node.path);
};

const coerceValue = (node: SchemaNode, field: Field, value: unknown, verb: Verb): CoercedValue => {
  if (value === null || (value === '' && field.kind === 'ref')) {
    if (field.clearable) return undefined;
    throw missingValue(node.path);
  }
  switch (field.kind) {
    case 'ref':
      return coerceReference(node, field, value);
    case 'refs':
      return asArray(value, node.path).map((item) => coerceReference(node, field, item));
    case 'objects':
      return asArray(value, node.path).map((item) => coerceElement(node, item, verb));
    case 'strings':
      return asArray(value, node.path).map((item) =>
        coerceScalar({ ...field, kind: field.values ? 'enum' : 'string' }, item, node.path),
      );
    case 'integers':
      return asArray(value, node.path).map((item) => coerceScalar({ ...field, kind: 'integer' }, item, node.path));
    case 'opaque':
      return toStored(value, node.path);
    default:
      return coerceScalar(field, value, node.path);
  }
};

const asArray = (value: unknown, path: string): readonly unknown[] => {
  if (Array.isArray(value)) return value;
  throw new Refusal(400, 262254, `Field "${path}" requires an array.`, path);
};

const coerceReference = (node: SchemaNode, field: Field, value: unknown): GivenReference => {
  const { path } = node;
  const given = ['string', 'number', 'bigint'].includes(typeof value) ? { name: String(value) } : value;
  if (!isObject(given)) throw invalidValue(toJson(value), path, 'object');
  const members: Record<string, string> = {};
  const accepted = referenceChildren(field);
  for (const [key, member] of Object.entries(given)) {
    if (key === '_links') continue;
    if (node.children.get(key)?.field?.unmodelled) throw notSimulated(`The property "${path}.${key}"`);
    if (!accepted.includes(key)) throw unexpectedArgument(`${path}.${key}`);
    if (typeof member !== 'string' && typeof member !== 'number' && typeof member !== 'bigint') {
      throw invalidValue(toJson(member), `${path}.${key}`, 'text');
    }
    members[key] = String(member);
  }
  return { given: members };
};

/** An element of a list of objects; its members are flat, by their path below the list. */
const coerceElement = (node: SchemaNode, item: unknown, verb: Verb): StoredObject => {
  // A name alone stands for what has it, as it does for references.
  const given = typeof item === 'string' && node.children.has('name') ? { name: item } : item;
  if (!isObject(given)) throw invalidValue(toJson(item), node.path, 'object');
  const values = new Map<string, CoercedValue>();
  coerceLevel({ ...node, field: undefined }, expandDottedKeys(given), verb, values);
  const element: Record<string, Stored | undefined> = {};
  for (const [path, value] of values) {
    if (isGivenReference(value)) element[`${path.slice(node.path.length + 1)}$given`] = value.given;
    else if (!isGivenReferences(value)) element[path.slice(node.path.length + 1)] = value;
  }
  return element;
};

export const isGivenReference = (value: CoercedValue): value is GivenReference =>
  typeof value === 'object' && !Array.isArray(value) && 'given' in value;

export const isGivenReferences = (value: CoercedValue): value is readonly GivenReference[] =>
  Array.isArray(value) && value.length > 0 && value.every((item) => isObject(item) && 'given' in item);

const toStored = (value: unknown, path: string): Stored => {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return value;
  if (Array.isArray(value)) return value.map((item) => toStored(item, path));
  if (!isObject(value)) throw missingValue(path);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toStored(inner, path)]));
};
