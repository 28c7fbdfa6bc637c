import { Problem } from '../../../engine/problem.ts';
import { parseSize } from '../../../engine/sizes.ts';
import { defineCommand } from '../../../cli/command.ts';
import { controlFlags, openControl } from '../control.ts';

export const command = defineCommand({
  summary: 'Fill or enlarge an aggregate of a running simulator',
  examples: [
    'tridentctl simulator set aggregate aggr1_n1 --available 10Gi',
    'tridentctl simulator set aggregate aggr1_n1 --size 20Ti',
  ],
  args: { name: { kind: 'one', name: 'aggregate', summary: 'name of the aggregate' } },
  flags: {
    ...controlFlags,
    available: { kind: 'string', value: 'size', summary: 'bytes that are to be left; data of others takes the rest' },
    size: { kind: 'string', value: 'size', summary: 'bytes that it is to have in all' },
  },
  async run({ args, flags }, context) {
    if (flags.size === undefined && flags.available === undefined)
      throw new Problem('cli.usage', 'usage', 'say what is to change: --available or --size');
    const size = flags.size === undefined ? undefined : parseSize(flags.size);
    const available = flags.available === undefined ? undefined : parseSize(flags.available);
    const control = await openControl(flags, context);
    const path = `/aggregates/${encodeURIComponent(args.name)}`;
    if (size !== undefined) await control.send('POST', `${path}/size`, { bytes: size });
    if (available !== undefined) await control.send('POST', `${path}/available`, { bytes: available });
  },
});
