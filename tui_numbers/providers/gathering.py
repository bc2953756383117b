"""Reading a listing to its end where a part of it would be of no use."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any, TypeVar

from tui_numbers.providers import wire
from tui_numbers.providers.contract import Page

T = TypeVar("T")


async def gathered(
    listing: AsyncGenerator[list[Any], None],
    read: Callable[[wire.Fields], T | None],
    *,
    needs: str,
) -> Page[T]:
    """Read a listing to its end, and return its records as one page."""
    items: list[T] = []
    warnings: list[str] = []
    dropped = 0
    async with aclosing(listing) as listed:
        async for rows in listed:
            page = wire.read_page(rows, read, needs=needs)
            items += page.items
            warnings += page.warnings
            dropped += page.dropped
    return Page(tuple(items), warnings=tuple(warnings), dropped=dropped)
