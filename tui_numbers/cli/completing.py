"""What a shell is offered for the words of a command; never asks a provider, never fails."""

import contextlib
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from tui_numbers.providers.contract import ProviderInfo

Complete = Callable[[click.Context, click.Parameter, str], "list[CompletionItem]"]
Offered = Iterable[tuple[str, str]]


def _completer(find: Callable[[click.Context], Offered]) -> Complete:
    def complete(
        context: click.Context, _param: click.Parameter, incomplete: str
    ) -> "list[CompletionItem]":
        from click.shell_completion import CompletionItem

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
    from tui_numbers.cli.shells import GOES_ON

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
        from tui_numbers.sandbox.accounts import ACCOUNTS

        return [(account.name, account.provider) for account in ACCOUNTS]
    import tomllib

    from tui_numbers.services.paths import Paths

    document = tomllib.loads(Paths.of_user().config_file.read_text(encoding="utf-8-sig"))
    tables = document.get("accounts", {}).items()
    return [(name, str(table.get("provider", ""))) for name, table in tables]


def _infos(context: click.Context) -> "list[ProviderInfo]":
    """Return the providers of the accounts there are, or all where that cannot be told."""
    from tui_numbers.cli.declared import infos

    known = infos()
    used = []
    with contextlib.suppress(Exception):
        used = [known[key] for _, key in _accounts(context) if key in known]
    return used or list(known.values())


def _settings(context: click.Context) -> Offered:
    found = {spec.key: spec.label for info in _infos(context) for spec in info.settings}
    return sorted(found.items())


def _assignments(context: click.Context) -> Offered:
    found = {spec.key: spec for info in _infos(context) for spec in info.settings}
    for key, spec in sorted(found.items()):
        yield from ((f"{key}={choice}", spec.label) for choice in spec.choices or ("",))


def _fields(context: click.Context) -> Offered:
    from tui_numbers.cli.declared import infos

    known = infos()
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
    }
    return sorted(found.items())


def _providers(_context: click.Context) -> Offered:
    from tui_numbers.cli.declared import infos

    return [(key, info.title) for key, info in infos().items()]


def _outcomes(_context: click.Context) -> Offered:
    from tui_numbers.domain.operations import Outcome

    return [(one.value, one.meaning) for one in Outcome if one is not Outcome.PLANNED]


def _types(_context: click.Context) -> Offered:
    from tui_numbers.domain.numbers import NUMBER_TYPES

    return [(word, "") for word in NUMBER_TYPES]


def _statuses(_context: click.Context) -> Offered:
    from tui_numbers.domain.numbers import STATUSES

    return [(word, "") for word in STATUSES]


def _topics(context: click.Context) -> Offered:
    from tui_numbers.cli import topics
    from tui_numbers.cli.app import cli, summary

    yield from ((name, topics.summary(name)) for name in topics.NAMES)
    for name in cli.list_commands(context):
        if name not in topics.NAMES:
            yield name, summary(name)


account_words = _completer(_accounts)
setting_words = _completer(_settings)
assignment_words = _completer(_assignments)
field_words = _completer(_fields)
kind_words = _completer(_kinds)
provider_words = _completer(_providers)
outcome_words = _completer(_outcomes)
type_words = _completer(_types)
status_words = _completer(_statuses)
topic_words = _completer(_topics)
