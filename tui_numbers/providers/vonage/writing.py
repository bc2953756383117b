"""Encode Vonage's update, which replaces the whole record: what is kept is sent again.

No page of the Numbers API states the rule. Vonage's own command line reads a number, changes what
was asked and posts everything, and what a post leaves out has been seen to vanish.
"""

from collections.abc import Callable, Mapping
from typing import Any

from tui_numbers.domain.changes import Change, Clear, Edit, Set
from tui_numbers.domain.numbers import Channel, OwnedNumber, Target
from tui_numbers.domain.text import UNREADABLE
from tui_numbers.providers.errors import NotOffered, Rejected
from tui_numbers.providers.request import MASK
from tui_numbers.providers.vonage.info import INFO

Record = Mapping[str, Any]
Form = dict[str, str]


def update_form(record: Record, country: str, msisdn: str, change: Change, account: str) -> Form:
    """Return the whole form that makes ``change`` to a number whose fresh record is ``record``.

    Raises:
        NotOffered: Vonage has no such setting, target or way to clear it.
        Rejected: A value that is to be kept cannot be read, so that it would be lost.
    """
    for key, edit in change.edits.items():
        _check(key, edit, account)
    form: Form = {"country": country, "msisdn": msisdn}
    for key, (kept, made, cleared) in _GROUPS.items():
        edit_or_none = change.edits.get(key)
        if edit_or_none is None:
            form |= kept(_Raw(record, account))
        elif isinstance(edit_or_none, Set):
            form |= made(edit_or_none.value)
        else:
            form |= cleared
    return form


def warnings(number: OwnedNumber, change: Change) -> tuple[str, ...]:
    """Say what an update may lose or move beside what was asked."""
    hidden = []
    if "smpp_system_type" not in change.edits:
        hidden.append("SMPP system type")
    if "voice_status" not in change.edits and number.settings.get("voice_status") is None:
        hidden.append("call status webhook")
    lines = []
    if hidden:
        lines.append(f"may be lost, since Vonage does not show it: {' or '.join(hidden)}")
    if _voice_only_application(number) and "application" not in change.edits:
        lines.append("its application takes calls alone, the old way; from now on messages too")
    return tuple(lines)


def why_not(change: Change) -> str | None:
    """Say which setting, target or clearing of a change Vonage does not document, or None."""
    try:
        for key, edit in change.edits.items():
            _check(key, edit, "")
    except NotOffered as error:
        return error.message
    return None


def _voice_only_application(number: OwnedNumber) -> bool:
    """Tell whether the link is the deprecated one, which an update turns into ``app_id``."""
    linked = number.settings.get("application")
    sms = number.routing.get(Channel.SMS)
    takes_messages = not number.capabilities or Channel.SMS in number.capabilities
    return linked is not None and takes_messages and (sms is None or sms.text != linked)


def _check(key: str, edit: Edit, account: str) -> None:
    spec = INFO.setting(key)
    if spec is None:
        raise NotOffered(f"Vonage has no setting {key!r}", account=account)
    if isinstance(edit, Clear):
        if not spec.clearable:
            raise NotOffered(
                f"{spec.label} cannot be cleared: {spec.why_not_clearable}", account=account
            )
        return
    if not edit.value:
        raise NotOffered(f"{spec.label}: an empty text is no value", account=account)
    if spec.target_kinds and Target.from_text(edit.value).kind not in spec.target_kinds:
        kinds = " or ".join(spec.target_kinds)
        raise NotOffered(f"{spec.label} takes {kinds}, not {edit.value!r}", account=account)


class _Raw:
    """The values of a record exactly as they are stored, to be sent again unaltered."""

    def __init__(self, record: Record, account: str) -> None:
        self._record = record
        self._account = account

    def text(self, key: str) -> str:
        """Return the value, empty where there is none."""
        value = self._record.get(key)
        if isinstance(value, str) and MASK.decode() in value:
            raise Rejected(
                f"nothing was sent: {key} holds the account's own secret, which is masked here, "
                "so it would not be kept",
                account=self._account,
                hint="change it where Vonage shows it",
            )
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        # The mark of what could not be read would be stored in its place.
        if value is None or (isinstance(value, str) and UNREADABLE not in value):
            return value or ""
        raise Rejected(
            f"nothing was sent: Vonage shows {key} in a form that cannot be kept",
            account=self._account,
        )


def _kept_application(raw: _Raw) -> Form:
    form: Form = {}
    direct = raw.text("app_id")
    if direct:
        form["app_id"] = direct
    # The type "app" is deprecated and never sent: app_id stands for it.
    elif raw.text("voiceCallbackType") == "app" and (voice := raw.text("voiceCallbackValue")):
        form["app_id"] = voice
    kind, messages = raw.text("messagesCallbackType"), raw.text("messagesCallbackValue")
    if kind not in ("", "app"):
        return form | _as_stored("messagesCallback", kind, messages)
    if messages and not direct and messages != form.get("app_id"):
        form |= {"messagesCallbackType": "app", "messagesCallbackValue": messages}
    return form


def _kept_voice(raw: _Raw) -> Form:
    kind, value = raw.text("voiceCallbackType"), raw.text("voiceCallbackValue")
    if kind == "app":
        return {}
    if kind in ("tel", "sip"):
        return _voice_form(kind, value) if value else {}
    return _as_stored("voiceCallback", kind, value)


def _as_stored(pair: str, kind: str, value: str) -> Form:
    """Return a callback of a kind that no document names, exactly as it is stored."""
    told = {f"{pair}Type": kind, f"{pair}Value": value}
    return {key: text for key, text in told.items() if text}


def _voice_form(kind: str, value: str) -> Form:
    bare = value.removeprefix("+") if kind == "tel" else value
    return {"voiceCallbackType": kind, "voiceCallbackValue": bare}


def _made_voice(text: str) -> Form:
    target = Target.from_text(text)
    return _voice_form("tel" if target.kind == "phone" else "sip", target.value)


def _kept_status(raw: _Raw) -> Form:
    url = raw.text("voiceStatusCallback") or raw.text("voiceStatusCallbackUrl")
    return {"voiceStatusCallback": url} if url else {}


def _kept_sms(raw: _Raw) -> Form:
    url = raw.text("moHttpUrl")
    return {"moHttpUrl": url} if url else {}


def _nothing(_: _Raw) -> Form:
    return {}


_GROUPS: Mapping[str, tuple[Callable[[_Raw], Form], Callable[[str], Form], Form]] = {
    "application": (
        _kept_application,
        lambda text: {"app_id": Target.from_text(text).value},
        {},
    ),
    "voice": (_kept_voice, _made_voice, {}),
    # An empty text removes this one, as the document has it; the others go by omission.
    "sms": (
        _kept_sms,
        lambda text: {"moHttpUrl": Target.from_text(text).value},
        {"moHttpUrl": ""},
    ),
    "voice_status": (_kept_status, lambda text: {"voiceStatusCallback": text}, {}),
    "smpp_system_type": (_nothing, lambda text: {"moSmppSysType": text}, {}),
}
"""For each setting: how its fields are kept, made from a text, and cleared."""
