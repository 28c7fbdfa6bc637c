import { Problem } from '../../engine/problem.ts';
import { defineCommand } from '../../cli/command.ts';
import { printItems } from '../../cli/output.ts';
import { nodeView } from '../../cli/views/node.ts';
import { nodes } from '../shared/collections.ts';
import { explain } from '../shared/explain.ts';

const readiness = (summary: string) => ({ kind: 'boolean', default: 'true', summary }) as const;

export const command = defineCommand({
  summary: 'Change what is known of the readiness of a node',
  examples: ['tridentctl update node worker-1 --administratorReady=false'],
  args: { name: { kind: 'one', name: 'name', summary: 'name of the node', names: 'node' } },
  flags: {
    administratorReady: readiness('an administrator says that the node may be used'),
    orchestratorReady: readiness('the orchestrator says that the node may be used'),
    provisionerReady: readiness('the storage has been cleaned of what the node left'),
    yesireallymeanit: { kind: 'boolean', summary: 'ask nothing' },
  },
  async run({ args, flags, given }, context) {
    const core = await context.core();
    const { signal, progress } = context;
    const body = {
      ...(given.has('orchestratorReady') ? { orchestratorReady: flags.orchestratorReady } : {}),
      ...(given.has('administratorReady') ? { administratorReady: flags.administratorReady } : {}),
      ...(given.has('provisionerReady') ? { provisionerReady: flags.provisionerReady } : {}),
    };
    try {
      await explain(`could not update node ${args.name}`, () =>
        core.call.updateNode({ params: { node: args.name }, body, signal, progress }),
      );
    } catch (error) {
      if (Problem.is(error) && error.kind === 'notFound')
        context.terminal.err('note: the flags are --orchestratorReady, --administratorReady and --provisionerReady\n');
      throw error;
    }
    const node = await explain(`could not get node ${args.name}`, () => nodes(core, signal).get(args.name));
    await printItems([node], nodeView, context);
  },
});
