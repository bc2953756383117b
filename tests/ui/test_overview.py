"""The overview: counts that add up, costs where told, what is wrong, and Enter to the numbers."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from tests.support.dashboard import (
    IVR,
    TEAM,
    dashboard,
    fone,
    many_world,
    parakeet,
    small_world,
    vonage,
)
from tests.support.operations import operation
from tui_numbers.domain import clock
from tui_numbers.domain.filtering import compile_filter
from tui_numbers.domain.numbers import Channel, Money
from tui_numbers.domain.operations import Outcome
from tui_numbers.providers.errors import CredentialsRejected
from tui_numbers.services.findings import Findings
from tui_numbers.ui.dialogs.picker import PickerScreen
from tui_numbers.ui.views.overview import filter_of, overview_lines
from tui_numbers.wording.search_text import OwnedText
from tui_numbers.wording.summary import (
    BY,
    bar,
    cost_words,
    share_words,
    summarise,
    total_of,
)

NUMBERS = [
    parakeet("+12673676170"),
    replace(parakeet("+12125550100"), type=None, country=None),
    vonage("+447700906170", capabilities=("sms",)),
    replace(vonage("+447700900001"), monthly_cost=Money(Decimal("1.25"), "EUR")),
    replace(vonage("+442079460123"), monthly_cost=Money(Decimal("2.00"), "USD")),
    vonage("+447700900002", settings={"application": None}),
    fone("+61491570110", status="pending"),
]


def lines(numbers=NUMBERS, found=None, operations=(), read=""):
    return list(overview_lines(numbers, found, operations, read))


async def opened(seat):
    await seat.press("0")
    table = seat.app.main.open_view.table
    await seat.until(lambda: table.total_count)
    return table


async def go_to(seat, label):
    """Put the cursor on the line of that label."""
    table = seat.app.main.open_view.table
    rows = table.model.every_row()
    (row,) = [one for one in rows if one.label.strip() == label]
    assert table.move_to_key((row.section, row.label))
    await seat.pilot.pause()


def test_every_way_of_counting_counts_every_number_once():
    for by in BY:
        groups = summarise(NUMBERS, by)
        assert sum(group.numbers for group in groups) == len(NUMBERS)
        assert total_of(groups).cost_unknown == 5


def test_the_filter_of_a_group_finds_its_numbers_and_no_others():
    text = OwnedText({})
    for by in BY:
        for group in summarise(NUMBERS, by):
            asked = filter_of(group)
            if asked is None:
                assert group.key is None
                continue
            wanted = compile_filter(asked)
            found = [number for number in NUMBERS if wanted.matches(text(number))]
            assert len(found) == group.numbers, asked


def test_costs_are_summed_by_currency_and_never_made_up():
    (uk,) = [one for one in summarise(NUMBERS, "account") if one.key == "uk-sms"]
    assert cost_words(uk) == "EUR 1.25 + USD 2.00, unknown for 2"
    (us,) = [one for one in summarise(NUMBERS, "account") if one.key == "us-desk"]
    assert cost_words(us) == "unknown"


def test_shares_and_bars_never_round_what_is_there_to_nothing():
    assert (share_words(0, 10), share_words(1, 1000), share_words(999, 1000)) == (
        "0 %", "< 1 %", "99 %",
    )  # fmt: skip
    assert (bar(0, 10, 8), bar(10, 10, 8), bar(1, 10_000, 8)) == ("", "████████", "▏")
    assert (bar(5, 10, 8, plain=True), bar(1, 10_000, 8, plain=True)) == ("####", "#")


def test_what_was_not_looked_at_is_not_said_to_be_in_order():
    assert "What is wrong is not known yet" in [one.label for one in lines()]
    assert "Nothing is wrong that is told" in [one.label for one in lines(found=Findings())]


def test_changes_are_counted_by_day_and_older_ones_are_not():
    now = clock.now()
    made = [
        operation("a1", started_at=now, outcome=Outcome.VERIFIED),
        operation("a2", started_at=now, outcome=Outcome.FAILED),
        operation("a3", started_at=now - timedelta(days=30), outcome=Outcome.VERIFIED),
    ]
    days = [one for one in lines(operations=made) if one.section == "changes" and one.count]
    assert [one.count for one in days] == [2]
    assert [one.label for one in lines() if one.section == "changes"] == [
        "No changes here in 14 days"
    ]


async def test_how_many_need_a_person_is_counted_as_the_line_does_and_leads_to_the_list():
    world = small_world()
    gone = {"application": "application:00000000-dead-4222-8333-444444444444"}
    world.fakes["uk-sms"].numbers[1] = vonage("+447700900001", settings=gone)
    async with dashboard(world) as seat:
        await seat.shows("! 1 finding  (!)")
        await opened(seat)
        await seat.shows("need a person now")
        await go_to(seat, "need a person now")
        assert seat.app.main.open_view.table.cursor_row.count == 1
        await seat.press("enter")
        await seat.dialog(PickerScreen)
        await seat.shows("What needs a person", "+44 7700 900001")


async def test_enter_on_a_bar_shows_its_numbers_in_owned():
    async with dashboard() as seat:
        await opened(seat)
        await go_to(seat, "uk-sms")
        await seat.press("enter")
        await seat.until(lambda: seat.app.main.view == "owned")
        assert {row.account for row in seat.owned.table.model.shown_rows()} == {"uk-sms"}


async def test_enter_on_what_is_not_told_says_that_no_filter_finds_it():
    world = small_world()
    world.fakes["us-desk"].numbers[0] = parakeet("+12673676170", type=None)
    async with dashboard(world) as seat:
        await opened(seat)
        await go_to(seat, "not told")
        await seat.press("enter")
        await seat.until(lambda: "no filter finds" in seat.status)
        assert seat.app.main.view == "overview"


async def test_findings_come_into_an_open_overview_and_enter_shows_their_numbers():
    world = many_world(3)
    both = (Channel.VOICE, Channel.SMS)
    world.fakes["uk-sms"].serves = {IVR: both, TEAM: both}
    world.fakes["uk-sms"].numbers[1] = vonage("+447700901001", settings={"application": None})
    world.fakes["uk-sms"].close("owned")
    async with dashboard(world, wait=False) as seat:
        await seat.until(lambda: seat.app.main.is_drawn)
        await seat.press("0")
        world.fakes["uk-sms"].open("owned")
        await seat.shows("What is wrong", "unrouted")
        await go_to(seat, "unrouted")
        await seat.press("enter")
        await seat.until(lambda: seat.app.main.view == "owned")
        assert [row.number for row in seat.owned.table.model.shown_rows()] == ["+447700901001"]


async def test_an_account_that_fails_is_named_and_the_count_says_what_it_counts():
    world = small_world()
    world.fakes["us-desk"].fails = CredentialsRejected("no", account="us-desk")
    async with dashboard(world) as seat:
        await opened(seat)
        await seat.shows("Numbers that could be read", "us-desk: ")


async def test_it_is_drawn_in_16_colours_without_any_too(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    async with dashboard() as seat:
        await opened(seat)
        await seat.shows("By account", "█")
