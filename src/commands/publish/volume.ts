import { Problem } from '../../engine/problem.ts';
import { defineCommand } from '../../cli/command.ts';
import { formatOf, printDocument, printItems } from '../../cli/output.ts';
import { accessModes, publicationView } from '../../cli/views/node.ts';
import { present } from '../shared/collection.ts';
import { explain } from '../shared/explain.ts';
import { dryRunFlag } from '../shared/flags.ts';

const readMode = (text: string | undefined): number => {
  if (text === undefined) return 0;
  const mode = /^[0-7]$/.test(text) ? Number(text) : accessModes.indexOf(text.toUpperCase());
  if (mode < 0)
    throw new Problem('cli.accessMode', 'usage', `--access-mode is no access mode of CSI: ${JSON.stringify(text)}`, {
      hint: `write one of ${accessModes.slice(1).join(', ')}, or its number from 1 to 7`,
    });
  return mode;
};

export const command = defineCommand({
  summary: 'Publish a volume to a node',
  description: 'Gives the node access on the storage. JSON and YAML also say what the node needs to attach the volume.',
  examples: ['tridentctl publish volume v1 worker-1', 'tridentctl publish volume v2 worker-1 --read-only -o json'],
  args: {
    volume: { kind: 'one', name: 'volume', summary: 'name of the volume', names: 'volume' },
    node: { kind: 'one', name: 'node', summary: 'name of the node', names: 'node' },
  },
  flags: {
    ...dryRunFlag,
    'access-mode': {
      kind: 'string',
      value: 'mode',
      summary: 'access mode of CSI, such as SINGLE_NODE_WRITER or 1; that of the volume if left out',
    },
    'read-only': { kind: 'boolean', summary: 'the node may only read' },
  },
  async run({ args, flags }, context) {
    const body = { readOnly: flags['read-only'], accessMode: readMode(flags['access-mode']) };
    const { call } = await context.core();
    const { signal, progress } = context;
    const answer = await explain(`could not publish volume ${args.volume} to node ${args.node}`, () =>
      call.publishVolume({ params: args, body, signal, progress }),
    );
    const publication = present(answer.volumePublication, 'volume publication');
    const format = formatOf(context.options);
    if (format === 'json' || format === 'yaml') {
      const item = { ...publication, accessInformation: answer.accessInformation };
      return printDocument({ items: [item] }, format, context.terminal);
    }
    return printItems([publication], publicationView, context);
  },
});
