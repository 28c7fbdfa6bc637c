import { script } from './script.ts';

/**
 * Asks `tridentctl __complete`. Bash takes words apart at `=`, `:` and `@` and leaves their quotes on, and puts an answer
 * in the place of its `$2` alone; so the line is read here, up to that place and to its end.
 */
export const bashScript = script`# bash completion for tridentctl
_tridentctl() {
  # What is declared here hides what the user has of the same name; so what the line names is read first, by its place.
  local __tridentctl_line="\${COMP_LINE:0:COMP_POINT}" __tridentctl_index __tridentctl_name
  local __tridentctl_variable='^\$(\{([A-Za-z_][A-Za-z_0-9]*)\}|([A-Za-z_][A-Za-z_0-9]*))'
  local -a __tridentctl_values
  __tridentctl_values=()
  # A backslash at the end of a line joins it with the next.
  __tridentctl_line="\${__tridentctl_line//$'\\\n'/}"
  for ((__tridentctl_index = 0; __tridentctl_index < \${#__tridentctl_line}; __tridentctl_index++)); do
    [[ "\${__tridentctl_line:__tridentctl_index}" =~ $__tridentctl_variable ]] || continue
    __tridentctl_name="\${BASH_REMATCH[2]}\${BASH_REMATCH[3]}"
    [[ -n "\${!__tridentctl_name+set}" ]] && __tridentctl_values[__tridentctl_index]="\${!__tridentctl_name}"
  done
  # The program wants words as they will be given to it. Nothing that was typed is run for that: of all that the shell
  # would expand, only ~ and $NAME are.
  local line="$__tridentctl_line" place="$2" start index char next name rest
  local word="" begun="" quote="" redirected="" head="" open="" program=tridentctl answer directive
  # What a backslash is for between double quotes.
  local escaped='[\\"$\`]'
  local -a words
  words=()
  COMPREPLY=()
  # After sudo, the package bash-completion gives a word of COMP_WORDS here, where bash itself has nothing.
  [[ "$place" == [=:] ]] && place=""
  start=$((\${#line} - \${#place}))
  for ((index = 0; index <= \${#line}; index++)); do
    ((index == start)) && head="$word"
    char="\${line:index:1}"
    next="\${line:index+1:1}"
    if [[ -z "$char" ]]; then
      break
    elif [[ "$quote" == "'" ]]; then
      if [[ "$char" == "'" ]]; then quote=""; else word+="$char"; fi
    elif [[ "$char" == "\\" ]]; then
      [[ "$quote" == '"' && "$next" != $escaped ]] && word+="$char"
      word+="$next"
      index=$((index + 1))
    elif [[ "$char" == '"' ]]; then
      if [[ "$quote" == '"' ]]; then quote=""; else quote='"' open="$word"; fi
      begun=1
    elif [[ "$char" == '$' && "\${line:index}" =~ $__tridentctl_variable ]]; then
      rest="\${BASH_REMATCH[0]}"
      word+="\${__tridentctl_values[index]-$rest}"
      index=$((index + \${#rest} - 1))
    elif [[ "$quote" == '"' ]]; then
      word+="$char"
    elif [[ "$char" == "'" ]]; then
      quote="'" open="$word" begun=1
    elif [[ "$char" == [[:space:]] || "$char" == ["<>"] ]]; then
      if [[ -n "$word$begun" ]]; then
        # The file that output goes to, and the number before >, are no words of the program.
        if [[ -z "$redirected" ]] && [[ "$char" == [[:space:]] || "$word" == *[!0-9]* ]]; then words+=("$word"); fi
        redirected=""
      fi
      [[ "$char" == ["<>"] ]] && redirected=1
      word="" begun=""
    elif [[ "$char" == "~" && -z "$word$begun" && "$next" == ["/ "] ]]; then
      word="$HOME"
    else
      word+="$char"
    fi
  done
  # In the midst of a quotation, what follows its quote is replaced.
  [[ -n "$quote" ]] && head="$open"
  if [[ -n "$redirected" ]]; then
    compopt -o default 2>/dev/null
    return
  fi
  [[ "\${words[0]}" == */* ]] && program="\${words[0]}"
  answer="$("$program" __complete "\${words[@]:1}" "$word" 2>/dev/null)" || return
  directive="\${answer##*:}"
  answer="\${answer%:*}"
  while IFS=$'\t' read -r name rest; do
    [[ -n "$name" ]] || continue
    name="\${name:\${#head}}"
    # Names may hold what the shell would take for its own.
    if [[ "$quote" == "'" ]]; then
      next="'\\''"
      name="\${name//\'/$next}"
    elif [[ "$quote" == '"' ]]; then
      rest="$name" name=""
      for ((index = 0; index < \${#rest}; index++)); do
        char="\${rest:index:1}"
        [[ "$char" == $escaped ]] && name+="\\"
        name+="$char"
      done
    elif [[ -n "$name" ]]; then
      printf -v name '%q' "$name"
    fi
    COMPREPLY+=("$name")
  done <<< "$answer"
  if [[ "\${#COMPREPLY[@]}" -eq 0 && "$directive" != 4 ]]; then
    compopt -o default 2>/dev/null
  fi
}
complete -F _tridentctl tridentctl
`;
