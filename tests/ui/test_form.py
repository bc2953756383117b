"""The form: made from what a provider declares, checked as it is typed, never dropped unasked."""

from dataclasses import replace

import pytest
from textual import events
from textual.color import Color

from tests.support.dashboard import IVR, NIGHT, dashboard, many_world, small_world, vonage
from tui_numbers.domain.changes import CLEAR, Set
from tui_numbers.domain.numbers import Undisclosed
from tui_numbers.ui.dialogs.confirm import ConfirmScreen
from tui_numbers.ui.dialogs.dialog import AskScreen
from tui_numbers.ui.dialogs.picker import PickerScreen
from tui_numbers.ui.flows.retarget_and_edit import FormScreen
from tui_numbers.ui.form_fields import SettingField
from tui_numbers.ui.themes import SIXTEEN, THEMES


async def edit(seat, digits="906170"):
    await seat.press("slash", *digits, "enter", "e")
    return await seat.dialog(FormScreen)


def field(seat, key):
    return next(one for one in seat.app.screen.query(SettingField) if one.spec.key == key)


async def test_every_setting_has_its_field_and_a_target_its_name():
    async with dashboard() as seat:
        screen = await edit(seat)
        keys = [one.spec.key for one in screen.query(SettingField)]
        assert keys == ["application", "voice", "sms", "voice_status", "smpp_system_type"]
        text = await seat.shows("Edit +44 7700 906170 uk-sms (Vonage)", "= Support IVR")
        assert "not told by the provider; empty keeps it" in text


async def test_a_wrong_value_is_said_beside_its_field_and_not_sent():
    async with dashboard() as seat:
        screen = await edit(seat)
        await seat.press("tab", "tab")
        await seat.type("nonsense")
        assert field(seat, "voice").has_class("-problem")
        assert field(seat, "voice").has_class("-changed")
        assert not field(seat, "application").has_class("-changed")
        await seat.shows("* Calls forwarded to", "nonsense")
        await seat.press("tab", "ctrl+s")
        assert seat.app.screen is screen
        assert screen.focused in field(seat, "voice").walk_children()


async def test_ctrl_s_previews_and_sends_only_what_was_changed():
    async with dashboard() as seat:
        await edit(seat)
        await seat.press("tab", "tab")
        await seat.type("+44 7700 900556")
        await seat.press("ctrl+s")
        await seat.dialog(ConfirmScreen)
        await seat.shows("app Support IVR -> phone +44 7700 900556")
        await seat.press("y")
        await seat.shows("verified")
        assert seat.world.fakes["uk-sms"].sent == [
            ("update", "+447700906170", {"voice": Set("phone:+447700900556")})
        ]


@pytest.mark.slow
async def test_empty_keeps_and_clear_clears():
    async with dashboard() as seat:
        await edit(seat)
        await seat.press("ctrl+u")
        await seat.shows("empty keeps what is stored: tick clear to remove it")
        assert not field(seat, "application").has_class("-changed")
        await seat.press("ctrl+s")
        await seat.shows("nothing is changed yet")
        await seat.press("tab", "space")
        assert field(seat, "application").has_class("-changed")
        await seat.press("ctrl+s")
        await seat.dialog(ConfirmScreen)
        await seat.shows("app Support IVR -> nowhere")
        await seat.press("y")
        await seat.shows("verified")
        assert seat.world.fakes["uk-sms"].sent[0][2] == {"application": CLEAR}


@pytest.mark.slow
async def test_escape_asks_before_changes_are_dropped():
    async with dashboard() as seat:
        screen = await edit(seat)
        await seat.type("x")
        await seat.press("escape")
        await seat.dialog(AskScreen)
        await seat.shows("Leave the form?", "not sent: Application")
        await seat.press("enter")
        await seat.until(lambda: seat.app.screen is screen)
        await seat.press("escape")
        await seat.dialog(AskScreen)
        await seat.press("y")
        await seat.home()
        assert not seat.world.fakes["uk-sms"].sent


async def test_escape_leaves_an_untouched_form_at_once():
    async with dashboard() as seat:
        await edit(seat)
        await seat.press("escape")
        await seat.home()


@pytest.mark.slow
async def test_a_value_is_picked_from_what_the_account_lists():
    async with dashboard() as seat:
        screen = await edit(seat)
        await seat.press("ctrl+t")
        await seat.dialog(PickerScreen)
        await seat.type("night")
        await seat.press("enter")
        await seat.until(lambda: seat.app.screen is screen)
        await seat.until(lambda: field(seat, "application").text == NIGHT.text)
        await seat.shows("= Night Desk")
        await seat.press("down", "down", "ctrl+t")
        await seat.shows("nothing is listed for Calls forwarded to: type it")


@pytest.mark.slow
async def test_a_choice_goes_round_with_the_arrows():
    async with dashboard() as seat:
        await edit(seat, "570110")
        await seat.press("tab", "tab", "right")
        assert field(seat, "recording").text == "call"
        assert field(seat, "recording").has_class("-changed")
        await seat.press("left")
        assert not field(seat, "recording").has_class("-changed")


@pytest.mark.slow
async def test_printable_keys_are_typed_and_never_act():
    async with dashboard(small_world()) as seat:
        screen = await edit(seat)
        await seat.press("ctrl+u")
        await seat.type("qyntuX1 2")
        assert seat.app.screen is screen
        assert field(seat, "application").text == "qyntuX1 2"


@pytest.mark.slow
async def test_a_conflict_in_the_form_goes_on_from_the_fresh_state():
    world = many_world(1)
    async with dashboard(world) as seat:
        await seat.press("e")
        await seat.dialog(FormScreen)
        await seat.press("tab", "tab")
        await seat.type("+447700900556")
        await seat.press("ctrl+s")
        await seat.dialog(ConfirmScreen)
        world.fakes["uk-sms"].numbers[0] = vonage(
            "+447700901000", settings={"sms": "webhook:https://x.example/"}
        )
        await seat.press("y")
        await seat.shows("refused", "g goes on")
        await seat.press("g")
        await seat.until(lambda: not seat.app.screen._results and seat.app.screen.shown)
        await seat.press("y")
        await seat.shows("verified")
        assert world.fakes["uk-sms"].numbers[0].settings["sms"] == "webhook:https://x.example/"
        assert world.fakes["uk-sms"].numbers[0].settings["application"] == IVR.text


NAMES = ["میز\u200cپشتیبانی", "👨\u200d👩\u200d👧 desk", "Nuit\u00a0et\u00a0jour", "\u200fקבלה"]


def world_named(name):
    world = small_world()
    fake = world.fakes["au-sales"]
    (number,) = fake.numbers
    fake.numbers = [replace(number, settings={**number.settings, "friendly": name})]
    return world


@pytest.mark.parametrize(
    ("names", "pasted"),
    [
        (NAMES[:1], False),
        pytest.param(NAMES[1:], False, marks=pytest.mark.slow),
        pytest.param(NAMES, True, marks=pytest.mark.slow),
    ],
    ids=["typed", "others typed", "pasted"],
)
async def test_a_name_is_sent_character_for_character_and_never_drawn_so(names, pasted):
    async with dashboard(world_named("Front")) as seat:
        await seat.press("slash", *"570110", "enter")
        sent = seat.world.fakes["au-sales"].sent
        for count, name in enumerate(names, 1):
            await seat.press("e")
            await seat.dialog(FormScreen)
            await seat.press("tab", "ctrl+u")
            if pasted:
                seat.app.screen.focused.post_message(events.Paste(name))
            else:
                await seat.type(name)
            await seat.until(lambda name=name: field(seat, "friendly").text == name)
            assert all(line.isprintable() for line in seat.lines)
            await seat.press("ctrl+s")
            await seat.dialog(ConfirmScreen)
            await seat.press("y")
            await seat.shows("verified")
            assert [one[2] for one in sent[count - 1 :]] == [{"friendly": Set(name)}]
            await seat.press("escape")
            await seat.home()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.slow_after(1)
async def test_a_stored_name_is_kept_around_what_is_typed(name):
    async with dashboard(world_named(name)) as seat:
        await edit(seat, "570110")
        assert not field(seat, "friendly").has_class("-changed")
        await seat.press("tab", "end", "x")
        await seat.until(lambda: field(seat, "friendly").text == f"{name}x")
        cursor = seat.app.screen.focused
        assert cursor.cursor_position == len(name) + 1


async def test_a_name_with_control_characters_is_kept_unless_it_is_changed():
    async with dashboard(world_named("a\x1b[2Jb")) as seat:
        await edit(seat, "570110")
        assert field(seat, "friendly").text == "a␛[2Jb"
        assert field(seat, "friendly").edit() is None


async def test_a_target_that_is_not_told_says_so_and_is_kept():
    world = small_world()
    fake = world.fakes["au-sales"]
    (number,) = fake.numbers
    fake.numbers = [replace(number, settings={**number.settings, "voice": Undisclosed("flow")})]
    async with dashboard(world) as seat:
        await edit(seat, "570110")
        await seat.shows("flow (which one is not told); empty keeps it")
        assert field(seat, "voice").edit() is None


async def test_how_a_number_was_read_is_said_beside_its_field():
    async with dashboard(size=(120, 40)) as seat:
        await edit(seat)
        await seat.press("tab", "tab")
        for typed, note in (
            ("+44 020 7946 0999", "the 0 after +44 was taken off: +442079460999"),
            ("+33 01 99 00 12 34", "the 0 after +33 was taken off: +33199001234"),
            ("2673676170", "written without +, read as +267 367 6170, in Botswana"),
        ):
            await seat.press("ctrl+u", *typed)
            await seat.shows(note)


async def test_every_way_out_asks_before_changes_are_dropped_quitting_too():
    async with dashboard() as seat:
        screen = await edit(seat)
        await seat.press("tab", "tab")
        await seat.type("+44 7700 900556")
        await seat.press("ctrl+q")
        await seat.dialog(AskScreen)
        await seat.shows("Quit?", "not sent: Calls forwarded to")
        await seat.press("n")
        assert seat.app.is_running
        assert await seat.dialog(FormScreen) is screen
        assert field(seat, "voice").text == "+44 7700 900556"
        await seat.press("ctrl+q")
        await seat.dialog(AskScreen)
        await seat.press("y")
        await seat.until(lambda: not seat.app.is_running)


async def test_an_untouched_form_quits_at_once():
    async with dashboard() as seat:
        await edit(seat)
        seat.burst("ctrl+q")
        await seat.until(lambda: not seat.app.is_running)


async def test_a_long_value_is_shown_from_its_beginning_with_the_focus_and_without():
    async with dashboard() as seat:
        await edit(seat)
        await seat.shows("▌application:11111111-1111-")
        await seat.press("tab")
        await seat.shows(" application:11111111-1111-")


async def test_a_problem_says_what_this_very_field_takes():
    async with dashboard() as seat:
        await edit(seat)
        await seat.press("tab", "tab", "tab")
        await seat.type("desk")
        text = await seat.shows("sms takes targets such as webhook:https://")
        assert "such as application" not in text
        assert "phone:+44" not in text[text.index("sms takes") :].split("Call status")[0]


async def test_an_empty_field_does_not_look_like_one_with_a_value():
    async with dashboard() as seat:
        await edit(seat)
        await seat.shows("(empty; phone:… or sip:…)", "(empty; webhook:…)")


async def test_several_numbers_get_what_is_changed_and_keep_what_differs():
    world = small_world()
    fake = world.fakes["uk-sms"]
    webhook = {"sms": "webhook:https://app.example/a"}
    fake.numbers[0] = vonage(fake.numbers[0].number, settings=webhook)
    async with dashboard(world) as seat:
        await seat.press("slash", *"uk-sms", "enter", "a", "e")
        await seat.dialog(FormScreen)
        await seat.shows("Edit 3 numbers at once", "(they differ; empty keeps each)")
        await seat.press("tab", "tab")
        await seat.type("+44 7700 900556")
        await seat.press("ctrl+s")
        await seat.dialog(ConfirmScreen)
        await seat.shows("Change 3 numbers", "phone +44 7700 900556")
        await seat.press("y")
        await seat.shows("3 of 3 as asked")
        assert {tuple(change) for _, _, change in fake.sent} == {("voice",)}
        assert len(fake.sent) == 3
        assert fake.numbers[0].settings["sms"] == webhook["sms"]


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_the_field_with_the_focus_differs_from_its_dialog(theme):
    names = theme.variables
    ground, text = names["field-background"], names["field-foreground"]
    if theme is SIXTEEN:
        assert (ground, text) == ("ansi_blue", "ansi_bright_white")
        return
    assert _contrast(Color.parse(ground), Color.parse(theme.surface)) >= 3
    assert _contrast(Color.parse(ground), Color.parse(text)) >= 4.5


def _contrast(one, other):
    """Return how far two colours are apart, as WCAG 2 reckons it."""
    lights = sorted((_light(one), _light(other)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _light(color):
    parts = [part / 255 for part in color.rgb]
    bent = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * bent[0] + 0.7152 * bent[1] + 0.0722 * bent[2]
