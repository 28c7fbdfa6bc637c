import { defineCommand } from '../../cli/command.ts';
import { controlFlags, openControl } from './control.ts';

export const command = defineCommand({
  summary: 'End a job of a running simulator that is stalled, paused or not yet done',
  args: { job: { kind: 'one', name: 'job', summary: 'UUID of the job' } },
  flags: controlFlags,
  async run({ args, flags }, context) {
    const control = await openControl(flags, context);
    await control.send('POST', `/jobs/${encodeURIComponent(args.job)}/finish`);
  },
});
