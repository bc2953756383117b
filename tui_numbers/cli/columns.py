"""Columns of each kind of record: tables for people, flattened rows for CSV."""

from collections.abc import Iterable
from typing import Any

from tui_numbers.cli.output import Column
from tui_numbers.cli.wording import operation_words, recent_words
from tui_numbers.domain.e164 import E164, international
from tui_numbers.domain.numbers import AvailableNumber, Channel, OwnedNumber, TargetOption
from tui_numbers.domain.operations import Operation
from tui_numbers.wording.values import (
    UNKNOWN,
    capability_words,
    channel_heading,
    kind_words,
    money_words,
    outcome_words,
    place_words,
    standing_words,
    target_words,
)

Row = dict[str, Any]


def owned(locks: frozenset[E164]) -> tuple[Column[OwnedNumber], ...]:
    """Return the columns of owned numbers; ``locks`` are those that the configuration locks."""
    return (
        Column("Number", lambda number: international(number.number)),
        Column("Name", lambda number: number.name or UNKNOWN, narrowest=10),
        Column(
            channel_heading(Channel.VOICE),
            lambda number: target_words(number.routing.get(Channel.VOICE)),
            narrowest=14,
        ),
        Column("Account", lambda number: number.account),
        Column(
            "Status",
            lambda number: standing_words(number, locked=number.number in locks),
            coloured=True,
        ),
    )


def stock_place(number: AvailableNumber) -> str:
    """Return where an available number is; the first call may load tables for that."""
    from tui_numbers.services.places import area_of

    area = None if number.city or number.region else area_of(number.number)
    return place_words(number.city, number.region, area)


AVAILABLE: tuple[Column[AvailableNumber], ...] = (
    Column("Number", lambda number: international(number.number)),
    Column("Type", lambda number: kind_words(number.type)),
    Column("Features", lambda number: capability_words(number.capabilities)),
    Column("Place", stock_place, narrowest=8, optional=2),
    Column("Monthly", lambda number: money_words(number.monthly_cost)),
    Column("Setup", lambda number: money_words(number.setup_cost), optional=3),
    Column("Account", lambda number: number.account),
    Column("Address", lambda number: number.address_requirement or UNKNOWN, optional=1),
)

Option = tuple[str, TargetOption]

TARGETS: tuple[Column[Option], ...] = (
    Column("Write it as", lambda option: option[1].target.text),
    Column("Name", lambda option: option[1].target.label or UNKNOWN, narrowest=10),
    Column("Takes", lambda option: " ".join(option[1].channels), optional=1),
    Column("Account", lambda option: option[0]),
)

OPERATIONS: tuple[Column[Operation], ...] = (
    Column("When", lambda operation: recent_words(operation.started_at)),
    Column("Number", lambda operation: operation.number),
    Column("Account", lambda operation: operation.account, optional=2),
    Column("Change", operation_words, narrowest=14),
    Column("Outcome", outcome_words, coloured=True),
    Column("Who", lambda operation: str(operation.actor), narrowest=8, optional=4),
    Column("Reason", lambda operation: operation.reason, narrowest=8, optional=3),
    Column("Operation", lambda operation: operation.id, optional=1),
)

_MONEY = ("monthly_cost", "setup_cost")


def flat(record: Row) -> Row:
    """Return a record with its nested parts as columns of their own."""
    row: Row = {}
    for key, value in record.items():
        if key == "routing":
            for channel, target in value.items():
                row[channel] = target and f"{target['kind']}:{target['value'] or ''}"
                row[f"{channel}_label"] = target and target["label"]
        elif key == "settings":
            row.update({f"settings.{name}": text for name, text in value.items()})
        elif key in _MONEY:
            row[key] = value and value["amount"]
            row[f"{key}_currency"] = value and value["currency"]
        elif key in ("before", "after", "seen"):
            row.update(_flat_state(key, value))
        else:
            row[key] = value
    return row


def _flat_state(name: str, record: Row | None) -> Row:
    if record is None:
        return {}
    inner = flat({"routing": record["routing"], "settings": record["settings"]})
    return {f"{name}.{key}": value for key, value in inner.items() if not key.endswith("_label")}


def headings(first: Iterable[str], rows: Iterable[Row], last: Iterable[str] = ()) -> list[str]:
    """Return all columns that ``rows`` have: ``first``, then the others, then ``last``."""
    ending = tuple(last)
    found = dict.fromkeys(first)
    for row in rows:
        found.update(dict.fromkeys(row))
    return [key for key in found if key not in ending] + list(ending)


OWNED_FIRST = (
    "account",
    "provider",
    "id",
    "number",
    "country",
    "type",
    "capabilities",
    "status",
    "name",
    "region",
    "city",
    "monthly_cost",
    "monthly_cost_currency",
    "voice",
    "voice_label",
    "sms",
    "sms_label",
)
OWNED_LAST = ("created_at", "updated_at", "seen_at")

AVAILABLE_FIRST = (
    "account",
    "provider",
    "number",
    "country",
    "type",
    "capabilities",
    "region",
    "city",
    "monthly_cost",
    "monthly_cost_currency",
    "setup_cost",
    "setup_cost_currency",
    "address_requirement",
)
TARGET_FIRST = ("account", "channels", "kind", "value", "label")
RESULT_FIRST = ("operation", "account", "number", "action", "outcome", "error")
OPERATION_FIRST = (
    "operation",
    "batch",
    "account",
    "provider",
    "number",
    "action",
    "outcome",
    "error",
    "reason",
    "actor",
    "started_at",
    "finished_at",
)
