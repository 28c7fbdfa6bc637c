import { isIP } from 'node:net';
import { Problem } from '../../engine/problem.ts';
import { nodeRequest } from '../../client/wire/node.ts';
import { defineCommand } from '../../cli/command.ts';
import { documentFlags } from '../../cli/document.ts';
import { printItems } from '../../cli/output.ts';
import { nodeView } from '../../cli/views/node.ts';
import { nodes } from '../shared/collections.ts';
import { explain } from '../shared/explain.ts';
import { readKeyValues } from '../shared/key-values.ts';
import { describe, requireName } from '../shared/request.ts';
import { dryRunFlag } from '../shared/flags.ts';

const known = ['name', 'iqn', 'nqn', 'ips', 'hostWWPNMap', 'topologyLabels', 'nodePrep', 'hostInfo'];

/** It stands in export rules later, which an array refuses with less telling words. */
const readAddress = (text: string): string => {
  if (isIP(text) !== 0) return text;
  throw new Problem('cli.address', 'usage', `--ip takes addresses such as 192.0.2.11, not ${JSON.stringify(text)}`);
};

export const command = defineCommand({
  summary: 'Register a node',
  description: 'Registering a node again refreshes what is known of it.',
  examples: [
    'tridentctl create node worker-1 --ip 192.0.2.11',
    'tridentctl create node worker-2 --ip 192.0.2.12 --iqn iqn.1993-08.org.debian:01:worker-2',
  ],
  args: { name: { kind: 'one', name: 'name', summary: 'name of the node', optional: true } },
  flags: {
    ...dryRunFlag,
    ...documentFlags('YAML or JSON file with the node, - for standard input'),
    ip: { kind: 'list', value: 'address', summary: 'address of the node; can be given several times' },
    iqn: { kind: 'string', value: 'iqn', summary: 'iSCSI name of the node' },
    nqn: { kind: 'string', value: 'nqn', summary: 'NVMe name of the node' },
    topology: { kind: 'list', value: 'key=value', summary: 'where the node is; can be given several times' },
  },
  async run({ args, flags }, context) {
    const described = await describe(
      {
        name: args.name,
        ips: flags.ip.length === 0 ? undefined : flags.ip.flatMap((text) => text.split(',').map(readAddress)),
        iqn: flags.iqn,
        nqn: flags.nqn,
        topologyLabels: flags.topology.length === 0 ? undefined : readKeyValues(flags.topology, 'topology'),
      },
      flags,
      context,
      { what: 'node', codec: nodeRequest, known },
    );
    const name = requireName(described.request.name, 'node');
    const core = await context.core();
    const { signal, progress } = context;
    await described.explain(() =>
      explain(`could not create node ${name}`, () =>
        core.call.addOrUpdateNode({ params: { node: name }, body: described.request, signal, progress }),
      ),
    );
    const node = await explain(`could not get node ${name}`, () => nodes(core, signal).get(name));
    await printItems([node], nodeView, context);
  },
});
