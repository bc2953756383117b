"""A long walk by command: ``python -m tests.e2e.endurance --minutes 60 --seed 1``.

Runs in a temporary home; prints what it did, and where something broke the seed and the steps.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path


def main() -> int:
    """Walk until the time or the keys are used up; returns 0 where all held."""
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.endurance", description=__doc__)
    parser.add_argument("--minutes", type=float, default=None, help="how long (60)")
    parser.add_argument("--keys", type=int, default=None, help="how many keys, in place of a time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--driver", choices=["both", "process", "pty"], default="both")
    parser.add_argument("--walk", type=float, default=4.0, help="minutes of one walk (4)")
    given = parser.parse_args()
    minutes = given.minutes if given.minutes or given.keys else 60.0
    from tests.e2e.endurance.walk import Broken, Budget

    begun, turn, broken = time.monotonic(), 0, 0
    drivers = ["process", "pty"] if given.driver == "both" else [given.driver]
    while True:
        left = None if minutes is None else minutes * 60 - (time.monotonic() - begun)
        if (left is not None and left <= 0) or (left is None and turn == len(drivers)):
            break
        driver, seed = drivers[turn % len(drivers)], f"{given.seed}.{turn}"
        turn += 1
        seconds = None if left is None else min(left, given.walk * 60)
        print(f"== {driver}, seed {seed}", flush=True)
        try:
            asyncio.run(walked(driver, seed, Budget(given.keys, seconds)))
        except (Broken, AssertionError, TimeoutError) as error:
            broken += 1
            print(f"BROKEN\n{error}\n", flush=True)
    print(f"{turn} walks in {(time.monotonic() - begun) / 60:.1f} minutes, {broken} broken")
    return 1 if broken else 0


async def walked(driver: str, seed: str, budget: object) -> None:
    """Walk once in a home of its own, and print what was done."""
    from tests.e2e.endurance.walk import Walk

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        at_home(Path(home))
        with seated(driver) as (stage, seat):
            walk = Walk(stage, seat, seed, stalls=True, check_every=100)
            try:
                await walk.run(budget)
            finally:
                print(f"   {seat.pressed} keys, {dict(walk.counts)}", flush=True)
            print(f"   at first {walk.first}, at last {walk.last}", flush=True)


def seated(driver: str):
    """Return the context of a stage and a seat before it."""
    from tests.e2e.endurance.drivers import in_process_seat, terminal_seat

    return in_process_seat() if driver == "process" else terminal_seat()


def at_home(home: Path) -> None:
    """Let the program find nothing of the user's, and leave nothing there."""
    for name in list(os.environ):
        if name.startswith("TUI_NUMBERS_") or name in ("NO_COLOR", "TMUX", "COLUMNS", "LINES"):
            del os.environ[name]
    os.environ.update(HOME=str(home), TERM="xterm-256color", COLORTERM="truecolor")
    for name in ("CONFIG", "STATE", "DATA", "CACHE"):
        os.environ[f"XDG_{name}_HOME"] = str(home / name.lower())


if __name__ == "__main__":
    sys.exit(main())
