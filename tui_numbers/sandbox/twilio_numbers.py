"""Emulate Twilio's owned numbers: list, read, update, buy and release them; seed the account."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, urlencode

from msgspec import structs
from starlette.requests import Request
from starlette.responses import Response

from tui_numbers.sandbox.accounts import TWILIO_SUBACCOUNT_SID
from tui_numbers.sandbox.exchange import Exchange
from tui_numbers.sandbox.http import json_answer, whole_number
from tui_numbers.sandbox.parakeet import national
from tui_numbers.sandbox.records import (
    Address,
    Bundle,
    Ledger,
    MessagingService,
    Trunk,
    TwilioNumber,
    TwimlApplication,
    digest,
    token,
)
from tui_numbers.sandbox.seeds import OPENED, Owned, Share, created_at, owned_numbers, updated_at
from tui_numbers.sandbox.stock import parakeet_address_requirement, vonage_features
from tui_numbers.sandbox.world import TwilioAccount

API = "/2010-04-01"
PAGE_SIZE = 50
LARGEST_PAGE = 1_000
HOME_REGION = "us1"
BUNDLE_COUNTRIES = frozenset({"AU", "DE", "FR", "GB"})
"""Countries whose rules ask who holds a number."""
_DEFAULT_STATUS = 400
_WHAT_IS_WRONG = 20001
_FORM = "application/x-www-form-urlencoded"
_KIND_WORDS = {"Local": "local", "Mobile": "mobile", "TollFree": "toll_free"}
_WIRE_WORDS = {"toll_free": "toll free"}
_SETTINGS = {
    "FriendlyName": "friendly",
    "TrunkSid": "trunk",
    "VoiceApplicationSid": "voice_application",
    "VoiceUrl": "voice_url",
    "VoiceFallbackUrl": "voice_fallback",
    "SmsApplicationSid": "sms_application",
    "SmsUrl": "sms_url",
    "SmsFallbackUrl": "sms_fallback",
    "StatusCallback": "status_callback",
    "AddressSid": "address",
    "BundleSid": "bundle",
    "IdentitySid": "identity",
    "EmergencyAddressSid": "emergency_address",
}
_URLS = ("VoiceUrl", "VoiceFallbackUrl", "SmsUrl", "SmsFallbackUrl", "StatusCallback")


def failure(code: int, message: str, status: int = _DEFAULT_STATUS) -> Response:
    """Return an error with Twilio's own code."""
    more = f"https://docs.northline.example/errors/{code}"
    body = {"code": code, "message": message, "more_info": more, "status": status}
    return json_answer(body, status)


def missing(what: str) -> Response:
    """Return the answer to a request for something that there is not."""
    return failure(20404, f"The requested resource {what} was not found", 404)


def mail_date(milliseconds: int) -> str:
    """Return a time as the oldest host writes it (RFC 2822)."""
    return format_datetime(datetime.fromtimestamp(milliseconds // 1000, UTC))


def moment(milliseconds: int) -> str:
    """Return a time as the other hosts write it (ISO 8601)."""
    return f"{datetime.fromtimestamp(milliseconds // 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"


def sid_of(prefix: str, *parts: object) -> str:
    """Return an identifier of a kind that depends on nothing but ``parts``."""
    return prefix + token("twilio", prefix, *parts)


def account_of(request: Request) -> str:
    """Return the account that a path names."""
    return str(request.path_params["account"])


def ledger_of(exchange: Exchange) -> Ledger[TwilioNumber]:
    """Return the numbers of the account and the region that are asked."""
    account = exchange.world.twilio
    if account_of(exchange.request) == TWILIO_SUBACCOUNT_SID:
        return account.subaccount
    region = exchange.request.path_params.get("region", HOME_REGION)
    if region == HOME_REGION:
        return account.numbers
    return account.regional.setdefault(region, Ledger[TwilioNumber]())


def number_object(account_sid: str, record: TwilioNumber) -> dict[str, Any]:
    """Return an owned number; what is not set is null, or empty as in records from the portal."""
    empty = "" if record.created % 2 else None
    path = f"{API}/Accounts/{account_sid}/IncomingPhoneNumbers/{record.id}.json"
    shown = {
        "sid": record.id,
        "account_sid": account_sid,
        "phone_number": record.number,
        "friendly_name": record.friendly or national(record.number),
        "status": "in-use",
        "origin": record.origin,
        "beta": False,
        "api_version": "2010-04-01",
        "capabilities": {
            name: name in record.capabilities for name in ("voice", "sms", "mms", "fax")
        },
        "voice_url": record.voice_url or empty,
        "voice_method": "POST",
        "voice_fallback_url": record.voice_fallback or empty,
        "voice_fallback_method": "POST",
        "voice_application_sid": record.voice_application,
        "voice_receive_mode": "voice",
        "voice_caller_id_lookup": False,
        "trunk_sid": record.trunk,
        "sms_url": record.sms_url or empty,
        "sms_method": "POST",
        "sms_fallback_url": record.sms_fallback or empty,
        "sms_fallback_method": "POST",
        "sms_application_sid": record.sms_application,
        "status_callback": record.status_callback or empty,
        "status_callback_method": "POST",
        "address_requirements": parakeet_address_requirement(record.country, record.kind),
        "address_sid": record.address,
        "bundle_sid": record.bundle,
        "identity_sid": record.identity,
        "emergency_status": "Active",
        "emergency_address_sid": record.emergency_address,
        "emergency_address_status": "registered" if record.emergency_address else "unregistered",
        "uri": path,
        "date_created": mail_date(record.created),
        "date_updated": mail_date(record.updated),
    }
    return shown | ({"type": _WIRE_WORDS.get(record.kind, record.kind)} if record.has_type else {})


class Pages:
    """One page of a listing, and the links to the pages around it."""

    def __init__(self, exchange: Exchange, count: int) -> None:
        """Read which page is asked for.

        Raises:
            ValueError: The page is asked for by a token that was not given for it.
        """
        query = exchange.request.query_params
        self._pairs = [
            pair
            for pair in parse_qsl(exchange.request.url.query, keep_blank_values=True)
            if pair[0] not in ("Page", "PageToken", "PageSize")
        ]
        self.size = min(max(whole_number(query.get("PageSize"), PAGE_SIZE), 1), LARGEST_PAGE)
        self.number = max(whole_number(query.get("Page"), 0), 0)
        self._path = exchange.request.url.path
        self.count = count
        if self.number and query.get("PageToken") != self._token(self.number):
            raise ValueError("PageToken")

    @property
    def start(self) -> int:
        """How many records come before this page."""
        return self.number * self.size

    def _token(self, number: int) -> str:
        return "PA" + token(self._path, self._pairs, self.size, number)

    def link(self, number: int) -> str:
        """Return the query of a page."""
        extra = [("PageSize", str(self.size)), ("Page", str(number))]
        extra += [("PageToken", self._token(number))] if number else []
        return urlencode([*self._pairs, *extra])

    @property
    def following(self) -> int | None:
        """The number of the next page, where there is one."""
        return self.number + 1 if self.start + self.size < self.count else None


def mail_page(exchange: Exchange, key: str, rows: list[Any]) -> Response:
    """Return a page of the oldest host, whose links are paths of its own."""
    try:
        page = Pages(exchange, len(rows))
    except ValueError:
        return failure(21481, "Invalid Page or PageToken")
    own = exchange.request.url.path.partition("/2010-04-01/")[2]
    shown = rows[page.start : page.start + page.size]

    def uri(number: int | None) -> str | None:
        return None if number is None else f"{API}/{own}?{page.link(number)}"

    return json_answer(
        {
            key: [row() if callable(row) else row for row in shown],
            "page": page.number,
            "page_size": page.size,
            "start": page.start,
            "end": page.start + max(len(shown) - 1, 0),
            "uri": uri(page.number),
            "first_page_uri": uri(0),
            "next_page_uri": uri(page.following),
            "previous_page_uri": uri(page.number - 1 if page.number else None),
        }
    )


def meta_page(exchange: Exchange, key: str, rows: list[Any]) -> Response:
    """Return a page of one of the newer hosts, whose links are whole URLs."""
    try:
        page = Pages(exchange, len(rows))
    except ValueError:
        return failure(20001, "Invalid PageToken")

    def url(number: int | None) -> str | None:
        whole = exchange.request.url.replace(query=page.link(number)) if number is not None else ""
        return str(whole) or None

    meta = {
        "page": page.number,
        "page_size": page.size,
        "first_page_url": url(0),
        "previous_page_url": url(page.number - 1 if page.number else None),
        "next_page_url": url(page.following),
        "url": url(page.number),
        "key": key,
    }
    return json_answer({"meta": meta, key: rows[page.start : page.start + page.size]})


async def list_numbers(exchange: Exchange) -> Response:
    """List owned numbers by page, all or those of one type."""
    request, ledger = exchange.request, ledger_of(exchange)
    records = ledger.visible(exchange.sandbox.clock()).values()
    kind = _KIND_WORDS.get(request.url.path.rpartition("/")[2].removesuffix(".json"))
    wanted = _wanted(request.query_params, kind)
    sid = account_of(request)
    rows = [lambda row=row: number_object(sid, row) for row in records if wanted(row)]
    return mail_page(exchange, "incoming_phone_numbers", rows)


def _wanted(query: Mapping[str, str], kind: str | None) -> Callable[[TwilioNumber], bool]:
    part = query.get("PhoneNumber", "")
    pattern = re.compile(re.escape(part).replace(r"\*", r"\d")) if part else None
    name, origin = query.get("FriendlyName"), query.get("Origin")

    def wanted(record: TwilioNumber) -> bool:
        return (
            kind in (None, record.kind)
            and (pattern is None or pattern.search(record.number) is not None)
            and name in (None, record.friendly or national(record.number))
            and origin in (None, record.origin)
        )

    return wanted


async def get_number(exchange: Exchange) -> Response:
    """Answer with one number, by its SID."""
    sid = exchange.request.path_params["sid"]
    record = ledger_of(exchange).visible(exchange.sandbox.clock(), sid).get(sid)
    if record is None:
        return missing(exchange.request.url.path)
    return json_answer(number_object(account_of(exchange.request), record))


async def form_of(exchange: Exchange) -> dict[str, str] | Response:
    """Read the form of a write."""
    kind = exchange.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await exchange.request.body()
    if body and kind != _FORM:
        return failure(_WHAT_IS_WRONG, "The body is no form", 415)
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError:
        return failure(_WHAT_IS_WRONG, "The body is no form")
    return dict(pairs)


def _changed(
    exchange: Exchange, record: TwilioNumber, form: dict[str, str]
) -> TwilioNumber | Response:
    """Return a record with what a form asks for; what is sent empty is emptied."""
    account = exchange.world.twilio
    wrong = _wrong_value(account, form)
    if wrong is not None:
        return wrong
    changes = {
        attribute: form[name] or None for name, attribute in _SETTINGS.items() if name in form
    }
    if changes.get("trunk"):
        changes["voice_application"] = None
    elif changes.get("voice_application"):
        changes["trunk"] = None
    return structs.replace(record, **changes, updated=exchange.milliseconds)


def _wrong_value(account: TwilioAccount, form: dict[str, str]) -> Response | None:
    known: dict[str, Mapping[str, object]] = {
        "TrunkSid": account.trunks,
        "VoiceApplicationSid": account.applications,
        "SmsApplicationSid": account.applications,
        "AddressSid": account.addresses,
        "BundleSid": account.bundles,
    }
    for name, records in known.items():
        if form.get(name) and form[name] not in records:
            return failure(_WHAT_IS_WRONG, f"Invalid {name}")
    for name in _URLS:
        if form.get(name) and not form[name].startswith(("https://", "http://")):
            return failure(21502, f"{name} is not valid")
    if len(form.get("FriendlyName", "")) > 64:
        return failure(_WHAT_IS_WRONG, "FriendlyName is longer than 64 characters")
    if "AccountSid" in form:
        return failure(_WHAT_IS_WRONG, "Numbers are not moved to another account here")
    return None


async def update(exchange: Exchange) -> Response:
    """Change the record that the region which is asked keeps of a number."""
    sid, ledger = exchange.request.path_params["sid"], ledger_of(exchange)
    record, form = ledger.get(sid), await form_of(exchange)
    if isinstance(form, Response):
        return form
    if record is None:
        return missing(exchange.request.url.path)
    changed = _changed(exchange, record, form)
    if isinstance(changed, Response):
        return changed
    exchange.put(ledger, sid, changed)
    return json_answer(number_object(account_of(exchange.request), changed))


async def buy(exchange: Exchange) -> Response:
    """Buy a number out of stock, with the address and the bundle that its country demands."""
    form = await form_of(exchange)
    if isinstance(form, Response):
        return form
    number = form.get("PhoneNumber", "")
    if not re.fullmatch(r"\+\d{7,15}", number):
        return failure(21421, "PhoneNumber is invalid")
    item = exchange.world.stock.find("twilio", number)
    if item is None:
        return failure(21422, f"{number} is not available.")
    needed = parakeet_address_requirement(item.country, item.kind)
    if needed != "none" and not form.get("AddressSid"):
        return failure(21631, f"Phone Number Requires an Address (requirement: {needed})")
    if item.country in BUNDLE_COUNTRIES and needed != "none" and not form.get("BundleSid"):
        return failure(21649, "Bundle required: this number needs a Regulatory Bundle")
    now = exchange.milliseconds
    record = TwilioNumber(
        number,
        item.country,
        item.kind,
        id=sid_of("PN", number, now),
        capabilities=_capabilities(number, item.country, item.kind),
        created=now,
        updated=now,
    )
    changed = _changed(exchange, record, form)
    if isinstance(changed, Response):
        return changed
    exchange.put(ledger_of(exchange), record.id, changed)
    return json_answer(number_object(account_of(exchange.request), changed), 201)


async def release(exchange: Exchange) -> Response:
    """Give a number back; a registered emergency address keeps it."""
    sid, ledger = exchange.request.path_params["sid"], ledger_of(exchange)
    record = ledger.get(sid)
    if record is None:
        return missing(exchange.request.url.path)
    if record.emergency_address:
        return failure(_WHAT_IS_WRONG, "An emergency address is registered with this number")
    exchange.remove(ledger, sid, record)
    return Response(status_code=204)


def _capabilities(number: str, country: str, kind: str) -> tuple[str, ...]:
    return tuple(name.lower() for name in vonage_features(number, country, kind))


_PLAN = (
    Share("US", "local", 58),
    Share("US", "toll_free", 12),
    Share("GB", "local", 12),
    Share("CA", "local", 10),
    Share("IE", "local", 6),
    Share("AU", "mobile", 2),
)
_APPLICATIONS = (
    ("Hotline menu", True, True),
    ("Order status", True, False),
    ("Fraud alerts", False, True),
    ("Voicemail", True, False),
    ("Retired line", False, False),
)
_TRUNKS = (("Headquarters SBC", "northline-hq"), ("Contact centre", "northline-cc"))
_SERVICES = (("Order updates", True, False), ("Care chat", True, True), ("Campaigns", False, False))
_ADDRESSES = (
    ("Head office", "1500 Example Street", "Philadelphia", "PA", "19102", "US"),
    ("London office", "12 Specimen Row", "London", "", "EC1A 1AA", "GB"),
    ("Sydney office", "1 Example Road", "Sydney", "NSW", "2000", "AU"),
)
_PURPOSES = ("hotline", "orders", "returns", "field service", "fraud desk", "reservations")
_IN_SERVICES = {1: 0, 2: 2, 5: 1}
"""Which of the first numbers are in which service."""
_WITH_EMERGENCY_ADDRESS = 3
_IN_IRELAND = 4
_SHOWN_FIRST = 5
"""The last of the first few, each of which shows something."""
_KNOWN_ELSEWHERE = "6170"
"""Digits that the first number of three other accounts ends in, each of which is looked for."""
_HOOKS = "https://hooks.northline.example"


def _settings(dice: bytes, account: TwilioAccount, texts: bool) -> dict[str, Any]:
    """Return where a number leads: a trunk, an application, a webhook, or nowhere."""
    voice = [one.sid for one in account.applications.values() if one.voice_url]
    sms = [one.sid for one in account.applications.values() if one.sms_url]
    chosen: dict[str, Any] = {}
    if dice[0] < 60:
        chosen["trunk"] = list(account.trunks)[dice[1] % len(account.trunks)]
    elif dice[0] < 150:
        chosen["voice_application"] = voice[dice[1] % len(voice)]
    if 50 < dice[0] < 235:
        chosen["voice_url"] = f"{_HOOKS}/voice/{dice[1] % 6}"
        chosen["voice_fallback"] = f"{_HOOKS}/sorry" if dice[2] < 90 else None
    if texts and dice[3] < 120:
        chosen["sms_application"] = sms[dice[4] % len(sms)]
    elif texts and dice[3] < 220:
        chosen["sms_url"] = f"{_HOOKS}/sms/{dice[4] % 6}"
    if dice[5] < 40:
        chosen["status_callback"] = f"{_HOOKS}/ended"
    return chosen


def seed_twilio(count: int, seed: int, taken: set[str]) -> TwilioAccount:
    """Seed the account with ``count`` numbers, the first few of which show all there is."""
    account = _furnished(seed)
    drawn = (one for one in owned_numbers(_PLAN, count * 2, taken))
    usable = (one for one in drawn if _KNOWN_ELSEWHERE not in one.number)
    members: dict[str, set[str]] = {sid: set() for sid in account.services}
    services = list(account.services)
    for index, owned in enumerate(islice(usable, count)):
        dice = digest(seed, "twilio", index)
        record = _record(account, owned, dice, index, count)
        account.numbers.records[record.id] = record
        if index in _IN_SERVICES:
            members[services[_IN_SERVICES[index]]].add(record.id)
        elif index > _SHOWN_FIRST and "sms" in record.capabilities and dice[8] < 60:
            members[services[dice[9] % len(services)]].add(record.id)
        if index == _IN_IRELAND or (index > _SHOWN_FIRST and dice[10] < 12):
            _process_in_ireland(account, record)
    for sid, numbers in members.items():
        account.services[sid] = structs.replace(account.services[sid], members=frozenset(numbers))
    return account


def _record(
    account: TwilioAccount, owned: Owned, dice: bytes, index: int, count: int
) -> TwilioNumber:
    created = created_at(index, count, dice)
    capabilities = _capabilities(owned.number, owned.country, owned.kind)
    if index == 0 or index in _IN_SERVICES:
        capabilities = ("voice", "sms", "mms")
    kept = index == _WITH_EMERGENCY_ADDRESS or (index > _SHOWN_FIRST and dice[6] < 20)
    settings: dict[str, Any] = _settings(dice, account, "sms" in capabilities)
    if index == 0:
        settings = {"voice_application": next(iter(account.applications))}
    return TwilioNumber(
        owned.number,
        owned.country,
        owned.kind,
        id="PN" + dice[::-1].hex(),
        capabilities=capabilities,
        created=created,
        updated=updated_at(created, dice),
        friendly="Hotline" if index == 0 else _name(dice),
        emergency_address=next(iter(account.addresses)) if kept else None,
        has_type=index == 0 or dice[7] >= 40,
        **settings,
    )


def _name(dice: bytes) -> str | None:
    return f"{_PURPOSES[dice[11] % len(_PURPOSES)]} {dice[12] % 40 + 1}" if dice[13] < 190 else None


def _process_in_ireland(account: TwilioAccount, record: TwilioNumber) -> None:
    """Let another region take the calls of a number, by a record of its own."""
    account.regions[record.number] = "ie1"
    theirs = structs.replace(
        record, voice_url=f"{_HOOKS}/ie1/voice", trunk=None, voice_application=None
    )
    account.regional.setdefault("ie1", Ledger[TwilioNumber]()).put(record.id, theirs)


def _furnished(seed: int) -> TwilioAccount:
    """Return the account without numbers: what they can point at, addresses and bundles."""
    account = TwilioAccount()
    for name, voice, sms in _APPLICATIONS:
        sid, place = sid_of("AP", seed, name), f"{_HOOKS}/{name.lower().replace(' ', '-')}"
        account.applications[sid] = TwimlApplication(
            sid, name, f"{place}/voice" if voice else None, f"{place}/sms" if sms else None
        )
    for name, domain in _TRUNKS:
        sid = sid_of("TK", seed, name)
        account.trunks[sid] = Trunk(sid, name, f"{domain}.pstn.northline.example")
    for name, has_url, leaves in _SERVICES:
        sid = sid_of("MG", seed, name)
        url = f"{_HOOKS}/service" if has_url else None
        account.services[sid] = MessagingService(sid, name, url, leaves_to_number=leaves)
    for friendly, street, city, region, code, country in _ADDRESSES:
        sid = sid_of("AD", seed, friendly)
        account.addresses[sid] = Address(
            sid, friendly, "Northline Support", street, None, city, region, code, country,
            created=OPENED,
        )  # fmt: skip
    for country, kind, status in (
        ("GB", "local", "twilio-approved"),
        ("AU", "mobile", "in-review"),
        ("DE", "local", "twilio-approved"),
    ):
        sid = sid_of("BU", seed, country, kind)
        name = f"{country} {kind}, Northline Support"
        account.bundles[sid] = Bundle(sid, name, country, kind, status)
    return account
