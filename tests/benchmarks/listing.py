"""Measure a complete listing at Vonage, beside the official package paging the same server.

Run ``python tests/benchmarks/listing.py [--numbers 10000] [--latency 0.05] [--peer PYTHON]``.
``--peer`` is a Python in which the package ``vonage`` is installed (extra ``bench``; a virtual
environment with ``pip install 'vonage>=4.4'`` will do); by default this one. Each run has a process
of its own, whose imports are made before its clock starts; the server has another. Afterwards one
account of each provider is listed, side by side and one after another. All takes about 90 s.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from measuring import Series, Served, heading, machine, sandbox

SHARE = 0.34
"""How much of the sandbox's world is Vonage's."""
MOST_PEER_RUNS = 3
MOST_ACCOUNTS_RUNS = 2
"""Cursors are followed one page after another, so these runs are long."""

_PEER = """
import json, resource, sys, time
try:
    from requests.adapters import HTTPAdapter
    from vonage import Auth, HttpClientOptions, Vonage
    from vonage_numbers import ListOwnedNumbersFilter
except ImportError:
    print("null")
    raise SystemExit
host, key, secret = sys.argv[1:]

class Plain(HTTPAdapter):
    def send(self, request, **options):
        request.url = request.url.replace("https://", "http://", 1)
        return super().send(request, **options)

client = Vonage(Auth(api_key=key, api_secret=secret), HttpClientOptions(rest_host=host))
client.http_client._session.mount("https://", Plain())
began, busy, count, index = time.perf_counter(), time.process_time(), 0, 1
while index:
    page, _, index = client.numbers.list_owned_numbers(
        ListOwnedNumbersFilter(size=100, index=index)
    )
    count += len(page)
print(json.dumps({
    "whole": time.perf_counter() - began, "cpu": time.process_time() - busy, "count": count,
}))
"""

Found = dict[str, Any]


def measure(what: str) -> Found:
    """List everything once in this process: seconds, numbers, refusals, pages."""
    from tui_numbers.domain.query import OwnedQuery
    from tui_numbers.providers.pacing import Pacer
    from tui_numbers.services.inventory import OwnedPage, owned
    from tui_numbers.services.session import open_session

    statuses: list[int] = []
    observe = Pacer.observe

    def note(self: Pacer, status: int, headers: Any) -> None:
        statuses.append(status)
        observe(self, status, headers)

    Pacer.observe = note  # type: ignore[method-assign]
    found: Found = {"first": 0.0, "count": 0}

    async def listed() -> None:
        workspace = open_session().workspace
        accounts = [
            account
            for account in workspace.accounts
            if what != "vonage" or account.provider == "vonage"
        ]
        turns = [[account] for account in accounts] if what == "in turn" else [accounts]
        await workspace.http.loaded()
        began, busy = time.perf_counter(), time.process_time()
        for turn in turns:
            async for event in owned(workspace, OwnedQuery(), turn):
                if isinstance(event, OwnedPage):
                    found["first"] = found["first"] or time.perf_counter() - began
                    found["count"] += len(event.numbers)
        found["whole"] = time.perf_counter() - began
        found["cpu"] = time.process_time() - busy
        await workspace.aclose()

    asyncio.run(listed())
    return {**found, "requests": len(statuses), "refused": statuses.count(429)}


def run(served: Served, python: str, *arguments: str) -> Found | None:
    """Run a program that prints what it found as JSON."""
    told = subprocess.run(
        [python, *arguments],
        env=served.environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: Found | None = json.loads(told.stdout.splitlines()[-1])
    return found


def timed(process: Callable[[], Found | None]) -> Found | None:
    """Return what a process found, with the seconds from its start to its end."""
    began = time.perf_counter()
    found = process()
    return found and {**found, "process": time.perf_counter() - began}


def listed(served: Served) -> Found:
    """The command that lists the account as JSON, from its start to its end."""
    words = [sys.executable, "-m", "tui_numbers", "--account", "uk-sms", "list", "--format", "json"]

    def process() -> Found:
        told = subprocess.run(words, env=served.environment, stdout=subprocess.PIPE, check=True)
        return {"count": len(json.loads(told.stdout))}

    found = timed(process)
    assert found is not None
    return found


def tell_processes(commands: list[Found], theirs: list[Found]) -> None:
    """Print how long whole processes take, imports included."""
    print("\nas whole processes, imports included: list --format json, and a script")
    print(heading("", "ms"))
    floor = series(theirs, "process") if theirs else None
    print(series(commands, "process").line("list --format json", floor))
    if floor is not None:
        print(floor.line("a script with the package vonage"))
        print(f"quicker by {floor.median / series(commands, 'process').median:.1f}")


def ours(served: Served, what: str) -> Found:
    """List once in a process of its own."""
    found = run(served, sys.executable, os.fspath(Path(__file__)), "--measure", what)
    assert found is not None
    return found


def peer(python: str, served: Served) -> Found | None:
    """The same listing by the official package, or None where it is not installed."""
    from tui_numbers.sandbox.accounts import VONAGE_API_KEY, VONAGE_API_SECRET

    host = served.origin.removeprefix("http://") + "/vonage"
    return run(served, python, "-c", _PEER, host, VONAGE_API_KEY, VONAGE_API_SECRET)


def series(found: list[Found], key: str) -> Series:
    return Series([each[key] for each in found])


def tell(found: list[Found], theirs: list[Found]) -> None:
    """Print the listing of one account beside the package's."""
    whole = series(found, "whole")
    floor = series(theirs, "whole") if theirs else None
    print(series(found, "first").line("first page on hand"))
    print(whole.line("whole listing", floor))
    print(series(found, "cpu").line("  processor time of it"))
    refused = max(each["refused"] for each in found)
    print(f"  {found[0]['requests']} requests, {refused} of them answered 429")
    if floor is None:
        print("the package vonage: not installed")
        return
    print(floor.line("the package vonage, page after page"))
    print(series(theirs, "cpu").line("  processor time of it"))
    if theirs[0]["count"] != found[0]["count"]:
        print(f"the package vonage told {theirs[0]['count']:,} numbers")
    best = min(floor.values) / min(whole.values)
    print(f"quicker by {floor.median / whole.median:.1f}, at best {best:.1f}")


def tell_accounts(side_by_side: list[Found], in_turn: list[Found]) -> None:
    """Print the listing of one account of each provider."""
    print(f"\n{side_by_side[0]['count']:,} numbers of three accounts, one of each provider")
    print(heading("", "ms"))
    for name, found in (("side by side", side_by_side), ("one after another", in_turn)):
        print(series(found, "first").line(f"{name}: first rows on hand"))
        floor = series(in_turn, "whole") if found is side_by_side else None
        print(series(found, "whole").line(f"{name}: all", floor))
        print(f"  {found[0]['requests']} requests, {found[0]['refused']} of them answered 429")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--numbers", type=int, default=10_000)
    parser.add_argument("--latency", type=float, default=0.05)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument(
        "--peer",
        default=sys.executable,
        metavar="PYTHON",
        help="a Python that has the package vonage (extra bench); by default this one",
    )
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure)))
        return
    busy = f", load {os.getloadavg()[0]:.1f} before" if hasattr(os, "getloadavg") else ""
    print(machine() + busy)
    world = max(18, round(options.numbers / SHARE))
    found, theirs, commands = [], [], []
    with sandbox(world, f"*:list:latency:seconds={options.latency}") as served:
        # By turns, so that what else the machine does meets both.
        for turn in range(options.runs):
            found.append(ours(served, "vonage"))
            commands.append(listed(served))
            told = timed(lambda: peer(options.peer, served)) if turn < MOST_PEER_RUNS else None
            theirs += [told] if told is not None else []
        count, latency = found[0]["count"], options.latency * 1000
        print(f"{count:,} numbers of one Vonage account, 100 a page, {latency:.0f} ms a request")
        print(heading("", "ms"))
        tell(found, theirs)
        tell_processes(commands, theirs)
        runs = range(min(options.runs, MOST_ACCOUNTS_RUNS))
        in_turn = [ours(served, "in turn") for _ in runs]
        tell_accounts([ours(served, "side by side") for _ in runs], in_turn)


if __name__ == "__main__":
    main()
