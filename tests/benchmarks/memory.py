"""Measure the memory of the dashboard over many numbers, which another process serves.

Run ``python tests/benchmarks/memory.py [--numbers 100000] [--rest 3]``. The dashboard runs
without a screen; what is told is the resident set of its process alone.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from measuring import machine, sandbox

STEPS = (
    "Python",
    "Textual",
    "the dashboard, empty",
    "all numbers listed",
    "filtered",
    "at its peak",
)


def resident(field: str = "VmRSS") -> float:
    """Megabytes of this process that are in memory."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024


async def measure(rest: float) -> dict[str, float]:
    found = {"Python": resident()}
    import textual.app  # noqa: F401

    found["Textual"] = resident()
    from tui_numbers.services.session import open_session
    from tui_numbers.ui.app import Dashboard
    from tui_numbers.ui.owned_store import Progress
    from tui_numbers.ui.views.filter_line import FilterLine
    from tui_numbers.ui.views.owned import OwnedView

    ended = (Progress.DONE, Progress.FAILED)
    app = Dashboard(open_session())
    began = time.perf_counter()
    async with app.run_test(size=(80, 24)) as pilot:
        found["the dashboard, empty"] = resident()
        view = app.main.query_one(OwnedView)
        states = view.store.accounts.values()
        while any(state.progress not in ended for state in states):
            await pilot.pause(0.2)
        for state in states:
            if state.progress is Progress.FAILED:
                sys.exit(f"{state.name} could not be read: {state.error}")
        while view.table.total_count < sum(len(state.rows) for state in states):
            await pilot.pause(0.2)
        found["seconds"] = time.perf_counter() - began
        await asyncio.sleep(rest)
        found["count"] = view.table.total_count
        found["all numbers listed"] = resident()
        view.query_one(FilterLine).input.value = "6170"
        await pilot.pause(0.5)
        found["filtered"] = resident()
        found["at its peak"] = resident("VmHWM")
    await app.session.aclose()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--numbers", type=int, default=100_000)
    parser.add_argument("--rest", type=float, default=3.0, help="seconds to settle in (3)")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(asyncio.run(measure(options.rest))))
        return
    print(machine())
    command = [sys.executable, os.fspath(Path(__file__))]
    with sandbox(options.numbers) as served:
        for start in ("the first start", "the next start, with the snapshot"):
            told = subprocess.run(
                [*command, "--measure", "--rest", str(options.rest)],
                env=served.environment,
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            found = json.loads(told.stdout.splitlines()[-1])
            print(f"{start}: {found['count']:,.0f} numbers after {found['seconds']:.1f} s")
            for step in STEPS:
                print(f"  {step:30}{found[step]:8.0f} MB")


if __name__ == "__main__":
    main()
