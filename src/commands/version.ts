import { defineCommand } from '../cli/command.ts';
import { formatOf, noteUnknownFormat, printDocument, printRows, type Column } from '../cli/output.ts';
import { runtime, versionBlock, type VersionBlock } from '../cli/version-text.ts';
import { compatibleVersion, implementation } from '../version.ts';
import { explain } from './shared/explain.ts';

type Blocks = { readonly server?: VersionBlock; readonly client: VersionBlock };

const columnsOf = (title: string, pick: (blocks: Blocks) => VersionBlock | undefined): readonly Column<Blocks>[] => [
  { title: `${title} Version`, cell: (blocks) => pick(blocks)?.version ?? '' },
  { title: `${title} API Version`, only: 'wide', cell: (blocks) => pick(blocks)?.apiVersion ?? '' },
  { title: `${title} Go Version`, only: 'wide', cell: (blocks) => pick(blocks)?.goVersion ?? '' },
];
const clientColumns = columnsOf('Client', (blocks) => blocks.client);
const allColumns = [...columnsOf('Server', (blocks) => blocks.server), ...clientColumns];

export const command = defineCommand({
  summary: 'Show the version of Trident',
  description: 'The client version is the release of NetApp’s tridentctl that this program is compatible with.',
  examples: ['tridentctl version', 'tridentctl version --client -o json'],
  args: { ignored: { kind: 'many', name: 'ignored', summary: 'not used', optional: true, hidden: true } },
  flags: { client: { kind: 'boolean', summary: 'only that of this program; asks no server' } },
  async run({ flags }, context) {
    const format = formatOf(context.options);
    noteUnknownFormat(context);
    const own = versionBlock(compatibleVersion, runtime);
    // A key of ours, after stock's: which program this is.
    const client = { ...own, implementation };
    if (flags.client) {
      if (format === 'json' || format === 'yaml') return printDocument({ client }, format, context.terminal);
      return printRows([{ client }], clientColumns, format === 'wide', context.terminal);
    }
    const { call } = await context.core();
    const answer = await explain('could not get version', () =>
      call.getVersion({ params: {}, signal: context.signal }),
    );
    const server = versionBlock(answer.version, answer.goVersion);
    const acp = answer.acpVersion ? { acpServer: versionBlock(answer.acpVersion, '') } : {};
    if (format === 'json' || format === 'yaml')
      return printDocument({ server, client, ...acp }, format, context.terminal);
    return printRows([{ server, client }], allColumns, format === 'wide', context.terminal);
  },
});
