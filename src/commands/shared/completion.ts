import { defineCommand } from '../../cli/command.ts';

interface Shell {
  readonly name: string;
  readonly script: string;
  /** What loads the script in a shell that runs. */
  readonly load: string;
  /** How it is loaded in every shell that is started. */
  readonly always: string;
}

/** A command that prints the completion script of a shell. */
export const completionCommand = (shell: Shell) =>
  defineCommand({
    summary: `Completion for ${shell.name}`,
    description: `In this shell: ${shell.load}\nIn every new one: ${shell.always}`,
    examples: [`tridentctl completion ${shell.name.toLowerCase()}`],
    args: { ignored: { kind: 'many', name: 'ignored', summary: 'not used', optional: true, hidden: true } },
    flags: {
      'skip-plugin-detection': { kind: 'boolean', summary: 'accepted for compatibility; there are no plug-ins' },
    },
    run: async (_input, { terminal }) => terminal.out(shell.script),
  });
