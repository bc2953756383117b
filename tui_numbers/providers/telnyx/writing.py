"""Make the bodies of changes, which Telnyx spreads over three addresses of one number."""

import re
from typing import Any

from tui_numbers.domain.changes import Change, Clear, Set
from tui_numbers.domain.e164 import is_e164
from tui_numbers.domain.numbers import Settings
from tui_numbers.providers import decoding
from tui_numbers.providers.contract import SettingSpec
from tui_numbers.providers.errors import NotOffered
from tui_numbers.providers.telnyx.info import INFO
from tui_numbers.providers.telnyx.records import ALWAYS, ON_FAILURE

Body = dict[str, Any]
_TO_RECORD = {"connection": "connection_id", "reference": "customer_reference", "tags": "tags"}
_TO_MESSAGING = {"sms": "messaging_profile_id"}
_FORWARDING = {"forward": ALWAYS, "forward_on_failure": ON_FAILURE}
"""The two settings that share the one forwarding of a number, with its type."""


def bodies_for(settings: Settings, change: Change, account: str) -> list[tuple[str, Body]]:
    """Return what is sent for ``change``, in turn: below which path of the number, and what.

    ``settings`` are the number's as they were just read. The forwarding comes after the record, so
    that calls leave the old target only once the new one stands.

    Raises:
        NotOffered: No document knows such a setting, such a value or clearing.
    """
    record: Body = {}
    messaging: Body = {}
    for key, edit in change.edits.items():
        spec = INFO.setting(key)
        if spec is None:
            raise NotOffered(f"Telnyx has no setting {key!r}", account=account)
        if isinstance(edit, Clear):
            if not spec.clearable:
                raise NotOffered(spec.why_not_clearable, account=account)
            value = ""
        else:
            value = edit.value
        if key in _TO_RECORD:
            record[_TO_RECORD[key]] = _stored(key, value, account)
        elif key in _TO_MESSAGING:
            # An empty text takes the profile away; null would keep it.
            messaging[_TO_MESSAGING[key]] = _stored(key, value, account)
    voice = _forwarding(settings, change, account)
    every = (("", record), ("/voice", voice), ("/messaging", messaging))
    return [(path, body) for path, body in every if body]


def _stored(key: str, value: str, account: str) -> Any:
    if key == "tags":
        return [tag for part in value.split(",") if (tag := part.strip())]
    spec = INFO.setting(key)
    if not value or spec is None or not spec.target_kinds:
        return value
    return _target_value(value, spec, account)


def _target_value(text: str, spec: SettingSpec, account: str) -> str:
    target = spec.target_in(text)
    kind = INFO.target_kind(target.kind)
    fits = target.kind in spec.target_kinds and kind is not None and kind.pattern is not None
    if fits and kind is not None and re.fullmatch(kind.pattern or "", target.value):
        return target.value
    takes = " and ".join(f"{one.key}:{one.example}" for one in INFO.target_kinds)
    raise NotOffered(
        f"{decoding.excerpt(text)} is no target here: Telnyx takes targets such as {takes}",
        account=account,
    )


def _forwarding(settings: Settings, change: Change, account: str) -> Body:
    edits = {key: change.edits[key] for key in _FORWARDING if key in change.edits}
    given = {key: edit.value for key, edit in edits.items() if isinstance(edit, Set)}
    if len(given) > 1:
        raise NotOffered(
            "Telnyx forwards every call or those that fail, and not both: set one of them",
            account=account,
        )
    for key, value in given.items():
        if not is_e164(value):
            raise NotOffered(f"{decoding.excerpt(value)} is no E.164 number", account=account)
        return _forwarded(value, _FORWARDING[key])
    after = change.applied_to(settings)
    stood = any(settings.get(key) is not None for key in edits)
    # Clearing one of the two must not take away the other, which stands in the same place.
    if stood and all(after.get(key) is None for key in _FORWARDING):
        return {"call_forwarding": {"forwards_to": ""}}
    return {}


def _forwarded(phone: str, kind: str) -> Body:
    enabled = {"call_forwarding_enabled": True}
    return {"call_forwarding": {**enabled, "forwards_to": phone, "forwarding_type": kind}}


def why_not(change: Change, account: str) -> str | None:
    """Say which setting, value or clearing Telnyx does not document, or None."""
    try:
        bodies_for({}, change, account)
    except NotOffered as error:
        return error.message
    return None
