import { defineCommand } from '../../../cli/command.ts';
import { controlFlags, openControl } from '../control.ts';
import { upOrDown } from '../up-or-down.ts';

export const command = defineCommand({
  summary: 'Take a network interface of a running simulator down, or up again',
  examples: ['tridentctl simulator set interface nas_n1 down', 'tridentctl simulator set interface nas_n1 up'],
  args: {
    name: { kind: 'one', name: 'interface', summary: 'name of the interface' },
    state: { kind: 'one', name: 'state', choices: ['up', 'down'], summary: 'up or down' },
  },
  flags: controlFlags,
  async run({ args, flags }, context) {
    const state = upOrDown(args.state);
    const control = await openControl(flags, context);
    await control.send('POST', `/interfaces/${encodeURIComponent(args.name)}/${state}`);
  },
});
