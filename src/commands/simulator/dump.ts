import { defineCommand } from '../../cli/command.ts';
import { controlFlags, openControl } from './control.ts';

export const command = defineCommand({
  summary: 'Print the whole state of a running simulator',
  description:
    'As JSON, which tridentctl simulator restore and --state take. Equal states give equal text. It holds the secrets of\nsimulated objects (CHAP, passwords of the topology file), not the passwords that were drawn at the start.',
  examples: ['tridentctl simulator dump'],
  args: {},
  flags: controlFlags,
  async run({ flags }, context) {
    const control = await openControl(flags, context);
    context.terminal.out(await control.text('GET', '/dump'));
  },
});
