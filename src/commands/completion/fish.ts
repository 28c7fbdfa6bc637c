import { defineCommand } from '../../cli/command.ts';
import { fishScript } from '../../cli/completion-scripts.ts';

export const command = defineCommand({
  summary: 'Completion for fish',
  description: `Load it in this shell: tridentctl completion fish | source`,
  examples: ['tridentctl completion fish'],
  args: { ignored: { kind: 'many', name: 'ignored', summary: 'not used', optional: true } },
  flags: { 'skip-plugin-detection': { kind: 'boolean', summary: 'accepted for compatibility; there are no plug-ins' } },
  run: async (_input, { terminal }) => terminal.out(fishScript),
});
