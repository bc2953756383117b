"""What a write comes to whose answer cannot be read, through the rules that every write obeys.

What is no answer is the same failure for all (``test_bodies``), and the rules ask no more of it:
each write of each provider meets a third of these answers, carried out or not, so that every
answer meets every write, done and not done, and every provider.
"""

import socket

import pytest

from tests.contract.cases import CASES
from tests.contract.faulty_answers.loopback import Told
from tests.contract.faulty_answers.rig import BY_KEY, genuine, in_turn, plugins, small_world
from tests.contract.faulty_answers.spoiled_bytes import HEAVY, UNREADABLE
from tests.support.writes import Scene, make_workspace, target_for
from tui_numbers.domain.operations import Actor, Outcome
from tui_numbers.sandbox.app import Sandbox
from tui_numbers.services.planning import Consent
from tui_numbers.services.writes import Writer
from tui_numbers.storage.sqlite_journal import SqliteJournal
from tui_numbers.testing.bench import Clock

_BOMBS = {
    name: UNREADABLE[name]
    for name in ("html", "half", "not utf-8", "deep", "br", "gzip twice", "too short", "hung up")
} | {"bomb": HEAVY["bomb"], "crowded": HEAVY["crowded"]}


def redirect(asked, told):
    """Lead to an address that is none."""
    return Told(307, (("location", "http:127.0.0.1:1/numbers"),), b"{}").raw()


SPOILT = _BOMBS | {"redirect": redirect}
ANY = Told(body=b'{"odd": ["of no meaning"]}')


def make_scene(server, spoil, *, carried_out):
    """A session over a server that carries writes out, or not, and answers them with garbage."""
    clock = Clock()
    sandbox = Sandbox(small_world(), clock=clock.now)
    sandbox.limits.clear()

    async def answer(asked):
        if asked.method == "GET":
            return (await genuine(sandbox, asked)).raw()
        told = await genuine(sandbox, asked) if carried_out else ANY
        return spoil(asked, told if told.body else ANY)

    server.answer = answer
    server.asked.clear()
    workspace = make_workspace(None, clock.timing, server.origin)
    writer = Writer(workspace, SqliteJournal(None), Actor("ann", socket.gethostname()))
    return Scene(sandbox, workspace, writer, clock)


def _ordinary(scene, provider):
    return BY_KEY[provider].ordinary(scene.sandbox.world)


async def _retarget(scene, provider):
    return await scene.retarget(provider, _ordinary(scene, provider), target_for(scene, provider))


async def _release(scene, provider):
    return await scene.release(provider, _ordinary(scene, provider))


WRITES = {
    "retarget": _retarget,
    "buy": lambda scene, provider: scene.buy(provider),
    "release": _release,
}
OFFERED = [
    (case.key, write)
    for case in CASES
    for write in WRITES
    if write != "release" or plugins()[case.key].info.release.offered
]


@pytest.mark.parametrize("carried_out", [True, False], ids=["carried out", "not carried out"])
@pytest.mark.parametrize(("provider", "write"), OFFERED)
async def test_an_answer_that_cannot_be_read_proves_nothing(server, provider, write, carried_out):
    operation = "update" if write == "retarget" else write
    answers = list(SPOILT.items())
    if not carried_out:
        answers = answers[1:] + answers[:1]
    for name, spoil in in_turn(answers, provider, operation):
        scene = make_scene(server, spoil, carried_out=carried_out)
        try:
            plan = await WRITES[write](scene, provider)
            consent = Consent(given=True, released=frozenset({plan.number}))
            result = await scene.writer.apply(plan, consent)
            sent = [asked for asked in server.asked if asked.method != "GET"]
            assert len(sent) == 1, name
            expected = Outcome.VERIFIED if carried_out else Outcome.UNKNOWN
            assert result.outcome is expected, (name, result.error)
        finally:
            await scene.workspace.aclose()
            scene.journal.close()
