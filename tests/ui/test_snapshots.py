"""How the screens look: three sizes, every state."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from pytest_textual_snapshot import SVGImageExtension

from tests.support.dashboard import (
    HOSTILE,
    NOW,
    account,
    dashboard,
    many_world,
    small_world,
    stock,
    vonage,
)
from tests.ui.test_flows import search
from tests.ui.test_hostile_text import hostile_world
from tui_numbers.domain.e164 import E164
from tui_numbers.domain.operations import Action, Actor, Operation, Outcome
from tui_numbers.providers.errors import CredentialsRejected, Unreachable
from tui_numbers.services.config import Config, UiConfig
from tui_numbers.storage.sqlite_journal import SqliteJournal
from tui_numbers.ui.detail_pane import DetailPane, DetailScreen
from tui_numbers.ui.dialogs.confirm import ConfirmScreen
from tui_numbers.ui.dialogs.dialog import LineScreen, PageScreen
from tui_numbers.ui.dialogs.picker import ColumnsScreen, PickerScreen
from tui_numbers.ui.flows.retarget_and_edit import FormScreen
from tui_numbers.ui.layout import WIDE

SIZES = {"80x24": (80, 24), "120x40": (120, 40), "60x20": (60, 20)}
LARGE, SMALL = ("80x24", "120x40"), ("60x20",)
THEMES = ("numbers-dark", "numbers-light", "numbers-16")
OTHER_THEMES = THEMES[1:]


def apart(*groups):
    """Start a dashboard for each group of sizes: what stands there was measured as it opened."""
    first, *others = groups
    cases = [first, *(pytest.param(one, marks=pytest.mark.slow) for one in others)]
    return pytest.mark.parametrize("sizes", cases, ids=["+".join(one) for one in groups])


each_apart = apart(*((size,) for size in SIZES))


class Told(SqliteJournal):
    """A journal that tells the same at every reading."""

    def __init__(self) -> None:
        super().__init__(None)
        before = vonage("+447700906170")
        after = vonage("+447700906170", settings={"voice": "phone:+447700900556"})
        base = Operation(
            id="0001",
            batch="b001",
            started_at=NOW - timedelta(minutes=5),
            finished_at=NOW - timedelta(minutes=5),
            actor=Actor("ann", "bastion", "192.0.2.7"),
            account="uk-sms",
            provider="vonage",
            number=E164("+447700906170"),
            action=Action.RETARGET,
            reason="IVR is down",
            before=before,
            requested=after,
            observed=after,
            outcome=Outcome.VERIFIED,
            error=None,
            undoes=None,
            keys=("voice",),
        )
        self.told = [
            base,
            replace(base, id="0002", batch="b002", outcome=Outcome.UNKNOWN,
                    error="no answer came", observed=None, reason="",
                    started_at=NOW - timedelta(days=2)),
            replace(base, id="0003", batch="b003", outcome=Outcome.DIFFERENT, reason=HOSTILE[:30],
                    error="voice is empty", started_at=NOW - timedelta(days=3)),
        ]  # fmt: skip

    def operations(self, query=None):
        if query is not None and query.number not in (None, self.told[0].number):
            return []
        return list(self.told)


class Pictures(SVGImageExtension):
    """A file for each picture, named by its test, its size and what else tells it from others."""

    @classmethod
    def get_snapshot_name(cls, *, test_location, index=0):
        return f"{test_location.methodname}[{index}]"


@pytest.fixture
def looks(request, snapshot, tmp_path):
    """Run a dashboard, do something, compare what is on the screen, at every size and theme."""
    pictures = snapshot.use_extension(Pictures)
    only_quick = "not slow" in request.config.option.markexpr

    async def compare(world, act=None, *, wait=True, sizes=SIZES, themes=(None,), name="{size}"):
        others = []
        async with dashboard(world, SIZES[next(iter(sizes))], wait=wait) as seat:
            if act is not None:
                await act(seat)
            for theme, size in list(product(themes, sizes))[: 1 if only_quick else None]:
                await shaped(seat, theme, SIZES[size])
                drawn = seat.app.export_screenshot(title=seat.app.title, simplify=True)
                called = name.format(size=size, theme=theme)
                if pictures(name=called) != drawn:
                    others.append(tmp_path / f"{called}.svg")
                    others[-1].write_text(drawn)
        assert not others, "these are as it looks now"

    return compare


async def shaped(seat, theme, size):
    """Give the terminal a size and the dashboard a theme, and wait until it is drawn so."""
    if theme is not None:
        seat.app.theme = theme
    if seat.app.size != size:
        await seat.pilot.resize_terminal(*size)
    pane = seat.app.main.query_one(DetailPane)
    is_shown = seat.app.main.open_view is seat.owned and size[0] >= WIDE and pane.display
    if is_shown and seat.owned.table.cursor_row is not None:
        await seat.until(lambda: pane._place)
    await seat.pilot.pause()
    seat.app.screen.refresh()
    await seat.pilot.pause()


async def placed(seat):
    """Wait until the place beside the table is known, and what is wrong with numbers."""
    await seat.until(lambda: seat.app.main.attention.judged is not None)
    await seat.until(lambda: not _judging(seat.app.main.attention))
    if seat.app.size.width >= 100 and seat.owned.table.cursor_row is not None:
        await seat.until(lambda: seat.app.main.query_one(DetailPane)._place)


def _judging(attention):
    """Whether numbers are being judged anew, as they are once the names of targets have come."""
    return any(
        worker.group == "findings" and worker.node is attention and not worker.is_finished
        for worker in attention.workers
    )


async def test_owned(looks):
    await looks(small_world(demo=True), placed)


@pytest.mark.slow
@each_apart
async def test_owned_with_a_filter_and_marks(looks, sizes):
    async def act(seat):
        await seat.press("space", "slash", *"6170", "enter")
        await placed(seat)

    await looks(small_world(), act, sizes=sizes)


@pytest.mark.slow
async def test_no_numbers_at_all(looks):
    world = small_world()
    for fake in world.fakes.values():
        fake.numbers.clear()
    await looks(world)


@pytest.mark.slow
async def test_loading(looks):
    world = small_world()

    async def act(seat):
        await seat.until(lambda: "loading" in seat.status)
        await seat.until(lambda: seat.owned.table.total_count == 4)
        if seat.app.size.width >= 100:
            await seat.shows("London")

    for fake in world.fakes.values():
        fake.close("owned")
    await looks(world, act, wait=False)


async def test_partial_failure(looks):
    world = small_world()
    world.fakes["us-desk"].fails = CredentialsRejected("the key is wrong", account="us-desk")
    await looks(world, placed)


@pytest.mark.slow
async def test_every_account_failing(looks):
    world = small_world()
    for name, fake in world.fakes.items():
        fake.numbers.clear()
        fake.fails = Unreachable("cannot be reached", account=name)
    await looks(world)


@pytest.mark.slow
async def test_read_only(looks):
    async def act(seat):
        await placed(seat)
        await seat.press("t")

    await looks(small_world(read_only=True), act)


async def test_hostile_and_long_text(looks):
    await looks(hostile_world(), placed)


@apart(LARGE, SMALL)
async def test_detail(looks, sizes):
    async def act(seat):
        await seat.press("slash", *"906170", "enter")
        await placed(seat)
        if seat.app.size.width < 100:
            await seat.press("enter")
            await seat.until(lambda: isinstance(seat.app.screen, DetailScreen))
            pane = seat.app.screen.query_one(DetailPane)
            await seat.until(lambda: pane._place)
        await seat.until(lambda: seat.app.screen.query_one(DetailPane)._operations)
        await seat.shows("What is wrong")

    await looks(small_world(journal=Told()), act, sizes=sizes)


async def test_form(looks):
    async def act(seat):
        await placed(seat)
        await seat.press("slash", *"906170", "enter", "e")
        await seat.until(lambda: getattr(seat.app.screen, "shown", False))
        await seat.press("tab", "tab")
        await seat.type("nonsense")

    await looks(small_world(), act)


@pytest.mark.slow
async def test_picker(looks):
    async def act(seat):
        await placed(seat)
        await seat.press("slash", *"906170", "enter", "t")
        await seat.dialog(PickerScreen)

    await looks(small_world(), act)


async def confirm(seat):
    await placed(seat)
    await seat.press("slash", *"906170", "enter", "t")
    await seat.dialog(PickerScreen)
    await seat.type("night")
    await seat.press("enter")
    await seat.dialog(ConfirmScreen)


@each_apart
async def test_confirmation_in_production(looks, sizes):
    accounts = tuple(
        account(name, provider, production=True, require_reason=True)
        for name, provider in (("us-desk", "parakeet"), ("uk-sms", "vonage"))
    )
    await looks(small_world(accounts=accounts), confirm, sizes=sizes)


@pytest.mark.slow
async def test_verdict(looks):
    async def act(seat):
        await confirm(seat)
        await seat.press("y")
        await seat.shows("verified")
        await seat.until(lambda: not seat.app.writes.under_way)
        await seat.until(lambda: not _judging(seat.app.main.attention))

    await looks(small_world(), act)


@pytest.mark.slow
async def test_conflict(looks):
    world = small_world()

    async def act(seat):
        await confirm(seat)
        moved = vonage("+447700906170", settings={"voice": "phone:+447700900556"})
        world.fakes["uk-sms"].numbers[0] = moved
        await seat.press("y")
        await seat.shows("refused")

    await looks(world, act)


async def question_of_a_batch(seat):
    await seat.press("slash", *"uk-sms", "enter", "a")
    await seat.pick()


async def form_of_several(seat):
    await seat.press("slash", *"uk-sms", "enter", "a", "e")
    await seat.dialog(FormScreen)
    await seat.press("tab", "tab")


async def name_of_a_file(seat):
    await seat.press("w")
    await seat.dialog(LineScreen)
    await seat.type("owned.txt")
    await seat.press("enter")
    await seat.shows("end the name in")


async def keys_of_the_confirmation(seat):
    await confirm(seat)
    await seat.press("question_mark")
    await seat.dialog(PageScreen)


async def end_of_a_change(seat):
    await confirm(seat)
    await seat.press("f")
    await seat.type("soon")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("act", "sizes"),
    [
        (question_of_a_batch, SIZES),
        (form_of_several, SIZES),
        (name_of_a_file, SIZES),
        *((keys_of_the_confirmation, (size,)) for size in SIZES),
        (end_of_a_change, LARGE),
        (end_of_a_change, SMALL),
    ],
    ids=lambda value: getattr(value, "__name__", None) or "+".join(value),
)
async def test_flows(looks, act, sizes):
    world = small_world()
    fake = world.fakes["uk-sms"]
    fake.numbers[1] = vonage(fake.numbers[1].number, name=HOSTILE[:60], settings={"sms": HOSTILE})

    async def behind_all(seat):
        await placed(seat)
        await act(seat)

    name = f"{{size}}-{{theme}}-{act.__name__}"
    await looks(world, behind_all, sizes=sizes, themes=THEMES, name=name)


@pytest.mark.slow
@apart(LARGE, SMALL)
async def test_several_with_a_failure(looks, sizes):
    world = many_world(7)
    world.fakes["uk-sms"].refuses["+447700901002"] = Unreachable("not now", account="uk-sms")

    async def act(seat):
        await placed(seat)
        await seat.press("a")
        await seat.pick()
        await seat.press("7", "enter")
        await seat.shows("6 verified", "1 failed")
        await seat.until(lambda: not _judging(seat.app.main.attention))

    await looks(world, act, sizes=sizes)


@pytest.mark.slow
@apart(LARGE, SMALL)
async def test_release(looks, sizes):
    async def act(seat):
        await placed(seat)
        await seat.press("slash", *"906170", "enter", "X")
        await seat.dialog(ConfirmScreen)

    await looks(small_world(), act, sizes=sizes)


async def test_available(looks):
    async def act(seat):
        await search(seat, "GB")
        await seat.until(lambda: seat.app.main.open_view.table.total_count == 3)
        await seat.until(lambda: "no search offered" in seat.status)
        await seat.press("f", *"20", "escape", "j")
        await placed(seat)

    await looks(small_world(), act)


@pytest.mark.parametrize("state", ["empty", "failing", "none", "word", "basket", "question"])
@pytest.mark.slow_after(2)
async def test_the_states_of_a_search(looks, state):
    await looks(*_searched(state), name=f"{{size}}-{state}")


@pytest.mark.slow
async def test_a_basket_in_other_themes(looks):
    await looks(*_searched("basket"), themes=OTHER_THEMES, name="{size}-{theme}")


def _searched(state):
    """Return a world, and what brings its stock view into a state."""
    world = small_world(read_only=state == "word")
    uk = world.fakes["uk-sms"]
    match state:
        case "failing":
            uk.fails = Unreachable("[/] cannot be reached", account="uk-sms")
        case "none":
            for fake in world.fakes.values():
                fake.stock.clear()
        case "word":
            uk.stock = [stock("+442079356937"), stock("+442079356938", city=HOSTILE)]

    async def act(seat):
        if state == "empty":
            await seat.press("2")
            return
        await search(seat, "GB", "flow" if state == "word" else "")
        await seat.until(lambda: not seat.app.main.open_view._busy)
        await seat.until(lambda: "no search offered" in seat.text or seat.app.size.width < 80)
        if state in ("basket", "question"):
            await seat.press("space", "space", "space", "B")
        if state == "question":
            await seat.press("b")
            for _ in range(2):
                picker = await seat.dialog(PickerScreen)
                await seat.press("enter")
                await seat.until(lambda picker=picker: seat.app.screen is not picker)
            await seat.dialog(ConfirmScreen)
        elif state != "none":
            await seat.until(lambda: seat.app.main.open_view._places_known or state == "failing")

    return world, act


async def test_history(looks):
    async def act(seat):
        await seat.press("3")
        await seat.until(lambda: seat.app.main.open_view.table.total_count == 3)
        await seat.until(lambda: "unknown" in seat.status)

    await looks(small_world(journal=Told()), act)


class Batched(Told):
    """The same, with a batch whose operations ended in several ways."""

    def __init__(self) -> None:
        super().__init__()
        first = self.told[0]
        ends = (Outcome.VERIFIED, Outcome.FAILED, Outcome.UNKNOWN, Outcome.VERIFIED)
        self.told += [
            replace(
                first,
                id=f"b{at}",
                batch="b9",
                number=E164(f"+44770090617{at}"),
                outcome=end,
                started_at=NOW - timedelta(days=5),
                reason=HOSTILE[:40] if at == 3 else first.reason,
            )
            for at, end in enumerate(ends)
        ]


@pytest.mark.parametrize("state", ["folded", "unfolded"])
@pytest.mark.slow_after(1)
async def test_a_batch_in_the_history(looks, state):
    async def act(seat):
        await seat.press("3")
        await seat.shows("▸ 4 numbers")
        await seat.press("down")
        if state == "unfolded":
            await seat.press("enter")
            await seat.shows("▾ 4 numbers")

    await looks(small_world(journal=Batched()), act, name=f"{{size}}-{state}")


@apart(LARGE, SMALL)
async def test_columns_to_choose_from(looks, sizes):
    async def act(seat):
        await seat.press("C")
        await seat.dialog(ColumnsScreen)
        await seat.press("down", "space", "down", "less_than_sign")
        await seat.shows("[ ] Name")

    await looks(small_world(), act, sizes=sizes, themes=THEMES, name="{size}-{theme}")


@pytest.mark.slow
async def test_columns_sorting_and_detail_as_they_are_preferred(looks):
    ui = UiConfig(
        columns=("status", "number", "changed", "sms", "account"), sort="-account", detail=False
    )
    await looks(small_world(config=Config(ui=ui)))


@pytest.mark.slow
@apart(LARGE, SMALL)
async def test_an_operation_by_itself(looks, sizes):
    async def act(seat):
        await seat.press("3")
        await seat.until(lambda: seat.app.main.open_view.table.total_count == 3)
        await seat.press("G", "enter")
        await seat.dialog(PageScreen)

    await looks(small_world(journal=Told()), act, sizes=sizes)


@pytest.mark.slow
async def test_help(looks):
    async def act(seat):
        await placed(seat)
        await seat.press("question_mark")
        await seat.dialog(PageScreen)

    await looks(small_world(), act)


@pytest.mark.slow
@apart(LARGE, SMALL)
async def test_other_themes(looks, sizes):
    await looks(small_world(), confirm, sizes=sizes, themes=OTHER_THEMES, name="{size}-{theme}")


def _partly_failing():
    world = small_world(journal=Told())
    world.fakes["us-desk"].fails = CredentialsRejected("the key is wrong", account="us-desk")
    gone = {"application": "application:33333333-1111-4222-8333-444444444444"}
    world.fakes["uk-sms"].numbers[1] = vonage("+447700900001", settings=gone)
    world.fakes["uk-sms"].numbers[2] = vonage("+442079460123", settings={"application": None})
    return world


def _failing():
    world = small_world()
    for name, fake in world.fakes.items():
        fake.numbers.clear()
        fake.fails = Unreachable("cannot be reached", account=name)
    return world


def _empty():
    world = small_world()
    for fake in world.fakes.values():
        fake.numbers.clear()
        fake.options.clear()
    return world


def _loading():
    world = small_world()
    for fake in world.fakes.values():
        fake.numbers.clear()
        fake.close("owned")
    return world


COUNTED = {"targets": "4", "overview": "0"}
COUNTED_WORLDS = {"partly": _partly_failing, "hostile": hostile_world}
STATES = {
    "empty": _empty,
    "loading": _loading,
    "error": _failing,
    "read-only": lambda: small_world(read_only=True, journal=Told()),
}


def _counts(key):
    """Open a view that counts, once everything is known that will be."""

    async def act(seat):
        await seat.until(lambda: seat.app.screen is seat.app.main and seat.app.main.is_drawn)
        await seat.press(key)
        if not any(fake.closed for fake in seat.world.fakes.values()):
            await seat.until(lambda: seat.app.main.attention.judged is not None)
            failing = [fake for fake in seat.world.fakes.values() if fake.fails is not None]
            listed = len(seat.world.fakes) - len(failing)
            await seat.until(lambda: len(seat.owned.store.listed_targets()) == listed)
            table = seat.app.main.open_view.table
            await seat.until(lambda: table.total_count or "counting" not in seat.text)
        await settled(seat)

    return act


async def settled(seat):
    """Wait until nothing that counts or judges is under way."""
    from textual.worker import WorkerState

    ended = (WorkerState.SUCCESS, WorkerState.CANCELLED, WorkerState.ERROR)
    groups = {"counting", "findings", "journal"}
    await seat.until(
        lambda: all(one.state in ended for one in seat.app.workers if one.group in groups)
    )


@pytest.mark.parametrize("view", COUNTED)
@pytest.mark.parametrize("world", COUNTED_WORLDS)
@pytest.mark.slow_after(2)
async def test_views_that_count(looks, view, world):
    name = f"{{size}}-{world}-{view}"
    await looks(COUNTED_WORLDS[world](), _counts(COUNTED[view]), name=name)


@pytest.mark.parametrize("view", COUNTED)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.slow_after(2)
async def test_states_of_views_that_count(looks, view, state):
    act, name = _counts(COUNTED[view]), f"{state}-{view}-{{size}}"
    await looks(STATES[state](), act, wait=state != "loading", sizes=("80x24",), name=name)


@pytest.mark.slow
@pytest.mark.parametrize("view", COUNTED)
async def test_views_that_count_in_other_themes(looks, view):
    act, name = _counts(COUNTED[view]), f"{{theme}}-{view}-{{size}}"
    await looks(_partly_failing(), act, sizes=("80x24",), themes=OTHER_THEMES, name=name)


def _routes(*, open_lines=False):
    """Keep two routes over a small world: one that can be applied, and one that cannot."""
    from tui_numbers.domain.changes import Set
    from tui_numbers.domain.e164 import E164
    from tui_numbers.domain.routes import Route, RouteLine

    night = {"application": Set("application:00000000-1111-4222-8333-444444444444")}
    lines = (
        RouteLine("uk-sms", E164("+447700906170"), night),
        RouteLine("uk-sms", E164("+442079460000"), night),
    )

    async def act(seat):
        await seat.until(lambda: seat.app.screen is seat.app.main and seat.app.main.is_drawn)
        book = seat.app.session.routes
        book.save(Route("after-hours", "After hours", "Ask Dana.", lines[:1]), replacing=True)
        book.save(Route("broken", "[red]x[/] \u202e", "", lines), replacing=True)
        await seat.press("5")
        await seat.until(lambda: seat.app.main.open_view.table.total_count == 2)
        if open_lines:
            await seat.press("down", "enter")
        await settled(seat)

    return act


async def test_routes(looks):
    await looks(small_world(), _routes())


@each_apart
async def test_the_lines_of_a_route(looks, sizes):
    await looks(small_world(), _routes(open_lines=True), sizes=sizes)


@pytest.mark.slow
async def test_what_needs_a_person(looks):
    async def act(seat):
        await _counts("1")(seat)
        await seat.press("exclamation_mark")
        await seat.dialog(PickerScreen)

    await looks(_partly_failing(), act)
