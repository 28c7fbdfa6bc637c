import { snapshotConfigRequest } from '../../client/wire/snapshot.ts';
import { defineCommand } from '../../cli/command.ts';
import { documentFlags } from '../../cli/document.ts';
import { printItems } from '../../cli/output.ts';
import { snapshotView } from '../../cli/views/snapshot.ts';
import { snapshots, splitSnapshotId } from '../shared/collections.ts';
import { explain } from '../shared/explain.ts';
import { describe, requireName } from '../shared/request.ts';
import { dryRunFlag } from '../shared/flags.ts';

export const command = defineCommand({
  summary: 'Create a snapshot of a volume',
  examples: ['tridentctl create snapshot v1/s1'],
  args: {
    id: { kind: 'one', name: 'volume/snapshot', summary: 'volume, and name of its new snapshot', optional: true },
  },
  flags: { ...documentFlags('YAML or JSON file with volumeName and name, - for standard input'), ...dryRunFlag },
  async run({ args, flags }, context) {
    const named = args.id === undefined ? undefined : splitSnapshotId(args.id);
    const described = await describe({ name: named?.snapshot, volumeName: named?.volume }, flags, context, {
      what: 'snapshot',
      codec: snapshotConfigRequest,
      known: ['version', 'name', 'volumeName'],
    });
    const volume = requireName(described.request.volumeName, 'volume');
    const name = requireName(described.request.name, 'snapshot');
    const core = await context.core();
    const { signal, progress } = context;
    const body = { version: '1', ...described.request };
    const { snapshotID } = await described.explain(() =>
      explain(`could not create snapshot ${volume}/${name}`, () =>
        core.call.addSnapshot({ params: {}, body, signal, progress }),
      ),
    );
    const snapshot = await explain(`could not get snapshot ${snapshotID}`, () =>
      snapshots(core, signal).get(snapshotID),
    );
    await printItems([snapshot], snapshotView, context);
  },
});
