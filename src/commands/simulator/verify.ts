import { defineCommand } from '../../cli/command.ts';
import { controlFlags, openControl } from './control.ts';

export const command = defineCommand({
  summary: 'Check that the state of a running simulator holds together',
  examples: ['tridentctl simulator verify'],
  args: {},
  flags: controlFlags,
  async run({ flags }, context) {
    const control = await openControl(flags, context);
    await control.send('GET', '/verify');
    context.terminal.out('all invariants hold\n');
  },
});
