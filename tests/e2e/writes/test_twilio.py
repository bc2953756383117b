"""Twilio by command line and dashboard: every kind of target, regions, services, purchases."""

import pytest

from tests.support.dashboard import Seat, ready
from tests.support.frames import piloted
from tests.support.served import Served
from tests.support.writes import Scene, make_scene
from tests.ui.test_available_view import search
from tui_numbers.sandbox.accounts import environment
from tui_numbers.sandbox.server import background
from tui_numbers.sandbox.twilio import price
from tui_numbers.services.paths import Paths
from tui_numbers.services.session import Session
from tui_numbers.storage.sqlite_journal import SqliteJournal
from tui_numbers.ui.app import Dashboard
from tui_numbers.ui.dialogs.confirm import ConfirmScreen
from tui_numbers.ui.dialogs.picker import PickerScreen
from tui_numbers.ui.views.available import AvailableView

HERE = ("--account", "us-hotline")
HOOK = "webhook:https://hooks.example/new"


@pytest.fixture
def scene():
    made = make_scene(120, SqliteJournal(Paths.of_user().journal))
    yield made
    made.journal.close()


@pytest.fixture
def served(scene):
    with background(scene.sandbox) as origin:
        yield Served(scene.sandbox, origin, environment()).fresh()


def first(scene: Scene) -> str:
    return str(scene.numbers("twilio")[0])


def in_ireland(scene: Scene) -> str:
    return next(iter(scene.sandbox.world.twilio.regions))


def kinds(scene: Scene) -> dict[str, tuple[str, str]]:
    """Return a target of each kind, with the channel it is for."""
    world = scene.sandbox.world.twilio
    both = next(iter(world.applications))
    return {
        "trunk": (f"trunk:{next(iter(world.trunks))}", "voice"),
        "application": (f"application:{list(world.applications)[3]}", "voice"),
        "webhook": (HOOK, "voice"),
        "application of messages": (f"application:{both}", "sms"),
        "webhook of messages": (HOOK, "sms"),
    }


def test_every_kind_of_target_is_set_verified_and_put_back_by_command_line(served, scene):
    number = first(scene)
    before = served.run("show", number, *HERE).json["routing"]
    for target, channel in kinds(scene).values():
        ran = served.run("retarget", number, "--to", target, "--channel", channel, *HERE, "--yes")
        assert (ran.code, ran.outcomes) == (0, ["verified"]), ran.err
        shown = served.run("show", number, *HERE).json["routing"][channel]
        assert f"{shown['kind']}:{shown['value']}" == target
        undone = served.run("undo", ran.json[0]["operation"], "--yes")
        assert (undone.code, undone.outcomes) == (0, ["verified"]), undone.err
        assert served.run("show", number, *HERE).json["routing"] == before


def test_the_wrong_region_and_a_service_are_refused_by_command_line_and_named(served, scene):
    number = in_ireland(scene)
    ran = served.run("retarget", number, "--to", HOOK, *HERE, "--yes")
    assert (ran.code, ran.outcomes) == (6, ["refused"])
    assert "region ie1" in ran.json[0]["error"]
    assert "region ie1" in served.run("set", number, f"voice={HOOK}", *HERE, "--yes").err
    member = str(scene.numbers("twilio")[1])
    ran = served.run("retarget", member, "--to", HOOK, "--channel", "sms", *HERE, "--yes")
    assert (ran.code, ran.outcomes) == (6, ["refused"])
    assert "Messaging Service Order updates" in ran.json[0]["error"]
    shown = served.run("show", member, *HERE)
    assert {one["code"] for one in shown.json["findings"]} >= {"decided_elsewhere"}
    assert not scene.writes
    assert served.run("set", member, "messaging_service=service:x", *HERE, "--yes").code == 2


def test_a_number_is_searched_bought_with_what_it_needs_and_released(served, scene):
    search = served.run("search", "--country", "GB", "--type", "local", "--limit", "1", *HERE)
    (found,) = search.json
    assert found["monthly_cost"] == {"amount": price("GB", "local"), "currency": "USD"}
    assert found["address_requirement"] == "any"
    assert "first 30" in search.err
    number, world = found["number"], scene.sandbox.world.twilio
    bare = served.run("buy", number, *HERE, "--yes")
    assert (bare.code, bare.outcomes) == (1, ["failed"])
    assert "--with address=AD" in bare.json[0]["error"]
    extras = ("--with", f"address={list(world.addresses)[1]}", "--with")
    extras += (f"bundle={next(iter(world.bundles))}",)
    bought = served.run("buy", number, *extras, "--to", HOOK, *HERE, "--yes")
    assert (bought.code, bought.outcomes) == (0, ["verified", "verified"]), bought.err
    assert served.run("show", number, *HERE).json["routing"]["voice"]["value"] == HOOK[8:]
    gone = served.run("release", number, *HERE, "--confirm", number)
    assert (gone.code, gone.outcomes) == (0, ["verified"])
    for wrong in ("colour=red", "address", "address=seven"):
        assert served.run("buy", number, "--with", wrong, *HERE, "--yes").code == 2


async def opened(scene: Scene, seen):
    app = Dashboard(Session.over(scene.writer, Paths.of_user()))
    async with piloted(app, (100, 30)) as pilot:
        seat = Seat(app, pilot, None)
        await ready(seat)
        await seen(seat)
        await app.writes.finish()


async def test_the_dashboard_retargets_puts_back_and_refuses_the_wrong_region(scene):
    async def seen(seat):
        await seat.press("slash", *first(scene)[1:], "enter", "t")
        await seat.dialog(PickerScreen)
        await seat.type("Contact centre")
        await seat.shows("trunk Contact centre")
        await seat.press("enter")
        await seat.dialog(ConfirmScreen)
        await seat.shows("setting voice_application", "-> empty")
        await seat.press("y")
        await seat.shows("verified")
        await seat.press("u")
        await seat.dialog(ConfirmScreen)
        await seat.press("y")
        await seat.shows("verified")
        await seat.press("x", "escape", "slash", *in_ireland(scene)[1:], "enter", "t")
        await seat.dialog(PickerScreen)
        await seat.type(HOOK)
        await seat.press("enter")
        await seat.shows("refused", "region ie1 takes the calls")

    await opened(scene, seen)
    assert len(scene.writes) == 2


async def test_the_dashboard_lists_what_a_purchase_must_name(scene):
    world = scene.sandbox.world

    async def seen(seat):
        await search(seat, "GB", "20")
        available = seat.app.main.query_one(AvailableView)
        await seat.until(lambda: not available._busy and available.table.total_count)
        await seat.press("slash", *"account:us-hotline type:local", "enter", "b")
        await seat.dialog(PickerScreen)
        await seat.shows("where to?")
        await seat.press("enter")
        await seat.shows("Address SID for +44", "Head office", "none")
        await seat.type("London")
        await seat.shows("London office")
        await seat.press("enter")
        await seat.shows("Regulatory bundle SID", "GB local, Northline Support")
        await seat.press("down", "enter")
        await seat.dialog(ConfirmScreen)
        await seat.shows("with address", "with bundle")
        await seat.press("y")
        await seat.shows("verified")

    await opened(scene, seen)
    bought = list(world.twilio.numbers.records.values())[-1]
    assert bought.address == list(world.twilio.addresses)[1]
    assert bought.bundle == next(iter(world.twilio.bundles))


async def test_the_dashboard_shows_a_service_and_does_not_let_it_be_typed(scene):
    number = str(scene.numbers("twilio")[1])

    async def seen(seat):
        await seat.press("slash", *number[1:], "enter", "e")
        await seat.shows("Messages: service", "shown only: a Messaging Service is joined")

    await opened(scene, seen)
