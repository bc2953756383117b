import stat
import tomllib

import pytest

from tests.support.fake_provider import INFO
from tui_numbers.services.accounts import (
    add_account,
    check_name,
    read_fields,
    remove_account,
    rename_account,
)
from tui_numbers.services.config import ConfigError
from tui_numbers.services.input_parsing import InvalidInput

TEXT = """\
# my accounts
[accounts.desk]   # front
provider = "fake"
user = "abc"  # ours

[accounts.sms]
provider = "fake"
user = "def"

[locks]
numbers = ["+442079460000"]
"""


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "sub" / "config.toml"
    path.parent.mkdir()
    path.write_text(TEXT)
    return path


def _names(path):
    return list(tomllib.loads(path.read_text())["accounts"])


def test_a_new_file_is_private_in_a_private_directory(tmp_path):
    path = tmp_path / "new" / "config.toml"
    add_account(path, "desk", "fake", {"user": "abc"})
    assert path.read_text() == '[accounts.desk]\nprovider = "fake"\nuser = "abc"\n'
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]


def test_adding_keeps_comments_and_order(path):
    path.chmod(0o640)
    add_account(path, "new", "fake", {"user": "xyz"})
    text = path.read_text()
    assert _names(path) == ["desk", "sms", "new"]
    for kept in ("# my accounts", "# front", "# ours", '[locks]\nnumbers = ["+442079460000"]'):
        assert kept in text
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_removing_and_renaming_keep_the_rest(path):
    rename_account(path, "desk", "front")
    assert _names(path) == ["front", "sms"]
    assert "# ours" in path.read_text()
    remove_account(path, "sms")
    assert tomllib.loads(path.read_text()) == {
        "accounts": {"front": {"provider": "fake", "user": "abc"}},
        "locks": {"numbers": ["+442079460000"]},
    }
    assert "# my accounts" in path.read_text()


_MIXED = TEXT.replace("\n", "\r\n").replace('user = "abc"  # ours\r\n', 'user = "abc"  # ours\n')
WRITTEN = {
    "crlf": TEXT.replace("\n", "\r\n"),
    "mark": "\ufeff" + TEXT,
    "mark-crlf": "\ufeff" + TEXT.replace("\n", "\r\n"),
    "mixed": _MIXED,
    "crlf-no-last-end": TEXT.replace("\n", "\r\n").removesuffix("\r\n"),
    "lf-no-last-end": TEXT.removesuffix("\n"),
}


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
def test_an_added_account_leaves_every_other_byte_as_the_editor_wrote_it(path, written):
    path.write_bytes(written.encode())
    add_account(path, "new", "fake", {"user": "ghi"})
    left = path.read_bytes().decode()
    usual = "\r\n" if "\r\n" in written else "\n"
    added = f'[accounts.new]{usual}provider = "fake"{usual}user = "ghi"{usual}'
    assert added in left
    before, _, after = left.partition(added)
    assert (before + after).replace("\r\n", "\n").split() == written.replace("\r\n", "\n").split()
    for line in written.splitlines(keepends=True)[:-1]:
        assert line in left
    assert left.startswith("\ufeff") == written.startswith("\ufeff")
    assert left.count("\ufeff") == written.count("\ufeff")


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
def test_removing_and_renaming_leave_every_other_byte_as_the_editor_wrote_it(path, written):
    path.write_bytes(written.encode())
    rename_account(path, "sms", "texts")
    renamed = path.read_bytes().decode()
    assert renamed == written.replace("[accounts.sms]", "[accounts.texts]")
    remove_account(path, "texts")
    lines = written.splitlines(keepends=True)
    left = path.read_bytes().decode().splitlines(keepends=True)
    assert left[:4] == lines[:4]
    assert left[-2:] == lines[-2:]
    assert not any("texts" in line for line in left)


def test_names_that_are_taken_or_missing_are_said(path):
    with pytest.raises(InvalidInput, match="already"):
        add_account(path, "desk", "fake", {})
    with pytest.raises(InvalidInput, match="already"):
        rename_account(path, "desk", "sms")
    with pytest.raises(InvalidInput, match="did you mean 'desk'"):
        remove_account(path, "dsk")
    with pytest.raises(InvalidInput, match="lower-case"):
        check_name("Desk 1")
    assert path.read_text() == TEXT


def test_a_symbolic_link_stays_one(path, tmp_path):
    link = tmp_path / "link.toml"
    link.symlink_to(path)
    add_account(link, "new", "fake", {})
    assert link.is_symlink()
    assert _names(path) == ["desk", "sms", "new"]


def test_a_broken_file_is_left_alone(path):
    path.write_text("[accounts\n")
    with pytest.raises(ConfigError, match="left alone"):
        add_account(path, "new", "fake", {})
    assert path.read_text() == "[accounts\n"


def test_a_place_that_cannot_be_written_is_said(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(ConfigError, match="cannot be"):
        add_account(blocked / "config.toml", "new", "fake", {})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "needs user=abc"),
        ({"user": "A"}, "looks like abc"),
        ({"user": "abc", "usr": "x"}, "did you mean 'user'"),
        ({"user": "abc", "pin": "1234"}, "never an argument"),
        ({"user": "abc", "base_url": "http://far.example"}, "base_url"),
        ({"user": "abc", "mode": "x"}, "one of one, two"),
    ],
)
def test_fields_are_checked_before_anything_is_stored(given, said):
    with pytest.raises(InvalidInput, match=said) as raised:
        read_fields(INFO, given)
    assert "1234" not in str(raised.value)


def test_good_fields_are_stored_as_they_are():
    given = {"user": " abc ", "mode": "two", "base_url": "https://fake.example/v1"}
    assert read_fields(INFO, given) == {
        "user": "abc",
        "mode": "two",
        "base_url": "https://fake.example/v1",
    }
