import * as v from 'valibot';
import type { CommandContext } from '../../cli/command.ts';
import { printValue } from '../../cli/output.ts';
import { clockAnswer } from './answers.ts';

/** Prints what the control plane says of the clock. */
export const showClock = async (answer: unknown, context: CommandContext): Promise<void> => {
  const clock = v.parse(clockAnswer, answer);
  const pace = clock.frozen ? ' (stands still)' : clock.speed === undefined ? '' : ` (${clock.speed} times as fast)`;
  await printValue(clock, `${clock.now}${pace}\n`, context);
};
