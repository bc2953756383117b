"""Two programs at the same number: neither change is ever lost unseen."""

import asyncio
import json
import socket
from dataclasses import replace
from itertools import pairwise

import pytest

from tests.support.command_line import run
from tests.support.served import journal, start, writes
from tests.support.writes import PROVIDERS, target_for
from tui_numbers.domain.operations import Actor, Outcome
from tui_numbers.services.batch import Batch, CannotResume, batch_of, left_of, prepare_resume
from tui_numbers.services.planning import Consent
from tui_numbers.services.writes import Writer
from tui_numbers.storage.sqlite_journal import SqliteJournal

YES = Consent(given=True)


def test_two_programs_at_once(served):
    ledger = served.sandbox.world.fonedynamics.numbers
    owned = PROVIDERS["fonedynamics"].owned(served.sandbox.world)
    number = next(one for one in owned if ledger.get(one).endpoint)
    targets = ["+442079460801", "+442079460802", "+442079460803"]
    programs = [
        start(served, "tui_numbers", "retarget", number, "--to", to, "--yes") for to in targets
    ]
    rows = []
    for program in programs:
        out, _ = program.communicate(timeout=60)
        (row,) = json.loads(out)
        rows.append(row)
    outcomes = [row["outcome"] for row in rows]
    assert set(outcomes) <= {"verified", "refused"}, rows
    assert "verified" in outcomes
    for row in rows:
        if row["outcome"] == "refused":
            assert "another write" in row["error"] or "changed since" in row["error"]
    done = [one for one in journal().operations() if one.outcome is Outcome.VERIFIED]
    assert len(done) == outcomes.count("verified") == len(writes(served))
    # Each began from what the one before it left, and the last one stands.
    oldest_first = done[::-1]
    for earlier, later in pairwise(oldest_first):
        assert later.before.settings["voice"] == earlier.observed.settings["voice"]
    assert f"phone:{ledger.get(number).endpoint}" == done[0].observed.settings["voice"]
    assert run("history").code == 0


@pytest.fixture
def pair(tmp_path, scene):
    """Two programs over one world and one journal file."""
    path = tmp_path / "journal.db"
    return [
        Writer(scene.workspace, SqliteJournal(path), Actor(who, "host")) for who in ("ann", "bob")
    ]


def _between(owner, name, act):
    """Let ``act`` happen just before ``owner``'s call of that name, once."""
    real = getattr(owner, name)

    async def call(*given):
        setattr(owner, name, real)
        await act()
        return await real(*given)

    setattr(owner, name, call)


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_whoever_reads_too_early_is_refused(scene, pair, provider):
    """Bob's whole write happens between Ann's fresh read and her request."""
    ann, bob = pair
    number = scene.numbers(provider)[1]
    hers = await scene.retarget(provider, number, target_for(scene, provider, 1))
    his = await scene.retarget(provider, number, target_for(scene, provider, 2))
    kept = {}
    client = await scene.workspace.client(hers.account)
    find = client.find

    async def found(number, known=None):
        answer = await find(number, known)
        client.find = find
        kept["his"] = await bob.apply(his, YES)
        return answer

    client.find = found
    result = await ann.apply(hers, YES)
    assert kept["his"].outcome is Outcome.VERIFIED
    assert result.outcome is Outcome.REFUSED
    assert "changed since it was read, by bob" in result.error
    assert len(scene.writes) == 1


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_whoever_comes_while_one_is_under_way_is_refused(scene, pair, provider):
    ann, bob = pair
    number = scene.numbers(provider)[1]
    hers = await scene.retarget(provider, number, target_for(scene, provider, 1))
    his = await scene.retarget(provider, number, target_for(scene, provider, 2))
    client = await scene.workspace.client(hers.account)
    kept = {}

    async def meanwhile():
        kept["his"] = await bob.apply(his, YES)

    _between(client, "update", meanwhile)
    for changes in pair:
        # Only a process of this machine can be known to be still there.
        changes.actor = _here(changes.actor)
    result = await ann.apply(hers, YES)
    assert result.outcome is Outcome.VERIFIED
    assert kept["his"].outcome is Outcome.REFUSED
    assert "another write to this number is under way (ann" in kept["his"].error
    assert len(scene.writes) == 1


def _here(actor):
    return replace(actor, host=socket.gethostname())


async def test_a_purchase_is_not_made_twice(scene, pair):
    ann, bob = pair
    plan = await scene.buy("vonage")
    client = await scene.workspace.client(plan.account)
    kept = {}

    async def meanwhile():
        kept["his"] = await bob.apply(plan, YES)

    for changes in pair:
        changes.actor = _here(changes.actor)
    _between(client, "buy", meanwhile)
    assert (await ann.apply(plan, YES)).outcome is Outcome.VERIFIED
    assert kept["his"].outcome is Outcome.REFUSED
    assert len(scene.writes) == 1


@pytest.mark.parametrize("count", [2, 3, 4])
async def test_a_batch_that_runs_on_another_host_is_neither_resumed_nor_disturbed(scene, count):
    """What host a has recorded and not ended is under way there, whoever reads it on host b."""
    numbers = scene.numbers("vonage")[:count]
    plans = [
        await scene.retarget("vonage", number, target_for(scene, "vonage", 1)) for number in numbers
    ]
    scene.writer.actor = replace(scene.writer.actor, host="host-a")
    batch = Batch(scene.writer, plans, YES)
    client = await scene.workspace.client(plans[0].account)
    real, told, asked, looked = client.update, {}, [], asyncio.Event()

    async def update(number, change):
        if not asked:
            asked.append(number)
            left = left_of(await batch_of(scene.journal, batch.id))
            told["outcomes"] = {one.outcome for one in left}
            told["left"] = len(left)
            for one in left:
                with pytest.raises(CannotResume, match="the process that began it still runs"):
                    await prepare_resume(scene.workspace, one, lambda number: None)
            looked.set()
        await looked.wait()
        await real(number, change)

    client.update = update
    results = await batch.run()
    assert {one.outcome for one in results} == {Outcome.VERIFIED}
    assert told["left"] == count
    assert told["outcomes"] <= {None, Outcome.PLANNED}
    assert len(scene.writes) == count
