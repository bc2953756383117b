"""The view of targets: how many numbers point where, which they are, and all sent elsewhere."""

from tests.support.dashboard import NIGHT, OTHER_TEAM, dashboard, many_world, small_world, vonage
from tui_numbers.providers.errors import CredentialsRejected
from tui_numbers.services.inventory import Standing
from tui_numbers.ui.dialogs.confirm import ConfirmScreen
from tui_numbers.ui.dialogs.picker import PickerScreen

GONE = "application:33333333-1111-4222-8333-444444444444"


async def opened(seat):
    """Open the view, and return its table once it is filled."""
    await seat.press("4")
    table = seat.app.main.open_view.table
    await seat.until(lambda: table.total_count)
    await seat.until(lambda: len(seat.owned.store.listed_targets()) == len(seat.world.fakes))
    await seat.pilot.pause()
    return table


def rows(table):
    return {
        (row.account, row.target.text if row.target else None): row
        for row in table.model.every_row()
    }


async def test_every_target_of_every_account_stands_there_with_its_calls_and_messages():
    async with dashboard() as seat:
        table = await opened(seat)
        await seat.until(lambda: ("uk-sms", NIGHT.text) in rows(table))
        found = rows(table)
        assert (found["uk-sms", NIGHT.text].numbers, found["us-desk", OTHER_TEAM.text].numbers) == (
            0, 0,
        )  # fmt: skip
        phone = found["au-sales", "phone:+61491570006"]
        assert (phone.voice, phone.sms, phone.standing) == (1, 0, Standing.TYPED)
        await seat.shows("app Support IVR", "Calls", "SMS")


async def test_what_points_nowhere_and_what_is_gone_stand_among_them():
    world = small_world()
    world.fakes["uk-sms"].numbers[1] = vonage("+447700900001", settings={"application": GONE})
    world.fakes["uk-sms"].numbers[2] = vonage("+442079460123", settings={"application": None})
    async with dashboard(world) as seat:
        table = await opened(seat)
        await seat.until(lambda: rows(table)["uk-sms", GONE].standing is Standing.GONE)
        assert rows(table)["uk-sms", None].numbers == 1
        assert table.model.row_at(0).standing is Standing.GONE
        await seat.shows("nowhere", "gone", "1 gone")


async def test_enter_shows_the_numbers_in_owned():
    async with dashboard() as seat:
        await opened(seat)
        await seat.press("slash", *"ivr", "enter", "enter")
        await seat.until(lambda: seat.app.main.view == "owned")
        shown = seat.owned.table.model.shown_rows()
        assert [row.account for row in shown] == ["uk-sms"] * 3
        await seat.press("minus")
        assert seat.app.main.view == "targets"


async def test_enter_on_nowhere_shows_what_points_nowhere():
    world = many_world(3)
    world.fakes["uk-sms"].numbers[1] = vonage("+447700901001", settings={"application": None})
    async with dashboard(world) as seat:
        await opened(seat)
        await seat.press("slash", *"nowhere", "enter", "enter")
        await seat.until(lambda: seat.app.main.view == "owned")
        assert [row.number for row in seat.owned.table.model.shown_rows()] == ["+447700901001"]


async def test_which_numbers_go_there_and_all_of_them_elsewhere_takes_eight_keys():
    async with dashboard(many_world(4)) as seat:
        table = await opened(seat)
        await seat.until(lambda: table.total_count == 2)
        await seat.press("slash", "i", "v", "enter", "t")
        await seat.dialog(PickerScreen)
        await seat.press("n", "enter")
        await seat.dialog(ConfirmScreen)
        await seat.shows("Retarget 4 numbers")
        await seat.press("y")
        await seat.until(lambda: len(seat.world.fakes["uk-sms"].sent) == 4)
        await seat.until(lambda: not seat.app.writes.under_way)
        await seat.press("escape")
        await seat.home()
        batches = {one.batch for one in seat.operations()}
        assert len(batches) == 1
        await seat.press("escape", "escape")
        await seat.until(lambda: rows(table)["uk-sms", NIGHT.text].voice == 4)


async def test_a_target_that_no_calls_go_to_says_so():
    async with dashboard(many_world(2)) as seat:
        table = await opened(seat)
        await seat.until(lambda: table.total_count == 2)
        await seat.press("slash", *"night", "enter", "t")
        await seat.until(lambda: "the calls of no number go there" in seat.status)


async def test_an_account_that_fails_and_one_that_cannot_list_targets_are_named():
    world = small_world()
    world.fakes["us-desk"].fails = CredentialsRejected("no", account="us-desk")

    async def untold(number=None):
        raise CredentialsRejected("no", account="uk-sms")
        yield

    world.fakes["uk-sms"].targets = untold
    async with dashboard(world, (120, 30)) as seat:
        await seat.press("4")
        table = seat.app.main.open_view.table
        await seat.until(lambda: table.total_count)
        await seat.shows("us-desk: ", "uk-sms: no list of targets")
        # Of what was not listed nobody knows whether it is there.
        ivr = rows(table)["uk-sms", "application:11111111-1111-4222-8333-444444444444"]
        assert ivr.standing is Standing.TYPED
        await seat.press("r")
        await seat.until(lambda: world.fakes["uk-sms"].listings == 2)


async def test_without_any_account_it_says_so():
    async with dashboard(small_world(accounts=())) as seat:
        await seat.press("escape")
        await seat.home()
        await seat.press("4")
        await seat.shows("no account is configured")
