"""Numbers on the command line: as people paste them, as they are stored, and locked ones."""

import msgspec
import pytest

from tests.support.command_line import AU, TO, UK, US
from tui_numbers.domain.e164 import international


@pytest.mark.parametrize(
    ("written", "value", "said"),
    [
        ("phone:+44 020 7946 0999", "+442079460999", "the 0 after +44 was taken off"),
        ("+33 01 99 00 12 34", "+33199001234", "the 0 after +33 was taken off"),
        ("0049 030 901820", "+4930901820", "the 0 after +49 was taken off"),
        ("+39 02 1234 5678", "+390212345678", "in another country than the number: Italy"),
        ("2673676170", "+2673676170", "read as +267 367 6170, in Botswana"),
    ],
)
def test_a_target_is_sent_as_it_is_shown_and_what_was_read_is_said(demo, written, value, said):
    ran = demo("retarget", UK, "--to", written, "--yes")
    assert ran.outcomes == ["verified"]
    assert ran.json[0]["after"]["settings"]["voice"] == f"phone:{value}"
    assert international(value) in ran.err
    assert said in ran.err


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("4930901820.0", "decimal fraction"),
        ("+4930123 +4930124", "two plus signs"),
        ("tel:+442079460999;ext=12", "an extension"),
        ("+1 267 367 6170/71", "more than one number"),
        ("phone:+44 20 7946 0999 ext 3", "an extension"),
    ],
)
@pytest.mark.parametrize("place", ["--to", "setting", "number"])
def test_a_mangled_number_is_refused_wherever_it_stands(demo, written, reason, place):
    if place == "number" and written.startswith("phone:"):
        written = written.removeprefix("phone:")
    words = {
        "--to": ("retarget", UK, "--to", written),
        "setting": ("set", UK, f"voice={written}"),
        "number": ("show", written),
    }[place]
    ran = demo(*words)
    assert (ran.code, ran.out) == (2, "")
    assert reason in ran.err


@pytest.mark.parametrize(
    "written",
    [
        "\u202a+44 7400 906170\u202c",
        "+44\u00a07400\u00a0906170",
        "'+447400906170",
        "tel:+44-7400-906170",
        "+٤٤٧٤٠٠٩٠٦١٧٠",
    ],
)
def test_a_copied_number_is_shown_pointed_at_and_filtered_by(demo, written):
    assert demo("show", written).json["number"] == UK
    ran = demo("retarget", AU, "--to", written, "--dry-run")
    assert ran.json[0]["after"]["settings"]["voice"] == f"phone:{UK}"
    (row,) = demo("list", "--filter", written, "--format", "json").json
    assert row["number"] == UK


@pytest.mark.parametrize("written", ["+44 07400 906170", "0044 (0)7400 906170"])
def test_what_was_taken_off_a_number_is_said_once(demo, written):
    ran = demo("show", written, written[:0] or "--raw")
    assert ran.json["number"] == UK
    assert ran.err == f"the 0 after +44 was taken off: {UK}\n"


@pytest.mark.parametrize("lock", ["+44 07400 906170", "0044 7400 906170", "tel:+44-7400-906170"])
@pytest.mark.slow_after(1)
def test_a_lock_in_any_spelling_protects_and_says_so_everywhere(served, lock):
    served.configure(f'\n[locks]\nnumbers = ["{lock}"]\n')
    several = served.run("retarget", UK, "+442079460000", "--to", TO, "--yes")
    assert "locked" in several.json[0]["error"]
    assert served.run("release", UK, "--account", "uk-sms", "--confirm", UK).code == 6
    alone = served.run("retarget", UK, "--to", TO, "--dry-run")
    assert "warning: the number is locked: never changed together" in alone.err
    table = served.run("list", "--format", "table").out.splitlines()
    assert [line for line in table if line.endswith(" locked")] == [
        line for line in table if line.startswith("+44 7400 906170")
    ]
    assert "never released from here" in served.run("show", UK, "--format", "table").out
    assert "never released" not in served.run("show", US, "--format", "table").out


@pytest.mark.parametrize("lock", ["6170", "020 7946 0000", "Front desk", "4930901820.0"])
def test_a_lock_that_is_no_number_stops_the_program(served, lock):
    served.configure(f'\n[locks]\nnumbers = ["{lock}"]\n')
    ran = served.run("list")
    assert ran.code == 2
    assert "config.toml" in ran.err


@pytest.mark.parametrize("stored", ["+4402079460999", "+330199001234", "+49030901820"])
@pytest.mark.slow_after(1)
def test_a_number_that_is_stored_wrongly_is_shown_as_stored_and_found_out(served, stored):
    ledger = served.sandbox.world.fonedynamics.numbers
    key, record = next((key, one) for key, one in ledger.records.items() if one.number == AU)
    changed = {"routing": "Endpoint", "endpoint": stored, "flow": None}
    ledger.put(key, msgspec.structs.replace(record, **changed))
    shown = served.run("show", AU, "--format", "table").out
    assert f"phone {stored}" in shown
    assert f"{stored} is no phone number" in shown
    assert served.run("show", AU).json["settings"]["voice"] == f"phone:{stored}"
    ran = served.run("retarget", AU, "--to", UK, "--dry-run")
    assert f"phone {stored} -> phone +44 7400 906170" in ran.err
    assert f"warning: stored now: {stored} is no phone number" in ran.err
