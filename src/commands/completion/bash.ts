import { bashScript } from '../../cli/completion-bash.ts';
import { completionCommand } from '../shared/completion.ts';

export const command = completionCommand({
  name: 'bash',
  script: bashScript,
  load: 'source <(tridentctl completion bash)',
  always:
    'the same line at the end of ~/.bashrc; or, with the package bash-completion, the script as a file\ntridentctl in the folder ~/.local/share/bash-completion/completions.',
});
