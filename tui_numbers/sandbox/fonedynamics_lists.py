"""Fone Dynamics' lists: numbers, projects, flows and addresses, by offset."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, TypeVar

from starlette.responses import Response

from tui_numbers.sandbox.accounts import FONEDYNAMICS_ACCOUNT_SID
from tui_numbers.sandbox.exchange import Exchange
from tui_numbers.sandbox.fonedynamics_answers import (
    TYPES,
    address_object,
    failure,
    flow_object,
    number_object,
    project_object,
)
from tui_numbers.sandbox.records import FoneNumber
from tui_numbers.sandbox.wire import json_answer, whole_number

T = TypeVar("T")

_LARGEST_PAGE = 200


def _window(exchange: Exchange, default: int) -> tuple[int, int] | Response:
    """Read how many results to skip and how many to give."""
    query = exchange.request.query_params
    values = []
    for name, usual in (("Results_Skip", 0), ("Results_Count", default)):
        try:
            value = whole_number(query.get(name), usual)
        except ValueError:
            value = -1
        if value < 0:
            return failure("PARAMETER_INVALID", f"{name} must be a whole number.", name)
        values.append(value)
    return values[0], min(values[1], _LARGEST_PAGE)


def _paged(
    exchange: Exchange, name: str, rows: list[T], show: Callable[[T], dict[str, Any]]
) -> Response:
    """Return a page of a helper list, which says how many there are."""
    window = _window(exchange, 200 if name == "Addresses" else 50)
    if isinstance(window, Response):
        return window
    skip, count = window
    shown = [show(row) for row in rows[skip : skip + count]]
    return json_answer({name: shown, "TotalCount": len(rows), "NextPageToken": None})


def _words(exchange: Exchange, name: str) -> set[str]:
    text = exchange.request.query_params.get(name, "")
    return {word.strip() for word in text.split(",") if word.strip()}


def _numbers(exchange: Exchange, property_sid: str | None) -> Response:
    window = _window(exchange, _LARGEST_PAGE)
    if isinstance(window, Response):
        return window
    skip, count = window
    types = _words(exchange, "Type")
    # The filter's name lacks a letter on this wire; the correct spelling is not looked at.
    capabilities = _words(exchange, "Capabilites")

    def wanted(record: FoneNumber) -> bool:
        return (
            (property_sid is None or record.property_sid == property_sid)
            and (not types or TYPES[record.kind] in types)
            and capabilities.issubset(record.capabilities.split(","))
        )

    records = exchange.world.fonedynamics.numbers.visible(exchange.sandbox.clock()).values()
    plain = not types and not capabilities and property_sid is None
    rows: Iterable[FoneNumber] = records if plain else filter(wanted, records)
    return json_answer(
        {"Numbers": [number_object(row) for row in islice(rows, skip, skip + count)]}
    )


def unknown_property(exchange: Exchange) -> Response | None:
    """Return an error when the path names a property of nobody here."""
    if exchange.request.path_params["property"] in exchange.world.fonedynamics.properties:
        return None
    return failure("PROPERTY_NOT_FOUND", "No property has this identification.", "PropertySid")


def _unknown_account(exchange: Exchange) -> Response | None:
    if exchange.request.path_params["account"] == FONEDYNAMICS_ACCOUNT_SID:
        return None
    return failure("ACCOUNT_NOT_FOUND", "No account has this identification.", "AccountSid")


async def numbers_of_account(exchange: Exchange) -> Response:
    """List the numbers of the account."""
    return _unknown_account(exchange) or _numbers(exchange, None)


async def numbers_of_property(exchange: Exchange) -> Response:
    """List the numbers of one property."""
    sid = exchange.request.path_params["property"]
    return unknown_property(exchange) or _numbers(exchange, sid)


async def projects(exchange: Exchange) -> Response:
    """List the properties."""
    rows = list(exchange.world.fonedynamics.properties.values())
    return _paged(exchange, "Projects", rows, project_object)


async def project(exchange: Exchange) -> Response:
    """Answer with one property."""
    missing = unknown_property(exchange)
    if missing is not None:
        return missing
    item = exchange.world.fonedynamics.properties[exchange.request.path_params["property"]]
    return json_answer({"Project": project_object(item)})


async def flows(exchange: Exchange) -> Response:
    """List the flows of one property."""
    missing = unknown_property(exchange)
    if missing is not None:
        return missing
    sid = exchange.request.path_params["property"]
    every = exchange.world.fonedynamics.flows.values()
    return _paged(exchange, "Flows", [f for f in every if f.property_sid == sid], flow_object)


async def addresses(exchange: Exchange) -> Response:
    """List the addresses; filters match exactly."""
    missing = _unknown_account(exchange)
    if missing is not None:
        return missing
    query = exchange.request.query_params
    names = ("Friendly", "Reference", "City", "Region", "CountryCode", "PostalCode")
    filters = {name: query[name] for name in names if name in query}
    rows = [
        address
        for address in exchange.world.fonedynamics.addresses.values()
        if filters.items() <= address_object(address).items()
    ]
    return _paged(exchange, "Addresses", rows, address_object)


async def address(exchange: Exchange) -> Response:
    """Answer with one address."""
    held = exchange.world.fonedynamics.addresses
    item = held.get(exchange.request.path_params["address"])
    if item is None:
        return failure("ADDRESS_NOT_FOUND", "No address has this identification.", "AddressSid")
    return json_answer({"Address": address_object(item)})
