import { defineCommand } from '../../cli/command.ts';
import { printValue } from '../../cli/output.ts';
import { controlFlags, openControl } from './control.ts';

export const command = defineCommand({
  summary: 'Check that the state of a running simulator holds together',
  examples: ['tridentctl simulator verify'],
  args: {},
  flags: controlFlags,
  async run({ flags }, context) {
    const control = await openControl(flags, context);
    await control.send('GET', '/verify');
    await printValue({ holds: true }, 'all invariants hold\n', context);
  },
});
