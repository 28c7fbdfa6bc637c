import * as v from 'valibot';
import type { CommandContext } from '../../cli/command.ts';
import { formatOf, printDocument } from '../../cli/output.ts';
import { clockAnswer } from './answers.ts';

/** Prints what the control plane says of the clock. */
export const showClock = async (answer: unknown, context: CommandContext): Promise<void> => {
  const clock = v.parse(clockAnswer, answer);
  const format = formatOf(context.options);
  if (format === 'json' || format === 'yaml') await printDocument(clock, format, context.terminal);
  else context.terminal.out(`${clock.now}${clock.frozen ? ' (stands still)' : ''}\n`);
};
