"""Listings by ``Results_Count`` and ``Results_Skip``."""

from collections.abc import AsyncGenerator, Mapping
from typing import TYPE_CHECKING, Any

from tui_numbers.providers.fonedynamics.envelope import NUMBERS, Envelope
from tui_numbers.providers.fonedynamics.records import number_of
from tui_numbers.providers.fonedynamics.replies import listed
from tui_numbers.providers.limits import Allowance

if TYPE_CHECKING:
    from tui_numbers.providers.http import Endpoint

_ROUND = (10, 25)
"""Page lengths that a server may have for a limit of its own are multiples of these."""


async def pages(
    endpoint: "Endpoint",
    account: str,
    path: str,
    envelope: Envelope,
    size: int,
    filters: Mapping[str, str] | None = None,
) -> AsyncGenerator[list[Any], None]:
    """Yield the records of each page until one is shorter than ``size``, each record once.

    Records that move between two requests may come twice ("Get Numbers" promises no order).
    A first page of a round length may show a server's own limit, so another is asked for.

    Raises:
        ListingIncomplete: A whole page came again, so skipping has no effect, the listing does
            not end, or fewer records came than it promises.
    """
    allowance = Allowance(account, f"Fone Dynamics' listing {path}")
    seen: set[str] = set()
    skip, full = 0, size
    total: int | None = None
    while True:
        params: dict[str, str | int] = {"Results_Count": size, "Results_Skip": skip}
        reply = await endpoint.get(path, {**params, **(filters or {})})
        records, told = listed(reply, envelope, account)
        total = told if total is None else max(total, told or 0)
        allowance.take(len(records), len(reply.body))
        new = [record for record in records if not _known(record, envelope, seen)]
        yield new
        if skip == 0 and _is_round(len(records)):
            full = min(size, len(records))
        skip += len(records)
        if not records or (len(records) < full and (total is None or skip >= total)):
            break
        if not new:
            raise allowance.incomplete("ends early: it gave the same records again")
        allowance.brought(sum(_key(record, envelope) is not None for record in new))
    if total is not None and skip < total:
        raise allowance.incomplete(f"ends early: {skip:,} of {total:,} records came")


def _is_round(length: int) -> bool:
    return length > 0 and not all(length % part for part in _ROUND)


def _known(record: object, envelope: Envelope, seen: set[str]) -> bool:
    """Tell whether a record came before, and remember it.

    Numbers that cannot be read do not count as the same one: each is reported.
    """
    value = _key(record, envelope)
    if value is None:
        return False
    known = value in seen
    seen.add(value)
    return known


def _key(record: object, envelope: Envelope) -> str | None:
    """Return what tells a record from others, or None where nothing does."""
    value = record.get(envelope.key) if isinstance(record, dict) else None
    if envelope is NUMBERS:
        return number_of(record) if isinstance(record, dict) else None
    return value if isinstance(value, str) else None
