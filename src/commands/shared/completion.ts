import { defineCommand } from '../../cli/command.ts';

/** A command that prints the completion script of a shell. @param load what loads the script in a shell that runs */
export const completionCommand = (shell: { readonly name: string; readonly load: string; readonly script: string }) =>
  defineCommand({
    summary: `Completion for ${shell.name}`,
    description: `Load it in this shell: ${shell.load}`,
    examples: [`tridentctl completion ${shell.name.toLowerCase()}`],
    args: { ignored: { kind: 'many', name: 'ignored', summary: 'not used', optional: true } },
    flags: {
      'skip-plugin-detection': { kind: 'boolean', summary: 'accepted for compatibility; there are no plug-ins' },
    },
    run: async (_input, { terminal }) => terminal.out(shell.script),
  });
