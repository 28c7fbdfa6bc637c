import { zshScript } from '../../cli/completion-zsh.ts';
import { completionCommand } from '../shared/completion.ts';

export const command = completionCommand({
  name: 'zsh',
  script: zshScript,
  load: 'source <(tridentctl completion zsh)',
  always:
    'the same line in ~/.zshrc, after this one:\nautoload -Uz compinit; compinit\nAlso as a file: _tridentctl in a folder of $fpath.',
});
