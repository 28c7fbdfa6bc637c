import { randomUUID } from 'node:crypto';
import { groupSnapshotRequest } from '../../client/wire/snapshot.ts';
import { Problem } from '../../engine/problem.ts';
import { defineCommand } from '../../cli/command.ts';
import { documentFlags } from '../../cli/document.ts';
import { printItems } from '../../cli/output.ts';
import { groupSnapshotView } from '../../cli/views/snapshot.ts';
import { present } from '../shared/collection.ts';
import { explain } from '../shared/explain.ts';
import { groupIdOf } from '../shared/groups.ts';
import { describe } from '../shared/request.ts';
import { dryRunFlag } from '../shared/flags.ts';

export const command = defineCommand({
  summary: 'Create snapshots of several volumes at one instant',
  description:
    'The group is called groupsnapshot-NAME and each of its snapshots snapshot-NAME; without a name, one is made up.\nThe volumes may be of several backends, as long as these are on one SVM.',
  examples: ['tridentctl create groupsnapshot nightly --volume v1 --volume v2'],
  args: { name: { kind: 'one', name: 'name', summary: 'name of the group snapshot', optional: true } },
  flags: {
    ...dryRunFlag,
    ...documentFlags('YAML or JSON file with name and volumeNames, - for standard input'),
    volume: { kind: 'list', value: 'volume', names: 'volume', summary: 'a volume to take; can be given several times' },
  },
  async run({ args, flags }, context) {
    const described = await describe(
      { name: args.name, volumeNames: flags.volume.length === 0 ? undefined : flags.volume },
      flags,
      context,
      { what: 'group snapshot', codec: groupSnapshotRequest, known: ['version', 'name', 'volumeNames'] },
    );
    if ((described.request.volumeNames ?? []).length === 0)
      throw new Problem('cli.noVolumes', 'usage', 'no volume specified', {
        hint: 'name the volumes with --volume, once for each',
      });
    const { name = randomUUID(), ...settings } = described.request;
    const group = groupIdOf(name);
    const core = await context.core();
    const { signal, progress } = context;
    const body = { version: '1', ...settings };
    const answer = await described.explain(() =>
      explain(`could not create group snapshot ${group}`, () =>
        core.call.addGroupSnapshot({ params: { group }, body, signal, progress }),
      ),
    );
    await printItems([present(answer.groupSnapshot, 'group snapshot')], groupSnapshotView(0), context);
  },
});
