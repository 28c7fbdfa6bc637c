import { fishScript } from '../../cli/completion-scripts.ts';
import { completionCommand } from '../shared/completion.ts';

export const command = completionCommand({
  name: 'fish',
  load: 'tridentctl completion fish | source',
  script: fishScript,
});
