import { script } from './script.ts';

/**
 * Asks `tridentctl __complete`. Written after PowerShell's documentation: an empty text as an answer keeps it from offering
 * file names, and before 7.3 (later where arguments are passed as before it) an empty argument is only passed as `""`.
 */
export const powershellScript = script`# PowerShell completion for tridentctl
Register-ArgumentCompleter -Native -CommandName tridentctl -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  # What the program says on standard error is no error here.
  $ErrorActionPreference = 'SilentlyContinue'
  $program = $commandAst.GetCommandName()
  if ($program -notmatch '[\\/]') { $program = 'tridentctl' }
  # Words as they will be given to the program, up to the cursor.
  $words = @()
  $typed = ''
  foreach ($element in @($commandAst.CommandElements | Select-Object -Skip 1)) {
    $place = $element.Extent
    if ($place.StartOffset -ge $cursorPosition) { break }
    $text = $place.Text
    if ($place.EndOffset -gt $cursorPosition) { $text = $text.Substring(0, $cursorPosition - $place.StartOffset) }
    if ($text.StartsWith("'")) { $text = ($text -replace '^''|''$', '') -replace '''''', '''' }
    elseif ($text.StartsWith('"')) { $text = ($text -replace '^"|"$', '') -replace '""', '"' -replace '\`(.)', '$1' }
    else { $text = $text -replace '\`(.)', '$1' }
    if ($place.EndOffset -ge $cursorPosition) { $typed = $text } else { $words += $text }
  }
  if ($typed -eq '' -and ($PSVersionTable.PSVersion -lt [version]'7.3' -or $PSNativeCommandArgumentPassing -eq 'Legacy')) {
    $typed = '""'
  }
  $answer = @(& $program __complete @words $typed 2>$null)
  if ($answer.Count -eq 0) { return }
  if ($answer.Count -eq 1) {
    if ($answer[0] -eq ':4') { '' }
    return
  }
  foreach ($line in $answer[0..($answer.Count - 2)]) {
    $parts = $line -split "\`t", 2
    $about = if ($parts.Count -gt 1) { $parts[1] } else { $parts[0] }
    # Names may hold what the shell would take for its own. It takes the quotes of print for quotes, too.
    $text = $parts[0]
    if ($text -notmatch '^[\w./:=+-][\w./:=@+-]*$') { $text = "'" + ($text -replace '[''\u2018-\u201b]', '$0$0') + "'" }
    [System.Management.Automation.CompletionResult]::new($text, $parts[0], 'ParameterValue', $about)
  }
}
`;
