import type { Field, Fields } from './declaration.ts';
import type { StoredObject } from './entry.ts';

type Named = readonly (readonly [path: string, field: Field])[];

/** The few fields of a declaration that each part of a change is about; a volume has some two hundred in all. */
interface FieldLists {
  readonly required: Named;
  readonly withDefault: Named;
  readonly objects: Named;
  readonly passing: Named;
  /** References that are stored, not computed. */
  readonly references: Named;
}

const known = new WeakMap<Fields, FieldLists>();

/** What a record has of what nobody said. */
export const defaultsOf = (fields: Fields): StoredObject =>
  Object.fromEntries(fieldListsOf(fields).withDefault.map(([path, field]) => [path, field.default]));

/** Sorted out once per declaration. */
export const fieldListsOf = (fields: Fields): FieldLists => {
  const before = known.get(fields);
  if (before) return before;
  const all = Object.entries(fields);
  const lists: FieldLists = {
    required: all.filter(([, field]) => field.required),
    withDefault: all.filter(([, field]) => field.default !== undefined),
    objects: all.filter(([, field]) => field.kind === 'objects'),
    passing: all.filter(([, field]) => field.passing),
    references: all.filter(([, field]) => field.to !== undefined && !field.compute),
  };
  known.set(fields, lists);
  return lists;
};
