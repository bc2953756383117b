"""Emulate Telnyx's owned numbers: record, voice and messaging settings; seed them."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from msgspec import structs
from starlette.responses import Response

from tui_numbers.sandbox.exchange import Exchange
from tui_numbers.sandbox.http import json_answer, read_json, whole_number
from tui_numbers.sandbox.records import (
    Connection,
    Profile,
    RequirementGroup,
    TelnyxNumber,
    digest,
    identity,
)
from tui_numbers.sandbox.seeds import Share, created_at, owned_numbers, updated_at
from tui_numbers.sandbox.stock import vonage_features
from tui_numbers.sandbox.world import TelnyxAccount

PAGE_SIZE = 20
LARGEST_PAGE = 250
_SHORTEST_FILTER = 3
_TITLES = {
    "10004": "Missing required parameter",
    "10005": "Resource not found",
    "10009": "Authentication failed",
    "10010": "Not authorized",
    "10011": "Too many requests",
    "10015": "Bad Request",
    "10016": "Phone number must be in +E.164 format",
    "10027": "Unprocessable entity",
    "85000": "Number was not found by a search",
    "85001": "Number is no longer available",
}


def failure(status: int, code: str, detail: str, pointer: str = "/") -> Response:
    """Return an error in the one shape that the document has for all."""
    title = _TITLES.get(code, "Unexpected error")
    error = {"code": code, "title": title, "detail": detail, "source": {"pointer": pointer}}
    return json_answer({"errors": [error]}, status)


def missing() -> Response:
    """Return the answer to a request for something that there is not."""
    return failure(404, "10005", "The requested resource or URL could not be found.")


def moment(milliseconds: int) -> str:
    """Return a time as the document has it: ISO 8601 in UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat().replace("+00:00", "Z")


def number_object(account: TelnyxAccount, record: TelnyxNumber) -> dict[str, Any]:
    """Return the record of a number, its PIN for porting out included."""
    connection = account.connections.get(record.connection or "")
    profile = account.profiles.get(record.profile or "")
    return {
        "record_type": "phone_number",
        "id": record.id,
        "phone_number": record.number,
        "country_iso_alpha2": record.country,
        "phone_number_type": record.older_word or record.kind,
        "status": record.status,
        "tags": list(record.tags),
        "customer_reference": record.reference,
        "connection_id": record.connection,
        "connection_name": connection.name if connection else None,
        "messaging_profile_id": record.profile,
        "messaging_profile_name": profile.name if profile else None,
        "billing_group_id": None,
        # On by default, and no sign that calls are forwarded.
        "call_forwarding_enabled": record.forwarding_enabled,
        "deletion_lock_enabled": record.deletion_lock,
        "external_pin": record.pin,
        "hd_voice_enabled": False,
        "emergency_enabled": False,
        "emergency_address_id": None,
        "emergency_status": "disabled",
        "inbound_call_screening": "disabled",
        "source_type": record.source,
        "created_at": moment(record.created),
        "purchased_at": moment(record.created),
        "activated_at": moment(record.created),
        "updated_at": moment(record.updated),
    }


def voice_object(account: TelnyxAccount, record: TelnyxNumber) -> dict[str, Any]:
    """Return the voice settings of a number; what is not set has no key."""
    forwarding: dict[str, Any] = {"call_forwarding_enabled": record.forwarding_enabled}
    if record.forward is not None:
        forwarding["forwards_to"] = record.forward
    if record.forwarding_type is not None:
        forwarding["forwarding_type"] = record.forwarding_type
    shown = {
        "record_type": "voice_settings",
        "id": record.id,
        "phone_number": record.number,
        "call_forwarding": forwarding,
        "translated_number": "",
        "tech_prefix_enabled": False,
        "usage_payment_method": "pay-per-minute",
        "inbound_call_screening": "disabled",
        "cnam_listing": {"cnam_listing_enabled": False},
    }
    if record.connection is not None:
        shown["connection_id"] = record.connection
    if record.reference is not None:
        shown["customer_reference"] = record.reference
    return shown


def messaging_object(account: TelnyxAccount, record: TelnyxNumber) -> dict[str, Any]:
    """Return the messaging settings of a number, with what it can carry."""
    features = vonage_features(record.number, record.country, record.kind)
    carried = {"domestic_two_way": True, "international_inbound": True}
    carried["international_outbound"] = False
    return {
        "record_type": "messaging_settings",
        "id": record.id,
        "phone_number": record.number,
        "country_code": record.country,
        "messaging_profile_id": record.profile,
        "type": "toll-free" if record.kind == "toll_free" else "long-code",
        "traffic_type": "P2P",
        "features": {
            word: carried if word.upper() in features else None for word in ("sms", "mms")
        },
        "created_at": moment(record.created),
        "updated_at": moment(record.updated),
    }


def page(exchange: Exchange, rows: Iterable[Any], count: int, default: int = PAGE_SIZE) -> Response:
    """Return one page of ``rows``, of which there are ``count``."""
    query = exchange.request.query_params
    values = []
    for name, usual, largest in (
        ("page[number]", 1, 10**9),
        ("page[size]", default, LARGEST_PAGE),
    ):
        try:
            value = whole_number(query.get(name), usual)
        except ValueError:
            value = 0
        if not 1 <= value <= largest:
            return failure(400, "10015", f"{name} must be from 1 to {largest}.", f"/{name}")
        values.append(value)
    number, size = values
    meta = {
        "page_number": number,
        "page_size": size,
        "total_pages": -(-count // size),
        "total_results": count,
    }
    shown = list(islice(rows, (number - 1) * size, number * size))
    return json_answer({"data": shown, "meta": meta})


def _wanted(exchange: Exchange) -> list[TelnyxNumber]:
    """Return the numbers that pass the filters; one that is not known is not looked at."""
    query = exchange.request.query_params
    account = exchange.world.telnyx
    rows: list[TelnyxNumber] = list(account.numbers.visible(exchange.sandbox.clock()).values())
    digits = query.get("filter[phone_number]")
    if digits is not None:
        usable = digits.isascii() and digits.isdigit() and len(digits) >= _SHORTEST_FILTER
        rows = [row for row in rows if usable and digits in row.number]
    countries = query.getlist("filter[country_iso_alpha2]")
    countries += query.getlist("filter[country_iso_alpha2][]")
    if countries:
        rows = [row for row in rows if row.country in countries]
    tests: dict[str, Callable[[TelnyxNumber, str], bool]] = {
        "filter[number_type][eq]": lambda row, word: row.kind == word,
        "filter[status]": lambda row, word: row.status == word,
        "filter[connection_id]": lambda row, word: row.connection == word,
        "filter[customer_reference]": lambda row, word: row.reference == word,
        "filter[tag]": lambda row, word: word in row.tags,
        "filter[without_tags]": lambda row, word: word != "true" or not row.tags,
    }
    for name, test in tests.items():
        if (word := query.get(name)) is not None:
            rows = [row for row in rows if test(row, word)]
    if query.get("sort") == "phone_number":
        rows.sort(key=lambda row: row.number)
    else:
        rows.sort(key=lambda row: row.created, reverse=True)
    return rows


def _list(
    exchange: Exchange, show: Callable[[TelnyxAccount, TelnyxNumber], dict[str, Any]]
) -> Response:
    rows, account = _wanted(exchange), exchange.world.telnyx
    return page(exchange, (show(account, row) for row in rows), len(rows))


async def owned(exchange: Exchange) -> Response:
    """List the records of owned numbers."""
    return _list(exchange, number_object)


async def owned_voice(exchange: Exchange) -> Response:
    """List the voice settings of owned numbers."""
    return _list(exchange, voice_object)


async def owned_messaging(exchange: Exchange) -> Response:
    """List the messaging settings of owned numbers."""
    return _list(exchange, messaging_object)


def _record(exchange: Exchange, *, visible: bool) -> TelnyxNumber | None:
    """Return the number of the path, as readers see it or as it truly is."""
    key = exchange.request.path_params["id"]
    numbers = exchange.world.telnyx.numbers
    return numbers.visible(exchange.sandbox.clock(), key).get(key) if visible else numbers.get(key)


def _show(
    exchange: Exchange, show: Callable[[TelnyxAccount, TelnyxNumber], dict[str, Any]]
) -> Response:
    record = _record(exchange, visible=True)
    if record is None:
        return missing()
    return json_answer({"data": show(exchange.world.telnyx, record)})


async def get_number(exchange: Exchange) -> Response:
    """Answer with the record of one number."""
    return _show(exchange, number_object)


async def get_voice(exchange: Exchange) -> Response:
    """Answer with the voice settings of one number."""
    return _show(exchange, voice_object)


async def get_messaging(exchange: Exchange) -> Response:
    """Answer with the messaging settings of one number."""
    return _show(exchange, messaging_object)


async def body_of(exchange: Exchange) -> dict[str, Any] | Response:
    """Read a JSON object; what is null keeps what there is."""
    try:
        body = read_json(await exchange.request.body())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        return failure(400, "10015", "The body must be a JSON object.")
    return {key: value for key, value in body.items() if value is not None}


def _saved(
    exchange: Exchange,
    record: TelnyxNumber,
    changes: dict[str, Any],
    show: Callable[[TelnyxAccount, TelnyxNumber], dict[str, Any]],
) -> Response:
    changed = structs.replace(record, **changes, updated=exchange.milliseconds)
    exchange.put(exchange.world.telnyx.numbers, record.id, changed)
    return json_answer({"data": show(exchange.world.telnyx, changed)})


def _texts(body: dict[str, Any], *names: str) -> Response | None:
    """Return an error for a field that must be text and is not."""
    wrong = next((name for name in names if not isinstance(body.get(name, ""), str)), None)
    return None if wrong is None else failure(422, "10027", f"{wrong} must be text.", f"/{wrong}")


def _tags(body: dict[str, Any]) -> tuple[str, ...] | None:
    """Return the tags of a body, or None where they are none."""
    tags = body.get("tags")
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        return None
    return tuple(tags)


async def change_number(exchange: Exchange) -> Response:
    """Change what is sent of the record; tags are replaced as a whole."""
    record = _record(exchange, visible=False)
    if record is None:
        return missing()
    body = await body_of(exchange)
    if isinstance(body, Response):
        return body
    wrong = _texts(body, "connection_id", "customer_reference", "external_pin")
    if wrong is not None:
        return wrong
    changes: dict[str, Any] = {}
    if "connection_id" in body:
        if body["connection_id"] not in exchange.world.telnyx.connections:
            return failure(422, "10027", "There is no such connection.", "/connection_id")
        changes["connection"] = body["connection_id"]
    if "customer_reference" in body:
        changes["reference"] = body["customer_reference"] or None
    if "external_pin" in body:
        changes["pin"] = body["external_pin"] or None
    if "tags" in body:
        changes["tags"] = _tags(body)
        if changes["tags"] is None:
            return failure(422, "10027", "tags must be a list of texts.", "/tags")
    return _saved(exchange, record, changes, number_object)


async def change_voice(exchange: Exchange) -> Response:
    """Change the forwarding, of which there is one for each number."""
    record = _record(exchange, visible=False)
    if record is None:
        return missing()
    body = await body_of(exchange)
    if isinstance(body, Response):
        return body
    wanted = body.get("call_forwarding", {})
    if not isinstance(wanted, dict):
        return failure(422, "10027", "call_forwarding must be an object.", "/call_forwarding")
    changes: dict[str, Any] = {}
    where = "/call_forwarding"
    if "forwards_to" in wanted:
        phone = wanted["forwards_to"] or None
        digits = phone[1:] if isinstance(phone, str) and phone.startswith("+") else ""
        if phone is not None and not (digits.isascii() and digits.isdigit() and len(digits) > 6):
            return failure(422, "10016", "forwards_to is not +E.164.", f"{where}/forwards_to")
        changes["forward"] = phone
    if "forwarding_type" in wanted:
        if wanted["forwarding_type"] not in ("always", "on-failure"):
            return failure(422, "10032", "It is always or on-failure.", f"{where}/forwarding_type")
        changes["forwarding_type"] = wanted["forwarding_type"]
    if "call_forwarding_enabled" in wanted:
        changes["forwarding_enabled"] = wanted["call_forwarding_enabled"] is True
    return _saved(exchange, record, changes, voice_object)


async def change_messaging(exchange: Exchange) -> Response:
    """Change the messaging profile; an empty text takes it away."""
    record = _record(exchange, visible=False)
    if record is None:
        return missing()
    body = await body_of(exchange)
    if isinstance(body, Response):
        return body
    wrong = _texts(body, "messaging_profile_id")
    if wrong is not None:
        return wrong
    changes: dict[str, Any] = {}
    if "messaging_profile_id" in body:
        profile = body["messaging_profile_id"] or None
        if profile is not None and profile not in exchange.world.telnyx.profiles:
            detail = "There is no such messaging profile."
            return failure(422, "10027", detail, "/messaging_profile_id")
        changes["profile"] = profile
    return _saved(exchange, record, changes, messaging_object)


async def release(exchange: Exchange) -> Response:
    """Delete a number that is not locked; answer with its last record."""
    record = _record(exchange, visible=False)
    if record is None:
        return missing()
    if record.deletion_lock:
        detail = "The number has its deletion lock enabled."
        return failure(422, "10027", detail, "/deletion_lock_enabled")
    exchange.remove(exchange.world.telnyx.numbers, record.id, record)
    shown = number_object(exchange.world.telnyx, structs.replace(record, status="deleted"))
    # The document's deleted record knows neither null nor these three fields.
    for name in ("country_iso_alpha2", "emergency_status", "inbound_call_screening"):
        del shown[name]
    present = {key: value for key, value in shown.items() if value is not None}
    return json_answer({"data": present})


CONNECTIONS = (
    ("Care bridge", "call_control_application"),
    ("Claims IVR", "texml_application"),
    ("Berlin PBX", "ip_connection"),
    ("Dublin PBX", "credential_connection"),
    ("Old Paris PBX", "fqdn_connection"),
    ("Night voice mail", "call_control_application"),
)
"""The last but one is switched off."""
_INACTIVE = "Old Paris PBX"
_PROFILES = ("Care messages", "Delivery notices", "Campaigns 2024")
_REFERENCES = ("claims", "roadside", "bookings", "spare", "campaign")
_TAGS = ("oncall", "eu", "print", "web", "trial")
_PLAN = (
    Share("DE", "local", 24),
    Share("FR", "local", 18),
    Share("IE", "local", 14),
    Share("US", "local", 12),
    Share("NL", "local", 10),
    Share("US", "toll_free", 8),
    Share("GB", "local", 8),
    Share("ES", "mobile", 6),
)
_FORGOTTEN = 5
"""Place of the one number whose targets have been switched off."""
_KNOWN_ELSEWHERE = "6170"
"""Digits by which one number of each of the first three accounts is known."""


def _settings(dice: bytes, connections: list[str], profiles: list[str]) -> dict[str, Any]:
    """Return where a number's calls and messages go; the first dice decides which mix it has."""
    connection = connections[dice[1] % len(connections)]
    forward = f"+4930231255{dice[2] % 90 + 10}"
    mixes: tuple[tuple[int, dict[str, Any]], ...] = (
        (120, {"connection": connection}),
        (160, {"connection": connection, "forward": forward, "forwarding_type": "on-failure"}),
        (190, {"connection": connection, "forward": forward, "forwarding_type": "always"}),
        (215, {"forward": forward, "forwarding_type": "always"}),
        # A number that is kept for later use, with the forwarding switched off.
        (
            228,
            {"forward": forward, "forwarding_type": "always", "forwarding_enabled": False},
        ),
        (256, {}),
    )
    chosen = dict(next(mix for limit, mix in mixes if dice[0] < limit))
    if dice[3] < 110:
        chosen["profile"] = profiles[dice[4] % len(profiles)]
    if dice[5] < 180:
        chosen["reference"] = f"{_REFERENCES[dice[6] % len(_REFERENCES)]}-{dice[7] % 40 + 1}"
    chosen["tags"] = tuple(
        dict.fromkeys(_TAGS[die % len(_TAGS)] for die in dice[8 : 8 + dice[10] % 3])
    )
    return chosen


def _state(dice: bytes, kind: str) -> dict[str, Any]:
    """Return how a number stands: its status, locks, and what an older record has."""
    states: dict[str, Any] = {"deletion_lock": dice[11] < 40}
    if dice[12] < 90:
        states["pin"] = f"{int.from_bytes(dice[12:14], 'big') % 9000 + 1000}"
    if dice[13] < 8:
        states |= {"status": "port-pending", "source": "port_request"}
    elif dice[13] < 14:
        states["status"] = "requirement-info-pending"
    if kind in ("local", "toll_free") and dice[14] < 24:
        states["older_word"] = {"local": "longcode", "toll_free": "tollfree"}[kind]
    return states


def integer_id(*parts: object) -> str:
    """Return a decimal identifier of 19 digits that depends on nothing but ``parts``."""
    return str(10**18 + int.from_bytes(digest(*parts)[:8], "big") % (9 * 10**18))


def seed_telnyx(count: int, seed: int, taken: set[str]) -> TelnyxAccount:
    """Seed the account with ``count`` numbers."""
    account = TelnyxAccount()
    for index, (name, kind) in enumerate(CONNECTIONS):
        key = integer_id(seed, "telnyx-connection", index)
        account.connections[key] = Connection(key, name, kind, active=name != _INACTIVE)
    for index, name in enumerate(_PROFILES):
        key = identity(seed, "telnyx-profile", index)
        account.profiles[key] = Profile(key, name, enabled=index < 2)
    for index, (country, status) in enumerate((("DE", "approved"), ("FR", "pending-approval"))):
        key = identity(seed, "telnyx-requirements", index)
        name = f"{country} local, head office"
        account.groups[key] = RequirementGroup(key, country, "local", name, status)
    connections = [one.id for one in account.connections.values() if one.active]
    profiles = [one.id for one in account.profiles.values() if one.enabled]
    switched_off = {
        "connection": next(one.id for one in account.connections.values() if not one.active),
        "profile": next(one.id for one in account.profiles.values() if not one.enabled),
    }
    drawn = (one for one in owned_numbers(_PLAN, count * 2, taken))
    usable = (one for one in drawn if _KNOWN_ELSEWHERE not in one.number)
    for index, owned_number in enumerate(islice(usable, count)):
        dice = digest(seed, "telnyx", index)
        created = created_at(index, count, dice)
        first = {"connection": connections[0], "profile": profiles[0], "reference": "care-line"}
        settings = first if index == 0 else _settings(dice, connections, profiles)
        if index == _FORGOTTEN:
            settings = {"reference": "claims-old", **switched_off}
        states = {} if index == 0 else _state(dice, owned_number.kind)
        record = TelnyxNumber(
            owned_number.number,
            owned_number.country,
            owned_number.kind,
            id=integer_id(seed, "telnyx", index),
            created=created,
            updated=updated_at(created, dice),
            **settings,
            **states,
        )
        account.numbers.records[record.id] = record
    return account
