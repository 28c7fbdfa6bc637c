import { defineCommand } from '../../cli/command.ts';
import { present } from '../shared/collection.ts';
import { explain } from '../shared/explain.ts';
import { mirrorArgument, mirrorFlags, relationshipOf, showMirrors, waitForTransfer } from '../shared/mirrors.ts';
import { dryRunFlag } from '../shared/flags.ts';

export const command = defineCommand({
  summary: 'Make a volume the mirror of one on another array',
  description:
    'The volume must have been created with --mirror-destination. Repeating the command goes on where it stands.',
  examples: ['tridentctl mirror establish copy1 --source svm1:trident_v1 --policy MirrorAllSnapshots --wait'],
  args: mirrorArgument,
  flags: { ...mirrorFlags, ...dryRunFlag },
  async run({ args: { volume }, flags }, context) {
    const { call } = await context.core();
    const { signal, progress } = context;
    const body = relationshipOf(flags);
    const mirror = await explain(`could not establish the mirror of volume ${volume}`, async () =>
      present((await call.establishMirror({ params: { volume }, body, signal, progress })).mirror, 'mirror'),
    );
    await showMirrors([flags.wait ? await waitForTransfer(mirror, context) : mirror], context);
  },
});
