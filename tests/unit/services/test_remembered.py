"""What the dashboard keeps in the configuration changes nothing else in the file."""

import stat
import tomllib

import pytest

from tui_numbers.services.config import ConfigError, load_config
from tui_numbers.services.config_writing import remember
from tui_numbers.services.session import begin_session

TEXT = """\
# what we hold
snapshot = false

[ui]   # each optional
theme = "numbers-dark"  # at night

# never touched together
[locks]
numbers = ["+442079460000"]
"""


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(TEXT)
    return path


def test_another_value_leaves_every_other_byte(path):
    remember(path, "ui", {"theme": "numbers-light"})
    assert path.read_text() == TEXT.replace("numbers-dark", "numbers-light")


def test_a_new_key_stands_below_the_heading_of_its_table(path):
    remember(path, "ui", {"columns": ("number", "target")})
    assert path.read_text() == TEXT.replace(
        "# each optional\n", '# each optional\ncolumns = ["number", "target"]\n'
    )


def test_a_new_table_stands_behind_everything(path):
    remember(path, "views.oncall", {"filter": 'to:"After hours"', "sort": "-changed"})
    text = path.read_text()
    assert text.startswith(TEXT + "\n[views.oncall]\n")
    assert tomllib.loads(text)["views"] == {
        "oncall": {"filter": 'to:"After hours"', "sort": "-changed"}
    }


def test_a_key_that_is_taken_out_is_gone_and_nothing_else(path):
    remember(path, "ui", {"theme": None, "mouse": None})
    assert path.read_text() == TEXT.replace('theme = "numbers-dark"  # at night\n', "")


@pytest.mark.parametrize(
    "text",
    [
        'ui = { theme = "numbers-dark", mouse = true }\n[locks]\nnumbers = []\n',
        'ui.theme = "numbers-dark" # mine\nui.mouse = true\n[locks]\nnumbers = []\n',
        '[ "ui" ]\ntheme = "numbers-dark"\nmouse = true',
        '[people]\n"x" = """\n[ui]\n"""\n[ui]\nmouse = true\n',
        "\ufeff[ui]\r\nmouse = true\r\n",
        "mouse_pad = 1",
        "",
    ],
)
def test_however_the_table_is_written_nothing_else_changes(path, text):
    path.write_bytes(text.encode())
    before = tomllib.loads(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    remember(path, "ui", {"theme": "numbers-16", "detail": False})
    after = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    before["ui"] = {**before.get("ui", {}), "theme": "numbers-16", "detail": False}
    assert after == before
    assert path.read_bytes().decode().startswith("\ufeff") == text.startswith("\ufeff")
    if "\r\n" in text:
        assert "\n" not in path.read_bytes().decode().replace("\r\n", "")


@pytest.mark.parametrize("text", ["[ui\n", "ui = 3\n"])
def test_a_broken_file_is_left_alone(path, text):
    path.write_text(text)
    with pytest.raises(ConfigError):
        remember(path, "ui", {"theme": "numbers-16"})
    assert path.read_text() == text


def test_a_file_that_there_was_not_is_private(tmp_path):
    path = tmp_path / "new" / "config.toml"
    remember(path, "ui", {"mouse": False})
    assert path.read_text() == "[ui]\nmouse = false\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_somebody_wrote_meanwhile_is_kept(path):
    load_config(path, {})
    path.write_text(TEXT + '[people]\nDana = "+447700900556"\n')
    remember(path, "ui", {"theme": "numbers-light"})
    assert "Dana" in path.read_text()


def test_a_session_uses_at_once_what_it_remembers_and_the_next_one_reads_it():
    session = begin_session()
    session.remember("ui", {"theme": "numbers-light", "columns": ["number"]})
    assert session.config.ui.theme == "numbers-light"
    assert begin_session().config.ui.columns == ("number",)


def test_the_demo_remembers_without_a_file():
    session = begin_session(demo=True, numbers=6)
    session.remember("ui", {"theme": "numbers-light"})
    session.remember("views.mine", {"filter": "x"})
    assert session.config.ui.theme == "numbers-light"
    assert session.config.views["mine"].filter == "x"
    assert not session.paths.config_file.exists()


def test_what_cannot_be_kept_is_said_and_in_use_all_the_same(tmp_path):
    session = begin_session()
    session.paths.config_file.parent.mkdir(parents=True, exist_ok=True)
    session.paths.config_file.write_text("[ui\n")
    with pytest.raises(ConfigError, match="left alone"):
        session.remember("ui", {"theme": "numbers-light"})
    assert session.config.ui.theme == "numbers-light"
