"""Numbers from files and pipes, and targets by the names that they have."""

import pytest

from tests.support.command_line import AU, TO, UK, US, run


def numbers_of(ran):
    return [row["number"] for row in ran.json]


@pytest.mark.parametrize(
    "text",
    [
        f"{UK}\n{AU}\n",
        f"\ufeffnumber,name\r\n{UK},Desk\r\n\r\n{AU},\r\n",
        f"# on call\n{UK[:3]} 7400 906170  # desk\n{AU};Sydney;x\n",
        f'"{UK}"\tdesk\n{AU}\t\n{UK}\t\n',
    ],
    ids=["lines", "CSV of a spreadsheet", "comments", "tabs and twice"],
)
def test_numbers_come_from_a_file_and_from_standard_input_alike(demo, tmp_path, text):
    file = tmp_path / "numbers.csv"
    file.write_bytes(text.encode())
    for ran in (
        demo("retarget", f"@{file}", "--to", TO, "--dry-run"),
        run("--demo", "retarget", "-", "--to", TO, "--dry-run", stdin=text),
    ):
        assert (ran.code, numbers_of(ran)) == (0, [UK, AU])


def test_a_heading_is_left_out_and_said(demo, tmp_path):
    file = tmp_path / "numbers.csv"
    file.write_text(f"Number,Calls go to\n{UK},x\n")
    ran = demo("retarget", f"@{file}", "--to", TO, "--dry-run")
    assert f"{file}:1 is taken for a heading; numbers are in 'Number'" in ran.err
    assert numbers_of(ran) == [UK]


def test_what_list_prints_as_csv_is_read_by_its_column_of_numbers(demo, tmp_path):
    file = tmp_path / "numbers.csv"
    file.write_text(demo("list", "--filter", "6170", "--format", "csv").out)
    ran = demo("retarget", f"@{file}", "--to", TO, "--dry-run")
    assert "numbers are in 'number'" in ran.err
    assert set(numbers_of(ran)) >= {UK, AU, US}


def test_what_cannot_be_read_is_named_by_file_and_line_and_nothing_is_sent(demo, tmp_path):
    file = tmp_path / "numbers.txt"
    file.write_text(f"{UK}\nno number\n12 or 13\n")
    ran = demo("retarget", f"@{file}", "--to", TO, "--yes")
    assert ran.code == 2
    assert f"{file}:2: " in ran.err
    assert f"{file}:3: " in ran.err
    assert "nothing was sent" in ran.err
    assert demo("history").json == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("@/nowhere/numbers.csv",), "/nowhere/numbers.csv cannot be read: No such file"),
        (("-", "-"), "- is named twice"),
        (("-",), "standard input holds no number"),
    ],
)
def test_a_source_without_numbers_is_refused(demo, words, says):
    ran = demo("retarget", *words, "--to", TO, "--yes")
    assert (ran.code, says in ran.err) == (2, True)


def test_a_file_that_is_no_text_is_refused(demo, tmp_path):
    file = tmp_path / "numbers.xls"
    file.write_bytes(b"\xd0\xcf\x11\xe0")
    ran = demo("retarget", f"@{file}", "--to", TO, "--yes")
    assert (ran.code, "is no UTF-8 text" in ran.err) == (2, True)


def test_numbers_from_a_pipe_are_not_sent_without_yes():
    ran = run("--demo", "retarget", "-", "--to", TO, stdin=f"{UK}\n")
    assert ran.code == 6
    assert ran.json[0]["error"] == "not confirmed: add --yes"


def test_set_takes_numbers_from_a_file_whose_name_holds_an_equals_sign(demo, tmp_path):
    file = tmp_path / "a=b.csv"
    file.write_text(AU)
    ran = demo("set", f"@{file}", "friendly=Night desk", "--yes")
    assert (ran.code, ran.outcomes) == (0, ["verified"])


def test_a_target_is_found_by_the_name_that_its_account_lists(demo):
    (row,) = demo("retarget", US, "--to", "team:customer service", "--dry-run").json
    assert row["outcome"] == "planned"
    ran = demo("retarget", UK, "--to", "application:Number Masking", "--yes")
    assert ran.outcomes == ["verified"]
    assert ran.json[0]["after"]["routing"]["voice"]["kind"] == "application"


def test_a_name_that_no_target_has_names_the_nearest(demo):
    ran = demo("retarget", UK, "--to", "application:Number Maskin", "--yes")
    assert ran.code == 2
    assert (
        "uk-sms lists no application called 'Number Maskin'; did you mean 'Number Masking'?"
        in ran.err
    )


DANA = "+447400123456"


@pytest.fixture
def dana(served):
    """The sandbox's accounts, and a person in the configuration."""
    served.configure('\n[people]\n"Dana (primary)" = "+44 7400 123456"\n')
    return served


@pytest.mark.parametrize("to", ["dana (primary)", "phone:Dana (Primary)", DANA])
def test_a_person_of_the_configuration_is_a_target_and_a_label(dana, to):
    ran = dana.run("retarget", UK, "--to", to, "--yes")
    assert ran.outcomes == ["verified"]
    target = ran.json[0]["after"]["routing"]["voice"]
    assert target == {"kind": "phone", "value": DANA, "label": "Dana (primary)"}
    assert f"{DANA} is a mobile: where nobody answers, its own mailbox may" in ran.err
    (shown,) = dana.run("list", "--filter", "dana").json
    assert (shown["number"], shown["routing"]["voice"]["label"]) == (UK, "Dana (primary)")
    assert (
        "phone +44 7400 123456 Dana (primary)"
        in dana.run("list", "--filter", "dana", "--format", "table").out
    )
