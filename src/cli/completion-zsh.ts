import { script } from './script.ts';

/** Asks `tridentctl __complete`. It can be sourced, and be a file `_tridentctl` in a folder of `fpath`. */
export const zshScript = script`#compdef tridentctl
# zsh completion for tridentctl
_tridentctl() {
  # The program wants words as they will be given to it. Nothing that was typed is run for that: of all that the shell
  # would expand, only ~ and $NAME are. What is declared here hides what the user has of the same name.
  local __tridentctl_word __tridentctl_rest __tridentctl_odd=$'$\\\'\`'
  local -a __tridentctl_given
  for __tridentctl_word in "\${(@)words[1,CURRENT-1]}"; do
    __tridentctl_word="\${__tridentctl_word/#\~\//$HOME/}"
    __tridentctl_rest="\${__tridentctl_word//\$([A-Za-z_][A-Za-z0-9_]#|\{[A-Za-z_][A-Za-z0-9_]#\})/}"
    [[ "$__tridentctl_rest" == *[$__tridentctl_odd]* ]] || __tridentctl_word="\${(e)__tridentctl_word}"
    __tridentctl_given+=("\${(Q)__tridentctl_word}")
  done
  local answer directive line word program=tridentctl
  local -a given found
  given=("\${(@)__tridentctl_given}")
  word="$QIPREFIX$PREFIX$compstate[quote]"
  given+=("\${(Q)word}")
  [[ "$given[1]" == */* ]] && program="$given[1]"
  answer="$("$program" __complete "\${(@)given[2,-1]}" 2>/dev/null)" || return
  directive="\${answer##*:}"
  answer="\${answer%:*}"
  while IFS= read -r line; do
    [[ -z "$line" ]] && continue
    word="\${line%%$'\t'*}"
    word="\${\${word//\\/\\\\}//:/\\:}"
    [[ "$line" == *$'\t'* ]] && word+=":\${line#*$'\t'}"
    found+=("$word")
  done <<< "$answer"
  if (( $#found )); then
    _describe 'tridentctl' found
  elif [[ "$directive" != 4 ]]; then
    [[ "$PREFIX" == -*=* ]] && compset -P '[^=]#='
    _files
  fi
}
if [[ "$funcstack[1]" == "_tridentctl" ]]; then
  _tridentctl "$@"
elif (( $+functions[compdef] )); then
  compdef _tridentctl tridentctl
else
  print -ru2 'tridentctl: to complete words, zsh needs the line "autoload -Uz compinit; compinit" before this one'
fi
`;
