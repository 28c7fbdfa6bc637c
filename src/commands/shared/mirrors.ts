import { setTimeout as sleep } from 'node:timers/promises';
import type { MirrorExternal } from '../../client/wire/mirror.ts';
import { Problem } from '../../engine/problem.ts';
import type { CommandContext } from '../../cli/command.ts';
import { formatOf, printItems } from '../../cli/output.ts';
import { mirrorView } from '../../cli/views/mirror.ts';
import { present } from './collection.ts';
import { explain } from './explain.ts';

const lookEveryMs = 2_000;

export const getMirror = async (volume: string, { core, signal }: CommandContext): Promise<MirrorExternal> => {
  const { call } = await core();
  return explain(`could not get the mirror of volume ${volume}`, async () =>
    present((await call.getMirror({ params: { volume }, signal })).mirror, 'mirror'),
  );
};

/** Looks until the transfer that runs has ended. @throws Problem when it failed */
export const waitForTransfer = async (mirror: MirrorExternal, context: CommandContext): Promise<MirrorExternal> => {
  let seen = mirror;
  while (seen.transferState === 'running') {
    context.progress(`transfer from ${seen.remoteVolume ?? ''} to volume ${seen.volume}`);
    await sleep(lookEveryMs, undefined, { signal: context.signal });
    seen = await getMirror(mirror.volume, context);
  }
  if (seen.transferState !== 'failed') return seen;
  throw new Problem(
    'mirror.transfer-failed',
    'unavailable',
    `the transfer from ${seen.remoteVolume ?? ''} to volume ${seen.volume} failed: ${seen.reason ?? ''}`,
  );
};

/** Prints mirrors; why one is not well, which the table has no room for, is said on standard error. */
export const showMirrors = async (mirrors: readonly MirrorExternal[], context: CommandContext): Promise<void> => {
  await printItems(mirrors, mirrorView, context);
  if (formatOf(context.options) !== 'table') return;
  for (const { volume, reason = '' } of mirrors)
    if (reason !== '') context.terminal.err(`note: the mirror of volume ${volume}: ${reason}\n`);
};
