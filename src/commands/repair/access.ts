import { defineCommand } from '../../cli/command.ts';
import { printItems } from '../../cli/output.ts';
import { changeView } from '../../cli/views/change.ts';
import { explain } from '../shared/explain.ts';
import { dryRunFlag } from '../shared/flags.ts';

export const command = defineCommand({
  summary: 'Bring access rules on the storage in line with what is published',
  description:
    'Adds what a published volume needs and lacks, then removes what was written by Trident and nobody needs any more.\nRules that somebody else wrote are left alone, and named where nobody on record needs them.\nNothing is removed as long as something that is needed is missing.\nA backend that is offline is looked at first, and is online again when it answers.',
  examples: ['tridentctl repair access --backend nas1 --dry-run', 'tridentctl repair access --backend nas1'],
  args: {},
  flags: {
    backend: { kind: 'string', value: 'name', required: true, names: 'backend', summary: 'the backend to look at' },
    ...dryRunFlag,
  },
  async run({ flags }, context) {
    const { backend } = flags;
    const { call } = await context.core();
    const { signal, progress, terminal, options } = context;
    const {
      changes,
      applied,
      leftAlone = [],
    } = await explain(`could not repair access of backend ${backend}`, () =>
      call.repairBackend({ params: { backend }, body: { dryRun: flags['dry-run'] }, signal, progress }),
    );
    const state = applied ? 'done' : 'planned';
    await printItems(
      [
        ...changes.map((change) => ({ change, state }) as const),
        ...leftAlone.map((change) => ({ change, state: 'left alone' }) as const),
      ],
      changeView,
      context,
    );
    if (changes.length === 0 && (terminal.errIsTTY || options.verbose))
      terminal.err(`note: access of backend ${backend} is in order\n`);
  },
});
