"""Declare Twilio: account fields, settings, target kinds, what is offered."""

from tui_numbers.domain.numbers import Channel
from tui_numbers.providers.contract import (
    BuyField,
    CredentialField,
    Pace,
    ProviderInfo,
    SettingSpec,
    TargetKind,
    ValueKind,
)

DOMAIN = "twilio.com"
HOME_REGION = "us1"
"""The region that ``api.twilio.com`` and every key without another one belong to."""
CURRENCY = "USD"
"""Of the price list, as its documents show it; each answer names its own."""
REGIONAL_HOSTS = {
    "us1": "api",
    "ie1": "api.dublin.ie1",
    "au1": "api.sydney.au1",
    "br1": "api.sao-paulo.br1",
    "de1": "api.frankfurt.de1",
    "jp1": "api.tokyo.jp1",
    "sg1": "api.singapore.sg1",
}
"""The hosts that hold the number records of each region."""
WIRE_KINDS = {
    "local": "Local",
    "mobile": "Mobile",
    "toll_free": "TollFree",
    "national": "National",
    "shared_cost": "SharedCost",
}
"""Types of number, as paths of the search spell them."""
LISTED_KINDS = frozenset({"local", "mobile", "toll_free"})
"""Types that owned numbers can be listed by."""
WIRE_NAMES = {
    "trunk": "TrunkSid",
    "voice_application": "VoiceApplicationSid",
    "voice": "VoiceUrl",
    "sms_application": "SmsApplicationSid",
    "sms": "SmsUrl",
    "voice_fallback": "VoiceFallbackUrl",
    "sms_fallback": "SmsFallbackUrl",
    "status_callback": "StatusCallback",
    "friendly": "FriendlyName",
}
"""Settings, as an update spells them."""
BUY_NAMES = {"address": "AddressSid", "bundle": "BundleSid", "identity": "IdentitySid"}
"""What a purchase may name, as its request spells it."""
NO_NAME = "Twilio names a number that has no name of its own after its digits"
SERVICE_DECIDES = "a Messaging Service is joined and left at Twilio"


def _sid(prefix: str) -> str:
    return f"{prefix}[0-9a-fA-F]{{32}}"


def _example(prefix: str) -> str:
    return prefix + "0123456789abcdef" * 2


_FIELDS = (
    CredentialField(
        key="account_sid",
        label="Account SID",
        help="The account or subaccount whose numbers are meant",
        pattern=_sid("AC"),
        example=_example("AC"),
    ),
    CredentialField(
        key="key_id",
        label="API key SID",
        help="A key of the account; the secret is then the key's, not the auth token",
        required=False,
        pattern=_sid("SK"),
        example=_example("SK"),
    ),
    CredentialField(
        key="region",
        label="Region",
        help="Where the account's records are read and written, which a key belongs to; else us1",
        required=False,
        choices=tuple(REGIONAL_HOSTS),
        example=HOME_REGION,
    ),
    CredentialField(
        key="secret",
        label="Auth token or key secret",
        help="The account's auth token, or the secret of the key that key_id names",
        secret=True,
    ),
)

_TARGET_KINDS = (
    TargetKind(
        key="trunk",
        label="SIP trunk",
        channels=(Channel.VOICE,),
        value=ValueKind.IDENTIFIER,
        example=_example("TK"),
        pattern=_sid("TK"),
        listed=True,
    ),
    TargetKind(
        key="application",
        label="TwiML application",
        channels=(Channel.VOICE, Channel.SMS),
        value=ValueKind.IDENTIFIER,
        example=_example("AP"),
        pattern=_sid("AP"),
        listed=True,
        channels_vary=True,
    ),
    TargetKind(
        key="webhook",
        label="Webhook",
        channels=(Channel.VOICE, Channel.SMS),
        value=ValueKind.URL,
        example="https://hooks.example/voice",
    ),
    TargetKind(
        key="service",
        label="Messaging Service",
        channels=(Channel.SMS,),
        value=ValueKind.IDENTIFIER,
        example=_example("MG"),
        pattern=_sid("MG"),
        listed=True,
    ),
)


def _target(
    key: str,
    label: str,
    channel: Channel,
    kind: str,
    help_text: str,
    displaces: tuple[str, ...] = (),
) -> SettingSpec:
    return SettingSpec(
        key=key,
        label=label,
        kind=ValueKind.TARGET,
        help=help_text,
        channels=(channel,),
        target_kinds=(kind,),
        clearable=True,
        displaces=displaces,
    )


def _url(key: str, label: str, help_text: str) -> SettingSpec:
    return SettingSpec(key, label, ValueKind.URL, help_text, clearable=True, longest=2_000)


_SETTINGS = (
    _target(
        "trunk",
        "Calls: trunk",
        Channel.VOICE,
        "trunk",
        "A SIP trunk; goes before everything else, and takes the voice application away",
        displaces=("voice_application",),
    ),
    _target(
        "voice_application",
        "Calls: application",
        Channel.VOICE,
        "application",
        "An application; goes before the webhook, and takes the trunk away",
        displaces=("trunk",),
    ),
    _target("voice", "Calls: webhook", Channel.VOICE, "webhook", "Asked what to do with each call"),
    SettingSpec(
        key="messaging_service",
        label="Messages: service",
        kind=ValueKind.TARGET,
        help="The Messaging Service that decides where messages go, whatever stands below",
        channels=(Channel.SMS,),
        target_kinds=("service",),
        settable=False,
        why_not_settable=SERVICE_DECIDES,
        why_not_clearable=SERVICE_DECIDES,
    ),
    _target(
        "sms_application",
        "Messages: application",
        Channel.SMS,
        "application",
        "An application; goes before the webhook",
    ),
    _target(
        "sms", "Messages: webhook", Channel.SMS, "webhook", "Asked what to do with each message"
    ),
    _url("voice_fallback", "Calls: fallback", "Asked where the webhook of calls fails"),
    _url("sms_fallback", "Messages: fallback", "Asked where the webhook of messages fails"),
    _url("status_callback", "Call status", "Told of the end of each call"),
    SettingSpec(
        key="friendly",
        label="Friendly name",
        kind=ValueKind.TEXT,
        help="The number's name, for your own reference",
        why_not_clearable=NO_NAME,
        longest=64,
    ),
)

_BUY_FIELDS = (
    BuyField(
        key="address",
        label="Address SID",
        example=_example("AD"),
        pattern=_sid("AD"),
        needed="where the number's address requirement is any, local or foreign",
    ),
    BuyField(
        key="bundle",
        label="Regulatory bundle SID",
        example=_example("BU"),
        pattern=_sid("BU"),
        needed="where the country has rules on who may hold a number",
    ),
    BuyField(
        key="identity",
        label="Identity SID",
        example=_example("RI"),
        pattern=_sid("RI"),
        needed="where the country wants to know the person",
    ),
)

INFO = ProviderInfo(
    key="twilio",
    title="Twilio",
    base_url=f"https://api.{DOMAIN}",
    fields=_FIELDS,
    settings=_SETTINGS,
    target_kinds=_TARGET_KINDS,
    precedence={
        Channel.VOICE: ("trunk", "voice_application", "voice"),
        Channel.SMS: ("messaging_service", "sms_application", "sms"),
    },
    search_filters=frozenset({"type", "features", "pattern", "place"}),
    types=tuple(WIRE_KINDS),
    currency=CURRENCY,
    page_size=1_000,
    # Requests at once are counted, over everything that uses the account; how many are borne is
    # not told, and each answer tells how many there are.
    pace=Pace(widest=8, first=4, by_concurrency=True, at_once_header="twilio-concurrent-requests"),
    buy_fields=_BUY_FIELDS,
    secrets_in_records=frozenset({"auth_token"}),
)
