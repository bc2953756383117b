"""Convert operations to the rows of a journal and back, by whether their process still runs."""

import functools
import os
import socket
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from tui_numbers.domain.changes import CLEAR, Change, Set
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import Channel, OwnedNumber, Target
from tui_numbers.domain.operations import LONGEST_WRITE, Action, Actor, Asked, Operation, Outcome
from tui_numbers.domain.records import (
    kept_record,
    owned_from_record,
    target_from_record,
    target_record,
    time_read,
    time_text,
)
from tui_numbers.domain.temporary import End, EndState
from tui_numbers.domain.text import clean


@functools.cache
def this_process() -> str:
    """Return an identifier of this process that no later process shares."""
    return f"{os.getpid()}:{_start_of(os.getpid()) or ''}"


def this_host() -> str:
    """Return the name of this machine."""
    return clean(socket.gethostname())


def is_this_host(host: str) -> bool:
    """Tell whether ``host`` is this machine, whose processes can be looked at."""
    return host == this_host()


def is_running(process: str) -> bool:
    """Tell whether the process that ``this_process`` identified is still running."""
    identifier, _, started = process.partition(":")
    if not identifier.isdigit():
        return False
    pid = int(identifier)
    found = _start_of(pid)
    if found is not None:
        return found == started
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except OSError:
        return False
    # What has a file there was found to have ended; one without may be hidden (hidepid), as
    # processes are whose memory nobody may read.
    return not _stat_of(pid).exists()


def _stat_of(pid: int) -> Path:
    return Path(f"/proc/{pid}/stat")


def _start_of(pid: int) -> str | None:
    """Return when a process started, in clock ticks since boot with the boot's name (Linux)."""
    try:
        stat = _stat_of(pid).read_text(errors="replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return None
    # The second field, the command's name, may hold spaces and parentheses.
    fields = stat.rpartition(")")[2].split()
    state, started = fields[0], fields[19]
    return None if state == "Z" else f"{started}@{boot}"


COLUMNS = (
    'id, batch, started_at, finished_at, "user", host, ssh_client, process, account, provider, '
    "number, action, reason, undoes, keys, before, after, seen, outcome, error, asked, begun, "
    "reference, until, route, takes, name"
)
"""Journals are read by other versions too, so that what was requested stays in the column
``after``, and what was observed in ``seen``."""


ENDED_UNDER_WAY = "the program ended before the provider's answer was recorded"


ENDED_BEFORE = "not sent: the program ended before its turn"


WAITING = "not sent yet: its turn has not come"


LONGEST_SILENCE = 2 * LONGEST_WRITE
"""How long a batch that still runs may go without recording anything."""


_EXACT = '{"exact":true,'
"""How a number begins whose settings stand as they are stored."""


def row_of(operation: Operation, process: str) -> tuple[Any, ...]:
    """Convert an operation to the values of ``COLUMNS``."""
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
        number_text(operation.requested),
        number_text(operation.observed),
        None if operation.outcome is None else operation.outcome.value,
        operation.error,
        _asked_text(operation.asked),
        int(operation.begun),
        operation.reference,
        time_text(operation.until),
        operation.route,
        ",".join(operation.takes),
        operation.actor.name,
    )


def operation_of(row: Sequence[Any], now: datetime, heard: datetime | None = None) -> Operation:
    """Convert a row to an operation; without an outcome, its process decides its state.

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
        actor=Actor(row[4], row[5], row[6], row[26]),
        account=row[8],
        provider=row[9],
        number=E164(row[10]),
        action=Action(row[11]),
        reason=row[12],
        undoes=row[13],
        keys=words_of(row[14]),
        before=_number_read(row[15]),
        requested=_number_read(row[16]),
        observed=_number_read(row[17]),
        outcome=outcome,
        error=error,
        asked=_asked_read(row[20]),
        begun=begun,
        exact=_is_exact(row[15]),
        reference=row[22],
        until=time_read(row[23]),
        route=row[24],
        takes=words_of(row[25]),
    )


def words_of(text: str | None) -> tuple[str, ...]:
    """Return the words of a column that holds several."""
    return tuple(filter(None, (text or "").split(",")))


def is_under_way(host: str, process: str, age: timedelta, *, begun: bool = True) -> bool:
    """Tell whether a process may still be at an operation without an outcome, so long ago begun.

    The processes of another host cannot be looked at: there, the time that has passed decides.
    """
    if is_this_host(host):
        return is_running(process)
    return age < (LONGEST_WRITE if begun else LONGEST_SILENCE)


def _state(row: Sequence[Any], age: timedelta, *, begun: bool) -> tuple[Outcome | None, str | None]:
    if row[18] is not None:
        return Outcome(row[18]), row[19]
    alive = is_under_way(row[5], row[7], age, begun=begun)
    if begun:
        return (None, row[19]) if alive else (Outcome.UNKNOWN, ENDED_UNDER_WAY)
    return (Outcome.PLANNED, WAITING) if alive else (Outcome.REFUSED, ENDED_BEFORE)


def number_text(number: OwnedNumber | None) -> str | None:
    """Encode a number for the journal."""
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


ENDING_COLUMNS = (
    "ending.operation, ending.account, ending.number, ending.until, ending.puts_back, "
    "ending.taken_by, ending.conflict, ending.note, ending.claim, ending.claim_host, "
    "ending.claim_process, ending.claimed_at, made.batch, made.action, made.route, made.keys, "
    'made."user", made.host, made.ssh_client, made.outcome, made.begun, taken.outcome, '
    "taken.begun, taken.host, taken.process, taken.started_at, taken.error, made.name"
)
"""What an ``EndRow`` is made of: the end, the operation that made the change, and the latest one
that was to take the place of the end."""


class EndRow(NamedTuple):
    """An end that nobody closed, as it is stored beside its operations."""

    operation: str
    account: str
    number: str
    until: str
    puts_back: str
    taken_by: str | None
    conflict: int
    note: str | None
    claim: str | None
    claim_host: str | None
    claim_process: str | None
    claimed_at: str | None
    batch: str
    action: str
    route: str | None
    keys: str
    user: str
    host: str
    ssh_client: str | None
    outcome: str | None
    begun: int
    taken_outcome: str | None
    taken_begun: int | None
    taken_host: str | None
    taken_process: str | None
    taken_at: str | None
    taken_error: str | None
    name: str | None

    @property
    def had_effect(self) -> bool:
        """Whether the change may have been made."""
        return bool(self.begun) and self.outcome not in _NO_EFFECT

    @property
    def is_done(self) -> bool:
        """Whether another operation has taken its place."""
        return bool(self.taken_begun) and self.taken_outcome in _HAS_EFFECT

    @property
    def _is_undecided(self) -> bool:
        return bool(self.taken_begun) and self.taken_outcome in _UNDECIDED

    def is_held(self, now: datetime, by: str = "") -> bool:
        """Tell whether somebody who is still there is at it; ``by`` is a claim of one's own."""
        if self._is_undecided and self.taken_outcome is None:
            began = time_read(self.taken_at) or now
            if is_under_way(self.taken_host or "", self.taken_process or "", now - began):
                return True
        if self.claim is None or self.claim == by:
            return False
        since = time_read(self.claimed_at) or now
        host, process = self.claim_host or "", self.claim_process or ""
        return is_under_way(host, process, now - since, begun=False)

    def state(self, now: datetime) -> EndState:
        """Return how it stands."""
        if self._is_undecided:
            return EndState.CLAIMED
        if self.conflict or (self.taken_begun and self.taken_outcome == "different"):
            return EndState.CONFLICT
        return EndState.CLAIMED if self.is_held(now) else EndState.WAITING

    def end(self, now: datetime) -> End:
        """Return the end that it stores."""
        until = time_read(self.until)
        assert until is not None
        state = self.state(now)
        return End(
            operation=self.operation,
            batch=self.batch,
            account=self.account,
            number=E164(self.number),
            action=Action(self.action),
            until=until,
            state=state,
            route=self.route,
            keys=words_of(self.keys),
            puts_back=words_of(self.puts_back),
            actor=Actor(self.user, self.host, self.ssh_client, self.name),
            note=self.note or (self.taken_error if state is EndState.CONFLICT else None),
            attempt=self.taken_by if self.taken_begun else None,
        )


_NO_EFFECT = frozenset({"failed", "refused", "unchanged", "planned"})


_HAS_EFFECT = frozenset({"verified", "unchanged"})


_UNDECIDED = frozenset({None, "unknown", "pending"})
