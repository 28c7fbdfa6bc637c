import { Problem } from '../../problem.ts';

/**
 * The part of Go's template language that name templates and labels use. Supported:
 * text outside `{{ }}` as it is, `{{-` and `-}}` trimming, comments, fields (`.volume.Name`, `.labels.tier`), string and integer literals, pipelines with
 * `|`, parentheses, and the functions `slice`, `index`, `len`, `print`, `printf` (`%s %v %d %q %%`), `html`, `urlquery`, `eq`, `ne`, `not`, `and`, `or`,
 * and `if`/`else`/`end`. Output is HTML-escaped as in Go's html/template, which stock uses.
 * Not supported, and an error: `range`, `with`, `define`, `template`, `block`, variables.
 */
export interface TemplateData {
  readonly [key: string]: TemplateValue;
}
type TemplateValue = string | number | boolean | undefined | TemplateData;

type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'output'; readonly pipe: readonly Token[] }
  | {
      readonly kind: 'if';
      readonly pipe: readonly Token[];
      readonly whenTrue: readonly Node[];
      readonly whenFalse: readonly Node[];
    };

interface Token {
  readonly kind: 'field' | 'string' | 'number' | 'word' | 'punctuation';
  readonly text: string;
}

const failure = (why: string): Problem => new Problem('template.invalid', 'invalid', `template: ${why}`);

const tokenPattern = /\s+|(\.[A-Za-z_][\w.]*|\.)|("(?:[^"\\]|\\.)*"|`[^`]*`)|(-?\d+)|([A-Za-z_]\w*)|([|()])/y;

const tokenize = (action: string): readonly Token[] => {
  const tokens: Token[] = [];
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < action.length) {
    const at = tokenPattern.lastIndex;
    const match = tokenPattern.exec(action);
    if (match === null) throw failure(`${JSON.stringify(action.slice(at))} is not understood`);
    const [, field, string, number, word, punctuation] = match;
    if (field !== undefined) tokens.push({ kind: 'field', text: field });
    else if (string !== undefined) tokens.push({ kind: 'string', text: unquote(string) });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else if (punctuation !== undefined) tokens.push({ kind: 'punctuation', text: punctuation });
  }
  return tokens;
};

const unquote = (literal: string): string => {
  if (literal.startsWith('`')) return literal.slice(1, -1);
  try {
    const value: unknown = JSON.parse(literal);
    if (typeof value === 'string') return value;
  } catch {
    // Falls through to the error below.
  }
  throw failure(`${literal} is not a string`);
};

type Piece = { readonly text: string } | { readonly action: string };

/** Splits a template into texts and actions and applies the trim marks. */
const split = (source: string): readonly Piece[] => {
  const pieces: Piece[] = [];
  let trimNext = false;
  let rest = source;
  for (;;) {
    const open = rest.indexOf('{{');
    let text = open < 0 ? rest : rest.slice(0, open);
    if (trimNext) text = text.trimStart();
    if (open < 0) {
      pieces.push({ text });
      return pieces;
    }
    const close = rest.indexOf('}}', open);
    if (close < 0) throw failure('{{ without }}');
    let action = rest.slice(open + 2, close);
    if (/^-\s/.test(action)) {
      text = text.trimEnd();
      action = action.slice(1);
    }
    trimNext = /\s-$/.test(action);
    if (trimNext) action = action.slice(0, -1);
    pieces.push({ text });
    if (!action.trim().startsWith('/*')) pieces.push({ action: action.trim() });
    rest = rest.slice(close + 2);
  }
};

/** Reads nodes until `end`, `else` or the end of the template; tells which it was. */
const parseNodes = (pieces: Piece[], nested: boolean): { readonly nodes: readonly Node[]; readonly stop: string } => {
  const nodes: Node[] = [];
  for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift()) {
    if ('text' in piece) {
      nodes.push({ kind: 'text', text: piece.text });
      continue;
    }
    const [first, ...rest] = tokenize(piece.action);
    if (first === undefined) throw failure('an action is empty');
    if (first.kind === 'word' && ['end', 'else'].includes(first.text)) {
      if (!nested || rest.length > 0) throw failure(`unexpected ${piece.action}`);
      return { nodes, stop: first.text };
    }
    if (first.kind === 'word' && first.text === 'if') {
      const then = parseNodes(pieces, true);
      const otherwise = then.stop === 'else' ? parseNodes(pieces, true) : { nodes: [], stop: 'end' };
      if (otherwise.stop !== 'end') throw failure('two {{else}} in one {{if}}');
      nodes.push({ kind: 'if', pipe: rest, whenTrue: then.nodes, whenFalse: otherwise.nodes });
      continue;
    }
    nodes.push({ kind: 'output', pipe: [first, ...rest] });
  }
  if (nested) throw failure('{{if}} without {{end}}');
  return { nodes, stop: '' };
};

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
  '+': '&#43;',
};
const escapeHtml = (text: string): string => text.replaceAll(/[&<>"'+]/g, (found) => escapes[found] ?? found);

const textOf = (value: TemplateValue): string => {
  if (value === undefined) return '';
  if (typeof value === 'object') throw failure('a group of fields cannot be written as text');
  return String(value);
};
const isTrue = (value: TemplateValue): boolean =>
  typeof value === 'object'
    ? Object.keys(value).length > 0
    : value !== undefined && value !== '' && value !== 0 && value !== false;

const sliceOf = (value: TemplateValue, from: TemplateValue = 0, to?: TemplateValue): string => {
  const text = textOf(value);
  const end = to ?? text.length;
  if (typeof from !== 'number' || typeof end !== 'number' || from < 0 || end > text.length || from > end)
    throw failure(`slice ${textOf(from)} ${textOf(end)} is outside of a text of ${text.length} characters`);
  return text.slice(from, end);
};

const format = (pattern: string, values: readonly TemplateValue[]): string => {
  const left = [...values];
  return pattern.replaceAll(/%(.)/g, (_, verb: string) => {
    if (verb === '%') return '%';
    if (!['s', 'v', 'd', 'q'].includes(verb)) throw failure(`printf does not know %${verb}`);
    if (left.length === 0) throw failure(`printf has no value for %${verb}`);
    const text = textOf(left.shift());
    return verb === 'q' ? JSON.stringify(text) : text;
  });
};

const functions: Readonly<Record<string, (...values: TemplateValue[]) => TemplateValue>> = {
  slice: (value, from, to) => sliceOf(value, from, to),
  index: (group, ...keys) =>
    keys.reduce<TemplateValue>((found, key) => (typeof found === 'object' ? found[textOf(key)] : undefined), group),
  len: (value) => (typeof value === 'object' ? Object.keys(value).length : textOf(value).length),
  print: (...values) => values.map(textOf).join(''),
  printf: (pattern, ...values) => format(textOf(pattern), values),
  html: (...values) => escapeHtml(values.map(textOf).join('')),
  urlquery: (...values) => encodeURIComponent(values.map(textOf).join('')),
  eq: (first, ...others) => others.some((other) => other === first),
  ne: (a, b) => a !== b,
  not: (value) => !isTrue(value),
  and: (...values) => values.find((value) => !isTrue(value)) ?? values.at(-1),
  or: (...values) => values.find(isTrue) ?? values.at(-1),
};

const lookUp = (path: string, data: TemplateData): TemplateValue => {
  let found: TemplateValue = data;
  for (const key of path.split('.').filter((part) => part !== '')) {
    if (typeof found !== 'object' || !Object.hasOwn(found, key)) {
      // A missing key of a map is empty; a missing field of a structure is an error. Only labels are maps here.
      if (/^\.(?:labels|config\.Labels)\./.test(path)) return '';
      throw new Problem('template.field', 'invalid', `template: there is no field ${path}`);
    }
    found = found[key];
  }
  return found;
};

const evaluate = (tokens: readonly Token[], data: TemplateData): TemplateValue => {
  let position = 0;
  const operand = (): TemplateValue => {
    const token = tokens[position++];
    if (token === undefined) throw failure('a value is missing');
    if (token.kind === 'field') return lookUp(token.text, data);
    if (token.kind === 'string') return token.text;
    if (token.kind === 'number') return Number(token.text);
    if (token.text === '(') {
      const value = pipeline();
      if (tokens[position++]?.text !== ')') throw failure('( without )');
      return value;
    }
    if (token.text === 'true' || token.text === 'false') return token.text === 'true';
    throw failure(`unexpected ${token.text}`);
  };
  const atEnd = (): boolean => {
    const token = tokens[position];
    return token === undefined || (token.kind === 'punctuation' && token.text !== '(');
  };
  const command = (piped: readonly TemplateValue[]): TemplateValue => {
    const token = tokens[position];
    const name = token?.kind === 'word' && !['true', 'false'].includes(token.text) ? token.text : undefined;
    if (name === undefined) {
      const value = operand();
      if (piped.length > 0 || !atEnd()) throw failure('a value is not a function');
      return value;
    }
    const called = Object.hasOwn(functions, name) ? functions[name] : undefined;
    if (called === undefined) throw failure(`the function ${name} is not supported`);
    position++;
    const values: TemplateValue[] = [];
    while (!atEnd()) values.push(operand());
    return called(...values, ...piped);
  };
  const pipeline = (): TemplateValue => {
    let value = command([]);
    while (tokens[position]?.text === '|' && tokens[position]?.kind === 'punctuation') {
      position++;
      value = command([value]);
    }
    return value;
  };
  const value = pipeline();
  if (position < tokens.length) throw failure(`unexpected ${tokens[position]?.text ?? ''}`);
  return value;
};

const render = (nodes: readonly Node[], data: TemplateData): string =>
  nodes
    .map((node) => {
      if (node.kind === 'text') return node.text;
      if (node.kind === 'output') return escapeHtml(textOf(evaluate(node.pipe, data)));
      return render(isTrue(evaluate(node.pipe, data)) ? node.whenTrue : node.whenFalse, data);
    })
    .join('');

/**
 * Fills in a template.
 * @throws Problem `template.field` for one that names what is not there, `template.invalid` for one that is broken or uses what is
 *   not supported
 */
export const renderTemplate = (source: string, data: TemplateData): string =>
  render(parseNodes([...split(source)], false).nodes, data);

/** Why a template would fail with data of this shape; undefined when it names only what is there. */
export const missingField = (source: string, data: TemplateData): string | undefined => {
  try {
    renderTemplate(source, data);
  } catch (error) {
    // Other failures depend on values: a text that is too short to be sliced.
    if (Problem.is(error) && error.code === 'template.field') return error.message;
    if (!Problem.is(error)) throw error;
  }
  return undefined;
};

/**
 * Checks a template's form, without values.
 * @throws Problem `template.invalid`
 */
export const checkTemplate = (source: string): void => {
  parseNodes([...split(source)], false);
};
