import type { BackendExternal } from '../../client/wire/backend.ts';
import type { VolumeExternal } from '../../client/wire/volume.ts';
import type { CommandContext } from '../../cli/command.ts';
import { formatOf, printItems } from '../../cli/output.ts';
import { backendView } from '../../cli/views/backend.ts';
import { volumeView } from '../../cli/views/volume.ts';
import { explain } from './explain.ts';
import { backends } from './collections.ts';
import type { AnyCore } from './collection.ts';

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

/** What a command that changed a volume prints. */
export const showVolume = (volume: VolumeExternal, context: CommandContext): Promise<void> =>
  printItems([volume], volumeView(new Map()), context);
