"""What Parakeet's objects and pages look like."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from tui_numbers.sandbox.cursors import Cursor
from tui_numbers.sandbox.wire import json_answer, whole_number

if TYPE_CHECKING:
    from tui_numbers.sandbox.exchange import Exchange
    from tui_numbers.sandbox.records import ParakeetNumber
    from tui_numbers.sandbox.world import ParakeetAccount

API = "/api/v1"
_DEFAULT_LIMIT = 50
_LARGEST_LIMIT = 100


def problem(status: int, code: str, message: str) -> Response:
    """Return an error with a machine's code and a sentence."""
    return json_answer({"error": code, "message": message}, status)


def date(milliseconds: int) -> str:
    """Write a time as the wire has it, to the millisecond."""
    moment = datetime.fromtimestamp(milliseconds // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}Z"


def national(number: str) -> str:
    """Write an E.164 number as people in its country do."""
    if number.startswith("+1") and len(number) == 12:
        return f"({number[2:5]}) {number[5:8]}-{number[8:]}"
    import phonenumbers

    parsed = phonenumbers.parse(number)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)


def number_object(account: "ParakeetAccount", record: "ParakeetNumber") -> dict[str, Any]:
    """Return an owned number; its name and kind of target come from the target."""
    name, kind, pointer = None, None, None
    if record.target is not None:
        user = account.users.get(record.target)
        kind = "team" if user is None else "user"
        name = account.teams[record.target] if user is None else user.name
        pointer = {"href": f"{API}/{kind}s/{record.target}", "id": record.target}
    return {
        "href": f"{API}/numbers/{record.id}",
        "id": record.id,
        "country_code": record.country,
        "number": record.number,
        "formatted_number": national(record.number),
        "status": record.status,
        "name": name,
        "target_type": kind,
        "target": pointer,
        "capabilities": list(record.capabilities),
        "created_at": date(record.created),
        "updated_at": date(record.updated),
    }


def page(exchange: "Exchange", keys: Sequence[str], filters: Mapping[str, str]) -> Any:
    """Return the keys of the page that is asked for, and its ``Link`` header.

    An error answer comes in their place when the limit or the cursor is bad.
    """
    query = exchange.request.query_params
    cursors = exchange.sandbox.cursors
    if exchange.fault("expired-cursor") is not None:
        cursors.expire()
    parameters = tuple(sorted(filters.items()))
    try:
        limit = whole_number(query.get("limit"), _DEFAULT_LIMIT)
    except ValueError:
        limit = 0
    if not 1 <= limit <= _LARGEST_LIMIT:
        return problem(422, "invalid_limit", "limit is a number from 1 to 100.")
    offset = 0
    if "cursor" in query:
        cursor = cursors.find(query["cursor"])
        if cursor is None:
            return problem(400, "invalid_cursor", "This cursor is not good any more.")
        if (
            cursor.listing != exchange.route
            or ("limit" in query and cursor.limit != limit)
            or (filters and cursor.parameters != parameters)
        ):
            return problem(400, "invalid_cursor", "This cursor belongs to another listing.")
        offset, limit, parameters = _place(cursor, keys), cursor.limit, cursor.parameters
    return list(keys[offset : offset + limit]), _links(exchange, keys, offset, limit, parameters)


def _place(cursor: Cursor, keys: Sequence[str]) -> int:
    """Return where a page begins now, when rows before it may have come or gone."""
    before = cursor.offset - 1
    if cursor.previous is None or (before < len(keys) and keys[before] == cursor.previous):
        return cursor.offset
    try:
        return keys.index(cursor.previous) + 1
    except ValueError:
        return max(before, 0)


def _links(
    exchange: "Exchange",
    keys: Sequence[str],
    offset: int,
    limit: int,
    parameters: tuple[tuple[str, str], ...],
) -> dict[str, str]:
    entries = []
    places = (("next", offset + limit), ("prev", max(offset - limit, 0)))
    for relation, place in places:
        wanted = place < len(keys) if relation == "next" else offset > 0
        if wanted:
            previous = keys[place - 1] if place else None
            cursor = Cursor(exchange.route, parameters, place, limit, previous)
            name = exchange.sandbox.cursors.issue(cursor)
            url = exchange.request.url.replace(query=f"cursor={name}")
            entries.append(f'<{url}>; rel="{relation}"; cursor="{name}",')
    return {"Link": " ".join(entries)} if entries else {}
