import { defineCommand } from '../../../cli/command.ts';
import { controlFlags, openControl } from '../control.ts';

export const command = defineCommand({
  summary: 'Forget the requests that a running simulator was sent',
  examples: ['tridentctl simulator requests clear'],
  args: {},
  flags: controlFlags,
  async run({ flags }, context) {
    const control = await openControl(flags, context);
    await control.send('DELETE', '/requests');
  },
});
