import { isJsonObject, type JsonValue } from '../../engine/json.ts';
import { Problem } from '../../engine/problem.ts';
import type { Codec } from '../contract.ts';

/**
 * Reading and writing of wire objects by tables of fields, with the rules of Go's encoding/json, which stock's programs
 * on both ends follow: keys match in any letter case, unknown keys are ignored, types are strict, null and missing keys
 * give the zero value, and keys marked optional are absent while their value is empty. One pass per record, no copies
 * beyond the result, so that ten thousand volumes cost tens of milliseconds.
 */
export interface Field<T> {
  /** What Go would call the type, for messages. */
  readonly typeName: string;
  readonly zero: T;
  /** Absent from objects while empty (`omitempty`). */
  readonly optional: boolean;
  /** Never called with null or undefined. */
  read(value: unknown): T;
  isEmpty(value: T): boolean;
}
export interface OptionalField<T> extends Field<T> {
  readonly optional: true;
}

type Fields = Readonly<Record<string, Field<unknown>>>;
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

/** A value of the wrong JSON type; the path is completed while the readers unwind. */
class Mismatch extends Error {
  readonly found: string;
  readonly wanted: string;
  readonly path: string[] = [];
  owner = '';
  constructor(found: string, wanted: string) {
    super('mismatch');
    this.found = found;
    this.wanted = wanted;
  }
}

const kindOf = (value: unknown): string => {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
};

const mismatch = (value: unknown, wanted: string): Mismatch =>
  new Mismatch(typeof value === 'number' && wanted === 'int' ? `number ${value}` : kindOf(value), wanted);

const problemOf = (error: unknown): unknown => {
  if (!(error instanceof Mismatch)) return error;
  const where =
    error.path.length === 0
      ? `value of type ${error.wanted}`
      : `struct field ${error.owner}.${error.path.join('.')} of type ${error.wanted}`;
  return new Problem('wire.type', 'invalid', `json: cannot unmarshal ${error.found} into Go ${where}`, {
    path: error.path,
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

interface Slots {
  readonly names: readonly string[];
  readonly fields: readonly Field<unknown>[];
  readonly exact: ReadonlyMap<string, number>;
  readonly folded: ReadonlyMap<string, number>;
  /** How many keys are never absent. */
  readonly required: number;
}

const slotsOf = (table: Fields): Slots => {
  const names = Object.keys(table);
  const fields = Object.values(table);
  return {
    names,
    fields,
    required: fields.filter((field) => !field.optional).length,
    exact: new Map(names.map((name, index) => [name, index])),
    folded: new Map(names.map((name, index) => [name.toLowerCase(), index])),
  };
};

/** Sorts the values of an object into the table's order; a key given twice in different case keeps the last value. */
const collect = (slots: Slots, value: Readonly<Record<string, unknown>>): unknown[] => {
  const found: unknown[] = Array.from({ length: slots.names.length });
  for (const key of Object.keys(value)) {
    const index = slots.exact.get(key) ?? slots.folded.get(key.toLowerCase());
    if (index !== undefined) found[index] = value[key];
  }
  return found;
};

/**
 * The common case, an object written by a core: every key known, in order, of the right type, nothing empty that should
 * be absent. It is then its own result; undefined means that it has to be rebuilt.
 */
const readAsIs = (slots: Slots, value: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined => {
  const { names, fields } = slots;
  let next = 0;
  for (const key of Object.keys(value)) {
    while (names[next] !== key) {
      if (fields[next]?.optional !== true) return undefined;
      next++;
    }
    const field = fields[next];
    const raw = value[key];
    if (field === undefined || raw === null || raw === undefined) return undefined;
    if (field.read(raw) !== raw || (field.optional && field.isEmpty(raw))) return undefined;
    next++;
  }
  for (; next < fields.length; next++) if (fields[next]?.optional !== true) return undefined;
  return value;
};

const tryAsIs = (slots: Slots, value: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined => {
  try {
    return readAsIs(slots, value);
  } catch {
    // The rebuilding reader meets the same wrong value, and knows where.
    return undefined;
  }
};

const readObject = (typeName: string, slots: Slots, partial: boolean, value: unknown): Record<string, unknown> => {
  if (!isJsonObject(value)) throw mismatch(value, typeName);
  const asIs = partial ? undefined : tryAsIs(slots, value);
  if (asIs !== undefined) return asIs;
  const found = collect(slots, value);
  const result: Record<string, unknown> = {};
  let index = 0;
  try {
    for (; index < found.length; index++) {
      const field = slots.fields[index];
      const name = slots.names[index];
      if (field === undefined || name === undefined) continue;
      const raw = found[index];
      if (raw === null || raw === undefined) {
        if (!field.optional && !partial) result[name] = field.zero;
        continue;
      }
      const read = field.read(raw);
      if (!((field.optional || partial) && field.isEmpty(read))) result[name] = read;
    }
  } catch (error) {
    if (error instanceof Mismatch) {
      if (error.owner === '') error.owner = typeName.slice(typeName.lastIndexOf('.') + 1);
      error.path.unshift(slots.names[index] ?? '');
    }
    throw error;
  }
  return result;
};

/** Whether an object is as it would be written: its keys in order, nothing empty that should be absent, nothing missing. */
const isWritten = (slots: Slots, partial: boolean, given: Readonly<Record<string, unknown>>): boolean => {
  let last = -1;
  let required = 0;
  for (const key of Object.keys(given)) {
    const index = slots.exact.get(key) ?? -1;
    const field = slots.fields[index];
    const value = given[key];
    if (index <= last || field === undefined || value === undefined) return false;
    last = index;
    if (!field.optional) required++;
    if ((field.optional || partial) && field.isEmpty(value)) return false;
  }
  return partial || required === slots.required;
};

const writeObject = (slots: Slots, partial: boolean, given: Readonly<Record<string, unknown>>): object => {
  if (isWritten(slots, partial, given)) return given;
  const result: Record<string, unknown> = {};
  for (const [index, name] of slots.names.entries()) {
    const entry = slots.fields[index];
    if (entry === undefined) continue;
    const one = given[name];
    const known = one === undefined ? entry.zero : one;
    if (!((entry.optional || partial) && entry.isEmpty(known))) result[name] = known;
  }
  return result;
};

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
