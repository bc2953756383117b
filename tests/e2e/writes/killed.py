"""The program, which kills itself at one step of a write: ``python -m tests.e2e.writes.killed``."""

import asyncio
import os
import signal
import sys

from tui_numbers.cli.app import cli
from tui_numbers.providers import transport
from tui_numbers.providers.http import Endpoint
from tui_numbers.storage.sqlite_journal import SqliteJournal

STEPS = (
    "before the intention",
    "after the intention",
    "before the answer",
    "after the answer",
    "before the outcome",
    "after the outcome",
)
WITHOUT_AN_ANSWER = "without an answer"
"""It lives, and the answer to its write never comes in: it says so on standard error."""


def _vanish():
    os.kill(os.getpid(), signal.SIGKILL)


def _arm(step, turn):
    """Let the process vanish at ``step`` of the write whose turn it is, counted from 1."""
    left = [turn]

    def due():
        left[0] -= 1
        return left[0] == 0

    def around(real, *, early):
        def call(*given, **named):
            now = due()
            if early and now:
                _vanish()
            answer = real(*given, **named)
            if now:
                _vanish()
            return answer

        return call

    if step.endswith("intention"):
        SqliteJournal.begin = around(SqliteJournal.begin, early=step.startswith("before"))
    elif step.endswith("outcome"):
        SqliteJournal.finish = around(SqliteJournal.finish, early=step.startswith("before"))
    else:
        _arm_network(step, due)


def _arm_network(step, due):
    send, read_body = Endpoint.send, transport.read_body
    sending = [False]

    async def sent(self, *given, **named):
        sending[0] = True
        reply = await send(self, *given, **named)
        sending[0] = False
        if step == "after the answer" and due():
            _vanish()
        return reply

    async def read(response):
        # The provider has done it, and its answer is on the way.
        if response.request.method != "GET":
            if step == "before the answer" and due():
                _vanish()
            if step == WITHOUT_AN_ANSWER:
                sys.stderr.write(f"{WITHOUT_AN_ANSWER}\n")
                await asyncio.Event().wait()
        return await read_body(response)

    Endpoint.send, transport.read_body = sent, read


if __name__ == "__main__":
    _arm(sys.argv[1], int(sys.argv[2]))
    cli(sys.argv[3:])
