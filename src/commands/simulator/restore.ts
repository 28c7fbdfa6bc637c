import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { messageOf, Problem } from '../../engine/problem.ts';
import { defineCommand, type CommandContext } from '../../cli/command.ts';
import { controlFlags, openControl } from './control.ts';

/** The text as it is; the simulator reads it. */
const readState = async (path: string, { options, terminal }: CommandContext): Promise<string> => {
  try {
    const text =
      path === '-'
        ? String(await terminal.readInput(Number.POSITIVE_INFINITY))
        : await readFile(resolve(options.directory, path), 'utf8');
    JSON.parse(text);
    return text;
  } catch (error) {
    throw new Problem('cli.state', 'invalid', `cannot read a state from ${path}: ${messageOf(error)}`, {
      cause: error,
    });
  }
};

export const command = defineCommand({
  summary: 'Put a running simulator into a state that was dumped',
  examples: ['tridentctl simulator restore -f sim.json'],
  args: {},
  flags: {
    ...controlFlags,
    filename: {
      kind: 'string',
      short: 'f',
      value: 'path',
      required: true,
      summary: 'file with the state, - for standard input',
    },
  },
  async run({ flags }, context) {
    const state = await readState(flags.filename, context);
    const control = await openControl(flags, context);
    try {
      await control.send('POST', '/restore', state);
    } catch (error) {
      if (!Problem.is(error) || error.code !== 'cli.simulatorRefused') throw error;
      throw new Problem('cli.state', 'invalid', `cannot restore ${flags.filename}: ${error.message}`, {
        cause: error,
        hint: 'the simulator keeps the state that it has',
      });
    }
  },
});
