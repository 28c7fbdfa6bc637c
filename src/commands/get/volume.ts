import type { BackendExternal } from '../../client/wire/backend.ts';
import type { VolumeExternal } from '../../client/wire/volume.ts';
import { defineCommand } from '../../cli/command.ts';
import { formatOf, printItems } from '../../cli/output.ts';
import { volumeView, withBlankState } from '../../cli/views/volume.ts';
import { mapTogether, readCollection, type AnyCore } from '../shared/collection.ts';
import { backends, volumes } from '../shared/collections.ts';
import { explain } from '../shared/explain.ts';
import { refuseTogether } from '../shared/flags.ts';

/** Names of the backends that the volumes are on, by UUID. */
const backendNames = async (items: readonly VolumeExternal[], core: AnyCore, signal: AbortSignal) => {
  const known = backends(core, signal);
  const found: readonly BackendExternal[] =
    core.mode === 'embedded'
      ? await known.whole()
      : await mapTogether([...new Set(items.map((item) => item.backendUUID))], (uuid) =>
          explain(`could not get backend uuid ${uuid}`, () => known.get(uuid)),
        );
  return new Map(found.map((backend) => [backend.backendUUID, backend.name]));
};

export const command = defineCommand({
  summary: 'Show volumes',
  examples: ['tridentctl get volume', 'tridentctl get volume -o wide', 'tridentctl get volume v1 -o json'],
  args: { names: { kind: 'many', name: 'name', summary: 'name of a volume', optional: true, names: 'volume' } },
  flags: {
    parentOfSubordinate: {
      kind: 'string',
      value: 'volume',
      names: 'volume',
      summary: 'only the source of this subordinate volume',
    },
    subordinateOf: {
      kind: 'string',
      value: 'volume',
      names: 'volume',
      summary: 'only the subordinate volumes of this volume',
    },
  },
  async run({ args, flags, given }, context) {
    refuseTogether(['subordinateOf', 'parentOfSubordinate'], given);
    const core = await context.core();
    const query = {
      ...(flags.subordinateOf ? { subordinateOf: flags.subordinateOf } : {}),
      ...(flags.parentOfSubordinate ? { parentOfSubordinate: flags.parentOfSubordinate } : {}),
    };
    const found = await readCollection(core, volumes(core, context.signal, query), args.names);
    const items = found.map(withBlankState);
    const isWide = formatOf(context.options) === 'wide';
    const names = isWide ? await backendNames(items, core, context.signal) : new Map<string, string>();
    await printItems(items, volumeView(names), context);
  },
});
