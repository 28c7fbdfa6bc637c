export const escapeRegExp = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/** The source of an expression in which `*` is any text. */
export const globSource = (glob: string): string => glob.split('*').map(escapeRegExp).join('.*');

const compiled = new Map<string, RegExp>();

const cached = (key: string, make: () => string): RegExp => {
  const known = compiled.get(key);
  if (known) return known;
  const pattern = new RegExp(`^${make()}$`, 's');
  compiled.set(key, pattern);
  return pattern;
};

/** `*` is any text. */
export const textPattern = (pattern: string): RegExp => cached(`text ${pattern}`, () => globSource(pattern));

/** `*` is any text within a segment, `**` across segments; a leading `/api` does not matter, nor does a trailing slash. */
export const pathPattern = (pattern: string): RegExp =>
  cached(`path ${pattern}`, () => {
    const bare = pattern.replace(/^\/api(?=\/|$)/, '').replace(/\/$/, '');
    return bare
      .split('**')
      .map((part) => part.split('*').map(escapeRegExp).join('[^/]*'))
      .join('.*');
  });

/** A path as `pathPattern` compares it. */
export const barePath = (path: string): string => path.replace(/^\/api(?=\/|$)/, '').replace(/(?<=.)\/$/, '');
