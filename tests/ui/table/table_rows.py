"""Rows and columns that the table's tests share."""

from dataclasses import dataclass

from tui_numbers.domain.filter_terms import haystack
from tui_numbers.ui.table import Column


@dataclass(frozen=True)
class Row:
    number: str
    name: str = ""
    size: int | None = None
    status: str = "active"


def key_of(row: Row) -> str:
    return row.number


def hay_of(row: Row) -> str:
    return haystack(row.number, [row.name, row.status])


COLUMNS = (
    Column[Row](
        "number", "Number", 14, lambda row: row.number, lambda row: row.number, highlight=True
    ),
    Column[Row](
        "name", "Name", 10, lambda row: row.name, lambda row: row.name, flex=1, highlight=True
    ),
    Column[Row](
        "size",
        "Size",
        5,
        lambda row: "—" if row.size is None else str(row.size),
        lambda row: row.size,
        align="right",
        smallest=50,
    ),
    Column[Row](
        "status",
        "Status",
        8,
        lambda row: row.status,
        smallest=70,
        style=lambda row: "good" if row.status == "active" else "bad",
    ),
)


def numbered(count: int, first: int = 0) -> list[Row]:
    """Rows whose number ends in their place."""
    return [Row(f"+4420{at:08}", f"name {at}", at % 7) for at in range(first, first + count)]
