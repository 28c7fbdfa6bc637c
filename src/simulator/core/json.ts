declare global {
  interface JSON {
    rawJSON(text: string): object;
    isRawJSON(value: unknown): boolean;
  }
}

const LONG_INTEGER = /^-?\d{16,}$/;
const MAYBE_LONG = /\d{16}/;

const propertiesIn = (value: unknown): number => {
  if (typeof value !== 'object' || value === null) return 0;
  const inner: readonly unknown[] = Object.values(value);
  return inner.reduce<number>((sum, each) => sum + propertiesIn(each), Array.isArray(value) ? 0 : inner.length);
};

/** The first property that an object of the text has twice; the text is valid JSON, and `value` what it says. */
export const findRepeated = (text: string, value: unknown): string | undefined => {
  // Mostly there are as many names in the text as in what was made of it. Texts in it may look like names, too.
  if (text.split(/"\s*:/).length - 1 === propertiesIn(value)) return undefined;
  const open: Set<string>[] = [];
  // A string, or a character that begins or ends an object.
  for (const [token, colon] of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}]/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (colon !== undefined) {
      const quoted = token.slice(0, -colon.length);
      const name = quoted.includes('\\') ? String(JSON.parse(quoted)) : quoted.slice(1, -1);
      const names = open.at(-1);
      if (names === undefined) continue;
      if (names.has(name)) return name;
      names.add(name);
    }
  }
  return undefined;
};

/** Parses JSON; integers beyond 2^53 become bigints. Throws SyntaxError. */
export const parseJson = (text: string): unknown => {
  if (!MAYBE_LONG.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
    const source = context?.source;
    if (typeof value !== 'number' || source === undefined || !LONG_INTEGER.test(source)) return value;
    return Number.isSafeInteger(value) ? value : BigInt(source);
  });
};

/** Whether something lies in more objects and lists than so many; `a.b` as a name stands for two objects. */
export const isDeeperThan = (levels: number, value: unknown): boolean => {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) return value.some((inner) => isDeeperThan(levels - 1, inner));
  return Object.entries(value).some(([name, inner]) => {
    const left = levels - (name.includes('.') ? name.split('.').length : 1);
    return left < 0 || isDeeperThan(left, inner);
  });
};

/** A bigint as a JSON number that does not go through a double. */
export const bigintJson = (value: bigint): object => JSON.rawJSON(String(value));

/** Whether it came from `bigintJson`. */
export const isRawJson = (value: unknown): boolean => JSON.isRawJSON(value);

/** The value as JSON; what `parseJson` has read is written as it was. */
export const toJson = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? bigintJson(inner) : inner));
