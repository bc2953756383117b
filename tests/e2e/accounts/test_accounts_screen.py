"""The accounts screen and the first run, over a sandbox on a port."""

import asyncio
import tomllib
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.widgets import Input, OptionList, Static

from tests.support.command_line import write_config
from tests.support.frames import piloted
from tui_numbers.services.paths import Paths
from tui_numbers.services.session import open_session
from tui_numbers.ui.account_form import AccountForm, SecretInput, SecretScreen
from tui_numbers.ui.accounts_screen import AccountsScreen, WelcomeScreen
from tui_numbers.ui.app import Dashboard
from tui_numbers.ui.dialogs.dialog import PageScreen
from tui_numbers.ui.screen import MainScreen
from tui_numbers.ui.views import owned

GOOD = "sandbox-vonage-secret"
_PATIENCE = 10


@asynccontextmanager
async def opened(session=None, size=(80, 24)):
    session = session or open_session()
    session.workspace.secrets.ask = None
    app = Dashboard(session)
    try:
        async with piloted(app, size) as pilot:
            yield app, pilot
    finally:
        await session.aclose()
        if app.next_session is not None:
            await app.next_session.aclose()


async def until(pilot, true):
    """Let the dashboard run until something holds."""
    async with asyncio.timeout(_PATIENCE):
        while not true():
            await pilot.pause(0.01)


async def on(pilot, kind):
    await until(pilot, lambda: isinstance(pilot.app.screen, kind) and pilot.app.screen.is_current)
    await pilot.pause()
    return pilot.app.screen


def lines(screen):
    options = screen.query_one(OptionList)
    return [str(options.get_option_at_index(n).prompt) for n in range(options.option_count)]


def facts(screen):
    return str(screen.query_one(".account-facts", Static).content)


async def type_text(pilot, text):
    await pilot.press(*text)


async def test_a_first_run_offers_three_ways_and_creates_nothing():
    home = Path(Paths.of_user().config).parent
    async with opened() as (app, pilot):
        welcome = await on(pilot, WelcomeScreen)
        assert [line[0] for line in lines(welcome)] == ["d", "a", "c"]
        await pilot.press("c")
        page = await on(pilot, PageScreen)
        text = "\n".join(str(one.content) for one in page.query(Static))
        assert str(Paths.of_user().config_file) in text
        await pilot.press("escape")
        await on(pilot, WelcomeScreen)
        await pilot.press("d")
        await until(pilot, lambda: app.next_session is not None)
        assert app.next_session.workspace.demo
    assert not home.exists()


@pytest.mark.slow
async def test_the_welcome_leads_to_the_form_and_back():
    async with opened() as (app, pilot):
        await on(pilot, WelcomeScreen)
        await pilot.press("a")
        await on(pilot, AccountForm)
        await pilot.press("escape")
        await on(pilot, AccountsScreen)
        await pilot.press("escape")
        await on(pilot, WelcomeScreen)
        await pilot.press("escape")
        await on(pilot, MainScreen)
        message = app.screen.query_one("#owned-table").empty_message
        assert message == "no account is configured: A adds one"


async def test_without_the_accounts_asked_for_it_does_not_say_that_none_is_configured(served):
    session = open_session(accounts=("uk-sms",))
    text = Paths.of_user().config_file.read_text()
    Paths.of_user().config_file.write_text(text.partition("[accounts.uk-sms]")[0])
    following = session.follow()
    await session.aclose()
    async with opened(following) as (app, pilot):
        await on(pilot, WelcomeScreen)
        table = app.screen_stack[-2].query_one("#owned-table")
        await until(pilot, lambda: table.empty_message.startswith("none of the accounts asked for"))


@pytest.mark.slow
async def test_of_dialogs_over_one_another_only_the_topmost_is_drawn():
    async with opened() as (app, pilot):
        welcome = await on(pilot, WelcomeScreen)
        await pilot.press("a")
        await on(pilot, AccountForm)
        await until(pilot, lambda: _corners(app) == 4)
        await pilot.press("escape", "escape")
        await on(pilot, WelcomeScreen)
        await until(pilot, lambda: _corners(app) == 4 and welcome.query_one(OptionList).visible)


def _corners(app):
    """Return how many corners of dialogs the screen shows."""
    text = "".join(strip.text for strip in app.screen._compositor.render_strips())
    return sum(map(text.count, "╭╮╰╯"))


async def _fill(pilot, form, values):
    for row in form.query("_Row"):
        if row.key in values:
            row.control.value = values[row.key]
    await pilot.pause()


async def test_an_account_is_tried_saved_and_known(served):
    Paths.of_user().config_file.unlink()
    async with opened() as (app, pilot):
        await on(pilot, WelcomeScreen)
        await pilot.press("a")
        form = await on(pilot, AccountForm)
        await type_text(pilot, "uk")
        await pilot.press("tab", "left")
        await until(pilot, lambda: any(row.key == "api_key" for row in form.query("_Row")))
        await pilot.press("ctrl+s")
        await pilot.pause()
        problems = [str(one.content) for one in form.query(".setting-problem").results(Static)]
        assert any("needs api_key" in problem for problem in problems)
        values = {"api_key": "5b0c7d1e", "base_url": f"{served.origin}/vonage"}
        await _fill(pilot, form, {**values, "api_secret": "wrong"})
        await pilot.press("ctrl+s")
        help_line = form.query_one(".form-help", Static)
        await until(pilot, lambda: str(help_line.content).startswith("not saved: "))
        field = form.query_one(SecretInput)
        assert field.value == ""
        assert not Paths.of_user().config_file.exists()
        await _fill(pilot, form, {"api_secret": GOOD})
        assert field.password
        await pilot.press("ctrl+s")
        page = await on(pilot, PageScreen)
        text = "\n".join(str(one.content) for one in page.query(Static))
        assert "uk works" in text
        assert "not in a keyring: this session has no D-Bus" in text
        await pilot.press("escape")
        await until(pilot, lambda: app.next_session is not None)
        following = app.next_session.workspace
        assert [account.name for account in following.accounts] == ["uk"]
        assert (await following.secrets.find(following.accounts[0])).reveal() == GOOD
    stored = tomllib.loads(Paths.of_user().config_file.read_text())["accounts"]["uk"]
    assert stored == {"provider": "vonage", **values}


async def test_states_stand_side_by_side_and_one_failure_blocks_nothing(served, monkeypatch):
    for name, value in served.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TUI_NUMBERS_SECRET_UK_SMS", "wrong")
    monkeypatch.delenv("TUI_NUMBERS_SECRET_US_DESK")
    served.configure(
        '\n[accounts.off]\nprovider = "vonage"\napi_key = "5b0c7d1e"\nread_only = true\n'
        'production = true\nbase_url = "http://127.0.0.1:1/vonage"\n'
        'secret_command = ["echo", "x"]\n'
    )
    async with opened() as (app, pilot):
        view = app.main.query_one(owned.OwnedView)
        await until(pilot, lambda: not view.store.loading)
        await pilot.press("A")
        screen = await on(pilot, AccountsScreen)
        words = {line.split()[0]: line for line in lines(screen)}
        assert "no secret" in words["us-desk"]
        assert "key rejected" in words["uk-sms"]
        assert " ok" in words["au-sales"]
        assert "unreachable" in words["off"]
        assert "read-only production" in words["off"]
        assert view.table.total_count > 0
        await until(pilot, lambda: "no D-Bus" in facts(screen))


@pytest.mark.slow
async def test_a_typed_secret_is_tried_and_used_for_this_session(served, monkeypatch):
    for name, value in served.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("TUI_NUMBERS_SECRET_UK_SMS")
    async with opened() as (app, pilot):
        view = app.main.query_one(owned.OwnedView)
        await until(pilot, lambda: not view.store.loading)
        before = view.table.total_count
        await pilot.press("A")
        screen = await on(pilot, AccountsScreen)
        await pilot.press("j")
        assert facts(screen).startswith("api_key")
        for secret, word in (("wrong", "key rejected"), (GOOD, "ok")):
            await pilot.press("s")
            asking = await on(pilot, SecretScreen)
            await type_text(pilot, secret)
            field = asking.query_one(Input)
            await pilot.press("enter")
            await on(pilot, AccountsScreen)
            assert field.value == ""
            await until(pilot, lambda word=word: f" {word}" in lines(screen)[1])
        await until(pilot, lambda: "typed for this session" in facts(screen))
        await pilot.press("escape")
        await on(pilot, MainScreen)
        await until(pilot, lambda: view.table.total_count > before)


@pytest.mark.slow
async def test_checking_again_sees_what_has_changed(served, monkeypatch):
    for name, value in served.environment.items():
        monkeypatch.setenv(name, value)
    async with opened() as (app, pilot):
        view = app.main.query_one(owned.OwnedView)
        await until(pilot, lambda: not view.store.loading)
        await pilot.press("A")
        screen = await on(pilot, AccountsScreen)
        monkeypatch.setenv("TUI_NUMBERS_SECRET_UK_SMS", "wrong")
        await pilot.press("r")
        await until(pilot, lambda: "key rejected" in lines(screen)[1])
        await until(pilot, lambda: " ok" in lines(screen)[0])
        monkeypatch.setenv("TUI_NUMBERS_SECRET_UK_SMS", GOOD)
        await pilot.press("j", "c")
        await until(pilot, lambda: " ok" in lines(screen)[1])


@pytest.mark.slow
async def test_removing_asks_and_takes_the_account_out(served):
    served.configure()
    async with opened() as (app, pilot):
        await pilot.press("A")
        await on(pilot, AccountsScreen)
        await pilot.press("X")
        await pilot.pause(0.1)
        await pilot.press("n")
        await on(pilot, AccountsScreen)
        assert "us-desk" in Paths.of_user().config_file.read_text()
        await pilot.press("X")
        await pilot.pause(0.1)
        await pilot.press("y")
        await on(pilot, PageScreen)
        await pilot.press("escape")
        await until(pilot, lambda: app.next_session is not None)
    assert list(tomllib.loads(Paths.of_user().config_file.read_text())["accounts"]) == [
        "uk-sms",
        "au-sales",
        "us-hotline",
        "eu-care",
    ]


@pytest.mark.slow
async def test_editing_keeps_the_secret_that_is_in_use(served, monkeypatch):
    monkeypatch.setenv("TUI_NUMBERS_SECRET_UK", GOOD)
    write_config(
        '[accounts.uk]  # ours\nprovider = "vonage"\napi_key = "5b0c7d1e"\nread_only = true\n'
        f'base_url = "{served.origin}/vonage"\n'
    )
    async with opened() as (app, pilot):
        await pilot.press("A")
        await on(pilot, AccountsScreen)
        await pilot.press("e")
        form = await on(pilot, AccountForm)
        await _fill(pilot, form, {"target_api_key": "5b0c7d1e"})
        await pilot.press("ctrl+s")
        await on(pilot, PageScreen)
        await pilot.press("escape")
        await until(pilot, lambda: app.next_session is not None)
    text = Paths.of_user().config_file.read_text()
    assert "# ours" in text
    assert tomllib.loads(text)["accounts"]["uk"] == {
        "provider": "vonage",
        "api_key": "5b0c7d1e",
        "target_api_key": "5b0c7d1e",
        "read_only": True,
        "base_url": f"{served.origin}/vonage",
    }


async def test_the_demos_accounts_cannot_be_edited():
    async with opened(open_session(demo=True, numbers=30)) as (app, pilot):
        await until(pilot, lambda: not app.main.query_one(owned.OwnedView).store.loading)
        await pilot.press("A")
        screen = await on(pilot, AccountsScreen)
        for key in "aeXs":
            await pilot.press(key)
            assert "cannot be edited" in facts(screen)
        await pilot.press("c")
        await until(pilot, lambda: " ok" in lines(screen)[0])
