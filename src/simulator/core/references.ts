import type { Field, Resource } from './declaration.ts';
import { isStoredList, isStoredObject, text, type Entry, type Stored, type StoredObject } from './entry.ts';
import {
  isGivenReference,
  isGivenReferences,
  type CoercedBody,
  type CoercedValue,
  type GivenReference,
} from './coercion.ts';
import { missingValue, Refusal } from './refusal.ts';
import type { World } from './world.ts';

/** Turns the references of a body into keys of records. `base` has the values the request does not change. */
export const resolveReferences = (
  resource: Resource,
  body: CoercedBody,
  base: StoredObject,
  world: World,
): Record<string, Stored | undefined> => {
  const values: Record<string, Stored | undefined> = {};
  const record: Record<string, Stored | undefined> = { ...base };
  const take = (path: string, value: CoercedValue) => {
    const field = resource.fields[path];
    values[path] = record[path] = field ? resolveValue(field, value, path, record, world) : undefined;
  };
  // First the SVM, since names of other records are looked for in it.
  if (body.has('svm')) take('svm', body.get('svm'));
  for (const [path, value] of body) if (path !== 'svm') take(path, value);
  return values;
};

const resolveValue = (
  field: Field,
  value: CoercedValue,
  path: string,
  record: StoredObject,
  world: World,
): Stored | undefined => {
  if (isGivenReference(value)) return resolve(field, value, path, record, world)?.$id;
  if (isGivenReferences(value)) {
    return value.map((item) => {
      const found = resolve(field, item, path, record, world);
      if (!found) throw missingValue(path);
      return found.$id;
    });
  }
  if (field.kind === 'objects' && value !== undefined && isStoredList(value))
    return value.map((item) => resolveElement(field, item, path, record, world));
  return value;
};

const resolveElement = (field: Field, item: Stored, path: string, record: StoredObject, world: World): Stored => {
  if (!isStoredObject(item)) return item;
  const element: Record<string, Stored | undefined> = {};
  for (const [key, value] of Object.entries(item)) {
    const name = key.endsWith('$given') ? key.slice(0, -'$given'.length) : key;
    const inner = field.of?.[name];
    if (!inner) continue;
    element[name] =
      name === key
        ? inner.kind === 'objects' && value !== undefined && isStoredList(value)
          ? value.map((each) => resolveElement(inner, each, `${path}.${name}`, record, world))
          : value
        : resolve(inner, { given: givenOf(value) }, `${path}.${name}`, record, world)?.$id;
  }
  return element;
};

const givenOf = (value: Stored | undefined): Readonly<Record<string, string>> =>
  isStoredObject(value)
    ? Object.fromEntries(Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === 'string'))
    : {};

/** The record a reference means; undefined when it names none (`{}` or empty members). */
const resolve = (
  field: Field,
  reference: GivenReference,
  path: string,
  record: StoredObject,
  world: World,
): Entry | undefined => {
  const members = Object.entries(reference.given).filter(([, value]) => value !== '');
  const [first] = members;
  if (!first) return undefined;
  if (first[0] === 'name' && first[1] === field.absentName) return undefined;
  const kind = field.to ?? '';
  const found = candidates(kind, first[0], first[1], world).filter((entry) => !field.scoped || inScope(entry, record));
  const fitting = found.find((entry) => members.every(([key, value]) => String(entry[key]) === value));
  if (fitting) return fitting;
  if (found.length > 0) throw mismatch(path, kind);
  if (field.late) return { $id: lateKey(first[1]) };
  throw unknownReference(field, first[1], path, world);
};

const LATE = '?';

/** Stands for a record that is not there, until the work is done. */
const lateKey = (given: string): string => `${LATE}${given}`;

/** How a reference to a record that is not there is refused. */
export const unknownReference = (field: Field, key: string, path: string, world: World): Refusal => {
  const given = key.startsWith(LATE) ? key.slice(LATE.length) : key;
  return (
    field.unknown?.(given) ??
    world.resource(field.to ?? '').unknown?.(given, path) ??
    new Refusal(400, 4, `entry doesn't exist`, path)
  );
};

const mismatch = (path: string, kind: string) =>
  kind === 'svm'
    ? new Refusal(400, 2621706, 'The specified SVM UUID is incorrect for the specified SVM name.', path)
    : new Refusal(400, 918236, `The name and the UUID given for "${path}" do not match.`, path);

const candidates = (kind: string, member: string, value: string, world: World): readonly Entry[] => {
  const direct = world.store.find(kind, value);
  if (direct && String(direct[member]) === value) return [direct];
  if (member === 'name' && world.store.hasIndex(kind, 'name')) return world.store.by(kind, 'name', value);
  return world.store.all(kind).filter((entry) => String(entry[member]) === value);
};

const inScope = (entry: Entry, record: StoredObject): boolean => {
  const svm = text(entry, 'svm');
  return svm === '' || record['svm'] === undefined || svm === record['svm'];
};
