import { script } from './script.ts';

/** Asks `tridentctl __complete`, once for every press of the key: the condition asks, and the words are what it found. */
export const fishScript = script`# fish completion for tridentctl
function __tridentctl_ask
    # The program wants words as they will be given to it.
    set -l given (commandline -xpc 2>/dev/null; or string replace -r '^~(?=/|$)' -- $HOME (commandline -opc))
    set -l token (commandline -ct)
    set -l word (string unescape -- "$token")
    set -l program tridentctl
    string match -q '*/*' -- "$given[1]"; and set program $given[1]
    set -l answer ($program __complete $given[2..-1] "$word" 2>/dev/null)
    set -g __tridentctl_found
    if set -q answer[2]
        set __tridentctl_found $answer[1..-2]
    end
    # Where this is false, fish offers file names.
    set -q answer[2]; or test "$answer" != :0
end
complete -c tridentctl -e
complete -c tridentctl -n __tridentctl_ask -f -a '$__tridentctl_found'
`;
