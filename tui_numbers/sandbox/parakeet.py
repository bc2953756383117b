"""Emulate Parakeet's API: ids, cursors in the `Link` header, announced rate limits."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from msgspec import structs
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Router

from tui_numbers.sandbox import http
from tui_numbers.sandbox.accounts import PARAKEET_ACCOUNT_ID, PARAKEET_API_KEY
from tui_numbers.sandbox.exchange import Exchange, Missing, resource
from tui_numbers.sandbox.http import Cursor, Wire, json_answer, read_json, whole_number
from tui_numbers.sandbox.records import Address, ParakeetNumber, User, token
from tui_numbers.sandbox.seeds import OPENED
from tui_numbers.sandbox.stock import (
    KINDS,
    Available,
    parakeet_address_requirement,
    parakeet_capabilities,
)

if TYPE_CHECKING:
    from tui_numbers.sandbox.http import Usage
    from tui_numbers.sandbox.world import ParakeetAccount

API = "/api/v1"
_DEFAULT_LIMIT = 50
_LARGEST_LIMIT = 100
_MOST_RESULTS = 50
_KEYPAD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
_ERRORS = {
    400: ("bad_request", "The request could not be understood."),
    401: ("unauthorized", "The account id or the API key is wrong."),
    403: ("forbidden", "This key may not do that."),
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not know that method."),
    406: ("not_acceptable", "Only JSON is spoken here."),
    422: ("unprocessable", "The request makes no sense as it stands."),
    429: ("rate_limited", "Too many requests."),
}
_JSON_TYPES = ("application/json", "application/*", "*/*", "text/json")


class ParakeetWire(Wire):
    """What Parakeet does with every request."""

    name = "parakeet"

    async def authenticated(self, request: Request) -> bool:
        """Say whether the request has the account's key."""
        return http.has_basic(request, PARAKEET_ACCOUNT_ID, PARAKEET_API_KEY)

    def refuse(self, request: Request, status: int) -> Response:
        """Return an error with a machine's code and a sentence."""
        code, message = _ERRORS.get(status, ("internal_error", "Something went wrong here."))
        answer = json_answer({"error": code, "message": message}, status)
        if status == 401:
            answer.headers["WWW-Authenticate"] = 'Basic realm="api"'
        return answer

    def unacceptable(self, request: Request) -> Response | None:
        """Refuse to speak anything but JSON."""
        accepted = request.headers.get("accept", "*/*").split(",")
        types = {entry.partition(";")[0].strip().lower() for entry in accepted}
        if types.isdisjoint(_JSON_TYPES):
            return self.refuse(request, 406)
        return None

    def limit_headers(self, usage: "Usage", wall_clock: float) -> dict[str, str]:
        """Tell the client where it stands, and when to come back if it went too far."""
        headers = {
            "X-RateLimit-Limit": str(usage.limit),
            "X-RateLimit-Remaining": str(usage.remaining),
            "X-RateLimit-Reset": str(math.ceil(wall_clock + usage.resets_in)),
        }
        if usage.exceeded:
            headers["Retry-After"] = str(max(math.ceil(usage.resets_in), 1))
        return headers


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


async def account(exchange: Exchange) -> Response:
    """Answer the credential check."""
    return json_answer(
        {
            "href": f"{API}/account",
            "id": PARAKEET_ACCOUNT_ID,
            "name": "Northline Support",
            "domain": "northline",
            "country": "US",
            "endpoint": "https://northline.example",
            "sip_endpoint": "sip:northline.example",
            "sip_domain": "northline.example",
            "sip_transport": "tls",
            "sip_port": 5061,
            "created_at": date(OPENED),
            "updated_at": date(OPENED),
        }
    )


def _user_object(user: User) -> dict[str, Any]:
    return {
        "href": f"{API}/users/{user.id}",
        "id": user.id,
        "role": user.role,
        "email": user.email,
        "profile": {
            "first_name": user.first_name,
            "last_name": user.last_name,
            "role": user.title,
            "time_zone": "America/New_York",
            "image": None,
            "default_image": True,
        },
        "schedule": {"href": f"{API}/users/{user.id}/schedule"},
        "created_at": date(user.created),
        "updated_at": date(user.created),
    }


async def list_users(exchange: Exchange) -> Response:
    """List users by page; ``name`` searches."""
    users = exchange.world.parakeet.users
    query = exchange.request.query_params
    filters = {"name": query["name"]} if "name" in query else {}
    cursor = exchange.sandbox.cursors.find(query.get("cursor", ""))
    wanted = dict(cursor.parameters) if cursor is not None else filters
    text = wanted.get("name", "").casefold()
    keys = [key for key, user in users.items() if text in user.name.casefold()]
    result = page(exchange, keys, filters)
    if isinstance(result, Response):
        return result
    shown, links = result
    return json_answer([_user_object(users[key]) for key in shown], headers=links)


async def get_user(exchange: Exchange) -> Response:
    """Answer with one user."""
    user = exchange.world.parakeet.users.get(exchange.request.path_params["id"])
    return exchange.refuse(404) if user is None else json_answer(_user_object(user))


async def no_teams(exchange: Exchange) -> Response:
    """Teams exist, but nothing lists them."""
    return exchange.refuse(404)


def _address_object(address: Address) -> dict[str, Any]:
    return {
        "href": f"{API}/addresses/{address.id}",
        "id": address.id,
        "friendly_name": address.friendly,
        "name": address.name,
        "street": address.line1,
        "street2": address.line2,
        "city": address.city,
        "region": address.region,
        "postal_code": address.postal_code,
        "country_code": address.country,
        "created_at": date(address.created),
        "updated_at": date(address.created),
    }


async def list_addresses(exchange: Exchange) -> Response:
    """List the addresses, all on one page."""
    addresses = exchange.world.parakeet.addresses.values()
    return json_answer([_address_object(address) for address in addresses])


async def list_numbers(exchange: Exchange) -> Response:
    """List owned numbers by page."""
    account = exchange.world.parakeet
    records = account.numbers.visible(exchange.sandbox.clock())
    result = page(exchange, list(records), {})
    if isinstance(result, Response):
        return result
    shown, links = result
    return json_answer([number_object(account, records[key]) for key in shown], headers=links)


async def get_number(exchange: Exchange) -> Response:
    """Answer with one number, by its id."""
    key = exchange.request.path_params["id"]
    account = exchange.world.parakeet
    record = account.numbers.visible(exchange.sandbox.clock(), key).get(key)
    return exchange.refuse(404) if record is None else json_answer(number_object(account, record))


async def _body(exchange: Exchange) -> dict[str, Any] | Response:
    try:
        body = read_json(await exchange.request.body())
    except ValueError:
        return problem(400, "invalid_json", "The body is not JSON.")
    if not isinstance(body, dict):
        return problem(400, "invalid_json", "The body is not a JSON object.")
    return body


def _target(exchange: Exchange, value: Any) -> str | Response:
    """Read a target: the id of a user or team, or an object that has one."""
    account = exchange.world.parakeet
    key = value.get("id") if isinstance(value, dict) else value
    if isinstance(key, str) and (key in account.users or key in account.teams):
        return key
    return problem(422, "invalid_target", "The target is not a user or team of this account.")


async def update(exchange: Exchange) -> Response:
    """Point a number at another user or team."""
    account = exchange.world.parakeet
    key = exchange.request.path_params["id"]
    record = account.numbers.get(key)
    if record is None:
        return exchange.refuse(404)
    body = await _body(exchange)
    if isinstance(body, Response):
        return body
    target = _target(exchange, body.get("target"))
    if isinstance(target, Response):
        return target
    changed = structs.replace(record, target=target, updated=exchange.milliseconds)
    exchange.put(account.numbers, key, changed)
    return json_answer(number_object(account, changed))


async def delete(exchange: Exchange) -> Response:
    """Release a number; one that is being ported cannot go."""
    account = exchange.world.parakeet
    key = exchange.request.path_params["id"]
    record = account.numbers.get(key)
    if record is None:
        return exchange.refuse(404)
    if record.status == "porting":
        return problem(422, "number_porting", "A number cannot be deleted while it is ported.")
    exchange.remove(account.numbers, key, record)
    return Response(status_code=204, headers={"Content-Type": "application/json"})


def _address_missing(exchange: Exchange, item: Available) -> bool:
    need = parakeet_address_requirement(item.country, item.kind)
    countries = {address.country for address in exchange.world.parakeet.addresses.values()}
    if need == "local":
        return item.country not in countries
    return need == "foreign" and not countries - {item.country}


async def provision(exchange: Exchange) -> Response:
    """Buy a number that is in stock and point it at a target."""
    body = await _body(exchange)
    if isinstance(body, Response):
        return body
    number = body.get("number")
    world = exchange.world
    if not isinstance(number, str) or not number:
        return problem(422, "number_required", "number is required.")
    item = world.stock.find("parakeet", number)
    if item is None:
        taken = world.stock.is_taken(number)
        code = "number_taken" if taken else "number_unavailable"
        return problem(422, code, "This number is not available.")
    target = _target(exchange, body.get("target"))
    if isinstance(target, Response):
        return target
    if _address_missing(exchange, item):
        return problem(422, "address_required", "This number needs an address in the account.")
    now = exchange.milliseconds
    record = ParakeetNumber(
        id="PN" + token(world.seed, "bought", number, now),
        number=number,
        country=item.country,
        kind=item.kind,
        target=target,
        capabilities=parakeet_capabilities(number, item.country, item.kind),
        created=now,
        updated=now,
    )
    exchange.put(world.parakeet.numbers, record.id, record)
    place = exchange.request.url.replace(query="")
    headers = {"Location": f"{place}/{record.id}"}
    return json_answer(number_object(world.parakeet, record), 201, headers)


async def available(exchange: Exchange) -> Response:
    """Search the stock; only the first matches are shown."""
    query = exchange.request.query_params
    country, kind = query.get("country", ""), query.get("type", "")
    if not country or not kind:
        return problem(422, "parameter_required", "country and type are required.")
    if kind not in KINDS:
        return problem(422, "invalid_type", "type is local, mobile or toll_free.")
    text = query.get("query", "").removeprefix("+")
    if text and not (text.isascii() and text.isalnum()):
        return problem(422, "invalid_query", "query holds letters and digits only.")
    digits = text.upper().translate(_KEYPAD)
    offered = exchange.world.stock.available("parakeet", country, kind)
    matching = (item for item in offered if digits in item.number)
    return json_answer([_stock_object(item) for item in islice(matching, _MOST_RESULTS)])


def _stock_object(item: Available) -> dict[str, str]:
    return {
        "id": item.number,
        "number": item.number,
        "country": item.country,
        "type": item.kind,
        "address_requirement": parakeet_address_requirement(item.country, item.kind),
    }


def router() -> Router:
    """Return the routes below ``/parakeet/api/v1``."""
    wire = ParakeetWire()
    return Router(
        [
            resource(wire, "/account", GET=("check", account)),
            resource(
                wire,
                "/numbers",
                GET=("list", list_numbers),
                POST=("buy", provision),
            ),
            resource(
                wire,
                "/numbers/{id}",
                GET=("get", get_number),
                POST=("update", update),
                DELETE=("release", delete),
            ),
            resource(wire, "/available_numbers", GET=("search", available)),
            resource(wire, "/users", GET=("users", list_users)),
            resource(wire, "/users/{id}", GET=("users", get_user)),
            resource(wire, "/teams", GET=("teams", no_teams)),
            resource(wire, "/addresses", GET=("addresses", list_addresses)),
        ],
        redirect_slashes=False,
        default=Missing(wire),
    )
