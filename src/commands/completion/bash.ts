import { defineCommand } from '../../cli/command.ts';
import { bashScript } from '../../cli/completion-scripts.ts';

export const command = defineCommand({
  summary: 'Completion for bash',
  description: `Load it in this shell: source <(tridentctl completion bash)`,
  examples: ['tridentctl completion bash'],
  args: { ignored: { kind: 'many', name: 'ignored', summary: 'not used', optional: true } },
  flags: { 'skip-plugin-detection': { kind: 'boolean', summary: 'accepted for compatibility; there are no plug-ins' } },
  run: async (_input, { terminal }) => terminal.out(bashScript),
});
