import { Problem } from '../engine/problem.ts';
import { locate, parseLine, type ParsedLine } from './argv.ts';
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
  readonly path: readonly CommandNode[];
  readonly command: AnyCommand | undefined;
  readonly flags: Flags;
  /** What stands before the word; undefined where that is wrong already. */
  readonly given: ParsedLine | undefined;
  /** The flag whose value the word is. */
  readonly awaited: string | undefined;
  /** After `--` there are arguments only. */
  readonly argumentsOnly: boolean;
}

const bare = (words: readonly string[]): readonly Word[] => words.map((word) => [word, ''] as const);

const flagCandidates = ({ word, flags }: Typed): readonly Word[] => {
  const words: Word[] = [];
  for (const [name, spec] of Object.entries(flags)) {
    if (spec.hidden !== undefined) continue;
    words.push([`--${name}`, spec.summary]);
    if (word.length <= 2 && spec.short !== undefined) words.push([`-${spec.short}`, spec.summary]);
  }
  return words;
};

const parsedSoFar = (rest: readonly string[], flags: Flags): Pick<Typed, 'given' | 'awaited'> => {
  try {
    return { given: parseLine(rest, flags), awaited: undefined };
  } catch (error) {
    if (!Problem.is(error) || error.code !== 'cli.flagNeedsValue') return { given: undefined, awaited: undefined };
  }
  const given = parseLine([...rest, ''], flags);
  return { given: { ...given, flags: given.flags.slice(0, -1) }, awaited: given.flags.at(-1)?.name };
};

/** A flag that stands in one word with its value: `--output=js`, `-o=js`, `-ojs`. */
const attachedValue = ({ word, flags }: Typed): { readonly name: string; readonly head: string } | undefined => {
  const [head, long] = /^--([^=]+)=/.exec(word) ?? [];
  if (head !== undefined && long !== undefined) return { name: long, head };
  if (!/^-[^-]/.test(word)) return undefined;
  const last = parsedSoFar([word], flags).given?.flags.at(-1);
  if (last === undefined || flags[last.name]?.kind === 'boolean') return undefined;
  return { name: last.name, head: last.value === '=' ? word : word.slice(0, word.length - last.value.length) };
};

const namesOf = async (kind: ObjectKind, { given }: Typed, host: Host): Promise<readonly string[]> => {
  const flags = (given?.flags ?? []).map(({ name, value }) => [name, value === 'true' ? true : value] as const);
  try {
    const options = readGlobalOptions(Object.fromEntries(flags), host, new Set());
    const { findObjectNames } = await import('./object-names.ts');
    // A name is one line of the answer, up to a tab.
    return (await findObjectNames(kind, options, host.terminal)).filter((name) => !/\p{Cc}/u.test(name));
  } catch {
    return [];
  }
};

/** Values that a flag can have, each after `head`. */
const valueCandidates = async (spec: FlagSpec, head: string, typed: Typed, host: Host): Promise<Candidates> => {
  if (spec.value === 'path') return { words: [], directive: files };
  const known = spec.choices ?? (spec.value?.includes('|') === true ? spec.value.split('|') : []);
  const words = spec.names === undefined ? known : await namesOf(spec.names, typed, host);
  return { words: bare(words.map((word) => head + word)), directive: noFiles };
};

/** What the argument that the word would be can be, without what is there already. */
const argumentCandidates = async (typed: Typed, host: Host): Promise<readonly Word[]> => {
  const words = typed.given?.words ?? [];
  const specs = Object.values(typed.command?.args ?? {});
  const last = specs.at(-1);
  const spec = specs[words.length] ?? (last?.kind === 'many' ? last : undefined);
  if (spec?.names === undefined) return bare(spec?.choices ?? []);
  const names = (await namesOf(spec.names, typed, host)).filter((name) => !words.includes(name));
  // A dash in front makes a flag of a name.
  return bare(typed.argumentsOnly ? names : names.filter((name) => !name.startsWith('-')));
};

const commandCandidates = (node: CommandNode | undefined): readonly Word[] =>
  (node?.children ?? [])
    .filter((child) => child.hidden === undefined)
    .map((child) => [child.name, child.summary] as const);

/** Words of ours that may follow: none after an argument. */
const wordCandidates = ({ path, given, argumentsOnly }: Typed): readonly Word[] => {
  const words = given?.words ?? [];
  const atRoot = path.length === 1;
  if (atRoot && words[0] === 'help') {
    const asked = locate(commandTree, words.slice(1), globalFlags);
    return asked.rest.length > 0 ? [] : commandCandidates(asked.path.at(-1));
  }
  if (words.length > 0 || argumentsOnly) return [];
  const below = commandCandidates(path.at(-1));
  return atRoot ? [...below, ['help', 'Help about any command']] : below;
};

const read = async (line: readonly string[]): Promise<Typed> => {
  const { path, rest } = locate(commandTree, line.slice(0, -1), globalFlags);
  const command = (await path.at(-1)?.load?.())?.command;
  const flags = { ...globalFlags, ...command?.flags };
  const word = line.at(-1) ?? '';
  return { word, path, command, flags, ...parsedSoFar(rest, flags), argumentsOnly: rest.includes('--') };
};

const byWord = ([a]: Word, [b]: Word): number => (a < b ? -1 : 1);

const candidatesFor = async (line: readonly string[], host: Host): Promise<Candidates> => {
  const typed = await read(line);
  const { word, flags, awaited } = typed;
  if (typed.given === undefined) return { words: [], directive: noFiles };
  const attached = typed.argumentsOnly ? undefined : attachedValue(typed);
  const { name, head } = awaited === undefined ? (attached ?? {}) : { name: awaited, head: '' };
  const spec = name === undefined ? undefined : flags[name];
  if (spec !== undefined) return valueCandidates(spec, head ?? '', typed, host);
  if (word.startsWith('-') && !typed.argumentsOnly) return { words: flagCandidates(typed), directive: noFiles };
  const words = [...wordCandidates(typed), ...(await argumentCandidates(typed, host))];
  return { words: words.sort(byWord), directive: noFiles };
};

/**
 * Answers the completion scripts: what could be typed next, one candidate a line, then `:` and how the shell should take
 * it. Protocol as in the stock program, so that its scripts work with this one and the reverse.
 */
export const complete = async (line: readonly string[], describe: boolean, host: Host): Promise<void> => {
  const { terminal } = host;
  const { words, directive } = await candidatesFor(line, host);
  const typed = line.at(-1) ?? '';
  const found = words.filter(([word]) => word.startsWith(typed));
  terminal.out(
    found.map(([word, summary]) => (describe && summary !== '' ? `${word}\t${summary}\n` : `${word}\n`)).join(''),
  );
  terminal.out(`:${directive}\n`);
  const meaning = directive === noFiles ? 'ShellCompDirectiveNoFileComp' : 'ShellCompDirectiveDefault';
  terminal.err(`Completion ended with directive: ${meaning}\n`);
};
