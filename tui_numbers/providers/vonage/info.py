"""Declare Vonage, by its Numbers API 1.0.20 and its Application API."""

from tui_numbers.domain.numbers import Channel
from tui_numbers.providers.contract import (
    CredentialField,
    Pace,
    ProviderInfo,
    SettingSpec,
    TargetKind,
    ValueKind,
)

CURRENCY = "EUR"
PAGE_SIZE = 100
APPLICATIONS_URL = "https://api.nexmo.com"

AUTH_BASIC = "basic"
AUTH_QUERY = "query"

WIRE_TYPES = {
    "local": "landline",
    "mobile": "mobile-lvn",
    "toll_free": "landline-toll-free",
}
"""The three types of number that the document names, by our own words."""

_LONGEST_URL = 2048
_UUID = "[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
_KEY = "[0-9A-Za-z]{1,64}"

_FIELDS = (
    CredentialField(
        "api_key",
        "API key",
        help="shown at the top of the Vonage dashboard",
        pattern=_KEY,
        example="a1b2c3d4",
    ),
    CredentialField("api_secret", "API secret", help="from the API settings", secret=True),
    CredentialField(
        "applications_url",
        "Applications URL",
        help=f"the host that lists applications; {APPLICATIONS_URL} unless base_url is set",
        required=False,
        example=APPLICATIONS_URL,
    ),
    CredentialField(
        "auth",
        "Credentials in",
        help="basic: the Authorization header; query: the URL, where proxies log them",
        required=False,
        choices=(AUTH_BASIC, AUTH_QUERY),
        example=AUTH_BASIC,
    ),
    CredentialField(
        "target_api_key",
        "Subaccount key",
        help="buy for this subaccount; its own key lists, changes and releases its numbers",
        required=False,
        pattern=_KEY,
        example="1a2b3c4d",
    ),
)

_TARGET_KINDS = (
    TargetKind(
        "application",
        "Application",
        (Channel.VOICE, Channel.SMS),
        ValueKind.IDENTIFIER,
        example="00000000-1111-4222-8333-444444444444",
        pattern=_UUID,
        listed=True,
        channels_vary=True,
    ),
    TargetKind("phone", "Phone", (Channel.VOICE,), ValueKind.PHONE, example="+447700900556"),
    TargetKind(
        "sip",
        "SIP address",
        (Channel.VOICE,),
        ValueKind.SIP,
        example="sip:desk@pbx.example",
        pattern=r"sips?:[^\s]+",
    ),
    TargetKind(
        "webhook",
        "Webhook",
        (Channel.SMS,),
        ValueKind.URL,
        example="https://app.example/inbound-sms",
        pattern=r"https?://[^\s]+",
    ),
)

_SETTINGS = (
    SettingSpec(
        "application",
        "Application",
        ValueKind.TARGET,
        help="takes calls and messages, as far as its capabilities go",
        channels=(Channel.VOICE, Channel.SMS),
        target_kinds=("application",),
        clearable=True,
    ),
    SettingSpec(
        "voice",
        "Calls forwarded to",
        ValueKind.TARGET,
        help="a phone or a SIP address; goes before the application",
        channels=(Channel.VOICE,),
        target_kinds=("phone", "sip"),
        clearable=True,
    ),
    SettingSpec(
        "sms",
        "SMS webhook",
        ValueKind.TARGET,
        help="Vonage asks this address at once, and saves it only if it answers 200",
        channels=(Channel.SMS,),
        target_kinds=("webhook",),
        clearable=True,
        longest=_LONGEST_URL,
    ),
    SettingSpec(
        "voice_status",
        "Call status webhook",
        ValueKind.URL,
        help="called when a call ends",
        clearable=True,
        longest=_LONGEST_URL,
    ),
    SettingSpec(
        "smpp_system_type",
        "SMPP system type",
        ValueKind.TEXT,
        help="can be set and never read back; every other change may remove it",
        readable=False,
        why_not_clearable="Vonage documents no way to remove it",
    ),
)

INFO = ProviderInfo(
    key="vonage",
    title="Vonage",
    base_url="https://rest.nexmo.com",
    fields=_FIELDS,
    settings=_SETTINGS,
    target_kinds=_TARGET_KINDS,
    precedence={Channel.VOICE: ("voice", "application"), Channel.SMS: ("application", "sms")},
    search_filters=frozenset({"type", "features", "pattern"}),
    types=tuple(WIRE_TYPES),
    currency=CURRENCY,
    page_size=PAGE_SIZE,
    # No limit is announced; users of these calls met 429 until they spaced their writes.
    pace=Pace(writes_per_second=1.0, widest=16),
    acts_for="target_api_key",
    not_carried_over=("smpp_system_type",),
)
