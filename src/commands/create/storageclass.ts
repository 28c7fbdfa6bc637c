import { isPattern } from '../../engine/orchestrator/patterns.ts';
import { storageClassRequest, type StorageClassExternal } from '../../client/wire/storage-class.ts';
import { defineCommand } from '../../cli/command.ts';
import { documentFlags } from '../../cli/document.ts';
import { printItems } from '../../cli/output.ts';
import { storageClassView } from '../../cli/views/storage-class.ts';
import { storageClasses } from '../shared/collections.ts';
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
    await printItems([storageClass], storageClassView, context);
  },
});
