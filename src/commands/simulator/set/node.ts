import { defineCommand } from '../../../cli/command.ts';
import { controlFlags, openControl } from '../control.ts';
import { upOrDown } from '../up-or-down.ts';

export const command = defineCommand({
  summary: 'Take a node of a running simulator down, or up again',
  examples: ['tridentctl simulator set node sim-cluster-01 down', 'tridentctl simulator set node sim-cluster-01 up'],
  args: {
    name: { kind: 'one', name: 'node', summary: 'name of the node' },
    state: { kind: 'one', name: 'state', summary: 'up or down' },
  },
  flags: controlFlags,
  async run({ args, flags }, context) {
    const state = upOrDown(args.state);
    const control = await openControl(flags, context);
    await control.send('POST', `/nodes/${encodeURIComponent(args.name)}/${state}`);
  },
});
