const escapes: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

/** A value as JSON in the look of the stock program: two spaces, Go's escapes, a newline at the end. */
export const jsonText = (value: unknown): string =>
  `${JSON.stringify(value, undefined, 2).replace(/[<>&\u2028\u2029]/g, (c) => escapes[c] ?? c)}\n`;

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
