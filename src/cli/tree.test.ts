import { describe, expect, it } from 'vitest';
import { locate, parseLine } from './argv.ts';
import type { Flags } from './command.ts';
import { globalFlags } from './global-flags.ts';
import { helpText } from './help.ts';
import { readInput } from './parser.ts';
import { commandTree, type CommandNode } from './tree.ts';

const walk = (path: readonly CommandNode[]): readonly (readonly CommandNode[])[] => [
  path,
  ...(path.at(-1)?.children ?? []).flatMap((child) => walk([...path, child])),
];
const paths = walk([commandTree]).map((path) => ({ path, line: path.map((node) => node.name).join(' ') }));
const commands = paths.filter(({ path }) => path.at(-1)?.load !== undefined);

/** Words of an example as a shell would split it. */
const split = (example: string): readonly string[] =>
  [...example.replace(/ < .*$/, '').matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? '');

describe.each(commands)('$line', ({ path, line }) => {
  const node = path.at(-1);

  it('says of itself what the table says of it', async () => {
    const loaded = await node?.load?.();
    expect(loaded?.command.summary).toBe(node?.summary);
  });

  it('has flags that do not hide global ones without need', async () => {
    const loaded = await node?.load?.();
    const flags: Flags = loaded?.command.flags ?? {};
    const shorts = Object.values(globalFlags).flatMap((spec) => ('short' in spec ? [spec.short] : []));
    expect(Object.values(flags).flatMap((spec) => shorts.filter((short) => short === spec.short))).toEqual([]);
  });

  it('has examples that it understands', async () => {
    const loaded = await node?.load?.();
    for (const example of loaded?.command.examples ?? []) {
      const [program, ...words] = split(example);
      expect(program).toBe('tridentctl');
      const found = locate(commandTree, words, globalFlags);
      expect(found.path.map((word) => word.name).join(' ')).toBe(line);
      if (loaded === undefined) continue;
      const flags: Flags = { ...globalFlags, ...loaded.command.flags };
      readInput(loaded.command, flags, parseLine(found.rest, flags));
    }
  });
});

it.each(paths)('$line has help that fits a terminal', async ({ path, line }) => {
  const command = (await path.at(-1)?.load?.())?.command;
  const text = helpText(path, command, undefined);
  expect(text).toContain(`Usage:\n  ${line}`);
  expect(text).not.toContain('ignored');
  expect(text.split('\n').filter((row) => row.length > 140)).toEqual([]);
  const narrow = helpText(path, command, 80);
  // What is to be copied stays as it is.
  expect(narrow.split('\n').filter((row) => row.length > 80 && !/^(?:  |Use ")tridentctl /.test(row))).toEqual([]);
  expect(narrow.replace(/\s+/g, ' ')).toBe(text.replace(/\s+/g, ' '));
});

it('has no word twice on one level', () => {
  for (const { path } of paths) {
    const words = (path.at(-1)?.children ?? []).flatMap((child) => [child.name, ...child.aliases]);
    expect(words.filter((word, index) => words.indexOf(word) !== index)).toEqual([]);
  }
});
