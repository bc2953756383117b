"""Every hostile text through real providers' clients into every output of the command line."""

import csv
import io
import json
import re
import subprocess
from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import pytest
from wcwidth import wcwidth

from tests.support.command_line import run, write_config
from tests.support.hostile_text import STRINGS, harm_in
from tui_numbers.domain.e164 import is_e164
from tui_numbers.domain.numbers import Channel, Target
from tui_numbers.domain.operations import Action, Actor, Operation
from tui_numbers.domain.records import owned_from_record
from tui_numbers.domain.text import clean
from tui_numbers.sandbox.accounts import config_toml, environment
from tui_numbers.sandbox.app import Sandbox, build_world
from tui_numbers.sandbox.faults import Faults
from tui_numbers.sandbox.records import Application, FoneNumber
from tui_numbers.sandbox.server import background
from tui_numbers.services.paths import Paths
from tui_numbers.storage.sqlite_journal import SqliteJournal

SENT = tuple(one for one in STRINGS if not re.search("[\ud800-\udfff]", one.text))
"""What JSON can hold; half a surrogate pair is among the records of ``test_records``."""
NUMBERS = {f"+6125550{at:04}": one for at, one in enumerate(SENT)}
PROVIDED = [f"--format={form}" for form in ("table", "json", "csv")]
FORMULAS = tuple("=+-@\t\r\n＝＋－＠")
DISAGREED = {"flag", "skin", "halves of Hangul", "heart", "family", "Devanagari"}
"""Texts to which terminals give different widths, so that no table without a cursor aligns."""


def hostile_world():
    world = build_world(6)
    like = next(iter(world.fonedynamics.numbers.records.values()))
    for number, one in NUMBERS.items():
        kept = dict.fromkeys(
            ("friendly", "city", "region", "attribution_source", "attribution_content"), one.text
        )
        world.fonedynamics.numbers.put(number, _fone(like, number, kept))
    for at, one in enumerate(SENT):
        key = f"00000000-1111-4222-8333-{at:012}"
        world.vonage.applications[key] = Application(key, one.text, ("voice",))
    return world


def _fone(like: FoneNumber, number: str, kept: dict[str, str]) -> FoneNumber:
    return msgspec.structs.replace(like, number=number, country="AU", status="Active", **kept)


@pytest.fixture(scope="module")
def origin():
    with background(Sandbox(hostile_world(), Faults())) as at:
        yield at


@pytest.fixture
def configured(origin, monkeypatch):
    write_config(config_toml(origin))
    for name, value in environment().items():
        monkeypatch.setenv(name, value)


def harmless(ran):
    problem = harm_in(ran.out, lines=True) or harm_in(ran.err, lines=True)
    assert not problem, problem
    return ran


def cells(out):
    """Return the CSV records, having looked at every cell as a spreadsheet would."""
    rows = list(csv.reader(io.StringIO(out)))
    heading = rows[0]
    for row in rows:
        assert len(row) == len(heading)
        for title, cell in zip(heading, row, strict=True):
            bare = title == "number" and is_e164(cell)
            assert bare or not cell.startswith(FORMULAS), (title, cell[:40])
    return [dict(zip(heading, row, strict=True)) for row in rows[1:]]


def guarded(text):
    text = clean(text)
    return f"'{text}" if text.startswith(FORMULAS) else text


def wide(text):
    return sum(max(0, wcwidth(character)) for character in text)


def test_owned_numbers_as_a_table(configured):
    lines = harmless(run("list", "--account", "au-sales", "--format", "table")).out.splitlines()
    found, problems = 0, []
    for line in lines[1:]:
        digits = "+" + "".join(filter(str.isdigit, line.partition("  ")[0]))
        one = NUMBERS.get(digits)
        if one is None:
            continue
        found += 1
        name = line[len(line.partition("  ")[0]) :].lstrip(" ")
        if not name.startswith(one.shows[:8].strip()):
            problems.append(f"{one.name}: shows {name[:12]!r}")
        before, at = line[: line.rindex("au-sales")], lines[0].index("Account")
        if one.name not in DISAGREED and wide(before) != at:
            problems.append(f"{one.name}: Account is not aligned")
    assert not problems, "\n".join(problems)
    assert found == len(NUMBERS)


def test_owned_numbers_for_programs(configured):
    rows = json.loads(harmless(run("list", "--account", "au-sales", "--format", "json")).out)
    kept = {row["number"]: row for row in rows}
    listed = cells(harmless(run("list", "--account", "au-sales", "--format", "csv")).out)
    table = {row["number"]: row for row in listed}
    for number, one in NUMBERS.items():
        for key in ("name", "city", "region"):
            assert kept[number][key] == clean(one.text), one.name
            assert table[number][key] == guarded(one.text), one.name


@pytest.mark.parametrize("form", PROVIDED)
@pytest.mark.parametrize(
    "words",
    [
        ("targets", "--account", "uk-sms"),
        ("accounts", "check"),
        ("accounts", "list"),
        ("search", "--country", "AU", "--limit", "5"),
    ],
    ids=" ".join,
)
@pytest.mark.slow_after(4)
def test_other_listings(configured, words, form):
    ran = harmless(run(*words, form))
    if form.endswith("json"):
        json.loads(ran.out)
    elif form.endswith("csv"):
        cells(ran.out)
    if words[0] == "targets" and form.endswith("json"):
        labels = {row["label"] for row in json.loads(ran.out)}
        assert labels >= {clean(one.text) for one in SENT}


@pytest.mark.parametrize("form", PROVIDED)
def test_one_number_and_its_record(configured, form):
    wanted = [n for n, one in NUMBERS.items() if one.name in ("clear", "newlines", "formula")]
    for number in wanted:
        ran = harmless(run("show", number, "--account", "au-sales", "--raw", form))
        if form.endswith("json"):
            assert ran.json["raw"]["Friendly"] == NUMBERS[number].text
        elif form.endswith("csv"):
            assert cells(ran.out)[0]["name"] == guarded(NUMBERS[number].text)


@pytest.fixture
def recorded():
    like = {"account": "au-sales", "provider": "fonedynamics", "id": "1", "settings": {}}
    now = datetime(2026, 3, 2, tzinfo=UTC)
    operations = []
    for at, (number, one) in enumerate(NUMBERS.items()):
        before = replace(owned_from_record(like | {"number": number}), seen_at=now)
        target = Target("flow", "F1", one.text)
        operations.append(Operation(
            f"{at:06}", "b", now, None, Actor(one.text, one.text), "au-sales", "fonedynamics",
            before.number, Action.RETARGET, one.text, before,
            replace(before, routing={Channel.VOICE: target, Channel.SMS: None}), None, None,
            one.text, keys=("voice",), begun=False,
        ))  # fmt: skip
    Paths.of_user().journal.parent.mkdir(parents=True)
    SqliteJournal(Paths.of_user().journal).plan(operations)


def test_the_history(configured, recorded):
    harmless(run("history", "--format", "table"))
    rows = json.loads(harmless(run("history", "--format", "json")).out)
    assert {row["number"]: row["reason"] for row in rows} == {
        number: one.text for number, one in NUMBERS.items()
    }
    table = {row["number"]: row for row in cells(run("history", "--format", "csv").out)}
    for number, one in NUMBERS.items():
        reason = table[number]["reason"]
        guard = "'" if one.text.startswith(FORMULAS) else ""
        assert reason == guard + clean(one.text, len(one.text)), one.name


def test_the_handover(configured, recorded):
    """Every row is one line of eight cells, and nothing in it is markup."""
    page = harmless(run("history", "--format", "markdown")).out
    rows = [line for line in page.splitlines() if line.startswith("| 2026")]
    assert len(rows) == len(NUMBERS)
    for row in rows:
        assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) == 9, row[:200]
        left = re.sub(r"\\[!-/:-@\[-`{-~]", "", row).lower()
        assert not re.search(r"[`*_\[\]<>#!~$@]|://|www\.|&(?!amp;)", left), left[:200]


@pytest.mark.parametrize(
    "words",
    [
        ("{}",),
        ("show", "{}"),
        ("list", "--status", "{}"),
        ("search", "--country", "{}"),
        ("retarget", "+61255500001", "--to", "{}"),
        ("set", "+61255500001", "{}=1"),
        ("history", "--since", "{}"),
        ("list", "--account", "{}"),
        ("accounts", "add", "{}", "--provider", "vonage"),
        ("accounts", "remove", "{}", "--yes"),
        ("help", "{}"),
    ],
    ids=" ".join,
)
@pytest.mark.slow_after(3)
def test_what_is_typed_comes_back_harmless(configured, words):
    for at, one in enumerate(STRINGS):
        if at % 4 == len(words[0]) % 4:
            ran = harmless(run(*(word.replace("{}", one.text) for word in words)))
            # A status may be a provider's own word, which none of these numbers happens to have.
            assert ran.code or "--status" in words, one.name
            assert ran.err.count("\n") <= 40, one.name


@pytest.mark.slow
def test_a_configuration_comes_back_harmless():
    for one in SENT:
        key = json.dumps(one.text)
        write_config(f"[{key}]\nx = 1\n[accounts.{key}]\nprovider = {key}\napi_key = {key}\n")
        ran = harmless(run("accounts", "list"))
        assert ran.code == 2, one.name


def test_the_log_of_failures_is_text(monkeypatch):
    from tui_numbers.cli import errors

    def fail():
        raise RuntimeError("\x1b]0;t\x07 \u202e \x9b31m")

    assert errors.run_to_exit_code(fail) == 1
    log = Paths.of_user().log.read_text(encoding="utf-8")
    assert "RuntimeError: ␛]0;t␇" in log
    assert not harm_in(log, lines=True)


def test_the_shell_completes_nothing_but_words(origin):
    ran = run("completion", "bash")
    assert subprocess.run(["bash", "-n"], input=ran.out, text=True, check=False).returncode == 0
