"""Looks at a screen as a terminal gets it: strips, Textual's stream, and the driver's."""

import re
from collections.abc import Iterator

from tests.support.emulator import Emulator
from tests.support.hostile_text import STRINGS, Hostile, harm_in
from tui_numbers.ui.terminal.differ import Differ

ALLOWED = re.compile(
    "\x1b\\[(?:[0-9;]*[HABCDGKXJmr]|\\?(?:25|1049|2026)[hl])|\x1b\\[[0-9]*[ST]|[\r\n\b]"
)
"""The controls with which cells are drawn, and no others: no link, no title, no clipboard."""

_SCROLLBARS = frozenset(
    (f"@mouse.{event}", act)
    for event in ("down", "up")
    for act in ("grab", "release", "scroll_down", "scroll_up")
)

NUMBERS = {f"+4477009{at:05}": one for at, one in enumerate(STRINGS)}
"""A phone number for each text."""


def harm_on(app) -> list[str]:
    """Say everything on the top screen that did not come from the program itself."""
    strips = app.screen._compositor.render_strips()
    found = [f"a line of {strip.cell_length} cells" for strip in strips
             if strip.cell_length != app.size.width]  # fmt: skip
    for strip in strips:
        found += filter(None, [harm_in(strip.text)])
        for _, style, _ in strip:
            if style is not None and (style.link or not _SCROLLBARS.issuperset(_acts(style))):
                found.append(f"acts: {style.link or style.meta} on {strip.text[:60]!r}")
    return found + list(_harm_in_bytes(app))


def _acts(style) -> Iterator[tuple[str, str]]:
    return ((key, act) for key, act in style.meta.items() if key.startswith("@"))


def _harm_in_bytes(app) -> Iterator[str]:
    stream, painted = frame(app)
    for what, data in (("Textual", stream), ("the driver", painted)):
        left = ALLOWED.sub("", data)
        if harm_in(left):
            yield f"{what} writes {harm_in(left)}"


def frame(app) -> tuple[str, str]:
    """Return what Textual writes for the whole screen, and what our driver makes of it."""
    stream = app.screen._compositor.render_full_update().render_segments(app.console)
    differ = Differ(*app.size)
    entered = differ.read("\x1b[?1049h")
    return stream, entered + differ.read(stream) + differ.paint()


def emulated(app) -> list[list[str]]:
    """Return the text of each cell, as a terminal of another maker counts cells."""
    emulator = Emulator(*app.size)
    emulator.feed(frame(app)[1])
    return [[emulator.buffer[y][x].data for x in range(app.size.width)]
            for y in range(app.size.height)]  # fmt: skip


class Report:
    """What went wrong, by text and sink; empty is good."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, one: Hostile, sink: str, *problems: str) -> None:
        self.lines += [f"{one.name} in {sink}: {problem}" for problem in problems]

    def verdict(self) -> None:
        assert not self.lines, "\n" + "\n".join(self.lines[:40])
