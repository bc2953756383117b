"""Measure one batch of retargets at each provider, beside the official package at Vonage.

Run ``python tests/benchmarks/batch.py [--count 40] [--latency 0.2] [--peer PYTHON]``.
``--peer`` is a Python in which the package ``vonage`` is installed (extra ``bench``; a virtual
environment with ``pip install 'vonage>=4.4'`` will do); by default this one. It reads each number
and updates it, one after another, and reads nothing back. Ours is the whole command ``retarget``:
every number is looked up, read afresh, recorded, sent once and read back. Each run has a process of
its own, whose imports are made before its clock starts; the server has another. All takes about
two minutes.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from measuring import Series, Served, heading, machine, sandbox

ACCOUNTS = {
    "vonage": "uk-sms",
    "parakeet": "us-desk",
    "fonedynamics": "au-sales",
    "twilio": "us-hotline",
    "telnyx": "eu-care",
}
SHARES = {"vonage": 20, "parakeet": 20, "fonedynamics": 20, "twilio": 80, "telnyx": 80}
"""How many numbers of the sandbox it takes for one that is changed."""
KINDS = {
    "vonage": "application",
    "parakeet": "team",
    "fonedynamics": "flow",
    "twilio": "application",
    "telnyx": "connection",
}
"""What the numbers of each are pointed at."""
_PEER = """
import json, sys, time
try:
    from requests.adapters import HTTPAdapter
    from vonage import Auth, HttpClientOptions, Vonage
    from vonage_numbers import ListOwnedNumbersFilter, UpdateNumberParams
except ImportError:
    print("null")
    raise SystemExit
host, key, secret, application, *numbers = sys.argv[1:]

class Plain(HTTPAdapter):
    def send(self, request, **options):
        request.url = request.url.replace("https://", "http://", 1)
        return super().send(request, **options)

client = Vonage(Auth(api_key=key, api_secret=secret), HttpClientOptions(rest_host=host))
client.http_client._session.mount("https://", Plain())
began, busy = time.perf_counter(), time.process_time()
for number in numbers:
    (held, *_), _, _ = client.numbers.list_owned_numbers(
        ListOwnedNumbersFilter(pattern=number.lstrip("+"), search_pattern=1)
    )
    client.numbers.update_number(
        UpdateNumberParams(country=held.country, msisdn=held.msisdn, app_id=application)
    )
print(json.dumps({
    "whole": time.perf_counter() - began,
    "cpu": time.process_time() - busy,
    "requests": 2 * len(numbers),
}))
"""

Found = dict[str, Any]


def command(*words: str, whole: bool = True) -> Any:
    """Run a command in this process and return what its JSON says; ``whole`` wants all done."""
    from click.testing import CliRunner

    from tui_numbers.cli.app import cli
    from tui_numbers.cli.global_flags import Flags

    done = CliRunner().invoke(cli, [*words, "--format", "json"], obj=Flags())
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    if whole and done.exit_code:
        sys.exit(f"{' '.join(words[:4])} … ended with {done.exit_code}: {done.stderr[-500:]}")
    return json.loads(done.stdout)


def chosen(account: str, kind: str, count: int) -> tuple[list[str], str]:
    """Return the numbers of an account to change, and a target to which none of them goes."""
    held = [
        one
        for one in command("--account", account, "list", "--status", "active")
        if "voice" in (one["capabilities"] or ["voice"])
    ]
    offered = [
        one
        for one in command("--account", account, "targets")
        if one["kind"] == kind and "voice" in one["channels"]
    ]
    # What takes messages as well is refused for no number.
    most = max(len(one["channels"]) for one in offered)
    targets = [f"{kind}:{one['value']}" for one in offered if len(one["channels"]) == most]
    gone_to = [one["routing"]["voice"] or {} for one in held]
    used = [f"{one.get('kind')}:{one.get('value')}" for one in gone_to]
    target = min(targets, key=used.count)
    numbers = [one["number"] for one, at in zip(held, used, strict=True) if at != target]
    # What is decided elsewhere, or cannot take it, is refused.
    to = ("--to", target, "--channel", "voice", "--dry-run")
    tried = command("--account", account, "retarget", *numbers[: 2 * count], *to, whole=False)
    numbers = [one["number"] for one in tried if one["outcome"] == "planned"]
    if len(numbers) < count:
        sys.exit(f"{account} holds {len(numbers)} numbers to change, not {count}")
    return numbers[:count], target


def measure(account: str, target: str, numbers: list[str]) -> Found:
    """Retarget once in this process: seconds, requests, outcomes."""
    from tui_numbers.providers.pacing import Pacer

    statuses: list[int] = []
    observe = Pacer.observe

    def note(self: Pacer, status: int, headers: Any) -> None:
        statuses.append(status)
        observe(self, status, headers)

    Pacer.observe = note  # type: ignore[method-assign]
    at = ("--account", account, "retarget")
    to = ("--to", target, "--channel", "voice", "--yes")
    # What a first command imports has nothing to do with the batch.
    command(*at, numbers[0], *to, "--dry-run")
    statuses.clear()
    began, busy = time.perf_counter(), time.process_time()
    done = command(*at, *numbers, *to)
    return {
        "whole": time.perf_counter() - began,
        "cpu": time.process_time() - busy,
        "verified": sum(one["outcome"] == "verified" for one in done),
        "requests": len(statuses),
        "refused": statuses.count(429),
    }


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


def itself(served: Served, *arguments: str) -> Any:
    return run(served, sys.executable, os.fspath(Path(__file__)), *arguments)


def peer(python: str, served: Served, target: str, numbers: list[str]) -> Found | None:
    """The same numbers by the official package, or None where it is not installed."""
    from tui_numbers.sandbox.accounts import VONAGE_API_KEY, VONAGE_API_SECRET

    host = served.origin.removeprefix("http://") + "/vonage"
    application = target.partition(":")[2]
    key = (VONAGE_API_KEY, VONAGE_API_SECRET)
    return run(served, python, "-c", _PEER, host, *key, application, *numbers)


def tell(provider: str, found: list[Found], floor: Series | None) -> None:
    """Print the batches of one account."""
    whole = Series([each["whole"] for each in found])
    print(whole.line(f"{provider}: {found[0]['verified']} verified", floor))
    busy = Series([each["cpu"] for each in found])
    refused = max(each["refused"] for each in found)
    print(
        f"  {found[0]['requests']} requests, {refused} of them answered 429; "
        f"{busy.median * 1000:.0f} ms of processor time"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--latency", type=float, default=0.2)
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--numbers", type=int, help="how many the sandbox holds in all")
    parser.add_argument("--providers", default=",".join(ACCOUNTS), metavar="A,B")
    parser.add_argument(
        "--peer",
        default=sys.executable,
        metavar="PYTHON",
        help="a Python that has the package vonage (extra bench); by default this one",
    )
    parser.add_argument("--choose", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--measure", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.choose:
        account, kind, count = options.choose
        print(json.dumps(chosen(account, kind, int(count))))
        return
    if options.measure:
        account, target, *numbers = options.measure
        print(json.dumps(measure(account, target, numbers)))
        return
    busy = f", load {os.getloadavg()[0]:.1f} before" if hasattr(os, "getloadavg") else ""
    print(machine() + busy)
    latency = options.latency
    print(f"{options.count} numbers retargeted in one batch, {latency * 1000:.0f} ms a request")
    print(heading("", "ms"))
    for provider in options.providers.split(","):
        found, theirs = [], []
        world = options.numbers or max(18, options.count * SHARES[provider])
        for _ in range(options.runs):
            with sandbox(world, f"*:*:latency:seconds={latency}") as served:
                account, kind = ACCOUNTS[provider], KINDS[provider]
                numbers, target = itself(served, "--choose", account, kind, str(options.count))
                found.append(itself(served, "--measure", account, target, *numbers))
                if provider == "vonage":
                    told = peer(options.peer, served, target, numbers)
                    theirs += [told] if told is not None else []
        floor = Series([each["whole"] for each in theirs]) if theirs else None
        tell(provider, found, floor)
        if floor is not None:
            print(floor.line("the package vonage: read and update"))
            print(f"  {theirs[0]['requests']} requests")
        elif provider == "vonage":
            print("the package vonage: not installed")


if __name__ == "__main__":
    main()
