import { Problem } from '../engine/problem.ts';
import { locate, parseLine, type Located, type ParsedLine } from './argv.ts';
import { parseBoolean } from './booleans.ts';
import type { AnyCommand, CommandContext, Flags } from './command.ts';
import { reportError, type ErrorStyle } from './errors.ts';
import { globalFlags } from './global-flags.ts';
import { readGlobalOptions } from './global-options.ts';
import { showProgress } from './progress.ts';
import type { Terminal } from './terminal.ts';
import { commandTree, type CommandNode } from './tree.ts';
import type { Host } from './host.ts';

/** Whether one exit status for each kind of error is asked for; also known when the line could not be read. */
const wantsDetail = (line: readonly string[], environment: Host['environment']): boolean => {
  const index = line.findLastIndex((word) => word === '--exit-status' || word.startsWith('--exit-status='));
  const flag = index < 0 ? undefined : (line[index]?.split('=')[1] ?? line[index + 1]);
  return (flag ?? environment['TRIDENTCTL_EXIT_STATUS']) === 'detailed';
};

const debugFlag = /^(?:-[hv]*d[hv]*|--debug(?:=(?:1|t|true))?)$/i;
/** Also known when the line could not be read. */
const wantsDebug = (line: readonly string[]): boolean => line.some((word) => debugFlag.test(word));

const showHelp = async (path: readonly CommandNode[], command: AnyCommand | undefined, terminal: Terminal) => {
  const { helpText } = await import('./help.ts');
  terminal.out(helpText(path, command, terminal.width));
};

const wrongWord = async (path: readonly CommandNode[], word: string, { environment }: Host): Promise<Problem> =>
  (await import('./wrong-word.ts')).wrongWord(path, word, environment);

/** `help get volume`. */
const helpOn = async (words: readonly string[], host: Host): Promise<void> => {
  const { path, rest } = locate(commandTree, words, globalFlags);
  const [unknown] = parseLine(rest, globalFlags).words;
  if (unknown !== undefined) throw await wrongWord(path, unknown, host);
  await showHelp(path, (await path.at(-1)?.load?.())?.command, host.terminal);
};

/** Reads a line that names no command. */
const parseWithoutCommand = async (located: Located, host: Host): Promise<ParsedLine> => {
  const { path, rest, end } = located;
  const word = rest[end];
  if (path.length === 1 && word !== undefined && word !== 'help') {
    const later = (await import('./wrong-word.ts')).laterCommand(path, word);
    if (later !== undefined) throw later;
  }
  try {
    return parseLine(rest, globalFlags);
  } catch (error) {
    throw (await import('./wrong-word.ts')).wrongLine(error, located, host.environment);
  }
};

const interrupted = (cause: unknown) =>
  new Problem('cli.interrupted', 'interrupted', 'interrupted', {
    cause,
    hint: '`tridentctl get operation` shows what was begun; the next command, or `tridentctl recover`, finishes or undoes it',
  });

/** How errors are told: guessed from the line, until it was read. */
type Manner = { -readonly [Part in keyof ErrorStyle]: ErrorStyle[Part] };

const execute = async (
  command: AnyCommand,
  flags: Flags,
  line: ParsedLine,
  host: Host,
  manner: Manner,
): Promise<void> => {
  const { readInput } = await import('./parser.ts');
  const input = readInput(command, flags, line);
  const options = readGlobalOptions(
    input.flags,
    host,
    Object.hasOwn(command.flags, 'log-level') ? new Set() : input.given,
  );
  manner.debug = options.debug;
  const { terminal, progress, clear } = showProgress(host.terminal, options.verbose);
  const dryRun = input.flags['dry-run'] === true ? (await import('./dry-run.ts')).openDryRun() : undefined;
  let opened: ReturnType<CommandContext['core']> | undefined;
  const open: CommandContext['core'] = async () => {
    const { openCore } = await import('./core.ts');
    const core = await openCore(options, terminal);
    return dryRun === undefined ? core : dryRun.wrap(core);
  };
  const context: CommandContext = {
    terminal,
    options,
    get signal() {
      return host.signal;
    },
    progress,
    core: () => (opened ??= open()),
  };
  try {
    await (dryRun === undefined
      ? command.run(input, context)
      : dryRun.run((planned) => command.run(input, planned), context));
  } finally {
    clear();
    // A core that could not be opened was reported by whoever asked for it.
    const core = await opened?.catch(() => undefined);
    await core?.[Symbol.asyncDispose]();
  }
};

const dispatch = async (line: readonly string[], host: Host, manner: Manner): Promise<void> => {
  if (line[0] === '__complete' || line[0] === '__completeNoDesc') {
    // The words are a line that is being typed: nothing in them is a flag of ours.
    const { complete } = await import('./completion.ts');
    return complete(line.slice(1), line[0] === '__complete', host);
  }
  const located = locate(commandTree, line, globalFlags);
  const { path } = located;
  const node = path.at(-1) ?? commandTree;
  const command = (await node.load?.())?.command;
  const flags: Flags = { ...globalFlags, ...command?.flags };
  const parsed = command === undefined ? await parseWithoutCommand(located, host) : parseLine(located.rest, flags);
  if (path.length === 1 && parsed.words[0] === 'help') return helpOn(parsed.words.slice(1), host);
  const help = parsed.flags.findLast((flag) => flag.name === 'help');
  if (help !== undefined && parseBoolean(help.value) !== false) return showHelp(path, command, host.terminal);
  const [unknown] = parsed.words;
  // A word after a command that has words below it, and takes no arguments, is meant to be one of those.
  const groups = node.children.length > 0 && Object.keys(command?.args ?? {}).length === 0;
  if (unknown !== undefined && (command === undefined || groups)) throw await wrongWord(path, unknown, host);
  if (command !== undefined) return execute(command, flags, parsed, host, manner);
  return showHelp(path, undefined, host.terminal);
};

/** Runs one command line to its end. Never throws: returns the exit status. */
export const run = async (line: readonly string[], host: Host): Promise<number> => {
  const manner: Manner = { debug: wantsDebug(line), detailed: wantsDetail(line, host.environment) };
  try {
    await dispatch(line, host, manner);
    return 0;
  } catch (error) {
    const aborted = host.signal.aborted && !(Problem.is(error) && error.kind === 'interrupted');
    return reportError(aborted ? interrupted(error) : error, host.terminal, manner);
  }
};
