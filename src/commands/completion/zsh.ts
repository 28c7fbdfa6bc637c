import { zshScript } from '../../cli/completion-zsh.ts';
import { completionCommand } from '../shared/completion.ts';

export const command = completionCommand({
  name: 'zsh',
  script: zshScript,
  load: 'source <(tridentctl completion zsh)',
  always:
    'the same line in ~/.zshrc, after the line "autoload -Uz compinit; compinit"; or the script as a file\n_tridentctl in a folder of $fpath.',
});
