import { Problem } from '../../engine/problem.ts';
import { defineCommand } from '../../cli/command.ts';
import { printItems } from '../../cli/output.ts';
import { snapshotView, withBlankSnapshotState } from '../../cli/views/snapshot.ts';
import { readCollection, type AnyCore } from '../shared/collection.ts';
import { snapshots, splitSnapshotId } from '../shared/collections.ts';
import { refuseTogether } from '../shared/flags.ts';

/** Snapshots of one volume; cores of old have another route for them. */
const snapshotsOf = (core: AnyCore, signal: AbortSignal, volume: string) => {
  const collection = snapshots(core, signal, { volume });
  return {
    ...collection,
    list: async () => {
      try {
        return await collection.list();
      } catch (error) {
        if (!Problem.is(error) || error.kind !== 'notFound') throw error;
        try {
          const answer = await core.call.listSnapshotsForVolume({ params: { volume }, signal });
          return { names: answer.snapshots, details: false };
        } catch {
          throw error;
        }
      }
    },
  };
};

export const command = defineCommand({
  summary: 'Show snapshots',
  examples: ['tridentctl get snapshot', 'tridentctl get snapshot --volume v1', 'tridentctl get snapshot v1/s1 -o json'],
  args: {
    ids: { kind: 'many', name: 'volume/snapshot', summary: 'which snapshots', optional: true, names: 'snapshot' },
  },
  flags: {
    group: {
      kind: 'string',
      value: 'group',
      names: 'groupsnapshot',
      summary: 'only the members of this group snapshot',
    },
    volume: { kind: 'string', value: 'volume', names: 'volume', summary: 'only the snapshots of this volume' },
  },
  async run({ args, flags, given }, context) {
    refuseTogether(['volume', 'group'], given);
    for (const id of args.ids) splitSnapshotId(id);
    const core = await context.core();
    const collection = flags.volume
      ? snapshotsOf(core, context.signal, flags.volume)
      : snapshots(core, context.signal, flags.group ? { group: flags.group } : {});
    const items = await readCollection(core, collection, args.ids);
    await printItems(items.map(withBlankSnapshotState), snapshotView, context);
  },
});
