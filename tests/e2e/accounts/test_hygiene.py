"""A marked secret, everything that can go wrong, and a search through every byte written."""

import asyncio
import base64
import copy
import json
import logging
import os
import pickle
import re
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

import msgspec
import pytest
from textual.widgets import Input

from tests.e2e.accounts.test_accounts_screen import on, opened, until
from tests.support.command_line import TO, UK, US, run, write_config
from tui_numbers.domain.accounts import Secret
from tui_numbers.providers import transport
from tui_numbers.sandbox import accounts as emulated
from tui_numbers.sandbox import telnyx, telnyx_numbers, twilio_numbers
from tui_numbers.services.paths import Paths
from tui_numbers.services.session import open_session
from tui_numbers.ui.account_form import AccountForm, SecretInput, SecretScreen
from tui_numbers.ui.accounts_screen import AccountsScreen
from tui_numbers.ui.dialogs.dialog import AskScreen
from tui_numbers.ui.views import owned

MARK = "m4rk3d"
SECRET = f"{MARK}/s3cr3t&+%"

FAULTS = (
    "",
    "vonage:*:unauthorized;parakeet:*:forbidden;fonedynamics:*:unauthorized",
    "*:*:500",
    "*:*:429",
    "*:*:html",
    "*:*:half-json",
    "*:*:reset-before",
    "*:*:reset-after",
)
ON_SCREEN = tuple(
    one for one in FAULTS if one not in ("*:*:429", "*:*:half-json", "*:*:reset-before")
)
"""What a screen says of the others are words that commands say too, and they meet all."""

COMMANDS = (
    ("list",),
    ("list", "--filter", "6170", "--format", "csv"),
    ("show", UK, "--raw"),
    ("search", "--country", "GB", "--limit", "2"),
    ("targets",),
    ("retarget", UK, "--to", f"phone:{TO}", "--reason", "test", "--yes"),
    ("set", UK, f"voice=phone:{TO}", "--yes"),
    ("buy", "+442079460123", "--account", "uk-sms", "--yes"),
    ("release", US, "--account", "us-desk", "--confirm", US),
    ("history",),
    ("accounts", "list"),
    ("accounts", "check"),
    ("doctor",),
    ("doctor", "--format", "table"),
    ("undo", "nothing", "--yes"),
    ("no-such-command",),
)


def _needles():
    users = [next(iter(one.fields.values()), "") for one in emulated.ACCOUNTS]
    joined = [base64.b64encode(f"{user}:{SECRET}".encode()).decode() for user in users]
    return [MARK.encode(), *(one.encode() for one in joined), base64.b64encode(SECRET.encode())]


def assert_clean(*texts):
    for text in texts:
        data = text if isinstance(text, bytes) else str(text).encode()
        for needle in _needles():
            at = data.find(needle)
            assert at < 0, data[max(0, at - 200) : at + 100]


def shown(app):
    """Return all that stands on the screen, without the colours that might part it."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


def files_below(folder):
    return [path for path in Path(folder).rglob("*") if path.is_file()]


@pytest.fixture
def marked(served, monkeypatch, tmp_path):
    """A sandbox that takes the marked secret, which stands in the environment; logs to a file."""
    for module, name in (
        ("vonage", "VONAGE_API_SECRET"),
        ("parakeet", "PARAKEET_API_KEY"),
        ("fonedynamics", "FONEDYNAMICS_TOKEN"),
        ("telnyx", "TELNYX_API_KEY"),
        ("twilio", "TWILIO_AUTH_TOKEN"),
    ):
        monkeypatch.setattr(f"tui_numbers.sandbox.{module}.{name}", SECRET)
    for name in served.environment:
        monkeypatch.setenv(name, SECRET)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    log = logging.FileHandler(tmp_path / "everything.log")
    root = logging.getLogger()
    level = root.level
    root.addHandler(log)
    root.setLevel(logging.DEBUG)
    yield served
    root.setLevel(level)
    root.removeHandler(log)
    log.close()
    home = os.environ["HOME"]
    for path in [*files_below(home), *files_below(tmp_path)]:
        assert_clean(str(path), path.read_bytes())


@pytest.mark.parametrize("faults", FAULTS)
def test_no_command_writes_a_secret_whatever_fails(marked, faults, caplog):
    if faults:
        marked.misbehave(faults)
    for words in COMMANDS:
        ran = run(*words)
        assert_clean(ran.out, ran.err, caplog.text)
        if words == ("list",) and not faults:
            assert ran.code == 0


def _planted(monkeypatch, module, function, *names):
    """Let every record that the sandbox shows hold secrets, deep ones too, under these names."""
    plain = getattr(module, function)

    def with_secrets(*arguments):
        shown = plain(*arguments)
        secrets = dict.fromkeys(names, f"{MARK}-of-a-record")
        return shown | secrets | {"nested": [{"deeper": secrets}]}

    monkeypatch.setattr(module, function, with_secrets)


def test_no_secret_that_a_record_holds_is_kept_or_shown(marked, monkeypatch):
    _planted(monkeypatch, twilio_numbers, "number_object", "auth_token")
    names = ("external_pin", "pin", "v1_secret", "api_key", "api_token")
    _planted(monkeypatch, telnyx_numbers, "number_object", *names)
    _planted(monkeypatch, telnyx, "_profile_object", *names)
    records = marked.sandbox.world.twilio.numbers.records.values()
    number = next(row.number for row in records)
    first = run("show", number, "--raw", "--format", "json")
    assert first.json["raw"]["sid"].startswith("PN")
    for words in (
        ("list",),
        ("show", number, "--raw"),
        ("targets", "--account", "us-hotline"),
        ("retarget", number, "--to", "webhook:https://hooks.example/x", "--yes"),
        ("set", number, "friendly=Night desk", "--yes"),
        ("history", "--format", "json"),
    ):
        ran = run(*words)
        assert ran.code == 0, (words, ran.err)
        assert_clean(ran.out, ran.err)
    assert_clean(first.out)

    async def listed():
        async with opened() as (_, pilot):
            await until(pilot, Paths.of_user().snapshot.is_file)
            await until(pilot, lambda: b"Night desk" in Paths.of_user().snapshot.read_bytes())

    asyncio.run(listed())


@pytest.mark.parametrize("fault", ["*:*:unauthorized", "*:*:500", "*:*:reset-after", "*:*:html"])
def test_no_command_on_accounts_writes_the_secret_that_it_is_given(marked, fault):
    write_config("")
    marked.misbehave(fault)
    url = f"base_url={marked.origin}/vonage"
    for words in (
        ("accounts", "add", "uk", "--provider", "vonage", "api_key=5b0c7d1e", url),
        ("accounts", "add", "uk", "--provider", "vonage", "api_key=5b0c7d1e", url, "auth=query"),
        ("accounts", "add", "uk", "--provider", "vonage", f"api_secret={SECRET}"),
        ("accounts", "add", "uk", "--provider", "vonage", SECRET),
        ("accounts", "add", "uk", "--provider", "vonage", "api_key=x", url),
        ("accounts", "set-secret", "uk"),
    ):
        ran = run(*words, stdin=f"{SECRET}\n")
        assert ran.code not in (0, 130), words
        assert_clean(ran.out, ran.err)


@pytest.mark.parametrize("kind", [RuntimeError, UnicodeError, KeyError, RecursionError])
def test_an_error_that_nobody_expected_is_logged_without_values(marked, monkeypatch, kind):
    async def fail(response):
        raise kind("odd")

    monkeypatch.setattr(transport, "read_body", fail)
    for words in (("list",), ("show", UK), ("accounts", "check"), ("doctor",)):
        ran = run(*words)
        assert ran.code != 0
        assert_clean(ran.out, ran.err)
    assert kind.__name__ in Paths.of_user().log.read_text()


def test_nothing_is_passed_on_to_children_by_argument_or_environment(marked, tmp_path):
    seen = tmp_path / "seen"
    script = (
        "import os, sys; from pathlib import Path; "
        f"Path({str(seen)!r}).write_text(repr(dict(os.environ)) + repr(sys.argv) + "
        "Path('/proc/%d/cmdline' % os.getppid()).read_text()); print('x')"
    )
    write_config(
        '[accounts.other]\nprovider = "vonage"\napi_key = "5b0c7d1e"\n'
        f'base_url = "{marked.origin}/vonage"\n'
        f"secret_command = [{sys.executable!r}, '-c', {json.dumps(script)}]\n"
    )
    done = marked.process("list", loaded=False, TUI_NUMBERS_SECRET_UK=SECRET)
    assert done.code == 3
    assert "TUI_NUMBERS_SECRET" not in seen.read_text()
    assert_clean(done.out, done.err, seen.read_bytes())


@pytest.mark.skipif(os.name != "posix", reason="no core files")
def test_a_crash_leaves_no_core_file(marked):
    script = (
        "import sys; sys.argv = ['tui-numbers', '--version']\n"
        "from tui_numbers.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "import resource; print(resource.getrlimit(resource.RLIMIT_CORE)[0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "0"


_DUMPABLE = """
import ctypes, sys
sys.argv = ["tui-numbers", *sys.argv[1:]]
from tui_numbers.__main__ import main
try:
    main()
except SystemExit:
    pass
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""
"""Ends with what PR_GET_DUMPABLE says."""


@pytest.mark.skipif(sys.platform != "linux", reason="another system call")
@pytest.mark.parametrize(
    ("words", "development", "dumpable"),
    [
        (("help",), "", "0"),
        (("history",), "", "0"),
        (("--demo", "targets"), "", "0"),
        (("history",), "1", "1"),
    ],
)
def test_no_other_program_may_read_the_memory(words, development, dumpable):
    done = subprocess.run(
        [sys.executable, "-c", _DUMPABLE, *words],
        env={**os.environ, "TUI_NUMBERS_DEVELOPMENT": development},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == dumpable


KEYS = (
    *("2", "3", "1", "enter", "v", "escape", "A", "c", "r", "escape", "at", "escape"),
    *("question_mark", "escape", "slash", "6", "enter", "t", "escape", "e", "escape", "escape"),
    *("u", "escape", "X", "escape"),
)


@pytest.mark.parametrize("faults", ON_SCREEN)
async def test_no_screen_shows_a_secret_whatever_fails(marked, faults, caplog):
    if faults:
        marked.misbehave(faults)
    session = open_session()
    async with opened(session) as (app, pilot):
        await until(pilot, lambda: app.main.query(owned.OwnedView))
        await pilot.pause(0.3)
        for key in KEYS:
            await pilot.press(key)
            await pilot.pause(0.02)
            assert_clean(shown(app))
        assert_clean(repr(session), repr(app.session), caplog.text)
        assert_clean("\n".join(app.session_log.lines))


async def test_what_is_typed_is_masked_and_gone_afterwards(marked, monkeypatch):
    monkeypatch.delenv("TUI_NUMBERS_SECRET_UK_SMS")
    marked.misbehave("vonage:*:500")
    async with opened() as (app, pilot):
        await pilot.press("A")
        await on(pilot, AccountsScreen)
        await pilot.press("j", "s")
        screen = await on(pilot, SecretScreen)
        field = screen.query_one(Input)
        await pilot.press(*"m4rk3d")
        await pilot.press("ctrl+a", "ctrl+c", "ctrl+x")
        assert_clean(shown(app), app.clipboard)
        assert field.value
        await pilot.press("escape")
        await on(pilot, AccountsScreen)
        assert field.value == ""
        await pilot.press("a")
        form = await on(pilot, AccountForm)
        field = form.query_one(SecretInput)
        field.value = SECRET
        await pilot.pause()
        assert_clean(shown(app))
        await pilot.press("escape")
        # It asks before it drops what was typed.
        await on(pilot, AskScreen)
        assert_clean(shown(app))
        await pilot.press("y")
        await on(pilot, AccountsScreen)
        assert field.value == ""
        assert_clean(shown(app))


async def test_a_crash_of_the_dashboard_prints_no_values(marked, capfd):
    def fail():
        held = SECRET
        raise RuntimeError(len(held))

    with pytest.raises(RuntimeError):  # noqa: PT012 - it comes out when the dashboard ends
        async with opened() as (app, pilot):
            app.call_later(fail)
            await pilot.pause(0.3)
    app._print_error_renderables()
    assert_clean(*capfd.readouterr())
    assert isinstance(app.failure, RuntimeError)
    assert_clean(*traceback.format_exception(app.failure))


def test_a_secret_cannot_be_shown_or_taken_along():
    secret = Secret(SECRET)
    for shown in (str(secret), repr(secret), f"{secret}", f"{secret!r:>40}", f"{secret!s}",
                  repr([secret]), repr({"a": secret}), ascii(secret),
                  f"{secret:>20}", repr(vars(type(secret)))):  # fmt: skip
        assert_clean(shown)
    for taking in (
        lambda: pickle.dumps(secret),
        lambda: json.dumps(secret),
        lambda: json.dumps({"a": secret}),
        lambda: msgspec.json.encode(secret),
        lambda: msgspec.to_builtins(secret),
        lambda: vars(secret),
        secret.__getstate__,
        secret.__reduce__,
        lambda: list(secret),
        lambda: len(secret),
        lambda: secret + "",
    ):
        with pytest.raises(TypeError) as raised:
            taking()
        assert_clean(str(raised.value))
    assert copy.copy(secret) is secret
    assert copy.deepcopy([secret])[0] is secret
    assert secret == Secret(SECRET)
    assert secret != Secret("other")
    assert secret != SECRET
    assert hash(secret) == hash(Secret("other"))
    assert not Secret("")
    with pytest.raises(AttributeError):
        secret.other = 1


def test_nothing_but_the_senders_reveals_a_secret():
    package = Path(transport.__file__).parents[1]
    revealing = {
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        if re.search(r"secret\w*\.reveal\(\)|\]\.reveal\(\)", path.read_text())
    }
    assert revealing == {
        "providers/http.py",
        "providers/request.py",
        "services/kernel_keyring.py",
        "services/keyring.py",
    }
