import { defineCommand } from '../../cli/command.ts';
import { present } from '../shared/collection.ts';
import { explain } from '../shared/explain.ts';
import { mirrorFlags, showMirrors, waitForTransfer } from '../shared/mirrors.ts';
import { dryRunFlag } from '../shared/flags.ts';

export const command = defineCommand({
  summary: 'Make a promoted volume a mirror again',
  description: 'What was written to the volume since it was promoted is lost. It must not be published to a node.',
  examples: ['tridentctl mirror reestablish copy1 --wait'],
  args: { volume: { kind: 'one', name: 'volume', summary: 'the volume that is to be the mirror', names: 'volume' } },
  flags: { ...mirrorFlags, ...dryRunFlag },
  async run({ args: { volume }, flags }, context) {
    const { call } = await context.core();
    const { signal, progress } = context;
    const { source: remoteVolume, policy, schedule, wait } = flags;
    const body = {
      ...(remoteVolume === undefined ? {} : { remoteVolume }),
      ...(policy === undefined ? {} : { policy }),
      ...(schedule === undefined ? {} : { schedule }),
    };
    const mirror = await explain(`could not reestablish the mirror of volume ${volume}`, async () =>
      present((await call.reestablishMirror({ params: { volume }, body, signal, progress })).mirror, 'mirror'),
    );
    await showMirrors([wait ? await waitForTransfer(mirror, context) : mirror], context);
  },
});
