import { Problem } from '../../engine/problem.ts';
import type { Codec } from '../../client/contract.ts';
import { request, text } from '../../client/wire/codec.ts';
import { cloneRequest, type CloneWire } from '../../client/wire/volume.ts';
import { defineCommand } from '../../cli/command.ts';
import { documentFlags } from '../../cli/document.ts';
import { present } from '../shared/collection.ts';
import { explain } from '../shared/explain.ts';
import { describe, requireName } from '../shared/request.ts';
import { showVolume } from '../shared/show.ts';
import { dryRunFlag } from '../shared/flags.ts';

const known = ['name', 'volume', 'snapshot', 'size', 'storageClass', 'readOnly', 'splitOnClone', 'config'];

const source = request('CloneRequest', { volume: text });

/** The volume to clone, which a request has in its path, and the request itself. */
const cloneOfVolume: Codec<{ readonly volume: string | undefined; readonly clone: CloneWire }> = {
  parse: (input) => ({ volume: source.parse(input).volume, clone: cloneRequest.parse(input) }),
};

export const command = defineCommand({
  summary: 'Create a volume from another volume or from a snapshot',
  examples: [
    'tridentctl create clone v1-copy --volume v1',
    'tridentctl create clone v1-yesterday --volume v1 --snapshot s1 --split',
  ],
  args: { name: { kind: 'one', name: 'name', summary: 'name of the new volume', optional: true } },
  flags: {
    ...dryRunFlag,
    ...documentFlags('YAML or JSON file with the same settings, - for standard input'),
    'read-only': { kind: 'boolean', summary: 'show the snapshot itself, without a copy' },
    size: { kind: 'string', value: 'size', summary: 'size; that of the source if left out' },
    snapshot: { kind: 'string', value: 'name', summary: 'snapshot of the source; its present contents if left out' },
    split: { kind: 'boolean', summary: 'detach the clone from its source' },
    'storage-class': {
      kind: 'string',
      value: 'name',
      names: 'storageclass',
      summary: 'storage class; that of the source if left out',
    },
    volume: { kind: 'string', value: 'volume', names: 'volume', summary: 'volume to clone' },
  },
  async run({ args, flags, given }, context) {
    const described = await describe(
      {
        name: args.name,
        volume: flags.volume,
        snapshot: flags.snapshot,
        size: flags.size,
        storageClass: flags['storage-class'],
        readOnly: given.has('read-only') ? flags['read-only'] : undefined,
        splitOnClone: given.has('split') ? String(flags.split) : undefined,
      },
      flags,
      context,
      { what: 'clone', codec: cloneOfVolume, known },
    );
    const { volume, clone } = described.request;
    const name = requireName(clone.name, 'volume');
    if (volume === undefined) throw new Problem('cli.noSource', 'usage', 'no volume to clone: give --volume');
    const core = await context.core();
    const { signal, progress } = context;
    const answer = await described.explain(() =>
      explain(`could not create clone ${name} of volume ${volume}`, () =>
        core.call.cloneVolume({ params: { volume }, body: clone, signal, progress }),
      ),
    );
    await showVolume(present(answer.volume, 'volume'), core, context);
  },
});
