const escapes: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

const indented = (value: unknown): string =>
  JSON.stringify(value, undefined, 2).replace(/[<>&\u2028\u2029]/g, (c) => escapes[c] ?? c);

/** A value as JSON in the look of the stock program: two spaces, Go's escapes, a newline at the end. */
export const jsonText = (value: unknown): string => `${indented(value)}\n`;

/** Texts of this length die young; longer ones would wait for the collection of everything. */
const piece = 40;
const head = '{\n  "items": [';
const tail = '\n  ]\n}';

/**
 * `jsonText({ items })` in pieces: the text of ten thousand things at once, and its copy as bytes, would take more
 * memory than the things.
 */
export function* jsonOfItems(items: readonly unknown[]): Generator<string, void, undefined> {
  if (items.length <= piece) {
    yield jsonText({ items });
    return;
  }
  for (let first = 0; first < items.length; first += piece) {
    const text = indented({ items: items.slice(first, first + piece) });
    yield `${first === 0 ? head : ','}${text.slice(head.length, -tail.length)}`;
  }
  yield `${tail}\n`;
}

const sorted = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;

/** The same value with the keys of all its objects sorted, as Go prints maps. */
export const withSortedKeys = (value: unknown): unknown => {
  const text = JSON.stringify(value, sorted);
  const copy: unknown = JSON.parse(text);
  return copy;
};
