/**
 * Patterns of storage classes are regular expressions of Go's RE2 syntax. The part of it that people use is the same
 * in JavaScript; the differences are translated, and what RE2 does not have (look-around, back references) is
 * invalid here as well.
 */

const classes: Readonly<Record<string, string>> = {
  alnum: 'A-Za-z0-9',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7F',
  blank: '\\t ',
  cntrl: '\\x00-\\x1F\\x7F',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

const foreign = /\(\?(?:<?[=!])|(?<!\\)(?:\\\\)*\\[1-9]/;

const translate = (pattern: string): { readonly source: string; readonly flags: string } | undefined => {
  if (foreign.test(pattern)) return undefined;
  let source = pattern;
  let flags = '';
  const leading = /^(\^?)\(\?([ims]+)\)/.exec(source);
  if (leading !== null) {
    flags = [...new Set(leading[2])].join('');
    source = (leading[1] ?? '') + source.slice(leading[0].length);
  }
  source = source
    .replaceAll('(?P<', '(?<')
    .replaceAll(String.raw`\A`, '^')
    .replaceAll(String.raw`\z`, '$')
    .replaceAll(/\[:(\w+):\]/g, (whole, name: string) => classes[name] ?? whole);
  if (/\\[pP][A-Z{]/.test(source)) flags += 'u';
  return { source, flags };
};

const cache = new Map<string, RegExp | undefined>();

const compile = (pattern: string): RegExp | undefined => {
  if (cache.has(pattern)) return cache.get(pattern);
  if (cache.size >= 1000) cache.clear();
  let compiled: RegExp | undefined;
  const translated = translate(pattern);
  if (translated !== undefined)
    try {
      compiled = new RegExp(translated.source, translated.flags);
    } catch {
      // An invalid pattern matches nothing (SC-12).
    }
  cache.set(pattern, compiled);
  return compiled;
};

/** True when a backend's name matches the pattern, to which `^` and `$` are added where they are missing (SC-12). */
export const backendMatches = (pattern: string, backend: string): boolean => {
  const anchored = `${pattern.startsWith('^') ? '' : '^'}${pattern}${pattern.endsWith('$') ? '' : '$'}`;
  return compile(anchored)?.test(backend) ?? false;
};

/** True when a pool's name matches somewhere: pool patterns are not anchored, `pool1` finds `mypool10` (SC-12). */
export const poolMatches = (pattern: string, pool: string): boolean => compile(pattern)?.test(pool) ?? false;

/** Whether a text is a pattern at all; one that is none matches nothing (SC-12). */
export const isPattern = (text: string): boolean => compile(text) !== undefined;
