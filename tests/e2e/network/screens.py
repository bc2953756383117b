"""What the dashboard makes of faults, on the way to the number, while writing and afterwards."""

from tests.e2e.network.faults import FAULTS, Kind
from tui_numbers.domain.operations import Outcome

BY_NAME = {fault.name: fault for fault in FAULTS}

LISTED = (
    "connection refused",
    "TLS: expired certificate",
    "TLS: stall in the handshake",
    "stall before the answer",
    "reset after the request",
    "close in the answer's body",
    "drip, a byte every 10 s",
    "a page of HTML in answer",
    "429, no Retry-After",
    "503, an endless Retry-After",
)
SEARCHED = ("connection refused", "stall before the answer", "429, a Retry-After beyond patience")


def words_of(fault):
    """What the line above the verbs says of the account."""
    if fault.kind is Kind.BUSY:
        return "rate limited"
    if fault.kind is Kind.BROKEN:
        return "server fault" if fault.status else "unreadable answer"
    return "unreachable" if fault.kind is Kind.NOT_LEFT else "no answer"


def stalls(fault):
    return "stall" in fault.name or "drip" in fault.name


VERDICTS = {
    "connection refused": ("failed: it was not done", Outcome.FAILED, 0),
    "429, no Retry-After": ("failed: it was not done", Outcome.FAILED, 0),
    "reset before the answer": ("verified: read back", Outcome.VERIFIED, 1),
    "503 after it was carried out": ("verified: read back", Outcome.VERIFIED, 1),
    "reset after the request": ("unknown: it may have been done", Outcome.UNKNOWN, 0),
}
"""Faults that hit the write alone: verdict, outcome in the journal, writes carried out."""

LEFT = {
    "stall after the request": Outcome.FAILED,
    "stall before the answer": Outcome.VERIFIED,
}
"""Stalls from the write on, whose dialog is left: how the unknown is settled once they are over."""
