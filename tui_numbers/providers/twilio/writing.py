"""Make the forms of changes to a Twilio number."""

from tui_numbers.domain.changes import Change, Clear, Set
from tui_numbers.domain.numbers import Target
from tui_numbers.providers import decoding
from tui_numbers.providers.errors import NotOffered
from tui_numbers.providers.twilio.info import INFO, WIRE_NAMES


def form_for(change: Change, account: str) -> dict[str, str]:
    """Return the form of an update; an empty value empties.

    Raises:
        NotOffered: Twilio has no such setting, or it is not changed from here.
    """
    form: dict[str, str] = {}
    for key, edit in change.edits.items():
        spec = INFO.setting(key)
        if spec is None:
            raise NotOffered(f"Twilio has no setting {key!r}", account=account)
        if not spec.settable:
            raise NotOffered(spec.why_not_settable, account=account)
        if isinstance(edit, Clear):
            if not spec.clearable:
                raise NotOffered(spec.why_not_clearable, account=account)
            form[WIRE_NAMES[key]] = ""
            continue
        if both := [one for one in spec.displaces if isinstance(change.edits.get(one), Set)]:
            raise NotOffered(f"{key} and {both[0]} exclude each other", account=account)
        target = Target.from_text(edit.value) if spec.target_kinds else None
        if target is not None and (target.kind not in spec.target_kinds or not target.value):
            shown = decoding.excerpt(edit.value)
            raise NotOffered(f"{shown} is no target of {key} at Twilio", account=account)
        form[WIRE_NAMES[key]] = target.value if target is not None else edit.value
    return form
