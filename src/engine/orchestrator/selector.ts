import { Problem } from '../problem.ts';

/** A clause of a label selector: true when the labels satisfy it. */
type Clause = (labels: Readonly<Record<string, string>>) => boolean;

const labelOf = (labels: Readonly<Record<string, string>>, name: string): string | undefined =>
  Object.hasOwn(labels, name) ? labels[name] : undefined;

const word = String.raw`[\w-]+`;
const list = String.raw`\(\s*${word}(?:\s*,\s*${word})*\s*\)`;
const forms: readonly { readonly pattern: RegExp; readonly clause: (name: string, value: string) => Clause }[] = [
  {
    pattern: new RegExp(`^(${word})\\s*==?\\s*(${word})$`),
    clause: (name, value) => (labels) => labelOf(labels, name) === value,
  },
  {
    pattern: new RegExp(`^(${word})\\s*!=\\s*(${word})$`),
    clause: (name, value) => (labels) => ![undefined, value].includes(labelOf(labels, name)),
  },
  {
    pattern: new RegExp(`^(${word})\\s+in\\s*(${list})$`),
    clause: (name, value) => {
      const values = wordsOf(value);
      return (labels) => values.has(labelOf(labels, name) ?? '');
    },
  },
  {
    pattern: new RegExp(`^(${word})\\s+notin\\s*(${list})$`),
    clause: (name, value) => {
      const values = wordsOf(value);
      return (labels) => !values.has(labelOf(labels, name) ?? '');
    },
  },
  { pattern: new RegExp(`^(${word})$`), clause: (name) => (labels) => labelOf(labels, name) !== undefined },
  { pattern: new RegExp(`^!\\s*(${word})$`), clause: (name) => (labels) => labelOf(labels, name) === undefined },
];

const wordsOf = (text: string): ReadonlySet<string> =>
  new Set(
    text
      .slice(1, -1)
      .split(',')
      .map((value) => value.trim()),
  );

const parseClause = (text: string): Clause => {
  const trimmed = text.trim();
  for (const { pattern, clause } of forms) {
    const match = pattern.exec(trimmed);
    if (match !== null) return clause(match[1] ?? '', match[2] ?? '');
  }
  throw new Problem('selector.invalid', 'invalid', `invalid label selector: ${text}`, {
    hint: 'write clauses as name=value, name!=value, name in (a,b), name notin (a,b), name or !name, joined by ;',
  });
};

/**
 * Reads a label selector: clauses joined by `;`, all of which must hold (storage_attribute/label.go).
 * `name!=value` asks for a label with another value; `name notin (…)` holds for a missing label too.
 * @throws Problem `selector.invalid` with stock's text
 */
export const parseSelector = (text: string): Clause => {
  if (text === '') throw new Problem('selector.invalid', 'invalid', 'label selector may not be empty');
  const clauses = text.split(';').map(parseClause);
  return (labels) => clauses.every((clause) => clause(labels));
};
