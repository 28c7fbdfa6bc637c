import { bashScript } from '../../cli/completion-bash.ts';
import { completionCommand } from '../shared/completion.ts';

export const command = completionCommand({
  name: 'bash',
  script: bashScript,
  load: 'source <(tridentctl completion bash)',
  always:
    'the same line at the end of ~/.bashrc.\nWith the package bash-completion also as a file: tridentctl in ~/.local/share/bash-completion/completions.',
});
