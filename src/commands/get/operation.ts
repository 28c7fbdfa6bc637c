import { defineCommand } from '../../cli/command.ts';
import { printItems } from '../../cli/output.ts';
import { operationView } from '../../cli/views/core.ts';
import { mapTogether, present } from '../shared/collection.ts';
import { explain } from '../shared/explain.ts';

export const command = defineCommand({
  summary: 'Show the journal: operations that run, ended or were interrupted',
  examples: ['tridentctl get operation', 'tridentctl get operation -o wide'],
  args: { ids: { kind: 'many', name: 'id', summary: 'ID of an operation', optional: true, names: 'operation' } },
  flags: { open: { kind: 'boolean', summary: 'only what has not ended or is stuck' } },
  async run({ args, flags }, context) {
    const { call } = await context.core();
    const { signal } = context;
    const found =
      args.ids.length === 0
        ? (await explain('could not get operations', () => call.listOperations({ params: {}, signal }))).operations
        : await mapTogether(args.ids, (operation) =>
            explain(`could not get operation ${operation}`, async () =>
              present((await call.getOperation({ params: { operation }, signal })).operation, 'operation'),
            ),
          );
    const items = flags.open ? found.filter(({ outcome }) => outcome === 'open' || outcome === 'stuck') : found;
    await printItems(items, operationView, context);
  },
});
