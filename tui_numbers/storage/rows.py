"""Operations as rows of the journal, and back."""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from tui_numbers.domain.changes import CLEAR, Change, Set
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import Channel, OwnedNumber, Target
from tui_numbers.domain.operations import (
    LONGEST_WRITE,
    Action,
    Actor,
    Asked,
    Operation,
    Outcome,
)
from tui_numbers.domain.records import (
    kept_record,
    owned_from_record,
    target_from_record,
    target_record,
    time_read,
    time_text,
)
from tui_numbers.storage.processes import is_running, is_this_host

COLUMNS = (
    "id, batch, started_at, finished_at, user, host, ssh_client, process, account, provider, "
    "number, action, reason, undoes, keys, before, after, seen, outcome, error, asked, begun"
)

ENDED_UNDER_WAY = "the program ended before the provider's answer was recorded"
ENDED_BEFORE = "not sent: the program ended before its turn"
WAITING = "not sent yet: its turn has not come"

LONGEST_SILENCE = 2 * LONGEST_WRITE
"""How long a batch that still runs may go without recording anything."""

_EXACT = '{"exact":true,'
"""How a number begins whose settings stand as they are stored."""


def row_of(operation: Operation, process: str) -> tuple[Any, ...]:
    """Return the values of ``COLUMNS``."""
    return (
        operation.id,
        operation.batch,
        time_text(operation.started_at),
        time_text(operation.finished_at),
        operation.actor.user,
        operation.actor.host,
        operation.actor.ssh_client,
        process,
        operation.account,
        operation.provider,
        operation.number,
        operation.action.value,
        operation.reason,
        operation.undoes,
        ",".join(operation.keys),
        number_text(operation.before),
        number_text(operation.after),
        number_text(operation.seen),
        None if operation.outcome is None else operation.outcome.value,
        operation.error,
        _asked_text(operation.asked),
        int(operation.begun),
    )


def operation_of(row: tuple[Any, ...], now: datetime, heard: datetime | None = None) -> Operation:
    """Return the operation of a row; what has no outcome is judged by its process.

    ``heard`` is when its process last recorded anything of its batch, where it waits for its turn.
    """
    started = time_read(row[2])
    assert started is not None
    begun = bool(row[21])
    latest = started if begun or heard is None else max(started, heard)
    outcome, error = _state(row, now - latest, begun=begun)
    return Operation(
        id=row[0],
        batch=row[1],
        started_at=started,
        finished_at=time_read(row[3]),
        actor=Actor(row[4], row[5], row[6]),
        account=row[8],
        provider=row[9],
        number=E164(row[10]),
        action=Action(row[11]),
        reason=row[12],
        undoes=row[13],
        keys=tuple(filter(None, row[14].split(","))),
        before=_number_read(row[15]),
        after=_number_read(row[16]),
        seen=_number_read(row[17]),
        outcome=outcome,
        error=error,
        asked=_asked_read(row[20]),
        begun=begun,
        exact=_is_exact(row[15]),
    )


def is_under_way(host: str, process: str, age: timedelta, *, begun: bool = True) -> bool:
    """Tell whether a process may still be at an operation without an outcome, so long ago begun.

    The processes of another host cannot be looked at: there, the time that has passed decides.
    """
    if is_this_host(host):
        return is_running(process)
    return age < (LONGEST_WRITE if begun else LONGEST_SILENCE)


def _state(
    row: tuple[Any, ...], age: timedelta, *, begun: bool
) -> tuple[Outcome | None, str | None]:
    if row[18] is not None:
        return Outcome(row[18]), row[19]
    alive = is_under_way(row[5], row[7], age, begun=begun)
    if begun:
        return (None, row[19]) if alive else (Outcome.UNKNOWN, ENDED_UNDER_WAY)
    return (Outcome.PLANNED, WAITING) if alive else (Outcome.REFUSED, ENDED_BEFORE)


def number_text(number: OwnedNumber | None) -> str | None:
    """Return a number as the journal keeps it."""
    if number is None:
        return None
    return msgspec.json.encode({"exact": True, **kept_record(number)}).decode()


def _is_exact(text: str | None) -> bool:
    """Tell whether settings were kept as stored; earlier versions kept them as they were shown."""
    return text is None or text.startswith(_EXACT)


def _number_read(text: str | None) -> OwnedNumber | None:
    return None if text is None else owned_from_record(msgspec.json.decode(text))


def _asked_text(asked: Asked | None) -> str | None:
    if asked is None:
        return None
    edits = {
        key: edit.value if isinstance(edit, Set) else None
        for key, edit in asked.change.edits.items()
    }
    record = {
        "edits": edits,
        "target": target_record(asked.target),
        "channel": asked.channel and asked.channel.value,
    }
    return msgspec.json.encode(record).decode()


def _asked_read(text: str | None) -> Asked | None:
    if text is None:
        return None
    record = msgspec.json.decode(text)
    target = target_from_record(record["target"])
    return Asked(
        Change(
            {key: CLEAR if value is None else Set(value) for key, value in record["edits"].items()}
        ),
        target if isinstance(target, Target) else None,
        record["channel"] and Channel(record["channel"]),
    )
