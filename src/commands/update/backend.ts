import { defineCommand } from '../../cli/command.ts';
import { documentFlags, getDocument } from '../../cli/document.ts';
import { explain } from '../shared/explain.ts';
import { dryRunFlag, oneName } from '../shared/flags.ts';
import { showConfigured } from '../shared/show.ts';

export const command = defineCommand({
  summary: 'Replace the configuration of a backend',
  examples: ['tridentctl update backend nas1 -f backend.yaml'],
  args: { names: { kind: 'many', name: 'name', summary: 'name of the backend', names: 'backend' } },
  flags: { ...documentFlags('YAML or JSON file with the new configuration, - for standard input'), ...dryRunFlag },
  async run({ args, flags }, context) {
    const document = await getDocument(flags, context, 'no input file was specified');
    const name = oneName(args.names, 'backend');
    const core = await context.core();
    const { signal, progress } = context;
    const answer = await document.explain(() =>
      explain(`could not update backend ${name}`, () =>
        core.call.updateBackend({ params: { backend: name }, body: document.value, signal, progress }),
      ),
    );
    await showConfigured(answer, core, context);
  },
});
