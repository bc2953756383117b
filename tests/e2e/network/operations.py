"""Every command that asks a provider, and what a fault makes of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.e2e.network.faults import Fault, Kind
from tests.e2e.network.line import TO, UK

HOOK = "https://hooks.example/status"


@dataclass(frozen=True)
class Operation:
    """One column of the table; ``{stock}`` and ``{id}`` are filled in when it is run."""

    name: str
    words: tuple[str, ...]
    writes: bool = False
    listings: int = 1
    """How many listings it asks for, each of which is begun whatever became of the others."""
    prepared: str = ""
    """What was done before: ``done``, a retarget; ``left``, one that was turned away; ``open``,
    one whose outcome is unknown although it was carried out."""


READS = (
    Operation("list", ("list",)),
    Operation("show", ("show", UK)),
    Operation("search", ("search", "--country", "GB", "--limit", "2")),
    Operation("targets", ("targets",), listings=2),
    Operation("accounts check", ("accounts", "check")),
    Operation("doctor", ("doctor",)),
    Operation("history --settle", ("history", "--settle"), prepared="open"),
)
WRITES = (
    Operation("retarget", ("retarget", UK, "--to", TO, "--yes"), writes=True),
    Operation("set", ("set", UK, f"voice_status={HOOK}", "--yes"), writes=True),
    Operation("buy", ("buy", "{stock}", "--account", "uk-sms", "--yes"), writes=True),
    Operation("release", ("release", UK, "--account", "uk-sms", "--confirm", UK), writes=True),
    Operation("undo", ("undo", "{id}", "--yes"), writes=True, prepared="done"),
    Operation("resume", ("resume", "{id}", "--yes"), writes=True, prepared="left"),
)


def pairs(
    operations: Sequence[Operation], faults: Sequence[Fault]
) -> list[tuple[Fault, Operation]]:
    """Return which fault is tried with which operation.

    The first operation meets every fault; each of the others one fault of every kind, read once
    or again, over either line; and each fault one of them, in turn.
    """
    first, *others = operations
    kinds: set[tuple[object, ...]] = set()
    chosen = []
    for index, fault in enumerate(faults):
        kind = (fault.kind, fault.once, fault.tls)
        each = others if kind not in kinds else [others[index % len(others)]]
        kinds.add(kind)
        chosen += [(fault, operation) for operation in (first, *each)]
    return chosen


@dataclass(frozen=True)
class Expected:
    """What a person and a script see."""

    code: int
    outcome: str = ""
    """Of the write; empty where nothing is recorded."""
    made: int = 0
    """How many writes the provider carried out; never more than were asked for."""
    settled: str = ""
    """What ``history --settle`` says of it once the fault is gone."""

    def __str__(self) -> str:
        settled = f", then {self.settled}" if self.settled else ""
        return f"{self.outcome or 'not done'} ({self.code}){settled}"


def of_read(operation: Operation, fault: Fault) -> Expected:
    """The fault is there from the beginning."""
    if operation.name == "history --settle":
        return Expected(5, "unknown", settled="verified")
    return Expected(1)


def of_write_never_begun(operation: Operation, fault: Fault) -> Expected:
    """The fault is there from the beginning: what reads afresh fails, and nothing is sent."""
    return Expected(1)


def of_write_hit(operation: Operation, fault: Fault) -> Expected:
    """The fault hits the write alone, and the read-back is answered."""
    match fault.kind:
        case Kind.NOT_LEFT | Kind.BUSY:
            return Expected(1, "failed")
        case Kind.LOST | Kind.BROKEN:
            return Expected(5, "unknown", settled="failed")
        case _:
            return Expected(0, "verified", made=1)


def of_write_cut_off(operation: Operation, fault: Fault) -> Expected:
    """The fault hits the write and everything behind it, so that nothing can be read back."""
    hit = of_write_hit(operation, fault)
    return hit if hit.code else Expected(5, "unknown", made=1, settled="verified")
