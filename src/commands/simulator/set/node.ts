import { Problem } from '../../../engine/problem.ts';
import { defineCommand } from '../../../cli/command.ts';
import { controlFlags, openControl } from '../control.ts';

const changes = ['up', 'down', 'takeover', 'giveback'];

export const command = defineCommand({
  summary: 'Take a node of a running simulator down, up again, or over',
  description:
    'What a node that is down serves is offline, unless its partner takes it over: then aggregates stay online, interfaces\nfor files move, and those for blocks are down until the partner gives them back.',
  examples: [
    'tridentctl simulator set node sim-cluster-01 down',
    'tridentctl simulator set node sim-cluster-01 takeover',
  ],
  args: {
    name: { kind: 'one', name: 'node', summary: 'name of the node' },
    change: { kind: 'one', name: 'change', choices: changes, summary: 'up, down, takeover or giveback' },
  },
  flags: controlFlags,
  async run({ args, flags }, context) {
    if (!changes.includes(args.change))
      throw new Problem('cli.nodeChange', 'usage', `say ${changes.join(', ')}, not ${JSON.stringify(args.change)}`);
    const control = await openControl(flags, context);
    await control.send('POST', `/nodes/${encodeURIComponent(args.name)}/${args.change}`);
  },
});
