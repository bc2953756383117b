"""Complete words of a command line in bash, zsh and fish."""

import contextlib
import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ZshComplete,
    add_completion_class,
    get_completion_class,
    split_arg_string,
)

from tui_numbers.cli.deferred import (
    filtering,
    operations,
    paths,
    reference,
    sandbox_accounts,
    tomllib,
)
from tui_numbers.domain.numbers import CAPABILITIES, NUMBER_TYPES, STATUSES

if TYPE_CHECKING:
    from tui_numbers.providers.contract import ProviderInfo


VARIABLE = "_TUI_NUMBERS_COMPLETE"
"""The variable by which a shell asks for completions, and says which shell it is."""

GOES_ON = "goes_on"
"""The type of a completion that is not the whole word yet: no space follows it."""

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
    """Return where in ``word`` the part begins that bash takes for the whole word."""
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


def script(shell: str, command: click.Command) -> str:
    """Return the script that lets a shell complete what ``command`` takes."""
    found = get_completion_class(shell)
    assert found is not None
    return found(command, {}, "tui-numbers", VARIABLE).source()


Complete = Callable[[click.Context, click.Parameter, str], "list[CompletionItem]"]
Offered = Iterable[tuple[str, str]]


def _completer(find: Callable[[click.Context], Offered]) -> Complete:
    def complete(
        context: click.Context, _param: click.Parameter, incomplete: str
    ) -> "list[CompletionItem]":
        # Whatever is wrong with a file, a shell's line is no place to say it.
        with contextlib.suppress(Exception):
            return [
                CompletionItem(word, type=_type(word), help=words or None)
                for word, words in find(context)
                if word.startswith(incomplete)
            ]
        return []

    return complete


def _type(word: str) -> str:
    return GOES_ON if word.endswith(("=", ":")) else "plain"


def _is_demo(context: click.Context) -> bool:
    at: click.Context | None = context
    while at is not None:
        if at.params.get("global_demo"):
            return True
        at = at.parent
    return False


def _accounts(context: click.Context) -> Offered:
    if _is_demo(context):
        return [(account.name, account.provider) for account in sandbox_accounts.ACCOUNTS]
    document = tomllib.loads(paths.Paths.of_user().config_file.read_text(encoding="utf-8-sig"))
    tables = document.get("accounts", {}).items()
    return [(name, str(table.get("provider", ""))) for name, table in tables]


def _infos(context: click.Context) -> "list[ProviderInfo]":
    """Return the providers of the accounts there are, or all where that cannot be told."""
    known = reference.infos()
    used = []
    with contextlib.suppress(Exception):
        used = [known[key] for _, key in _accounts(context) if key in known]
    return used or list(known.values())


def _settings(context: click.Context) -> Offered:
    found = {
        spec.key: spec.label for info in _infos(context) for spec in info.settings if spec.settable
    }
    return sorted(found.items())


def _assignments(context: click.Context) -> Offered:
    found = {spec.key: spec for info in _infos(context) for spec in info.settings if spec.settable}
    for key, spec in sorted(found.items()):
        yield from ((f"{key}={choice}", spec.label) for choice in spec.choices or ("",))


def _fields(context: click.Context) -> Offered:
    known = reference.infos()
    chosen = context.params.get("provider")
    asked = [known[chosen]] if chosen in known else list(known.values())
    for info in asked:
        for spec in info.fields:
            if not spec.secret:
                yield f"{spec.key}=", f"{info.title}: {spec.label}"
    yield "base_url=", "another address"
    yield "session_cache=", "keep a typed secret, such as 8h"


def _kinds(context: click.Context) -> Offered:
    found = {
        f"{kind.key}:": f"{kind.label}, such as {kind.example}"
        for info in _infos(context)
        for kind in info.target_kinds
        if info.can_be_set(kind.key)
    }
    return sorted(found.items())


def _buy_fields(context: click.Context) -> Offered:
    for info in _infos(context):
        for field in info.buy_fields:
            yield f"{field.key}=", f"{info.title}: {field.label}"


def _providers(_context: click.Context) -> Offered:
    return [(key, info.title) for key, info in reference.infos().items()]


def _outcomes(_context: click.Context) -> Offered:
    outcomes = operations.Outcome
    return [(one.value, one.meaning) for one in outcomes if one is not outcomes.PLANNED]


def _types(_context: click.Context) -> Offered:
    return [(word, "") for word in NUMBER_TYPES]


def _statuses(_context: click.Context) -> Offered:
    return [(word, "") for word in STATUSES]


def column_words(
    _context: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete the last of several columns, with commas between them."""
    before = incomplete.rpartition(",")[0]
    return _columns(f"{before}," if before else "", incomplete)


def sort_words(
    _context: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete a column; click takes one with a minus before it for an option."""
    return _columns("", incomplete)


def _columns(before: str, incomplete: str) -> list[CompletionItem]:
    from tui_numbers.wording.columns import owned_columns

    return [
        CompletionItem(before + key, help=column.meaning)
        for key, column in owned_columns().items()
        if (before + key).startswith(incomplete)
    ]


def _views(context: click.Context) -> Offered:
    if _is_demo(context):
        return []
    document = tomllib.loads(paths.Paths.of_user().config_file.read_text(encoding="utf-8-sig"))
    tables = document.get("views", {}).items()
    return [(name, str(table.get("filter", ""))) for name, table in tables]


def filter_words(
    context: click.Context, _param: click.Parameter, incomplete: str
) -> "list[CompletionItem]":
    """Complete the last part of a filter."""
    with contextlib.suppress(Exception):
        accounts = dict(_accounts(context))
        values = {
            "account": accounts,
            "provider": accounts.values(),
            "type": NUMBER_TYPES,
            "status": STATUSES,
            "features": CAPABILITIES,
        }
        found = filtering.complete(incomplete, len(incomplete), values=values)
        words = (incomplete[: found.start] + choice.strip() for choice in found.choices)
        return [
            CompletionItem(word, type=GOES_ON if word[-1:] in ":<>" else "plain") for word in words
        ]
    return []


def _topics(context: click.Context) -> Offered:
    yield from ((name, reference.summary(name)) for name in reference.TOPICS)
    root = context.find_root().command
    for found in root.shell_complete(context.find_root(), ""):
        if found.value not in reference.TOPICS:
            yield found.value, found.help or ""


account_words = _completer(_accounts)
setting_words = _completer(_settings)
assignment_words = _completer(_assignments)
field_words = _completer(_fields)
kind_words = _completer(_kinds)
buy_field_words = _completer(_buy_fields)
provider_words = _completer(_providers)
outcome_completions = _completer(_outcomes)
type_words = _completer(_types)
status_words = _completer(_statuses)
view_words = _completer(_views)
topic_words = _completer(_topics)
