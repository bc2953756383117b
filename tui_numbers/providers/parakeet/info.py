"""Declare Parakeet: account fields, settings, target kinds, what is offered."""

from tui_numbers.domain.numbers import Channel
from tui_numbers.providers.contract import (
    BuyTarget,
    CredentialField,
    Pace,
    ProviderInfo,
    SettingSpec,
    TargetKind,
    ValueKind,
)

_BOTH = (Channel.VOICE, Channel.SMS)

_FIELDS = (
    CredentialField(
        key="account_id",
        label="Account ID",
        help="On the dashboard's Integrations page",
        pattern=r"AC[0-9A-Za-z]+",
        example="AC0f0e0d0c0b0a09080706050403020100",
    ),
    CredentialField(
        key="api_key",
        label="API key",
        help="On the dashboard's Integrations page; one key belongs to one account",
        secret=True,
    ),
)

_TARGET_KINDS = (
    TargetKind(
        key="user",
        label="User",
        channels=_BOTH,
        value=ValueKind.IDENTIFIER,
        example="US00112233445566778899aabbccddeeff",
        pattern=r"US[0-9A-Za-z]+",
        listed=True,
    ),
    TargetKind(
        key="team",
        label="Team",
        channels=_BOTH,
        value=ValueKind.IDENTIFIER,
        example="TM00112233445566778899aabbccddeeff",
        pattern=r"TM[0-9A-Za-z]+",
        listed=True,
        all_listed=False,
    ),
)

_TARGET = SettingSpec(
    key="target",
    label="Calls and messages go to",
    kind=ValueKind.TARGET,
    help=(
        "One user or team takes both. Teams are known from the numbers that point at them; "
        "write another one as team:TM…"
    ),
    channels=_BOTH,
    target_kinds=("user", "team"),
    why_not_clearable="Parakeet documents no number without a user or a team",
)

INFO = ProviderInfo(
    key="parakeet",
    title="Parakeet",
    base_url="https://api.parakeet.is/api/v1",
    fields=_FIELDS,
    settings=(_TARGET,),
    target_kinds=_TARGET_KINDS,
    precedence={Channel.VOICE: ("target",), Channel.SMS: ("target",)},
    buy_target=BuyTarget.REQUIRED,
    # It looks for digits anywhere in a number ("Available Numbers").
    search_filters=frozenset({"type", "pattern:contains"}),
    types=("local", "mobile", "toll_free"),
    price_unknown="Parakeet shows prices on its billing page only",
    page_size=100,
    # 120 requests a minute are shared by everything that uses the account ("Getting Started").
    pace=Pace(widest=8),
)
