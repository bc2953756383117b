"""A clock that stands still, and journals that look older than they are."""

import asyncio
import sqlite3
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from tui_numbers.domain.records import time_text
from tui_numbers.providers.pacing import Timing


@dataclass
class StoppedClock:
    """Time that passes only when something sleeps."""

    time: float = 1_000.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds
        await asyncio.sleep(0)

    @property
    def timing(self) -> Timing:
        return Timing(self.now, self.now, self.sleep)


def age(journal: Path, seconds: float = 3600.0) -> None:
    """Let all operations of a journal have begun so much earlier."""
    connection = sqlite3.connect(journal)
    rows = connection.execute("SELECT id, started_at FROM operation").fetchall()
    with connection:
        for name, started in rows:
            earlier = datetime.fromisoformat(started) - timedelta(seconds=seconds)
            connection.execute(
                "UPDATE operation SET started_at = ? WHERE id = ?", (time_text(earlier), name)
            )
    connection.close()
