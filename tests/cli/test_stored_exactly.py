"""What a provider stores: shown harmlessly, and put back character for character or not at all."""

import json
import sqlite3

import pytest
from msgspec import structs

from tests.support.command_line import AU, TO, UK, US, run
from tui_numbers.sandbox import parakeet
from tui_numbers.services.paths import Paths


@pytest.fixture
def served(served, monkeypatch):
    """The sandbox on its port, for commands that run in this process."""
    for name, value in served.environment.items():
        monkeypatch.setenv(name, value)
    return served


def _store(served, provider, number, **fields):
    """Change a number behind the program's back; return what reads its record."""
    ledger = getattr(served.sandbox.world, provider).numbers

    def key():
        return next(name for name, one in ledger.records.items() if one.number == number)

    ledger.put(key(), structs.replace(ledger.get(key()), **fields))
    return lambda: ledger.get(key())


NAMES = [
    "میز‌پشتیبانی",
    "Family 👨‍👩‍👧 desk",
    "Nuit\u00a0et\u00a0jour",
    "\u200fקבלה\u200f",
    "a\u2003b\u3164c",
    "\U0001fae9 newer than this",
]


@pytest.mark.parametrize("name", [*NAMES, "tab\tand\x1b[2Jescape", "line\nend\u2028"])
@pytest.mark.slow_after(2)
def test_undo_puts_a_name_back_character_for_character(served, name):
    record = _store(served, "fonedynamics", AU, friendly=name)
    (done,) = run("set", AU, "friendly=Night desk", "--yes").json
    assert (done["outcome"], record().friendly) == ("verified", "Night desk")
    assert done["before"]["settings"]["friendly"] == name
    (back,) = run("undo", done["operation"], "--yes").json
    assert back["outcome"] == "verified"
    assert record().friendly == name


@pytest.mark.parametrize("name", [*NAMES, "\u00a0padded\u00a0"])
@pytest.mark.slow_after(2)
def test_set_takes_joiners_and_unusual_spaces_and_reads_them_back(served, name):
    record = _store(served, "fonedynamics", AU, friendly="Front desk")
    (done,) = run("set", AU, f"friendly={name}", "--yes").json
    assert (done["outcome"], record().friendly) == ("verified", name)
    stored = run("show", AU, "--format", "json").json["settings"]["friendly"]
    assert stored == name
    assert run("set", AU, f"friendly={stored}", "--yes").outcomes == ["unchanged"]


@pytest.mark.parametrize("name", ["a\x1b[2Jb", "tab\there", "del\x7f", "c1\x9b", "a\u2028b"])
def test_set_refuses_what_no_line_holds(served, name):
    ran = run("set", AU, f"friendly={name}", "--yes")
    assert (ran.code, "cannot be printed" in ran.err) == (2, True)


@pytest.mark.parametrize("name", ["esc\x1b[2J", "c1\x9b2J", "bidi\u202eEXE", "bell\x07"])
@pytest.mark.slow_after(1)
def test_a_stored_control_character_never_reaches_the_terminal(served, name):
    _store(served, "fonedynamics", AU, friendly=name)
    for words in (
        ["show", AU, "--format", "table"],
        ["show", AU, "--format", "json"],
        ["list", "--format", "csv"],
        ["set", AU, "friendly=x", "--dry-run", "--format", "table"],
    ):
        ran = run(*words)
        printed = (ran.out + ran.err).replace("\n", "")
        assert printed.isprintable()


@pytest.mark.parametrize("name", ["Front desk", "mark \ufffd", "picture\u241b"])
def test_a_name_that_an_earlier_version_kept_cleaned_is_not_put_back(served, name):
    record = _store(served, "fonedynamics", AU, friendly=name)
    (done,) = run("set", AU, "friendly=Other", "--yes").json
    _as_an_earlier_version_wrote(Paths.of_user().journal)
    ran = run("undo", done["operation"], "--yes")
    assert (ran.code, ran.outcomes, record().friendly) == (6, ["refused"], "Other")
    assert "what was stored is not known" in ran.json[0]["error"]


def test_what_cleaning_cannot_have_changed_is_put_back_from_an_earlier_version(served):
    record = _store(served, "fonedynamics", AU, friendly="Reception")
    (done,) = run("set", AU, "friendly=Other", "--yes").json
    _as_an_earlier_version_wrote(Paths.of_user().journal)
    assert run("undo", done["operation"], "--yes").outcomes == ["verified"]
    assert record().friendly == "Reception"


def _as_an_earlier_version_wrote(path):
    with sqlite3.connect(path) as connection:
        for row, before in connection.execute("SELECT rowid, before FROM operation").fetchall():
            record = json.loads(before)
            del record["exact"]
            text = json.dumps(record, separators=(",", ":"))
            connection.execute("UPDATE operation SET before = ? WHERE rowid = ?", (text, row))
    connection.close()


def test_a_name_that_could_not_be_read_is_warned_of_and_never_put_back(served):
    record = _store(served, "fonedynamics", AU, friendly="Caf\ufffd")
    ran = run("set", AU, "friendly=Other", "--yes")
    assert "friendly is Caf\ufffd now, and cannot be put back" in ran.err
    back = run("undo", ran.json[0]["operation"], "--yes")
    assert (back.outcomes, record().friendly) == (["refused"], "Other")


CALLBACKS = [
    ("vxml", "https://ivr.example/menu.vxml"),
    ("TEL", "442079460000"),
    ("Sip", "sip:desk@pbx.example"),
    ("conference", "Board: room"),
]


@pytest.mark.parametrize(("kind", "value"), CALLBACKS)
@pytest.mark.slow_after(1)
def test_a_voice_callback_of_an_unknown_kind_is_shown_and_counts_as_routed(served, kind, value):
    _store(served, "vonage", UK, app_id=None, voice_type=kind, voice_value=value)
    shown = run("show", UK, "--format", "json").json
    assert shown["routing"]["voice"] == {"kind": kind, "value": value, "label": None}
    assert shown["settings"]["voice"] == f"{kind}:{value}"
    assert UK not in [row["number"] for row in run("list", "--unrouted").json]
    assert f"{kind} {value}" in run("list", "--format", "table").out


@pytest.mark.parametrize(("kind", "value"), CALLBACKS)
@pytest.mark.slow_after(1)
def test_a_voice_callback_of_an_unknown_kind_is_warned_of_and_never_half_put_back(
    served, kind, value
):
    record = _store(served, "vonage", UK, app_id=None, voice_type=kind, voice_value=value)
    ran = run("retarget", UK, "--to", TO, "--yes")
    assert f"voice is {kind}:{value} now, and cannot be put back" in ran.err
    assert ran.outcomes == ["verified"]
    stored = record()
    back = run("undo", ran.json[0]["operation"], "--yes")
    assert (back.code, back.outcomes, record()) == (6, ["refused"], stored)
    assert f"not '{kind}:{value}'" in back.json[0]["error"]


@pytest.mark.parametrize(("kind", "value"), CALLBACKS)
@pytest.mark.slow_after(1)
def test_a_voice_callback_of_an_unknown_kind_can_be_cleared(served, kind, value):
    record = _store(served, "vonage", UK, voice_type=kind, voice_value=value)
    assert run("set", UK, "--clear", "voice", "--yes").outcomes == ["verified"]
    assert (record().voice_type, record().voice_value) == (None, None)


def test_another_change_sends_an_unknown_callback_again_as_it_is(served):
    record = _store(served, "vonage", UK, voice_type="vxml", voice_value="https://ivr.example/m")
    assert run("set", UK, "voice_status=https://app.example/x", "--yes").outcomes == ["verified"]
    assert (record().voice_type, record().voice_value) == ("vxml", "https://ivr.example/m")


@pytest.mark.parametrize("method", ["Voicemail", "Queue:1", "SIP"])
@pytest.mark.slow_after(1)
def test_a_routing_method_of_no_document_is_warned_of_and_not_put_back(served, method):
    _store(served, "fonedynamics", AU, routing=method, endpoint=None)
    shown = run("show", AU, "--format", "json").json
    assert shown["routing"]["voice"]["kind"] == method
    ran = run("retarget", AU, "--to", TO, "--yes")
    assert f"cannot be put back: the provider does not tell which {method} it was" in ran.err
    back = run("undo", ran.json[0]["operation"], "--yes")
    assert (back.code, back.outcomes) == (6, ["refused"])


@pytest.mark.parametrize("word", ["Both", "Transcript", "on"])
def test_a_recording_of_no_document_is_warned_of_and_not_put_back(served, word):
    record = _store(served, "fonedynamics", AU, recording=word)
    ran = run("set", AU, "recording=off", "--yes")
    assert f"recording is {word} now, and cannot be put back" in ran.err
    assert run("undo", ran.json[0]["operation"], "--yes").outcomes == ["refused"]
    assert record().recording == "Off"


@pytest.mark.parametrize(
    ("kind", "pointer", "told"),
    [
        ("flow", {"id": "FL1"}, "flow:FL1"),
        ("Queue", {"id": "QU1"}, "Queue:QU1"),
        ("voicemail", None, "voicemail (which one is not told)"),
        ("user", {"id": "XX1"}, "user:XX1"),
    ],
)
@pytest.mark.slow_after(1)
def test_a_target_that_parakeet_does_not_take_is_warned_of_and_not_put_back(
    served, monkeypatch, kind, pointer, told
):
    _point_elsewhere(served, monkeypatch, kind, pointer)
    user = f"user:{next(iter(served.sandbox.world.parakeet.users))}"
    ran = run("retarget", US, "--to", user, "--yes")
    assert f"target is {told} now, and cannot be put back: " in ran.err
    assert ran.outcomes == ["verified"]
    back = run("undo", ran.json[0]["operation"], "--yes")
    assert (back.code, back.outcomes) == (6, ["refused"])
    assert run("show", US, "--format", "json").json["settings"]["target"] == user


def _point_elsewhere(served, monkeypatch, kind, pointer):
    """Let the sandbox show another target than it knows, until one of its own is set."""
    made = parakeet.number_object

    def shown(account, record):
        if record.target != "elsewhere":
            return made(account, record)
        there = {"target_type": kind, "target": pointer, "name": "Elsewhere"}
        return made(account, structs.replace(record, target=None)) | there

    monkeypatch.setattr(parakeet, "number_object", shown)
    _store(served, "parakeet", US, target="elsewhere")
