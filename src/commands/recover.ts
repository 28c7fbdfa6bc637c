import { defineCommand } from '../cli/command.ts';
import { printItems } from '../cli/output.ts';
import { operationView } from '../cli/views/core.ts';
import { explain } from './shared/explain.ts';

export const command = defineCommand({
  summary: 'Finish or undo operations that were interrupted',
  description: 'Shows the operations that were taken care of. What runs in another process is left alone.',
  examples: ['tridentctl recover'],
  args: {},
  flags: {},
  async run(_input, context) {
    const { call } = await context.core();
    const { signal, progress } = context;
    const answer = await explain('could not recover operations', () =>
      call.recoverOperations({ params: {}, signal, progress }),
    );
    await printItems(answer.operations, operationView, context);
  },
});
