"""A purchase that leaves an order: kept open, and settled by command line and dashboard."""

import asyncio

import pytest

from tests.support.dashboard import Seat, ready
from tests.support.frames import piloted
from tests.support.served import Served
from tests.support.writes import YES, Scene, make_scene
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.numbers import AvailableNumber, Target
from tui_numbers.domain.operations import Outcome
from tui_numbers.sandbox.accounts import environment
from tui_numbers.sandbox.server import background
from tui_numbers.services.paths import Paths
from tui_numbers.services.planning import Consent, plan_buy, plan_release
from tui_numbers.services.preview import Preview
from tui_numbers.services.session import Session
from tui_numbers.services.settling import settle
from tui_numbers.storage.sqlite_journal import SqliteJournal
from tui_numbers.ui.app import Dashboard
from tui_numbers.wording.plans import plan_lines

WAITS_AND_SUCCEEDS, WAITS_AND_FAILS, FAILS_SOON, AT_ONCE = "00", "99", "98", "01"


def _stock(scene: Scene, ending: str, country: str = "US") -> AvailableNumber:
    offered = scene.sandbox.world.stock.numbers("telnyx", country, "local")
    number = next(number for number in offered if number.endswith(ending))
    return AvailableNumber("eu-care", "telnyx", E164(number), country, "local", ())


async def _buy(scene: Scene, ending: str, target: Target | None = None, **more):
    account, info = scene.account("telnyx"), scene.info("telnyx")
    plan = plan_buy(account, info, _stock(scene, ending, **more), target)
    results = await scene.writer.buy(plan, YES)
    return [scene.journal.get(result.operation) for result in results]


@pytest.fixture
def scene():
    made = make_scene(journal=SqliteJournal(Paths.of_user().journal))
    yield made
    made.journal.close()


def _order(scene: Scene, number: str):
    orders = scene.sandbox.world.telnyx.orders.values()
    return next(order for order in orders if order.number == number)


@pytest.mark.parametrize(
    ("ending", "outcome", "said"),
    [
        (AT_ONCE, Outcome.VERIFIED, None),
        (WAITS_AND_SUCCEEDS, Outcome.PENDING, "accepted, and listed as purchase-pending so far"),
        (WAITS_AND_FAILS, Outcome.PENDING, "accepted, and not listed yet"),
        (FAILS_SOON, Outcome.FAILED, "nothing was bought: order "),
    ],
)
async def test_a_purchase_comes_to_what_its_order_comes_to(scene, ending, outcome, said):
    (operation,) = await _buy(scene, ending)
    assert operation.outcome is outcome
    assert operation.reference == _order(scene, operation.number).id
    assert (operation.error or "").startswith(said or "")
    if outcome is Outcome.PENDING:
        assert f"order {operation.reference} is pending" in operation.error
    assert len(scene.writes) == 1


async def test_a_number_that_its_order_only_lists_is_not_pointed_anywhere_yet(scene):
    target = Target("phone", "+4930231255")
    (waits,) = await _buy(scene, WAITS_AND_SUCCEEDS, target)
    assert waits.outcome is Outcome.PENDING
    assert "retarget it once it is listed" in waits.error
    assert len(scene.writes) == 1
    bought, pointed = await _buy(scene, AT_ONCE, target)
    assert (bought.outcome, pointed.outcome) == (Outcome.VERIFIED, Outcome.VERIFIED)
    assert scene.record("telnyx", bought.number).forward == target.value


@pytest.mark.parametrize("ending", [AT_ONCE, WAITS_AND_SUCCEEDS])
async def test_a_connection_is_named_by_the_order_and_stands_when_the_number_comes(scene, ending):
    connection = next(iter(scene.sandbox.world.telnyx.connections))
    (bought,) = await _buy(scene, ending, Target("connection", connection))
    assert "retarget it" not in (bought.error or "")
    assert scene.record("telnyx", bought.number).connection == connection
    if bought.outcome is Outcome.PENDING:
        assert await settle(scene.workspace, scene.journal, bought) is None
    assert scene.journal.get(bought.id).outcome is Outcome.VERIFIED


async def test_papers_that_are_missing_are_told_until_their_deadline(scene):
    (operation,) = await _buy(scene, "5", country="DE")
    assert operation.outcome is Outcome.PENDING
    assert "papers that the country demands are missing" in operation.error
    assert "cancelled by itself after " in operation.error


@pytest.mark.parametrize(
    ("ending", "outcome", "code"),
    [(WAITS_AND_SUCCEEDS, "verified", 0), (WAITS_AND_FAILS, "failed", 0), ("", "pending", 5)],
)
def test_the_command_line_shows_an_order_open_and_settles_it(scene, ending, outcome, code):
    (bought,) = asyncio.run(_buy(scene, ending, country="US" if ending else "DE"))
    with background(scene.sandbox) as origin:
        served = Served(scene.sandbox, origin, environment()).fresh()
        shown = served.run("history", "--format", "json")
        assert [row["outcome"] for row in shown.json] == ["pending"]
        assert shown.json[0]["reference"] == bought.reference
        assert "1 operation has no certain outcome" in shown.err
        assert (
            "Open: outcome unknown or pending" in served.run("history", "--format", "markdown").out
        )
        settled = served.run("history", "--settle", "--format", "json")
        assert (settled.code, settled.outcomes) == (code, [outcome])
        assert settled.json[0]["reference"] == bought.reference
        if outcome == "pending":
            assert f"stays pending: not listed yet; order {bought.reference}" in settled.err
        held = served.run("show", bought.number, "--account", "eu-care").code == 0
        assert held == (outcome == "verified")


@pytest.mark.parametrize(
    ("ending", "outcome"), [(WAITS_AND_SUCCEEDS, "verified"), (WAITS_AND_FAILS, "failed")]
)
async def test_the_dashboard_shows_an_order_open_and_settles_it(scene, ending, outcome):
    await _buy(scene, ending)
    app = Dashboard(Session.over(scene.writer, Paths.of_user()))
    async with piloted(app, (120, 30)) as pilot:
        seat = Seat(app, pilot, None)
        await ready(seat)
        await seat.press("3")
        await seat.shows("pending", "ann@")
        await seat.press("S")
        await seat.until(lambda: scene.journal.operations()[0].outcome == outcome)
        await seat.shows(outcome)
        await app.writes.finish()


async def test_a_locked_number_is_not_released_and_says_who_keeps_it(scene):
    locked = next(
        row for row in scene.sandbox.world.telnyx.numbers.records.values() if row.deletion_lock
    )
    seen = await scene.find("telnyx", locked.number)
    plan = plan_release(scene.account("telnyx"), scene.info("telnyx"), seen)
    consent = Consent(given=True, released=frozenset({plan.number}))
    result = await scene.writer.apply(plan, consent)
    assert result.outcome is Outcome.REFUSED
    assert "deletion lock is on" in result.error
    assert scene.writes == []


async def test_a_number_is_bought_for_messages_alone(scene):
    """What is checked of its target is what it is bought for."""
    profile = next(iter(scene.sandbox.world.telnyx.profiles))
    account, info = scene.account("telnyx"), scene.info("telnyx")
    target = Target("profile", profile, "Care messages")
    plan = plan_buy(account, info, _stock(scene, AT_ONCE), target)
    plan = await Preview(scene.writer).of(plan)
    assert plan.refusal is None
    assert ("SMS", "profile Care messages") in [
        (line.label, line.text) for line in plan_lines(plan)
    ]
    (bought,) = await scene.writer.buy(plan, YES)
    assert bought.outcome is Outcome.VERIFIED
    assert scene.record("telnyx", plan.number).profile == profile
