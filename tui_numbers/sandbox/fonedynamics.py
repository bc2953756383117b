"""Emulate Fone Dynamics' API: lists by offset, configure, buy, errors with their codes."""

import re
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, TypeVar

from msgspec import structs
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Router

from tui_numbers.sandbox import http
from tui_numbers.sandbox.accounts import FONEDYNAMICS_ACCOUNT_SID, FONEDYNAMICS_TOKEN
from tui_numbers.sandbox.exchange import Exchange, Missing, resource
from tui_numbers.sandbox.http import Wire, json_answer, read_json, whole_number
from tui_numbers.sandbox.records import Address, Flow, FoneNumber, Property

TYPES = {
    "local": "Local",
    "toll_free": "Toll-Free",
    "shared_cost": "Shared-Rate",
    "national": "National",
    "mobile": "National",
}
T = TypeVar("T")
_LARGEST_PAGE = 200
_E164 = re.compile(r"\+[1-9][0-9]{5,14}", re.ASCII)
_TEXTS = {
    "Friendly": "friendly",
    "Attribution_Source": "attribution_source",
    "Attribution_Medium": "attribution_medium",
    "Attribution_Campaign": "attribution_campaign",
    "Attribution_Content": "attribution_content",
    "SendSmsFrom": "sms_from",
    "SendSmsTo": "sms_to",
    "SendEmailFrom": "email_from",
    "SendEmailTo": "email_to",
}
_KNOWN = (*_TEXTS, "RoutingMethod", "EndpointNumber", "Flow", "Recording", "AddressSid")
_COUNTRIES = frozenset({"AU", "NZ", "GB", "US"})
_ERRORS = {
    400: ("PARAMETER_INVALID", "The request is not valid."),
    401: ("UNAUTHORIZED", "The credentials are missing or wrong."),
    403: ("FORBIDDEN", "This is not permitted."),
    404: ("RESOURCE_NOT_FOUND", "There is no such resource."),
    429: ("TOO_MANY_REQUESTS", "Please slow down."),
}


class FoneDynamicsWire(Wire):
    """What Fone Dynamics does with every request."""

    name = "fonedynamics"
    wrong_method = 404

    async def authenticated(self, request: Request) -> bool:
        """Say whether the request has the account's token."""
        return http.has_basic(request, FONEDYNAMICS_ACCOUNT_SID, FONEDYNAMICS_TOKEN)

    def refuse(self, request: Request, status: int) -> Response:
        """Return an error with its code."""
        code, message = _ERRORS.get(status, ("INTERNAL_ERROR", "The service has failed."))
        return failure(code, message, status=status)


def router() -> Router:
    """Return the routes below ``/fonedynamics``."""
    wire = FoneDynamicsWire()
    return Router(
        [
            resource(
                wire,
                "/v2/Numbers/{number}",
                GET=("get", get_number),
                POST=("update", configure),
            ),
            resource(
                wire,
                "/v2/Properties/{property}/Numbers",
                GET=("list", numbers_of_property),
                POST=("buy", purchase),
            ),
            resource(wire, "/v2/Accounts/{account}/Numbers", GET=("list", numbers_of_account)),
            resource(wire, "/v2/Properties", GET=("projects", projects)),
            resource(wire, "/v2/Properties/{property}", GET=("projects", project)),
            resource(wire, "/v2/Properties/{property}/Flows", GET=("flows", flows)),
            resource(wire, "/v2/Accounts/{account}/Addresses", GET=("addresses", addresses)),
            resource(wire, "/v2/Addresses/{address}", GET=("addresses", address)),
        ],
        redirect_slashes=False,
        default=Missing(wire),
    )


def failure(code: str, message: str, field: str | None = None, status: int = 400) -> Response:
    """Return an error, with the field it is about where there is one."""
    status_object: dict[str, Any] = {"ErrorCode": code, "Message": message}
    if field is not None:
        status_object["Errors"] = [{"FieldName": field}]
    return json_answer({"ResponseStatus": status_object}, status)


def number_object(record: FoneNumber) -> dict[str, Any]:
    """Return an owned number; forwarding and address are never shown."""
    shown: dict[str, Any] = {
        "Number": record.number,
        "PropertySid": record.property_sid,
        "AccountSid": FONEDYNAMICS_ACCOUNT_SID,
        "Friendly": record.friendly,
        "RoutingMethod": record.routing,
        "EndpointNumber": record.endpoint,
        "Recording": record.recording,
        "Attribution_Source": record.attribution_source,
        "Attribution_Medium": record.attribution_medium,
        "Attribution_Campaign": record.attribution_campaign,
        "Attribution_Content": record.attribution_content,
        "Type": TYPES[record.kind],
        "Capabilities": record.capabilities,
        "CountryCode": record.country,
        "Region": record.region,
        "City": record.city,
        "Status": record.status,
    }
    if record.flow is not None and record.flow_shown:
        shown["Flow"] = record.flow
    return shown


def project_object(item: Property) -> dict[str, Any]:
    """Return a property, under the newer name of project."""
    return {
        "AccountSid": FONEDYNAMICS_ACCOUNT_SID,
        "PropertySid": item.sid,
        "Name": item.name,
        "MainDomain": item.domain,
        "TimeZone": item.time_zone,
        "SmsEnabled": True,
        "CallRecordingEnabled": True,
    }


def flow_object(flow: Flow) -> dict[str, Any]:
    """Return a flow."""
    return {
        "PropertySid": flow.property_sid,
        "ConfigId": flow.config_id,
        "Revision": flow.revision,
        "Name": flow.name,
        "Type": flow.kind,
        "LastUpdated": flow.updated,
    }


def address_object(address: Address) -> dict[str, Any]:
    """Return an address."""
    return {
        "AddressSid": address.id,
        "AccountSid": FONEDYNAMICS_ACCOUNT_SID,
        "Friendly": address.friendly,
        "Reference": address.reference,
        "Line1": address.line1,
        "Line2": address.line2,
        "City": address.city,
        "Region": address.region,
        "CountryCode": address.country,
        "PostalCode": address.postal_code,
        "Status": "Active",
    }


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


def _no_number() -> Response:
    return failure("NUMBER_NOT_FOUND", "No number like this is in the account.", "Number")


def _key(exchange: Exchange) -> str | None:
    """Return the E.164 number of the path, which has digits alone."""
    digits: str = exchange.request.path_params["number"]
    return f"+{digits}" if digits.isascii() and digits.isdigit() else None


async def get_number(exchange: Exchange) -> Response:
    """Answer with one number."""
    key = _key(exchange)
    if key is None:
        return _no_number()
    numbers = exchange.world.fonedynamics.numbers
    record = numbers.visible(exchange.sandbox.clock(), key).get(key)
    return _no_number() if record is None else json_answer({"Number": number_object(record)})


async def _body(exchange: Exchange) -> dict[str, Any] | Response:
    """Read a JSON object; what is null was not sent."""
    try:
        body = read_json(await exchange.request.body())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        return failure("PARAMETER_INVALID", "The body must be a JSON object.")
    sent = {key: value for key, value in body.items() if value is not None}
    for name in (*_KNOWN, "Number"):
        if name in sent and not isinstance(sent[name], str):
            return failure("PARAMETER_INVALID", f"{name} must be text.", name)
    return sent


def _to_endpoint(sent: dict[str, Any]) -> dict[str, Any] | Response:
    number = sent.get("EndpointNumber", "")
    if not number:
        return failure("PARAMETER_REQUIRED", "EndpointNumber is missing.", "EndpointNumber")
    if not _E164.fullmatch(number):
        return failure("PARAMETER_INVALID", "EndpointNumber must be E.164.", "EndpointNumber")
    return {"routing": "Endpoint", "endpoint": number, "flow": None, "flow_shown": True}


def _to_flow(exchange: Exchange, record: FoneNumber, sent: dict[str, Any]) -> Any:
    config_id = sent.get("Flow", "")
    if not config_id:
        return failure("PARAMETER_REQUIRED", "Flow is missing.", "Flow")
    flow = exchange.world.fonedynamics.flows.get(config_id)
    if flow is None or flow.property_sid != record.property_sid:
        return failure("FLOW_NOT_FOUND", "The property has no such flow.", "Flow")
    return {"routing": "Flow", "endpoint": None, "flow": config_id, "flow_shown": True}


def _routing(exchange: Exchange, record: FoneNumber, sent: dict[str, Any]) -> Any:
    """Return the routing fields that change, or an error."""
    if not sent.keys() & {"RoutingMethod", "EndpointNumber", "Flow"}:
        return {}
    method = sent.get("RoutingMethod", record.routing)
    if method not in ("Endpoint", "Flow"):
        return failure("PARAMETER_INVALID", "RoutingMethod is not known.", "RoutingMethod")
    stranger = "Flow" if method == "Endpoint" else "EndpointNumber"
    if stranger in sent:
        return failure("CONFLICTING_PARAMETERS", f"{stranger} does not go with {method}.", stranger)
    return _to_endpoint(sent) if method == "Endpoint" else _to_flow(exchange, record, sent)


async def configure(exchange: Exchange) -> Response:
    """Change what is sent and leave the rest alone."""
    account = exchange.world.fonedynamics
    key = _key(exchange)
    record = account.numbers.get(key) if key else None
    if key is None or record is None:
        return _no_number()
    sent = await _body(exchange)
    if isinstance(sent, Response):
        return sent
    changes = _routing(exchange, record, sent)
    if isinstance(changes, Response):
        return changes
    if sent.get("Recording", "Off") not in ("Off", "Call"):
        return failure("PARAMETER_INVALID", "Recording is Off or Call.", "Recording")
    if "Recording" in sent:
        changes["recording"] = sent["Recording"]
    if "AddressSid" in sent:
        if sent["AddressSid"] not in account.addresses:
            return failure("ADDRESS_NOT_FOUND", "There is no such address.", "AddressSid")
        changes["address_sid"] = sent["AddressSid"]
    changes |= {_TEXTS[name]: sent[name] for name in _TEXTS if name in sent}
    changed = structs.replace(record, **changes)
    exchange.put(account.numbers, key, changed)
    return json_answer({"Number": number_object(changed)})


def _numbering(number: str) -> tuple[str, str] | None:
    """Return the country and type of a number that could be for sale."""
    import phonenumbers
    from phonenumbers import PhoneNumberType

    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return None
    country = phonenumbers.region_code_for_number(parsed)
    if country is None or not phonenumbers.is_valid_number(parsed):
        return None
    kinds = {
        PhoneNumberType.TOLL_FREE: "toll_free",
        PhoneNumberType.SHARED_COST: "shared_cost",
        PhoneNumberType.MOBILE: "mobile",
        PhoneNumberType.VOIP: "national",
    }
    return country, kinds.get(phonenumbers.number_type(parsed), "local")


async def purchase(exchange: Exchange) -> Response:
    """Buy a number for a property; without a suitable address it is only reserved."""
    sent = unknown_property(exchange) or await _body(exchange)
    if isinstance(sent, Response):
        return sent
    account, number = exchange.world.fonedynamics, sent.get("Number", "")
    if not number:
        return failure("PARAMETER_REQUIRED", "Number is missing.", "Number")
    numbering = _numbering(number) if _E164.fullmatch(number) else None
    if numbering is None:
        return failure("NUMBER_NOT_FOUND", "There is no such number.", "Number")
    country, kind = numbering
    if country not in _COUNTRIES:
        return failure("COUNTRY_UNAVAILABLE", "This country is not open to the account.")
    if exchange.world.stock.is_taken(number):
        return failure("NUMBER_UNAVAILABLE", "The number is taken.", "Number", status=403)
    wanted = sent.get("AddressSid")
    if wanted is not None and wanted not in account.addresses:
        return failure("ADDRESS_NOT_FOUND", "There is no such address.", "AddressSid")
    held = account.addresses.values()
    suitable = [a.id for a in held if a.country == country and wanted in (None, a.id)]
    record = FoneNumber(
        number=number,
        property_sid=exchange.request.path_params["property"],
        country=country,
        kind=kind,
        capabilities="Voice,SMS" if kind in ("local", "national", "mobile") else "Voice",
        status="Active" if suitable else "Pending",
        address_sid=suitable[0] if suitable else None,
    )
    exchange.put(account.numbers, number, record)
    return json_answer({"Number": number, "Status": record.status})
