"""Fone Dynamics' numbers: read one, configure it, buy one."""

import re
from typing import Any

from msgspec import structs
from starlette.responses import Response

from tui_numbers.sandbox.exchange import Exchange
from tui_numbers.sandbox.fonedynamics_answers import failure, number_object
from tui_numbers.sandbox.fonedynamics_lists import unknown_property
from tui_numbers.sandbox.records import FoneNumber
from tui_numbers.sandbox.wire import json_answer, read_json

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
