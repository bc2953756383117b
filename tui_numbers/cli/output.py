"""Records on standard output: a table for people, JSON and CSV for programs."""

import csv
import io
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import click

from tui_numbers.cli.streams import OutputLost, is_unicode, silence
from tui_numbers.cli.terminal import colours, width
from tui_numbers.cli.text import cell_width, fit, shown, without_controls
from tui_numbers.domain.e164 import is_e164
from tui_numbers.domain.text import clean

T = TypeVar("T")

_GAP = "  "
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for a formula's beginning, some in the wide form too."""
_BEYOND_ASCII = re.compile(r"[^ -~\n]+")

_COLOURS = {
    "active": "green",
    "ok": "green",
    "verified": "green",
    "unchanged": "green",
    "planned": "cyan",
    "pending": "yellow",
    "porting": "yellow",
    "unknown": "yellow",
    "different": "red",
    "failed": "red",
    "refused": "red",
    "key rejected": "red",
    "unreachable": "red",
}


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
    coloured: bool = False


def write(text: str) -> None:
    """Write to standard output; ends quietly where its reader has gone.

    Raises:
        OutputLost: It cannot be written for any other reason.
    """
    try:
        click.echo(without_controls(text), file=sys.stdout, nl=False, color=colours(sys.stdout))
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
        import json

        write(json.dumps(value, indent=2) + "\n")
    else:
        import msgspec

        text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
        write(_BEYOND_ASCII.sub(_printable_json, text) + "\n")


def _printable_json(match: re.Match[str]) -> str:
    import json

    text = match[0]
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else json.dumps(one)[1:-1] for one in text)


def write_csv(headings: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write comma-separated values under these headings; what a row lacks is empty."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([csv_cell("", heading) for heading in headings])
    for row in rows:
        writer.writerow([csv_cell(heading, row.get(heading)) for heading in headings])
    text = buffer.getvalue()
    if not is_unicode(sys.stdout):
        # A program is to see which character it was.
        text = text.encode(sys.stdout.encoding, "backslashreplace").decode(sys.stdout.encoding)
    write(text)


def csv_cell(heading: str, value: Any) -> str:
    """Return a value as a cell that no spreadsheet takes for a formula; E.164 stays bare."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        value = ",".join(map(str, value))
    text = str(value)
    guard = "'" if text.startswith(_FORMULA) and not (heading == "number" and is_e164(text)) else ""
    return guard + clean(text, longest=len(text))


def write_table(columns: Sequence[Column[T]], items: Sequence[T]) -> None:
    """Write a table, cut to the terminal where there is one; nothing where there is no item."""
    if items:
        limit = width() if sys.stdout.isatty() else None
        write(table(columns, items, limit))


def table(columns: Sequence[Column[T]], items: Sequence[T], limit: int | None) -> str:
    """Return a table no wider than ``limit`` cells, where that can be had."""
    cells = [[shown(column.value(item)) for item in items] for column in columns]
    widths = [
        max(cell_width(column.title), *map(cell_width, values))
        for column, values in zip(columns, cells, strict=True)
    ]
    kept = _fitted(columns, widths, limit)
    lines = [_GAP.join(fit(columns[at].title, widths[at]) for at in kept).rstrip()]
    for row in range(len(items)):
        parts = []
        for at in kept:
            text = cells[at][row]
            cell = fit(text, widths[at])
            colour = _COLOURS.get(text) if columns[at].coloured else None
            parts.append(click.style(cell, fg=colour) if colour else cell)
        lines.append(_GAP.join(parts).rstrip())
    return "\n".join(lines) + "\n"


def _fitted(columns: Sequence[Column[Any]], widths: list[int], limit: int | None) -> list[int]:
    """Narrow ``widths`` to ``limit``; return the places of the columns that are kept."""
    kept = list(range(len(columns)))
    if limit is None:
        return kept

    def narrowest(at: int) -> int:
        given = columns[at].narrowest
        return widths[at] if given is None else min(given, widths[at])

    def least() -> int:
        return sum(map(narrowest, kept)) + len(_GAP) * (len(kept) - 1)

    while least() > limit and any(columns[at].optional for at in kept):
        kept.remove(max(kept, key=lambda at: columns[at].optional))
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
