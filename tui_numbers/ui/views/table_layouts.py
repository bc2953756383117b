"""Lay out the tables of the views: which columns, how wide, and from which terminal width."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import AvailableNumber, OwnedNumber
from tui_numbers.ui.layout import Column
from tui_numbers.wording.columns import (
    Columns,
    never_locked,
    operation_columns,
    owned_columns,
    stock_columns,
)

if TYPE_CHECKING:
    from tui_numbers.domain.operations import Operation
    from tui_numbers.domain.query import StockQuery

R = TypeVar("R")


def owned_table(
    locked: Callable[[E164], bool] = never_locked,
) -> tuple[Column[OwnedNumber], ...]:
    """Return the table of owned numbers; ``locked`` tells which the configuration locks."""
    known = owned_columns(locked)
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
    place_of: Callable[[AvailableNumber], str], query: "Callable[[], StockQuery | None]"
) -> tuple[Column[AvailableNumber], ...]:
    """Return the table of available numbers; ``query`` is the search that found them."""
    known = stock_columns(place_of, query)
    return (
        _column(known, "number", 15, highlight=True, costly=True),
        _column(known, "reads", 14, costly=True),
        _column(known, "monthly", 8, align="right"),
        _column(known, "type", 9, smallest=72, optional=3),
        _column(known, "account", 9, flex=5),
        _column(known, "place", 8, flex=4, optional=1),
        _column(known, "features", 5, flex=1, optional=2),
        _column(known, "setup", 8, smallest=90, optional=5, align="right"),
        _column(known, "address", 7, smallest=72, flex=1, optional=4),
    )


def history_table() -> "tuple[Column[Operation], ...]":
    """Return the table of the history."""
    known = operation_columns()
    return (
        _column(known, "when", 11, optional=1),
        _column(known, "number", 15, highlight=True, costly=True),
        _column(known, "action", 8, smallest=110, optional=5),
        _column(known, "change", 16, flex=4, highlight=True),
        _column(known, "outcome", 8),
        _column(known, "account", 9, smallest=90, flex=3, optional=2),
        _column(known, "who", 5, smallest=100, flex=2, optional=4),
        _column(known, "reason", 8, smallest=110, flex=1, optional=3),
    )


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
