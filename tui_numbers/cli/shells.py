"""The shells' side of completion: click's, for words that go on after ``=`` or ``:`` too."""

import os
from typing import Any

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ZshComplete,
    add_completion_class,
    split_arg_string,
)

GOES_ON = "goes_on"
"""The type of a word that is not complete yet: no space follows it."""

_BASH = """\
%(complete_func)s() {
    local IFS=$'\\n' line
    COMPREPLY=()
    for line in $(env COMP_LINE="${COMP_LINE:0:COMP_POINT}" COMP_WORDBREAKS="$COMP_WORDBREAKS" \\
            %(complete_var)s=bash_complete "$1"); do
        [[ ${line%%%%,*} == goes_on ]] && compopt -o nospace
        COMPREPLY+=("${line#*,}")
    done
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""

_ZSH = """\
#compdef %(prog_name)s
%(complete_func)s() {
    local -a whole partial answer
    local kind item
    answer=("${(@f)$(env COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT-1)) \\
        %(complete_var)s=zsh_complete %(prog_name)s)}")
    for kind item in ${answer}; do
        if [[ $kind == goes_on ]]; then partial+=("$item"); else whole+=("$item"); fi
    done
    (( $#whole )) && _describe -V unsorted whole -U
    (( $#partial )) && _describe -V unsorted partial -U -S ''
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
    compdef %(complete_func)s %(prog_name)s
fi
"""


class Bash(BashComplete):
    """Bash, which takes what follows ``=`` or ``:`` for a word of its own."""

    source_template = _BASH

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the whole words before the cursor, and the one under it."""
        line = os.environ.get("COMP_LINE", "")
        words = split_arg_string(line)[1:]
        under = words.pop() if words and not line[-1:].isspace() else ""
        self._shown = _after_break(under, os.environ.get("COMP_WORDBREAKS", ""))
        return words, under

    def format_completion(self, item: CompletionItem[Any]) -> str:
        """Return the kind and that part of the word which bash replaces."""
        return f"{item.type},{item.value[self._shown :]}"


def _after_break(word: str, breaks: str) -> int:
    """Return where in ``word`` that begins which bash takes for the word."""
    return max((word.rfind(sign) + 1 for sign in "=:" if sign in breaks), default=0)


class Zsh(ZshComplete):
    """Zsh; every word has a description, which may be empty."""

    source_template = _ZSH

    def format_completion(self, item: CompletionItem[Any]) -> str:
        """Return kind, and word and description as ``_describe`` reads them."""
        word = item.value.replace(":", "\\:")
        return f"{item.type}\n{word}:{item.help or ''}"


class Fish(FishComplete):
    """Fish, which puts no space after ``=`` or ``:`` by itself."""

    def format_completion(self, item: CompletionItem[Any]) -> str:
        """Return the word and its description as click's script reads them."""
        kind = "plain" if item.type == GOES_ON else item.type
        return super().format_completion(CompletionItem(item.value, kind, item.help))


for _shell in (Bash, Zsh, Fish):
    add_completion_class(_shell)
