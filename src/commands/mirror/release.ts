import { defineCommand } from '../../cli/command.ts';
import { printValue } from '../../cli/output.ts';
import { explain } from '../shared/explain.ts';
import { dryRunFlag } from '../shared/flags.ts';

export const command = defineCommand({
  summary: 'Forget the mirrors of a volume',
  description:
    'For a volume whose mirrors were promoted or are gone: its array removes what it keeps for them. They cannot be\nre-established from it afterwards without a full transfer. Prints the mirrors that were forgotten.',
  examples: ['tridentctl mirror release v1'],
  args: { volume: { kind: 'one', name: 'volume', summary: 'the volume that is mirrored', names: 'volume' } },
  flags: {
    ...dryRunFlag,
    destination: { kind: 'string', value: 'svm:volume', summary: 'only this mirror, as its array calls it' },
  },
  async run({ args: { volume }, flags: { destination } }, context) {
    const { call } = await context.core();
    const { signal, progress } = context;
    const body = destination === undefined ? {} : { remoteVolume: destination };
    const { released } = await explain(`could not release the mirrors of volume ${volume}`, () =>
      call.releaseMirrors({ params: { volume }, body, signal, progress }),
    );
    await printValue({ items: released }, released.map((name) => `${name}\n`).join(''), context);
  },
});
