import type { AutogrowPolicyExternal } from '../../client/wire/core.ts';
import { defineCommand } from '../../cli/command.ts';
import { formatOf, printItems } from '../../cli/output.ts';
import { autogrowPolicyView } from '../../cli/views/core.ts';
import { readCollection } from '../shared/collection.ts';
import { autogrowPolicies } from '../shared/collections.ts';

const byName = (a: AutogrowPolicyExternal, b: AutogrowPolicyExternal) => (a.name < b.name ? -1 : 1);

export const command = defineCommand({
  summary: 'Show autogrow policies',
  examples: ['tridentctl get autogrowpolicy'],
  args: { names: { kind: 'many', name: 'name', summary: 'name of an autogrow policy', optional: true } },
  flags: {},
  async run({ args }, context) {
    const core = await context.core();
    const items = await readCollection(core, autogrowPolicies(core, context.signal), args.names);
    const format = formatOf(context.options);
    await printItems(
      format === 'json' || format === 'yaml' ? items : [...items].sort(byName),
      autogrowPolicyView,
      context,
    );
  },
});
