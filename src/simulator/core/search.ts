import type { StoredObject } from './entry.ts';
import { invalidValue } from './refusal.ts';
import { valuesOf, type Schema } from './schema.ts';
import { textPattern } from './pattern.ts';
import type { World } from './world.ts';

/** `query=foo bar|baz&query_fields=name,comment`: spaces mean "and", `|` means "or", `*` is any text. */
export const searchMatches = (
  search: { readonly text: string; readonly fields: readonly string[] },
  schema: Schema,
  holder: StoredObject,
  world: World,
): boolean => {
  const values = search.fields
    .filter((field) => !field.startsWith('!'))
    .flatMap((field) => {
      const node = schema.find(field);
      if (!node) throw invalidValue(field, 'query_fields', 'field,...');
      return valuesOf(node, holder, world).map(String);
    });
  return search.text
    .split(/\s+/)
    .filter((word) => word !== '')
    .every((word) => word.split('|').some((option) => values.some((value) => textPattern(`*${option}*`).test(value))));
};
