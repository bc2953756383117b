import os
import sys
from dataclasses import replace

import pytest

from tests.support.keyrings import ACCOUNT
from tui_numbers.domain.accounts import Secret
from tui_numbers.providers.errors import SecretMissing
from tui_numbers.services.keyring import Keyring, KeyringProblem
from tui_numbers.services.secrets import TYPED, Secrets, keep_secret, move_secret, ways_to_supply

COMMAND = replace(ACCOUNT, secret_command=(sys.executable, "-c", "print('commanded\\nmore')"))


async def _typed(account):
    return Secret("typed")


async def test_the_order_is_environment_command_keyring_person(keyring, memory):
    memory.entries["tui-numbers", "uk-sms"] = "kept"
    environment = {"TUI_NUMBERS_SECRET_UK_SMS": " given "}

    async def found(account, environment, keyring):
        secrets = Secrets(environment, _typed, keyring)
        expected = None if keyring is None else await secrets.expected(account)
        return (await secrets.find(account)).reveal(), expected or secrets.source(account)

    assert await found(COMMAND, environment, keyring) == (
        "given",
        "environment (TUI_NUMBERS_SECRET_UK_SMS)",
    )
    assert await found(COMMAND, {}, keyring) == ("commanded", f"secret_command ({sys.executable})")
    assert await found(ACCOUNT, {}, keyring) == ("kept", "keyring (Memory)")
    assert await found(ACCOUNT, {}, None) == ("typed", TYPED)


async def test_a_keyring_that_fails_is_named_where_the_secret_is_missing():
    secrets = Secrets({}, None, Keyring({}))
    with pytest.raises(SecretMissing) as raised:
        await secrets.find(ACCOUNT)
    assert str(raised.value) == (
        "no secret for account uk-sms (this session has no D-Bus); "
        "export TUI_NUMBERS_SECRET_UK_SMS=…, or see: tui-numbers accounts set-secret uk-sms"
    )
    with pytest.raises(KeyringProblem):
        await secrets.expected(ACCOUNT)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("raise SystemExit(3)", "ended with code 3"),
        ("print()", "printed nothing"),
        ("print('s3cr3t'); raise SystemExit(3)", "ended with code 3"),
    ],
)
async def test_a_command_that_fails_says_how_and_shows_no_output(script, said):
    account = replace(ACCOUNT, secret_command=(sys.executable, "-c", script))
    with pytest.raises(SecretMissing, match=said) as raised:
        await Secrets({}).find(account)
    assert "s3cr3t" not in str(raised.value)


async def test_a_command_that_is_not_there_or_hangs_is_said(monkeypatch):
    with pytest.raises(SecretMissing, match="cannot be started: No such file"):
        await Secrets({}).find(replace(ACCOUNT, secret_command=("/nonexistent",)))
    with pytest.raises(SecretMissing, match="cannot be started"):
        await Secrets({}).find(replace(ACCOUNT, secret_command=("a\0b",)))
    monkeypatch.setattr("tui_numbers.services.secrets._COMMAND_SECONDS", 0.1)
    hanging = (sys.executable, "-c", "import time; time.sleep(60)")
    with pytest.raises(SecretMissing, match="did not end within"):
        await Secrets({}).find(replace(ACCOUNT, secret_command=hanging))


async def test_a_command_sees_no_other_accounts_secret(monkeypatch):
    monkeypatch.setenv("TUI_NUMBERS_SECRET_OTHER", "s3cr3t")
    monkeypatch.setenv("ELSE", "kept")
    script = "import os; print(' '.join(sorted(os.environ)), os.environ['ELSE'])"
    secret = await Secrets({}).find(replace(ACCOUNT, secret_command=(sys.executable, "-c", script)))
    assert "TUI_NUMBERS_SECRET_OTHER" in os.environ
    assert "TUI_NUMBERS_SECRET" not in secret.reveal()
    assert secret.reveal().endswith("kept")


async def test_a_secret_is_kept_in_the_keyring_and_what_goes_before_it_is_said(keyring, memory):
    kept = await keep_secret(Secrets({}, None, keyring), ACCOUNT, Secret("new"))
    assert (kept.where, kept.problem, kept.instead) == ("keyring (Memory)", None, None)
    assert memory.entries == {("tui-numbers", "uk-sms"): "new"}
    given = Secrets({"TUI_NUMBERS_SECRET_UK_SMS": "x"}, None, keyring)
    kept = await keep_secret(given, ACCOUNT, Secret("newer"))
    assert kept.instead == "environment (TUI_NUMBERS_SECRET_UK_SMS)"


async def test_renaming_moves_the_entry_or_leaves_it(keyring, memory):
    memory.entries["tui-numbers", "uk-sms"] = "kept"
    secrets = Secrets({}, None, keyring)
    assert await move_secret(secrets, ACCOUNT, "uk")
    assert memory.entries == {("tui-numbers", "uk"): "kept"}
    assert not await move_secret(secrets, ACCOUNT, "uk")

    def fail():
        raise RuntimeError

    memory.before = fail
    with pytest.raises(KeyringProblem):
        await move_secret(secrets, replace(ACCOUNT, name="uk"), "us")
    assert memory.entries == {("tui-numbers", "uk"): "kept"}


def test_every_way_on_is_told_for_this_very_account():
    lines = "\n".join(ways_to_supply(ACCOUNT, Keyring({}), kernel=True))
    for exact in (
        "read -rs TUI_NUMBERS_SECRET_UK_SMS; export TUI_NUMBERS_SECRET_UK_SMS",
        'secret_command = ["pass", "show", "uk-sms"]',
        'session_cache = "8h"',
        "dbus-run-session -- bash -c",
        "gnome-keyring-daemon --unlock --components=secrets",
        "tui-numbers accounts set-secret uk-sms",
        "systemctl --user enable --now gnome-keyring-daemon.socket",
        "PYTHON_KEYRING_BACKEND",
        "[accounts.uk-sms]",
    ):
        assert exact in lines
    assert "session_cache" not in "\n".join(ways_to_supply(ACCOUNT, None, kernel=False))


@pytest.mark.parametrize("around", ["\ufeff{}", "\u202a{}\u202c", " \u200b{}\u00a0"])
async def test_marks_around_a_secret_are_left_out_wherever_it_comes_from(around):
    given = {"TUI_NUMBERS_SECRET_UK_SMS": around.format("given")}
    assert (await Secrets(given, _typed, None).find(ACCOUNT)).reveal() == "given"
    script = f"import sys; sys.stdout.buffer.write({around.format('said')!r}.encode())"
    command = replace(ACCOUNT, secret_command=(sys.executable, "-c", script))
    assert (await Secrets({}, _typed, None).find(command)).reveal() == "said"
