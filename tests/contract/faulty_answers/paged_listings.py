"""Listings of numbers that were made up, in each provider's own way of paging."""

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from tests.contract.faulty_answers.loopback import Asked, Bytes, Told
from tests.contract.faulty_answers.rig import Rig
from tui_numbers.domain.query import OwnedQuery
from tui_numbers.providers.errors import ProviderError
from tui_numbers.sandbox.exchange import records_of


@dataclass(frozen=True)
class PageRequest:
    """Which part of a listing is asked for."""

    index: int
    """Of the page, from 0."""
    skip: int
    size: int


@dataclass(frozen=True)
class PageAnswer:
    """What a page holds, and what it says of the rest."""

    rows: list[Any]
    """Numbers that stand for phone numbers; anything else is a record of its own."""
    more: bool | str = False
    """Whether another page follows, or the cursor that leads to it."""
    total: Any = None


Pages = Callable[[PageRequest], PageAnswer]


def number(row: int) -> str:
    """Return a number of a country that has its calling code to itself: it is read the quickest."""
    return f"+46701{row:06d}"


@dataclass
class Reading:
    """What came of reading a listing to its end."""

    numbers: list[str]
    error: ProviderError | None
    requests: int


async def read(rig: Rig, book: Pages) -> Reading:
    """List owned numbers out of ``book``."""
    model = await _model(rig)
    ways = PAGING[rig.case.key]

    async def answer(asked: Asked) -> Bytes:
        ask = ways.ask({key: value[0] for key, value in parse_qs(asked.query).items()})
        leaf = book(ask)
        rows = [_record(model, row) if isinstance(row, int) else row for row in leaf.rows]
        return ways.reply(rig, asked, ask, rows, leaf).raw()

    rig.server.answer = answer
    rig.forget()
    rig.server.asked.clear()
    found: list[str] = []
    error = None
    try:
        async for page in rig.client.owned(OwnedQuery()):
            found += [item.number for item in page.items]
    except ProviderError as failure:
        error = failure
    return Reading(found, error, len(rig.server.asked))


_models: dict[str, dict[str, Any]] = {}


async def _model(rig: Rig) -> dict[str, Any]:
    """Return a genuine record of the provider, which is read once."""
    key = rig.case.key
    if key not in _models:
        await rig.rehearse("owned")
        # What is read beside a listing holds no record of it.
        first = (told for (_, path, _), (told, *_) in rig.tape.items() if "/messaging/" not in path)
        _models[key] = records_of(json.loads(next(first).body))[0]
    return _models[key]


def _record(model: dict[str, Any], row: int) -> dict[str, Any]:
    record = copy.copy(model)
    written = number(row)
    for key in ("number", "Number", "phone_number"):
        if key in record:
            record[key] = written
    if "msisdn" in record:
        record["msisdn"] = written[1:]
    if "sid" in record:
        record["sid"] = f"PN{row:032d}"
    if "id" in record:
        record["id"] = f"PN{row:032d}"
    return record


@dataclass(frozen=True)
class Paging:
    """How one provider pages; a further provider is one more of these."""

    ask: Callable[[dict[str, str]], PageRequest]
    reply: Callable[[Rig, Asked, PageRequest, list[Any], PageAnswer], Told]
    empty_is_the_end: bool = False
    """Whether nothing but an empty page tells that a full one was the last."""
    tells_total: bool = True
    """Whether an answer says how much there is."""


def _json(body: Any, *headers: tuple[str, str]) -> Told:
    return Told(headers=(("content-type", "application/json"), *headers), body=_dumps(body))


def _dumps(body: Any) -> bytes:
    return json.dumps(body).encode()


def _by_cursor(query: dict[str, str]) -> PageRequest:
    index = int(query.get("cursor", "0").rpartition("-")[2])
    return PageRequest(index, index * 100, 100)


def _linked(rig: Rig, asked: Asked, ask: PageRequest, rows: list[Any], leaf: PageAnswer) -> Told:
    cursor = leaf.more if isinstance(leaf.more, str) else f"c-{ask.index + 1}"
    link = f'<{rig.server.origin}{asked.path}?cursor={cursor}>; rel="next"'
    return _json(rows, *([("link", link)] if leaf.more else []))


def _by_skip(query: dict[str, str]) -> PageRequest:
    skip, size = int(query["Results_Skip"]), int(query["Results_Count"])
    return PageRequest(skip // size, skip, size)


def _wrapped(rig: Rig, asked: Asked, ask: PageRequest, rows: list[Any], leaf: PageAnswer) -> Told:
    told = {} if leaf.total is None else {"TotalCount": leaf.total}
    return _json({"Numbers": rows} | told)


def _by_index(query: dict[str, str]) -> PageRequest:
    index, size = int(query["index"]) - 1, int(query["size"])
    return PageRequest(index, index * size, size)


def _counted(rig: Rig, asked: Asked, ask: PageRequest, rows: list[Any], leaf: PageAnswer) -> Told:
    told = {} if leaf.total is None else {"count": leaf.total}
    return _json({"numbers": rows} | told)


def _by_page(query: dict[str, str]) -> PageRequest:
    index, size = int(query["page[number]"]) - 1, int(query["page[size]"])
    return PageRequest(index, index * size, size)


def _data(rig: Rig, asked: Asked, ask: PageRequest, rows: list[Any], leaf: PageAnswer) -> Told:
    # Its second listing holds the same numbers, and pages alike.
    told = {} if leaf.total is None else {"total_results": leaf.total}
    return _json({"data": rows, "meta": told})


def _by_link(query: dict[str, str]) -> PageRequest:
    index, size = int(query.get("Page", "0").rpartition("-")[2]), int(query["PageSize"])
    return PageRequest(index, index * size, size)


def _with_uri(rig: Rig, asked: Asked, ask: PageRequest, rows: list[Any], leaf: PageAnswer) -> Told:
    if "/messaging/" in asked.path:
        return _json({"services": [], "phone_numbers": [], "meta": {}})
    cursor = leaf.more if isinstance(leaf.more, str) else str(ask.index + 1)
    path = asked.path.partition("/api/")[2]
    uri = f"/{path}?PageSize={ask.size}&Page={cursor}" if leaf.more else None
    return _json({"incoming_phone_numbers": rows, "next_page_uri": uri})


PAGING = {
    "parakeet": Paging(_by_cursor, _linked, tells_total=False),
    "fonedynamics": Paging(_by_skip, _wrapped, empty_is_the_end=True),
    "telnyx": Paging(_by_page, _data),
    "twilio": Paging(_by_link, _with_uri, tells_total=False),
    "vonage": Paging(_by_index, _counted),
}
