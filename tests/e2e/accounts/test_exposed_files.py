"""Files that others can change: said on every face, and no command is run from them."""

import os
import shlex

import pytest

from tests.e2e.accounts.test_accounts_screen import opened, until
from tests.support.command_line import run, write_config
from tui_numbers.services.paths import Paths
from tui_numbers.services.session import begin_session
from tui_numbers.storage.private_files import why_exposed

pytestmark = pytest.mark.skipif(os.name != "posix", reason="rights of another kind")

NOBODY = 65534
OPEN_MODES = (0o666, 0o602, 0o777)
as_root = pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="gives files away")


def _findings():
    return {(one["topic"], one["subject"]): one for one in run("doctor", "--format", "json").json}


def _configured(served, command):
    served.configure()
    path = Paths.of_user().config_file
    path.chmod(0o600)
    text = path.read_text()
    return write_config(
        text.replace("[accounts.uk-sms]", f"[accounts.uk-sms]\nsecret_command = {command}")
        if command
        else text
    )


@pytest.mark.parametrize("mode", OPEN_MODES)
@pytest.mark.parametrize("place", ["file", "directory"])
def test_no_secret_command_is_run_from_what_others_can_change(served, tmp_path, mode, place):
    mark = tmp_path / "ran"
    path = _configured(served, f"['touch', '{mark}']")
    exposed = path if place == "file" else path.parent
    exposed.chmod(mode if place == "file" else mode | 0o700)
    ran = run("list")
    assert ran.code == 2
    assert "account 'uk-sms': secret_command is not run: others can change" in ran.err
    assert f"chmod go-w {exposed}" in ran.err
    assert not mark.exists()
    finding = _findings()["configuration", "file"]
    assert finding["health"] == "bad"
    assert f"chmod go-w {exposed}" in finding["remedy"]
    exposed.chmod(0o700)
    run("list")
    assert mark.exists()


@pytest.mark.parametrize("mode", OPEN_MODES)
def test_a_configuration_that_others_can_change_is_said(served, mode):
    path = _configured(served, None)
    path.chmod(mode)
    ran = served.run("list")
    assert ran.code == 0
    assert f"warning: {path}: others can change this file" in ran.err
    assert f"chmod go-w {path}" in ran.err
    path.chmod(0o644)
    assert "warning" not in served.run("list").err


@as_root
@pytest.mark.parametrize("mode", [0o777, 0o755, 0o700])
def test_a_state_directory_of_another_user_is_said(served, mode):
    _configured(served, None)
    state = Paths.of_user().state
    state.mkdir(parents=True)
    state.chmod(mode)
    os.chown(state, NOBODY, -1)
    ran = served.run("history")
    assert f"warning: others can change what was recorded in {state}" in ran.err
    assert "it belongs to another user" in ran.err
    finding = _findings()["state", "directory"]
    assert (finding["health"], str(state) in finding["remedy"]) == ("bad", True)


def test_a_state_directory_that_all_can_write_to_is_said_and_mended_with_the_next_use(served):
    _configured(served, None)
    state = Paths.of_user().state
    state.mkdir(parents=True)
    state.chmod(0o777)
    assert _findings()["state", "directory"]["health"] == "bad"
    assert f"recorded in {state}: others can write to it (mode 777)" in served.run("list").err


async def test_the_dashboard_says_it_too(served):
    path = _configured(served, None)
    path.chmod(0o666)
    async with opened(begin_session()) as (app, pilot):
        await until(
            pilot,
            lambda: any("others can change this file" in one for one in app.session_log.lines),
        )


@as_root
@pytest.mark.parametrize(
    ("mode", "owner", "exposed"),
    [
        (0o600, 0, False),
        (0o644, 0, False),
        (0o606, 0, True),
        (0o660, 0, True),
        (0o600, NOBODY, True),
    ],
)
def test_who_can_change_a_file(tmp_path, mode, owner, exposed):
    path = tmp_path / shlex.quote("a")
    path.write_text("")
    path.chmod(mode)
    os.chown(path, owner, 1)
    assert (why_exposed(path) is not None) is exposed


@as_root
def test_the_group_that_a_user_has_alone_and_a_sticky_directory_expose_nothing(tmp_path):
    path = tmp_path / "a"
    path.write_text("")
    path.chmod(0o660)
    os.chown(path, 0, 0)
    assert why_exposed(path) is None
    tmp_path.chmod(0o1777)
    assert why_exposed(tmp_path) is None
