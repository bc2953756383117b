"""Completion in the shells themselves, where they are installed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.support.command_line import write_config
from tui_numbers.cli.app import cli
from tui_numbers.sandbox.accounts import config_toml

_PROGRAM = Path(sys.executable).with_name("tui-numbers")
_BASH = """
source <(tui-numbers completion bash)
compopt() { spaceless=" "; }
for COMP_LINE in "$@"; do
    spaceless="" COMP_POINT=${#COMP_LINE}
    _tui_numbers_completion tui-numbers
    echo "${COMPREPLY[*]}${spaceless:+|}"
done
"""
_FISH = """
tui-numbers completion fish | source
for line in $argv
    string join " " (complete -C $line | string split -f1 \\t)
end
exit 0
"""
_ZSH = """
words_of() { for item in ${(P)1}; do print -n -- "${${item//\\\\\\\\:/@}%%:*} "; done }
compdef() { }
source <(tui-numbers completion zsh)
_describe() { print -n -- "$(words_of $3)${5:+|}" }
for line in "$@"; do
    words=(${(z)line}) CURRENT=$#words
    [[ $line == *" " ]] && { words+=(""); CURRENT=$#words }
    _tui_numbers_completion
    print
done
"""
_CASES = {
    "tui-numbers help sec": "secrets",
    "tui-numbers accounts rename ": "night-desk",
    "tui-numbers --demo set +61255506170 friend": "friendly=",
}


@pytest.fixture
def shell(monkeypatch):
    """Run a script in a shell that finds this program; its arguments are the lines to complete."""
    if not _PROGRAM.exists():
        pytest.skip("the program is not installed beside this Python")

    def lines(name, *words):
        if shutil.which(name) is None:
            pytest.skip(f"{name} is not installed here")
        path = f"{_PROGRAM.parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            [name, *words],
            capture_output=True,
            text=True,
            env={**os.environ, "PATH": path},
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        return [line.rstrip() for line in done.stdout.splitlines()]

    write_config(config_toml("http://127.0.0.1:9").replace("us-desk", "night-desk"))
    text = config_toml("http://127.0.0.1:9").partition("\n\n")[0]
    write_config(text.replace("us-desk", "night-desk"))
    return lines


def _found(lines):
    return dict(zip(_CASES, [" ".join(line.rstrip("|").split()) for line in lines], strict=True))


def test_bash_completes(shell):
    # Bash takes what follows = for a word of its own.
    more = "tui-numbers --demo set 'a b' recording=c"
    *lines, last = shell("bash", "--norc", "-c", _BASH, "bash", *_CASES, more)
    assert _found(lines) == _CASES
    assert [line for line in lines if line.endswith("|")] == ["friendly=|"]
    assert last == "call"


@pytest.mark.slow
def test_fish_completes(shell):
    found = _found(shell("fish", "--no-config", "-c", _FISH, *_CASES))
    for line, words in _CASES.items():
        assert sorted(found[line].split()) == sorted(words.split())


@pytest.mark.slow
def test_zsh_completes(shell):
    lines = shell("zsh", "-f", "-c", _ZSH_HEAD + _ZSH, "zsh", *_CASES)
    assert _found(lines) == _CASES
    assert [line for line in lines if line.endswith("|")] == ["friendly= |"]


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("re", "retarget release resume"),
        ("--demo list --account u", "us-desk uk-sms us-hotline"),
        ("--demo retarget +442079460000 --to pho", "phone:"),
        ("--demo set +61255506170 --clear app", "application"),
        ("accounts add x --provider vo", "vonage"),
        ("accounts add x --provider vonage au", "auth="),
        ("accounts check ", ""),
        ("history --outcome un", "unchanged unknown"),
        ("list --type toll", "toll_free"),
        ("list --status p", "pending porting"),
        ("list --columns number,ac", "number,account"),
        ("list --sort ch", "changed"),
    ],
)
def test_what_is_offered(monkeypatch, line, offered):
    monkeypatch.setenv("_TUI_NUMBERS_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_LINE", f"tui-numbers {line}")
    monkeypatch.setenv("COMP_WORDBREAKS", "=:")
    found = CliRunner().invoke(cli, []).stdout.split()
    assert [word.partition(",")[2] for word in found] == offered.split()


@pytest.mark.parametrize("start", ["", "\ufeff", "\ufeff# mine\r\n", "\ufeff\r\n\r\n"])
def test_accounts_are_offered_whatever_editor_wrote_the_file(monkeypatch, start):
    path = write_config("")
    path.write_bytes((start + '[accounts.uk-sms]\r\nprovider = "vonage"\r\n').encode())
    monkeypatch.setenv("_TUI_NUMBERS_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_LINE", "tui-numbers accounts check u")
    monkeypatch.setenv("COMP_WORDBREAKS", "=:")
    assert CliRunner().invoke(cli, []).stdout.split() == ["plain,uk-sms"]


_ZSH_HEAD = f"path=({_PROGRAM.parent} $path)\n"
"""The machine's own start file may have set another path."""
