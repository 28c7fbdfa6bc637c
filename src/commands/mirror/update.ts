import { defineCommand } from '../../cli/command.ts';
import { present } from '../shared/collection.ts';
import { explain } from '../shared/explain.ts';
import { showMirrors, waitForTransfer } from '../shared/mirrors.ts';
import { dryRunFlag } from '../shared/flags.ts';

export const command = defineCommand({
  summary: 'Bring a mirror up to date',
  examples: ['tridentctl mirror update copy1 --wait'],
  args: { volume: { kind: 'one', name: 'volume', summary: 'the mirror', names: 'volume' } },
  flags: {
    ...dryRunFlag,
    snapshot: { kind: 'string', value: 'snapshot', summary: 'only up to this snapshot of the source' },
    wait: { kind: 'boolean', summary: 'wait until the transfer has ended' },
  },
  async run({ args: { volume }, flags: { snapshot, wait } }, context) {
    const { call } = await context.core();
    const { signal, progress } = context;
    const body = snapshot === undefined ? {} : { snapshot };
    const mirror = await explain(`could not update the mirror of volume ${volume}`, async () =>
      present((await call.updateMirror({ params: { volume }, body, signal, progress })).mirror, 'mirror'),
    );
    await showMirrors([wait ? await waitForTransfer(mirror, context) : mirror], context);
  },
});
