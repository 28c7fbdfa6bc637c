import { defineCommand } from '../../cli/command.ts';
import { present } from '../shared/collection.ts';
import { explain } from '../shared/explain.ts';
import { mirrorFlags, showMirrors, waitForTransfer } from '../shared/mirrors.ts';
import { dryRunFlag } from '../shared/flags.ts';

export const command = defineCommand({
  summary: 'Make a volume the mirror of one on another array',
  description:
    'The volume must have been created with --mirror-destination. Repeating the command goes on where it stands.',
  examples: ['tridentctl mirror establish copy1 --source svm1:trident_v1 --policy MirrorAllSnapshots --wait'],
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
    const mirror = await explain(`could not establish the mirror of volume ${volume}`, async () =>
      present((await call.establishMirror({ params: { volume }, body, signal, progress })).mirror, 'mirror'),
    );
    await showMirrors([wait ? await waitForTransfer(mirror, context) : mirror], context);
  },
});
