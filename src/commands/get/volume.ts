import { defineCommand } from '../../cli/command.ts';
import { formatOf, printItems } from '../../cli/output.ts';
import { volumeView, withBlankState } from '../../cli/views/volume.ts';
import { readCollection } from '../shared/collection.ts';
import { volumes } from '../shared/collections.ts';
import { refuseTogether } from '../shared/flags.ts';
import { backendNames } from '../shared/show.ts';

export const command = defineCommand({
  summary: 'Show volumes',
  examples: ['tridentctl get volume', 'tridentctl get volume -o wide', 'tridentctl get volume v1 -o json'],
  args: { names: { kind: 'many', name: 'name', summary: 'name of a volume', optional: true, names: 'volume' } },
  flags: {
    parentOfSubordinate: {
      kind: 'string',
      value: 'volume',
      names: 'volume',
      summary: 'only the source of this subordinate volume',
    },
    subordinateOf: {
      kind: 'string',
      value: 'volume',
      names: 'volume',
      summary: 'only the subordinate volumes of this volume',
    },
  },
  async run({ args, flags, given }, context) {
    refuseTogether(['subordinateOf', 'parentOfSubordinate'], given);
    const core = await context.core();
    const query = {
      ...(flags.subordinateOf ? { subordinateOf: flags.subordinateOf } : {}),
      ...(flags.parentOfSubordinate ? { parentOfSubordinate: flags.parentOfSubordinate } : {}),
    };
    const found = await readCollection(core, volumes(core, context.signal, query), args.names);
    const items = found.map(withBlankState);
    const isWide = formatOf(context.options) === 'wide';
    const names = isWide ? await backendNames(items, core, context.signal) : new Map<string, string>();
    await printItems(items, volumeView(names), context);
  },
});
