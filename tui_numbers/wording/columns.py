"""Define the columns of every table: title, text, sort key and meaning."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from tui_numbers.domain.e164 import E164, international
from tui_numbers.domain.numbers import AvailableNumber, Channel, Finding, OwnedNumber, Target
from tui_numbers.domain.text import nearest
from tui_numbers.wording.cells import Cut
from tui_numbers.wording.changes import brief_change_words, change_words
from tui_numbers.wording.values import (
    UNKNOWN,
    brief_end,
    capability_words,
    channel_heading,
    destination_words,
    finding_words,
    kind_words,
    money_words,
    outcome_tone,
    outcome_words,
    place_words,
    reads_words,
    recent_words,
    standing_words,
    status_tone,
    target_words,
)

if TYPE_CHECKING:
    from datetime import datetime

    from tui_numbers.domain.operations import Operation
    from tui_numbers.domain.query import StockQuery
    from tui_numbers.services.inventory import TargetUse
    from tui_numbers.services.routes import RouteState

R = TypeVar("R")


@dataclass(frozen=True)
class Column(Generic[R]):
    """One column, wherever it is drawn."""

    title: str
    value: Callable[[R], str]
    sort_key: Callable[[R], Any] | None = None
    """What rows are compared by; None among the results sorts last. Without it, no sorting."""
    tone: Callable[[R], str] | None = None
    """How a row's cell is meant: "good", "warn", "bad", "dim", or "" for none."""
    cut: Cut = "end"
    """Where a cell that is too long gives way."""
    brief: Callable[[R], str] | None = None
    """What stands in a cell that ``value`` is too long for; cut where this is too."""
    in_words: str = ""
    """What the column tells, where its title is not enough to choose it by."""

    @property
    def meaning(self) -> str:
        """What the column tells."""
        return self.in_words or self.title


Columns = Mapping[str, Column[R]]
"""Columns by their keys; which of them a table has, and how wide, is its own affair."""


class UnknownColumn(ValueError):
    """There is no such column; the text names the nearest."""


_OTHER_NAMES = {"voice": "target", "cost": "monthly", "in": "country"}
"""What columns are called elsewhere: in a filter, in CSV, in their titles."""


def known_column(written: str, known: Iterable[str]) -> str:
    """Return the key of the column that a person names.

    Raises:
        UnknownColumn: None of those ``known`` is called so.
    """
    keys = tuple(known)
    word = written.strip().casefold()
    key = word if word in keys else _OTHER_NAMES.get(word, word)
    if key not in keys:
        raise UnknownColumn(f"no column {written!r}; {nearest(word, keys)}")
    return key


def read_sort(written: str, known: Iterable[str]) -> tuple[str, bool]:
    """Return the column that ``[-]COLUMN`` names, and whether it is the other way round.

    Raises:
        UnknownColumn: There is none that rows could be sorted by.
    """
    word = written.strip()
    return known_column(word.removeprefix("-"), known), word.startswith("-")


def in_order(rows: Iterable[R], columns: Columns[R], written: str) -> list[R]:
    """Return rows sorted as ``[-]COLUMN`` says; those that tell nothing of it stand last.

    Raises:
        UnknownColumn: There is none that rows could be sorted by.
    """
    keys = {key: one.sort_key for key, one in columns.items() if one.sort_key is not None}
    key, reverse = read_sort(written, keys)
    known, unknown = list[R](), list[R]()
    for row in rows:
        (unknown if keys[key](row) is None else known).append(row)
    return sorted(known, key=keys[key], reverse=reverse) + unknown


def never_locked(_number: E164) -> bool:
    """Stand for locks where none are known."""
    return False


Until = Callable[[OwnedNumber], "datetime | None"]
"""Returns when a number is to be put back; None where it is not temporary."""


def never_temporary(_number: OwnedNumber) -> None:
    """Stand for the ends of temporary changes where none are known."""


def owned_columns(
    locked: Callable[[E164], bool] = never_locked, until: Until = never_temporary
) -> Columns[OwnedNumber]:
    """Return the columns of owned numbers.

    ``locked`` tells which the configuration locks, and ``until`` when one is put back.
    """

    def voice(row: OwnedNumber) -> str:
        end = until(row)
        return _voice(row) if end is None else f"{_voice(row)} until {brief_end(end)}"

    return {
        "number": Column("Number", _number, lambda row: row.number),
        "name": Column("Name", lambda row: row.name or UNKNOWN, _name_key),
        "target": Column(channel_heading(Channel.VOICE), voice, _voice, cut="middle"),
        "sms": Column(channel_heading(Channel.SMS), _sms, _sms, cut="middle"),
        "type": Column("Type", lambda row: kind_words(row.type), lambda row: row.type),
        "country": Column(
            "In", lambda row: row.country or UNKNOWN, lambda row: row.country, in_words="Country"
        ),
        "account": Column("Account", lambda row: row.account, lambda row: row.account),
        "status": Column(
            "Status",
            lambda row: standing_words(row, locked=locked(row.number)),
            lambda row: row.status,
            lambda row: status_tone(row.status),
        ),
        "provider": Column("Provider", lambda row: row.provider, lambda row: row.provider),
        "features": Column(
            "Features",
            lambda row: capability_words(row.capabilities),
            lambda row: row.capabilities or None,
        ),
        "place": Column("Place", _place, _place_key),
        "monthly": Column("Monthly", lambda row: money_words(row.monthly_cost), _price_key),
        "changed": Column(
            "Changed",
            _changed,
            lambda row: row.updated_at,
            in_words="Changed, as the provider tells",
        ),
    }


def no_query() -> None:
    """Stand for the search where there is none yet."""


def stock_columns(
    place_of: Callable[[AvailableNumber], str],
    query: "Callable[[], StockQuery | None]" = no_query,
) -> Columns[AvailableNumber]:
    """Return the columns of available numbers.

    Args:
        place_of: Returns where a number is.
        query: Returns the search that found them, whose letters they may spell.
    """

    def points(row: AvailableNumber) -> int:
        from tui_numbers.domain.memorable import memorable

        asked = query()
        return -memorable(row.number, asked.word_in(row.number) if asked else "").points

    return {
        "number": Column("Number", _number, lambda row: row.number),
        "reads": Column("Reads", lambda row: reads_words(row.number, query()), points),
        "type": Column("Type", lambda row: kind_words(row.type), lambda row: row.type),
        "features": Column(
            "Features",
            lambda row: capability_words(row.capabilities),
            lambda row: row.capabilities,
        ),
        "place": Column("Place", place_of, place_of),
        "monthly": Column("Monthly", lambda row: money_words(row.monthly_cost), _price_key),
        "setup": Column("Setup", lambda row: money_words(row.setup_cost)),
        "account": Column("Account", lambda row: row.account, lambda row: row.account),
        "address": Column(
            "Address",
            lambda row: row.address_requirement or UNKNOWN,
            lambda row: row.address_requirement,
        ),
    }


def operation_columns() -> "Columns[Operation]":
    """Return the columns of the history."""
    return {
        "when": Column(
            "When", lambda row: recent_words(row.started_at), lambda row: row.started_at
        ),
        "number": Column("Number", _number, lambda row: row.number),
        "action": Column("Action", lambda row: row.action.value, lambda row: row.action.value),
        "change": Column(
            "Change", change_words, change_words, cut="middle", brief=brief_change_words
        ),
        "outcome": Column(
            "Outcome",
            outcome_words,
            lambda row: row.outcome.value if row.outcome else "",
            lambda row: outcome_tone(row.outcome),
        ),
        "account": Column("Account", lambda row: row.account, lambda row: row.account),
        "who": Column("Who", lambda row: str(row.actor), lambda row: str(row.actor)),
        "reason": Column("Reason", lambda row: row.reason or UNKNOWN, lambda row: row.reason),
        "operation": Column("Operation", lambda row: row.id, lambda row: row.id),
    }


def route_columns() -> "Columns[RouteState]":
    """Return the columns of saved routes."""
    from tui_numbers.wording.on_call import rehearsal_words, route_tone, route_words

    return {
        "name": Column("Route", lambda row: row.route.name, lambda row: row.route.name),
        "title": Column("Title", lambda row: row.route.title, lambda row: row.route.title),
        "standing": Column(
            "Standing", route_words, lambda row: -row.in_force, route_tone, in_words="How it stands"
        ),
        "until": Column(
            "Until",
            lambda row: UNKNOWN if row.until is None else recent_words(row.until),
            lambda row: row.until,
        ),
        "rehearsed": Column(
            "Rehearsed",
            lambda row: rehearsal_words(row.rehearsal),
            lambda row: row.rehearsal.at if row.rehearsal is not None else None,
        ),
    }


def target_columns() -> "Columns[TargetUse]":
    """Return the columns of targets, with how many numbers point there."""
    return {
        "target": Column("Target", _use_words, lambda row: _use_words(row).casefold(), _use_tone),
        "written": Column(
            "Write it as",
            lambda row: row.target.text if isinstance(row.target, Target) else UNKNOWN,
        ),
        "name": Column(
            "Name", lambda row: (row.target.label if row.target is not None else None) or UNKNOWN
        ),
        "standing": Column("Standing", _standing, lambda row: row.standing.value, _use_tone),
        "channels": Column(
            "Takes", lambda row: " ".join(row.channels) or UNKNOWN, lambda row: row.channels
        ),
        "calls": Column("Calls", lambda row: _count(row.voice), lambda row: row.voice),
        "sms": Column("SMS", lambda row: _count(row.sms), lambda row: row.sms),
        "numbers": Column("Numbers", lambda row: _count(row.numbers), lambda row: row.numbers),
        "account": Column("Account", lambda row: row.account, lambda row: row.account),
    }


def finding_columns() -> "Columns[Finding]":
    """Return the columns of what is wrong with numbers."""
    return {
        "number": Column("Number", _number, lambda row: row.number),
        "account": Column("Account", lambda row: row.account, lambda row: row.account),
        "code": Column(
            "Finding",
            lambda row: finding_words(row.code),
            lambda row: row.code,
            lambda row: "bad" if row.urgent else "warn",
        ),
        "text": Column("What is wrong", lambda row: row.text, lambda row: row.text),
        "fix": Column("What to do", lambda row: row.fix, lambda row: row.fix),
    }


def _use_words(row: "TargetUse") -> str:
    return destination_words(row.target)


def _standing(row: "TargetUse") -> str:
    return f"{row.standing}: {row.problem}" if row.problem else row.standing.value


def _use_tone(row: "TargetUse") -> str:
    bad = row.standing.value in ("gone", "not ready") and row.numbers
    return "bad" if bad else {"nowhere": "warn"}.get(row.standing.value, "")


def _count(count: int) -> str:
    return f"{count:,}" if count else "-"


def _number(row: "OwnedNumber | AvailableNumber | Operation | Finding") -> str:
    return _spelled(row.number)


@lru_cache(maxsize=4096)
def _spelled(number: E164) -> str:
    """Return a number as people write it; a table asks for the same ones over and over."""
    return international(number)


def _voice(row: OwnedNumber) -> str:
    return target_words(row.routing.get(Channel.VOICE))


def _sms(row: OwnedNumber) -> str:
    return target_words(row.routing.get(Channel.SMS))


def _name_key(row: OwnedNumber) -> str | None:
    return row.name.casefold() if row.name else None


def _place(row: OwnedNumber) -> str:
    return place_words(row.city, row.region)


def _place_key(row: OwnedNumber) -> str | None:
    return _place(row) if row.city or row.region else None


def _changed(row: OwnedNumber) -> str:
    return UNKNOWN if row.updated_at is None else recent_words(row.updated_at)


def _price_key(row: "OwnedNumber | AvailableNumber") -> tuple[str, Decimal] | None:
    """Compare prices within a currency alone."""
    cost = row.monthly_cost
    return (cost.currency, cost.amount) if cost is not None else None
