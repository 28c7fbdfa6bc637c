import type { BackendExternal } from '../../client/wire/backend.ts';
import type { VolumeExternal } from '../../client/wire/volume.ts';
import type { CommandContext } from '../../cli/command.ts';
import { formatOf, printItems } from '../../cli/output.ts';
import { backendView } from '../../cli/views/backend.ts';
import { volumeView } from '../../cli/views/volume.ts';
import { explain } from './explain.ts';
import { backends } from './collections.ts';
import { mapTogether, type AnyCore } from './collection.ts';

/** Prints backends; why one is not well, which the table has no room for, is said on standard error. */
export const showBackends = async (items: readonly BackendExternal[], context: CommandContext): Promise<void> => {
  await printItems(items, backendView, context);
  const format = formatOf(context.options);
  if (format !== 'table' && format !== 'wide') return;
  for (const { name, state, StateReason } of items)
    if (StateReason !== '') context.terminal.err(`note: backend ${name} is ${state}: ${StateReason}\n`);
};

/** What a command that gave a backend its configuration prints: the backend as it is now, and what is worth knowing. */
export const showConfigured = async (
  { backend, warnings = [] }: { readonly backend: string; readonly warnings?: readonly string[] | undefined },
  core: AnyCore,
  context: CommandContext,
): Promise<void> => {
  for (const warning of warnings) context.terminal.err(`warning: ${warning}\n`);
  await showBackendNamed(backend, core, context);
};

/** What a command that changed a backend prints: the backend as it is now. */
export const showBackendNamed = async (name: string, core: AnyCore, context: CommandContext): Promise<void> => {
  const backend = await explain(`could not get backend ${name}`, () => backends(core, context.signal).get(name));
  await showBackends([backend], context);
};

/** Names of the backends that the volumes are on, by UUID. */
export const backendNames = async (
  items: readonly VolumeExternal[],
  core: AnyCore,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> => {
  const known = backends(core, signal);
  const found: readonly BackendExternal[] =
    core.mode === 'embedded'
      ? await known.whole()
      : await mapTogether([...new Set(items.map((item) => item.backendUUID))], (uuid) =>
          explain(`could not get backend uuid ${uuid}`, () => known.get(uuid)),
        );
  return new Map(found.map((backend) => [backend.backendUUID, backend.name]));
};

/** What a command that changed a volume prints. That its backend cannot be named does not undo what was done. */
export const showVolume = async (volume: VolumeExternal, core: AnyCore, context: CommandContext): Promise<void> => {
  const none: ReadonlyMap<string, string> = new Map();
  const isWide = formatOf(context.options) === 'wide';
  const names = isWide ? await backendNames([volume], core, context.signal).catch(() => none) : none;
  await printItems([volume], volumeView(names), context);
};
