import { defineCommand } from '../../cli/command.ts';
import { readCollection } from '../shared/collection.ts';
import { backends } from '../shared/collections.ts';
import { showBackends } from '../shared/show.ts';

export const command = defineCommand({
  summary: 'Show storage backends',
  examples: ['tridentctl get backend', 'tridentctl get backend -o json', 'tridentctl get backend nas1 -o yaml'],
  args: {
    names: { kind: 'many', name: 'name', summary: 'name or UUID of a backend', optional: true, names: 'backend' },
  },
  flags: {},
  async run({ args }, context) {
    const core = await context.core();
    await showBackends(await readCollection(core, backends(core, context.signal), args.names), context);
  },
});
