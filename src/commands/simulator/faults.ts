import * as v from 'valibot';
import { defineCommand } from '../../cli/command.ts';
import { printItems } from '../../cli/output.ts';
import { faultsAnswer } from './answers.ts';
import { controlFlags, openControl } from './control.ts';
import { faultView } from './faults-view.ts';

export const command = defineCommand({
  summary: 'Show the faults of a running simulator and how often they struck',
  examples: ['tridentctl simulator faults', 'tridentctl simulator faults -o json'],
  args: {},
  flags: controlFlags,
  async run({ flags }, context) {
    const control = await openControl(flags, context);
    await printItems(v.parse(faultsAnswer, await control.send('GET', '/faults')).faults, faultView, context);
  },
});
