import { defineCommand } from '../../../cli/command.ts';
import { showClock } from '../clock-text.ts';
import { controlFlags, openControl } from '../control.ts';
import { readInstant } from '../readings.ts';

export const command = defineCommand({
  summary: 'Let the clock of a running simulator stand at a later instant',
  description:
    'An instant is written like 2025-05-01T09:30:00Z; `now` stops the clock where it is. What falls due on the way is done:\njobs, schedules, transfers.',
  examples: ['tridentctl simulator clock set now'],
  args: { instant: { kind: 'one', name: 'instant', summary: 'a date and time, or now' } },
  flags: controlFlags,
  async run({ args, flags }, context) {
    const instant = args.instant === 'now' ? 'now' : readInstant(args.instant, 'clock set').toISOString();
    const control = await openControl(flags, context);
    await showClock(await control.send('POST', '/clock', { set: instant }), context);
  },
});
