import type { StoredObject } from './entry.ts';
import { chooseLeaves } from './fields.ts';
import { globPattern, splitAtWildcards, type TextPattern } from './pattern.ts';
import { invalidValue, Refusal } from './refusal.ts';
import { valuesOf, type Schema } from './schema.ts';
import type { World } from './world.ts';

/** `query=foo bar|baz&query_fields=name,comment`: words over several fields. */
export interface Search {
  /** All of them must be found, each in one of its forms. */
  readonly words: readonly (readonly TextPattern[])[];
  readonly fields: readonly string[];
}

const QUERY = 'query';
const FIELDS = 'query_fields';

const WORDS = /(?:"[^"]*"?|[^\s"])+/g;
const OPTIONS = /(?:"[^"]*"?|[^|"])+/g;
const PIECES = /"([^"]*)("?)|[^"]+/g;

/** One form of a word: anywhere in a value, or all of the value when it has a `*` that is not in quotes. */
const parseOption = (option: string): TextPattern | undefined => {
  const pieces = [...option.matchAll(PIECES)].map(([plain, quoted, closing]) => {
    if (quoted !== undefined && closing === '')
      throw new Refusal(400, 262272, 'A quote in "query" is not closed.', QUERY);
    return { text: quoted ?? plain, literal: quoted !== undefined };
  });
  const parts = splitAtWildcards(pieces);
  if (parts.length === 1) return parts[0] === '' ? undefined : globPattern(['', ...parts, '']);
  return globPattern(parts);
};

/** Spaces mean "and", `|` means "or", `*` is any text; what stands in quotes means itself. */
const parseWords = (text: string): Search['words'] => {
  const words = [...text.matchAll(WORDS)]
    .map(([word]) => [...word.matchAll(OPTIONS)].flatMap(([option]) => parseOption(option) ?? []))
    .filter((options) => options.length > 0);
  if (words.length === 0) throw new Refusal(400, 262274, 'The "query" parameter has no value.', QUERY);
  return words;
};

const parseNames = (text: string): readonly string[] => {
  const names = text.split(',').filter((name) => name !== '');
  if (names.length === 0) throw new Refusal(400, 262275, 'The "query_fields" parameter names no field.', FIELDS);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined)
    throw new Refusal(400, 262276, `Field "${twice}" was specified twice in "query_fields".`, FIELDS);
  return names;
};

/** The search that a request wants. @throws Refusal */
export const parseSearch = (text: string | undefined, fields: string | undefined): Search | undefined => {
  if (text === undefined && fields === undefined) return undefined;
  if (text === undefined || fields === undefined)
    throw new Refusal(400, 262273, 'The "query" and "query_fields" parameters require each other.');
  return { words: parseWords(text), fields: parseNames(fields) };
};

/** What tells whether a record is among those that are looked for. @throws Refusal for an unknown field */
export const matcherOf = (
  { words, fields }: Search,
  schema: Schema,
  world: World,
): ((holder: StoredObject) => boolean) => {
  const { chosen, excluded } = chooseLeaves(schema, fields, (name) => {
    throw invalidValue(name, FIELDS, 'field,...');
  });
  const leaves = [...chosen].filter((leaf) => !excluded.has(leaf));
  return (holder) => {
    const values = leaves.flatMap((leaf) => valuesOf(leaf, holder, world)).map(String);
    return words.every((options) => options.some((option) => values.some((value) => option.test(value))));
  };
};
