"""Numbers that are read together: a reading ends with whoever asked for it, and with the client."""

import asyncio

import pytest

from tests.support.fake_provider import ACCOUNT, NUMBER, OTHER, FakeProvider, owned, session
from tui_numbers.domain.accounts import Secret
from tui_numbers.services.containment import ContainedClient


class Slow(FakeProvider):
    """Answers a reading of one number when it is let to, and knows which were broken off."""

    def __init__(self):
        super().__init__({one: owned(one) for one in (NUMBER, OTHER)})
        self.begun, self.go = asyncio.Event(), asyncio.Event()
        self.broken_off = []

    async def find_many(self, numbers):
        return {}

    async def find(self, number, known=None):
        self.begun.set()
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.broken_off.append(number)
            raise
        return await super().find(number, known)


@pytest.fixture
async def slow():
    return Slow()


@pytest.fixture
def client(slow):
    return ContainedClient(slow, ACCOUNT.name, Secret("pin"))


async def _left_running():
    return asyncio.all_tasks() - {asyncio.current_task()}


async def test_a_reading_ends_with_whoever_asked_and_others_are_still_answered(slow, client):
    leaves, stays = (asyncio.create_task(client.find(one)) for one in (NUMBER, OTHER))
    await slow.begun.wait()
    leaves.cancel()
    await asyncio.wait([leaves])
    slow.go.set()
    assert (await stays).number == OTHER
    assert (leaves.cancelled(), slow.broken_off, slow.reads) == (True, [NUMBER], 1)
    await client.aclose()
    assert await _left_running() == set()


async def test_who_leaves_before_the_reading_begins_is_not_read_for(slow, client):
    leaves, stays = (asyncio.create_task(client.find(one)) for one in (NUMBER, OTHER))
    await asyncio.sleep(0)
    leaves.cancel()
    slow.go.set()
    assert (await stays).number == OTHER
    assert (slow.broken_off, slow.reads) == ([], 1)


@pytest.mark.parametrize("begun", [True, False])
async def test_a_closed_client_leaves_no_reading_and_nobody_waiting(slow, client, begun):
    waiting = asyncio.create_task(client.find(NUMBER))
    await (slow.begun.wait() if begun else asyncio.sleep(0))
    await client.aclose()
    await asyncio.wait([waiting])
    assert waiting.cancelled()
    assert slow.broken_off == ([NUMBER] if begun else [])
    assert await _left_running() == set()


async def test_a_client_that_was_replaced_reads_on_and_is_closed_with_the_workspace(slow):
    workspace = session(slow).workspace
    old = await workspace.client(ACCOUNT)
    answered = asyncio.create_task(old.find(NUMBER))
    await slow.begun.wait()
    workspace.reopen(ACCOUNT)
    workspace.secrets.hold(ACCOUNT, Secret("pin"))
    assert await workspace.client(ACCOUNT) is not old
    slow.go.set()
    assert (await answered).number == NUMBER
    slow.go.clear()
    left = asyncio.create_task(old.find(OTHER))
    await asyncio.sleep(0)
    await workspace.aclose()
    await asyncio.wait([left])
    assert left.cancelled()
    assert await _left_running() == set()
