import { isJsonObject, type JsonValue } from '../../engine/json.ts';
import { Problem } from '../../engine/problem.ts';
import type { Codec } from '../contract.ts';
import { Mismatch, mismatch } from './field.ts';
import type { Field, OptionalField } from './field.ts';
import { readObject, slotsOf, writeObject } from './slots.ts';
import type { Fields } from './slots.ts';

/**
 * Reading and writing of wire objects by tables of fields, with the rules of Go's encoding/json, which stock's programs
 * on both ends follow: keys match in any letter case, unknown keys are ignored, types are strict, null and missing keys
 * give the zero value, and keys marked optional are absent while their value is empty. One pass per record, no copies
 * beyond the result, so that ten thousand volumes cost tens of milliseconds.
 */

type ValueOf<F> = F extends Field<infer T> ? T : never;
type Flat<T> = { readonly [K in keyof T]: T[K] };
/** The object a table describes: optional fields may be missing, the others are always there. */
export type ObjectOf<S> = Flat<
  { [K in keyof S as S[K] extends OptionalField<unknown> ? never : K]: ValueOf<S[K]> } & {
    [K in keyof S as S[K] extends OptionalField<unknown> ? K : never]?: ValueOf<S[K]>;
  }
>;
/** The same with everything optional: what a request needs to say. */
export type PartialOf<S> = { readonly [K in keyof S]?: ValueOf<S[K]> };

export interface ObjectCodec<T> extends Codec<T>, Field<T> {
  /** Puts the keys in stock's order and leaves empty optional ones out. */
  write(value: T): T;
}

const problemOf = (error: unknown): unknown => {
  if (!(error instanceof Mismatch)) return error;
  const where =
    error.path.length === 0
      ? `value of type ${error.wanted}`
      : `struct field ${error.owner}.${error.path.join('.')} of type ${error.wanted}`;
  const isUnquoted = error.wanted === 'string' && (error.found === 'number' || error.found === 'bool');
  return new Problem('wire.type', 'invalid', `json: cannot unmarshal ${error.found} into Go ${where}`, {
    path: error.path,
    ...(isUnquoted ? { hint: 'put the value in quotes' } : {}),
  });
};

/** Makes a codec of a field: what a whole body is read with. */
export const codecOf = <T>(field: Field<T>): Codec<T> => ({
  parse: (input) => {
    try {
      return input === null || input === undefined ? field.zero : field.read(input);
    } catch (error) {
      throw problemOf(error);
    }
  },
});

/** A request or answer without content. */
export const nothing: Codec<undefined> = { parse: () => undefined };

export const text: Field<string> = {
  typeName: 'string',
  zero: '',
  optional: false,
  read: (value) => {
    if (typeof value !== 'string') throw mismatch(value, 'string');
    return value;
  },
  isEmpty: (value) => value === '',
};

export const flag: Field<boolean> = {
  typeName: 'bool',
  zero: false,
  optional: false,
  read: (value) => {
    if (typeof value !== 'boolean') throw mismatch(value, 'bool');
    return value;
  },
  isEmpty: (value) => !value,
};

export const integer: Field<number> = {
  typeName: 'int',
  zero: 0,
  optional: false,
  read: (value) => {
    if (typeof value !== 'number' || !Number.isInteger(value)) throw mismatch(value, 'int');
    return value;
  },
  isEmpty: (value) => value === 0,
};

/** Any JSON, passed on as it is. */
export const anything: Field<JsonValue> = {
  typeName: 'interface {}',
  zero: null,
  optional: false,
  // JSON.parse made it, so it is JSON; nothing is assumed about its shape.
  read: (value) => value as JsonValue,
  isEmpty: (value) => value === null,
};

/** Like `field`, but absent while empty. */
export const optional = <T>(field: Field<T>): OptionalField<T> => ({ ...field, optional: true });

/** Reads the items; answers the array itself when nothing had to be changed. */
const readList = <T>(item: Field<T>, typeName: string, value: unknown): readonly T[] => {
  if (!Array.isArray(value)) throw mismatch(value, typeName);
  const given: readonly unknown[] = value;
  let changed = false;
  const items = given.map((entry) => {
    const one = entry === null || entry === undefined ? item.zero : item.read(entry);
    changed ||= one !== entry;
    return one;
  });
  // Every entry equals what its field read, so the array is one of T.
  return changed ? items : (given as readonly T[]);
};

/** A list; null and missing give an empty one. */
export const list = <T>(item: Field<T>): Field<readonly T[]> => ({
  typeName: `[]${item.typeName}`,
  zero: [],
  optional: false,
  read: (value) => readList(item, `[]${item.typeName}`, value),
  isEmpty: (value) => value.length === 0,
});

const readMap = <T>(item: Field<T>, typeName: string, value: unknown): Readonly<Record<string, T>> => {
  if (!isJsonObject(value)) throw mismatch(value, typeName);
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [
      key,
      entry === null || entry === undefined ? item.zero : item.read(entry),
    ]),
  );
};

/** A map from strings; null and missing give an empty one. */
export const map = <T>(item: Field<T>): Field<Readonly<Record<string, T>>> => ({
  typeName: `map[string]${item.typeName}`,
  zero: {},
  optional: false,
  read: (value) => readMap(item, `map[string]${item.typeName}`, value),
  isEmpty: (value) => Object.keys(value).length === 0,
});

/** Like `field`, but null and missing give null: where stock tells an absent list, map or object from an empty one. */
export const nullable = <T>(field: Field<T>): Field<T | null> => ({
  typeName: field.typeName,
  zero: null,
  optional: false,
  read: (value) => field.read(value),
  isEmpty: (value) => value === null,
});

const objectCodec = <T>(typeName: string, table: Fields, partial: boolean): ObjectCodec<T> => {
  const slots = slotsOf(table);
  // The table is the type: readObject fills exactly the keys of `table` with what their fields read.
  const read = (value: unknown): T => readObject(typeName, slots, partial, value) as T;
  const zero = read({});
  const field: Field<T> = { typeName, zero, optional: false, read, isEmpty: () => false };
  const write = (value: T): T => writeObject(slots, partial, value as Readonly<Record<string, unknown>>) as T;
  return { ...field, ...codecOf(field), write };
};

/** An object with the keys of `table`, in its order. `typeName` is what Go calls it, package included. */
export const object = <const S extends Fields>(typeName: string, table: S): ObjectCodec<ObjectOf<S>> =>
  objectCodec<ObjectOf<S>>(typeName, table, false);

/** The same for requests: every key may be left out, and an empty value counts as left out. */
export const request = <const S extends Fields>(typeName: string, table: S): ObjectCodec<PartialOf<S>> =>
  objectCodec<PartialOf<S>>(typeName, table, true);
