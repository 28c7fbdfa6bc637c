import { Problem } from '../../engine/problem.ts';
import { importRequest } from '../../client/wire/volume.ts';
import { defineCommand } from '../../cli/command.ts';
import { documentFlags, readDocument } from '../../cli/document.ts';
import { present } from '../shared/collection.ts';
import { explain } from '../shared/explain.ts';
import { showVolume } from '../shared/show.ts';
import { settingFlags, settingsOf } from '../shared/volume-settings.ts';
import { dryRunFlag } from '../shared/flags.ts';

const isAbsent = (value: unknown): boolean => value === undefined;

export const command = defineCommand({
  summary: 'Import an existing volume',
  description:
    'Give either a Kubernetes PersistentVolumeClaim with -f, as Trident in a cluster needs it, or --name and the flags below.',
  examples: [
    'tridentctl import volume nas1 legacy --name v3',
    'tridentctl import volume nas1 old_data -f pvc.yaml --no-manage',
  ],
  args: {
    backend: { kind: 'one', name: 'backendName', summary: 'backend that the volume is on', names: 'backend' },
    volume: { kind: 'one', name: 'volumeName', summary: 'name of the volume on the storage' },
  },
  flags: {
    ...dryRunFlag,
    ...documentFlags('YAML or JSON file with a PersistentVolumeClaim, - for standard input'),
    ...settingFlags,
    name: { kind: 'string', value: 'name', summary: 'name that the volume gets here, instead of a claim' },
    'no-manage': { kind: 'boolean', summary: 'only make it known: it is neither renamed nor ever deleted' },
    'no-rename': { kind: 'boolean', summary: 'keep its name on the storage' },
    size: { kind: 'string', value: 'size', summary: 'size it should have; as it is if left out' },
    'storage-class': { kind: 'string', value: 'name', names: 'storageclass', summary: 'storage class it should have' },
  },
  async run({ args, flags }, context) {
    const claim = await readDocument(flags, context);
    if (claim === undefined && !flags.name)
      throw new Problem('cli.noInput', 'usage', 'no PVC input file was specified', {
        hint: 'give a claim with -f PATH, or a name with --name',
      });
    const core = await context.core();
    const { signal, progress } = context;
    const { accessMode, volumeMode, protocol, ...config } = settingsOf(flags);
    const own = {
      name: flags.name,
      size: flags.size,
      storageClass: flags['storage-class'],
      accessMode,
      volumeMode,
      protocol,
    };
    const body = {
      backend: args.backend,
      internalName: args.volume,
      noManage: flags['no-manage'],
      noRename: flags['no-rename'],
      pvcData: claim === undefined ? '' : Buffer.from(JSON.stringify(claim.value)).toString('base64'),
      ...importRequest.parse({ ...own, ...(Object.values(config).every(isAbsent) ? {} : { config }) }),
    };
    const answer = await explain('could not import volume', () =>
      core.call.importVolume({ params: {}, body, signal, progress }).then(({ volume }) => present(volume, 'volume')),
    );
    await showVolume(answer, core, context);
  },
});
