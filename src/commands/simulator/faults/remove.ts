import * as v from 'valibot';
import { Problem } from '../../../engine/problem.ts';
import { defineCommand } from '../../../cli/command.ts';
import { removedAnswer } from '../answers.ts';
import { controlFlags, openControl } from '../control.ts';

export const command = defineCommand({
  summary: 'Remove faults of a running simulator',
  examples: ['tridentctl simulator faults remove slow', 'tridentctl simulator faults remove --all'],
  args: { names: { kind: 'many', name: 'name', summary: 'which faults', optional: true } },
  flags: { ...controlFlags, all: { kind: 'boolean', short: 'a', summary: 'all faults' } },
  async run({ args, flags }, context) {
    if (flags.all === args.names.length > 0)
      throw new Problem('cli.allAndNames', 'usage', 'name faults, or use --all', {
        hint: 'tridentctl simulator faults lists them',
      });
    const control = await openControl(flags, context);
    if (flags.all) await control.send('DELETE', '/faults');
    for (const name of args.names) {
      const answer = await control.send('DELETE', `/faults/${encodeURIComponent(name)}`);
      if (!v.parse(removedAnswer, answer).removed)
        throw new Problem('cli.noFault', 'notFound', `there is no fault ${JSON.stringify(name)}`, {
          hint: 'tridentctl simulator faults lists them',
        });
    }
  },
});
