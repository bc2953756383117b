"""Emulate Telnyx's API v2: routes, targets, stock, and orders that may take their time.

What becomes of an order is decided by the last digits of its number, so that every end can be had
on purpose: ``00`` waits and succeeds, ``99`` waits and fails, ``98`` fails soon after it was
accepted. An order that waits ends when it is asked for the eighth time, which is once more than a
read-back asks. Where the country demands papers (``ADDRESS_COUNTRIES``) and no approved group of
requirements is named, an order waits until it is cancelled. Others are carried out at once.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

from msgspec import structs
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Router

from tui_numbers.sandbox import telnyx_numbers as numbers
from tui_numbers.sandbox.accounts import TELNYX_API_KEY
from tui_numbers.sandbox.exchange import Exchange, Missing, resource
from tui_numbers.sandbox.http import Usage, Wire, has_bearer, json_answer, whole_number
from tui_numbers.sandbox.records import Connection, Order, Profile, TelnyxNumber, identity, share
from tui_numbers.sandbox.stock import ADDRESS_COUNTRIES, KINDS, Available, vonage_features
from tui_numbers.sandbox.telnyx_numbers import failure, integer_id, missing, moment, page

ASKS_UNTIL_THE_END = 8
"""How often an order that waits is asked until it ends."""
_ASKS_UNTIL_AN_EARLY_END = 2
_ENDS = {"00": "success", "99": "failure", "98": "early failure"}
_DEADLINE = timedelta(days=14)
_FOUND_AT_ONCE = 100
_MOST_FOUND = 250
_COUNTRY_CODES = {
    country: str(code)
    for code, countries in COUNTRY_CODE_TO_REGION_CODE.items()
    for country in countries
}
_ERRORS = {
    400: ("10015", "The request failed because it was not well-formed."),
    401: ("10009", "Could not understand the provided credentials."),
    403: ("10010", "You do not have permission to perform the requested action."),
    404: ("10005", "The requested resource or URL could not be found."),
    422: ("10027", "The request could not be processed."),
    429: ("10011", "You have exceeded the maximum number of allowed requests."),
}


class TelnyxWire(Wire):
    """What Telnyx does with every request."""

    name = "telnyx"

    async def authenticated(self, request: Request) -> bool:
        """Say whether the request bears the account's key."""
        return has_bearer(request, TELNYX_API_KEY)

    def refuse(self, request: Request, status: int) -> Response:
        """Return an error with its code."""
        code, detail = _ERRORS.get(status, ("10007", "Something went wrong here."))
        return failure(status, code, detail)

    def limit_headers(self, usage: Usage, wall_clock: float) -> dict[str, str]:
        """Announce the limit; the reset is told in seconds from now."""
        return {
            "x-ratelimit-limit": str(usage.limit),
            "x-ratelimit-remaining": str(usage.remaining),
            "x-ratelimit-reset": f"{usage.resets_in:.0f}",
        }


async def balance(exchange: Exchange) -> Response:
    """Answer with the balance in US dollars."""
    amounts = {"balance": "312.40", "credit_limit": "100.00", "available_credit": "412.40"}
    shown = {"record_type": "balance", **amounts, "pending": "0.00", "currency": "USD"}
    return json_answer({"data": shown})


def _connection_object(item: Connection) -> dict[str, Any]:
    return {
        "id": item.id,
        "record_type": item.kind,
        "connection_name": item.name,
        "active": item.active,
        "anchorsite_override": "Latency",
        "tags": [],
        "webhook_api_version": "2",
        "webhook_event_url": "https://hooks.northline.example/calls",
        "webhook_event_failover_url": None,
        "created_at": "2024-02-02T22:25:27.521Z",
        "updated_at": "2024-02-02T22:25:27.521Z",
    }


async def connections(exchange: Exchange) -> Response:
    """List the connections of every kind."""
    rows = exchange.world.telnyx.connections.values()
    shown = (_connection_object(row) for row in rows)
    return page(exchange, shown, len(rows), default=numbers.LARGEST_PAGE)


def _profile_object(item: Profile) -> dict[str, Any]:
    return {
        "record_type": "messaging_profile",
        "id": item.id,
        "name": item.name,
        "enabled": item.enabled,
        "webhook_url": "https://hooks.northline.example/messages",
        "webhook_failover_url": None,
        "webhook_api_version": "2",
        "whitelisted_destinations": ["DE", "FR", "IE", "US"],
        # The key of the older API: whoever reads profiles must drop it.
        "v1_secret": f"v1-{item.id[:8]}",
        "created_at": "2024-02-02T22:25:27.521Z",
        "updated_at": "2024-02-02T22:25:27.521Z",
    }


async def profiles(exchange: Exchange) -> Response:
    """List the messaging profiles."""
    rows = exchange.world.telnyx.profiles.values()
    return page(exchange, map(_profile_object, rows), len(rows))


def _apart(digits: str, pattern: str) -> bool:
    """Say whether the digits of a short pattern stand in order, be it apart from each other."""
    rest = iter(digits)
    return len(pattern) < 3 and all(digit in rest for digit in pattern)


def _found(numbers: Iterable[str], country: str, wanted: dict[str, str]) -> Iterator[str]:
    """Yield the numbers that have the patterns where they are wanted; none holds a wildcard."""
    if not any(wanted.values()):
        yield from numbers
        return
    start, end, contains = wanted["starts_with"], wanted["ends_with"], wanted["contains"]
    # Tens of thousands are looked through, so what can be is taken once.
    code, short = _COUNTRY_CODES.get(country, ""), len(contains) < 3
    for number in numbers:
        national = number[1:].removeprefix(code)
        if not (national.startswith(start) and national.endswith(end)):
            continue
        if contains in national or (short and _apart(national, contains)):
            yield number


async def search(exchange: Exchange) -> Response:
    """Search the stock of one country; what is found can be ordered afterwards."""
    query, stock = exchange.request.query_params, exchange.world.stock
    country = query.get("filter[country_code]")
    if country is None:
        detail = "filter[country_code] is required."
        return failure(400, "10004", detail, "/filter[country_code]")
    try:
        limit = whole_number(query.get("filter[limit]"), _FOUND_AT_ONCE)
    except ValueError:
        return failure(400, "10015", "filter[limit] must be a whole number.", "/filter[limit]")
    places = ("starts_with", "ends_with", "contains")
    wanted = {name: query.get(f"filter[phone_number][{name}]", "") for name in places}
    features = {word for word in query.get("filter[features]", "").split(",") if word}
    kind = query.get("filter[phone_number_type]")
    offered = (
        Available(number, country, each)
        for each in KINDS
        if kind in (None, each)
        for number in _found(stock.numbers("telnyx", country, each), country, wanted)
        if not features or features <= set(_features(number, country, each))
    )
    rows = list(islice(offered, min(max(limit, 1), _MOST_FOUND)))
    exchange.world.telnyx.found.update(row.number for row in rows)
    meta = {"total_results": len(rows), "best_effort_results": 0}
    return json_answer({"data": [_stock_object(row) for row in rows], "meta": meta})


def _features(number: str, country: str, kind: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in vonage_features(number, country, kind))


def costs(country: str, kind: str) -> tuple[str, str]:
    """Return the price of a month and of the purchase in US dollars, with the wire's digits."""
    dearest = {"local": 4, "mobile": 9, "toll_free": 6}[kind]
    monthly = f"{1 + int(share('telnyx-cost', country, kind) * dearest)}.00000"
    return monthly, monthly if country in ADDRESS_COUNTRIES else "0.00000"


def _stock_object(item: Available) -> dict[str, Any]:
    monthly, upfront = costs(item.country, item.kind)
    return {
        "record_type": "available_phone_number",
        "phone_number": item.number,
        "quickship": item.kind != "toll_free",
        "reservable": True,
        "best_effort": False,
        "features": [{"name": word} for word in _features(*item)],
        "region_information": [{"region_type": "country_code", "region_name": item.country}],
        "cost_information": {
            "upfront_cost": upfront,
            "monthly_cost": monthly,
            "currency": "USD",
        },
    }


def order_object(order: Order) -> dict[str, Any]:
    """Return an order with its one number."""
    met = order.requirements == "approved"
    number = {
        "record_type": "number_order_phone_number",
        "id": identity("order-number", order.id),
        "phone_number": order.number,
        "country_code": order.country,
        "country_iso_alpha2": order.country,
        "phone_number_type": order.kind,
        "requirements_met": met,
        "requirements_status": order.requirements,
        "regulatory_requirements": [],
        "status": order.status,
        "deadline": moment(order.created + int(_DEADLINE.total_seconds() * 1000)),
    }
    shown: dict[str, Any] = {
        "record_type": "number_order",
        "id": order.id,
        "status": order.status,
        "requirements_met": met,
        "phone_numbers": [number],
        "phone_numbers_count": 1,
        "sub_number_orders_ids": [order.sub_order],
        "created_at": moment(order.created),
        "updated_at": moment(order.created),
    }
    targets = {"connection_id": order.connection, "messaging_profile_id": order.profile}
    targets["customer_reference"] = order.reference
    return shown | {name: value for name, value in targets.items() if value is not None}


def _asked_for(exchange: Exchange, body: dict[str, Any]) -> Order | Response:
    """Return the order that a body asks for, not placed yet, or why it cannot be placed."""
    account = exchange.world.telnyx
    rows = body.get("phone_numbers")
    row = rows[0] if isinstance(rows, list) and len(rows) == 1 else None
    number = row.get("phone_number") if isinstance(row, dict) else None
    if not isinstance(row, dict) or not isinstance(number, str):
        return failure(422, "10004", "phone_numbers must name one number.", "/phone_numbers")
    where = "/phone_numbers/0/phone_number"
    if exchange.world.stock.is_taken(number):
        return failure(422, "85001", "The number is no longer available.", where)
    item = exchange.world.stock.find("telnyx", number) if number in account.found else None
    if item is None:
        return failure(422, "85000", "Search for the number before you order it.", where)
    targets = (
        ("connection_id", account.connections.keys()),
        ("messaging_profile_id", account.profiles.keys()),
    )
    for field, held in targets:
        if body.get(field) is not None and body[field] not in held:
            return failure(422, "10027", f"There is no such {field}.", f"/{field}")
    name = row.get("requirement_group_id")
    group = account.groups.get(name) if name else None
    if name and (group is None or (group.country, group.kind) != (item.country, item.kind)):
        detail = "The requirement group does not fit the number."
        return failure(422, "10027", detail, "/phone_numbers/0/requirement_group_id")
    approved = group.status == "approved" if group else item.country not in ADDRESS_COUNTRIES
    waiting = "requirement-info-under-review" if group else "requirement-info-pending"
    count = len(account.orders)
    return Order(
        id=identity("telnyx-order", exchange.world.seed, count),
        sub_order=identity("telnyx-sub-order", exchange.world.seed, count),
        number=number,
        country=item.country,
        kind=item.kind,
        created=exchange.milliseconds,
        status="pending",
        requirements="approved" if approved else waiting,
        ends=_ENDS.get(number[-2:], "success at once") if approved else "",
        connection=body.get("connection_id"),
        profile=body.get("messaging_profile_id"),
        reference=body.get("customer_reference"),
        group=name,
    )


async def place_order(exchange: Exchange) -> Response:
    """Order a number that a search has found; most orders are carried out at once."""
    body = await numbers.body_of(exchange)
    order = body if isinstance(body, Response) else _asked_for(exchange, body)
    if isinstance(order, Response):
        return order
    if order.ends == "success at once":
        order = structs.replace(order, status="success")
    if order.ends.startswith("success"):
        _list_number(exchange, order)
    exchange.keep(exchange.world.telnyx.orders, order.id, order)
    return json_answer({"data": order_object(order)})


def _list_number(exchange: Exchange, order: Order) -> None:
    """List the number of an order, as pending until the order is carried out."""
    numbers_held = exchange.world.telnyx.numbers
    key = integer_id("telnyx-bought", order.id)
    known = numbers_held.get(key)
    status = "active" if order.status == "success" else "purchase-pending"
    record = known or TelnyxNumber(
        order.number,
        order.country,
        order.kind,
        id=key,
        created=order.created,
        updated=order.created,
        connection=order.connection,
        profile=order.profile,
        reference=order.reference,
    )
    exchange.put(numbers_held, key, structs.replace(record, status=status))


async def get_order(exchange: Exchange) -> Response:
    """Answer with one order; one that waits comes nearer to its end each time."""
    account = exchange.world.telnyx
    order = account.orders.get(exchange.request.path_params["id"])
    if order is None:
        return missing()
    if order.status == "pending" and order.ends:
        order = structs.replace(order, asked=order.asked + 1)
        early = order.ends == "early failure"
        if order.asked >= (_ASKS_UNTIL_AN_EARLY_END if early else ASKS_UNTIL_THE_END):
            order = structs.replace(order, status=order.ends.removeprefix("early "))
        if order.status == "failure":
            order = structs.replace(order, requirements="cancelled")
        if order.status == "success":
            _list_number(exchange, order)
        exchange.keep(account.orders, order.id, order)
    return json_answer({"data": order_object(order)})


async def orders(exchange: Exchange) -> Response:
    """List the orders, the newest first."""
    query = exchange.request.query_params
    rows = [order_object(order) for order in reversed(exchange.world.telnyx.orders.values())]
    for name in ("status", "customer_reference"):
        if (word := query.get(f"filter[{name}]")) is not None:
            rows = [row for row in rows if row.get(name) == word]
    if (since := query.get("filter[created_at][gt]")) is not None:
        rows = [row for row in rows if row["created_at"] > since]
    for row in rows:
        # The list tells less of the numbers than the order itself.
        row["phone_numbers"] = [
            {"id": one["id"], "phone_number": one["phone_number"]} for one in row["phone_numbers"]
        ]
    return page(exchange, rows, len(rows))


async def cancel_order(exchange: Exchange) -> Response:
    """Cancel an order that waits."""
    account = exchange.world.telnyx
    key = exchange.request.path_params["id"]
    order = next((one for one in account.orders.values() if one.sub_order == key), None)
    if order is None:
        return missing()
    if order.status != "pending":
        return failure(422, "10027", "Only a pending order can be cancelled.")
    order = structs.replace(order, status="failure", requirements="cancelled")
    exchange.keep(account.orders, order.id, order)
    listed = account.numbers.get(integer_id("telnyx-bought", order.id))
    if listed is not None:
        exchange.remove(account.numbers, listed.id, listed)
    shown = {
        "record_type": "sub_number_order",
        "id": order.sub_order,
        "order_request_id": order.id,
        "country_code": order.country,
        "phone_number_type": order.kind,
        "phone_numbers_count": 1,
        "requirements_met": False,
        "status": order.status,
        "created_at": moment(order.created),
        "updated_at": moment(exchange.milliseconds),
    }
    return json_answer({"data": shown})


async def requirements(exchange: Exchange) -> Response:
    """Say which papers the country of each number asked about demands."""
    asked = exchange.request.query_params.get("filter[phone_number]", "")
    rows = []
    for number in filter(None, asked.split(",")):
        item = exchange.world.stock.find("telnyx", number)
        demanded = []
        if item is not None and item.country in ADDRESS_COUNTRIES:
            demanded.append(
                {
                    "record_type": "requirement",
                    "id": identity("telnyx-requirement", item.country, item.kind),
                    "label": "Proof of a local address",
                    "field_type": "address",
                }
            )
        rows.append(
            {
                "record_type": "phone_number_regulatory_requirement",
                "phone_number": number,
                "phone_number_type": item.kind if item else "local",
                "regulatory_requirements": demanded,
            }
        )
    return page(exchange, rows, len(rows))


async def requirement_groups(exchange: Exchange) -> Response:
    """List the groups of requirements; the answer is a bare list."""
    query = exchange.request.query_params
    shown = [
        {
            "record_type": "requirement_group",
            "id": group.id,
            "country_code": group.country,
            "phone_number_type": group.kind,
            "action": "ordering",
            "customer_reference": group.name,
            "status": group.status,
            "regulatory_requirements": [],
            "created_at": "2026-02-02T22:25:27.521Z",
            "updated_at": "2026-02-02T22:25:27.521Z",
        }
        for group in exchange.world.telnyx.groups.values()
    ]
    for name in ("country_code", "phone_number_type", "action", "status"):
        if (word := query.get(f"filter[{name}]")) is not None:
            shown = [row for row in shown if row[name] == word]
    return json_answer(shown)


def router() -> Router:
    """Return the routes below ``/telnyx``."""
    wire = TelnyxWire()
    # Fixed paths stand before the one that takes any word for an identifier.
    return Router(
        [
            resource(wire, "/balance", GET=("check", balance)),
            resource(wire, "/phone_numbers", GET=("list", numbers.owned)),
            resource(wire, "/phone_numbers/voice", GET=("voice", numbers.owned_voice)),
            resource(wire, "/phone_numbers/messaging", GET=("messaging", numbers.owned_messaging)),
            resource(
                wire,
                "/phone_numbers/{id}",
                GET=("get", numbers.get_number),
                PATCH=("update", numbers.change_number),
                DELETE=("release", numbers.release),
            ),
            resource(
                wire,
                "/phone_numbers/{id}/voice",
                GET=("voice", numbers.get_voice),
                PATCH=("update", numbers.change_voice),
            ),
            resource(
                wire,
                "/phone_numbers/{id}/messaging",
                GET=("messaging", numbers.get_messaging),
                PATCH=("update", numbers.change_messaging),
            ),
            resource(wire, "/available_phone_numbers", GET=("search", search)),
            resource(wire, "/number_orders", GET=("orders", orders), POST=("buy", place_order)),
            resource(wire, "/number_orders/{id}", GET=("orders", get_order)),
            resource(wire, "/sub_number_orders/{id}/cancel", PATCH=("release", cancel_order)),
            resource(wire, "/connections", GET=("connections", connections)),
            resource(wire, "/messaging_profiles", GET=("profiles", profiles)),
            resource(
                wire,
                "/phone_numbers_regulatory_requirements",
                GET=("requirements", requirements),
            ),
            resource(wire, "/requirement_groups", GET=("requirements", requirement_groups)),
        ],
        redirect_slashes=False,
        default=Missing(wire),
    )
