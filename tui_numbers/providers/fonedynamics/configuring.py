"""The body that configures a number ("Configure Numbers"): what changes, and nothing else."""

from tui_numbers.domain.changes import Change, Clear
from tui_numbers.domain.e164 import is_e164
from tui_numbers.domain.numbers import Target
from tui_numbers.providers import wire
from tui_numbers.providers.errors import NotOffered
from tui_numbers.providers.fonedynamics.info import INFO

_WIRE_NAMES = {
    "friendly": "Friendly",
    "recording": "Recording",
    "attribution_source": "Attribution_Source",
    "attribution_medium": "Attribution_Medium",
    "attribution_campaign": "Attribution_Campaign",
    "attribution_content": "Attribution_Content",
    "address": "AddressSid",
    "sms_from": "SendSmsFrom",
    "sms_to": "SendSmsTo",
    "email_from": "SendEmailFrom",
    "email_to": "SendEmailTo",
}
_RECORDINGS = {"off": "Off", "call": "Call"}


def body_for(change: Change, account: str) -> dict[str, str]:
    """Return the body for ``change``; routing always comes with where it leads.

    Raises:
        NotOffered: No document knows such a setting, such a value or clearing.
    """
    body: dict[str, str] = {}
    for key, edit in change.edits.items():
        spec = INFO.setting(key)
        if spec is None:
            raise NotOffered(f"Fone Dynamics has no setting {key!r}", account=account)
        if isinstance(edit, Clear) or not edit.value:
            raise NotOffered(spec.why_not_clearable, account=account)
        if key == "voice":
            body |= _routing(Target.from_text(edit.value), account)
        elif key == "recording":
            body["Recording"] = _recording(edit.value, account)
        else:
            body[_WIRE_NAMES[key]] = edit.value
    return body


def _routing(target: Target, account: str) -> dict[str, str]:
    if target.kind == "phone" and is_e164(target.value):
        return {"RoutingMethod": "Endpoint", "EndpointNumber": target.value}
    if target.kind == "flow" and target.value:
        return {"RoutingMethod": "Flow", "Flow": target.value}
    raise NotOffered(
        f"{wire.excerpt(target.text)} is no target here: Fone Dynamics takes phone:+… and flow:ID",
        account=account,
    )


def _recording(value: str, account: str) -> str:
    if value not in _RECORDINGS:
        raise NotOffered("recording is off or call", account=account)
    return _RECORDINGS[value]
