import { defineCommand } from '../../cli/command.ts';
import { printItems } from '../../cli/output.ts';
import { nodeView } from '../../cli/views/node.ts';
import { readCollection } from '../shared/collection.ts';
import { nodes } from '../shared/collections.ts';

export const command = defineCommand({
  summary: 'Show nodes',
  examples: ['tridentctl get node', 'tridentctl get node -o wide'],
  args: { names: { kind: 'many', name: 'name', summary: 'name of a node', optional: true, names: 'node' } },
  flags: {},
  async run({ args }, context) {
    const core = await context.core();
    await printItems(await readCollection(core, nodes(core, context.signal), args.names), nodeView, context);
  },
});
