"""Listings by ``Results_Count`` and ``Results_Skip``."""

from collections.abc import AsyncGenerator, Mapping
from typing import TYPE_CHECKING, Any

from tui_numbers.providers.errors import ListingIncomplete
from tui_numbers.providers.fonedynamics.envelope import NUMBERS, Envelope
from tui_numbers.providers.fonedynamics.replies import records_of
from tui_numbers.providers.wire import e164_of

if TYPE_CHECKING:
    from tui_numbers.providers.http import Endpoint

_MOST_PAGES = 20_000


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

    Raises:
        ListingIncomplete: A whole page came again, so skipping has no effect.
    """
    seen: set[str] = set()
    skip = 0
    for _ in range(_MOST_PAGES):
        params: dict[str, str | int] = {"Results_Count": size, "Results_Skip": skip}
        reply = await endpoint.get(path, {**params, **(filters or {})})
        records = records_of(reply, envelope, account)
        new = [record for record in records if not _known(record, envelope, seen)]
        yield new
        if len(records) < size:
            return
        if not new:
            raise ListingIncomplete(
                f"Fone Dynamics' listing {path} ends early: it gave the same records again",
                account=account,
            )
        skip += len(records)
    raise ListingIncomplete(f"Fone Dynamics' listing {path} does not end", account=account)


def _known(record: object, envelope: Envelope, seen: set[str]) -> bool:
    """Tell whether a record came before, and remember it.

    Numbers that cannot be read do not count as the same one: each is reported.
    """
    value = record.get(envelope.key) if isinstance(record, dict) else None
    if not isinstance(value, str) or (envelope is NUMBERS and e164_of(value, plus=True) is None):
        return False
    known = value in seen
    seen.add(value)
    return known
