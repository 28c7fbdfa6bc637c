import { powershellScript } from '../../cli/completion-scripts.ts';
import { completionCommand } from '../shared/completion.ts';

export const command = completionCommand({
  name: 'PowerShell',
  load: 'tridentctl completion powershell | Out-String | Invoke-Expression',
  script: powershellScript,
});
