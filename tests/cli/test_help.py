"""The pages of ``help``, and that they tell of the program as it is."""

import re

import pytest

from tests.cli.test_terminal import plain, talk
from tests.support.command_line import run, write_config
from tui_numbers.cli import errors, reference
from tui_numbers.cli.app import _COMMANDS
from tui_numbers.domain.operations import Outcome
from tui_numbers.services.config import load_config
from tui_numbers.services.config_keys import provider_keys, sections
from tui_numbers.services.keyring import HEADLESS_RECIPE


@pytest.fixture(scope="module")
def infos():
    return reference.infos()


def test_without_a_topic_all_are_listed_each_in_a_line():
    ran = run("help")
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert len(lines) < 32
    assert max(map(len, lines)) <= 80
    for name in reference.TOPICS:
        assert any(line.startswith(f"  {name} ") for line in lines)


@pytest.mark.parametrize("name", reference.TOPICS)
def test_a_page_fits_and_names_only_commands_and_pages_that_there_are(name):
    ran = run("help", name)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(reference.summary(name))
    long = [line for line in ran.out.splitlines() if len(line) > 80]
    if name == "due":
        # The line for cron and the unit for systemd are copied whole.
        made = (reference.cron_line(), reference.systemd_unit())
        long = [line for line in long if not any(line in one for one in made)]
    assert long == ([HEADLESS_RECIPE] if name == "headless" else [])
    assert "[[" not in ran.out.replace("[[numbers]]", "")
    known = {*_COMMANDS, "COMMAND", "TOPIC"}
    commands = re.findall(r"^ +tui-numbers (?:--demo )?(\w+)", reference.page(name), re.MULTILINE)
    assert set(commands) <= known
    assert set(re.findall(r"\bhelp ([a-z-]+)", reference.page(name))) <= {
        *reference.TOPICS,
        *_COMMANDS,
    }


def test_a_command_shows_its_options_after_its_page():
    both = run("help", "undo").out
    assert both.startswith(reference.page("undo"))
    assert both.endswith(run("undo", "--help").out)
    assert run("help", "doctor").out == run("doctor", "--help").out
    assert run("help", "accounts", "add").out == run("accounts", "add", "--help").out
    assert run("help", "exit", "codes").out == reference.page("exit-codes")


@pytest.mark.parametrize(("word", "near"), [("secrts", "secrets"), ("retaget", "retarget")])
def test_a_topic_that_there_is_not_names_the_nearest(word, near):
    ran = run("help", word)
    assert (ran.code, ran.out) == (2, "")
    assert f"did you mean '{near}'?" in ran.err


def test_the_keys_are_those_of_the_configuration():
    write_config('[keymap]\n"number.retarget" = "f5"\n')
    assert "f5            Send calls somewhere else" in run("help", "keys").out
    write_config("[keymap\n")
    assert "t             Send calls somewhere else" in run("help", "keys").out


def test_the_outcomes_and_exit_codes_are_all_told():
    told = run("help", "outcomes").out
    for outcome in Outcome:
        assert f"  {outcome.value} " in told
    codes = {
        value for name, value in vars(errors).items() if name.isupper() and isinstance(value, int)
    }
    assert {int(code) for code, _ in reference.exit_codes()} == codes


def test_every_key_of_the_reference_is_read_with_its_example(tmp_path, infos):
    for provider, info in infos.items():
        lines = [f"{key.key} = {key.example}" for key in dict(sections({}))["[locks]"]]
        text = "\n".join(["[locks]", *lines, "[accounts.a]"])
        shared = dict(sections({}))["[accounts.NAME], whatever its provider"]
        for key in (*shared, *provider_keys(info)):
            example = f'"{provider}"' if key.key == "provider" else key.example
            text += f"\n{key.key} = {example}"
        text += '\n[keymap]\n"number.retarget" = "f5"\n'
        path = tmp_path / f"{provider}.toml"
        path.write_text("snapshot = false\n" + text)
        config = load_config(path, infos)
        assert config.problems == ()
        (account,) = config.accounts
        assert set(account.fields) == {key.key for key in provider_keys(info)}
        assert account.base_url
        assert account.secret_command
        assert account.session_cache_seconds
        assert (account.read_only, account.require_reason, account.production) == (True,) * 3
        assert (config.snapshot, len(config.locks), len(config.keymap)) == (False, 1, 1)


def test_what_a_provider_does_not_offer_has_its_reason(infos):
    told = " ".join(run("help", "providers").out.split())
    for info in infos.values():
        for offer in (info.search, info.buy, info.release):
            assert offer.offered or f"no: {offer.reason}" in told


@pytest.mark.slow
def test_a_page_longer_than_the_terminal_goes_through_the_pager():
    long, shown = talk("help", "config", PAGER="sed s/^/paged:/")
    assert long == 0
    assert "paged:Every key of config.toml" in plain(shown)
    _, short = talk("help", "undo", "x")
    assert "paged" not in short
    _, fits = talk("help", "outcomes", PAGER="sed s/^/paged:/")
    assert plain(fits).startswith("What verified")


@pytest.mark.parametrize("name", ["UK", "US_DESK", "X"])
@pytest.mark.slow_after(1)
def test_the_pager_gets_no_secret(name):
    secret = {f"TUI_NUMBERS_SECRET_{name}": "hush-hush"}
    code, shown = talk("help", "config", PAGER="env", **secret)
    assert code == 0
    assert "PAGER=env" in plain(shown)
    assert "hush-hush" not in shown
    assert "TUI_NUMBERS_SECRET" not in shown


def test_what_is_piped_is_never_paged(monkeypatch):
    monkeypatch.setattr("click.echo_via_pager", lambda text: pytest.fail("paged"))
    assert run("help", "config").code == 0
