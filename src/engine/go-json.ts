/** Go's encoder escapes these inside strings; they never occur outside of strings. */
const escapes: Readonly<Record<string, string>> = {
  '<': String.raw`\u003c`,
  '>': String.raw`\u003e`,
  '&': String.raw`\u0026`,
  '\u2028': String.raw`\u2028`,
  '\u2029': String.raw`\u2029`,
};

/** Escapes JSON text as Go's encoder does; the value stays the same. */
export const escapeAsGo = (json: string): string => json.replace(/[<>&\u2028\u2029]/g, (c) => escapes[c] ?? c);
