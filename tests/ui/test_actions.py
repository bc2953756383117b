"""Every key: named, described, free, and the same in help, footer and README."""

from inspect import iscoroutinefunction, signature
from pathlib import Path

import pytest
from textual.binding import Binding

from tests.cli.readme import keys as keys_of_the_readme
from tests.support.dashboard import dashboard, small_world
from tui_numbers.services.config import Config
from tui_numbers.ui.account_form import AccountForm, SecretScreen
from tui_numbers.ui.accounts_screen import AccountsScreen, WelcomeScreen
from tui_numbers.ui.actions import (
    ACTIONS,
    DASHBOARD,
    FLOW,
    FORBIDDEN,
    TOGETHER,
    Scope,
    actions_of,
    usable_keymap,
)
from tui_numbers.ui.detail_pane import DetailScreen
from tui_numbers.ui.dialogs.confirm import ConfirmScreen
from tui_numbers.ui.dialogs.dialog import PageScreen
from tui_numbers.ui.dialogs.picker import PickerScreen
from tui_numbers.ui.flows import FLOWS, flow_of
from tui_numbers.ui.screen import MainScreen

README = Path(__file__).parents[2] / "README.md"
ALL = [action for scopes in TOGETHER for action in actions_of(*scopes)]


def test_an_action_has_an_id_and_words_and_keys_that_are_free():
    for action in ALL:
        assert action.id
        assert "." in action.id
        assert action.word, action.id
        for key in action.keys.split(","):
            assert key not in FORBIDDEN, action.id
            assert not key.startswith(("alt+", "ctrl+shift+")), action.id


@pytest.mark.parametrize("scopes", TOGETHER)
def test_no_key_of_a_screen_has_two_meanings(scopes):
    keys = [key for action in actions_of(*scopes) for key in action.keys.split(",")]
    assert len(keys) == len(set(keys))


def test_ids_name_one_action_each():
    assert len(ACTIONS) == len(actions_of(*Scope))
    assert {action.id for action in ALL} == set(ACTIONS)


def test_what_the_screens_bind_is_what_is_listed():
    for screen in (MainScreen, DetailScreen):
        for binding in screen.BINDINGS:
            assert isinstance(binding, Binding)
            action = ACTIONS[binding.id]
            assert (binding.key, binding.action) == (action.keys, action.command)


def test_every_flow_has_its_action():
    assert {action.id for action in ACTIONS.values() if action.run == FLOW} == set(FLOWS)
    for action in FLOWS:
        assert len(signature(flow_of(action)).parameters) == 2
        assert iscoroutinefunction(flow_of(action))


def test_everything_that_is_shown_has_a_sentence():
    for action in actions_of(*DASHBOARD):
        assert action.help, action.id


def test_a_keymap_is_used_as_far_as_it_can_be():
    usable, problems = usable_keymap(
        {
            "number.retarget": "f2",
            "number.retargt": "f3",
            "number.edit": "ctrl+m",
            "number.undo": "q",
            "number.copy": " ",
            "confirm.yes": "Y",
            "app.quit": "x,ctrl+x",
        }
    )
    assert usable == {"number.retarget": "f2", "confirm.yes": "Y", "app.quit": "x,ctrl+x",
                      "number.undo": "q"}  # fmt: skip
    assert [problem.partition(":")[0] for problem in problems] == [
        "no binding 'number.retargt'; did you mean 'number.retarget'?",
        "number.edit",
        "number.copy",
    ]


def test_keys_may_be_swapped():
    usable, problems = usable_keymap({"number.retarget": "e", "number.edit": "t"})
    assert (len(usable), problems) == (2, [])


async def test_a_remapped_key_acts_and_a_bad_one_is_said_at_the_start():
    config = Config(keymap={"app.help": "f2", "number.edit": "ctrl+m"})
    async with dashboard(small_world(config=config)) as seat:
        await seat.until(lambda: "keymap: number.edit" in seat.status)
        await seat.press("f2")
        await seat.dialog(PageScreen)
        assert "f2 " in seat.app.screen._text.plain
        await seat.press("escape")
        await seat.home()
        await seat.press("question_mark")
        assert seat.app.screen is seat.app.main


async def test_a_remapped_key_is_the_one_that_is_told():
    config = Config(keymap={"number.retarget": "x", "table.open": "o", "view.sort": "f5"})
    async with dashboard(small_world(config=config)) as seat:
        await seat.shows("o details", "x retarget")
        await seat.press("colon")
        await seat.dialog(PickerScreen)
        await seat.type("next column")
        await seat.shows("Sort by the next column f5")


async def test_help_tells_every_key():
    async with dashboard(size=(100, 80)) as seat:
        await seat.press("question_mark")
        await seat.dialog(PageScreen)
        for action in actions_of(*DASHBOARD):
            assert action.key_names({})[0] in seat.text
            assert action.help.split(";")[0][1:] in seat.text


async def test_help_is_for_where_one_is_and_closes_by_its_own_key():
    async with dashboard() as seat:
        await seat.press("slash", *"906170", "enter", "t")
        await seat.dialog(PickerScreen)
        await seat.press("f1")
        page = await seat.dialog(PageScreen)
        assert "Cancel" in page._text.plain
        assert "Retarget" not in page._text.plain
        await seat.press("f1")
        await seat.dialog(PickerScreen)
        await seat.type("night")
        await seat.press("enter")
        await seat.dialog(ConfirmScreen)
        await seat.press("question_mark")
        await seat.shows("Keys: the confirmation", "Give a reason", "Put it back after 2h")
        await seat.press("question_mark")
        await seat.dialog(ConfirmScreen)


async def test_help_dims_what_cannot_be_done_now_and_says_why():
    async with dashboard(size=(120, 80)) as seat:
        await seat.press("slash", *"570110", "enter", "question_mark")
        page = await seat.dialog(PageScreen)
        lines = {
            line[:2].strip(): line for line in page._text.plain.splitlines() if line[:1].strip()
        }
        assert "not now: Fone Dynamics" in lines["X"] or "no request" in lines["X"]
        assert "not now" not in lines["t"]


async def test_the_accounts_tell_their_keys():
    async with dashboard() as seat:
        await seat.press("A")
        await seat.until(lambda: isinstance(seat.app.screen, AccountsScreen))
        await seat.press("question_mark")
        await seat.shows("Keys: the accounts", "Type its secret", "Check all")


async def test_every_key_of_a_screen_stands_in_the_table():
    for screen in (AccountsScreen, AccountForm, SecretScreen, WelcomeScreen, ConfirmScreen):
        for binding in screen.BINDINGS:
            assert ACTIONS[binding.id].command == binding.action


def test_the_readme_has_the_keys_as_they_are():
    _, marker, rest = README.read_text("utf-8").partition("<!-- keys -->")
    assert marker, "README.md has no <!-- keys -->"
    table, marker, _ = rest.partition("<!-- /keys -->")
    assert marker
    assert table.strip() == keys_of_the_readme()
