"""The frame that stands before Textual is loaded, and what is loaded before the first numbers."""

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tui_numbers.cli import dashboard
from tui_numbers.cli.dashboard import StartupFrame, frame_text, kept_theme
from tui_numbers.ui.frame import title_parts
from tui_numbers.ui.running import attach_to_frame
from tui_numbers.ui.themes import DARK, LIGHT

COLOURS = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}


class Terminal(io.StringIO):
    def __init__(self, *, tty=True):
        super().__init__()
        self._tty = tty

    def isatty(self):
        return self._tty

    def fileno(self):
        return 99


@pytest.fixture
def sized(monkeypatch):
    def of(width, height):
        monkeypatch.setattr(
            dashboard.os, "get_terminal_size", lambda _fd: os.terminal_size((width, height))
        )

    of(80, 24)
    return of


def test_it_fills_the_first_line_and_says_loading(sized):
    terminal = Terminal()
    made = StartupFrame(terminal, COLOURS)
    made.show()
    made.remove()
    shown = terminal.getvalue()
    assert shown.startswith("\x1b[?1049h")
    assert "tui-numbers" in shown
    assert "loading" in shown
    assert shown.endswith("\x1b[?1049l\x1b[?25h")


@pytest.mark.parametrize("width", [60, 72, 80, 90, 100, 120, 200])
def test_its_title_names_the_views_as_the_dashboard_will(width):
    _, _, tabs = title_parts("owned", "all accounts", width - 1)
    named = "  ".join(label for _, label in tabs)
    assert f"{named} \x1b[m" in frame_text(width, 24, {})


def test_no_color_has_no_colour():
    drawn = frame_text(80, 24, {**COLOURS, "NO_COLOR": "1"})
    assert "[48;" not in drawn
    assert "[38;" not in drawn


@pytest.mark.parametrize(("width", "height"), [(59, 24), (80, 14)])
def test_without_room_nothing_is_written(sized, width, height):
    sized(width, height)
    terminal = Terminal()
    made = StartupFrame(terminal, COLOURS)
    made.show()
    made.remove()
    assert terminal.getvalue() == ""


@pytest.mark.parametrize(
    ("terminal", "environ"),
    [(Terminal(tty=False), COLOURS), (Terminal(), {"TERM": "dumb"}), (Terminal(), {}), (None, {})],
)
def test_what_is_no_terminal_gets_nothing(sized, terminal, environ):
    made = StartupFrame(terminal, environ)
    made.show()
    made.remove()
    assert terminal is None or terminal.getvalue() == ""


def test_signals_are_as_before_once_it_is_gone(sized):
    before = signal.getsignal(signal.SIGTERM)
    made = StartupFrame(Terminal(), COLOURS)
    made.show()
    assert signal.getsignal(signal.SIGTERM) != before
    made.hand_over()
    assert signal.getsignal(signal.SIGTERM) == before


class Standing:
    found = None
    shown = True


def test_the_driver_does_not_blank_the_frame_but_enters_again_later():
    sent = []

    class Driver:
        def _send(self, data):
            sent.append(data)

    driver = attach_to_frame(Driver, Standing())()
    for data in ("\x1b[?1049hA", "B", "\x1b[?1049hC"):
        driver._send(data)
    assert sent == ["A", "B", "\x1b[?1049hC"]


_FIRST_FRAME = """
import asyncio, json, sys
from datetime import UTC, datetime
from tui_numbers.services.session import open_session
from tui_numbers.ui.app import Dashboard

async def main():
    app = Dashboard(open_session())
    drawn = asyncio.Event()
    loaded = []
    def go_on(screen):
        loaded.extend(sys.modules)
        shown = screen.query_one("#owned-table").shown_count
        print(json.dumps([shown, loaded]))
        drawn.set()
    app._go_on = go_on
    async with app.run_test(size=(80, 24)):
        await asyncio.wait_for(drawn.wait(), 20)
    await app.session.aclose()

asyncio.run(main())
"""

_KEEP = """
from datetime import UTC, datetime
from tests.unit.storage.test_snapshot import number
from tui_numbers.services.session import open_session
session = open_session()
session.snapshot.save("desk", [number(at) for at in range(400)], datetime.now(UTC))
"""

_LATER = {"httpx", "phonenumbers", "phonenumbers.geocoder", "keyring", "starlette", "uvicorn"}


def _python(code, folder):
    environment = {**os.environ, "PYTHONPATH": os.fspath(folder)}
    environment |= {"TUI_NUMBERS_SECRET_DESK": "x"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_the_first_numbers_wait_for_nothing_but_textual_and_the_snapshot(request):
    config = Path(os.environ["XDG_CONFIG_HOME"], "tui-numbers", "config.toml")
    config.parent.mkdir(parents=True)
    config.write_text(
        '[accounts.desk]\nprovider = "vonage"\napi_key = "5b0c7d1e"\n'
        'base_url = "http://127.0.0.1:9"\n'
    )
    folder = request.config.rootpath
    _python(_KEEP, folder)
    shown, loaded = json.loads(_python(_FIRST_FRAME, folder).splitlines()[-1])
    assert shown > 20
    assert _LATER.isdisjoint(loaded)


def test_the_frame_waits_for_nothing_that_takes_long_to_load(tmp_path):
    code = "import sys, tui_numbers.__main__, tui_numbers.cli.dashboard; print(*sys.modules)"
    loaded = set(_python(code, tmp_path).split())
    assert "tui_numbers.cli.dashboard" in loaded
    assert loaded.isdisjoint({"typing", "re", "contextlib", "dataclasses", "click", "textual"})


_WRITING = """
import io, os, signal
from tui_numbers.cli.dashboard import StartupFrame

class Terminal(io.RawIOBase):
    def writable(self):
        return True

    def isatty(self):
        return True

    def fileno(self):
        return 1

    def write(self, data):
        written = os.write(1, data)
        os.kill(os.getpid(), signal.SIGTERM)
        return written

os.get_terminal_size = lambda number: os.terminal_size((80, 24))
stream = io.TextIOWrapper(io.BufferedWriter(Terminal()), encoding="utf-8")
StartupFrame(stream, {"TERM": "xterm"}).show()
"""


def test_a_signal_in_the_midst_of_writing_the_frame_leaves_the_terminal_as_it_was():
    done = subprocess.run([sys.executable, "-c", _WRITING], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (143, b"")
    assert done.stdout.endswith(b"\x1b[?1049l\x1b[?25h")


@pytest.mark.parametrize(
    ("text", "theme"),
    [
        ('[ui]  # mine\ntheme = "numbers-light"  # by day\n', "numbers-light"),
        ("\ufeffsnapshot = false\r\n[ui]\r\ntheme='numbers-16'\r\n", "numbers-16"),
        ('[views.theme]\ntheme = "numbers-light"\n[ui]\nmouse = true\n', None),
        ("[ui]\nthemes = 3\n", None),
    ],
)
def test_the_frame_has_the_colours_of_the_theme_that_was_kept(tmp_path, text, theme):
    folder = tmp_path / "tui-numbers"
    folder.mkdir()
    (folder / "config.toml").write_bytes(text.encode())
    environ = {**COLOURS, "XDG_CONFIG_HOME": str(tmp_path)}
    assert kept_theme(environ) == theme
    drawn = frame_text(80, 24, environ, theme)
    assert ("48;2;250;250;250" in drawn) == (theme == "numbers-light")
    assert ("48;2;28;28;28" in drawn) == (theme is None)
    assert kept_theme({"HOME": str(tmp_path / "none")}) is None


def test_the_frame_and_the_theme_have_the_same_colours():
    for theme, known in (("numbers-light", LIGHT), (None, DARK)):
        drawn = frame_text(80, 24, COLOURS, theme)
        for colour, layer in ((known.background, 48), (known.panel, 48), (known.foreground, 38)):
            red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
            assert f"{layer};2;{red};{green};{blue}" in drawn
