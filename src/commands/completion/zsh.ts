import { zshScript } from '../../cli/completion-scripts.ts';
import { completionCommand } from '../shared/completion.ts';

export const command = completionCommand({
  name: 'zsh',
  load: 'source <(tridentctl completion zsh)',
  script: zshScript,
});
