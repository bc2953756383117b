import asyncio
import subprocess
import sys
import threading
import time
import types

import pytest

from tui_numbers.domain.accounts import Secret
from tui_numbers.services import keyring
from tui_numbers.services.keyring import (
    SERVICE,
    Keyring,
    KeyringProblem,
    Picked,
    Trouble,
    pick,
    problem_of,
)

SECRET = Secret("s3cr3t-value")


async def test_an_entry_is_stored_read_and_removed_under_the_documented_names(keyring, memory):
    assert await keyring.read("uk-sms") is None
    await keyring.write("uk-sms", SECRET)
    assert memory.entries == {("tui-numbers", "uk-sms"): "s3cr3t-value"}
    assert await keyring.read("uk-sms") == SECRET
    assert await keyring.erase("uk-sms") is True
    assert await keyring.erase("uk-sms") is False
    assert await keyring.read("uk-sms") is None
    assert SERVICE == "tui-numbers"
    assert keyring.title == "Memory"


async def test_what_was_read_is_not_asked_for_again(keyring, memory):
    for _ in range(3):
        await keyring.read("uk-sms")
    assert memory.calls == [("get", "uk-sms")]
    keyring.forget("uk-sms")
    await keyring.read("uk-sms")
    assert len(memory.calls) == 2


async def test_a_hanging_keyring_costs_its_deadline_once_for_all_accounts(memory):
    released = threading.Event()
    memory.before = lambda: released.wait(30)
    keyring = Keyring({}, 0.2, lambda environment: Picked(memory, "Memory"))
    started = time.monotonic()
    answers = await asyncio.gather(
        *(keyring.read(f"account-{n}") for n in range(20)), return_exceptions=True
    )
    took = time.monotonic() - started
    assert {answer.trouble for answer in answers} == {Trouble.TIMED_OUT}
    assert took < 2
    assert len(memory.calls) == 1
    with pytest.raises(KeyringProblem, match="did not answer within"):
        await keyring.write("account-1", SECRET)
    assert len(memory.calls) == 1
    released.set()
    keyring.ask_again()
    assert await keyring.read("account-1") is None


async def test_the_event_loop_runs_on_while_the_keyring_hangs(memory):
    memory.before = lambda: time.sleep(0.3)
    keyring = Keyring({}, 3.0, lambda environment: Picked(memory, "Memory"))
    ticks = 0

    async def tick():
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    ticking = asyncio.create_task(tick())
    await keyring.read("uk-sms")
    ticking.cancel()
    assert ticks > 5


def test_a_thread_that_hangs_does_not_keep_the_program_from_ending():
    script = """
import asyncio, time
from tui_numbers.services.keyring import Keyring
from tui_numbers.services.keyring import KeyringProblem
def hang(environment):
    time.sleep(60)
async def main():
    try:
        await Keyring({}, 0.1, hang).read("a")
    except KeyringProblem as problem:
        print(problem.trouble)
asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=20, check=True
    )
    assert done.stdout == "timed out\n"


class KeyringLocked(Exception):
    pass


class NoKeyringError(RuntimeError):
    pass


class PromptDismissedException(Exception):
    pass


class Refused(Exception):
    name = "org.freedesktop.DBus.Error.AccessDenied"


@pytest.mark.parametrize(
    ("error", "display", "trouble"),
    [
        (KeyringLocked("s3cr3t-value"), "", Trouble.LOCKED),
        (KeyringLocked("s3cr3t-value"), ":0", Trouble.DENIED),
        (PromptDismissedException(), "", Trouble.LOCKED),
        (PromptDismissedException(), ":0", Trouble.DENIED),
        (Refused("s3cr3t-value"), "", Trouble.DENIED),
        (NoKeyringError("s3cr3t-value"), "", Trouble.NO_BACKEND),
        (ValueError("s3cr3t-value"), "", Trouble.FAILED),
        (KeyboardInterrupt("s3cr3t-value"), "", Trouble.FAILED),
        (SystemExit("s3cr3t-value"), "", Trouble.FAILED),
        (UnicodeDecodeError("utf-8", b"s3cr3t-value", 0, 1, "odd"), "", Trouble.FAILED),
    ],
)
async def test_every_failure_has_one_word_and_never_the_backends_own(
    memory, error, display, trouble
):
    def fail():
        raise error

    memory.before = fail
    keyring = Keyring({"DISPLAY": display}, 3.0, lambda environment: Picked(memory, "Memory"))
    with pytest.raises(KeyringProblem) as raised:
        await keyring.write("uk-sms", SECRET)
    problem = raised.value
    assert problem.trouble is trouble
    assert "s3cr3t" not in f"{problem!r} {problem} {problem.remedy}"
    assert problem.__cause__ is None
    assert problem.__context__ is None


async def test_a_keyring_that_keeps_nothing_is_found_out(memory):
    class Forgetful:
        def get_password(self, service, username):
            return None

        def set_password(self, service, username, password):
            pass

    keyring = Keyring({}, 3.0, lambda environment: Picked(Forgetful(), "Forgetful"))
    with pytest.raises(KeyringProblem, match="took the secret and does not have it"):
        await keyring.write("uk-sms", SECRET)


async def test_an_entry_that_is_no_text_is_no_entry(keyring, memory):
    memory.entries["tui-numbers", "uk-sms"] = b"bytes"
    assert await keyring.read("uk-sms") is None


def test_without_a_bus_the_keyring_package_is_not_even_imported():
    script = """
import asyncio, sys
from tui_numbers.services.keyring import Keyring
from tui_numbers.services.keyring import KeyringProblem
try:
    asyncio.run(Keyring({}).read("a"))
except KeyringProblem as problem:
    print(problem.trouble, "keyring" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=20, check=True
    )
    assert done.stdout == "no keyring False\n"


def test_the_address_of_a_bus_that_is_there_is_told(tmp_path):
    (tmp_path / "bus").touch()
    with pytest.raises(KeyringProblem) as raised:
        pick({"XDG_RUNTIME_DIR": str(tmp_path)})
    assert raised.value.remedy.startswith(
        f"export DBUS_SESSION_BUS_ADDRESS=unix:path={tmp_path}/bus"
    )


def test_another_keyring_is_used_only_when_it_is_named(monkeypatch, tmp_path):
    (tmp_path / "own_backend.py").write_text("class Keyring:\n    priority = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    picked = pick({"PYTHON_KEYRING_BACKEND": "own_backend.Keyring"})
    assert type(picked.backend).__name__ == "Keyring"
    assert picked.title == "own_backend.Keyring (PYTHON_KEYRING_BACKEND)"
    for name in ("own_backend.Nothing", "nowhere.Keyring", "Keyring"):
        with pytest.raises(KeyringProblem, match=f"names the keyring {name}, which cannot be used"):
            pick({"PYTHON_KEYRING_BACKEND": name})


KEEP_NOTHING = ("keyring.backends.fail.Keyring", "keyring.backends.null.Keyring")


@pytest.fixture
def keyringrc(tmp_path):
    """Write the keyring package's own file; return the environment that leads to it."""

    def write(text):
        path = tmp_path / "python_keyring" / "keyringrc.cfg"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        bus = "unix:path=/nonexistent"
        return path, {"XDG_CONFIG_HOME": str(tmp_path), "DBUS_SESSION_BUS_ADDRESS": bus}

    return write


@pytest.mark.parametrize("name", KEEP_NOTHING)
async def test_a_keyring_that_a_variable_switches_off_is_not_mended_by_installing_one(name):
    with pytest.raises(KeyringProblem) as raised:
        await Keyring({"PYTHON_KEYRING_BACKEND": name}).read("uk-sms")
    problem = raised.value
    assert (
        problem.message == f"PYTHON_KEYRING_BACKEND names the keyring {name}, which keeps nothing"
    )
    assert problem.remedy.startswith("unset PYTHON_KEYRING_BACKEND")
    assert "gnome-keyring" not in problem.remedy


@pytest.mark.parametrize("name", KEEP_NOTHING)
async def test_a_keyring_that_its_file_switches_off_names_the_file(name, keyringrc):
    path, environment = keyringrc(f"[backend]\ndefault-keyring={name}\n")
    with pytest.raises(KeyringProblem) as raised:
        await Keyring(environment).read("uk-sms")
    assert raised.value.message == f"{path} names the keyring {name}, which keeps nothing"
    assert raised.value.remedy.startswith(f"remove default-keyring from {path}")


@pytest.mark.parametrize("error", ["NoKeyringError", "InitError"])
async def test_a_named_keyring_that_gives_no_access_bears_its_own_blame(
    error, monkeypatch, tmp_path
):
    (tmp_path / "shy_backend.py").write_text(
        f"from keyring.errors import {error}\n"
        "class Keyring:\n"
        "    def get_password(self, service, name):\n"
        f"        raise {error}()\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "shy_backend", raising=False)
    with pytest.raises(KeyringProblem) as raised:
        await Keyring({"PYTHON_KEYRING_BACKEND": "shy_backend.Keyring"}).read("uk-sms")
    assert raised.value.message.startswith("PYTHON_KEYRING_BACKEND names the keyring shy_backend")
    assert "gnome-keyring" not in raised.value.remedy


@pytest.mark.parametrize(
    "name", ["keyrings.alt.file.PlaintextKeyring", "keyring.backends.chainer.ChainerBackend", "x.Y"]
)
async def test_a_keyring_configured_for_all_programs_is_not_passed_over_without_a_word(
    name, keyringrc, monkeypatch, memory
):
    path, environment = keyringrc(f"[backend]\ndefault-keyring = {name}\n")
    for told in (environment, {"XDG_CONFIG_HOME": environment["XDG_CONFIG_HOME"]}):
        with pytest.raises(KeyringProblem) as raised:
            await Keyring(told).read("uk-sms")
        assert f"{path} names the keyring {name}" in raised.value.message
        assert f"export PYTHON_KEYRING_BACKEND={name}" in raised.value.message
    monkeypatch.setattr(
        "tui_numbers.services.keyring._best", lambda allowed: Picked(memory, "Memory")
    )
    keyring = Keyring(environment)
    assert await keyring.read("uk-sms") is None
    assert (keyring.title, f"{path} names the keyring {name}" in keyring.note) == ("Memory", True)


def test_a_keyring_on_the_list_is_used_where_the_file_names_it(keyringrc, monkeypatch):
    module = types.SimpleNamespace(Keyring=lambda: "second")
    monkeypatch.setitem(sys.modules, "second_backend", module)
    listed = keyring._Allowed("Second", "second_backend", "Keyring")
    monkeypatch.setitem(keyring._ALLOWED, sys.platform, (listed,))
    _, environment = keyringrc("[backend]\ndefault-keyring=second_backend.Keyring\n")
    picked = pick(environment)
    assert (picked.backend, picked.title, picked.note) == ("second", "Second", "")


@pytest.mark.parametrize("text", ["", "[backend]\n", "[backend]\ndefault-keyring=\n", "no ini"])
def test_a_file_that_names_no_keyring_changes_nothing(text, keyringrc, monkeypatch, memory):
    _, environment = keyringrc(text)
    monkeypatch.setattr(
        "tui_numbers.services.keyring._best", lambda allowed: Picked(memory, "Memory")
    )
    assert pick(environment) == Picked(memory, "Memory")


def test_the_packages_own_search_is_never_run(tmp_path):
    """A plaintext keyring that is merely installed must not be found, and nothing is executed."""
    script = """
import asyncio, os, subprocess, sys
from tui_numbers.services.keyring import Keyring
from tui_numbers.services.keyring import KeyringProblem
def refused(event, args):
    if event in ("subprocess.Popen", "os.posix_spawn", "os.fork", "os.exec"):
        print("ran", event, args)
        os._exit(9)
sys.addaudithook(refused)
environment = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent"}
os.environ.update(environment)
try:
    asyncio.run(Keyring(environment).read("a"))
except KeyringProblem as problem:
    print(problem.trouble)
import keyring.core
print(keyring.core._keyring_backend)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=20, check=False
    )
    assert done.stdout == "no keyring\nNone\n", done.stderr


def test_a_problem_is_raised_anew_each_time():
    problem = KeyringProblem(Trouble.LOCKED, "a", "b")
    again = problem_of(problem, {})
    assert again is not problem
    assert (again.trouble, again.message, again.remedy) == (Trouble.LOCKED, "a", "b")
