import { defineCommand } from '../../cli/command.ts';
import { present } from './collection.ts';
import { explain } from './explain.ts';
import { dryRunFlag } from './flags.ts';
import { showMirrors, waitForTransfer } from './mirrors.ts';

/** What differs between the commands that make a volume a mirror. */
export interface Establishing {
  readonly summary: string;
  readonly description: string;
  readonly examples: readonly string[];
  readonly verb: 'establish' | 'reestablish';
}

/** What was asked of the relationship; what was not is the core's to decide. */
const relationshipOf = ({
  source,
  policy,
  schedule,
}: {
  readonly [Flag in 'source' | 'policy' | 'schedule']: string | undefined;
}) => ({
  ...(source === undefined ? {} : { remoteVolume: source }),
  ...(policy === undefined ? {} : { policy }),
  ...(schedule === undefined ? {} : { schedule }),
});

/** A command that makes a volume a mirror, for the first time or again. */
export const establishingCommand = ({ verb, ...words }: Establishing) =>
  defineCommand({
    ...words,
    args: { volume: { kind: 'one', name: 'volume', summary: 'the volume that is to be the mirror', names: 'volume' } },
    flags: {
      ...dryRunFlag,
      policy: { kind: 'string', value: 'name', summary: 'SnapMirror policy; that of the backend if left out' },
      schedule: { kind: 'string', value: 'name', summary: 'schedule of transfers; that of the backend if left out' },
      source: {
        kind: 'string',
        value: 'svm:volume',
        summary: 'the volume to mirror, as its array calls it; the one on record if left out',
      },
      wait: { kind: 'boolean', summary: 'wait until it is established' },
    },
    async run({ args: { volume }, flags }, context) {
      const { call } = await context.core();
      const { signal, progress } = context;
      const body = relationshipOf(flags);
      const mirror = await explain(`could not ${verb} the mirror of volume ${volume}`, async () =>
        present((await call[`${verb}Mirror`]({ params: { volume }, body, signal, progress })).mirror, 'mirror'),
      );
      await showMirrors([flags.wait ? await waitForTransfer(mirror, context) : mirror], context);
    },
  });
