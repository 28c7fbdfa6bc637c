import { bashScript } from '../../cli/completion-scripts.ts';
import { completionCommand } from '../shared/completion.ts';

export const command = completionCommand({
  name: 'bash',
  load: 'source <(tridentctl completion bash)',
  script: bashScript,
});
