import { Problem } from '../../engine/problem.ts';
import { defineCommand, type CommandContext } from '../../cli/command.ts';
import type { AnyCore } from '../shared/collection.ts';
import { splitSnapshotId } from '../shared/collections.ts';
import { explain, isTransport } from '../shared/explain.ts';
import { dryRunFlag, refuseTogether } from '../shared/flags.ts';

/** What the core refused is collected, and the others are still deleted. */
const deleteEach = async (
  core: AnyCore,
  ids: readonly string[],
  { signal, progress }: CommandContext,
): Promise<void> => {
  const refused: Problem[] = [];
  for (const id of ids) {
    try {
      await core.call.deleteSnapshot({ params: splitSnapshotId(id), signal, progress });
    } catch (error) {
      if (!Problem.is(error) || isTransport(error) || error.kind === 'interrupted') throw error;
      refused.push(error);
    }
  }
  const [first] = refused;
  if (first === undefined) return;
  if (refused.length === 1) throw first;
  throw new Problem(first.code, first.kind, refused.map((problem) => problem.message).join('\n'), { cause: first });
};

export const command = defineCommand({
  summary: 'Delete snapshots',
  examples: ['tridentctl delete snapshot v1/s1', 'tridentctl delete snapshot --volume v1'],
  args: {
    ids: { kind: 'many', name: 'volume/snapshot', summary: 'which snapshots', optional: true, names: 'snapshot' },
  },
  flags: {
    ...dryRunFlag,
    all: { kind: 'boolean', short: 'a', summary: 'all snapshots' },
    group: { kind: 'string', value: 'group', names: 'groupsnapshot', summary: 'the members of this group snapshot' },
    volume: { kind: 'string', value: 'volume', names: 'volume', summary: 'all snapshots of this volume' },
  },
  async run({ args, flags, given }, context) {
    refuseTogether(['volume', 'group', 'all'], given);
    const wide = flags.all || Boolean(flags.group) || Boolean(flags.volume);
    if (wide && args.ids.length > 0)
      throw new Problem(
        'cli.allAndNames',
        'usage',
        'cannot use --all, --volume or --group and specify individual snapshots',
      );
    if (!wide && args.ids.length === 0)
      throw new Problem('cli.noName', 'usage', 'snapshot not specified', {
        hint: 'name snapshots as volume/snapshot, or use --volume, --group or --all',
      });
    for (const id of args.ids) splitSnapshotId(id);
    const core = await context.core();
    const query = {
      ...(flags.volume ? { volume: flags.volume } : {}),
      ...(flags.group ? { group: flags.group } : {}),
    };
    const ids = wide
      ? await explain(
          'could not get snapshots',
          async () => (await core.call.listSnapshots({ params: {}, query, signal: context.signal })).snapshots,
        )
      : args.ids;
    await deleteEach(core, ids, context);
  },
});
