import { emptyVolumeConfig } from '../../engine/orchestrator/model.ts';
import { Problem } from '../../engine/problem.ts';
import { volumeConfigRequest } from '../../client/wire/volume.ts';
import { defineCommand } from '../../cli/command.ts';
import { documentFlags } from '../../cli/document.ts';
import { volumes } from '../shared/collections.ts';
import { explain } from '../shared/explain.ts';
import { describe, requireName } from '../shared/request.ts';
import { showVolume } from '../shared/show.ts';
import { settingFlags, settingsOf } from '../shared/volume-settings.ts';
import { dryRunFlag } from '../shared/flags.ts';

export const command = defineCommand({
  summary: 'Create a volume',
  description: 'Flags win over the file. A storage class, or a file, says what kind of storage is wanted.',
  examples: [
    'tridentctl create volume v1 --size 5Gi --storage-class gold',
    'tridentctl create volume copy1 --size 5Gi --storage-class gold --mirror-source svm1:trident_v1',
    'tridentctl create volume v2 --size 1Gi --storage-class gold --access-mode ReadWriteMany -o json',
  ],
  args: { name: { kind: 'one', name: 'name', summary: 'name of the new volume', optional: true } },
  flags: {
    ...dryRunFlag,
    ...documentFlags('YAML or JSON file with the settings of the volume, - for standard input'),
    ...settingFlags,
    'mirror-destination': {
      kind: 'boolean',
      summary: 'to become a mirror: empty, and written by mirror transfers only',
    },
    'mirror-source': { kind: 'string', value: 'svm:volume', summary: 'the volume that it is to mirror' },
    size: { kind: 'string', value: 'size', summary: 'size, for example 5Gi' },
    'storage-class': {
      kind: 'string',
      value: 'name',
      names: 'storageclass',
      summary: 'storage class that chooses where the volume goes',
    },
  },
  async run({ args, flags }, context) {
    const described = await describe(
      {
        name: args.name,
        size: flags.size,
        storageClass: flags['storage-class'],
        mirrorDestination: flags['mirror-destination'] || flags['mirror-source'] !== undefined ? true : undefined,
        requiredPeerVolumeHandle: flags['mirror-source'],
        ...settingsOf(flags),
      },
      flags,
      context,
      { what: 'volume', codec: volumeConfigRequest, known: ['version', ...Object.keys(emptyVolumeConfig)] },
    );
    const name = requireName(described.request.name, 'volume');
    if (described.request.size === undefined)
      throw new Problem('cli.noSize', 'usage', 'volume size not specified', { hint: 'give --size, for example 5Gi' });
    const core = await context.core();
    const { signal, progress } = context;
    const body = { version: '1', volumeMode: 'Filesystem', accessMode: 'ReadWriteOnce', ...described.request };
    await described.explain(() =>
      explain(`could not create volume ${name}`, () => core.call.addVolume({ params: {}, body, signal, progress })),
    );
    const volume = await explain(`could not get volume ${name}`, () => volumes(core, signal).get(name));
    await showVolume(volume, core, context);
  },
});
