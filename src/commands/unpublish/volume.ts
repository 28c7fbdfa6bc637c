import { defineCommand } from '../../cli/command.ts';
import { explain } from '../shared/explain.ts';
import { dryRunFlag } from '../shared/flags.ts';

export const command = defineCommand({
  summary: 'Unpublish a volume from a node',
  description: 'Takes the access of the node away on the storage. A volume that is not published there stays as it is.',
  examples: ['tridentctl unpublish volume v1 worker-1'],
  args: {
    volume: { kind: 'one', name: 'volume', summary: 'name of the volume', names: 'volume' },
    node: { kind: 'one', name: 'node', summary: 'name of the node', names: 'node' },
  },
  flags: dryRunFlag,
  async run({ args }, context) {
    const { call } = await context.core();
    const { signal, progress } = context;
    await explain(`could not unpublish volume ${args.volume} from node ${args.node}`, () =>
      call.unpublishVolume({ params: args, signal, progress }),
    );
  },
});
