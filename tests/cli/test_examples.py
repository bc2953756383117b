"""Every example of every command's help, run as it stands there."""

import shlex

import click
import pytest

from tests.support.command_line import TO, UK, run
from tui_numbers.cli.app import cli
from tui_numbers.sandbox import server
from tui_numbers.sandbox.accounts import VONAGE_API_KEY, VONAGE_API_SECRET


def _commands(group=cli, path=()):
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from _commands(command, (*path, name))


COMMANDS = dict(_commands()) | {(): cli}
EXAMPLES = [(path, example) for path, command in COMMANDS.items() for example in command.examples]
TEMPORARY = [example for _, example in EXAMPLES if example.startswith(("due --keep", "due --at"))]
ON_DEMO = [
    example for path, example in EXAMPLES if COMMANDS[path].on_demo and example not in TEMPORARY
]
RECORDED = [example for path, example in EXAMPLES if path in (("undo",), ("resume",))]
APPLIED = [
    example for path, example in EXAMPLES if path in (("route", "revert"), ("route", "remove"))
]
ACCOUNTS = [example for path, example in EXAMPLES if path[:1] == ("accounts",)]
SERVED = [example for path, example in EXAMPLES if path == ("sandbox",)]
SCRIPTS = [example for path, example in EXAMPLES if path == ("completion",)]


@pytest.fixture
def served(served, monkeypatch):
    """The sandbox on its port, with the secrets of its accounts."""
    for name, value in served.environment.items():
        monkeypatch.setenv(name, value)
    return served


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_help_fits_and_ends_with_examples(path):
    lines = run(*path, "--help").out.rstrip("\n").splitlines()
    assert max(map(len, lines)) <= 80
    examples = [f"  tui-numbers {example}" for example in COMMANDS[path].examples]
    assert examples
    assert lines[-len(examples) :] == examples


def test_every_example_is_run_by_one_of_these():
    assert {example for _, example in EXAMPLES} == {
        *ON_DEMO, *RECORDED, *TEMPORARY, *APPLIED, *ACCOUNTS, *SERVED, *SCRIPTS
    }  # fmt: skip


@pytest.mark.parametrize("example", ON_DEMO)
@pytest.mark.slow_after(12)
def test_an_example_works_on_the_demo(demo, example):
    ran = demo(*shlex.split(example))
    if example.startswith("doctor"):
        # What it finds on this machine is the machine's; that it examines everything is ours.
        assert "credentials" in ran.out
    elif example.startswith("check"):
        # The demo has numbers that point nowhere, or at what is gone.
        assert ran.code == 4, ran.err
        assert ran.out
    else:
        assert ran.code == 0, ran.err
        assert ran.out or "removed" in ran.err


@pytest.mark.parametrize("example", RECORDED)
@pytest.mark.slow_after(2)
def test_an_example_works_on_what_was_just_done(served, example):
    (done,) = run("retarget", UK, "--to", TO, "--yes").json
    (record,) = run("history", "--number", UK).json[:1]
    words = shlex.split(example)
    if words[0] != "history":
        words[1] = record["batch"] if words[0] == "resume" else done["operation"]
    ran = run(*words)
    assert ran.code == 0, ran.err
    run("undo", done["operation"], "--yes")


@pytest.mark.parametrize("example", TEMPORARY)
def test_an_example_works_on_a_change_that_ends(served, example):
    (done,) = run("retarget", UK, "--to", TO, "--for", "2h", "--yes").json
    words = shlex.split(example)
    words[2] = done["operation"]
    ran = run(*words)
    assert ran.code == 0, ran.err
    run("undo", done["operation"], "--yes")


@pytest.mark.parametrize("example", APPLIED)
def test_an_example_works_on_a_route_that_was_applied(served, example):
    assert run("route", "save", "after-hours", UK, "--to", TO).code == 0
    (done,) = run("route", "apply", "after-hours", "--yes").json
    ran = run(*shlex.split(example))
    assert ran.code == 0, ran.err
    run("undo", done["operation"], "--yes")


@pytest.mark.parametrize("example", ACCOUNTS)
def test_an_example_works_on_the_accounts_of_a_sandbox(served, example):
    words = [word.replace("a1b2c3d4", VONAGE_API_KEY) for word in shlex.split(example)]
    if words[1] == "add":
        run("accounts", "remove", "uk-sms", "--yes")
        words.append(f"base_url={served.origin}/vonage")
    ran = run(*words, stdin=f"{VONAGE_API_SECRET}\n")
    # Without a keyring the secret is tried, and kept nowhere.
    assert ran.code == (1 if words[1] == "set-secret" else 0), ran.err


@pytest.mark.parametrize("example", SERVED)
def test_an_example_serves(monkeypatch, example):
    ports = []

    def listening(_sandbox, port, ready):
        ports.append(port)
        ready(f"http://127.0.0.1:{port}")

    monkeypatch.setattr(server, "serve", listening)
    ran = run(*shlex.split(example))
    assert ran.code == 0
    assert f'base_url = "http://127.0.0.1:{ports[0]}/vonage"' in ran.out


@pytest.mark.parametrize("example", SCRIPTS)
def test_an_example_prints_a_script(example):
    command, _, _file = example.partition(" >")
    assert run(*shlex.split(command)).code == 0
