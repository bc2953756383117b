"""On call in the dashboard: routes, ends, what an open dashboard puts back, and the handover."""

from datetime import timedelta

import pytest

from tests.support.dashboard import NIGHT, OTHER_TEAM, dashboard, many_world, small_world
from tui_numbers.domain import clock
from tui_numbers.domain.changes import Set
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.operations import Outcome
from tui_numbers.domain.routes import Route, RouteLine
from tui_numbers.services.due import Rounds, Runner
from tui_numbers.ui.dialogs.confirm import ConfirmScreen
from tui_numbers.ui.dialogs.dialog import PageScreen
from tui_numbers.ui.flows import on_call

UK, US = E164("+447700906170"), E164("+12673676170")


def route(name="night"):
    return Route(
        name,
        "After hours",
        "Ask Dana before Sundays.",
        (
            RouteLine("us-desk", US, {"target": Set(OTHER_TEAM.text)}),
            RouteLine("uk-sms", UK, {"application": Set(NIGHT.text)}),
        ),
    )


async def opened(seat, *routes):
    """Save routes, open the view, and return its table once it is filled."""
    for one in routes or (route(),):
        seat.app.session.routes.save(one, replacing=True)
    await seat.press("5")
    table = seat.app.main.open_view.table
    await seat.until(lambda: table.total_count)
    return table


async def apply(seat, until=""):
    await seat.press("p")
    await seat.dialog(ConfirmScreen)
    if until:
        await seat.press("f")
        await seat.type(until)
        await seat.press("enter")
    await seat.press("enter")
    await seat.shows("2 of 2 as asked")
    await seat.press("escape")


def standing(table):
    state = table.cursor_row
    return (state.in_force, state.different, state.elsewhere, state.impossible)


async def test_a_route_is_rehearsed_applied_and_put_back_by_keys():
    async with dashboard() as seat:
        table = await opened(seat)
        await seat.shows("night", "not in force: 2 of 2 elsewhere", "p apply", "d rehearse")
        await seat.press("d")
        await seat.shows("night rehearsed: 2 numbers, about")
        assert seat.world.fakes["uk-sms"].sent == []
        await seat.press("p")
        await seat.dialog(ConfirmScreen)
        await seat.shows("Apply night to 2 numbers", "Ask Dana before Sundays.")
        await seat.press("escape")
        await apply(seat)
        await seat.until(lambda: standing(table) == (2, 0, 0, 0))
        await seat.shows("in force since", "2 of 2")
        await seat.press("V")
        await seat.dialog(ConfirmScreen)
        await seat.shows("Put night back: 2 numbers", "-> app Support IVR")
        await seat.press("enter")
        await seat.shows("2 of 2 as asked")
        await seat.press("escape")
        await seat.until(lambda: standing(table) == (0, 0, 2, 0))


async def test_what_somebody_changed_since_is_left_and_named():
    async with dashboard() as seat:
        table = await opened(seat)
        await apply(seat)
        await seat.until(lambda: standing(table) == (2, 0, 0, 0))
        await seat.press("1", "slash", *"2673676170", "enter")
        await seat.pick("user:US00112233445566778899aabbccddeeff")
        await seat.dialog(ConfirmScreen)
        await seat.press("enter")
        await seat.shows("verified")
        await seat.press("escape", "5")
        await seat.until(lambda: standing(table) == (1, 1, 0, 0))
        await seat.press("V")
        await seat.dialog(ConfirmScreen)
        await seat.shows("left as it is", "a later change", "was left team Billing")


async def test_enter_shows_each_number_with_what_is_wrong():
    broken = Route("night", lines=(
        RouteLine("uk-sms", E164("+442079460000"), {"application": Set(NIGHT.text)}),
        *route().lines,
    ))  # fmt: skip
    async with dashboard() as seat:
        await opened(seat, broken)
        await seat.shows("1 cannot be applied")
        await seat.press("enter")
        await seat.dialog(PageScreen)
        await seat.shows("uk-sms does not hold +442079460000 any more", "elsewhere, now")


async def test_without_routes_the_view_says_how_to_make_one():
    async with dashboard() as seat:
        await seat.press("5")
        await seat.shows("no route is saved")
        await seat.press("p")
        await seat.shows("no route is under the cursor")


async def test_a_file_that_is_broken_is_named():
    async with dashboard() as seat:
        seat.app.session.routes.save(route(), replacing=True)
        folder = seat.app.session.paths.config / "routes"
        (folder / "broken.toml").write_text("[[numbers")
        await seat.press("5")
        await seat.shows("route broken is not TOML", "night")


async def test_marked_numbers_are_saved_as_a_route():
    async with dashboard() as seat:
        await seat.press("slash", *"6170", "enter", "a")
        await seat.shows("2 marked")
        await seat.press("colon")
        await seat.type("route bridge")
        await seat.press("enter")
        await seat.shows("2 numbers as they are now are saved")
        await seat.press("5")
        await seat.shows("bridge", "in force, not applied from here: 2 of 2")


async def test_a_temporary_number_is_shown_everywhere_and_kept_with_a_key():
    async with dashboard() as seat:
        await opened(seat)
        await apply(seat, "2h")
        await seat.shows("2 temporary")
        await seat.press("1", "slash", *"is:temporary", "enter")
        await seat.shows("2 of 6", "until")
        await seat.press("enter")
        await seat.shows("Temporary", "route night")
        await seat.press("escape")
        await seat.press("a", "K")
        await seat.shows("2 numbers kept")
        assert seat.world.journal.ends() == []
        await seat.until(lambda: "2 temporary" not in seat.text)


async def test_an_open_dashboard_announces_and_puts_back_what_is_due():
    async with dashboard() as seat:
        await opened(seat)
        await apply(seat, "2h")
        rounds, told = Rounds(Runner(seat.app.session.writer)), set()
        journal = seat.world.journal
        operations = [end.operation for end in journal.ends()]
        journal.move_ends(operations, clock.now() + timedelta(seconds=50))
        await on_call._look_at_ends(seat.app, rounds, told)
        await seat.shows("2 numbers put back", "within a minute; K keeps it")
        await seat.press("down")
        await on_call._look_at_ends(seat.app, rounds, told)
        assert "within a minute" not in seat.text
        journal.move_ends(operations, clock.now())
        await on_call._look_at_ends(seat.app, rounds, told)
        await seat.shows("2 numbers put back as agreed")
        assert journal.ends() == []
        assert [one.outcome for one in seat.operations()[:2]] == [Outcome.VERIFIED] * 2


async def test_what_cannot_be_put_back_is_said_once():
    async with dashboard() as seat:
        await opened(seat)
        await apply(seat, "2h")
        rounds, told = Rounds(Runner(seat.app.session.writer)), set()
        journal = seat.world.journal
        journal.move_ends([end.operation for end in journal.ends()], clock.now())
        for fake in seat.world.fakes.values():
            fake.numbers = []
        await on_call._look_at_ends(seat.app, rounds, told)
        await seat.shows("2 of 2 numbers not put back", "does not hold")
        await seat.press("down")
        await on_call._look_at_ends(seat.app, rounds, told)
        assert "not put back" not in seat.text
        assert {end.state.value for end in journal.ends()} == {"conflict"}


@pytest.mark.parametrize("read_only", [True, False])
async def test_only_a_dashboard_that_may_write_puts_back(read_only):
    world = many_world(3, read_only=read_only)
    async with dashboard(world) as seat:
        assert (Runner(seat.app.session.writer).accounts == []) is read_only


async def test_the_handover_is_a_page_of_markdown():
    async with dashboard(small_world()) as seat:
        await opened(seat)
        await apply(seat, "2h")
        await seat.press("H")
        await seat.dialog(PageScreen)
        await seat.shows("# Changes of phone numbers from the beginning", "## Temporary")
        assert seat.world.journal.last_handover() is not None
