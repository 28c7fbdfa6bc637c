/**
 * Records of the simulated array. A record is flat: its members are the dotted paths of the declaration
 * (`space.snapshot.reserve_percent`), references hold the key of the record they point at, and members that begin with
 * `$` are the simulator's own and never shown. Records are never changed in place.
 */
export type Stored = string | number | bigint | boolean | readonly Stored[] | StoredObject;
export interface StoredObject {
  readonly [path: string]: Stored | undefined;
}
export interface Entry extends StoredObject {
  readonly $id: string;
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isStoredObject = (value: Stored | undefined): value is StoredObject =>
  typeof value === 'object' && !Array.isArray(value);

export const isStoredList = (value: Stored | undefined): value is readonly Stored[] => Array.isArray(value);

/** The text under a path; empty when it is unset. */
export const text = (entry: StoredObject, path: string): string => {
  const value = entry[path];
  return typeof value === 'string' ? value : '';
};

export const findText = (entry: StoredObject, path: string): string | undefined => {
  const value = entry[path];
  return typeof value === 'string' ? value : undefined;
};

/** How messages call a record: `volume db (4f8edfb1-…)`, or by its key where that is its name, or it has none. */
export const labelOf = (kind: string, entry: Entry): string => {
  const name = text(entry, 'name');
  return name === '' || name === entry.$id ? `${kind} ${entry.$id}` : `${kind} ${name} (${entry.$id})`;
};

/** The number under a path; 0 when it is unset. */
export const integer = (entry: StoredObject, path: string): number => {
  const value = entry[path];
  if (typeof value === 'number') return value;
  return typeof value === 'bigint' ? Number(value) : 0;
};

/** True when the path holds true; unset is false. */
export const flag = (entry: StoredObject, path: string): boolean => entry[path] === true;

export const list = (entry: StoredObject, path: string): readonly Stored[] => {
  const value = entry[path];
  return isStoredList(value) ? value : [];
};

export const texts = (entry: StoredObject, path: string): readonly string[] =>
  list(entry, path).filter((item) => typeof item === 'string');

export const objects = (entry: StoredObject, path: string): readonly StoredObject[] =>
  list(entry, path).filter(isStoredObject);

/** Whether no member of it is unset. */
const isCompact = (values: StoredObject): boolean => {
  for (const path in values) if (values[path] === undefined) return false;
  return true;
};

/** Without the members that are unset, so that equal records have equal dumps; itself where there are none. */
export const compact = (values: StoredObject): StoredObject => {
  if (isCompact(values)) return values;
  const kept: Record<string, Stored | undefined> = {};
  for (const path in values) if (values[path] !== undefined) kept[path] = values[path];
  return kept;
};

/** The same of a whole record. */
export const compactEntry = (entry: Entry): Entry => (isCompact(entry) ? entry : { ...compact(entry), $id: entry.$id });
