import { isJsonObject } from '../../engine/json.ts';
import { Mismatch, mismatch } from './field.ts';
import type { Field } from './field.ts';

export type Fields = Readonly<Record<string, Field<unknown>>>;

/** A table of fields, made ready for reading and writing objects by it. */
export interface Slots {
  readonly names: readonly string[];
  readonly fields: readonly Field<unknown>[];
  readonly exact: ReadonlyMap<string, number>;
  readonly folded: ReadonlyMap<string, number>;
  /** How many keys are never absent. */
  readonly required: number;
}

export const slotsOf = (table: Fields): Slots => {
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

export const readObject = (
  typeName: string,
  slots: Slots,
  partial: boolean,
  value: unknown,
): Record<string, unknown> => {
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

export const writeObject = (slots: Slots, partial: boolean, given: Readonly<Record<string, unknown>>): object => {
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
