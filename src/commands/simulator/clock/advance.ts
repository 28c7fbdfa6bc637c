import { defineCommand } from '../../../cli/command.ts';
import { showClock } from '../clock-text.ts';
import { controlFlags, openControl } from '../control.ts';
import { readTime } from '../readings.ts';

export const command = defineCommand({
  summary: 'Move the clock of a running simulator forward',
  description: 'What falls due on the way is done: jobs, schedules, transfers. A clock that runs goes on from there.',
  examples: ['tridentctl simulator clock advance 1h'],
  args: { time: { kind: 'one', name: 'time', summary: 'how far, for example 10m' } },
  flags: controlFlags,
  async run({ args, flags }, context) {
    const milliseconds = readTime(args.time, 'clock advance');
    const control = await openControl(flags, context);
    await showClock(await control.send('POST', '/clock', { advance_ms: milliseconds }), context);
  },
});
