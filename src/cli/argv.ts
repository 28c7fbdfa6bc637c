import { Problem } from '../engine/problem.ts';
import { closest } from '../engine/validation.ts';
import type { Flags, FlagSpec } from './command.ts';
import type { CommandNode } from './tree.ts';

/**
 * Reads a command line by the rules that people know from the Go programs of the Kubernetes world (cli.md §2): flags in
 * any position, `--flag value`, `--flag=value`, `-f value`, `-fvalue`, `-f=value`, shorthand groups, booleans that take
 * a value only after `=`, and `--`.
 */

export interface Located {
  /** From the root to the word that was found. */
  readonly path: readonly CommandNode[];
  /** What is left of the line: flags and arguments. */
  readonly rest: readonly string[];
  /** Where in `rest` the search ended: at a word that is none of ours, at `--`, or at its end. */
  readonly end: number;
}

const takesNext = (word: string, flags: Flags): boolean => {
  if (word.startsWith('--')) return !word.includes('=') && flags[word.slice(2)]?.kind !== 'boolean';
  // Of letters in one word only the last can: what follows an earlier one that takes a value is that value.
  const letters = Array.from(word.slice(1));
  const first = letters.findIndex((letter) => {
    const known = Object.values(flags).find(({ short }) => short === letter);
    return known?.kind !== 'boolean';
  });
  return first >= 0 && first === letters.length - 1;
};

const child = (node: CommandNode, word: string): CommandNode | undefined =>
  node.children.find((candidate) => candidate.name === word || candidate.aliases.includes(word));

/**
 * Finds the command that a line names. Where a word may be a flag's value it is taken for one, as the flags of a
 * command are not known before it is found.
 */
export const locate = (root: CommandNode, line: readonly string[], flags: Flags): Located => {
  const path = [root];
  const rest: string[] = [];
  let end: number | undefined;
  for (let index = 0; index < line.length; index++) {
    const word = line[index] ?? '';
    const next = word.startsWith('-') || word === '' ? undefined : child(path.at(-1) ?? root, word);
    if (next !== undefined) {
      path.push(next);
      continue;
    }
    if (word === '--' || word === '' || !word.startsWith('-') || word === '-') {
      end = rest.length;
      rest.push(...line.slice(index));
      break;
    }
    rest.push(word);
    const value = line[index + 1];
    if (takesNext(word, flags) && value !== undefined) {
      rest.push(value);
      index++;
    }
  }
  return { path, rest, end: end ?? rest.length };
};

/** A flag as it was given: its full name and its value as text. */
interface GivenFlag {
  readonly name: string;
  readonly value: string;
}
export interface ParsedLine {
  readonly flags: readonly GivenFlag[];
  readonly words: readonly string[];
}

const usage = (code: string, message: string, hint?: string) =>
  new Problem(code, 'usage', message, hint === undefined ? {} : { hint });

const unknownFlag = (name: string, flags: Flags): Problem => {
  const meant = closest(
    name,
    Object.keys(flags).filter((known) => flags[known]?.hidden === undefined),
  );
  return usage(
    'cli.unknownFlag',
    `unknown flag: --${name}`,
    meant === undefined ? undefined : `did you mean --${meant}?`,
  );
};

/** Splits flags from words. @throws Problem of kind `usage` in the words of the stock program */
export const parseLine = (line: readonly string[], flags: Flags): ParsedLine => {
  const given: GivenFlag[] = [];
  const words: string[] = [];
  const byShort = new Map<string, readonly [name: string, spec: FlagSpec]>();
  for (const [name, spec] of Object.entries(flags)) if (spec.short !== undefined) byShort.set(spec.short, [name, spec]);

  let index = 0;
  const long = (word: string) => {
    const equals = word.indexOf('=');
    const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
    if (name === '' || name.startsWith('-')) throw usage('cli.flagSyntax', `bad flag syntax: ${word}`);
    const spec = flags[name];
    if (spec === undefined) throw unknownFlag(name, flags);
    if (equals >= 0) given.push({ name, value: word.slice(equals + 1) });
    else if (spec.kind === 'boolean') given.push({ name, value: 'true' });
    else {
      const value = line[++index];
      if (value === undefined) throw usage('cli.flagNeedsValue', `flag needs an argument: ${word}`);
      given.push({ name, value });
    }
  };
  const short = (word: string) => {
    for (let letters = word.slice(1); letters !== ''; letters = letters.slice(1)) {
      const letter = letters[0] ?? '';
      const found = byShort.get(letter);
      if (found === undefined) throw usage('cli.unknownFlag', `unknown shorthand flag: '${letter}' in ${word}`);
      const [name, spec] = found;
      if (letters.length > 2 && letters[1] === '=') return given.push({ name, value: letters.slice(2) });
      if (spec.kind === 'boolean') {
        given.push({ name, value: 'true' });
        continue;
      }
      if (letters.length > 1) return given.push({ name, value: letters.slice(1) });
      const value = line[++index];
      if (value === undefined) throw usage('cli.flagNeedsValue', `flag needs an argument: '${letter}' in ${word}`);
      return given.push({ name, value });
    }
    return undefined;
  };
  for (; index < line.length; index++) {
    const word = line[index] ?? '';
    if (word === '--') {
      words.push(...line.slice(index + 1));
      break;
    }
    if (word.startsWith('--')) long(word);
    else if (word.startsWith('-') && word.length > 1) short(word);
    else words.push(word);
  }
  return { flags: given, words };
};
