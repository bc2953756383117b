"""Rules of a write that no provider's fault comes near: comparing, patience, breaking off."""

import asyncio
import socket
import threading
from dataclasses import replace

import pytest

from tests.support.fake_provider import ACCOUNT, INFO, NUMBER, FakeProvider, owned, phone, session
from tests.support.writes import YES, target_for
from tui_numbers.domain.changes import CLEAR, Change, Set
from tui_numbers.domain.operations import Actor, Outcome
from tui_numbers.domain.records import owned_record
from tui_numbers.services.planning import plan_retarget, plan_set
from tui_numbers.services.verdict import Shows, judge_record

TO = phone("+442079460000")
HERE = Actor("ann", socket.gethostname())
"""Whose operations read as under way while this process lives."""


async def test_a_number_that_is_delivered_elsewhere_is_refused_though_its_settings_agree():
    seen = owned(app="app:a1")
    moved = replace(seen, routing={**seen.routing, "voice": phone("+442079460999")})
    provider = FakeProvider({NUMBER: moved})
    result = await session(provider).apply(plan_retarget(ACCOUNT, INFO, seen, TO), YES)
    assert (result.outcome, provider.sent) == (Outcome.REFUSED, [])
    assert "calls went to app:a1, now to phone:+442079460999" in result.error
    assert result.current == moved


def test_what_cannot_be_emptied_again_is_said_before_it_is_filled():
    plan = plan_set(ACCOUNT, INFO, owned(), Change({"name": Set("x"), "sms": Set("hook:h")}))
    assert plan.warnings == ("name is empty now, and Fake cannot empty it again",)
    assert plan_set(ACCOUNT, INFO, owned(name="y"), Change({"name": Set("x")})).warnings == ()


async def test_what_a_plan_says_is_refused_is_never_sent():
    provider = FakeProvider({NUMBER: owned(name="x")})
    plan = plan_set(ACCOUNT, INFO, owned(name="x"), Change({"name": CLEAR}))
    result = await session(provider).apply(plan, YES)
    assert (result.outcome, provider.sent) == (Outcome.REFUSED, [])
    assert result.error == "name cannot be cleared: there is no way"


@pytest.mark.parametrize("provider", ["parakeet", "fonedynamics", "vonage"])
async def test_patience_ends_after_ten_seconds(scene, provider):
    number = scene.numbers(provider)[2]
    plan = await scene.retarget(provider, number, target_for(scene, provider))
    scene.misbehave(f"{provider}:update:slow-visible:seconds=3600")
    before = scene.clock.ahead
    assert (await scene.writer.apply(plan, YES)).outcome is Outcome.DIFFERENT
    assert scene.clock.ahead - before == pytest.approx(10)


async def test_no_read_back_begins_once_reading_itself_has_used_the_patience(scene):
    plan = await scene.retarget("vonage", scene.numbers("vonage")[2], target_for(scene, "vonage"))
    client = await scene.workspace.client(plan.account)
    find, asked = client.find, []

    async def slow(number, known=None):
        asked.append(number)
        scene.clock.ahead += 6
        return await find(number, known)

    client.find = slow
    scene.misbehave("vonage:update:slow-visible:seconds=3600")
    assert (await scene.writer.apply(plan, YES)).outcome is Outcome.DIFFERENT
    # One before the request, then at once, after 6 and after 12 seconds not any more.
    assert len(asked) == 3


async def test_the_record_keeps_the_names_by_which_targets_were_shown(scene):
    """Vonage's record of a number names no application; who reads the journal later needs it."""
    number = scene.numbers("vonage")[2]
    first, second = (
        replace(target_for(scene, "vonage", which), label=label)
        for which, label in enumerate(("Support IVR", "Night Desk"))
    )
    await scene.writer.apply(await scene.retarget("vonage", number, first), YES)
    found = await scene.find("vonage", number)
    assert not found.routing["voice"].label
    seen = replace(found, routing={**found.routing, "voice": first})
    plan = plan_retarget(scene.account("vonage"), scene.info("vonage"), seen, second)
    await scene.writer.apply(plan, YES)
    (kept, _) = scene.journal.operations()
    assert [one.routing["voice"].label for one in (kept.before, kept.requested, kept.observed)] == [
        "Support IVR",
        "Night Desk",
        "Night Desk",
    ]


@pytest.mark.parametrize("text", ["Sales:", "application:", "flow:"])
async def test_a_text_that_ends_like_a_kind_of_target_is_a_text(scene, text):
    plan = await scene.set("fonedynamics", scene.numbers("fonedynamics")[2], friendly=text)
    result = await scene.writer.apply(plan, YES)
    assert result.outcome is Outcome.VERIFIED
    assert owned_record(result.observed)["settings"]["friendly"] == text
    (kept,) = scene.journal.operations()
    assert [one.settings["friendly"] for one in (kept.requested, kept.observed)] == [text, text]
    assert judge_record(kept, result.observed, scene.info("fonedynamics")).shows is Shows.AS_ASKED


class _Silent(FakeProvider):
    """Takes a write, and never answers."""

    async def update(self, number, change):
        self.reached.set()
        await asyncio.Event().wait()


async def test_a_write_that_is_broken_off_reads_unknown_at_once_and_keeps_nobody_out():
    provider = _Silent({NUMBER: owned()})
    provider.reached = asyncio.Event()
    changes = session(provider)
    changes.actor = HERE
    writing = asyncio.create_task(changes.apply(plan_retarget(ACCOUNT, INFO, owned(), TO), YES))
    await provider.reached.wait()
    (kept,) = changes.journal.operations()
    assert (kept.outcome, kept.before.settings["voice"]) == (None, None)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    (kept,) = changes.journal.operations()
    assert kept.outcome is Outcome.UNKNOWN
    assert changes.journal.mark(ACCOUNT.name, NUMBER) == 1


async def test_a_write_at_which_the_program_fails_reads_unknown_while_it_lives():
    provider = FakeProvider({NUMBER: owned()}, refuse=ZeroDivisionError())
    changes = session(provider)
    changes.actor = HERE
    await changes.apply(plan_retarget(ACCOUNT, INFO, owned(), TO), YES)
    (kept,) = changes.journal.operations()
    assert kept.outcome is Outcome.UNKNOWN
    assert kept.error.startswith("the program failed at this account (ZeroDivisionError)")
    assert kept.error.endswith("the read-back does not show it")


async def test_a_write_that_is_broken_off_before_it_left_reads_failed():
    provider = FakeProvider({NUMBER: owned()})
    changes = session(provider)
    changes.actor = HERE
    loop, begun, going_on = asyncio.get_running_loop(), asyncio.Event(), threading.Event()
    begin = changes.journal.begin

    def slow(*given):
        loop.call_soon_threadsafe(begun.set)
        going_on.wait()
        begin(*given)

    changes.journal.begin = slow
    writing = asyncio.create_task(changes.apply(plan_retarget(ACCOUNT, INFO, owned(), TO), YES))
    await begun.wait()
    writing.cancel()
    going_on.set()
    with pytest.raises(asyncio.CancelledError):
        await writing
    (kept,) = changes.journal.operations()
    assert (kept.outcome, provider.sent) == (Outcome.FAILED, [])
    assert kept.error == "not sent: it was broken off before"
