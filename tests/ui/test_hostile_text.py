"""Text that means harm, in every place where the dashboard shows what a provider sent."""

import pytest

from tests.support.dashboard import (
    HOSTILE,
    IVR,
    Fake,
    account,
    dashboard,
    fone,
    small_world,
    stock,
    vonage,
)
from tests.ui.test_flows import search
from tui_numbers.domain.numbers import Target
from tui_numbers.providers.errors import CredentialsRejected, Rejected
from tui_numbers.ui.detail_pane import DetailScreen
from tui_numbers.ui.dialogs.confirm import ConfirmScreen
from tui_numbers.ui.dialogs.dialog import PageScreen
from tui_numbers.ui.dialogs.picker import PickerScreen
from tui_numbers.ui.views.history import HistoryView

EVIL = Target("application", "33333333-1111-4222-8333-444444444444", HOSTILE)
SIZES = ((80, 24), (120, 40), (60, 20))


def hostile_world():
    """Everything that a provider can put into words is hostile."""
    world = small_world()
    fake: Fake = world.fakes["uk-sms"]
    fake.options = [IVR, EVIL]
    fake.numbers = [
        vonage(
            "+447700906170",
            name=HOSTILE,
            city=HOSTILE,
            region=HOSTILE,
            status=HOSTILE,
            type=HOSTILE,
            capabilities=(HOSTILE, "voice"),
            settings={"application": EVIL.text, "voice_status": HOSTILE},
        )
    ]
    fake.stock = [stock("+442079462020", type=HOSTILE, city=HOSTILE, region=HOSTILE,
                        address_requirement=HOSTILE, capabilities=(HOSTILE,))]  # fmt: skip
    world.fakes["au-sales"].numbers = [fone("+61491570110", name=HOSTILE)]
    world.fakes["us-desk"].fails = CredentialsRejected(HOSTILE, account="us-desk")
    return world


def clean(seat) -> None:
    """No escape, control or bidi character reaches the screen, and no line is too wide."""
    width = seat.app.size.width
    for strip in seat.app.screen._compositor.render_strips():
        assert strip.cell_length == width
        for character in strip.text:
            assert character.isprintable(), repr(character)
            assert character not in "\u202e\u2069\u200f"


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_tables_details_and_record(size):
    async with dashboard(hostile_world(), size=size) as seat:
        clean(seat)
        for key in ("j", "enter", "v", "v", "escape", "1", "3", "1", "at"):
            await seat.press(key)
            clean(seat)
        await seat.dialog(PageScreen)
        clean(seat)


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_picker_confirmation_verdict_and_history(size):
    world = hostile_world()
    world.fakes["uk-sms"].refuses["+447700906170"] = Rejected(HOSTILE, account="uk-sms")
    async with dashboard(world, size=size) as seat:
        await seat.press("slash", *"906170", "enter", "t")
        await seat.dialog(PickerScreen)
        clean(seat)
        await seat.type("ivr")
        await seat.press("enter")
        await seat.dialog(ConfirmScreen)
        clean(seat)
        await seat.shows("[/][b]x[/b]")
        await seat.press("y")
        await seat.shows("failed: it was not done")
        clean(seat)
        await seat.press("space")
        await seat.home()
        await seat.press("3")
        await seat.until(lambda: seat.app.main.query_one(HistoryView).table.total_count)
        await seat.press("enter")
        await seat.dialog(PageScreen)
        clean(seat)


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_form_and_its_picker(size):
    async with dashboard(hostile_world(), size=size) as seat:
        await seat.press("slash", *"906170", "enter", "e")
        await seat.until(lambda: getattr(seat.app.screen, "shown", False))
        clean(seat)
        for _ in range(6):
            await seat.press("tab")
            clean(seat)
        await seat.press("shift+tab", "ctrl+t")
        await seat.pilot.pause()
        clean(seat)


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_stock_its_detail_and_the_purchase(size):
    async with dashboard(hostile_world(), size=size) as seat:
        await search(seat, "GB")
        await seat.until(lambda: seat.app.main.open_view.table.total_count >= 1)
        clean(seat)
        await seat.press("slash", "escape", "G", "b")
        await seat.dialog(PickerScreen)
        await seat.press("enter")
        await seat.dialog(ConfirmScreen)
        clean(seat)
        await seat.press("escape")
        await seat.home()
        await seat.press("enter")
        if size[0] < 100:
            await seat.until(lambda: isinstance(seat.app.screen, DetailScreen))
        clean(seat)


async def test_the_status_line_and_the_commands():
    async with dashboard(hostile_world()) as seat:
        seat.app.say(HOSTILE)
        await seat.pilot.pause()
        clean(seat)
        assert "@: all" in seat.status
        await seat.press("colon")
        await seat.dialog(PickerScreen)
        await seat.type("906170")
        clean(seat)


async def test_an_account_of_any_name_in_the_title():
    accounts = (account("a" * 200, "vonage"),)
    world = small_world(accounts=accounts)
    world.fakes["a" * 200] = Fake("vonage", [vonage("+447700906170", account="a" * 200)])
    async with dashboard(world, size=(60, 20)) as seat:
        clean(seat)
