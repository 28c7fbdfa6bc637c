import { defineCommand } from '../../../cli/command.ts';
import { showClock } from '../clock-text.ts';
import { controlFlags, openControl } from '../control.ts';
import { readSpeed } from '../readings.ts';

export const command = defineCommand({
  summary: 'Let the clock of a running simulator run',
  description: 'From where it is. What falls due is done as it runs: jobs, schedules, transfers.',
  examples: ['tridentctl simulator clock run', 'tridentctl simulator clock run --speed 3600'],
  args: {},
  flags: {
    ...controlFlags,
    speed: { kind: 'string', value: 'factor', default: '1', summary: 'how many times as fast as the machine’s clock' },
  },
  async run({ flags }, context) {
    const speed = readSpeed(flags.speed, '--speed');
    const control = await openControl(flags, context);
    await showClock(await control.send('POST', '/clock', { run: speed }), context);
  },
});
