"""Operations to record."""

from dataclasses import replace
from datetime import UTC, datetime

from tests.support.fake_provider import ACCOUNT, NUMBER, owned
from tui_numbers.domain.changes import CLEAR, Change, Set
from tui_numbers.domain.numbers import Channel, Target
from tui_numbers.domain.operations import Action, Actor, Asked, Operation

WHEN = datetime(2026, 3, 2, 2, 58, tzinfo=UTC)


def operation(name="a1", **more):
    number = more.get("number", NUMBER)
    before = replace(owned(number, app="app:a1"), seen_at=WHEN)
    values = {
        "id": name,
        "batch": "b1",
        "started_at": WHEN,
        "finished_at": None,
        "actor": Actor("ann", more.pop("host", "elsewhere"), "192.0.2.7"),
        "account": ACCOUNT.name,
        "provider": "fake",
        "number": NUMBER,
        "action": Action.RETARGET,
        "reason": "INC-7",
        "before": before,
        "requested": replace(owned(number, voice="phone:+442079460000"), seen_at=WHEN),
        "observed": None,
        "outcome": None,
        "error": None,
        "keys": ("voice", "app"),
        "asked": Asked(
            Change({"voice": Set("phone:+442079460000"), "app": CLEAR}),
            Target("phone", "+442079460000", "Desk"),
            Channel.VOICE,
        ),
    }
    return Operation(**values | more)
