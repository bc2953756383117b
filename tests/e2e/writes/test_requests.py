"""How many requests a write takes: each is read afresh, sent once and read back, and no more."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.writes import YES, make_scene, target_for
from tui_numbers.domain.operations import Outcome
from tui_numbers.domain.query import OwnedQuery
from tui_numbers.services.batch import Batch
from tui_numbers.services.planning import plan_retarget


async def _plans(scene, provider, count):
    account, info = scene.account(provider), scene.info(provider)
    client = await scene.workspace.client(account)
    found = []
    async for page in client.owned(OwnedQuery()):
        found += [
            one
            for one in page.items
            if "voice" in (one.capabilities or ("voice",)) and not _is_in_another_region(scene, one)
        ]
    scene.sandbox.requests.clear()
    target = target_for(scene, provider)
    return [plan_retarget(account, info, one, target) for one in found[:count]]


def _is_in_another_region(scene, number):
    return number.provider == "twilio" and number.number in scene.sandbox.world.twilio.regions


async def test_one_retarget_at_vonage_is_a_reading_a_write_and_a_reading(scene):
    (plan,) = await _plans(scene, "vonage", 1)
    (result,) = await Batch(scene.writer, [plan], YES).run()
    assert result.outcome is Outcome.VERIFIED
    assert [one.route for one in scene.sandbox.requests] == ["get", "update", "get"]


async def test_a_record_that_was_read_too_long_ago_is_read_again_before_all_of_it_is_sent(scene):
    (plan,) = await _plans(scene, "vonage", 1)
    client = await scene.workspace.client(plan.account)
    fresh = await client.find(plan.number)
    scene.sandbox.requests.clear()
    await client.update(fresh, plan.change)
    assert [one.route for one in scene.sandbox.requests] == ["update"]
    old = replace(fresh, seen_at=fresh.seen_at - timedelta(seconds=30))
    await client.update(old, plan.change)
    assert [one.route for one in scene.sandbox.requests] == ["update", "get", "update"]


WORLDS = {"vonage": 112, "fonedynamics": 112, "parakeet": 112, "twilio": 1_248, "telnyx": 1_248}
"""Sizes of the world of which each provider has some dozens of numbers."""


@pytest.fixture
async def scene_of():
    made = []

    def make(numbers):
        made.append(make_scene(numbers))
        return made[-1]

    yield make
    for scene in made:
        await scene.workspace.aclose()
        scene.journal.close()


@pytest.mark.parametrize("provider", WORLDS)
async def test_numbers_of_a_short_list_are_read_together_and_written_one_by_one(scene_of, provider):
    scene = scene_of(WORLDS[provider])
    plans = await _plans(scene, provider, 12)
    results = await Batch(scene.writer, plans, YES).run()
    assert {result.outcome for result in results} == {Outcome.VERIFIED}
    counts = Counter(one.route for one in scene.sandbox.requests)
    assert counts["update"] == len(plans) == 12
    # Read singly, each would have been read twice, and at Telnyx by two requests.
    assert counts["list"] + counts["get"] + counts["voice"] < 2 * len(plans)
    # Which region takes its calls is told of one number at a time.
    assert counts["regions"] == (len(plans) if provider == "twilio" else 0)
