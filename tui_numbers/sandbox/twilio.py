"""Emulate Twilio's hosts below one address: routes, stock, prices, regions, what numbers point at.

``NAME.twilio.com`` is ``/twilio/NAME``. Calls of a number are taken by the region that ``routes``
names, by that region's own record, whatever the record of ``us1`` says.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Router

from tui_numbers.sandbox import twilio_numbers as numbers
from tui_numbers.sandbox.accounts import (
    TWILIO_ACCOUNT_SID,
    TWILIO_AUTH_TOKEN,
    TWILIO_KEY_ID,
    TWILIO_KEY_SECRET,
    TWILIO_SUBACCOUNT_SID,
    TWILIO_SUBACCOUNT_TOKEN,
)
from tui_numbers.sandbox.exchange import Exchange, Handler, Missing, resource
from tui_numbers.sandbox.http import Wire, has_basic, json_answer
from tui_numbers.sandbox.parakeet import national
from tui_numbers.sandbox.records import (
    MessagingService,
    Trunk,
    TwilioNumber,
    TwimlApplication,
    share,
)
from tui_numbers.sandbox.seeds import OPENED
from tui_numbers.sandbox.stock import (
    KINDS,
    Available,
    parakeet_address_requirement,
    vonage_features,
)
from tui_numbers.sandbox.twilio_numbers import (
    API,
    HOME_REGION,
    account_of,
    failure,
    form_of,
    mail_date,
    mail_page,
    meta_page,
    missing,
    moment,
    sid_of,
)

R = TypeVar("R")
_REGIONAL = {"api.dublin.ie1": "ie1", "api.sydney.au1": "au1"}
"""Hosts of regions other than the first."""
_SHOWN = 30
"""Numbers of stock that one search shows, whatever it asks for."""
_WIRE_KINDS = {"local": "Local", "mobile": "Mobile", "toll_free": "TollFree"}
_KEYPAD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
_CONTAINS = re.compile(r"(?=.{2,16}$)\+?[*%]?[0-9A-Z]+[*%]?\$?", re.IGNORECASE)
_PRICES = {
    ("US", "local"): "1.15", ("US", "toll_free"): "2.15", ("CA", "local"): "1.15",
    ("GB", "local"): "1.15", ("GB", "mobile"): "1.15", ("GB", "toll_free"): "2.15",
    ("AU", "local"): "3.00", ("AU", "mobile"): "6.50", ("AU", "toll_free"): "16.00",
    ("IE", "local"): "1.50", ("DE", "local"): "1.15", ("FR", "local"): "1.15",
}  # fmt: skip
_PLACES = {
    "+1212": ("New York", "NY"), "+1310": ("Santa Monica", "CA"), "+1415": ("San Francisco", "CA"),
    "+1312": ("Chicago", "IL"), "+1206": ("Seattle", "WA"), "+1617": ("Boston", "MA"),
    "+1305": ("Miami", "FL"), "+1512": ("Austin", "TX"), "+1267": ("Philadelphia", "PA"),
    "+1702": ("Las Vegas", "NV"), "+1503": ("Portland", "OR"), "+1416": ("Toronto", "ON"),
    "+1604": ("Vancouver", "BC"), "+1514": ("Montreal", "QC"), "+612": ("Sydney", "NSW"),
    "+613": ("Melbourne", "VIC"), "+4420": ("London", None), "+353": ("Dublin", None),
}  # fmt: skip
"""Town and region of numbers, by what they begin with."""
_ERRORS = {
    400: (20001, "The request could not be read"),
    401: (20003, "Authenticate"),
    403: (20403, "This key is not permitted to do that"),
    404: (20404, "The requested resource was not found"),
    405: (20004, "Method not allowed"),
    429: (20429, "Too many concurrent requests"),
}


class TwilioWire(Wire):
    """What Twilio does with every request."""

    name = "twilio"

    async def authenticated(self, request: Request) -> bool:
        """Say whether the request has a token or a key of the account that its path may name."""
        asked = request.path_params.get("account")
        if asked in (None, TWILIO_SUBACCOUNT_SID) and _is_of_subaccount(request):
            return True
        return asked in (None, TWILIO_ACCOUNT_SID) and (
            has_basic(request, TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN)
            or has_basic(request, TWILIO_KEY_ID, TWILIO_KEY_SECRET)
        )

    def refuse(self, request: Request, status: int) -> Response:
        """Return an error with Twilio's own code."""
        code, message = _ERRORS.get(status, (20500, "Internal server error"))
        return failure(code, message, status)


def _is_of_subaccount(request: Request) -> bool:
    return has_basic(request, TWILIO_SUBACCOUNT_SID, TWILIO_SUBACCOUNT_TOKEN)


def _own(exchange: Exchange, rows: Iterable[R]) -> list[R]:
    """Return what the account that asks has of ``rows``; a subaccount has only numbers."""
    return [] if _is_of_subaccount(exchange.request) else list(rows)


async def account(exchange: Exchange) -> Response:
    """Answer with the account's record, which holds its auth token."""
    sid = account_of(exchange.request)
    return json_answer(
        {
            "sid": sid,
            "friendly_name": "Northline Hotline",
            "auth_token": TWILIO_AUTH_TOKEN,
            "status": "active",
            "type": "Full",
            "owner_account_sid": TWILIO_ACCOUNT_SID,
            "uri": f"{API}/Accounts/{sid}.json",
            "date_created": mail_date(OPENED),
            "date_updated": mail_date(OPENED),
        }
    )


async def balance(exchange: Exchange) -> Response:
    """Answer with the balance, which a subaccount does not have."""
    sid = account_of(exchange.request)
    if sid == TWILIO_SUBACCOUNT_SID:
        return missing(exchange.request.url.path)
    return json_answer({"account_sid": sid, "balance": "218.07", "currency": "USD"})


async def applications(exchange: Exchange) -> Response:
    """List the applications."""
    rows = _own(exchange, exchange.world.twilio.applications.values())
    return mail_page(exchange, "applications", [_application(exchange, row) for row in rows])


def _application(exchange: Exchange, row: TwimlApplication) -> dict[str, Any]:
    sid = account_of(exchange.request)
    return {
        "sid": row.sid,
        "account_sid": sid,
        "friendly_name": row.name,
        "api_version": "2010-04-01",
        "voice_url": row.voice_url,
        "voice_method": "POST",
        "voice_fallback_url": None,
        "voice_fallback_method": "POST",
        "voice_caller_id_lookup": False,
        "status_callback": None,
        "status_callback_method": "POST",
        "sms_url": row.sms_url,
        "sms_method": "POST",
        "sms_fallback_url": None,
        "sms_fallback_method": "POST",
        "sms_status_callback": None,
        "message_status_callback": None,
        "public_application_connect_enabled": False,
        "uri": f"{API}/Accounts/{sid}/Applications/{row.sid}.json",
        "date_created": mail_date(OPENED),
        "date_updated": mail_date(OPENED),
    }


async def addresses(exchange: Exchange) -> Response:
    """List the registered addresses."""
    sid = account_of(exchange.request)
    rows = [
        {
            "sid": row.id,
            "account_sid": sid,
            "friendly_name": row.friendly,
            "customer_name": row.name,
            "street": row.line1,
            "street_secondary": row.line2,
            "city": row.city,
            "region": row.region,
            "postal_code": row.postal_code,
            "iso_country": row.country,
            "emergency_enabled": row.country == "US",
            "validated": True,
            "verified": True,
            "uri": f"{API}/Accounts/{sid}/Addresses/{row.id}.json",
            "date_created": mail_date(row.created),
            "date_updated": mail_date(row.created),
        }
        for row in _own(exchange, exchange.world.twilio.addresses.values())
    ]
    return mail_page(exchange, "addresses", rows)


def _kinds_in(exchange: Exchange, country: str) -> list[str]:
    stock = exchange.world.stock
    if not re.fullmatch("[A-Z]{2}", country):
        return []
    return [kind for kind in KINDS if next(stock.available("twilio", country, kind), None)]


async def country(exchange: Exchange) -> Response:
    """Answer with the types of number that a country has in stock."""
    code = exchange.request.path_params["country"]
    kinds = _kinds_in(exchange, code)
    if not kinds:
        return missing(exchange.request.url.path)
    path = f"{API}/Accounts/{account_of(exchange.request)}/AvailablePhoneNumbers/{code}"
    return json_answer(
        {
            "country_code": code,
            "country": code,
            "beta": False,
            "uri": f"{path}.json",
            "subresource_uris": {kind: f"{path}/{_WIRE_KINDS[kind]}.json" for kind in kinds},
        }
    )


async def search(exchange: Exchange) -> Response:
    """Show some thirty numbers of one type; there is no further page."""
    code, word = (exchange.request.path_params[name] for name in ("country", "kind"))
    kind = next((ours for ours, theirs in _WIRE_KINDS.items() if theirs == word), None)
    if kind is None or kind not in _kinds_in(exchange, code):
        return missing(exchange.request.url.path)
    query = exchange.request.query_params
    asked = query.get("Contains", "")
    if asked and not _CONTAINS.fullmatch(asked):
        return failure(20001, "Contains is not valid")
    pattern = _pattern(asked)
    needed = {
        name
        for name, key in (("VOICE", "Voice"), ("SMS", "Sms"), ("MMS", "Mms"))
        if query.get(f"{key}Enabled", "").lower() == "true"
    }
    shown = []
    for number in exchange.world.stock.numbers("twilio", code, kind):
        features = vonage_features(number, code, kind)
        if needed <= set(features) and pattern.search(number) and _is_there(number, kind, query):
            shown.append(_available(Available(number, code, kind), features))
            if len(shown) == _SHOWN:
                break
    path = f"{API}/Accounts/{account_of(exchange.request)}/AvailablePhoneNumbers/{code}/{word}.json"
    return json_answer({"available_phone_numbers": shown, "uri": path})


def _pattern(asked: str) -> re.Pattern[str]:
    """Return what ``Contains`` finds in a number with its plus."""
    digits = asked.upper().translate(_KEYPAD)
    body = re.escape(digits.removeprefix("+").removesuffix("$"))
    body = body.replace(r"\*", r"\d").replace("%", r"\d*")
    start = r"^\+" if digits.startswith("+") else ""
    return re.compile(f"{start}{body}{'$' if digits.endswith('$') else ''}")


def _place(number: str, kind: str) -> tuple[str | None, str | None]:
    """Return town and region of a number that has them."""
    if kind != "local":
        return None, None
    found = (number[:length] for length in (5, 4))
    return next((_PLACES[prefix] for prefix in found if prefix in _PLACES), (None, None))


def _is_there(number: str, kind: str, query: Mapping[str, str]) -> bool:
    """Say whether a number is where it is wanted; places are matched as a whole."""
    town, region = _place(number, kind)
    return (
        query.get("InLocality", town or "").casefold() == (town or "").casefold()
        and query.get("InRegion", region) == region
    )


def _available(item: Available, features: tuple[str, ...]) -> dict[str, Any]:
    town, region = _place(item.number, item.kind)
    at_home = item.country in ("US", "CA") and item.kind == "local"
    return {
        "phone_number": item.number,
        "friendly_name": national(item.number),
        "iso_country": item.country,
        "locality": town,
        "region": region,
        "postal_code": None,
        "lata": "722" if at_home else None,
        "rate_center": None,
        "latitude": None,
        "longitude": None,
        "address_requirements": parakeet_address_requirement(item.country, item.kind),
        "beta": False,
        "capabilities": {name: name.upper() in features for name in ("voice", "sms", "mms")},
    }


def price(code: str, kind: str) -> str:
    """Return the monthly price in US dollars, with the digits of the wire."""
    known = _PRICES.get((code, kind))
    if known is not None:
        return known
    cents = 115 + int(share("twilio-price", code, kind) * 1200) // 5 * 5
    return f"{cents // 100}.{cents % 100:02d}"


async def prices(exchange: Exchange) -> Response:
    """Answer with a country's price list, whose types are words with spaces."""
    code = exchange.request.path_params["country"]
    kinds = _kinds_in(exchange, code)
    if not kinds:
        return missing(exchange.request.url.path)
    rows = [
        {
            "number_type": kind.replace("_", " "),
            "base_price": price(code, kind),
            "current_price": price(code, kind),
        }
        for kind in kinds
    ]
    return json_answer(
        {
            "country": code,
            "iso_country": code,
            "url": str(exchange.request.url),
            "price_unit": "USD",
            "phone_number_prices": rows,
        }
    )


def _dated(shown: dict[str, Any], exchange: Exchange) -> dict[str, Any]:
    dates = {"date_created": moment(OPENED), "date_updated": moment(OPENED)}
    return {"account_sid": TWILIO_ACCOUNT_SID, **shown, **dates, "url": str(exchange.request.url)}


async def trunks(exchange: Exchange) -> Response:
    """List the SIP trunks."""

    def shown(row: Trunk) -> dict[str, Any]:
        return {
            "sid": row.sid,
            "friendly_name": row.name,
            "domain_name": row.domain,
            "disaster_recovery_url": None,
            "disaster_recovery_method": "POST",
            "secure": False,
            "recording": {"mode": "do-not-record", "trim": "do-not-trim"},
            "transfer_mode": "disable-all",
            "transfer_caller_id": "from-transferor",
            "cnam_lookup_enabled": False,
            "auth_type": "",
            "auth_type_set": [],
            "symmetric_rtp_enabled": False,
            "links": {},
        }

    rows = _own(exchange, exchange.world.twilio.trunks.values())
    return meta_page(exchange, "trunks", [_dated(shown(row), exchange) for row in rows])


async def services(exchange: Exchange) -> Response:
    """List the Messaging Services."""

    def shown(row: MessagingService) -> dict[str, Any]:
        return {
            "sid": row.sid,
            "friendly_name": row.name,
            "inbound_request_url": row.inbound_url,
            "inbound_method": "POST",
            "fallback_url": None,
            "fallback_method": "POST",
            "status_callback": None,
            "sticky_sender": True,
            "mms_converter": True,
            "smart_encoding": True,
            "scan_message_content": "inherit",
            "fallback_to_long_code": False,
            "area_code_geomatch": True,
            "validity_period": 14_400,
            "synchronous_validation": False,
            "usecase": "notifications",
            "us_app_to_person_registered": False,
            "use_inbound_webhook_on_number": row.leaves_to_number,
            "links": {},
        }

    rows = _own(exchange, exchange.world.twilio.services.values())
    return meta_page(exchange, "services", [_dated(shown(row), exchange) for row in rows])


async def members(exchange: Exchange) -> Response:
    """List the numbers of one Messaging Service."""
    world = exchange.world.twilio
    found = world.services.get(exchange.request.path_params["sid"])
    if found is None:
        return missing(exchange.request.url.path)

    def shown(row: TwilioNumber) -> dict[str, Any]:
        return {
            "sid": row.id,
            "service_sid": found.sid,
            "phone_number": row.number,
            "country_code": row.country,
            "capabilities": [name.upper() for name in row.capabilities],
        }

    held = [row for sid, row in world.numbers.records.items() if sid in found.members]
    return meta_page(exchange, "phone_numbers", [_dated(shown(row), exchange) for row in held])


def _held(exchange: Exchange) -> TwilioNumber | None:
    number = exchange.request.path_params["number"]
    account = exchange.world.twilio
    held = account.subaccount if _is_of_subaccount(exchange.request) else account.numbers
    rows = held.records.values()
    return next((row for row in rows if row.number == number), None)


async def region(exchange: Exchange) -> Response:
    """Answer with the region that takes the calls of a number."""
    row = _held(exchange)
    if row is None:
        return missing(exchange.request.url.path)
    return json_answer(_region_object(exchange, row))


def _region_object(exchange: Exchange, row: TwilioNumber) -> dict[str, Any]:
    told = exchange.world.twilio.regions.get(row.number, HOME_REGION)
    sid = sid_of("QQ", row.number)
    named = {"phone_number": row.number, "sid": sid, "friendly_name": row.friendly}
    return _dated({**named, "voice_region": told}, exchange)


async def move_region(exchange: Exchange) -> Response:
    """Let another region take the calls of a number."""
    row, form = _held(exchange), await form_of(exchange)
    if isinstance(form, Response):
        return form
    if row is None:
        return missing(exchange.request.url.path)
    if "VoiceRegion" in form:
        exchange.keep(exchange.world.twilio.regions, row.number, form["VoiceRegion"])
    return json_answer(_region_object(exchange, row))


async def bundles(exchange: Exchange) -> Response:
    """List regulatory bundles, by status, country and type."""
    query = exchange.request.query_params
    rows: list[dict[str, Any]] = [
        {
            "sid": row.sid,
            "friendly_name": row.name,
            "regulation_sid": sid_of("RN", row.country, row.kind),
            "status": row.status,
            "valid_until": None,
            "email": "numbers@northline.example",
            "status_callback": None,
            "links": {},
        }
        for row in _own(exchange, exchange.world.twilio.bundles.values())
        if query.get("Status") in (None, row.status)
        and query.get("IsoCountry") in (None, row.country)
        and query.get("NumberType") in (None, row.kind.replace("_", "-"))
    ]
    return meta_page(exchange, "results", [_dated(row, exchange) for row in rows])


def _number_routes(wire: Wire, host: str, region_name: str) -> list[Any]:
    """Return the routes of the host that holds one region's records of numbers."""

    def adapt(handler: Handler) -> Handler:
        async def regional(exchange: Exchange) -> Response:
            exchange.request.path_params["region"] = region_name
            return await handler(exchange)

        return regional

    base = f"/{host}{API}/Accounts/{{account}}"
    owned = f"{base}/IncomingPhoneNumbers"
    listing: Any = {"GET": ("list", adapt(numbers.list_numbers))}
    return [
        resource(wire, f"{owned}.json", **listing, POST=("buy", adapt(numbers.buy))),
        *(
            resource(wire, f"{owned}/{kind}.json", **listing)
            for kind in ("Local", "Mobile", "TollFree")
        ),
        resource(
            wire,
            f"{owned}/{{sid}}.json",
            GET=("get", adapt(numbers.get_number)),
            POST=("update", adapt(numbers.update)),
            DELETE=("release", adapt(numbers.release)),
        ),
        resource(wire, f"{base}/Balance.json", GET=("check", balance)),
        resource(wire, f"{base}/Applications.json", GET=("applications", applications)),
        resource(wire, f"{base}/Addresses.json", GET=("addresses", addresses)),
        resource(wire, f"{base}/AvailablePhoneNumbers/{{country}}.json", GET=("kinds", country)),
        resource(
            wire, f"{base}/AvailablePhoneNumbers/{{country}}/{{kind}}.json", GET=("search", search)
        ),
        resource(wire, f"{base}.json", GET=("account", account)),
    ]


def router() -> Router:
    """Return the routes below ``/twilio``, the hosts side by side."""
    wire = TwilioWire()
    routes = _number_routes(wire, "api", HOME_REGION)
    for host, name in _REGIONAL.items():
        routes += _number_routes(wire, host, name)
    return Router(
        [
            *routes,
            resource(wire, "/pricing/v1/PhoneNumbers/Countries/{country}", GET=("prices", prices)),
            resource(wire, "/trunking/v1/Trunks", GET=("trunks", trunks)),
            resource(wire, "/messaging/v1/Services", GET=("services", services)),
            resource(wire, "/messaging/v1/Services/{sid}/PhoneNumbers", GET=("members", members)),
            resource(
                wire,
                "/routes/v2/PhoneNumbers/{number}",
                GET=("regions", region),
                POST=("regions", move_region),
            ),
            resource(wire, "/numbers/v2/RegulatoryCompliance/Bundles", GET=("bundles", bundles)),
        ],
        redirect_slashes=False,
        default=Missing(wire),
    )
