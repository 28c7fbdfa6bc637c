import { defineCommand } from '../../cli/command.ts';
import { documentFlags, getDocument } from '../../cli/document.ts';
import { explain } from '../shared/explain.ts';
import { showConfigured } from '../shared/show.ts';
import { dryRunFlag } from '../shared/flags.ts';

export const command = defineCommand({
  summary: 'Add a storage backend',
  description:
    'The file describes the backend in YAML or JSON: version, storageDriverName, and the keys of that driver.',
  examples: ['tridentctl create backend -f backend.yaml', 'tridentctl create backend -f - < backend.json'],
  args: {
    ignored: {
      kind: 'many',
      name: 'ignored',
      summary: 'not used; the file names the backend',
      optional: true,
      hidden: true,
    },
  },
  flags: { ...documentFlags('YAML or JSON file that describes the backend, - for standard input'), ...dryRunFlag },
  async run({ args, flags }, context) {
    const document = await getDocument(flags, context, 'no input file was specified');
    if (args.ignored.length > 0)
      context.terminal.err(`note: the file names the backend; ${args.ignored.join(' ')} is not used\n`);
    const core = await context.core();
    const { signal, progress } = context;
    const answer = await document.explain(() =>
      explain('could not create backend', () =>
        core.call.addBackend({ params: {}, body: document.value, signal, progress }),
      ),
    );
    await showConfigured(answer, core, context);
  },
});
