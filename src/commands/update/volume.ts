import { Planned } from '../../client/planning.ts';
import { Problem } from '../../engine/problem.ts';
import type { VolumeExternal } from '../../client/wire/volume.ts';
import { booleanHint, notBoolean, parseBoolean } from '../../cli/booleans.ts';
import { defineCommand, type CommandContext } from '../../cli/command.ts';
import { present, type AnyCore } from '../shared/collection.ts';
import { explain } from '../shared/explain.ts';
import { dryRunFlag, oneName } from '../shared/flags.ts';
import { showVolume } from '../shared/show.ts';

const readSwitch = (text: string): 'true' | 'false' => {
  const value = parseBoolean(text);
  if (value === undefined) throw new Problem('cli.notBoolean', 'usage', notBoolean(text), { hint: booleanHint });
  return value ? 'true' : 'false';
};

const setSnapshotDirectory = (
  core: AnyCore,
  volume: string,
  snapshotDirectory: 'true' | 'false',
  poolLevel: boolean,
  { signal, progress }: CommandContext,
): Promise<VolumeExternal> =>
  explain('failed to update volume, error', async () => {
    const body = { snapshotDirectory, poolLevel };
    return present((await core.call.updateVolume({ params: { volume }, body, signal, progress })).volume, 'volume');
  });

const resize = (
  core: AnyCore,
  volume: string,
  size: string,
  { signal, progress }: CommandContext,
): Promise<VolumeExternal> =>
  explain(`could not resize volume ${volume}`, async () =>
    present((await core.call.resizeVolume({ params: { volume }, body: { size }, signal, progress })).volume, 'volume'),
  );

/** Makes the changes, and answers the volume as the last one left it. In a dry run each of them is planned. */
const lastOf = async (changes: readonly (() => Promise<VolumeExternal>)[]): Promise<VolumeExternal | undefined> => {
  let volume: VolumeExternal | undefined;
  let planned: Planned | undefined;
  for (const change of changes)
    try {
      volume = await change();
    } catch (error) {
      if (!(error instanceof Planned)) throw error;
      planned = error;
    }
  if (planned !== undefined) throw planned;
  return volume;
};

export const command = defineCommand({
  summary: 'Change the size or the snapshot directory of a volume',
  examples: ['tridentctl update volume v1 --size 20Gi'],
  args: { names: { kind: 'many', name: 'name', summary: 'name of the volume', names: 'volume' } },
  flags: {
    ...dryRunFlag,
    'pool-level': { kind: 'boolean', summary: 'with --snapshot-dir: for the pool that the volume shares, too' },
    size: { kind: 'string', value: 'size', summary: 'new size, for example 20Gi' },
    'snapshot-dir': { kind: 'string', value: 'true|false', summary: 'whether the snapshot directory can be seen' },
  },
  async run({ args, flags, given }, context) {
    const directory = flags['snapshot-dir'];
    if (directory === undefined && !flags.size)
      throw new Problem('cli.nothingToDo', 'usage', 'nothing to change: give --size or --snapshot-dir');
    const snapshotDirectory = directory === undefined ? undefined : readSwitch(directory);
    if (given.has('pool-level') && snapshotDirectory === undefined)
      throw new Problem('cli.poolLevel', 'usage', '--pool-level goes with --snapshot-dir');
    const name = oneName(args.names, 'volume');
    const core = await context.core();
    const { size } = flags;
    const changes = [
      ...(size ? [() => resize(core, name, size, context)] : []),
      ...(snapshotDirectory === undefined
        ? []
        : [() => setSnapshotDirectory(core, name, snapshotDirectory, flags['pool-level'], context)]),
    ];
    const volume = await lastOf(changes);
    if (volume !== undefined) await showVolume(volume, core, context);
  },
});
