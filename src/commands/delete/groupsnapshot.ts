import { Problem } from '../../engine/problem.ts';
import { defineCommand } from '../../cli/command.ts';
import { explain } from '../shared/explain.ts';
import { checkGroupId, groupSnapshotNames } from '../shared/groups.ts';
import { dryRunFlag } from '../shared/flags.ts';

export const command = defineCommand({
  summary: 'Delete group snapshots',
  examples: ['tridentctl delete groupsnapshot groupsnapshot-nightly', 'tridentctl delete groupsnapshot --all'],
  args: {
    ids: { kind: 'many', name: 'group', summary: 'ID of a group snapshot', optional: true, names: 'groupsnapshot' },
  },
  flags: { all: { kind: 'boolean', short: 'a', summary: 'all group snapshots' }, ...dryRunFlag },
  async run({ args, flags }, context) {
    if (flags.all && args.ids.length > 0)
      throw new Problem('cli.allAndNames', 'usage', 'cannot use --all switch with individual group snapshots');
    if (!flags.all && args.ids.length === 0)
      throw new Problem('cli.noName', 'usage', 'must specify at least one group snapshot name or use --all switch');
    for (const id of args.ids) checkGroupId(id);
    const core = await context.core();
    const { signal, progress } = context;
    const ids = flags.all ? await groupSnapshotNames(core, signal) : args.ids;
    for (const group of ids)
      await explain(`could not delete group snapshot ${group}`, () =>
        core.call.deleteGroupSnapshot({ params: { group }, signal, progress }),
      );
  },
});
