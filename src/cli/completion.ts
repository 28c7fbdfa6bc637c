import { locate } from './argv.ts';
import type { Flags } from './command.ts';
import { globalFlags } from './global-flags.ts';
import type { Terminal } from './terminal.ts';
import { commandTree } from './tree.ts';

/** What the scripts understand: bit 2 says that file names are no answer here. */
const noFiles = 4;
const files = 0;

interface Candidates {
  readonly words: readonly (readonly [word: string, summary: string])[];
  readonly directive: number;
}

const outputFormats = ['json', 'yaml', 'name', 'wide'].map((format) => [format, ''] as const);

const flagCandidates = (flags: Flags, typed: string): Candidates => {
  const words: (readonly [string, string])[] = [];
  for (const [name, spec] of Object.entries(flags)) {
    if (spec.hidden !== undefined) continue;
    words.push([`--${name}`, spec.summary]);
    if (typed === '-' && spec.short !== undefined) words.push([`-${spec.short}`, spec.summary]);
  }
  return { words, directive: noFiles };
};

/** The flag whose value the last word is, if it is one's. */
const valueOf = (before: string | undefined, flags: Flags): string | undefined => {
  if (before === undefined || !before.startsWith('-') || before.includes('=')) return undefined;
  const name = before.startsWith('--')
    ? before.slice(2)
    : Object.keys(flags).find((known) => flags[known]?.short === before.slice(-1));
  return name !== undefined && flags[name] !== undefined && flags[name].kind !== 'boolean' ? name : undefined;
};

const candidatesFor = async (line: readonly string[]): Promise<Candidates> => {
  const typed = line.at(-1) ?? '';
  const { path } = locate(commandTree, line.slice(0, -1), globalFlags);
  const node = path.at(-1) ?? commandTree;
  const command = (await node.load?.())?.command;
  const flags: Flags = { ...globalFlags, ...command?.flags };
  const flag = valueOf(line.at(-2), flags);
  if (flag === 'output') return { words: outputFormats, directive: noFiles };
  if (flag !== undefined)
    return { words: [], directive: flag === 'filename' || flag === 'kubeconfig' ? files : noFiles };
  if (typed.startsWith('-')) return flagCandidates(flags, typed);
  const words = node.children
    .filter((child) => child.hidden === undefined)
    .map((child) => [child.name, child.summary] as const);
  if (path.length === 1) words.push(['help', 'Help about any command']);
  return { words: words.sort(([a], [b]) => (a < b ? -1 : 1)), directive: noFiles };
};

/**
 * Answers the completion scripts: what could be typed next, one candidate a line, then `:` and how the shell should take
 * it. Protocol as in the stock program, so that its scripts work with this one and the reverse.
 */
export const complete = async (line: readonly string[], describe: boolean, terminal: Terminal): Promise<void> => {
  const { words, directive } = await candidatesFor(line);
  const typed = line.at(-1) ?? '';
  for (const [word, summary] of words)
    if (word.startsWith(typed)) terminal.out(describe && summary !== '' ? `${word}\t${summary}\n` : `${word}\n`);
  terminal.out(`:${directive}\n`);
  const meaning = directive === noFiles ? 'ShellCompDirectiveNoFileComp' : 'ShellCompDirectiveDefault';
  terminal.err(`Completion ended with directive: ${meaning}\n`);
};
