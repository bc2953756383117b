"""The commands on accounts against a sandbox on a port, with a keyring in memory."""

import stat
import time
import tomllib
from pathlib import Path

import pytest

from tests.support.command_line import run, write_config
from tests.support.keyrings import memory
from tui_numbers.domain import clock
from tui_numbers.services import keyring
from tui_numbers.services.keyring import Picked
from tui_numbers.services.paths import Paths

__all__ = ["memory"]

GOOD = "sandbox-vonage-secret"


@pytest.fixture
def kept(memory, monkeypatch):
    """Make the keyring in memory the one of this machine."""
    whole = keyring.Keyring.__init__

    def own(self, *arguments, **named):
        whole(self, *arguments, **named)
        self.pick = lambda environment: Picked(memory, "Memory")

    monkeypatch.setattr(keyring.Keyring, "__init__", own)
    return memory


def _add(served, secret=GOOD, name="uk", *more):
    write_config("")
    url = f"base_url={served.origin}/vonage"
    words = ("accounts", "add", name, "--provider", "vonage", "api_key=5b0c7d1e", url, *more)
    return run(*words, stdin=f"{secret}\n")


def _accounts():
    return tomllib.loads(Paths.of_user().config_file.read_text()).get("accounts", {})


def test_adding_saves_the_fields_here_and_the_secret_there(served, kept):
    ran = _add(served)
    assert ran.code == 0
    assert "its secret is in the keyring (Memory)" in ran.err
    assert kept.entries == {("tui-numbers", "uk"): GOOD}
    assert list(_accounts()) == ["uk"]
    assert GOOD not in Paths.of_user().config_file.read_text()
    assert run("accounts", "list").json[0]["secret_source"] == "keyring (Memory)"
    assert run("list").code == 0


def test_a_wrong_secret_saves_nothing(served, kept):
    ran = _add(served, "wrong-secret")
    assert ran.code == 3
    assert "wrong-secret" not in ran.err + ran.out
    assert (_accounts(), kept.entries) == ({}, {})


def test_without_a_keyring_the_account_is_saved_and_every_way_on_is_told(served):
    ran = _add(served)
    assert ran.code == 0
    assert "not in a keyring: this session has no D-Bus" in ran.err
    assert "read -rs TUI_NUMBERS_SECRET_UK; export TUI_NUMBERS_SECRET_UK" in ran.err
    assert list(_accounts()) == ["uk"]
    ran = run("accounts", "list")
    assert ran.json[0]["secret_source"] is None
    assert "no secret: this session has no D-Bus" in ran.err
    assert run("list").code == 3


def test_renaming_moves_the_secret_and_removing_takes_it_away(served, kept):
    _add(served)
    ran = run("accounts", "rename", "uk", "uk-sms")
    assert "moved its secret in the keyring (Memory)" in ran.err
    assert kept.entries == {("tui-numbers", "uk-sms"): GOOD}
    ran = run("accounts", "remove", "uk-sms", "--yes")
    assert "removed its secret from the keyring (Memory)" in ran.err
    assert (_accounts(), kept.entries) == ({}, {})


def test_a_secret_that_cannot_be_moved_or_removed_is_said(served, kept):
    _add(served)

    def fail():
        raise RuntimeError

    kept.before = fail
    ran = run("accounts", "rename", "uk", "gb")
    assert ran.code == 4
    assert "not moved in the keyring: tui-numbers accounts set-secret gb" in ran.err
    ran = run("accounts", "remove", "gb", "--yes")
    assert ran.code == 4
    assert "may still be in the keyring, under service tui-numbers, user gb" in ran.err
    assert _accounts() == {}


def test_another_secret_replaces_the_one_that_is_kept(served, kept):
    _add(served)
    kept.entries["tui-numbers", "uk"] = "old"
    assert run("list").code == 3
    assert run("accounts", "set-secret", "uk", stdin=f"{GOOD}\n").code == 0
    assert run("list").code == 0


@pytest.mark.parametrize(
    ("more", "variable"),
    [("", None), ("", "TUI_NUMBERS_SECRET_UK"), ('secret_command = ["true"]\n', None)],
    ids=["nothing else has one", "the environment has one", "a command has one"],
)
def test_a_secret_that_no_place_keeps_is_not_done(served, monkeypatch, more, variable):
    _add(served)
    path = Paths.of_user().config_file
    path.write_text(path.read_text() + more)
    if variable is not None:
        monkeypatch.setenv(variable, "old")
    ran = run("accounts", "set-secret", "uk", stdin=f"{GOOD}\n")
    assert ran.code == 1
    assert "the secret works" in ran.err
    assert "not in a keyring" in ran.err


def test_a_secret_among_the_arguments_is_refused_and_not_repeated(served):
    ran = _add(served, GOOD, "uk", "api_secret=s3cr3t")
    assert ran.code == 2
    assert "never an argument" in ran.err
    ran = _add(served, GOOD, "uk", "s3cr3t")
    assert ran.code == 2
    assert "s3cr3t" not in ran.err


@pytest.mark.parametrize("bad", ["8x", "8d", "", "0h"])
def test_a_session_cache_that_is_no_time_is_refused(served, bad):
    assert _add(served, GOOD, "uk", f"session_cache={bad}").code == 2


def test_doctor_finds_what_works_and_what_does_not(served, kept):
    served.configure()
    path = Paths.of_user().config_file
    path.chmod(0o600)
    ran = run("doctor", "--format", "json")
    findings = {(one["topic"], one["subject"]): one for one in ran.json}
    assert ran.code == 3
    assert findings["keyring", "backend"]["says"] == "Memory"
    assert findings["keyring", "round trip"]["health"] == "ok"
    assert kept.entries == {}
    assert findings["configuration", "file"]["says"] == f"{path}, mode 600"
    assert findings["account uk-sms", "credentials"]["health"] == "bad"
    assert "set-secret uk-sms" in findings["account uk-sms", "credentials"]["remedy"]
    done = served.process("doctor", "--format", "json")
    findings = {(one["topic"], one["subject"]): one for one in done.json}
    assert done.code == 0, done.out
    assert findings["account uk-sms", "credentials"]["health"] == "ok"
    assert findings["providers", "in use"]["says"] == (
        "Fone Dynamics, Parakeet, Telnyx, Twilio, Vonage"
    )
    for secret in served.environment.values():
        assert secret not in done.out + done.err


def test_doctor_compares_the_clock_with_the_provider_s(served):
    served.configure()
    for ahead, health, says in (
        (0, "ok", "within"),
        (3700, "note", "ahead"),
        (-90, "note", "behind"),
    ):
        with clock.use(clock.Clock(lambda ahead=ahead: time.time() + ahead)):
            ran = served.run("doctor", "--format", "json")
        findings = {(one["topic"], one["subject"]): one for one in ran.json}
        told = findings["account uk-sms", "clock"]
        assert (told["health"], says in told["says"]) == (health, True), told


def test_doctor_names_the_lines_of_a_configuration_that_is_wrong(served):
    path = write_config('[accounts.uk]\nprovider = "vonag"\n')
    path.chmod(0o666)
    ran = run("doctor", "--format", "table")
    assert ran.code == 2
    assert "line 2: account 'uk': no provider 'vonag'; did you mean 'vonage'?" in ran.out
    assert f"chmod go-w {path}" in ran.out
    write_config("[accounts\n")
    ran = run("doctor", "--format", "table")
    assert ran.code == 2
    assert "not valid TOML" in ran.out


def test_doctor_creates_nothing(tmp_path):
    home = Path(Paths.of_user().config).parent
    assert run("doctor").code == 0
    assert not home.exists()


def test_doctor_sees_state_files_that_others_can_read():
    state = Paths.of_user().state
    state.mkdir(parents=True)
    journal = state / "journal.sqlite"
    journal.touch()
    journal.chmod(0o644)
    ran = run("doctor", "--format", "table")
    assert ran.code == 1
    assert f"chmod go= {journal}" in ran.out
    assert stat.S_IMODE(journal.stat().st_mode) == 0o644


@pytest.mark.parametrize(
    "piped",
    [f"\ufeff{GOOD}", f"\ufeff {GOOD} \r", f"\u202a{GOOD}\u202c", f"\u200b{GOOD}\u2060\u00a0"],
)
def test_what_surrounds_a_piped_secret_unseen_is_no_part_of_it(served, kept, piped):
    ran = _add(served, piped)
    assert ran.code == 0
    assert kept.entries == {("tui-numbers", "uk"): GOOD}
