"""Longer sessions, judged by tmux: text and colours as in Textual's own stream."""

import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.emulator import Emulator
from tests.ui.terminal_driver.terminal_frames import SYSTEMS, Canvas, Row
from tests.ui.terminal_driver.test_terminal_equality import STYLES, WORDS
from tui_numbers.ui.terminal.differ import Differ
from tui_numbers.ui.terminal.emitter import TerminalFeatures

FEED = Path(__file__).with_name("terminal_tmux_feed.py")
STEPS = int(os.environ.get("TERMINAL_STEPS", "120"))
pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")


@pytest.fixture
def folder() -> Iterator[Path]:
    # A socket's path must be short.
    with tempfile.TemporaryDirectory(prefix="tn") as made:
        yield Path(made)


def shown(folder: Path, name: str, data: str, width: int, height: int) -> tuple[list[str], str]:
    """Each line, escape sequences included, and the place of the cursor."""
    # Captures leave out what is erased at the end of a line, so a mark is put behind it.
    marks = "".join(f"\x1b[{y + 1};{width}H|" for y in range(height))
    data += f"\x1b[m\x1b7{marks}\x1b8"
    socket, stream = folder / f"{name}.sock", folder / name
    stream.write_text(data, encoding="utf-8", newline="")
    command = [sys.executable, str(FEED), str(stream), str(socket), "drawn"]

    def tmux(*arguments: str) -> str:
        done = subprocess.run(
            ["tmux", "-S", str(socket), "-f", "/dev/null", *arguments],
            check=True, capture_output=True, timeout=30, encoding="utf-8",
            env={**os.environ, "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"},
        )  # fmt: skip
        return done.stdout

    size = ("-x", str(width), "-y", str(height))
    try:
        tmux("-u", "new-session", "-d", *size, *command, ";", "set", "-g", "status", "off")
        tmux("wait-for", "drawn")
        lines = tmux("capture-pane", "-p", "-e", "-N").split("\n")[:height]
        return lines, tmux("display-message", "-p", "#{cursor_x},#{cursor_y}")
    finally:
        tmux("kill-server")


def cells(lines: list[str], width: int) -> object:
    """What the lines look like; tmux carries colours from one on to the next."""
    reader = Emulator(width, len(lines))
    for y, line in enumerate(lines):
        reader.feed(f"\x1b[{y + 1};1H{line}")
    return reader.cells()


def table_session(draw: random.Random, canvas: Canvas) -> Iterator[str]:
    heading: Row = (("Number             Name                Calls go to", "bold on #1e1e1e"),)

    def row(at: int, current: bool) -> Row:
        style = "bold #ddedf9 on #0178d4" if current else "#e0e0e0 on #121212"
        text = f"+44 7700 {at * 7919 % 10**6:06}   {('Zoë', '漢字', 'Sales', '—')[at % 4]}"
        return ((text.ljust(40), style), ("active", "green on #121212"), (" " * 30, style))

    first = current = 0
    for _ in range(STEPS):
        current = max(0, current + draw.choice((1, 1, 1, 1, -1, 5, -5, canvas.height)))
        first = min(max(first, current - canvas.height + 2), current)
        listed = [row(first + at, first + at == current) for at in range(canvas.height - 1)]
        canvas.rows = [heading, *listed]
        yield canvas.full()


def mixed_session(draw: random.Random, canvas: Canvas) -> Iterator[str]:
    for _ in range(STEPS):
        ys = draw.sample(range(canvas.height), draw.randint(1, 5))
        for y in ys:
            count = draw.randint(0, 7)
            canvas.rows[y] = tuple((draw.choice(WORDS), draw.choice(STYLES)) for _ in range(count))
        canvas.cursor = draw.randrange(canvas.width), draw.randrange(canvas.height)
        yield canvas.full() if draw.random() < 0.5 else canvas.part(ys, 0, canvas.width)


@pytest.mark.parametrize("session", [table_session, mixed_session])
@pytest.mark.parametrize(
    ("system", "abilities", "width", "height"),
    [
        (SYSTEMS[0], TerminalFeatures(), 80, 24),
        (SYSTEMS[1], TerminalFeatures(scrolls=False), 200, 50),
        (SYSTEMS[2], TerminalFeatures(erases_colour=False), 60, 15),
    ],
)
def test_tmux_shows_the_same(
    folder: Path,
    session: Callable[[random.Random, Canvas], Iterator[str]],
    system: str,
    abilities: TerminalFeatures,
    width: int,
    height: int,
) -> None:
    canvas, differ = Canvas(width, height, system), Differ(width, height, abilities)
    start = "\x1b[?7l\x1b[?1049h"
    stock, ours = [start], [differ.read(start)]
    for frame in session(random.Random(width), canvas):
        stock.append(frame)
        ours.append(differ.read(frame) + differ.paint())
    theirs, place = shown(folder, "stock", "".join(stock), width, height)
    mine, our_place = shown(folder, "ours", "".join(ours), width, height)
    assert cells(mine, width) == cells(theirs, width)
    assert our_place == place
    assert any(line.strip(" |") for line in mine)
