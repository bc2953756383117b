"""Our stream and Textual's own leave the same screen."""

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.emulator import Emulator
from tests.ui.terminal_driver.terminal_frames import SYSTEMS, Canvas, Row
from tui_numbers.ui.terminal.differ import Differ
from tui_numbers.ui.terminal.emitter import TerminalFeatures

LONG = int(os.environ.get("TERMINAL_EXAMPLES", "0"))

WORDS = (
    "+44 7700 906170", "active", "—", "  ", " " * 12, "Zoë", "e\u0301te\u0301", "漢字", "한국",
    "│", "▌", "┌─┐", "a", " ", "team Support", "ｆｕｌｌ", "Ω", "\u00a0", "x" * 30, " " * 40,
    "o\u0308",
)  # fmt: skip
STYLES = (
    "#e0e0e0 on #121212", "bold #e0e0e0 on #121212", "black on #0178d4", "on #1e1e1e", "none",
    "red", "underline green", "reverse", "italic #ffa62b on #121212", "strike", "bold", "not bold",
    "color(208) on color(17)", "underline on #121212", "on default", "default on #0178d4",
)  # fmt: skip

rows = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(STYLES)), max_size=8).map(tuple)
sizes = st.tuples(st.integers(1, 60), st.integers(1, 16))


class Session:
    """The same writes to two emulators, to one of them through the differ."""

    def __init__(self, width: int, height: int, system: str, abilities: TerminalFeatures) -> None:
        self.canvas = Canvas(width, height, system)
        self.differ = Differ(width, height, abilities)
        colour = abilities.erases_colour
        self.theirs = Emulator(width, height, erases_colour=colour)
        self.ours = Emulator(width, height, erases_colour=colour)
        self.sent = self.stock = 0
        self.enter()

    def enter(self) -> None:
        self.theirs.enter()
        self.ours.enter()
        self.write("\x1b[?1049h")

    def write(self, data: str) -> None:
        self.theirs.feed(data)
        passed = self.differ.read(data) + self.differ.paint()
        self.ours.feed(passed)
        self.sent += len(passed)
        self.stock += len(data)

    def resize(self, width: int, height: int) -> None:
        self.canvas.resize(width, height)
        self.theirs.resize(height, width)
        self.ours.resize(height, width)
        self.differ.resize(width, height)
        self.write(self.canvas.full())

    def check(self) -> None:
        assert self.ours.cells() == self.theirs.cells()
        assert self.ours.place() == self.theirs.place()


def play(session: Session, data: Any) -> None:
    """One random thing that a program does to its screen."""
    canvas = session.canvas
    height, width = canvas.height, canvas.width
    what = data.draw(
        st.sampled_from(("full", "part", "scroll", "move", "resize", "again", "blank"))
    )
    if what in {"full", "part"}:
        ys = data.draw(st.sets(st.integers(0, height - 1), min_size=1, max_size=4))
        for y in sorted(ys):
            canvas.rows[y] = data.draw(rows)
        ends = st.integers(0, width)
        start, end = sorted((data.draw(ends), data.draw(ends)))
        if what == "full" or start == end:
            session.write(canvas.full())
        else:
            session.write(canvas.part(sorted(ys), start, end))
            # What was left out must not be missed later on.
            session.check()
            session.write(canvas.full())
    elif what == "scroll":
        edges = st.integers(0, height)
        top, bottom = sorted((data.draw(edges), data.draw(edges)))
        lines = data.draw(st.integers(-height, height))
        scroll(canvas.rows, top, bottom, lines, data)
        session.write(canvas.full())
    elif what == "move":
        canvas.cursor = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
        session.write(canvas.end())
    elif what == "resize":
        session.resize(*data.draw(sizes))
    elif what == "again":
        session.ours.feed(session.differ.repaint())
    else:
        session.write("\x1b[?1049l")
        session.enter()
        session.write(canvas.full())


def scroll(screen: list[Row], top: int, bottom: int, lines: int, data: Any) -> None:
    part = screen[top:bottom]
    for _ in range(min(abs(lines), len(part))):
        fresh = data.draw(rows)
        part = [*part[1:], fresh] if lines > 0 else [fresh, *part[:-1]]
    screen[top:bottom] = part


ABILITIES = st.builds(TerminalFeatures, st.booleans(), st.booleans())


@settings(
    max_examples=LONG or 150,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=not LONG,
)
@given(size=sizes, system=st.sampled_from(SYSTEMS), abilities=ABILITIES, data=st.data())
def test_random_sessions_end_alike(
    size: tuple[int, int], system: str, abilities: TerminalFeatures, data: Any
) -> None:
    session = Session(*size, system, abilities)
    height = session.canvas.height
    session.canvas.rows = data.draw(st.lists(rows, min_size=height, max_size=height))
    session.write(session.canvas.full())
    session.check()
    for _ in range(data.draw(st.integers(1, 8))):
        play(session, data)
        session.check()


@pytest.mark.parametrize("abilities", [TerminalFeatures(), TerminalFeatures(scrolls=False)])
@pytest.mark.parametrize("lines", [1, -1, 7, -7])
@pytest.mark.parametrize("height", [8, 20])
@pytest.mark.parametrize("homes", [True, False], ids=["homing", "not homing"])
def test_scrolling_a_table_is_sent_as_a_scroll(
    abilities: TerminalFeatures, lines: int, homes: bool, height: int
) -> None:
    session = Session(80, height + 4, "truecolor", abilities)
    session.ours.homes = homes
    canvas = session.canvas
    heading: Row = (("Number             Name", "bold #e0e0e0 on #1e1e1e"),)

    def show(first: int) -> str:
        listed = [
            ((f"row {at:04} of a table {at * 7919:09}", STYLES[0]),)
            for at in range(first, first + height)
        ]
        canvas.rows = [heading, (), *listed, (), heading]
        return canvas.full()

    session.write(show(100))
    session.check()
    before = session.sent
    session.write(show(100 + lines))
    session.check()
    assert session.sent - before < 60 * abs(lines) + 45
    assert session.differ.read(show(100 + lines)) + session.differ.paint() == ""
