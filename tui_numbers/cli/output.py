"""Print records to standard output: tables for people, JSON and CSV for programs."""

import json
import re
import sys
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import click

from tui_numbers.cli.process import OutputLost, is_unicode, silence
from tui_numbers.cli.terminal import colours, width
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import AvailableNumber, Finding, OwnedNumber
from tui_numbers.domain.operations import Operation
from tui_numbers.domain.query import StockQuery
from tui_numbers.services.export import csv_text
from tui_numbers.wording import columns
from tui_numbers.wording.cells import Cut, cell_width, fit, shown, without_controls
from tui_numbers.wording.summary import Group, bar, cost_words, group_record, share_words
from tui_numbers.wording.values import place_words

if TYPE_CHECKING:
    from tui_numbers.services.inventory import TargetUse

T = TypeVar("T")


_GAP = "  "


_BEYOND_ASCII = re.compile(r"[^ -~\n]+")


_DELETE = b"\x7f"
"""The one control character that JSON may hold unescaped."""


_COLOURS = {"good": "green", "warn": "yellow", "bad": "red"}


def chosen_format(asked: str | None) -> str:
    """Return the format to print: the one asked for, else by where the output goes."""
    return asked or ("table" if sys.stdout.isatty() else "json")


@dataclass(frozen=True)
class Column(Generic[T]):
    """One column of a table for people."""

    title: str
    value: Callable[[T], str]
    narrowest: int | None = None
    """The width it may be cut to; None where a cut value is worth nothing."""
    optional: int = 0
    """On a terminal that is too narrow the highest of these leave first; 0 never does."""
    tone: Callable[[T], str] | None = None
    """How a row's cell is meant: "good", "warn", "bad", "dim", or "" for none."""
    cut: Cut = "end"
    """Where a cell that is too long gives way."""
    brief: Callable[[T], str] | None = None
    """What stands in a cell that ``value`` is too long for."""


def laid_out(
    column: columns.Column[T], narrowest: int | None = None, optional: int = 0
) -> Column[T]:
    """Return a column that both faces have, laid out for a table on standard output."""
    return Column(
        column.title, column.value, narrowest, optional, column.tone, column.cut, column.brief
    )


def write(text: str) -> None:
    """Write to standard output; ends quietly where its reader has gone.

    Raises:
        OutputLost: It cannot be written for any other reason.
    """
    _emit(
        lambda: click.echo(
            without_controls(text), file=sys.stdout, nl=False, color=colours(sys.stdout)
        )
    )


def _emit(writing: Callable[[], object]) -> None:
    try:
        writing()
        sys.stdout.flush()
    except BrokenPipeError:
        silence(sys.stdout)
    except OSError as error:
        silence(sys.stdout)
        raise OutputLost(error) from None


def write_json(value: Any, *, escaped: bool = False) -> None:
    """Write a JSON document, in which all that cannot be printed is escaped.

    ``escaped`` keeps every character of it plain ASCII. So does an encoding that lacks some, since
    JSON can say each of them all the same.
    """
    if escaped or not is_unicode(sys.stdout):
        write(json.dumps(value, indent=2) + "\n")
    else:
        import msgspec

        encoded = msgspec.json.format(msgspec.json.encode(value), indent=2)
        text = encoded.decode()
        if not encoded.isascii() or _DELETE in encoded:
            text = _BEYOND_ASCII.sub(_printable_json, text)
        # No control character is left in it, and no colour ever was.
        _emit(lambda: sys.stdout.write(text + "\n"))


def _printable_json(match: re.Match[str]) -> str:
    text = match[0]
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else json.dumps(one)[1:-1] for one in text)


def write_csv(headings: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write comma-separated values under these headings; what a row lacks is empty."""
    text = csv_text(headings, rows)
    if not is_unicode(sys.stdout):
        # A program is to see which character it was.
        text = text.encode(sys.stdout.encoding, "backslashreplace").decode(sys.stdout.encoding)
    write(text)


def write_table(shape: Sequence[Column[T]], items: Sequence[T]) -> None:
    """Write a table, cut to the terminal where there is one; nothing where there is no item."""
    if items:
        limit = width() if sys.stdout.isatty() else None
        write(table(shape, items, limit))


def table(shape: Sequence[Column[T]], items: Sequence[T], limit: int | None) -> str:
    """Return a table no wider than ``limit`` cells, where that can be had."""
    cells = [[shown(column.value(item)) for item in items] for column in shape]
    widths = [
        max(cell_width(column.title), *map(cell_width, values))
        for column, values in zip(shape, cells, strict=True)
    ]
    kept = _fitted(shape, widths, limit)
    lines = [_GAP.join(fit(shape[at].title, widths[at]) for at in kept).rstrip()]
    for row in range(len(items)):
        parts = []
        for at in kept:
            text, column = cells[at][row], shape[at]
            if column.brief is not None and cell_width(text) > widths[at]:
                text = shown(column.brief(items[row]))
            cell = fit(text, widths[at], cut=column.cut)
            tone = column.tone
            colour = _COLOURS.get(tone(items[row])) if tone is not None else None
            parts.append(_coloured(cell, colour) if colour else cell)
        lines.append(_GAP.join(parts).rstrip())
    return "\n".join(lines) + "\n"


def _coloured(cell: str, colour: str) -> str:
    """Return a cell whose text has a colour and whose padding has none."""
    text = cell.rstrip()
    return click.style(text, fg=colour) + cell[len(text) :]


def _fitted(shape: Sequence[Column[Any]], widths: list[int], limit: int | None) -> list[int]:
    """Narrow ``widths`` to ``limit``; return the places of the shape that are kept."""
    kept = list(range(len(shape)))
    if limit is None:
        return kept

    def narrowest(at: int) -> int:
        given = shape[at].narrowest
        return widths[at] if given is None else min(given, widths[at])

    def least() -> int:
        return sum(map(narrowest, kept)) + len(_GAP) * (len(kept) - 1)

    while least() > limit and any(shape[at].optional for at in kept):
        kept.remove(max(kept, key=lambda at: shape[at].optional))
    while sum(widths[at] for at in kept) + len(_GAP) * (len(kept) - 1) > limit:
        spare = [at for at in kept if narrowest(at) < widths[at]]
        if not spare:
            break
        widths[max(spare, key=lambda at: widths[at])] -= 1
    return kept


def write_block(pairs: Sequence[tuple[str, str]]) -> None:
    """Write names and values, one pair a line; a name that is empty goes on with the last."""
    cells = [(shown(name), shown(value)) for name, value in pairs]
    widest = max((cell_width(name) for name, _ in cells), default=0)
    lines = [f"{fit(name, widest)}{_GAP}{value}".rstrip() for name, value in cells]
    write("\n".join(lines) + "\n")


Row = dict[str, Any]


def owned_table(
    locks: frozenset[E164], chosen: Sequence[str] = ()
) -> tuple[Column[OwnedNumber], ...]:
    """Return the table of owned numbers.

    Args:
        locks: Those that the configuration locks.
        chosen: The keys of the columns, in their order; the usual ones where there is none.
    """
    known = columns.owned_columns(locks.__contains__)
    if chosen:
        return tuple(laid_out(known[key], narrowest=_NARROWEST.get(key)) for key in chosen)
    return (
        laid_out(known["number"]),
        laid_out(known["name"], narrowest=_NARROWEST["name"], optional=1),
        laid_out(known["target"], narrowest=_NARROWEST["target"]),
        laid_out(known["account"]),
        laid_out(known["status"]),
    )


_NARROWEST = {"name": 10, "target": 14, "sms": 14, "place": 8}
"""The width that columns of owned numbers may be cut to; others are not cut."""
_TOLD_AS = {
    "target": "voice",
    "features": "capabilities",
    "monthly": "monthly_cost",
    "changed": "updated_at",
}
"""Where a record holds what a column shows, if not by the column's own name."""


def chosen_cells(record: Row, chosen: Sequence[str]) -> Row:
    """Return the cells of CSV that a flat record of an owned number has for some columns."""
    cells: Row = {}
    for key in chosen:
        cells[key] = record.get(_TOLD_AS.get(key, key))
        if key == "place":
            cells[key] = ", ".join(filter(None, (record.get("city"), record.get("region"))))
        elif key == "monthly":
            cells[f"{key}_currency"] = record.get("monthly_cost_currency")
    return cells


def stock_place(number: AvailableNumber) -> str:
    """Return where an available number is; the first call may load tables for that."""
    from tui_numbers.services.locations import area_of

    area = None if number.city or number.region else area_of(number.number)
    return place_words(number.city, number.region, area)


def stock_table(query: StockQuery, *, reads: bool) -> tuple[Column[AvailableNumber], ...]:
    """Return the table of available numbers; ``reads`` adds what they spell or are known by."""
    known = columns.stock_columns(stock_place, lambda: query)
    return (
        laid_out(known["number"]),
        *([laid_out(known["reads"])] if reads else []),
        laid_out(known["type"]),
        laid_out(known["features"]),
        laid_out(known["place"], narrowest=8, optional=2),
        laid_out(known["monthly"]),
        laid_out(known["setup"], optional=3),
        laid_out(known["account"]),
        laid_out(known["address"], optional=1),
    )


def target_table(uncounted: Container[str]) -> "tuple[Column[TargetUse], ...]":
    """Return the table of targets, each with the name of its account.

    Of the accounts in ``uncounted`` it is not known how many numbers point where.
    """
    known = columns.target_columns()
    counted = known["numbers"]

    def numbers(use: "TargetUse") -> str:
        return "unknown" if use.account in uncounted else counted.value(use)

    return (
        laid_out(known["written"]),
        laid_out(known["name"], narrowest=10),
        laid_out(known["channels"], optional=1),
        Column(counted.title, numbers),
        laid_out(known["account"]),
    )


def finding_table() -> tuple[Column[Finding], ...]:
    """Return the table of what is wrong with numbers."""
    known = columns.finding_columns()
    return (
        laid_out(known["number"]),
        laid_out(known["account"], optional=1),
        laid_out(known["code"]),
        laid_out(known["text"], narrowest=40),
    )


def group_table(whole: int, *, plain: bool) -> tuple[Column[Group], ...]:
    """Return the table of counts with their bars; ``whole`` is how many numbers there are."""
    return (
        Column("", lambda group: group.label, narrowest=12),
        Column("Numbers", lambda group: f"{group.numbers:,}".rjust(len("Numbers"))),
        Column("", lambda group: share_words(group.numbers, whole).rjust(len("100 %"))),
        Column("", lambda group: _bar_of(group, whole, plain=plain), optional=1),
        Column("Monthly", cost_words, narrowest=8),
    )


_BAR_CELLS = 20


def _bar_of(group: Group, whole: int, *, plain: bool) -> str:
    cells = bar(group.numbers, whole, _BAR_CELLS, plain=plain) if group.by != "all" else ""
    return cells.ljust(_BAR_CELLS)


def group_row(group: Group) -> Row:
    """Return a group as a row of CSV, its costs with their currencies in one cell."""
    costs = "; ".join(map(str, group.monthly_cost)) or None
    return group_record(group) | {"monthly_cost": costs}


def operation_table() -> tuple[Column[Operation], ...]:
    """Return the table of the history."""
    known = columns.operation_columns()
    return (
        laid_out(known["when"], optional=1),
        laid_out(known["number"]),
        laid_out(known["account"], optional=3),
        laid_out(known["change"], narrowest=24),
        laid_out(known["outcome"]),
        laid_out(known["who"], narrowest=8, optional=5),
        laid_out(known["reason"], narrowest=8, optional=4),
        laid_out(known["operation"], optional=2),
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
        elif key == "findings":
            row[key] = [finding["code"] for finding in value]
        elif key == "temporary":
            row["temporary_until"] = value and value["until"]
        elif key == "path":
            continue
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


OWNED_LAST = ("findings", "created_at", "updated_at", "seen_at")


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


TARGET_FIRST = ("account", "channels", "kind", "value", "label", "numbers")


FINDING_FIRST = ("account", "number", "code", "text", "fix")


GROUP_FIRST = ("by", "key", "label", "numbers", "monthly_cost", "cost_unknown")


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
