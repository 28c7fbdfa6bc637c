import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Problem } from '../engine/problem.ts';
import { parseLine, type Located } from './argv.ts';
import { globalFlags } from './global-flags.ts';
import type { Host } from './host.ts';
import type { CommandNode } from './tree.ts';

/** Words of the stock program that belong to clusters and are not in this release. */
const clusterWords = new Set([
  'check',
  'images',
  'install',
  'logs',
  'obliviate',
  'pause',
  'send',
  'system',
  'uninstall',
]);

/** What to say of a command that works on a cluster; undefined for every other word. */
export const laterCommand = (path: readonly CommandNode[], word: string): Problem | undefined =>
  path.length === 1 && clusterWords.has(word)
    ? new Problem(
        'cli.laterCommand',
        'unsupported',
        `${path[0]?.name ?? ''} ${word} works on a Kubernetes cluster, which this release cannot do yet`,
      )
    : undefined;

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
};

/** A plug-in, as the stock program finds it: `tridentctl-WORD` in one of the directories. */
const findPlugIn = (word: string, environment: Host['environment']): string | undefined => {
  if (!/^[\w.-]+$/.test(word)) return undefined;
  return (environment['TRIDENTCTL_PLUGIN_PATH'] || environment['PATH'] || '')
    .split(delimiter)
    .filter((directory) => directory !== '')
    .map((directory) => join(directory, `tridentctl-${word}`))
    .find(isProgram);
};

/** Edits (insert, delete, replace) between two words. */
const edits = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (letter === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row.at(-1) ?? 0;
};

/** Of an alias of three letters two may not be wrong: nearly every word of three letters would be meant then. */
const isClose = (typed: string, { name, aliases }: CommandNode): boolean =>
  name.startsWith(typed) ||
  edits(typed, name) <= 2 ||
  aliases.some((alias) => alias.length > 2 && edits(typed, alias) <= (alias.length > 3 ? 2 : 1));

const answersTo = (word: string) => (node: CommandNode) => node.name === word || node.aliases.includes(word);

/** What is wrong with a word that stands where a command was expected, and is none. */
export const wrongWord = (path: readonly CommandNode[], word: string, environment: Host['environment']): Problem => {
  const later = laterCommand(path, word);
  if (later !== undefined) return later;
  const children = path.at(-1)?.children ?? [];
  const line = path.map((known) => known.name).join(' ');
  const plugIn = path.length === 1 ? findPlugIn(word, environment) : undefined;
  if (plugIn !== undefined)
    return new Problem('cli.plugIn', 'unsupported', `${line} ${word} is a plug-in, of which this release runs none`, {
      hint: `run it by itself: ${plugIn}`,
    });
  const typed = word.toLowerCase();
  const isKnown = children.some(answersTo(word));
  const meant =
    typed === '' || isKnown ? [] : children.filter((child) => child.hidden === undefined && isClose(typed, child));
  const suggestion =
    meant.length === 0 ? '' : `\n\nDid you mean this?\n${meant.map((child) => `\t${child.name}\n`).join('')}`;
  return new Problem(
    'cli.unknownCommand',
    'usage',
    `unknown command ${JSON.stringify(word)} for ${JSON.stringify(line)}${suggestion}\nRun '${line} --help' for usage.`,
    isKnown ? { hint: 'what follows -- is taken for arguments, not for commands' } : {},
  );
};

const isReadable = (line: readonly string[]): boolean => {
  try {
    parseLine(line, globalFlags);
    return true;
  } catch {
    return false;
  }
};

/**
 * What is wrong with a line that names no command and cannot be read: a word that is none says more than the flags behind
 * it. Before its words a flag of a command is unknown, and takes the next word for its value.
 */
export const wrongLine = (
  problem: unknown,
  { path, rest, end }: Located,
  environment: Host['environment'],
): unknown => {
  const word = rest[end];
  const isHelp = path.length === 1 && word === 'help';
  if (word !== undefined && word !== '--' && !isHelp && isReadable(rest.slice(0, end)))
    return wrongWord(path, word, environment);
  const { children = [] } = path.at(-1) ?? {};
  const isMisplaced = rest.some((each) => children.some(answersTo(each)));
  if (!Problem.is(problem) || problem.code !== 'cli.unknownFlag' || problem.hint !== undefined || !isMisplaced)
    return problem;
  return new Problem(problem.code, problem.kind, problem.message, {
    hint: 'flags of a command are written after its words',
  });
};
