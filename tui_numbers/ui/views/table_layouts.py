"""Lay out the tables of the views: which columns, how wide, and from which terminal width."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import AvailableNumber, OwnedNumber
from tui_numbers.services.config import view_key
from tui_numbers.ui.layout import Column, Wish
from tui_numbers.wording.columns import (
    Columns,
    UnknownColumn,
    Until,
    known_column,
    never_locked,
    never_temporary,
    operation_columns,
    owned_columns,
    read_sort,
    route_columns,
    stock_columns,
    target_columns,
)

if TYPE_CHECKING:
    from tui_numbers.domain.operations import Operation
    from tui_numbers.domain.query import StockQuery
    from tui_numbers.services.config import UiConfig
    from tui_numbers.services.inventory import TargetUse
    from tui_numbers.services.routes import RouteState

R = TypeVar("R")

_PROBLEM = 30
"""Characters of a reason that a table has room for; History has all of it."""


def owned_table(
    locked: Callable[[E164], bool] = never_locked,
    until: Until = never_temporary,
) -> tuple[Column[OwnedNumber], ...]:
    """Return the table of owned numbers.

    ``locked`` tells which the configuration locks, and ``until`` when one is put back.
    """
    known = owned_columns(locked, until)
    return (
        _column(known, "number", 15, highlight=True, costly=True),
        _column(known, "name", 10, flex=3, optional=1, highlight=True),
        _column(known, "target", 16, flex=4, highlight=True),
        _column(known, "sms", 14, smallest=110, flex=2, optional=4, highlight=True),
        _column(known, "type", 9, smallest=96, optional=3),
        _column(known, "country", 2, smallest=72, optional=2),
        _column(known, "account", 9, flex=5, highlight=True),
        _column(known, "status", 7, flex=6),
        _column(known, "provider", 8, extra=True),
        _column(known, "features", 9, flex=1, extra=True),
        _column(known, "place", 8, flex=1, extra=True, highlight=True),
        _column(known, "monthly", 8, align="right", extra=True),
        _column(known, "changed", 11, extra=True),
    )


def stock_table(
    place_of: Callable[[AvailableNumber], str],
    query: "Callable[[], StockQuery | None]",
    problem_of: Callable[[AvailableNumber], str] = lambda _row: "",
) -> tuple[Column[AvailableNumber], ...]:
    """Return the table of available numbers.

    Args:
        place_of: Returns where a number is.
        query: Returns the search that found them, whose digits and letters stand out.
        problem_of: Returns why a number that was chosen was not bought, or nothing.
    """
    known = stock_columns(place_of, query)
    reads = known["reads"]

    def digits(row: AvailableNumber, text: str) -> Sequence[tuple[int, int]]:
        asked = query()
        return digit_spans(text, asked.span(row.number) if asked is not None else None)

    def word(row: AvailableNumber, text: str) -> Sequence[tuple[int, int]]:
        asked = query()
        spelt = asked.word_in(row.number) if asked is not None else ""
        at = text.find(spelt) if spelt else -1
        return [(at, at + len(spelt))] if at >= 0 else []

    return (
        _column(known, "number", 15, highlight=True, costly=True, spans=digits),
        Column(
            "reads",
            reads.title,
            14,
            lambda row: problem_of(row)[:_PROBLEM] or reads.value(row),
            reads.sort_key,
            style=lambda row: "bad" if problem_of(row) else "",
            spans=word,
        ),
        _column(known, "monthly", 8, align="right"),
        _column(known, "type", 9, smallest=72, optional=3),
        _column(known, "account", 9, flex=5),
        _column(known, "place", 10, flex=4, optional=1),
        _column(known, "features", 5, smallest=90, flex=1, optional=2),
        _column(known, "setup", 8, smallest=90, optional=5, align="right"),
        _column(known, "address", 7, smallest=72, flex=1, optional=4),
    )


def digit_spans(text: str, span: tuple[int, int] | None) -> Sequence[tuple[int, int]]:
    """Return where the digits from one to another stand in a number as it is written."""
    if span is None:
        return ()
    places = [at for at, one in enumerate(text) if "0" <= one <= "9"]
    start, end = span
    return [(places[start], places[end - 1] + 1)] if start < end <= len(places) else ()


def history_table() -> "tuple[Column[Operation], ...]":
    """Return the table of the history."""
    known = operation_columns()
    return (
        _column(known, "when", 11, optional=1),
        _column(known, "number", 15, highlight=True, costly=True),
        _column(known, "action", 8, smallest=110, optional=5),
        _column(known, "change", 24, flex=4, highlight=True),
        _column(known, "outcome", 11, flex=3),
        _column(known, "account", 9, smallest=90, flex=2, optional=2),
        _column(known, "who", 5, smallest=100, flex=1, optional=4),
        _column(known, "reason", 12, smallest=110, flex=1, optional=3),
    )


def target_table() -> "tuple[Column[TargetUse], ...]":
    """Return the table of targets with how many numbers point there."""
    known = target_columns()
    return (
        _column(known, "target", 20, flex=4, highlight=True),
        _column(known, "calls", 5, align="right"),
        _column(known, "sms", 5, align="right"),
        _column(known, "standing", 9, flex=3),
        _column(known, "account", 9, flex=5, highlight=True),
        _column(known, "channels", 9, smallest=72, optional=1),
        _column(known, "written", 14, smallest=110, flex=2, optional=2),
    )


def route_table() -> "tuple[Column[RouteState], ...]":
    """Return the table of saved routes."""
    known = route_columns()
    return (
        _column(known, "name", 12, flex=3, highlight=True),
        _column(known, "title", 10, smallest=100, flex=1, optional=1, highlight=True),
        _column(known, "standing", 30, flex=5),
        _column(known, "until", 9, smallest=90, flex=2, optional=2),
        _column(known, "rehearsed", 14, smallest=100, flex=1, optional=3),
    )


def preferred(ui: "UiConfig", view: str, columns: Sequence[Column[Any]]) -> tuple[Wish, list[str]]:
    """Return the columns and the sorting that a person prefers in a view, and what is unknown."""
    problems: list[str] = []
    chosen: list[str] = []
    for written in ui.columns_of(view):
        try:
            chosen.append(known_column(written, [column.key for column in columns]))
        except UnknownColumn as error:
            problems.append(f"[ui] {view_key(view, 'columns')}: {error}")
    key, reverse = None, False
    written_sort = ui.sort_of(view)
    if written_sort is not None:
        sortable = [column.key for column in columns if column.sort_key is not None]
        try:
            key, reverse = read_sort(written_sort, sortable)
        except UnknownColumn as error:
            problems.append(f"[ui] {view_key(view, 'sort')}: {error}")
    return Wish(key, reverse, tuple(chosen)), problems


def _column(known: Columns[R], key: str, width: int, **layout: Any) -> Column[R]:
    """Return the column of that key, laid out."""
    one = known[key]
    return Column(
        key,
        one.title,
        width,
        one.value,
        one.sort_key,
        style=one.tone,
        cut=one.cut,
        brief=one.brief,
        meaning=one.meaning,
        **layout,
    )
