import { fishScript } from '../../cli/completion-fish.ts';
import { completionCommand } from '../shared/completion.ts';

export const command = completionCommand({
  name: 'fish',
  script: fishScript,
  load: 'tridentctl completion fish | source',
  always: 'after this line, once:\ntridentctl completion fish > ~/.config/fish/completions/tridentctl.fish',
});
