import { Problem } from '../../engine/problem.ts';
import { defineCommand } from '../../cli/command.ts';
import { present } from '../shared/collection.ts';
import { explain } from '../shared/explain.ts';
import { showMirrors } from '../shared/mirrors.ts';
import { dryRunFlag } from '../shared/flags.ts';

export const command = defineCommand({
  summary: 'Make a mirror a volume of its own',
  description:
    'The mirror is ended and the volume can be written, also when the other array is gone. Without --snapshot it holds\nwhat the last transfer brought.',
  examples: ['tridentctl mirror promote copy1'],
  args: { volume: { kind: 'one', name: 'volume', summary: 'the mirror', names: 'volume' } },
  flags: {
    ...dryRunFlag,
    snapshot: {
      kind: 'string',
      value: 'snapshot',
      summary: 'promote at this snapshot of the source, once it has come over; what is newer is discarded',
    },
  },
  async run({ args: { volume }, flags: { snapshot } }, context) {
    const { call } = await context.core();
    const { signal, progress } = context;
    const body = snapshot === undefined ? {} : { snapshot };
    const mirror = await explain(`could not promote volume ${volume}`, async () =>
      present((await call.promoteMirror({ params: { volume }, body, signal, progress })).mirror, 'mirror'),
    );
    if (mirror.waiting)
      throw new Problem(
        'mirror.waiting',
        'conflict',
        `volume ${volume} was not promoted: snapshot ${snapshot ?? ''} has not come over yet`,
        { hint: `bring it over with: tridentctl mirror update ${volume} --wait`, nothingDone: true },
      );
    await showMirrors([mirror], context);
  },
});
