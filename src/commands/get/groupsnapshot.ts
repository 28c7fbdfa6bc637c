import { Problem } from '../../engine/problem.ts';
import type { GroupSnapshotExternal } from '../../client/wire/snapshot.ts';
import { groupSnapshotExternal } from '../../client/wire/snapshot.ts';
import { defineCommand } from '../../cli/command.ts';
import { printItems } from '../../cli/output.ts';
import { groupSnapshotView } from '../../cli/views/snapshot.ts';
import { mapTogether } from '../shared/collection.ts';
import { explain } from '../shared/explain.ts';
import { checkGroupId, groupSnapshotNames } from '../shared/groups.ts';

const readCount = (text: string): number => {
  const count = /^\+?\d+$/.test(text) ? Number(text) : -1;
  if (count < 0) throw new Problem('cli.maxSnapshots', 'usage', 'invalid value for --max-snapshots switch');
  return count;
};

export const command = defineCommand({
  summary: 'Show group snapshots',
  examples: [
    'tridentctl get groupsnapshot',
    'tridentctl get groupsnapshot groupsnapshot-nightly',
    'tridentctl get groupsnapshot -o wide --max-snapshots 0',
  ],
  args: {
    ids: { kind: 'many', name: 'group', summary: 'ID of a group snapshot', optional: true, names: 'groupsnapshot' },
  },
  flags: {
    'max-snapshots': {
      kind: 'string',
      value: 'int',
      default: '3',
      summary: 'how many members the wide table names for each group, 0 for all',
    },
  },
  async run({ args, flags }, context) {
    const most = readCount(flags['max-snapshots']);
    for (const id of args.ids) checkGroupId(id);
    const core = await context.core();
    const ids = args.ids.length > 0 ? args.ids : await groupSnapshotNames(core, context.signal);
    const get = (group: string): Promise<GroupSnapshotExternal> =>
      explain(`could not get group snapshot ${group}`, async () => {
        const answer = await core.call.getGroupSnapshot({ params: { group }, signal: context.signal });
        return answer.groupSnapshot ?? groupSnapshotExternal.parse({});
      });
    await printItems(await mapTogether(ids, get), groupSnapshotView(most), context);
  },
});
