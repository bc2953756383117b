"""The two drivers, each with the stage that suits it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from tests.e2e.endurance.in_process import InProcess, QuickClock
from tests.e2e.endurance.surroundings import Surroundings, stage
from tui_numbers.sandbox.accounts import environment


@contextmanager
def in_process_seat(numbers: int = 60) -> Iterator[tuple[Surroundings, InProcess]]:
    """A stage whose time runs as quickly as the dashboard's own."""
    clock = QuickClock()
    with stage(numbers, clock.now) as made, patch.dict(os.environ, environment()):
        yield made, InProcess(made, clock)


@contextmanager
def terminal_seat(numbers: int = 60) -> Iterator[tuple[Surroundings, Any]]:
    """A stage in real time, and the real program in a terminal."""
    from tests.e2e.endurance.in_terminal import InTerminal

    with stage(numbers) as made:
        seat = InTerminal(made)
        try:
            yield made, seat
        finally:
            seat.kill()
