import { locate, parseLine } from './argv.ts';
import type { AnyCommand, Flags, FlagSpec, ObjectKind } from './command.ts';
import { globalFlags } from './global-flags.ts';
import { readGlobalOptions } from './global-options.ts';
import type { Host } from './host.ts';
import { commandTree, type CommandNode } from './tree.ts';

/** What the scripts understand: bit 2 says that file names are no answer here. */
const noFiles = 4;
const files = 0;

type Word = readonly [word: string, summary: string];
interface Candidates {
  readonly words: readonly Word[];
  readonly directive: number;
}

/** A line as far as it was typed: the word under the cursor, and what it may be. */
interface Typed {
  readonly word: string;
  readonly before: readonly string[];
  readonly path: readonly CommandNode[];
  readonly node: CommandNode;
  readonly command: AnyCommand | undefined;
  readonly flags: Flags;
}

const outputFormats = ['json', 'yaml', 'name', 'wide'];
const fileFlags: ReadonlySet<string> = new Set(['fault', 'filename', 'kubeconfig', 'state', 'state-dir', 'topology']);

const bare = (words: readonly string[]): readonly Word[] => words.map((word) => [word, ''] as const);

const flagCandidates = ({ word, flags }: Typed): readonly Word[] => {
  const words: Word[] = [];
  for (const [name, spec] of Object.entries(flags)) {
    if (spec.hidden !== undefined) continue;
    words.push([`--${name}`, spec.summary]);
    if (word === '-' && spec.short !== undefined) words.push([`-${spec.short}`, spec.summary]);
  }
  return words;
};

/** The flag that stands before its value, if this is one. */
const flagBefore = (before: string | undefined, flags: Flags): string | undefined => {
  if (before === undefined || !before.startsWith('-') || before.includes('=')) return undefined;
  const name = before.startsWith('--')
    ? before.slice(2)
    : Object.keys(flags).find((known) => flags[known]?.short === before.slice(-1));
  return name !== undefined && flags[name] !== undefined && flags[name].kind !== 'boolean' ? name : undefined;
};

/** What was typed so far, read as well as that can be done: a half line may well be wrong. */
const readSoFar = ({ before, flags }: Typed) => {
  try {
    return parseLine(locate(commandTree, before, globalFlags).rest, flags);
  } catch {
    return { flags: [], words: [] };
  }
};

const namesOf = async (kind: ObjectKind, typed: Typed, host: Host): Promise<readonly string[]> => {
  const given = readSoFar(typed).flags.map(({ name, value }) => [name, value === 'true' ? true : value] as const);
  try {
    const options = readGlobalOptions(Object.fromEntries(given), host, new Set());
    const { findObjectNames } = await import('./object-names.ts');
    // A name is one line of the answer, up to a tab.
    return (await findObjectNames(kind, options, host.terminal)).filter((name) => !/\p{Cc}/u.test(name));
  } catch {
    return [];
  }
};

const valueCandidates = async (name: string, spec: FlagSpec, typed: Typed, host: Host): Promise<Candidates> => {
  if (fileFlags.has(name)) return { words: [], directive: files };
  const known = name === 'output' ? outputFormats : spec.value?.includes('|') === true ? spec.value.split('|') : [];
  const words = spec.names === undefined ? known : await namesOf(spec.names, typed, host);
  return { words: bare(words), directive: noFiles };
};

/** Names for the argument that the word would be, without those that are there already. */
const argumentCandidates = async (typed: Typed, host: Host): Promise<readonly Word[]> => {
  const { words } = readSoFar(typed);
  const specs = Object.values(typed.command?.args ?? {});
  const last = specs.at(-1);
  const spec = specs[words.length] ?? (last?.kind === 'many' ? last : undefined);
  if (spec?.names === undefined) return [];
  return bare((await namesOf(spec.names, typed, host)).filter((name) => !words.includes(name)));
};

const commandCandidates = (typed: Typed): readonly Word[] => {
  const { node, path } = typed;
  // After an argument there is no word of ours any more.
  if (readSoFar(typed).words.length > 0) return [];
  const words = node.children
    .filter((child) => child.hidden === undefined)
    .map((child) => [child.name, child.summary] as const);
  return path.length === 1 ? [...words, ['help', 'Help about any command']] : words;
};

const read = async (line: readonly string[]): Promise<Typed> => {
  const before = line.slice(0, -1);
  const { path } = locate(commandTree, before, globalFlags);
  const node = path.at(-1) ?? commandTree;
  const command = (await node.load?.())?.command;
  return { word: line.at(-1) ?? '', before, path, node, command, flags: { ...globalFlags, ...command?.flags } };
};

const byWord = ([a]: Word, [b]: Word): number => (a < b ? -1 : 1);

const candidatesFor = async (line: readonly string[], host: Host): Promise<Candidates> => {
  const typed = await read(line);
  const { word, flags } = typed;
  const [, written = '', inside] = /^--([^=]+)=(.*)$/s.exec(word) ?? [];
  const flag = inside === undefined ? flagBefore(typed.before.at(-1), flags) : written;
  const spec = flag === undefined ? undefined : flags[flag];
  if (flag !== undefined && spec !== undefined) {
    const { words, directive } = await valueCandidates(flag, spec, typed, host);
    return { words: inside === undefined ? words : words.map(([value]) => [`--${flag}=${value}`, '']), directive };
  }
  if (word.startsWith('-')) return { words: flagCandidates(typed), directive: noFiles };
  const words = [...commandCandidates(typed), ...(await argumentCandidates(typed, host))];
  return { words: words.sort(byWord), directive: noFiles };
};

/**
 * Answers the completion scripts: what could be typed next, one candidate a line, then `:` and how the shell should take
 * it. Protocol as in the stock program, so that its scripts work with this one and the reverse.
 */
export const complete = async (line: readonly string[], describe: boolean, host: Host): Promise<void> => {
  const { terminal } = host;
  const isHelp = line.length > 1 && line[0] === 'help';
  const { words, directive } = await candidatesFor(isHelp ? line.slice(1) : line, host);
  const typed = line.at(-1) ?? '';
  const found = words.filter(([word]) => word.startsWith(typed));
  terminal.out(
    found.map(([word, summary]) => (describe && summary !== '' ? `${word}\t${summary}\n` : `${word}\n`)).join(''),
  );
  terminal.out(`:${directive}\n`);
  const meaning = directive === noFiles ? 'ShellCompDirectiveNoFileComp' : 'ShellCompDirectiveDefault';
  terminal.err(`Completion ended with directive: ${meaning}\n`);
};
