import { Argument, Command as Parser, CommanderError, Option } from 'commander';
import { Problem } from '../engine/problem.ts';
import type { ParsedLine } from './argv.ts';
import { booleanHint, notBoolean, parseBoolean } from './booleans.ts';
import type { AnyCommand, AnyInput, Arguments, Flags, FlagSpec } from './command.ts';

const readBoolean = (name: string, spec: FlagSpec) => (text: string) => {
  const value = parseBoolean(text);
  if (value !== undefined) return value;
  const shown = spec.short === undefined ? `--${name}` : `-${spec.short}, --${name}`;
  throw new Problem(
    'cli.notBoolean',
    'usage',
    `invalid argument ${JSON.stringify(text)} for ${JSON.stringify(shown)} flag: ${notBoolean(text)}`,
    { hint: booleanHint },
  );
};

const optionOf = (name: string, spec: FlagSpec): Option => {
  // Booleans take a value here because the line was brought into the form `--name=value` before.
  const option = new Option(spec.kind === 'boolean' ? `--${name} [value]` : `--${name} <value>`, spec.summary);
  // Commander takes `--no-manage` for the negation of `--manage`; here it is a flag of its own.
  option.negate = false;
  if (spec.kind === 'boolean') option.argParser(readBoolean(name, spec));
  else if (spec.kind === 'list')
    option.argParser((text: string, before: readonly string[] | undefined) => [...(before ?? []), text]);
  return option;
};

/** What a flag is that was not given. */
const defaultOf = (spec: FlagSpec): boolean | string | readonly string[] | undefined => {
  if (spec.kind === 'boolean') return spec.default === 'true';
  return spec.kind === 'list' ? [] : spec.default;
};

const isText = (value: unknown): value is string => typeof value === 'string';
const isList = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every(isText);

/** `accepts 2 arg(s), received 1`, where the number of arguments is fixed. */
const checkCount = (args: Arguments, words: readonly string[]): void => {
  const specs = Object.values(args);
  if (specs.some((spec) => spec.kind === 'many')) return;
  const least = specs.filter((spec) => spec.optional === undefined).length;
  if (words.length >= least && words.length <= specs.length) return;
  const expected = least === specs.length ? String(least) : `between ${least} and ${specs.length}`;
  const names = specs.map(({ name, optional }) => (optional === true ? `[<${name}>]` : `<${name}>`));
  throw new Problem('cli.argumentCount', 'usage', `accepts ${expected} arg(s), received ${words.length}`, {
    hint: names.length === 0 ? 'the command takes no arguments' : `the arguments are ${names.join(' ')}`,
  });
};

const checkRequired = (flags: Flags, given: ReadonlySet<string>): void => {
  const missing = Object.keys(flags).filter((name) => flags[name]?.required && !given.has(name));
  if (missing.length > 0)
    throw new Problem(
      'cli.requiredFlag',
      'usage',
      `required flag(s) ${missing.map((name) => JSON.stringify(name)).join(', ')} not set`,
    );
};

/**
 * Turns a line into the values that a command declared. `flags` are the command's own and the global ones.
 * @throws Problem of kind `usage`
 */
export const readInput = (command: AnyCommand, flags: Flags, line: ParsedLine): AnyInput => {
  const parser = new Parser('tridentctl').helpOption(false).exitOverride();
  parser.configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  const given = new Set(line.flags.map((flag) => flag.name));
  const options = new Map<string, Option>();
  // Only what is on the line: making options takes longer than reading them.
  for (const name of given) {
    const spec = flags[name];
    if (spec === undefined) continue;
    const option = optionOf(name, spec);
    options.set(name, option);
    parser.addOption(option);
  }
  for (const spec of Object.values(command.args))
    parser.addArgument(new Argument(spec.kind === 'many' ? `[${spec.name}...]` : `[${spec.name}]`, spec.summary));
  checkCount(command.args, line.words);
  checkRequired(flags, given);
  try {
    const canonical = line.flags.map((flag) => `--${flag.name}=${flag.value}`);
    parser.parse([...canonical, '--', ...line.words], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    throw new Problem('cli.usage', 'usage', error.message.replace(/^error: /, ''), { cause: error });
  }
  const values: Record<string, boolean | string | readonly string[] | undefined> = {};
  for (const [name, spec] of Object.entries(flags)) {
    const option = options.get(name);
    const value: unknown = option === undefined ? defaultOf(spec) : parser.getOptionValue(option.attributeName());
    values[name] = typeof value === 'boolean' || isText(value) || isList(value) ? value : undefined;
  }
  const args: Record<string, string | readonly string[] | undefined> = {};
  for (const [index, key] of Object.keys(command.args).entries()) {
    const value: unknown = parser.processedArgs[index];
    const many = command.args[key]?.kind === 'many';
    args[key] = isText(value) || isList(value) ? value : many ? [] : undefined;
  }
  return { args, flags: values, given };
};
