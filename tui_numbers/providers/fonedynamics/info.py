"""Declare Fone Dynamics: account fields, settings, target kinds, what is offered."""

from tui_numbers.domain.numbers import Channel
from tui_numbers.providers.contract import (
    BuyField,
    CredentialField,
    Offer,
    Pace,
    ProviderInfo,
    SettingSpec,
    TargetKind,
    ValueKind,
)

SID = r"[A-Za-z0-9][A-Za-z0-9-]*"
"""What an identifier of an account or a property looks like."""
_NOT_CLEARABLE = "Fone Dynamics documents no way to clear a value"
_NOT_READ = "Fone Dynamics does not return it"

_FIELDS = (
    CredentialField(
        key="account_sid",
        label="Account SID",
        help="The user name of the REST API",
        pattern=SID,
        example="AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ),
    CredentialField(
        key="property_sid",
        label="Property SID",
        help="Lists and buys in this property (project) alone; without it, all are listed",
        required=False,
        pattern=SID,
        example="SAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ),
    CredentialField(key="token", label="Token", help="The REST API's token", secret=True),
)


def _text(key: str, label: str, help_text: str) -> SettingSpec:
    return SettingSpec(key, label, ValueKind.TEXT, help_text, why_not_clearable=_NOT_CLEARABLE)


def _unread(key: str, label: str, kind: ValueKind, help_text: str) -> SettingSpec:
    return SettingSpec(
        key,
        label,
        kind,
        f"{help_text}. {_NOT_READ}, so it can be neither verified nor put back",
        readable=False,
        why_not_clearable=_NOT_CLEARABLE,
        picker=kind is ValueKind.IDENTIFIER,
    )


_SETTINGS = (
    SettingSpec(
        key="voice",
        label="Calls go to",
        kind=ValueKind.TARGET,
        help="A phone number or a flow of the number's own project",
        channels=(Channel.VOICE,),
        target_kinds=("phone", "flow"),
        why_not_clearable=_NOT_CLEARABLE,
    ),
    _text("friendly", "Friendly name", "The number's name, for your own reference"),
    SettingSpec(
        key="recording",
        label="Recording",
        kind=ValueKind.CHOICE,
        help="Whether calls are recorded",
        choices=("off", "call"),
        why_not_clearable=_NOT_CLEARABLE,
    ),
    _text("attribution_source", "Attribution: source", "What its calls are counted to"),
    _text("attribution_medium", "Attribution: medium", "What its calls are counted to"),
    _text("attribution_campaign", "Attribution: campaign", "What its calls are counted to"),
    _text("attribution_content", "Attribution: content", "What its calls are counted to"),
    _unread("address", "Address", ValueKind.IDENTIFIER, "The address it is registered with"),
    _unread("sms_from", "Forward SMS: sender", ValueKind.SENDER, "Sender of forwarded SMS"),
    _unread("sms_to", "Forward SMS to", ValueKind.PHONE, "Phone that gets inbound SMS as SMS"),
    _unread("email_from", "Forward e-mail: sender", ValueKind.EMAIL, "Sender of forwarded e-mail"),
    _unread("email_to", "Forward e-mail to", ValueKind.EMAIL, "Who gets inbound SMS as e-mail"),
)

_TARGET_KINDS = (
    TargetKind(
        key="phone",
        label="Phone number",
        channels=(Channel.VOICE,),
        value=ValueKind.PHONE,
        example="+61491570006",
    ),
    TargetKind(
        key="flow",
        label="Flow",
        channels=(Channel.VOICE,),
        value=ValueKind.IDENTIFIER,
        example="c0ffee01",
        listed=True,
    ),
)

INFO = ProviderInfo(
    key="fonedynamics",
    title="Fone Dynamics",
    base_url="https://api.fonedynamics.com",
    fields=_FIELDS,
    settings=_SETTINGS,
    target_kinds=_TARGET_KINDS,
    precedence={Channel.VOICE: ("voice",), Channel.SMS: ()},
    search=Offer(
        False, "Fone Dynamics publishes no request that searches its stock; look on its portal"
    ),
    release=Offer(
        False, "Fone Dynamics publishes no request that gives a number up; use its portal"
    ),
    buy_fields=(
        BuyField(
            key="address",
            label="Address SID",
            example="DAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            needed="where the number's country demands one; without it Fone Dynamics picks one",
        ),
    ),
    types=("local", "toll_free", "shared_cost", "national"),
    price_unknown="Fone Dynamics publishes no request that tells a price",
    page_size=200,
    # No limit is documented, so it is asked modestly.
    pace=Pace(widest=2),
)
