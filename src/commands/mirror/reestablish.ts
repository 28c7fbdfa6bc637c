import { defineCommand } from '../../cli/command.ts';
import { present } from '../shared/collection.ts';
import { explain } from '../shared/explain.ts';
import { mirrorArgument, mirrorFlags, relationshipOf, showMirrors, waitForTransfer } from '../shared/mirrors.ts';
import { dryRunFlag } from '../shared/flags.ts';

export const command = defineCommand({
  summary: 'Make a promoted volume a mirror again',
  description: 'What was written to the volume since it was promoted is lost. It must not be published to a node.',
  examples: ['tridentctl mirror reestablish copy1 --wait'],
  args: mirrorArgument,
  flags: { ...mirrorFlags, ...dryRunFlag },
  async run({ args: { volume }, flags }, context) {
    const { call } = await context.core();
    const { signal, progress } = context;
    const body = relationshipOf(flags);
    const mirror = await explain(`could not reestablish the mirror of volume ${volume}`, async () =>
      present((await call.reestablishMirror({ params: { volume }, body, signal, progress })).mirror, 'mirror'),
    );
    await showMirrors([flags.wait ? await waitForTransfer(mirror, context) : mirror], context);
  },
});
