import { DEFAULT_SCALAR_STYLE_RULES, dump, SCALAR_STYLE, type ScalarStyleRule } from 'js-yaml';

/** Plain text that YAML 1.1 or 1.2 readers take for something else than text. */
const mistaken =
  /^(?:|~|null|Null|NULL|[yYnN]|yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF|<<|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)|[-+]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO]?[0-7_]+|[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?)|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?|\d{4}-\d{1,2}-\d{1,2}(?:(?:[Tt]|[ \t]+)\d{1,2}:\d{2}:\d{2}.*)?)$/;

/** As Go's library: double quotes where the text would be read as another type. */
const quoteMistaken: ScalarStyleRule = (layout) => {
  if (layout.node.tag === 'tag:yaml.org,2002:str' && mistaken.test(layout.node.value))
    layout.style = SCALAR_STYLE.DOUBLE_QUOTED;
};

/** Text of several lines as a literal block. */
const literalLines: ScalarStyleRule = (layout) => {
  if (layout.style !== SCALAR_STYLE.PLAIN || layout.isKey || layout.flowOnly) return;
  if (layout.node.value.includes('\n') && !/^\s|[ \t]\n|\r|\n\n$/.test(layout.node.value))
    layout.style = SCALAR_STYLE.LITERAL_BLOCK;
};

const rules = DEFAULT_SCALAR_STYLE_RULES;

const sortedLines = (value: unknown): string =>
  dump(value, {
    noRefs: true,
    sortKeys: (a: unknown, b: unknown) => (String(a) < String(b) ? -1 : 1),
    seqNoIndent: true,
    lineWidth: 80,
    scalarStyleRules: [
      quoteMistaken,
      rules.doubleQuoteForInvisibles,
      literalLines,
      rules.quoteInvalidPlain,
      rules.fallbackToDoubleQuoted,
    ],
  });

/** A value as YAML in the look of the stock program (cli.md §3.10): sorted keys, lists not indented, an empty last line. */
export const yamlText = (value: unknown): string => `${sortedLines(value)}\n`;

const piece = 40;

/** `yamlText({ items })` in pieces: the nodes that the library makes of ten thousand things would take hundreds of megabytes. */
export function* yamlOfItems(items: readonly unknown[]): Generator<string, void, undefined> {
  if (items.length === 0) {
    yield yamlText({ items });
    return;
  }
  yield 'items:\n';
  for (let first = 0; first < items.length; first += piece) yield sortedLines(items.slice(first, first + piece));
  yield '\n';
}
