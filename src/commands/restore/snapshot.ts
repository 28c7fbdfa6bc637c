import { defineCommand } from '../../cli/command.ts';
import { printItems } from '../../cli/output.ts';
import { snapshotView } from '../../cli/views/snapshot.ts';
import { present } from '../shared/collection.ts';
import { splitSnapshotId } from '../shared/collections.ts';
import { explain } from '../shared/explain.ts';
import { dryRunFlag } from '../shared/flags.ts';

export const command = defineCommand({
  summary: 'Set a volume back to one of its snapshots',
  description:
    'What was written after the snapshot is lost, and so are newer snapshots of the volume where the array removes them, as ONTAP does.\nThe volume must not be published to a node.',
  examples: ['tridentctl restore snapshot v1/s1'],
  args: { id: { kind: 'one', name: 'volume/snapshot', summary: 'the snapshot', names: 'snapshot' } },
  flags: dryRunFlag,
  async run({ args }, context) {
    const params = splitSnapshotId(args.id);
    const { call } = await context.core();
    const { signal, progress } = context;
    const answer = await explain(`could not restore snapshot ${args.id}`, () =>
      call.restoreSnapshot({ params, signal, progress }),
    );
    await printItems([present(answer.snapshot, 'snapshot')], snapshotView, context);
  },
});
