"""What is exported is read by programs as it stands, and by nobody else."""

import csv
import io
import json
import stat

import pytest

from tui_numbers.services.export import (
    ExportError,
    csv_text,
    ending_of,
    json_text,
    keep,
    markdown_text,
)


def test_numbers_stay_bare_in_csv_and_formulas_are_guarded():
    text = csv_text(
        ["Number", "Name"], [{"Number": "+442079460000", "Name": "=1+1"}, {"Number": "+x"}]
    )
    assert list(csv.reader(io.StringIO(text))) == [
        ["Number", "Name"],
        ["+442079460000", "'=1+1"],
        ["'+x", ""],
    ]


def test_no_text_ends_a_cell_of_markdown():
    text = markdown_text(["Name"], [{"Name": "a|b\n[c](d)"}])
    assert text.splitlines()[2] == r"| a\|b" + "␊" + r"\[c\](d) |"
    assert len(text.splitlines()) == 3


def test_json_is_plain_ascii():
    assert json.loads(json_text([{"name": "é\x1b"}])) == [{"name": "é\x1b"}]
    assert json_text([{"name": "é\x1b"}]).isascii()


@pytest.mark.parametrize("name", ["numbers", "numbers.xls", "", " "])
def test_a_name_without_a_known_ending_is_refused(name):
    with pytest.raises(ExportError, match=r"\.csv"):
        ending_of(name)


def test_a_file_is_its_owners_alone(tmp_path):
    path = keep(str(tmp_path / "a.csv"), "x")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text() == "x"
    assert list(tmp_path.iterdir()) == [path]


def test_the_home_directory_is_known_by_its_sign(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert keep("~/a.md", "x") == tmp_path / "a.md"


def test_a_file_is_replaced_only_where_that_is_asked_for(tmp_path):
    keep(str(tmp_path / "a.csv"), "first")
    with pytest.raises(FileExistsError):
        keep(str(tmp_path / "a.csv"), "second")
    assert (tmp_path / "a.csv").read_text() == "first"
    keep(str(tmp_path / "a.csv"), "second", replacing=True)
    assert (tmp_path / "a.csv").read_text() == "second"
    assert len(list(tmp_path.iterdir())) == 1


def test_what_cannot_be_written_says_why(tmp_path):
    with pytest.raises(ExportError, match="No such file or directory"):
        keep(str(tmp_path / "none" / "a.csv"), "x")
    with pytest.raises(ExportError, match="is a directory"):
        keep(str(tmp_path), "x")
