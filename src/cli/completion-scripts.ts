/** Scripts that ask `tridentctl __complete` what could be typed next. Its last line is `:` and a number: 4, no files. */

export const bashScript = String.raw`# bash completion for tridentctl
_tridentctl() {
  local answer directive line word last typed index quoted
  local -a words=()
  COMPREPLY=()
  # Bash takes words apart at = and at colons; the program wants them whole.
  for ((index = 1; index <= COMP_CWORD; index++)); do
    word="${'$'}{COMP_WORDS[index]}"
    last=$((${'$'}{#words[@]} - 1))
    if ((last >= 0)) && { [[ "$word" == [=:] ]] || [[ "${'$'}{COMP_WORDS[index - 1]}" == [=:] ]]; }; then
      words[last]+="$word"
    else
      words+=("$word")
    fi
  done
  typed="${'$'}{words[${'$'}{#words[@]} - 1]}"
  [[ "$word" == [=:] ]] && word=""
  answer="$(tridentctl __complete "${'$'}{words[@]}" 2>/dev/null)" || return
  directive="${'$'}{answer##*:}"
  answer="${'$'}{answer%:*}"
  while IFS= read -r line; do
    line="${'$'}{line%%$'\t'*}"
    [ -n "$line" ] || continue
    # Names may hold what the shell would take for its own.
    printf -v quoted '%q' "${'$'}{line#"${'$'}{typed%"$word"}"}"
    COMPREPLY+=("$quoted")
  done <<< "$answer"
  if [ "${'$'}{#COMPREPLY[@]}" -eq 0 ] && [ "$directive" != 4 ]; then
    compopt -o default 2>/dev/null
  fi
}
complete -F _tridentctl tridentctl
`;

export const zshScript = String.raw`#compdef tridentctl
# zsh completion for tridentctl
_tridentctl() {
  local answer directive line word
  local -a found
  answer="$(tridentctl __complete "${'$'}{(@)words[2,CURRENT]}" 2>/dev/null)" || return
  directive="${'$'}{answer##*:}"
  answer="${'$'}{answer%:*}"
  while IFS= read -r line; do
    [[ -z "$line" ]] && continue
    word="${'$'}{line%%$'\t'*}"
    if [[ "$line" == *$'\t'* ]]; then
      found+=("${'$'}{word//:/\\:}:${'$'}{line#*$'\t'}")
    else
      found+=("${'$'}{word//:/\\:}")
    fi
  done <<< "$answer"
  if (( ${'$'}#found )); then
    _describe 'tridentctl' found
  elif [[ "$directive" != 4 ]]; then
    _files
  fi
}
if [ "$funcstack[1]" = "_tridentctl" ]; then
  _tridentctl "$@"
else
  compdef _tridentctl tridentctl
fi
`;

export const fishScript = String.raw`# fish completion for tridentctl
function __tridentctl_complete
  set -l words (commandline -opc)[2..-1] (commandline -ct)
  tridentctl __complete $words 2>/dev/null | string match -v -r '^:[0-9]+$'
end
complete -c tridentctl -f -a '(__tridentctl_complete)'
complete -c tridentctl -s f -l filename -r -F
complete -c tridentctl -s k -l kubeconfig -r -F
`;

export const powershellScript = String.raw`# PowerShell completion for tridentctl
Register-ArgumentCompleter -Native -CommandName tridentctl -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  if ($wordToComplete -eq '') { $words += '""' }
  $answer = & tridentctl __complete @words 2>$null
  foreach ($line in $answer) {
    if ($line -match '^:\d+$') { continue }
    $parts = $line -split "${'`'}t", 2
    $about = if ($parts.Count -gt 1) { $parts[1] } else { $parts[0] }
    # Names may hold what the shell would take for its own.
    $text = if ($parts[0] -match '^[\w./:=@+-]+$') { $parts[0] } else { "'" + $parts[0].Replace("'", "''") + "'" }
    [System.Management.Automation.CompletionResult]::new($text, $parts[0], 'ParameterValue', $about)
  }
}
`;
