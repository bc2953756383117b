"""Vonage's numbers: list what is owned, search the stock, buy, cancel."""

from decimal import Decimal
from itertools import islice
from typing import Any

from starlette.responses import Response

from tui_numbers.sandbox import auth
from tui_numbers.sandbox.blocks import KINDS
from tui_numbers.sandbox.exchange import Exchange
from tui_numbers.sandbox.features import (
    ADDRESS_COUNTRIES,
    vonage_cost,
    vonage_features,
    vonage_set_up_cost,
)
from tui_numbers.sandbox.ledger import Ledger
from tui_numbers.sandbox.records import VonageNumber
from tui_numbers.sandbox.stock import Available
from tui_numbers.sandbox.vonage_answers import (
    TYPES,
    done,
    failed,
    form,
    invalid,
    missing,
    number_object,
)
from tui_numbers.sandbox.vonage_query import NumberQuery, read_query
from tui_numbers.sandbox.wire import json_answer

_ADDRESS_LABEL = (
    "Numbers from this country can be requested from the Dashboard "
    "(https://dashboard.nexmo.com/buy-numbers) as they require a valid local address to be "
    "provided before being purchased."
)
"""In the words of the Numbers API 1.0.20 (``response420``)."""
_OWNED_LABEL = "This number is already yours."


async def owned(exchange: Exchange) -> Response:
    """List owned numbers; nothing found is an empty object."""
    query = read_query(exchange.request.query_params)
    if isinstance(query, Response):
        return query
    records = own_numbers(exchange).visible(exchange.sandbox.clock()).values()
    if query.is_plain:
        # A whole listing of a large world asks hundreds of times for all of it.
        shown = islice(records, query.page.start, query.page.stop)
        return _page(len(records), [number_object(record) for record in shown])
    rows = [record for record in records if _wanted(query, record)]
    return _page(len(rows), [number_object(record) for record in rows[query.page]])


def _wanted(query: NumberQuery, record: VonageNumber) -> bool:
    linked = {record.app_id}
    if record.voice_type == "app":
        linked.add(record.voice_value)
    linked.add(record.messages_value)
    linked.discard(None)
    return (
        query.matches(record.msisdn)
        and query.country in (None, record.country)
        and (query.has_application is None or query.has_application == bool(linked))
        and (query.application_id is None or query.application_id in linked)
    )


def _page(count: int, shown: list[dict[str, Any]]) -> Response:
    return json_answer({"count": count, "numbers": shown} if count else {})


async def search(exchange: Exchange) -> Response:
    """Search the stock; the count is that of everything that matches."""
    query = read_query(exchange.request.query_params)
    if isinstance(query, Response):
        return query
    if query.country is None:
        return missing("country")
    country, stock = query.country, exchange.world.stock
    rows = [
        Available(number, country, kind)
        for kind in ((query.kind,) if query.kind else KINDS)
        for number in stock.numbers("vonage", country, kind)
        if query.matches(number[1:])
        and (not query.features or query.features.issubset(vonage_features(number, country, kind)))
    ]
    return _page(len(rows), [_stock_object(item) for item in rows[query.page]])


def _stock_object(item: Available) -> dict[str, Any]:
    shown = {
        "country": item.country,
        "msisdn": item.number[1:],
        "cost": vonage_cost(item.country, item.kind),
        "type": TYPES[item.kind],
        "features": list(vonage_features(*item)),
    }
    set_up = vonage_set_up_cost(item.country, item.kind)
    return shown | ({} if set_up is None else {"initialPrice": set_up})


def own_numbers(exchange: Exchange) -> Ledger[VonageNumber]:
    """Return the numbers of the account whose key the request has."""
    basic = auth.basic_credentials(exchange.request)
    key = basic[0] if basic else exchange.request.query_params.get("api_key", "")
    account = exchange.world.vonage
    return account.subaccounts.get(key, account.numbers)


def _ledger(exchange: Exchange, fields: dict[str, str]) -> Ledger[VonageNumber] | None:
    """Return the numbers of the account, or of the subaccount that is named."""
    key = fields.get("target_api_key")
    return own_numbers(exchange) if not key else exchange.world.vonage.subaccounts.get(key)


async def number_form(exchange: Exchange) -> dict[str, str] | Response:
    """Read the form of a write, which always names a country and a number."""
    fields = await form(exchange.request)
    if isinstance(fields, Response):
        return fields
    absent = [name for name in ("country", "msisdn") if not fields.get(name)]
    if absent:
        return missing(*absent)
    return invalid("country") if len(fields["country"]) != 2 else fields


async def buy(exchange: Exchange) -> Response:
    """Buy a number out of stock; the first month is taken from the balance."""
    fields = await number_form(exchange)
    if isinstance(fields, Response):
        return fields
    ledger, account = _ledger(exchange, fields), exchange.world.vonage
    if ledger is None:
        return failed()
    if account.numbers.get(fields["msisdn"]) is not None:
        return failed(_OWNED_LABEL)
    if not (fields["msisdn"].isascii() and fields["msisdn"].isdigit()):
        return failed()
    number, country = "+" + fields["msisdn"], fields["country"]
    item = exchange.world.stock.find("vonage", number, country)
    if item is None:
        return failed()
    if country in ADDRESS_COUNTRIES:
        return failed(_ADDRESS_LABEL)
    cost = Decimal(vonage_cost(country, item.kind))
    cost += Decimal(vonage_set_up_cost(country, item.kind) or 0)
    if cost > account.balance:
        return failed()
    features = vonage_features(*item)
    exchange.spend(cost)
    exchange.put(ledger, fields["msisdn"], VonageNumber(number, country, item.kind, features))
    return done()


async def cancel(exchange: Exchange) -> Response:
    """Give a number back; the country must be the number's own."""
    fields = await number_form(exchange)
    if isinstance(fields, Response):
        return fields
    ledger = _ledger(exchange, fields)
    record = None if ledger is None else ledger.get(fields["msisdn"])
    if ledger is None or record is None or record.country != fields["country"]:
        return failed()
    exchange.remove(ledger, fields["msisdn"], record)
    return done()
