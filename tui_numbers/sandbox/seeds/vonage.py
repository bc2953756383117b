"""Seed the Vonage account: numbers of many countries, most of them linked to an application."""

from tui_numbers.sandbox import people
from tui_numbers.sandbox.deterministic_random import digest, identity
from tui_numbers.sandbox.records import Application, VonageNumber
from tui_numbers.sandbox.seeds.owned import Owned, Share, owned_numbers
from tui_numbers.sandbox.stock import vonage_features
from tui_numbers.sandbox.world import VonageAccount

SUPPORT_MOBILE = "+447400906170"
"""The first number of the account, a mobile one behind the application Support IVR."""
SHORT_CODE = Owned("96167", "US", "mobile-shortcode")
"""The last number of an account of some size: few digits, which no country code begins."""
_WITH_SHORT_CODE = 50
"""Numbers that an account has where one of them is a short code."""
_PLAN = (
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
        for index, (name, capabilities) in enumerate(people.APPLICATIONS)
    )
    return {application.id: application for application in made}


def _routing(dice: bytes, voice_apps: list[str], message_apps: list[str]) -> dict[str, str | None]:
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
    chosen.extend(owned_numbers(_PLAN, count - 1 - len(short), taken))
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
            routing = _routing(dice, voice, messages)
        record = VonageNumber(owned.number, owned.country, owned.kind, features, **routing)
        records[record.msisdn] = record
    return account
