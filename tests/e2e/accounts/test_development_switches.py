"""Textual's logs for developers: off in the product, and blind for secrets where they are on."""

import pytest
from textual import constants, events

from tests.e2e.accounts.test_accounts_screen import AccountForm, on, opened, type_text
from tui_numbers.cli.process import tidy_environment
from tui_numbers.ui.account_form import SecretInput, SecretScreen

SECRET = "q7Zx9"


@pytest.fixture
def log(monkeypatch, tmp_path):
    path = tmp_path / "textual.log"
    monkeypatch.setattr(constants, "LOG_FILE", str(path))
    return path


@pytest.mark.parametrize("development", [None, "", "0", "1"])
def test_switches_that_log_or_press_keys_are_for_development_alone(development):
    switches = {"TEXTUAL", "TEXTUAL_LOG", "TEXTUAL_DEBUG", "TEXTUAL_PRESS", "TEXTUAL_SCREENSHOT"}
    kept = {"TERM", "TEXTUAL_THEME", "TEXTUAL_FPS", "TEXTUALISM", "XTEXTUAL_LOG"}
    environ = dict.fromkeys(switches | kept | {"COLUMNS", "LINES"}, "1")
    if development is not None:
        environ["TUI_NUMBERS_DEVELOPMENT"] = development
    tidy_environment(environ)
    left = set(environ) - {"TUI_NUMBERS_DEVELOPMENT"}
    assert left == (kept | switches if development == "1" else kept)


@pytest.mark.parametrize("way", ["typed", "pasted"])
async def test_a_secret_is_in_no_log_of_textual(log, way):
    async with opened() as (app, pilot):
        taken = []
        app.push_screen(SecretScreen("title", "label"), taken.append)
        screen = await on(pilot, SecretScreen)
        field = screen.query_one(SecretInput)
        if way == "typed":
            await type_text(pilot, SECRET)
        else:
            field.post_message(events.Paste(SECRET))
        await pilot.pause()
        assert field.value == SECRET
        await pilot.press("enter")
        await pilot.pause()
        assert [secret.reveal() for secret in taken] == [SECRET]
    logged = log.read_text()
    assert "SecretInput" in logged
    assert SECRET not in logged
    for character in SECRET:
        assert f"'{character}'" not in logged


async def test_a_secret_typed_with_an_account_is_in_no_log_of_textual(log):
    async with opened() as (_, pilot):
        await pilot.press("a")
        form = await on(pilot, AccountForm)
        field = form.query(SecretInput)
        assert field
        field.first().focus()
        await type_text(pilot, SECRET)
        await pilot.pause()
        assert field.first().value == SECRET
    logged = log.read_text()
    assert SECRET not in logged
    for character in SECRET:
        assert f"'{character}'" not in logged
