"""Declare Telnyx: account fields, settings, target kinds, what is offered."""

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

CURRENCY = "USD"
"""Of most prices; each offer tells its own."""
PAGE_SIZE = 250
_UUID = "[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
REQUIREMENT_GROUP = "requirement_group"
ON_FAILURE_ALONE = (
    "on failure means that the connection cannot be reached: busy and unanswered calls stay there"
)
"""By "Failover and Retries": 408, 480, 503, 504 and failures of the transport; 486 and 603 not."""

_FIELDS = (
    CredentialField("api_key", "API key", help="from API Keys in the Telnyx portal", secret=True),
)

_TARGET_KINDS = (
    # Bare digits are a phone: a connection is always written with its kind.
    TargetKind("phone", "Phone", (Channel.VOICE,), ValueKind.PHONE, example="+442079460999"),
    TargetKind(
        "connection",
        "Connection",
        (Channel.VOICE,),
        ValueKind.IDENTIFIER,
        example="1293384261075731400",
        pattern="[0-9]{1,20}",
        listed=True,
        channels_vary=True,
    ),
    TargetKind(
        "profile",
        "Messaging profile",
        (Channel.SMS,),
        ValueKind.IDENTIFIER,
        example="b0c10000-1111-4222-8333-444444444444",
        pattern=_UUID,
        listed=True,
        channels_vary=True,
    ),
)

_SETTINGS = (
    SettingSpec(
        "forward",
        "Calls forwarded to",
        ValueKind.TARGET,
        help="every call, before the connection; takes the place of a forwarding on failure",
        channels=(Channel.VOICE,),
        target_kinds=("phone",),
        bare=True,
        clearable=True,
        displaces=("forward_on_failure",),
    ),
    SettingSpec(
        "connection",
        "Connection",
        ValueKind.TARGET,
        help="the trunk or application that takes calls; its own settings hold for all its numbers",
        channels=(Channel.VOICE,),
        target_kinds=("connection",),
        why_not_clearable="Telnyx documents no way to take a connection away",
    ),
    SettingSpec(
        "sms",
        "Messaging profile",
        ValueKind.TARGET,
        help="takes messages",
        channels=(Channel.SMS,),
        target_kinds=("profile",),
        clearable=True,
    ),
    SettingSpec(
        "forward_on_failure",
        "Forwarded on failure",
        ValueKind.PHONE,
        help="only where the connection cannot be reached (408, 480, 503, 504): not when it is "
        "busy or nobody answers; takes the place of a forwarding of every call",
        clearable=True,
        displaces=("forward",),
    ),
    SettingSpec(
        "reference",
        "Customer reference",
        ValueKind.TEXT,
        help="your own word for the number",
        clearable=True,
    ),
    SettingSpec(
        "tags",
        "Tags",
        ValueKind.WORDS,
        help="words, separated by commas; what is set takes the place of all of them",
        clearable=True,
        longest=1_000,
    ),
)

INFO = ProviderInfo(
    key="telnyx",
    title="Telnyx",
    base_url="https://api.telnyx.com/v2",
    fields=_FIELDS,
    settings=_SETTINGS,
    target_kinds=_TARGET_KINDS,
    precedence={Channel.VOICE: ("forward", "connection"), Channel.SMS: ("sms",)},
    # Its "contains" also finds digits that stand apart.
    search_filters=frozenset({"type", "features", "pattern:starts", "pattern:ends"}),
    types=("local", "mobile", "toll_free", "national", "shared_cost"),
    currency=CURRENCY,
    page_size=PAGE_SIZE,
    # Its limits are announced in answers alone, so it is asked modestly.
    pace=Pace(widest=8),
    named_by_purchase=frozenset({"connection", "profile"}),
    buy_fields=(
        BuyField(
            REQUIREMENT_GROUP,
            "Requirement group",
            example="dbbd94ee-9079-488f-80ba-f566b247fd79",
            needed="else the order waits for papers",
            pattern=_UUID,
        ),
    ),
    secrets_in_records=frozenset({"external_pin", "pin", "v1_secret", "api_key", "api_token"}),
)
