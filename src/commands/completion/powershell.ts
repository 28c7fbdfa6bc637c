import { powershellScript } from '../../cli/completion-powershell.ts';
import { completionCommand } from '../shared/completion.ts';

export const command = completionCommand({
  name: 'PowerShell',
  script: powershellScript,
  load: 'tridentctl completion powershell | Out-String | Invoke-Expression',
  always: 'the same line in the file that $PROFILE names.',
});
