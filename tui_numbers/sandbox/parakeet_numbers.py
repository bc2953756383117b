"""Parakeet's numbers: list, read, buy, retarget, release, and search in stock."""

from itertools import islice
from typing import Any

from msgspec import structs
from starlette.responses import Response

from tui_numbers.sandbox.blocks import KINDS
from tui_numbers.sandbox.draws import token
from tui_numbers.sandbox.exchange import Exchange
from tui_numbers.sandbox.features import parakeet_address_requirement, parakeet_capabilities
from tui_numbers.sandbox.parakeet_answers import number_object, page, problem
from tui_numbers.sandbox.records import ParakeetNumber
from tui_numbers.sandbox.stock import Available
from tui_numbers.sandbox.wire import json_answer, read_json

_MOST_RESULTS = 50
_KEYPAD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")


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
