"""200 numbers at once while the providers misbehave: every row is true, and nothing is lost."""

import asyncio
from collections import Counter

import pytest

from tests.support.crashes import Crash, forget_process
from tests.support.writes import YES, make_scene, target_for
from tui_numbers.domain.numbers import Target
from tui_numbers.domain.operations import LONGEST_WRITE, Outcome
from tui_numbers.services.batch import (
    Batch,
    batch_of,
    left_of,
    prepare_resume,
    settle_open,
    unsent_of,
)
from tui_numbers.services.undo import prepare_undo, undoable_of
from tui_numbers.storage.sqlite_journal import SqliteJournal

TO = Target("phone", "+442079460900")
KINDS = (
    "reset-before", "reset-after", "429", "not-applied", "500", "500:made=1",
    "error-inside-200", "truncated",
)  # fmt: skip
"""What happens to some of the writes; not that one shows late, since all share one clock here, and
the wait of one write would end the patience of the others."""


def _misbehave(scene):
    for kind in KINDS:
        joint = "," if ":" in kind else ":"
        scene.misbehave(f"*:update:{kind}{joint}rate=0.012")
    scene.misbehave("*:get:429:rate=0.02;*:get:reset-before:rate=0.01")


def _settings(scene, number):
    """Everything of a number that its provider shows, as the sandbox keeps it."""
    for provider in ("vonage", "fonedynamics"):
        record = scene.record(provider, number)
        if record is not None:
            return (
                getattr(record, "app_id", None),
                getattr(record, "mo_http_url", None),
                getattr(record, "voice_status_callback", None),
                getattr(record, "voice_value", None),
                getattr(record, "endpoint", None),
                getattr(record, "friendly", None),
            )
    raise AssertionError(number)


def _points(scene, number):
    """Whether the sandbox delivers the number's calls there."""
    return TO.value in (_settings(scene, number)[4], "+" + (_settings(scene, number)[3] or ""))


def _chosen(scene, count):
    """Numbers whose calls can be sent to a phone and back again."""
    vonage = scene.sandbox.world.vonage.numbers.records.values()
    fone = scene.sandbox.world.fonedynamics.numbers.records.values()
    ours = set(scene.numbers("fonedynamics"))
    numbers = [("vonage", one.number) for one in vonage if "VOICE" in one.features]
    numbers += [("fonedynamics", one.number) for one in fone if one.endpoint and one.number in ours]
    assert len(numbers) >= count
    return sorted(numbers)[:count]


async def _plans(scene, numbers):
    plans = await asyncio.gather(
        *(scene.retarget(provider, number, TO) for provider, number in numbers)
    )
    return [
        plan for plan in plans if plan.refusal is None and plan.is_needed and _is_restorable(plan)
    ]


def _is_restorable(plan):
    """Tell whether each value that stands now is one that can be written."""
    stored = (plan.before.settings.get(key) for key in plan.change.edits)
    return not any(value and value.startswith("vxml:") for value in stored)


async def _resume(scene, batch, several=True):
    await settle_open(scene.workspace, scene.journal, left_of(await batch_of(scene.journal, batch)))
    left = left_of(await batch_of(scene.journal, batch))
    plans = [await prepare_resume(scene.workspace, one, lambda number: None) for one in left]
    run = Batch(scene.writer, plans, YES, "INC-7", several)
    run.id = batch
    return await run.run()


async def _undo(scene, batch):
    groups = undoable_of(await batch_of(scene.journal, batch))
    plans = [await prepare_undo(scene.workspace, *group) for group in groups]
    return await Batch(scene.writer, plans, YES, "INC-7", True).run()


def _is_true(scene, result, before):
    number, now = result.plan.number, _settings(scene, result.plan.number)
    match result.outcome:
        case Outcome.VERIFIED:
            return _points(scene, number)
        case Outcome.FAILED | Outcome.REFUSED:
            return now == before[number]
        case Outcome.DIFFERENT:
            return not _points(scene, number)
        case outcome:
            return outcome is Outcome.UNKNOWN


@pytest.fixture
async def big():
    made = make_scene(560)
    yield made
    await made.workspace.aclose()


async def test_each_row_is_true_resume_finishes_and_undo_puts_all_back(big):
    plans = await _plans(big, _chosen(big, 215))
    plans = plans[:200]
    assert len(plans) == 200
    before = {plan.number: _settings(big, plan.number) for plan in plans}
    _misbehave(big)
    batch = Batch(big.writer, plans, YES, "INC-7")
    results = await batch.run()
    big.behave()
    assert [result.plan.number for result in results] == [plan.number for plan in plans]
    assert [result for result in results if not _is_true(big, result, before)] == []
    told = Counter(result.outcome for result in results)
    assert told[Outcome.VERIFIED] > 150
    assert sum(count for outcome, count in told.items() if outcome is not Outcome.VERIFIED) >= 5
    assert len(big.writes) <= 200
    for result in results:
        kept = big.journal.get(result.operation)
        assert kept.outcome is result.outcome

    # What is unknown is settled once its request cannot arrive any more.
    big.clock.ahead += LONGEST_WRITE.total_seconds()
    resumed = await _resume(big, batch.id)
    assert {result.outcome for result in resumed} == {Outcome.VERIFIED}
    assert all(_points(big, plan.number) for plan in plans)
    assert left_of(await batch_of(big.journal, batch.id)) == []

    back = await _undo(big, batch.id)
    assert len(back) == 200
    assert {result.outcome for result in back} == {Outcome.VERIFIED}
    for plan in plans:
        found = await big.find(plan.info.key, plan.number)
        assert found.settings == plan.before.settings


async def test_what_a_crash_left_is_resumed(tmp_path):
    scene = make_scene(160, SqliteJournal(tmp_path / "journal.db"))
    chosen = [one for one in _chosen(scene, 56) if one[0] == "vonage"]
    # A link to an application of the old kind comes back as one of the new.
    chosen = [one for one in chosen if scene.record(*one).voice_type != "app"]
    # More than are under way at once.
    assert len(chosen) > 20
    plans = await _plans(scene, chosen)
    before = {plan.number: _settings(scene, plan.number) for plan in plans}
    client = await scene.workspace.client("uk-sms")
    real, calls = client.update, []

    async def vanish(number, change):
        calls.append(number)
        await real(number, change)
        if len(calls) == 3:
            raise Crash

    client.update = vanish
    batch = Batch(scene.writer, plans, YES, "INC-7")
    with pytest.raises(Crash):
        await batch.run()
    client.update = real
    # What runs in a thread is let finish: no program ends between its begin and its commit.
    others = [one for one in asyncio.all_tasks() if one.get_coro().__name__ == "one"]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    forget_process(scene.journal)
    recorded = await batch_of(scene.journal, batch.id)
    assert {one.number for one in recorded} == set(before)
    assert unsent_of(recorded)
    changed = {number for number in before if _settings(scene, number) != before[number]}
    done = {one.number for one in recorded if one.outcome in (Outcome.VERIFIED, Outcome.UNKNOWN)}
    assert changed <= done
    await _resume(scene, batch.id)
    assert all(_points(scene, number) for number in before)
    assert {one.outcome for one in await _undo(scene, batch.id)} == {Outcome.VERIFIED}
    assert {number: _settings(scene, number) for number in before} == before
    await scene.workspace.aclose()


async def test_what_was_changed_meanwhile_is_not_resumed(scene):
    numbers = _chosen(scene, 3)
    plans = await _plans(scene, numbers)
    batch = Batch(scene.writer, plans, YES)
    scene.misbehave("*:update:429")
    assert {one.outcome for one in await batch.run()} == {Outcome.FAILED}
    scene.behave()
    provider, number = numbers[0]
    other = await scene.retarget(provider, number, target_for(scene, provider, 7))
    assert (await scene.writer.apply(other, YES)).outcome is Outcome.VERIFIED
    results = {one.plan.number: one for one in await _resume(scene, batch.id)}
    refused = results.pop(number)
    assert refused.outcome is Outcome.REFUSED
    assert "changed since it was shown" in refused.error
    assert {one.outcome for one in results.values()} == {Outcome.VERIFIED}


async def test_no_more_than_sixteen_writes_of_an_account_are_under_way(big):
    client = await big.workspace.client("uk-sms")
    real, running, most, full = client.update, Counter(), Counter(), asyncio.Event()

    async def update(number, change):
        running["now"] += 1
        most["now"] = max(most["now"], running["now"])
        if running["now"] == 16:
            full.set()
        # The first ones wait for each other; nothing is measured by the patience.
        async with asyncio.timeout(30):
            await full.wait()
        try:
            await real(number, change)
        finally:
            running["now"] -= 1

    client.update = update
    numbers = [one for one in _chosen(big, 200) if one[0] == "vonage"][:24]
    results = await Batch(big.writer, await _plans(big, numbers), YES).run()
    assert {result.outcome for result in results} == {Outcome.VERIFIED}
    assert most["now"] == 16
