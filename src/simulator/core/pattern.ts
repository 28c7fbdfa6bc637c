const escapeRegExp = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/** What a text is held against; `test` as a regular expression's. */
export interface TextPattern {
  test(text: string): boolean;
}

/**
 * Any text that has the pieces in their order, with anything between them. A regular expression would try every way to
 * place them, which with many pieces takes for ever.
 */
export const globPattern = (pieces: readonly string[]): TextPattern => {
  const [first = '', ...others] = pieces;
  const last = others.pop();
  if (last === undefined) return { test: (text) => text === first };
  return {
    test: (text) => {
      const end = text.length - last.length;
      if (end < first.length || !text.startsWith(first) || !text.endsWith(last)) return false;
      let from = first.length;
      for (const piece of others) {
        const at = text.indexOf(piece, from);
        if (at < 0 || at + piece.length > end) return false;
        from = at + piece.length;
      }
      return true;
    },
  };
};

/** A piece of a pattern's text: what stood in quotes or braces means itself. */
export interface Piece {
  readonly text: string;
  readonly literal: boolean;
}

/** What stands between the wildcards; a literal `*` is none. */
export const splitAtWildcards = (pieces: readonly Piece[]): readonly string[] => {
  const parts = [''];
  for (const { text, literal } of pieces) {
    const [first = '', ...others] = literal ? [text] : text.split('*');
    parts.push((parts.pop() ?? '') + first, ...others);
  }
  return parts;
};

/** `*` is any text. */
export const textPattern = (pattern: string): TextPattern => globPattern(pattern.split('*'));

const pathPatterns = new Map<string, RegExp>();

/** `*` is any text within a segment, `**` across segments; a leading `/api` does not matter, nor does a trailing slash. */
export const pathPattern = (pattern: string): RegExp => {
  const known = pathPatterns.get(pattern);
  if (known) return known;
  const source = pattern
    .replace(/^\/api(?=\/|$)/, '')
    .replace(/\/$/, '')
    .split('**')
    .map((part) => part.split('*').map(escapeRegExp).join('[^/]*'))
    .join('.*');
  const made = new RegExp(`^${source}$`, 's');
  pathPatterns.set(pattern, made);
  return made;
};

/** A path as `pathPattern` compares it. */
export const barePath = (path: string): string => path.replace(/^\/api(?=\/|$)/, '').replace(/(?<=.)\/$/, '');
