"""What can go wrong with a network, one name each, and what kind of trouble it is."""

import email.utils
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum

import pytest

from tests.e2e.network.authorities import authorities
from tests.e2e.network.line import Line
from tests.e2e.network.proxy import Act, Harm, Stage


class Kind(Enum):
    """What the program can know of a request that meets the fault."""

    NOT_LEFT = "cannot leave"
    LOST = "left, and the provider never had it"
    DONE = "carried out, and the answer is lost"
    BUSY = "turned away with 429"
    BROKEN = "turned away with 503, or by something that is not the provider"
    BROKEN_DONE = "carried out, and answered with 503"


@dataclass(frozen=True)
class Fault:
    """One row of the table."""

    name: str
    kind: Kind
    says: str
    """What a person reads of it."""
    harm: Harm | None = None
    tls: bool = False
    show: str = ""
    """The certificate that is shown in the place of the right one."""
    status: int = 0
    retry_after: str | None = None
    """Seconds, or what else stands in ``Retry-After``; ``+30`` and ``-60`` are dates."""
    once: bool = False
    """Whether a read gives up without asking again."""

    @contextmanager
    def on(self, line: Line, first: int = 0, times: int | None = None) -> Iterator[None]:
        """Let the requests from ``first`` on meet it, all or so many, while the block runs."""
        if self.name == NO_HOST:
            with _without_names(line, len(line.proxy.passed) + first):
                yield
            return
        line.proxy.harm(self._made(line), first, times)
        try:
            yield
        finally:
            line.proxy.heal()

    def _made(self, line: Line) -> Harm:
        if self.show:
            return Harm(Stage.ACCEPT, Act.CERTIFY, tls=getattr(authorities(), self.show))
        if self.status:
            made = Stage.ANSWER if self.kind is Kind.BROKEN_DONE else Stage.REQUEST
            return Harm(made, Act.SAY, lambda: self._refusal(line.clock.wall()))
        assert self.harm is not None
        return self.harm

    def _refusal(self, now: float) -> bytes:
        lines = [f"HTTP/1.1 {self.status} Trouble", "content-length: 0", "connection: close"]
        if (after := self.retry_after) is not None:
            if after[0] in "+-" and after != "-5":
                after = email.utils.formatdate(now + int(after), usegmt=True)
            lines.append(f"retry-after: {after}")
        return "\r\n".join([*lines, "", ""]).encode()


NO_HOST = "no such host"
_IN_TIME = "did not answer in time"
_BROKEN_OFF = "broke the connection off without an answer"
_STAGES = (
    ("before the request is read", Stage.ACCEPT, Kind.LOST),
    ("after its head", Stage.HEAD, Kind.LOST),
    ("after the request", Stage.REQUEST, Kind.LOST),
    ("before the answer", Stage.ANSWER, Kind.DONE),
    ("in the answer's head", Stage.IN_HEAD, Kind.DONE),
    ("in the answer's body", Stage.IN_BODY, Kind.DONE),
)
_ACTS = (("stall", Act.STALL, _IN_TIME), ("reset", Act.RESET, _BROKEN_OFF),
         ("close", Act.CLOSE, _BROKEN_OFF))  # fmt: skip
_PAGE = b"HTTP/1.1 200 OK\r\ncontent-length: 13\r\nconnection: close\r\n\r\n<html></html>"
_TRUST = "its TLS certificate is not trusted"
_AFTER = (
    (None, "no Retry-After"),
    ("2", "Retry-After in seconds"),
    ("+30", "Retry-After as a date"),
    ("-60", "Retry-After as a date that is over"),
    ("-5", "a negative Retry-After"),
    ("1000000000", "an endless Retry-After"),
    ("soon", "a Retry-After in words"),
    ("120", "a Retry-After beyond patience"),
)


def _all() -> Iterator[Fault]:
    lost = Kind.NOT_LEFT
    yield Fault("connection refused", lost, "connection refused", Harm(Stage.CONNECT, Act.REFUSE))
    yield Fault(NO_HOST, lost, "there is no such host, or DNS does not answer", tls=True)
    for show, words in (
        ("self_signed", "self-signed certificate"),
        ("unknown", "unable to get local issuer certificate"),
        ("expired", "certificate has expired"),
        ("wrong_host", "Hostname mismatch"),
    ):
        name = f"TLS: {show.replace('_', ' ')} certificate"
        yield Fault(name, lost, f"{_TRUST} ({words}", tls=True, show=show)
    for act, words, says in (
        (Act.STALL, b"", "did not take the connection"),
        (Act.RESET, b"", "it broke the connection off"),
        (Act.SAY, b"220 mail.example ready\r\n", "TLS could not be agreed on"),
    ):
        name = {Act.SAY: "TLS: something else answers"}.get(act, f"TLS: {act} in the handshake")
        yield Fault(name, lost, says, Harm(Stage.ACCEPT, act, words), tls=True)
    for act_name, act, says in _ACTS:
        for where, stage, kind in _STAGES:
            yield Fault(f"{act_name} {where}", kind, says, Harm(stage, act))
    yield Fault("half-close after the request", Kind.LOST, _BROKEN_OFF,
                Harm(Stage.REQUEST, Act.HALF_CLOSE))  # fmt: skip
    yield Fault("drip, a byte every 10 s", Kind.DONE, _IN_TIME, Harm(Stage.IN_BODY, Act.DRIP),
                once=True)  # fmt: skip
    yield Fault("no HTTP in answer", Kind.LOST, _BROKEN_OFF,
                Harm(Stage.REQUEST, Act.SAY, b"\x00\x01garbage\r\n\r\n"))  # fmt: skip
    yield Fault("a page of HTML in answer", Kind.BROKEN, "sent HTML",
                Harm(Stage.REQUEST, Act.SAY, _PAGE), once=True)  # fmt: skip
    for status, kind in ((429, Kind.BUSY), (503, Kind.BROKEN)):
        says = "is asked too often" if status == 429 else "failed (HTTP 503)"
        for after, words in _AFTER:
            yield Fault(f"{status}, {words}", kind, says, status=status, retry_after=after,
                        once=after == "120")  # fmt: skip
    yield Fault("503 after it was carried out", Kind.BROKEN_DONE, "failed (HTTP 503)", status=503)


FAULTS = tuple(_all())


@contextmanager
def _without_names(line: Line, first: int) -> Iterator[None]:
    """Let no name be found any more once so many requests have come; no resolver is asked."""
    real = socket.getaddrinfo

    def getaddrinfo(*asked, **named):
        if len(line.proxy.passed) >= first:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real(*asked, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", getaddrinfo)
        yield
