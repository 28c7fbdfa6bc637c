import type { AnyCommand, Flags, FlagSpec } from './command.ts';
import { globalFlags } from './global-flags.ts';
import type { CommandNode } from './tree.ts';

const usageOf = (line: string, node: CommandNode, command: AnyCommand | undefined): readonly string[] => {
  const usages: string[] = [];
  if (command !== undefined) {
    const args = Object.values(command.args).flatMap((spec) => {
      if (spec.hidden === true) return [];
      const name = `<${spec.name}>${spec.kind === 'many' ? '...' : ''}`;
      return spec.optional === undefined ? ` ${name}` : ` [${name}]`;
    });
    usages.push(`${line}${args.join('')} [flags]`);
  }
  if (node.children.length > 0) usages.push(`${line} [command]`);
  return usages;
};

/** Text in lines of at most so many characters, broken at blanks; a longer word keeps a line of its own. */
const folded = (text: string, room: number): readonly string[] => {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < room) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
};

/** Below this the second column would be a string of single words: the terminal may fold it. */
const leastRoom = 24;

/** Rows of two columns, the second one aligned, and folded where the terminal is so wide. */
const aligned = (
  rows: readonly (readonly [left: string, right: string])[],
  gap: number,
  columns: number | undefined,
): readonly string[] => {
  const width = Math.max(...rows.map(([left]) => left.length)) + gap;
  const room = columns === undefined ? 0 : columns - width - 2;
  return rows.flatMap(([left, right]) =>
    (room < leastRoom ? [right] : folded(right, room)).map((text, index) =>
      `  ${(index === 0 ? left : '').padEnd(width)}${text}`.trimEnd(),
    ),
  );
};

const flagRow = (name: string, spec: FlagSpec): readonly [string, string] => {
  const short = spec.short === undefined ? '    ' : `-${spec.short}, `;
  const value = spec.kind === 'boolean' ? '' : ` ${spec.value ?? (spec.kind === 'list' ? 'stringArray' : 'string')}`;
  const preset =
    spec.default === undefined
      ? ''
      : ` (default ${spec.kind === 'boolean' ? spec.default : JSON.stringify(spec.default)})`;
  return [`${short}--${name}${value}`, `${spec.summary}${preset}`];
};

const flagRows = (flags: Flags, columns: number | undefined): readonly string[] => {
  const shown = Object.entries(flags)
    .filter(([, spec]) => spec.hidden === undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return aligned(
    shown.map(([name, spec]) => flagRow(name, spec)),
    3,
    columns,
  );
};

const section = (title: string, lines: readonly string[]): string => `\n${title}:\n${lines.join('\n')}\n`;

/**
 * Help for the last word of a path, in the layout that the stock program's help has.
 * @param columns of the terminal; undefined where nothing is to be folded
 */
export const helpText = (
  path: readonly CommandNode[],
  command: AnyCommand | undefined,
  columns: number | undefined,
): string => {
  const node = path.at(-1);
  if (node === undefined) return '';
  const line = path.map((word) => word.name).join(' ');
  const own: Flags = { ...command?.flags, help: globalFlags.help };
  const global: Flags = Object.fromEntries(
    Object.entries(globalFlags).filter(([name]) => name !== 'help' && !Object.hasOwn(own, name)),
  );
  const children = node.children.filter((child) => child.hidden === undefined);
  const isRoot = path.length === 1;
  const about = command?.description === undefined ? node.summary : `${node.summary}\n\n${command.description}`;
  const lines = columns === undefined ? [about] : about.split('\n').flatMap((each) => folded(each, columns));
  let text = `${lines.join('\n')}\n`;
  text += section(
    'Usage',
    usageOf(line, node, command).map((usage) => `  ${usage}`),
  );
  if (node.aliases.length > 0) text += section('Aliases', [`  ${[node.name, ...node.aliases].join(', ')}`]);
  if (command?.examples !== undefined)
    text += section(
      'Examples',
      command.examples.map((example) => `  ${example}`),
    );
  if (children.length > 0) {
    const rows = children.map((child) => [child.name, child.summary] as const);
    if (isRoot) rows.push(['help', 'Help about any command']);
    rows.sort(([a], [b]) => (a < b ? -1 : 1));
    text += section('Available Commands', aligned(rows, 1, columns));
  }
  if (isRoot) text += section('Flags', flagRows(globalFlags, columns));
  else text += section('Flags', flagRows(own, columns)) + section('Global Flags', flagRows(global, columns));
  if (children.length > 0) text += `\nUse "${line} [command] --help" for more information about a command.\n`;
  return text;
};
