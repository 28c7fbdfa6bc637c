import { defineCommand } from '../../cli/command.ts';
import { powershellScript } from '../../cli/completion-scripts.ts';

export const command = defineCommand({
  summary: 'Completion for PowerShell',
  description: `Load it in this shell: tridentctl completion powershell | Out-String | Invoke-Expression`,
  examples: ['tridentctl completion powershell'],
  args: { ignored: { kind: 'many', name: 'ignored', summary: 'not used', optional: true } },
  flags: { 'skip-plugin-detection': { kind: 'boolean', summary: 'accepted for compatibility; there are no plug-ins' } },
  run: async (_input, { terminal }) => terminal.out(powershellScript),
});
