import { defineCommand } from '../../cli/command.ts';
import { showClock } from './clock-text.ts';
import { controlFlags, openControl } from './control.ts';

export const command = defineCommand({
  summary: 'Show the clock of a running simulator',
  examples: ['tridentctl simulator clock'],
  args: {},
  flags: controlFlags,
  async run({ flags }, context) {
    const control = await openControl(flags, context);
    await showClock(await control.send('GET', '/clock'), context);
  },
});
