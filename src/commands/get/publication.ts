import type { PublicationExternal } from '../../client/wire/node.ts';
import { defineCommand } from '../../cli/command.ts';
import { printItems } from '../../cli/output.ts';
import { publicationView } from '../../cli/views/node.ts';
import { present, type AnyCore } from '../shared/collection.ts';
import { explain } from '../shared/explain.ts';

const read = async (
  { call }: AnyCore,
  volume: string | undefined,
  node: string | undefined,
  signal: AbortSignal,
): Promise<readonly PublicationExternal[]> => {
  if (volume && node) {
    const answer = await call.getVolumePublication({ params: { volume, node }, signal });
    return [present(answer.volumePublication, 'volume publication')];
  }
  if (volume) return (await call.listVolumePublicationsForVolume({ params: { volume }, signal })).volumePublications;
  if (node) return (await call.listVolumePublicationsForNode({ params: { node }, signal })).volumePublications;
  return (await call.listVolumePublications({ params: {}, signal })).volumePublications;
};

export const command = defineCommand({
  summary: 'Show which volumes are published to which nodes',
  examples: ['tridentctl get publication', 'tridentctl get publication --volume v1 -o json'],
  args: {},
  flags: {
    node: { kind: 'string', value: 'node', names: 'node', summary: 'only what is published to this node' },
    volume: { kind: 'string', value: 'volume', names: 'volume', summary: 'only where this volume is published' },
  },
  async run({ flags }, context) {
    const core = await context.core();
    const items = await explain('could not get volume publications', () =>
      read(core, flags.volume, flags.node, context.signal),
    );
    await printItems(items, publicationView, context);
  },
});
