"""Measure a complete listing at Vonage, beside the official package paging the same server.

Run ``python tests/benchmarks/listing.py [--numbers 10000] [--latency 0.05] [--peer PYTHON]``.
``--peer`` is a Python in which the package ``vonage`` is installed; by default this one.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import time

from measuring import Series, Served, heading, machine, sandbox

SHARE = 0.34
"""How much of the sandbox's world is Vonage's."""

_PEER = """
import json, sys, time
try:
    from requests.adapters import HTTPAdapter
    from vonage import Auth, HttpClientOptions, Vonage
    from vonage_numbers import ListOwnedNumbersFilter
except ImportError:
    print("null")
    raise SystemExit
host, key, secret, runs = sys.argv[1:]

class Plain(HTTPAdapter):
    def send(self, request, **options):
        request.url = request.url.replace("https://", "http://", 1)
        return super().send(request, **options)

found = []
for _ in range(int(runs)):
    client = Vonage(Auth(api_key=key, api_secret=secret), HttpClientOptions(rest_host=host))
    client.http_client._session.mount("https://", Plain())
    began, count, index = time.perf_counter(), 0, 1
    while index:
        page, _, index = client.numbers.list_owned_numbers(
            ListOwnedNumbersFilter(size=100, index=index)
        )
        count += len(page)
    found.append([time.perf_counter() - began, count])
print(json.dumps(found))
"""


async def list_once(served: Served) -> tuple[float, float, int]:
    """List everything once; return seconds to the first page and to the end, and the count."""
    from tui_numbers.domain.accounts import Account
    from tui_numbers.domain.query import OwnedQuery
    from tui_numbers.domain.secret import Secret
    from tui_numbers.providers.http import Http
    from tui_numbers.providers.vonage import PLUGIN
    from tui_numbers.sandbox.accounts import ACCOUNTS

    emulated = next(account for account in ACCOUNTS if account.provider == "vonage")
    account = Account("uk-sms", "vonage", emulated.fields, base_url=served.origin + "/vonage")
    http = Http()
    began, first, count = time.perf_counter(), 0.0, 0
    client = PLUGIN.connect(http.api(account, Secret(emulated.secret), PLUGIN.info.pace))
    async for page in client.owned(OwnedQuery()):
        first = first or time.perf_counter() - began
        count += len(page.items)
    took = time.perf_counter() - began
    await http.aclose()
    return first, took, count


def peer(python: str, served: Served, runs: int) -> tuple[Series, int] | None:
    """The same listing by the official package, or None where it is not installed."""
    from tui_numbers.sandbox.accounts import VONAGE_API_KEY, VONAGE_API_SECRET

    host = served.origin.removeprefix("http://") + "/vonage"
    told = subprocess.run(
        [python, "-c", _PEER, host, VONAGE_API_KEY, VONAGE_API_SECRET, str(runs)],
        env=served.environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found = json.loads(told.stdout)
    return None if found is None else (Series([took for took, _ in found]), found[0][1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--numbers", type=int, default=10_000)
    parser.add_argument("--latency", type=float, default=0.05)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--peer", default=sys.executable)
    options = parser.parse_args()
    with sandbox(
        max(18, round(options.numbers / SHARE)), f"vonage:list:latency:seconds={options.latency}"
    ) as served:
        asyncio.run(list_once(served))
        ours = [asyncio.run(list_once(served)) for _ in range(options.runs)]
        theirs = peer(options.peer, served, max(1, options.runs // 2))
    count = ours[0][2]
    whole = Series([took for _, took, _ in ours])
    print(machine())
    print(f"{count:,} numbers of one Vonage account, 100 a page, {options.latency * 1000:.0f} ms")
    print(heading("", "ms"))
    print(Series([first for first, _, _ in ours]).line("first page"))
    print(whole.line("whole listing", theirs and theirs[0]))
    if theirs is None:
        print("the package vonage: not installed")
        return
    if theirs[1] != count:
        print(f"the package vonage told {theirs[1]:,} numbers")
    print(theirs[0].line("the package vonage, page after page"))
    best = min(theirs[0].values) / min(whole.values)
    print(f"quicker by {theirs[0].median / whole.median:.1f}, at best {best:.1f}")


if __name__ == "__main__":
    main()
