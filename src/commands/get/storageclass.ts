import { defineCommand } from '../../cli/command.ts';
import { printItems } from '../../cli/output.ts';
import { storageClassView } from '../../cli/views/storage-class.ts';
import { readCollection } from '../shared/collection.ts';
import { storageClasses } from '../shared/collections.ts';

export const command = defineCommand({
  summary: 'Show storage classes',
  examples: ['tridentctl get storageclass', 'tridentctl get storageclass gold -o json'],
  args: {
    names: { kind: 'many', name: 'name', summary: 'name of a storage class', optional: true, names: 'storageclass' },
  },
  flags: {},
  async run({ args }, context) {
    const core = await context.core();
    await printItems(
      await readCollection(core, storageClasses(core, context.signal), args.names),
      storageClassView,
      context,
    );
  },
});
