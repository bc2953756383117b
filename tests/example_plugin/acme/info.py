from tui_numbers.domain.numbers import Channel
from tui_numbers.providers.contract import (
    CredentialField,
    Offer,
    Pace,
    ProviderInfo,
    SettingSpec,
    TargetKind,
    ValueKind,
)

_NO_STOCK = "Acme documents no stock; write to its sales"

INFO = ProviderInfo(
    key="acme",
    title="Acme",
    base_url="https://api.acme.example",
    fields=(
        CredentialField(key="account_id", label="Account ID", pattern=r"A\d+", example="A1"),
        CredentialField(key="api_key", label="API key", secret=True),
    ),
    target_kinds=(
        TargetKind("phone", "Phone number", (Channel.VOICE,), ValueKind.PHONE, "+12025550100"),
    ),
    settings=(
        SettingSpec(
            key="voice",
            label="Calls go to",
            kind=ValueKind.TARGET,
            channels=(Channel.VOICE,),
            target_kinds=("phone",),
            clearable=True,
        ),
    ),
    precedence={Channel.VOICE: ("voice",), Channel.SMS: ()},
    search=Offer(False, _NO_STOCK),
    buy=Offer(False, _NO_STOCK),
    price_unknown="Acme tells no prices",
    page_size=20,
    pace=Pace(widest=4),
)
