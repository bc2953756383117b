"""Read ``--filter`` and ``--view``, and select owned numbers by them, for every command.

A command adds ``filter_option()`` and perhaps ``view_option()``, compiles what was given by
``owned_filters`` before it asks any provider, and hands what was listed to ``select``, which says
what was left out.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from tui_numbers.cli.completion import filter_words, view_words
from tui_numbers.cli.deferred import asyncio, config, filtering, locations, search_text
from tui_numbers.domain.text import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tui_numbers.domain.filtering import RowFilter
    from tui_numbers.domain.numbers import OwnedNumber
    from tui_numbers.services.config import ViewConfig
    from tui_numbers.services.session import Session
    from tui_numbers.services.workspace import Workspace
    from tui_numbers.wording.search_text import AreaOf, FlagsOf


def filter_option() -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add ``--filter``."""
    return click.option(
        "--filter",
        "text",
        default="",
        metavar="TEXT",
        help="Words, !word, account: country: type: status: to: name: place: features: with A,B "
        "for either, -field: for none of it, is:unrouted, cost>1, changed<7d, re:EXPRESSION; see "
        "'help filter'.",
        shell_complete=filter_words,
    )


def view_option() -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add ``--view``."""
    return click.option(
        "--view",
        metavar="NAME",
        help="A saved view: its filter holds beside --filter.",
        shell_complete=view_words,
    )


def saved_view(session: Session, name: str | None) -> ViewConfig:
    """Return the saved view of that name; one that asks for nothing where there is no name.

    Raises:
        click.UsageError: There is no such view; the text names the nearest.
    """
    if name is None:
        return config.ViewConfig()
    views = session.config.views
    if name in views:
        return views[name]
    known = nearest(name, views) if views else "none is saved: [views.NAME], or :save NAME"
    raise click.UsageError(f"--view: no view {name!r}; {known}")


@dataclass(frozen=True, slots=True)
class Selected:
    """The owned numbers that a filter leaves."""

    numbers: list[OwnedNumber]
    left_out: Mapping[str, int] = field(default_factory=dict)
    """By account, how many could not be told since the provider does not say what is asked."""
    asked: str = ""
    """What they do not say, in words."""

    @property
    def notices(self) -> list[str]:
        """A line for each account that something was left out of."""
        return [
            f"{account}: {count:,} left out, since it does not tell the {self.asked}"
            for account, count in self.left_out.items()
        ]


def owned_filter(workspace: Workspace, text: str, option: str = "--filter") -> RowFilter:
    """Return a filter of owned numbers as it was given to an option.

    Raises:
        click.UsageError: It cannot be read; the text says why.
    """
    from tui_numbers.domain.filter_terms import OWNED

    infos = [workspace.info(account) for account in workspace.accounts]
    kinds = filtering.TARGET_KINDS | {kind.key for info in infos for kind in info.target_kinds}
    try:
        return filtering.compile_filter(text, OWNED, kinds)
    except filtering.FilterError as error:
        raise click.UsageError(f"{option}: {error}") from None


def owned_filters(session: Session, text: str, view: str | None) -> tuple[RowFilter, ...]:
    """Return what ``--filter`` and ``--view`` ask for together.

    Raises:
        click.UsageError: One of them cannot be read, or there is no such view.
    """
    saved = saved_view(session, view).filter
    workspace = session.workspace
    return owned_filter(workspace, text), owned_filter(workspace, saved, f"--view {view}")


async def select(
    workspace: Workspace,
    numbers: Sequence[OwnedNumber],
    *wanted: RowFilter,
    flags: FlagsOf | None = None,
) -> Selected:
    """Return the numbers that pass all filters; ``flags`` tells what stands outside a number."""
    filters = [one for one in wanted if one.terms]
    if not filters:
        return Selected(list(numbers))
    infos = {account.name: workspace.info(account) for account in workspace.accounts}
    places = any(one.asks_places for one in filters)
    area_of = await asyncio.to_thread(_area_of) if places else search_text.no_area
    read_only = frozenset(
        account.name for account in workspace.accounts if workspace.read_only or account.read_only
    )
    flags_of = flags or search_text.no_flags
    text_of = search_text.OwnedText(infos, area_of, workspace.locks, read_only, flags_of)
    passed, left_out = [], Counter[str]()
    for number in numbers:
        hay = text_of(number)
        verdicts = {one.verdict(hay) for one in filters}
        if False in verdicts:
            continue
        if None in verdicts:
            left_out[number.account] += 1
        else:
            passed.append(number)
    asked = dict.fromkeys(name for one in filters for name in one.asks_untold)
    return Selected(passed, left_out, " or ".join(_TOLD.get(name, name) for name in asked))


_TOLD = {"changed": "time of a change"}


def _area_of() -> AreaOf:
    """Load the tables that say where numbers are from."""
    return locations.UsualAreas().name
