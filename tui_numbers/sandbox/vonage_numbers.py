"""Emulate Vonage's Numbers API: list, search, buy, cancel, update; seed the account."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from msgspec import structs
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from tui_numbers.sandbox import http
from tui_numbers.sandbox.exchange import Exchange
from tui_numbers.sandbox.http import json_answer, whole_number
from tui_numbers.sandbox.records import Application, Ledger, VonageNumber, digest, identity
from tui_numbers.sandbox.seeds import Owned, Share, owned_numbers
from tui_numbers.sandbox.stock import (
    ADDRESS_COUNTRIES,
    KINDS,
    Available,
    vonage_cost,
    vonage_features,
    vonage_set_up_cost,
)
from tui_numbers.sandbox.world import VonageAccount

ACTION_FAILED = 420
"""The status of an action that did not work out; no other API has it."""
TYPES = {"local": "landline", "mobile": "mobile-lvn", "toll_free": "landline-toll-free"}
_FORM = "application/x-www-form-urlencoded"
_FIELDS = {
    "app_id": "app_id",
    "mo_http_url": "moHttpUrl",
    "voice_type": "voiceCallbackType",
    "voice_value": "voiceCallbackValue",
    "voice_status_callback": "voiceStatusCallback",
    "messages_type": "messagesCallbackType",
    "messages_value": "messagesCallbackValue",
}
FEATURES = frozenset({"SMS", "VOICE", "SMS,VOICE", "MMS", "SMS,MMS", "VOICE,MMS", "SMS,MMS,VOICE"})
"""The only spellings that are understood; the order of the words is part of them."""
_PAGE_SIZE = 10
_LARGEST_PAGE = 100
_MATCHES: dict[int, Callable[[str, str], bool]] = {
    0: str.startswith,
    1: str.__contains__,
    2: str.endswith,
}
DEAD_HOST = "dead.example"
"""A webhook on this host does not answer, so it cannot be saved."""
_VOICE_TYPES = ("sip", "tel", "app", "vxml")
"""The last is in no document, and in packages that once were the official ones."""
_ADDRESS_LABEL = (
    "Numbers from this country can be requested from the Dashboard "
    "(https://dashboard.nexmo.com/buy-numbers) as they require a valid local address to be "
    "provided before being purchased."
)
"""In the words of the Numbers API 1.0.20 (``response420``)."""
_OWNED_LABEL = "This number is already yours."


def legacy(status: int, label: str) -> Response:
    """Return a code and a label, the older of the two error shapes."""
    return json_answer({"error-code": str(status), "error-code-label": label}, status)


def failed(label: str = "method failed") -> Response:
    """Return the answer to an action that did not work out."""
    return legacy(ACTION_FAILED, label)


def done() -> Response:
    """Return the answer to an action that worked; it names no number."""
    return legacy(200, "success")


def missing(*names: str) -> Response:
    """Return the answer to a request without fields that it needs."""
    return json_answer(dict.fromkeys(names, "Is required."), 400)


def invalid(name: str) -> Response:
    """Return the answer to a request with a value that the document does not allow."""
    return json_answer({name: "Is invalid."}, 400)


def problem_details(
    status: int, title: str, detail: str, parameters: list[dict[str, str]] | None = None
) -> Response:
    """Return the newer of the two error shapes."""
    body: dict[str, Any] = {
        "type": "https://errors.northline.example/" + title.rstrip(".").lower().replace(" ", "-"),
        "title": title,
        "detail": detail,
        "instance": identity("problem", status, detail),
    }
    if parameters is not None:
        body["invalid_parameters"] = parameters
    answer = json_answer(body, status)
    answer.headers["Content-Type"] = "application/problem+json"
    return answer


def number_object(record: VonageNumber) -> dict[str, Any]:
    """Return an owned number; what is not set has no key."""
    shown: dict[str, Any] = {
        "country": record.country,
        "msisdn": record.msisdn,
        "type": TYPES.get(record.kind, record.kind),
        "features": list(record.features),
    }
    for name, key in _FIELDS.items():
        value = getattr(record, name)
        if value is not None:
            shown[key] = value
    if record.app_id is not None and record.voice_type is None:
        # A linked number shows its application twice.
        shown |= {"voiceCallbackType": "app", "voiceCallbackValue": record.app_id}
    return shown


async def form(request: Request) -> dict[str, str] | Response:
    """Read a form; any other kind of body fails as an action does."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await request.body()
    if not body:
        return {}
    if kind != _FORM:
        return failed()
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=100
        )
    except ValueError:
        return json_answer({"body": "Is not a form."}, 400)
    fields: dict[str, str] = {}
    for name, value in pairs:
        fields.setdefault(name, value)
    return fields


@dataclass(frozen=True)
class NumberQuery:
    """What a list is asked for."""

    country: str | None
    kind: str | None
    features: frozenset[str]
    pattern: str
    search_pattern: int
    size: int
    index: int
    application_id: str | None
    has_application: bool | None

    def matches(self, msisdn: str) -> bool:
        """Say whether a number has the pattern where it is wanted."""
        return not self.pattern or _MATCHES[self.search_pattern](msisdn, self.pattern)

    @property
    def is_plain(self) -> bool:
        """Whether every owned number is wanted."""
        return (
            not self.pattern
            and (self.country, self.application_id) == (None, None)
            and (self.has_application is None)
        )

    @property
    def page(self) -> slice:
        """The part of the matching numbers that is shown."""
        return slice((self.index - 1) * self.size, self.index * self.size)


def read_query(query: QueryParams) -> NumberQuery | Response:
    """Read the parameters of a list, or return the error they deserve."""
    numbers: dict[str, int] = {}
    for name, default in (("search_pattern", 0), ("size", _PAGE_SIZE), ("index", 1)):
        try:
            numbers[name] = whole_number(query.get(name), default)
        except ValueError:
            return invalid(name)
    if numbers["search_pattern"] not in _MATCHES:
        return invalid("search_pattern")
    if numbers["size"] > _LARGEST_PAGE:
        return invalid("size")
    wrong = _wrong_query_word(query)
    if wrong is not None:
        return wrong
    features = query.get("features")
    has_application = _yes_or_no(query.get("has_application"))
    kinds = {wire: kind for kind, wire in TYPES.items()}
    return NumberQuery(
        country=query.get("country"),
        kind=kinds[query["type"]] if "type" in query else None,
        features=frozenset(features.split(",")) if features else frozenset(),
        pattern=query.get("pattern", ""),
        search_pattern=numbers["search_pattern"],
        # The document sets no lower bound, so smaller values are taken as the smallest that work.
        size=max(numbers["size"], 1),
        index=max(numbers["index"], 1),
        application_id=query.get("application_id"),
        has_application=has_application,
    )


def _yes_or_no(text: str | None) -> bool | None:
    """Read ``true`` or ``false`` as any language writes it; Python clients send ``True``."""
    return None if text is None else {"true": True, "false": False}.get(text.lower())


def _wrong_query_word(query: QueryParams) -> Response | None:
    if "country" in query and len(query["country"]) != 2:
        return invalid("country")
    if "type" in query and query["type"] not in TYPES.values():
        return invalid("type")
    if "has_application" in query and _yes_or_no(query["has_application"]) is None:
        return invalid("has_application")
    if "features" in query and query["features"] not in FEATURES:
        return failed()
    return None


async def update(exchange: Exchange) -> Response:
    """Replace the settings of an owned number with those that are sent."""
    fields = await number_form(exchange)
    if isinstance(fields, Response):
        return fields
    ledger = own_numbers(exchange)
    record = ledger.get(fields["msisdn"])
    wrong = _wrong_word(fields)
    if wrong is not None:
        return wrong
    if record is None or record.country != fields["country"] or not _acceptable(exchange, fields):
        return failed()
    changed = structs.replace(
        record,
        app_id=fields.get("app_id") or None,
        mo_http_url=fields.get("moHttpUrl") or None,
        smpp_system_type=fields.get("moSmppSysType") or None,
        voice_type=fields.get("voiceCallbackType") or None,
        voice_value=fields.get("voiceCallbackValue") or None,
        voice_status_callback=fields.get("voiceStatusCallback") or None,
        messages_type=fields.get("messagesCallbackType") or None,
        messages_value=fields.get("messagesCallbackValue") or None,
    )
    exchange.put(ledger, fields["msisdn"], changed)
    return done()


def _wrong_word(fields: dict[str, str]) -> Response | None:
    """Return an error for a word that is not known."""
    # An empty value is no error, and removes nothing that omission would not.
    if (fields.get("voiceCallbackType") or "sip") not in _VOICE_TYPES:
        return invalid("voiceCallbackType")
    if (fields.get("messagesCallbackType") or "app") != "app":
        return invalid("messagesCallbackType")
    return None


def _acceptable(exchange: Exchange, fields: dict[str, str]) -> bool:
    """Say whether the settings can be saved: pairs complete, targets real, webhooks alive."""
    applications = exchange.world.vonage.applications
    linked = [fields.get("app_id"), fields.get("messagesCallbackValue")]
    if fields.get("voiceCallbackType") == "app":
        linked.append(fields.get("voiceCallbackValue"))
    if any(key and key not in applications for key in linked):
        return False
    for pair in ("voiceCallback", "messagesCallback"):
        if bool(fields.get(f"{pair}Type")) != bool(fields.get(f"{pair}Value")):
            return False
    hooks = (fields.get("moHttpUrl"), fields.get("voiceStatusCallback"))
    return _reachable(fields) and all(_web_address(hook) for hook in hooks if hook)


def _reachable(fields: dict[str, str]) -> bool:
    """Say whether the value of the voice callback is one of its type."""
    kind, value = fields.get("voiceCallbackType"), fields.get("voiceCallbackValue", "")
    if kind == "tel":
        digits = value.removeprefix("+")
        return digits.isascii() and digits.isdigit() and 3 <= len(digits) <= 17
    return kind != "sip" or (value.startswith(("sip:", "sips:")) or "@" in value)


def _web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    host = parts.hostname
    return parts.scheme in ("http", "https") and bool(host) and host != DEAD_HOST


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
    country = query.country
    kinds = (query.kind,) if query.kind else KINDS
    offered = {kind: _offered(exchange, query, country, kind) for kind in kinds}
    items = (Available(each, country, kind) for kind in kinds for each in offered[kind])
    shown = islice(items, query.page.start, query.page.stop)
    return _page(sum(map(len, offered.values())), [_stock_object(item) for item in shown])


def _offered(exchange: Exchange, query: NumberQuery, country: str, kind: str) -> list[str]:
    """Return all numbers of one type that match; a pattern is looked for before features."""
    numbers = exchange.world.stock.numbers("vonage", country, kind)
    if query.pattern:
        # Of tens of thousands, so without a call of ours for each.
        matches, pattern = _MATCHES[query.search_pattern], query.pattern
        numbers = [number for number in numbers if matches(number[1:], pattern)]
    if query.features:
        wanted = query.features
        numbers = [
            number for number in numbers if wanted.issubset(vonage_features(number, country, kind))
        ]
    return numbers


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
    basic = http.basic_credentials(exchange.request)
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


APPLICATIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Support IVR", ("voice", "messages")),
    ("After Hours Router", ("voice",)),
    ("Delivery Alerts", ("messages",)),
    ("Appointment Reminders", ("messages", "voice")),
    ("Payment Line", ("voice",)),
    ("Two-Step Sign-in", ("verify", "messages")),
    ("Survey Caller", ("voice",)),
    ("Warehouse Hotline", ("voice", "rtc")),
    ("Incident Bridge", ("voice", "messages")),
    ("Recruiting Desk", ("voice",)),
    ("Desk Phones", ("vbc", "voice")),
    ("Number Masking", ("voice", "messages")),
)


SUPPORT_MOBILE = "+447400906170"
"""The first number of the account, a mobile one behind the application Support IVR."""


SHORT_CODE = Owned("96167", "US", "mobile-shortcode")
"""The last number of an account of some size: few digits, which no country code begins."""


_WITH_SHORT_CODE = 50
"""Numbers that an account has where one of them is a short code."""


_VONAGE_PLAN = (
    Share("GB", "local", 22),
    Share("ES", "local", 10),
    Share("DE", "local", 9),
    Share("FR", "local", 9),
    Share("GB", "mobile", 8),
    Share("US", "local", 8),
    Share("SE", "mobile", 6),
    Share("NL", "local", 6),
    Share("AU", "mobile", 5),
    Share("ES", "mobile", 4),
    Share("IE", "local", 3),
    Share("IT", "local", 3),
    Share("PL", "mobile", 3),
    Share("PT", "local", 2),
    Share("CH", "local", 2),
    Share("BE", "local", 2),
    Share("GB", "toll_free", 2),
    Share("NO", "mobile", 2),
    Share("AT", "mobile", 2),
)


_SIP = "sip:desk-{}@pbx.northline.example"


_SMS = "https://hooks.northline.example/inbound/{}"


_VXML = "https://ivr.northline.example/menu.vxml"


_STATUS = "https://hooks.northline.example/voice-status"


def _applications(seed: int) -> dict[str, Application]:
    made = (
        Application(identity(seed, "application", index), name, capabilities)
        for index, (name, capabilities) in enumerate(APPLICATIONS)
    )
    return {application.id: application for application in made}


def _vonage_routing(
    dice: bytes, voice_apps: list[str], message_apps: list[str]
) -> dict[str, str | None]:
    """Return the settings of one number; the first dice decides which of the usual mixes it has."""
    app = voice_apps[dice[1] % len(voice_apps)]
    messages = message_apps[dice[1] % len(message_apps)]
    phone = f"4420794600{dice[2] % 90 + 10}"
    sip, sms = _SIP.format(dice[2] % 40 + 1), _SMS.format(dice[2] % 6 + 1)
    mixes: tuple[tuple[int, dict[str, str | None]], ...] = (
        (90, {"app_id": app}),
        (112, {"app_id": app, "voice_type": "tel", "voice_value": phone}),
        (132, {"voice_type": "tel", "voice_value": phone}),
        (150, {"voice_type": "sip", "voice_value": sip}),
        (160, {"app_id": app, "voice_type": "sip", "voice_value": sip, "mo_http_url": sms}),
        (184, {"app_id": app, "mo_http_url": sms}),
        (200, {"mo_http_url": sms}),
        (214, {"app_id": app, "voice_type": "app", "voice_value": app}),
        (220, {"voice_type": "app", "voice_value": app}),
        (225, {"messages_type": "app", "messages_value": messages}),
        (231, {"app_id": messages, "smpp_system_type": "inbound"}),
        (234, {"app_id": app, "voice_type": "vxml", "voice_value": _VXML}),
        (256, {}),
    )
    chosen = dict(next(mix for limit, mix in mixes if dice[0] < limit))
    if chosen and dice[3] < 40:
        chosen["voice_status_callback"] = _STATUS
    return chosen


def seed_vonage(count: int, seed: int, taken: set[str]) -> VonageAccount:
    """Seed the account with ``count`` numbers."""
    account = VonageAccount(applications=_applications(seed))
    voice = [app.id for app in account.applications.values() if "voice" in app.capabilities]
    messages = [app.id for app in account.applications.values() if "messages" in app.capabilities]
    taken.add(SUPPORT_MOBILE)
    chosen = [Owned(SUPPORT_MOBILE, "GB", "mobile")]
    short = [SHORT_CODE] if count >= _WITH_SHORT_CODE else []
    chosen.extend(owned_numbers(_VONAGE_PLAN, count - 1 - len(short), taken))
    chosen.extend(short)
    records = account.numbers.records
    for index, owned in enumerate(chosen):
        dice = digest(seed, "vonage", index)
        if index == 0:
            features: tuple[str, ...] = ("VOICE", "SMS")
            routing: dict[str, str | None] = {"app_id": voice[0]}
        elif owned is SHORT_CODE:
            features, routing = ("SMS",), {"mo_http_url": _SMS.format(1)}
        else:
            features = vonage_features(owned.number, owned.country, owned.kind)
            routing = _vonage_routing(dice, voice, messages)
        record = VonageNumber(owned.number, owned.country, owned.kind, features, **routing)
        records[record.msisdn] = record
    return account
