"""Signals that come while a command waits."""

import asyncio
import os
import signal
import threading

import pytest

from tui_numbers.cli.errors import Interrupted
from tui_numbers.cli.runtime import Signals


def test_a_signal_is_heard_though_nothing_else_happens():
    signals, heard, told = Signals(), threading.Event(), []

    def interrupt():
        # Here, not where the loop waits: its wait is not cut short, as when a signal comes
        # right before it.
        assert heard.wait(30)
        os.kill(os.getpid(), signal.SIGINT)

    sender = threading.Thread(target=interrupt)

    async def work():
        count = asyncio.Event()
        with signals.held(lambda at: (told.append(at), count.set())):
            loop = asyncio.get_running_loop()
            loop.call_later(20, told.append, "late")
            loop.call_soon(heard.set)
            await count.wait()
        return 0

    sender.start()
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        with pytest.raises(Interrupted):
            signals.run(work)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        sender.join()
    assert told == [1]
