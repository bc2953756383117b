import re

import pytest

from tests.unit.sandbox.conftest import client_of
from tui_numbers.sandbox.app import Sandbox, build_world

NEXT = re.compile(r'<([^>]+)>; rel="next"')


@pytest.mark.slow
async def test_a_hundred_thousand_numbers_are_listed_within_the_limits():
    sandbox = Sandbox(build_world(100_000))
    providers = ("parakeet", "vonage", "fonedynamics", "telnyx", "twilio")
    assert sum(map(sandbox.world.size, providers)) == 100_000
    async with client_of(sandbox, "parakeet") as parakeet:
        answer = await parakeet.get("/numbers?limit=100")
        assert int(answer.headers["x-ratelimit-limit"]) > 42_000 / 50
        pages = 1
        while (found := NEXT.search(answer.headers.get("link", ""))) and pages < 30:
            answer = await parakeet.get(found[1])
            assert len(answer.json()) == 100
            pages += 1
    async with client_of(sandbox, "vonage") as vonage:
        page = (await vonage.get("/account/numbers?size=100&index=340")).json()
    assert (page["count"], len(page["numbers"])) == (34_000, 100)
