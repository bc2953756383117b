"""A listing over real HTTP: how wide it goes, and what it does at a limit nobody announced."""

from datetime import UTC, datetime

import pytest

from tests.support.clock import StoppedClock
from tui_numbers.domain.accounts import Secret
from tui_numbers.domain.query import OwnedQuery
from tui_numbers.providers.http import Api, Http
from tui_numbers.providers.parakeet import PLUGIN as PARAKEET
from tui_numbers.providers.vonage import PLUGIN as VONAGE
from tui_numbers.sandbox.accounts import ACCOUNTS
from tui_numbers.sandbox.app import Sandbox, build_world
from tui_numbers.sandbox.faults import Faults
from tui_numbers.sandbox.http import Limit
from tui_numbers.sandbox.server import background

PLUGINS = {"vonage": VONAGE, "parakeet": PARAKEET}


class Serving:
    """A sandbox on a port whose clock is the client's, and the widths that a listing had."""

    def __init__(self, numbers, limits=None):
        self.clock = StoppedClock()
        self.sandbox = Sandbox(build_world(numbers), Faults(), clock=self.clock.now)
        self.sandbox.limits = limits or {}
        self.sandbox.world.now = lambda: datetime.fromtimestamp(self.clock.time, UTC)
        self.statuses, self.waits = [], []

    async def list(self, provider):
        emulated = next(account for account in ACCOUNTS if account.provider == provider)
        plugin = PLUGINS[provider]
        with background(self.sandbox) as origin:
            http = Http(timing=self.clock.timing, on_waiting=self.waits.append)
            api = Api(http, emulated.at(origin), Secret(emulated.secret), plugin.info.pace)
            observe = api.pacer.observe
            api.pacer.observe = lambda status, headers: (
                self.statuses.append(status),
                observe(status, headers),
            )
            try:
                client = plugin.connect(api)
                return [n async for page in client.owned(OwnedQuery()) for n in page.items], api
            finally:
                await http.aclose()


async def test_a_listing_widens_to_sixteen_and_is_complete():
    serving = Serving(8_000)
    numbers, api = await serving.list("vonage")
    assert len({number.number for number in numbers}) == serving.sandbox.world.size("vonage")
    assert api.pacer.width == 16
    assert serving.statuses.count(429) == 0


async def test_an_announced_limit_is_never_reached():
    serving = Serving(4_000, {"parakeet": Limit(10, 60)})
    numbers, _ = await serving.list("parakeet")
    assert len(numbers) == serving.sandbox.world.size("parakeet")
    assert serving.statuses.count(429) == 0
    assert any("announced" in wait.reason for wait in serving.waits)


@pytest.mark.slow
async def test_a_limit_nobody_announced_is_run_into_once_and_then_kept_to():
    serving = Serving(40_000, {"vonage": Limit(40, 2)})
    numbers, _ = await serving.list("vonage")
    assert len(numbers) == serving.sandbox.world.size("vonage")
    refused = [at for at, status in enumerate(serving.statuses) if status == 429]
    assert refused
    # One burst: what was under way together, and nothing after it.
    assert refused[-1] - refused[0] < 16
