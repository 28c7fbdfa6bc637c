import { isPattern } from '../../engine/orchestrator/patterns.ts';
import { storageClassRequest, type StorageClassExternal } from '../../client/wire/storage-class.ts';
import { defineCommand, type CommandContext } from '../../cli/command.ts';
import { documentFlags } from '../../cli/document.ts';
import { printItems } from '../../cli/output.ts';
import { storageClassView } from '../../cli/views/storage-class.ts';
import type { AnyCore } from '../shared/collection.ts';
import { backends, storageClasses } from '../shared/collections.ts';
import { explain } from '../shared/explain.ts';
import { dryRunFlag } from '../shared/flags.ts';
import { readKeyValues, readPools } from '../shared/key-values.ts';
import { describe, requireName } from '../shared/request.ts';

const known = [
  'version',
  'name',
  'attributes',
  'storagePools',
  'additionalStoragePools',
  'requiredStorage',
  'excludeStoragePools',
  'autogrowPolicy',
];

/** Patterns of a class that are none: a core takes them, and they match nothing. */
const brokenPatterns = ({ Config: config }: StorageClassExternal): readonly string[] =>
  [config.storagePools, config.additionalStoragePools, config.excludeStoragePools]
    .flatMap((pools) => Object.entries(pools ?? {}))
    .flatMap(([backend, pools]) => [backend, ...pools])
    .filter((text) => !isPattern(text));

/**
 * Says that no volume can be made of a class as things are. Without backends there is nothing to look at yet; whether there
 * are any is asked only of a class that would have a note.
 */
const noteUnsatisfied = async (
  { Config: { name }, storage }: StorageClassExternal,
  core: AnyCore,
  { signal, terminal }: CommandContext,
): Promise<void> => {
  if (Object.values(storage ?? {}).some((pools) => (pools ?? []).length > 0)) return;
  // The class is made: that the backends cannot be listed does not undo it.
  const listed = await backends(core, signal)
    .list()
    .catch(() => undefined);
  if (listed === undefined || listed.names.length === 0) return;
  terminal.err(
    `note: no pool of the backends that are online satisfies storage class ${name}; compare what it asks for with the ` +
      'names, labels and attributes of their pools: tridentctl get backend -o json\n',
  );
};

export const command = defineCommand({
  summary: 'Add a storage class',
  examples: [
    'tridentctl create storageclass gold --attribute media=ssd',
    "tridentctl create storageclass nas --storage-pools 'nas1:.*'",
  ],
  args: { name: { kind: 'one', name: 'name', summary: 'name of the new storage class', optional: true } },
  flags: {
    ...dryRunFlag,
    ...documentFlags('YAML or JSON file with the storage class, - for standard input'),
    'additional-storage-pools': {
      kind: 'string',
      value: 'pools',
      summary: 'pools that are in whatever their attributes',
    },
    attribute: { kind: 'list', value: 'key=value', summary: 'what a pool must offer; can be given several times' },
    'exclude-storage-pools': { kind: 'string', value: 'pools', summary: 'pools that are out' },
    'storage-pools': {
      kind: 'string',
      value: 'pools',
      summary: 'the only pools that are in: backend:pool,pool;backend:pool, each a regular expression',
    },
  },
  async run({ args, flags }, context) {
    const pools = (flag: 'storage-pools' | 'additional-storage-pools' | 'exclude-storage-pools') =>
      flags[flag] === undefined ? undefined : readPools(flags[flag], flag);
    const described = await describe(
      {
        name: args.name,
        attributes: flags.attribute.length === 0 ? undefined : readKeyValues(flags.attribute, 'attribute'),
        storagePools: pools('storage-pools'),
        additionalStoragePools: pools('additional-storage-pools'),
        excludeStoragePools: pools('exclude-storage-pools'),
      },
      flags,
      context,
      { what: 'storage class', codec: storageClassRequest, known },
    );
    const name = requireName(described.request.name, 'storage class');
    const core = await context.core();
    const { signal, progress } = context;
    const body = { version: '1', ...described.request };
    await described.explain(() =>
      explain(`could not create storage class ${name}`, () =>
        core.call.addStorageClass({ params: {}, body, signal, progress }),
      ),
    );
    const storageClass = await explain(`could not get storage class ${name}`, () =>
      storageClasses(core, signal).get(name),
    );
    for (const text of brokenPatterns(storageClass))
      context.terminal.err(`note: ${JSON.stringify(text)} is no regular expression, and matches nothing\n`);
    await noteUnsatisfied(storageClass, core, context);
    await printItems([storageClass], storageClassView, context);
  },
});
