import { Problem } from '../../engine/problem.ts';
import { defineCommand } from '../../cli/command.ts';
import { explain } from '../shared/explain.ts';
import { dryRunFlag, oneName } from '../shared/flags.ts';
import { showBackendNamed } from '../shared/show.ts';

export const command = defineCommand({
  summary: 'Suspend or resume a backend',
  examples: [
    'tridentctl update backend state nas1 --user-state suspended',
    'tridentctl update backend state nas1 --user-state normal',
  ],
  args: { names: { kind: 'many', name: 'name', summary: 'name of the backend', names: 'backend' } },
  flags: {
    ...dryRunFlag,
    state: { kind: 'string', hidden: true, summary: 'state to put the backend into' },
    'user-state': { kind: 'string', value: 'suspended|normal', summary: 'whether new volumes may be placed on it' },
  },
  async run({ args, flags }, context) {
    const state = flags.state ?? '';
    const userState = flags['user-state'] ?? '';
    if ((state === '') === (userState === ''))
      throw new Problem('cli.oneState', 'usage', 'exactly one of --state or --user-state must be specified');
    const name = oneName(args.names, 'backend');
    const core = await context.core();
    const { signal, progress } = context;
    const answer = await explain(`could not update state for backend ${name}`, () =>
      core.call.updateBackendState({ params: { backend: name }, body: { state, userState }, signal, progress }),
    );
    await showBackendNamed(answer.backend, core, context);
  },
});
