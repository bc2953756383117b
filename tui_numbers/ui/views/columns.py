"""The columns of each table, and the terminal width from which each is shown."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tui_numbers.domain.e164 import E164, digits_of, international
from tui_numbers.domain.numbers import AvailableNumber, Channel, OwnedNumber
from tui_numbers.ui.layout import Column
from tui_numbers.ui.words import change_words, outcome_tone, status_tone, time_of_day
from tui_numbers.wording.search_text import operation_text
from tui_numbers.wording.values import (
    UNKNOWN,
    capability_words,
    channel_heading,
    kind_words,
    money_words,
    outcome_words,
    standing_words,
    target_words,
)

if TYPE_CHECKING:
    from tui_numbers.domain.operations import Operation


def _voice(number: OwnedNumber) -> str:
    return target_words(number.routing.get(Channel.VOICE))


def _never_locked(number: E164) -> bool:
    return False


def owned_columns(
    locked: Callable[[E164], bool] = _never_locked,
) -> tuple[Column[OwnedNumber], ...]:
    """Return the columns of owned numbers; ``locked`` tells which the configuration locks."""
    return (
        Column(
            "number",
            "Number",
            18,
            lambda row: international(row.number),
            lambda row: row.number,
            highlight=True,
        ),
        Column(
            "name", "Name", 12, lambda row: row.name or UNKNOWN, _name_key, flex=3, highlight=True
        ),
        Column("voice", channel_heading(Channel.VOICE), 16, _voice, _voice, flex=4, highlight=True),
        Column(
            "sms",
            channel_heading(Channel.SMS),
            14,
            lambda row: target_words(row.routing.get(Channel.SMS)),
            lambda row: target_words(row.routing.get(Channel.SMS)),
            smallest=130,
            flex=3,
            highlight=True,
        ),
        Column(
            "type", "Type", 9, lambda row: kind_words(row.type), lambda row: row.type, smallest=110
        ),
        Column(
            "country",
            "In",
            2,
            lambda row: row.country or UNKNOWN,
            lambda row: row.country,
            smallest=72,
        ),
        Column(
            "account",
            "Account",
            9,
            lambda row: row.account,
            lambda row: row.account,
            highlight=True,
        ),
        Column(
            "status",
            "Status",
            8,
            lambda row: standing_words(row, locked=locked(row.number)),
            lambda row: row.status,
            style=lambda row: status_tone(row.status),
        ),
    )


def _name_key(row: OwnedNumber) -> str | None:
    return row.name.casefold() if row.name else None


def stock_columns(
    word_of: Callable[[AvailableNumber], str], place_of: Callable[[AvailableNumber], str]
) -> tuple[Column[AvailableNumber], ...]:
    """Return the columns of available numbers; ``word_of`` spells the pattern's letters."""
    return (
        Column(
            "number",
            "Number",
            18,
            lambda row: international(row.number),
            lambda row: row.number,
            highlight=True,
        ),
        Column("word", "Word", 10, word_of, None, smallest=110),
        Column("type", "Type", 9, lambda row: kind_words(row.type), lambda row: row.type),
        Column(
            "features",
            "Features",
            13,
            lambda row: capability_words(row.capabilities),
            lambda row: row.capabilities,
        ),
        Column("place", "Place", 8, place_of, place_of, flex=1),
        Column("monthly", "Monthly", 9, _price, _price_key, align="right"),
        Column("account", "Account", 9, lambda row: row.account, lambda row: row.account),
        Column(
            "address",
            "Address",
            7,
            lambda row: row.address_requirement or UNKNOWN,
            lambda row: row.address_requirement,
        ),
    )


def _price(row: AvailableNumber) -> str:
    return money_words(row.monthly_cost)


def _price_key(row: AvailableNumber) -> tuple[str, float] | None:
    cost = row.monthly_cost
    return (cost.currency, float(cost.amount)) if cost is not None else None


def history_columns() -> "tuple[Column[Operation], ...]":
    """Return the columns of the history."""
    return (
        Column(
            "when", "When", 16, lambda row: time_of_day(row.started_at), lambda row: row.started_at
        ),
        Column(
            "number",
            "Number",
            18,
            lambda row: international(row.number),
            lambda row: row.number,
            highlight=True,
        ),
        Column("action", "Action", 8, lambda row: row.action.value, lambda row: row.action.value),
        Column("change", "Change", 16, change_words, change_words, flex=4, highlight=True),
        Column(
            "outcome",
            "Outcome",
            9,
            outcome_words,
            lambda row: row.outcome.value if row.outcome else "",
            style=lambda row: outcome_tone(row.outcome),
        ),
        Column("account", "Account", 9, lambda row: row.account, lambda row: row.account, 90),
        Column("who", "Who", 10, lambda row: row.actor.user, lambda row: row.actor.user, 110),
        Column(
            "reason",
            "Reason",
            10,
            lambda row: row.reason or UNKNOWN,
            lambda row: row.reason,
            120,
            1,
        ),
    )


def history_text(row: "Operation") -> str:
    """Return what an operation is found by."""
    return operation_text(row, change_words(row))


def word_in(number: str, pattern: str, digits: str) -> str:
    """Return ``number``'s digits with the letters of ``pattern`` in the place they match."""
    letters = "".join(character for character in pattern if character.isalnum()).upper()
    if not digits or letters == digits:
        return ""
    bare = digits_of(number)
    at = bare.find(digits)
    return bare[:at][-4:] + letters + bare[at + len(digits) :] if at >= 0 else ""
