import { setTimeout as sleep } from 'node:timers/promises';
import type { MoveExternal } from '../../client/wire/move.ts';
import { defineCommand } from '../../cli/command.ts';
import type { CommandContext } from '../../cli/command.ts';
import { printItems } from '../../cli/output.ts';
import { moveView } from '../../cli/views/move.ts';
import { Problem } from '../../engine/problem.ts';
import { present } from '../shared/collection.ts';
import { explain } from '../shared/explain.ts';
import { dryRunFlag } from '../shared/flags.ts';
import { readGoDuration } from '../shared/go-duration.ts';

const lookEveryMs = 2_000;

/** As stock refuses them; what is meant by it has no effect here. @throws Problem when it is none, or negative */
const checkDuration = (text: string | undefined): void => {
  if (text === undefined || text === '') return;
  const duration = readGoDuration(text);
  if (typeof duration === 'number' && duration >= 0) return;
  const why = typeof duration === 'number' ? 'must not be negative' : duration.why;
  throw new Problem(
    'cli.duration',
    'usage',
    `invalid --delete-after-success duration ${JSON.stringify(text)}: ${why}`,
    { hint: 'write it like 90s, 10m or 1h30m' },
  );
};

/** Looks until the array copies no more. @throws Problem when it gave up */
const waitForMove = async (move: MoveExternal, context: CommandContext): Promise<void> => {
  const { volume, targetPool = '' } = move;
  let seen = move;
  while (seen.state === 'moving') {
    context.progress(`volume ${volume} goes to ${targetPool}: ${seen.percent} %`);
    await sleep(lookEveryMs, undefined, { signal: context.signal });
    const { call } = await context.core();
    seen = await explain(`could not see how the move of volume ${volume} stands`, async () =>
      present((await call.getVolumeMove({ params: { volume }, signal: context.signal })).volumeMove, 'move'),
    );
  }
  // What the array forgets about a move that is over does not matter.
  if (seen.pool !== targetPool)
    throw new Problem(
      'move.failed',
      'unavailable',
      `the array gave up moving volume ${volume} to ${targetPool}; it is in ${seen.pool}`,
      { hint: 'see volume move show on the array for the reason, then repeat the command' },
    );
};

export const command = defineCommand({
  summary: 'Move a volume to another pool of its backend, while nodes use it',
  description:
    'The array copies the volume from one aggregate to another.\nRepeating the command tells how that stands, and records ' +
    'the new pool at the end; --wait does so by itself.',
  examples: [
    'tridentctl create volume-move --volume v1 --target-pool aggr1_n2',
    'tridentctl create volume-move --volume v1 --source-pool aggr1_n2 --target-pool aggr1_n1 --wait',
  ],
  args: {},
  flags: {
    ...dryRunFlag,
    'delete-after-success': {
      kind: 'string',
      value: 'duration',
      summary: 'known to stock, which keeps an object for each move; here none is kept, so that it has no effect',
    },
    'source-node': { kind: 'string', value: 'node', summary: 'node of the array that must own the source pool' },
    'source-pool': { kind: 'string', value: 'pool', summary: 'where the volume must be now' },
    'target-node': { kind: 'string', value: 'node', summary: 'node of the array that must own the target pool' },
    'target-pool': { kind: 'string', value: 'pool', summary: 'where the volume is to go: an aggregate of its backend' },
    volume: { kind: 'string', value: 'volume', names: 'volume', summary: 'volume to move' },
    wait: { kind: 'boolean', summary: 'wait until it is there' },
  },
  async run({ flags }, context) {
    const { volume = '', 'target-pool': targetPool = '' } = flags;
    if (volume === '') throw new Problem('cli.noVolume', 'usage', 'no volume to move: give --volume');
    if (targetPool === '') throw new Problem('cli.noTarget', 'usage', 'no pool to move it to: give --target-pool');
    checkDuration(flags['delete-after-success']);
    const { call } = await context.core();
    const { signal, progress } = context;
    const body = {
      targetPool,
      ...(flags['source-pool'] === undefined ? {} : { sourcePool: flags['source-pool'] }),
      ...(flags['target-node'] === undefined ? {} : { targetNode: flags['target-node'] }),
      ...(flags['source-node'] === undefined ? {} : { sourceNode: flags['source-node'] }),
    };
    const move = (): Promise<MoveExternal> =>
      explain(`could not move volume ${volume}`, async () =>
        present((await call.moveVolume({ params: { volume }, body, signal, progress })).volumeMove, 'move'),
      );
    let done = await move();
    if (flags.wait && done.state === 'moving') {
      await waitForMove(done, context);
      // What has come to its end is recorded by whoever asks for it.
      done = await move();
    }
    await printItems([done], moveView, context);
  },
});
