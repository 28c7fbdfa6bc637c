import { parseSize } from '../../../engine/sizes.ts';
import { defineCommand } from '../../../cli/command.ts';
import { controlFlags, openControl } from '../control.ts';

export const command = defineCommand({
  summary: 'Let data of others fill an aggregate of a running simulator',
  examples: ['tridentctl simulator set aggregate aggr1_n1 --available 10Gi'],
  args: { name: { kind: 'one', name: 'aggregate', summary: 'name of the aggregate' } },
  flags: {
    ...controlFlags,
    available: { kind: 'string', value: 'size', required: true, summary: 'bytes that are to be left' },
  },
  async run({ args, flags }, context) {
    const bytes = parseSize(flags.available);
    const control = await openControl(flags, context);
    await control.send('POST', `/aggregates/${encodeURIComponent(args.name)}/available`, { bytes });
  },
});
